"""Who is asked in which round, and when rounds come: for packages that write to everybody alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from callroom.core.timetable.waves import SERIES_WEEKS, WaveTimes, parse_wave_id
from callroom.people.models import Institution
from callroom.pulse import payloads, planning, queries, questions
from callroom.pulse.models import Plan, SkippedWeek, Wave
from callroom.pulse.states import WaveState
from callroom.pulse.stores.register import Register, RegisterShut
from callroom.pulse.stores.wave_keys import WaveKeys


@dataclass(frozen=True, slots=True)
class Asking:
    """
    An open wave and whom it asks: whoever is eligible in it, whether or not they fetched a token or answered.

    ``mondays``: its weeks, without those that are skipped.
    """

    wave: str
    opens_at: datetime
    mondays: tuple[date, ...]
    people: frozenset[UUID]


def open_waves(institution: Institution, *, now: datetime) -> tuple[Asking, ...]:
    """Return the waves that take answers now. Without the volume of the keys nobody can say who is asked: none."""
    found = []
    skipped = planning.calendar_of(institution).skipped
    for wave in Wave.objects.filter(
        institution=institution, state=WaveState.OPEN, closes_at__gt=now, opens_at__lte=now
    ):
        with suppress(RegisterShut):
            slots = Register(WaveKeys(wave.id).register_file, wave.id).slots()
            asked = payloads.asked_groups(wave.wave_sheet)
            people = frozenset(slot.person for slot in slots if slot.asked and slot.group in asked)
            first = parse_wave_id(wave.id)[1]
            mondays = (first + timedelta(weeks=week) for week in range(wave.weeks))
            found.append(Asking(wave.id, wave.opens_at, tuple(day for day in mondays if day not in skipped), people))
    return tuple(found)


def scale_is_asked(institution: Institution, *, now: datetime) -> bool:
    """Return whether a round that takes answers now carries the quarterly scale."""
    waves = Wave.objects.filter(institution=institution, state=WaveState.OPEN, closes_at__gt=now, opens_at__lte=now)
    return any(questions.carries_scale(rotating) for rotating in waves.values_list("rotating_item", flat=True))


def carries_scale(institution: Institution, *, now: datetime) -> bool:
    """Return whether a round that is open, or announced and not opened yet, carries the quarterly scale."""
    lasting = Wave.objects.filter(
        institution=institution, state__in=[WaveState.ANNOUNCED, WaveState.OPEN], closes_at__gt=now
    )
    return any(questions.carries_scale(rotating) for rotating in lasting.values_list("rotating_item", flat=True))


def with_scale(institution: Institution, waves: Iterable[WaveTimes]) -> frozenset[str]:
    """Return those of these waves that carry the quarterly scale: as announced, else as they would be announced today."""
    announced = dict(Wave.objects.filter(institution=institution).values_list("id", "rotating_item"))
    places = ((times.wave, announced.get(times.wave, questions.rotating_place(times))) for times in waves)
    return frozenset(wave for wave, rotating in places if questions.carries_scale(rotating))


def nobody_is_asked(institution: Institution) -> bool:
    """Return whether a freeze is in force."""
    return queries.freeze_in_force(institution) is not None


def planned(institution: Institution, first: date, until: date, *, now: datetime) -> tuple[WaveTimes, ...]:
    """
    Return the waves on the calendar between two Mondays, of the lengths that the plans of their years hold.

    Where a year has no plan yet, those of one week only; skipped ones are left out, and those that began before anybody
    could be asked: before the institution's first plan, or before today where there is none.
    """
    calendar = planning.calendar_of(institution)
    known = set(Wave.objects.filter(institution=institution).values_list("id", flat=True))
    plans = Plan.objects.filter(institution=institution).values_list("made_on", flat=True)
    since = min(plans, default=institution.day(now))
    found: list[WaveTimes] = []
    for year in sorted({calendar.academic_year_of(first), calendar.academic_year_of(until)}):
        lengths = {
            leaf.weeks
            for stretch in planning.stretches_of(institution, year)
            for leaf in planning.leaves_of(stretch.plan).leaves
        }
        for series, weeks in SERIES_WEEKS.items():
            if weeks in (lengths or {1}):
                waves = calendar.waves_of_year(year, series)
                found += [wave for wave in waves if first <= wave.last_monday < until and not wave.skipped]
    return tuple(wave for wave in found if wave.monday > since or wave.wave in known)


def skipped(institution: Institution, first: date, until: date) -> Mapping[date, Mapping[str, str]]:
    """Return the weeks in which nobody is asked, with the public reason, by language."""
    weeks = SkippedWeek.objects.filter(institution=institution, monday__gte=first, monday__lt=until)
    return {week.monday: {"en": week.reason_en, "es": week.reason_es} for week in weeks}
