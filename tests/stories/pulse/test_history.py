"""History made from invented answers: the same tally, marked throughout, and good in the eyes of ``release verify``."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.world.waves import BEFORE, made_history

from callroom.core.disclosure.verification import NoteCode, verify_directory
from callroom.people.models import Institution, Person
from callroom.pulse import aggregates, exports, queries
from callroom.pulse.states import WeekState

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])


def test_past_weeks_have_figures(hospital: Institution, staffed: dict[str, list[Person]]) -> None:
    count = made_history(hospital)

    weekly = aggregates.leaf_series("emergency", now=BEFORE)
    two_weekly = aggregates.leaf_series("urology", now=BEFORE)
    assert weekly
    assert two_weekly
    assert count == len(weekly.points) + len(two_weekly.points)
    assert {week.state for week in weekly.points} == {WeekState.SHOWN}
    assert all(week.demo for week in weekly.points)
    assert two_weekly.units == ("dermatology", "urology")
    assert two_weekly.weeks == 4  # from 9 November, after week 36: too many gaps when it was two
    assert {point.wave.partition("/")[0] for point in two_weekly.points} == {"pulse-2"}
    counts = aggregates.institution_counts(now=BEFORE)
    assert [each.closed_on.weekday() for each in counts] == [6] * len(counts)


def test_the_export_holds_and_says_that_it_is_invented(
    hospital: Institution, staffed: dict[str, list[Person]], tmp_path: Path
) -> None:
    made_history(hospital)

    written = exports.export(hospital, tmp_path / "out")

    report = verify_directory(tmp_path / "out", written.head)
    assert NoteCode.DEMO in {note.code for note in report.notes}
    assert report.figures > 100


def test_history_may_begin_in_the_year_before(
    hospital: Institution, staffed: dict[str, list[Person]], tmp_path: Path
) -> None:
    made_history(hospital, since=date(2026, 2, 2))

    written = exports.export(hospital, tmp_path / "out")

    assert verify_directory(tmp_path / "out", written.head).headers == written.headers


def test_no_history_is_no_chain(hospital: Institution, staffed: dict[str, list[Person]]) -> None:
    assert made_history(hospital, since=BEFORE.date() + timedelta(days=7)) == 0
    assert not queries.all_headers()
