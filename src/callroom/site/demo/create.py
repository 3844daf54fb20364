"""Makes the demo hospital: its people, 40 weeks of history through the same tally, and this week's open waves."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta

from callroom.core.anonymity.sealing import DidNotWork, Given
from callroom.core.instruments import weekly
from callroom.core.timetable.waves import rotating_item
from callroom.dashboards import jobs as dashboards
from callroom.directory import actions as directory
from callroom.directory.demo import DEMO_SERVICES
from callroom.improvement.remeasuring import promises_for
from callroom.kit import clock
from callroom.people import queries
from callroom.people.models import Institution, Person
from callroom.pulse import history, planning
from callroom.pulse.actions import waves
from callroom.site.demo import answering, answers, people
from callroom.site.demo.week import MIDWEEK, marker
from callroom.watch import actions as watch

HISTORY_WEEKS = 40
CYCLE_WEEKS = 4
SEED = hashlib.sha256(b"Hospital General San Rafael").digest()
BEFORE_HISTORY = date(2024, 3, 1)


def create(*, today: datetime) -> datetime:
    """
    Fill empty databases; return what the demo's clock shows: a Wednesday, 10:00, in the newest week that has begun and
    in which waves of all three lengths open.
    """
    institution = people.create(since=BEFORE_HISTORY)
    people.publish_notice(institution, now=datetime.combine(BEFORE_HISTORY, datetime.min.time(), institution.zone))
    directory.set_services(services=DEMO_SERVICES, by=None, today=institution.day(today), now=today)
    people.add_own_day(institution, now=today)
    anchor = _first_week_of_a_cycle(institution, institution.day(today))
    people.add_rotations(institution, monday=anchor)
    published = datetime.combine(anchor, datetime.min.time(), institution.zone) + timedelta(hours=8, seconds=1)
    clock.move_to(published)
    _make_history(institution, anchor, published)
    watch.look(institution=institution, now=published)
    answering.make_past(institution, anchor, now=published)
    _open_this_week(institution, anchor, published + timedelta(seconds=1))
    marker().write_text(json.dumps({"anchor": anchor.isoformat()}))
    wednesday = published + MIDWEEK
    clock.move_to(wednesday)
    dashboards.tick(wednesday)
    return wednesday.astimezone(UTC)


def _first_week_of_a_cycle(institution: Institution, day: date) -> date:
    calendar = planning.calendar_of(institution)
    year = calendar.academic_year_of(day)
    opened = [times.monday for times in calendar.waves_of_year(year, "pulse-4") if times.monday <= day]
    if not opened:  # the first days of an academic year, before its first Monday
        previous = calendar.academic_year_of(year - timedelta(days=1))
        opened = [times.monday for times in calendar.waves_of_year(previous, "pulse-4")]
    return opened[-1]


def _make_history(institution: Institution, anchor: date, now: datetime) -> None:
    since = anchor - timedelta(weeks=HISTORY_WEEKS)
    external = {person.pk: person.external_id for person in Person.objects.all()}
    homes = {str(person): unit for person, unit in queries.homes_on(anchor).items()}

    def answered(wave: history.PastWave) -> history.Answers:
        weeks_ago = (anchor - wave.times.last_monday).days // 7
        return {
            leaf: [
                _given(external[person], homes[str(person)], wave, weeks_ago)
                for person in persons
                if answers.answers_in_wave(
                    external[person], homes[str(person)], wave.times.wave, wave.times.weeks, weeks_ago
                )
            ]
            for leaf, persons in wave.people.items()
        }

    history.make_history(institution=institution, since=since, answers=answered, seed=SEED, now=now)


def _given(person: str, unit: str, wave: history.PastWave, weeks_ago: int) -> Given:
    given = answers.answer(person, unit, wave.times.wave, wave.items, weeks_ago)
    return DidNotWork() if given is None else given


def _open_this_week(institution: Institution, anchor: date, now: datetime) -> None:
    plan = planning.plan_at(institution, now)
    if plan is None:
        raise RuntimeError("the demo hospital has a plan")
    calendar = planning.calendar_of(institution)
    for series in ("pulse", "pulse-2", "pulse-4"):
        times = next(each for each in calendar.waves_of_year(plan.academic_year, series) if each.monday == anchor)
        # Whatever the day, the demo begins with a round of four questions, as the tour says; later ones follow the calendar.
        usual = rotating_item([item.id for item in weekly.ROTATING], times.index)
        wave = waves.announce(institution=institution, plan=plan, times=times, now=now, rotating=usual)
        if wave is not None:
            waves.open_wave(wave, now=now, promises_for=promises_for)
