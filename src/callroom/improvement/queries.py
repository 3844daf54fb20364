"""What the pages of clocks and promises show: a leader's own work, one clock, a unit's history, the whole ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from callroom.improvement import ledger, readiness
from callroom.improvement.ledger import ClockRow, Ledger, NotAsked, PromiseRow
from callroom.improvement.models import Answer, Clock, Delay, Promise, Reminder, Waiver
from callroom.improvement.permissions import check_may_answer, check_may_keep, units_of_keeper
from callroom.improvement.remeasuring import with_readings
from callroom.people import queries as people
from callroom.people.models import Person
from callroom.people.policy import Action, NotYours, visible_units
from callroom.people.queries import UnitRow
from callroom.pulse import aggregates
from callroom.pulse.promises import Reading
from callroom.pulse.states import WaveState


@dataclass(frozen=True, slots=True)
class FirstPromise:
    """
    A first promise that is asked of somebody: these programmes are left out of rounds until it is made.

    ``made_for``: the unit for which they make it. ``opens_on``: the day of the next round that is announced, if any.
    """

    units: tuple[UnitRow, ...]
    made_for: str
    opens_on: date | None

    @property
    def names(self) -> tuple[str, ...]:
        """The programmes' names in the language that is active."""
        return tuple(row.name for row in self.units)


@dataclass(frozen=True, slots=True)
class Desk:
    """
    A leader's desk: clocks that wait for them, promises of their units, and the units for which they may commit.

    ``asked``: promises that ended and that residents were asked about; ``ended``: the others.
    """

    clocks: tuple[ClockRow, ...]
    promises: tuple[PromiseRow, ...]
    asked: tuple[PromiseRow, ...]
    ended: tuple[PromiseRow, ...]
    readings: tuple[Reading, ...]
    not_asked: tuple[NotAsked, ...]
    units: tuple[UnitRow, ...]
    first: FirstPromise | None


@dataclass(frozen=True, slots=True)
class OwnRow:
    """Something that a person said as a leader or coordinator, or a letter that was written to them, for their own copy."""

    what: str
    day: date
    unit: str
    words: tuple[str, ...] = ()


def desk(person: Person, *, now: datetime) -> Desk:
    """Return what lies on this person's desk. Whoever leads several units finds all of them."""
    answers = _ids(person, Action.ANSWER_CLOCK, now)
    keeps = units_of_keeper(person, now=now)
    known = with_readings(ledger.read(person.institution.day(now)), now=now)
    mine = known.about(answers)
    kept = known.about(keeps)
    return Desk(
        clocks=mine.waiting,
        promises=kept.open,
        asked=tuple(row for row in kept.ended if row.id in kept.asked_about),
        ended=tuple(row for row in kept.ended if row.id not in kept.asked_about)[:8],
        readings=kept.readings,
        not_asked=kept.not_asked,
        units=tuple(row for row in people.units_tree() if row.id in answers),
        first=first_promise_of(person, now=now),
    )


def first_promise_of(person: Person, *, now: datetime) -> FirstPromise | None:
    """Return the first promise that is asked of this person; None where nothing waits for one of theirs."""
    waiting = readiness.first_promises_of(person.pk, now=now)
    units = tuple(row for row in people.units_tree() if row.id in waiting)
    if not units:
        return None
    waves = aggregates.current_waves(now=now)
    opening = [wave.opens_at for wave in waves if wave.state is WaveState.ANNOUNCED and wave.opens_at > now]
    opens_on = person.institution.day(min(opening)) if opening else None
    return FirstPromise(units=units, made_for=waiting[units[0].id], opens_on=opens_on)


def waiting_for(person: Person, *, now: datetime) -> tuple[ClockRow, ...]:
    """Return the clocks whose answer this person may give, the soonest due first."""
    return ledger.read(person.institution.day(now)).about(_ids(person, Action.ANSWER_CLOCK, now)).waiting


