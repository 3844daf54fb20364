"""Tickets and clocks as the kit's parts show them: words in the active language, nothing left to decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, pgettext

from callroom.improvement import noticed
from callroom.improvement.ledger import AnswerRow, ClockRow, NotAsked, PromiseRow
from callroom.improvement.noticed import Noticed
from callroom.improvement.states import AnswerKind, AskedThrough, Cause, PromiseState
from callroom.kit.wording import day, joined, short_day
from callroom.pulse.promises import Reading


@dataclass(frozen=True, slots=True)
class Note:
    """A line somebody wrote: what stands before it, and its language."""

    label: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Step:
    """One station of a promise; ``place``: done, now or later."""

    word: str
    place: str
    reader: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """A dated promise. The date is the largest thing on it; ``kind`` is kept, due or late; ``noticed``: by residents."""

    id: int
    before: str
    number: str
    month: str
    heard: str
    what: str
    language: str
    who: str
    unit: str
    kind: str
    state: str
    notes: tuple[Note, ...]
    noticed: tuple[Noticed, ...]
    track: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A clock: a headline, how much of its time is used, and who is asked. ``result``: where what it is about is read."""

    id: int
    unit: str
    headline: str
    late: bool
    used: int
    total: int
    meter: str
    due: str
    asked: str
    about: str
    result: str
    notes: tuple[Note, ...]

    @property
    def state(self) -> str:
        """The kind of its sign: late or due."""
        return "late" if self.late else "due"


@dataclass(frozen=True, slots=True)
class SaidCard:
    """What leaders said to a clock instead of a promise, or on its way."""

    unit: str
    headline: str
    heard: str
    because: str
    language: str
    by: str
    said_on: str


def tickets(
    rows: Iterable[PromiseRow], readings: Iterable[Reading] = (), not_asked: Iterable[NotAsked] = ()
) -> tuple[Ticket, ...]:
    """Return promises as tickets, in their order, each with what residents said of it, or why they are not asked."""
    about: dict[int, list[Reading]] = {}
    for reading in readings:
        about.setdefault(reading.promise, []).append(reading)
    left_out: dict[int, list[NotAsked]] = {}
    for each in not_asked:
        left_out.setdefault(each.promise, []).append(each)
    return tuple(ticket(row, about.get(row.id, ()), left_out.get(row.id, ())) for row in rows)


def cards(rows: Iterable[ClockRow]) -> tuple[Card, ...]:
    """Return clocks as cards, in their order."""
    return tuple(clock(row) for row in rows)


def ticket(row: PromiseRow, readings: Sequence[Reading] = (), not_asked: Sequence[NotAsked] = ()) -> Ticket:
    """Return a promise as a ticket; ``readings``: what residents were asked about it; ``not_asked``: what they will not be."""
    shown = row.ended_on or row.due_on
    return Ticket(
        id=row.id,
        before=_before(row),
        number=str(shown.day),
        month=date_format(shown, "M"),
        heard=row.heard,
        what=row.what,
        language=row.language,
        who=row.who,
        unit=row.unit_name,
        kind=_kind(row),
        state=state_of(row),
        notes=_notes(row),
        noticed=noticed.lines(row, readings, not_asked),
        track=_track(
            row,
            is_known=any(reading.figure for reading in readings),
            is_left_out=not readings and bool(not_asked),
        ),
    )


def _before(row: PromiseRow) -> str:
    match row.state:
        case PromiseState.KEPT:
            return gettext("kept")
        case PromiseState.NOT_KEPT:
            return gettext("ended")
        case _:
            return gettext("by")


def _kind(row: PromiseRow) -> str:
    if row.state is PromiseState.NOT_KEPT or row.is_late:
        return "late"
    return "kept" if row.state is PromiseState.KEPT else "due"


def state_of(row: PromiseRow) -> str:
    """Return where a promise stands. That it was late is said also when it was kept."""
    late = days_late(row.days_late)
    match row.state:
        case PromiseState.KEPT:
            return gettext("Kept, %(late)s") % {"late": late} if row.days_late else gettext("Kept in time")
        case PromiseState.NOT_KEPT:
            return gettext("Not kept")
        case _ if row.delays and row.days_late:
            return gettext("%(late)s, new date given") % {"late": late}
        case _ if row.delays:
            return gettext("New date given")
        case _ if row.days_late:
            return gettext("%(late)s, no new date") % {"late": late}
        case _:
            return gettext("To be kept")


def days_late(days: int) -> str:
    """Return "1 day late" or "4 days late"."""
    return ngettext("%(count)d day late", "%(count)d days late", days) % {"count": days}


def _notes(row: PromiseRow) -> tuple[Note, ...]:
    label = gettext("Moved from %(old)s to %(new)s:")
    moved = (
        Note(label % {"old": day(late.old_due_on), "new": day(late.new_due_on)}, late.reason, late.language)
        for late in row.delays
    )
    said = (Note(gettext("At the end:"), row.outcome, row.outcome_language),) if row.outcome else ()
    return (*moved, *said)


