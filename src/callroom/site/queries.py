"""What the home page shows: one waiting thing, where this person's answer counts, and what was published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import get_language, gettext

from callroom.consent import queries as consent
from callroom.consent.states import Standing
from callroom.council import queries as council
from callroom.dashboards import counted
from callroom.dashboards.queries import headline
from callroom.dashboards.sentences import Sentence
from callroom.dashboards.tree import Link, Tree, address
from callroom.improvement import aggregates as promises
from callroom.improvement import queries as improvement
from callroom.improvement import showing
from callroom.improvement.aggregates import Owed
from callroom.improvement.queries import FirstPromise
from callroom.improvement.readiness import held_back
from callroom.kit.wording import moment
from callroom.people import queries as people
from callroom.people.models import Person
from callroom.people.policy import Action, Role, may
from callroom.people.roster.standing import TurnOfYear, turn_of_year
from callroom.pulse import aggregates
from callroom.pulse import queries as pulse
from callroom.pulse.states import WaveState

TITLES: Final = frozenset({"Dr.", "Dra.", "Mtro.", "Mtra.", "Prof."})


@dataclass(frozen=True, slots=True)
class Result:
    """A unit and the sentence that its page opens with."""

    link: Link
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class HomePage:
    """
    The home page of one person.

    ``asked``: they may be asked to check in. ``agreement``: "open" before they said yes or no, "declined", else empty. ``closes``: until when a round is open for them, empty for none; ``scale``: that round carries the quarterly scale;
    ``opens``: when the next one opens, where that is announced. ``counts_in``: a sentence; ``will_count_in``: another,
    from the next change date on. ``rests``: the words for which nobody is asked at the moment, empty as a rule.
    ``results``: the units they belong to or lead. ``everything``: the institution's page, for who may see results.
    ``to_sign``: a proposal waits for this council member. ``earlier``: where earlier surveys are imported, for who may.
    ``owed``: what leaders owe and promised to these units. ``answer``: the first clock that this person may answer, in a sentence; empty for none; ``answer_late``: one
    of those is past its last day. ``left_out``: rounds are announced, and the group of this person is in none of them
    until somebody has promised something; ``first``: the first promise that is asked of this person. ``turn``: the academic year that is near, for who keeps the roster.
    ``sets_up``: no round has opened yet, for whoever can settle what is missing.
    """

    name: str
    asked: bool
    agreement: str
    closes: str
    scale: bool
    opens: str
    counts_in: str
    will_count_in: str
    rests: str
    results: tuple[Result, ...]
    everything: Link | None
    earlier: Link | None
    to_sign: bool
    owed: Owed
    answer: str
    answer_late: bool
    left_out: bool
    first: FirstPromise | None
    turn: TurnOfYear | None
    sets_up: bool


def home_page(person: Person, *, now: datetime) -> HomePage:
    """Return what is waiting for this person. Whether they have answered is known to their phone, not here."""
    day = person.institution.day(now)
    standings = people.roles_of(person, day)
    tree = Tree.read()
    home = _home_unit(person, now)
    asked = any(standing.role is Role.RESIDENT for standing in standings)
    offered = pulse.waves_offered_to(person.pk, now=now) if asked else ()
    zone = person.institution.zone
    closing = {wave.closes_at: wave.scale for wave in offered if wave.state is WaveState.OPEN}
    announced = [wave for wave in offered if wave.state is WaveState.ANNOUNCED]
    waiting_units = held_back(now) if announced else frozenset()
    opening = [wave.opens_at for wave in announced if waiting_units.isdisjoint(pulse.counted_together(wave))]
    sees = may(person, Action.SEE_RESULTS, now=now)
    mine = [home, *(standing.unit for standing in standings if standing.role is not Role.RESIDENT)]
    answers = may(person, Action.ANSWER_CLOCK, now=now)
    waiting = improvement.waiting_for(person, now=now) if answers else ()
    return HomePage(
        name=given_name(person.name),
        asked=asked,
        agreement=_agreement(person) if asked else "",
        closes=moment(datetime.fromtimestamp(min(closing), tz=UTC), zone) if closing else "",
        scale=bool(closing) and closing[min(closing)],
        opens=moment(datetime.fromtimestamp(min(opening), tz=UTC), zone) if opening else "",
        counts_in=_counts_in(home, tree, now) if asked and home else "",
        will_count_in=_will_count_in(person, home, tree, now) if asked and home else "",
        rests=_rests(person),
        results=_results(mine, tree, now, zone) if sees else (),
        everything=Link(tree.root.name, address(tree.root)) if sees else None,
        earlier=_earlier(person, now),
        to_sign=may(person, Action.SIGN_AS_COUNCIL, now=now) and council.waits_for(person, now=now),
        owed=_owed(mine, tree, now) if sees else Owed(),
        answer=showing.headline(waiting[0]) if waiting else "",
        answer_late=any(clock.is_late for clock in waiting),
        left_out=bool(announced) and not opening,
        first=improvement.first_promise_of(person, now=now) if answers else None,
        turn=_turn(person, now),
        sets_up=may(person, Action.SET_UP, now=now) and not pulse.a_round_was_due(now=now),
    )


def _turn(person: Person, now: datetime) -> TurnOfYear | None:
    """Return what is known about the coming academic year when it is near, for whoever keeps the roster."""
    if not may(person, Action.IMPORT_ROSTER, now=now):
        return None
    turn = turn_of_year(person.institution, today=person.institution.day(now))
    return turn if turn.is_near else None


def _agreement(person: Person) -> str:
    """Return what keeps this person from being asked: said nothing yet, or no; empty when nothing does."""
    try:
        standing = consent.standing_of(person)
    except OSError:  # the keys' volume is in trouble: tickets say so by themselves
        return ""
    return standing.value if standing in {Standing.OPEN, Standing.DECLINED} else ""


def _earlier(person: Person, now: datetime) -> Link | None:
    if not may(person, Action.IMPORT_HISTORY, now=now):
        return None
    return Link(gettext("Earlier surveys"), reverse("history:surveys"))


def _owed(units: list[str | None], tree: Tree, now: datetime) -> Owed:
    """Return what is owed and promised to these units; what a whole department promised holds in its programmes, too."""
    here = [row for row in (tree.rows.get(unit) for unit in units if unit) if row and row.parent]
    above = {unit for row in here for unit in tree.above(row)}
    within = {unit for row in here for unit in tree.within(row.id)}
    return promises.owed(promises.ledger_now(now=now).about(within, above))


def given_name(name: str) -> str:
    """Return how a person is greeted: by the first name; by the whole name where it begins with a title."""
    first = name.split()[0] if name.split() else name
    return name if first in TITLES else first


def _home_unit(person: Person, now: datetime) -> str | None:
    """Return the programme in which the person's answers count now: a move takes effect at the next change date."""
    day = person.institution.day(now)
    plan = pulse.plan_at(person.institution, now)
    settled = people.home_programme(person.pk, pulse.reference_day(plan, day)) if plan else None
    return settled or people.home_programme(person.pk, day)


def _counts_in(unit: str, tree: Tree, now: datetime) -> str:
    series = aggregates.leaf_series(unit, now=now)
    return counted.mine(series.why, tree.names) if series else ""


def _rests(person: Person) -> str:
    """Return the public words for which nobody is asked at the moment; empty as a rule."""
    words = pulse.why_nobody_is_asked(person.institution)
    return words["es" if (get_language() or "").startswith("es") else "en"] if words else ""


def _will_count_in(person: Person, home: str, tree: Tree, now: datetime) -> str:
    """Return where the person's answers count from the next change date on, if somewhere else: a move takes effect then."""
    change = aggregates.next_change(now=now)
    if change is None:
        return ""
    unit = people.home_programme(person.pk, change) or home
    return counted.soon(unit, aggregates.coming_leaf(unit, counts_in=home, now=now), tree.names)


def _results(units: list[str | None], tree: Tree, now: datetime, zone: ZoneInfo) -> tuple[Result, ...]:
    """Return each of these units once; the institution has its own link."""
    rows = [tree.shown(unit) for unit in dict.fromkeys(unit for unit in units if unit)]
    return tuple(
        Result(Link(row.name, address(row)), headline(row, tree, now=now, zone=zone))
        for row in rows
        if row and row.parent
    )