def clock_to_answer(person: Person, clock_id: int, *, now: datetime) -> ClockRow:
    """
    Return one clock for who may answer it, also when it was answered.

    :raises NotYours: for everybody else, and for a clock that is not there
    """
    clock = Clock.objects.filter(pk=clock_id, institution=person.institution).first()
    if clock is None:
        raise NotYours
    check_may_answer(person, clock, now=now)
    return ledger.clocks_in(Clock.objects.filter(pk=clock_id), person.institution.day(now))[0]


def promise_to_keep(person: Person, promise_id: int, *, now: datetime) -> PromiseRow:
    """
    Return one promise for who may say what became of it.

    :raises NotYours: for everybody else, and for a promise that is not there
    """
    promise = Promise.objects.filter(pk=promise_id, institution=person.institution).first()
    if promise is None:
        raise NotYours
    check_may_keep(person, promise, now=now)
    return ledger.promises_in(Promise.objects.filter(pk=promise_id), person.institution.day(now))[0]


def everything(person: Person, *, now: datetime) -> Ledger:
    """Return the institution's ledger: what is owed, what is promised, what ended lately."""
    return with_readings(ledger.read(person.institution.day(now)), now=now)


def history(person: Person, unit: str, *, now: datetime) -> Ledger:
    """Return every clock and promise that a unit ever had: its own, and those about it."""
    day = person.institution.day(now)
    clocks = ledger.clocks_in(Clock.objects.filter(institution=person.institution), day)
    promises = ledger.promises_in(Promise.objects.filter(institution=person.institution), day)
    known = with_readings(Ledger(clocks, promises, ledger.read(day).waivers), now=now)
    return known.about(people.units_within(unit))


def receivers(person: Person, clock_id: int, *, now: datetime) -> tuple[UnitRow, ...]:
    """Return the units to which a clock can be passed on: none that had it, and only where somebody can answer."""
    clock = Clock.objects.get(pk=clock_id, institution=person.institution)
    known = set(readiness.receivers(clock, person.institution.day(now)))
    return tuple(row for row in people.units_tree() if row.id in known)


def unit_row(unit: str) -> UnitRow | None:
    """Return a unit of the tree."""
    return people.unit_by_id(unit)


def uncommitted(*, now: datetime) -> tuple[UnitRow, ...]:
    """Return the programmes that cannot be asked yet: nobody committed to anything, and nobody waived it."""
    waiting = readiness.held_back(now=now)
    return tuple(row for row in people.units_tree() if row.id in waiting)


def own_rows(person: Person) -> tuple[OwnRow, ...]:
    """Return everything here that has this person in it, the oldest first."""
    answers = Answer.objects.filter(by=person)
    found = [
        *(
            OwnRow(f"answer: {row.kind}", row.said_on, row.from_unit_id, _said(row.heard, row.because))
            for row in answers
        ),
        *(
            OwnRow("promise", row.made_on, row.unit_id, _said(row.heard, row.what, row.who, row.outcome))
            for row in Promise.objects.filter(by=person)
        ),
        *(
            OwnRow("new day of a promise", row.said_on, row.promise.unit_id, _said(row.reason))
            for row in Delay.objects.filter(by=person).select_related("promise")
        ),
        *(
            OwnRow("commitment waived", row.said_on, row.unit_id, _said(row.reason_en, row.reason_es))
            for row in Waiver.objects.filter(by=person)
        ),
        *(
            OwnRow(f"letter: {row.letter}", row.written_on, row.holder_id)
            for row in Reminder.objects.filter(person=person)
        ),
    ]
    return tuple(sorted(found, key=lambda row: (row.day, row.what)))


def _said(*words: str) -> tuple[str, ...]:
    return tuple(word for word in words if word)


def _ids(person: Person, action: Action, now: datetime) -> set[str]:
    return set(visible_units(person, action, now=now).values_list("pk", flat=True))