def _track(row: PromiseRow, *, is_known: bool, is_left_out: bool) -> tuple[Step, ...]:
    """
    Return the stations Heard, Answer, Promise, Done, Noticed; ended promises have nothing ahead but being noticed.

    ``is_known``: how much was noticed is published, so that station is reached, too. ``is_left_out``: nobody will be asked.
    """
    words = [
        gettext("Heard"),
        pgettext("what was said", "Answer"),
        gettext("Promise"),
        pgettext("where a promise stands", "Done"),
        gettext("Noticed"),
    ]
    now = (5 if is_known else 4) if row.state is PromiseState.KEPT else 3
    steps = tuple(_step(word, place, now) for place, word in enumerate(words))
    return (*steps[:-1], Step(words[-1], "", gettext("not asked"))) if is_left_out else steps


def _step(word: str, place: int, now: int) -> Step:
    if place < now:
        return Step(word, "done", gettext("reached"))
    return Step(word, "now", gettext("now here")) if place == now else Step(word, "", gettext("not yet"))


def clock(row: ClockRow) -> Card:
    """Return a clock as a card."""
    return Card(
        id=row.id,
        unit=row.unit_name,
        headline=headline(row),
        late=row.is_late,
        used=row.days_used,
        total=row.days,
        meter=gettext("%(used)d of %(total)d days used") % {"used": row.days_used, "total": row.days},
        due=gettext("The answer was due on %(day)s.") % {"day": day(row.due_on)}
        if row.is_late
        else gettext("The answer is due on %(day)s.") % {"day": day(row.due_on)},
        asked=asked(row),
        about=about(row),
        result=_result(row),
        notes=_passed(row),
    )


def _result(row: ClockRow) -> str:
    """Return the page of the programme, of several the first (it names the others); none for a clock that is made up."""
    return reverse("dashboards:unit", args=[row.covers[0]]) if row.id else ""


def headline(row: ClockRow) -> str:
    """Return in one sentence where a clock stands."""
    words = {"unit": row.holder_name, "count": row.days_late if row.is_late else row.days_left}
    if row.is_late:
        return ngettext(
            "%(unit)s has not answered: %(count)d day over.", "%(unit)s has not answered: %(count)d days over.",
            row.days_late,
        ) % words  # fmt: skip
    if row.days_left == 0:
        return gettext("%(unit)s: today is the last day to answer") % words
    return (
        ngettext("%(unit)s: %(count)d day left to answer", "%(unit)s: %(count)d days left to answer", row.days_left)
        % words
    )


def asked(row: ClockRow) -> str:
    """Return who is asked, and that it is not the leader where it is not. Why is nobody's business."""
    words = {"unit": row.holder_name, "above": row.asked_name}
    match row.asked_through:
        case AskedThrough.LEADER:
            return gettext("Asked: who leads %(unit)s.") % words
        case AskedThrough.DEPUTY:
            return gettext("Asked: the deputy of %(unit)s. Nobody who leads it can answer at present.") % words
        case AskedThrough.ABOVE:
            return gettext("Asked: who leads %(above)s, as nobody in %(unit)s can answer at present.") % words
        case _:
            return (
                gettext(
                    "Nobody can answer for %(unit)s at present, here or above. The coordinator has to find somebody."
                )
                % words
            )


def about(row: ClockRow) -> str:
    """Return what a clock is about: which results, and since when."""
    words = {"units": joined(row.cover_names), "day": day(row.started_on)}
    match row.cause:
        case Cause.FIRST:
            return gettext("About the first result of %(units)s, since %(day)s.") % words
        case Cause.DECLINE:
            return gettext("About a confirmed decline in %(units)s, since %(day)s.") % words
        case _:
            return gettext("About the latest results of %(units)s, since %(day)s.") % words


def _passed(row: ClockRow) -> tuple[Note, ...]:
    label = gettext("%(from)s passed it on to %(to)s on %(day)s:")
    return tuple(
        Note(
            label % {"from": said.from_name, "to": said.to_name, "day": day(said.said_on)}, said.because, said.language
        )
        for said in row.answers
        if said.kind is AnswerKind.PASSED
    )


def summary(
    clocks: Iterable[ClockRow], open_promises: Iterable[PromiseRow], ended: Iterable[PromiseRow]
) -> tuple[str, str]:
    """Return one state for a row of a table, and its kind: what is owed before what is promised before what was kept."""
    for clock in sorted(clocks, key=lambda clock: clock.due_on):
        if clock.is_late:
            return gettext("No answer since %(day)s") % {"day": short_day(clock.due_on)}, "late"
        return gettext("Answer due on %(day)s") % {"day": short_day(clock.due_on)}, "due"
    for row in open_promises:
        if row.is_late:
            return state_of(row), "late"
        return gettext("Promise for %(day)s") % {"day": short_day(row.due_on)}, "due"
    for row in ended:
        words = gettext("Kept on %(day)s") if row.state is PromiseState.KEPT else gettext("Not kept, ended on %(day)s")
        kind = "kept" if row.state is PromiseState.KEPT else "late"
        return words % {"day": short_day(row.ended_on or row.due_on)}, kind
    return "", ""


def said(clock: ClockRow, answer: AnswerRow) -> SaidCard:
    """Return what was said to a clock instead of a promise."""
    return SaidCard(
        unit=clock.unit_name,
        headline=_headline_of(answer),
        heard=answer.heard,
        because=answer.because,
        language=answer.language,
        by=answer.by,
        said_on=day(answer.said_on),
    )


def _headline_of(answer: AnswerRow) -> str:
    if answer.kind is AnswerKind.PASSED:
        return gettext("Not ours to fix: passed to %(unit)s, due %(day)s") % {
            "unit": answer.to_name,
            "day": day(answer.due_on or answer.said_on),
        }
    return gettext("We will not, because:")
