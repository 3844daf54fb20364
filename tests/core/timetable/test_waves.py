"""When waves open, close and are published."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.timetable.waves import (
    SCALE_WEEKS,
    SERIES_WEEKS,
    BadWave,
    Calendar,
    carries_scale,
    current_wave,
    first_monday,
    iso_week_id,
    local_instant,
    next_waves,
    parse_wave_id,
    rotating_item,
    rotating_place,
    wave_times,
    waves_of_year,
    weeks_of_year,
)

MONTERREY = ZoneInfo("America/Monterrey")
CHICAGO = ZoneInfo("America/Chicago")
JULY = date(2026, 7, 1)


def days() -> st.SearchStrategy[date]:
    return st.dates(date(2000, 1, 1), date(2060, 12, 31))


def starts() -> st.SearchStrategy[date]:
    """Return first days of academic years that exist in every year."""
    return days().filter(lambda day: (day.month, day.day) != (2, 29))


def zones() -> st.SearchStrategy[ZoneInfo]:
    return st.sampled_from(sorted(available_timezones())).map(ZoneInfo)


# Names


def test_ids_follow_the_iso_year():
    assert iso_week_id("pulse", date(2026, 11, 16)) == "pulse/2026-W47"
    assert iso_week_id("pulse-2", date(2024, 12, 30)) == "pulse-2/2025-W01"
    assert iso_week_id("pulse-4", date(2026, 12, 28)) == "pulse-4/2026-W53"
    assert iso_week_id("pulse", date(2027, 1, 4)) == "pulse/2027-W01"


@given(day=days(), series=st.sampled_from(sorted(SERIES_WEEKS)))
def test_ids_lead_back_to_their_monday(day, series):
    monday = first_monday(day)

    assert parse_wave_id(iso_week_id(series, monday)) == (series, monday)


@pytest.mark.parametrize(
    "wave",
    [
        "",
        "pulse",
        "pulse/2026-W00",
        "pulse/2025-W53",
        "pulse/2026-47",
        "pulse-3/2026-W47",
        "pulse/2026-W471",
        "pulse/२०२६-W47",
    ],
)
def test_what_is_no_wave_is_refused(wave):
    with pytest.raises(BadWave):
        parse_wave_id(wave)


def test_waves_open_on_mondays():
    with pytest.raises(BadWave, match="not a Monday"):
        iso_week_id("pulse", date(2026, 11, 17))


# Instants


def test_an_ordinary_week_in_monterrey():
    wave = wave_times(Calendar(MONTERREY, 3, 1), "pulse/2026-W47")

    assert wave.opens_at == datetime(2026, 11, 16, 12, tzinfo=UTC)  # 06:00, six hours behind
    assert wave.closes_at == datetime(2026, 11, 23, 2, tzinfo=UTC)
    assert wave.publishes_at == datetime(2026, 11, 23, 14, tzinfo=UTC)
    assert (wave.last_monday, wave.last_sunday) == (date(2026, 11, 16), date(2026, 11, 22))


def test_a_week_in_which_clocks_go_back_is_an_hour_longer():
    """In Chicago daylight saving time ends on Sunday, 1 November 2026, at 02:00."""
    wave = wave_times(Calendar(CHICAGO, 7, 1), "pulse/2026-W44")

    assert wave.opens_at == datetime(2026, 10, 26, 11, tzinfo=UTC)  # UTC-5
    assert wave.closes_at == datetime(2026, 11, 2, 2, tzinfo=UTC)  # UTC-6
    assert wave.closes_at - wave.opens_at == timedelta(days=6, hours=15)


def test_a_week_in_which_clocks_go_forward_is_an_hour_shorter():
    wave = wave_times(Calendar(CHICAGO, 7, 1), "pulse/2027-W10")

    assert wave.closes_at - wave.opens_at == timedelta(days=6, hours=13)
    assert wave.publishes_at - wave.closes_at == timedelta(hours=12)


@given(day=starts(), zone=zones(), series=st.sampled_from(sorted(SERIES_WEEKS)))
def test_clocks_on_the_wall_show_six_eight_and_eight(day, zone, series):
    for wave in waves_of_year(day, series, zone)[:14]:
        opens, closes, publishes = (
            instant.astimezone(zone) for instant in (wave.opens_at, wave.closes_at, wave.publishes_at)
        )
        assert (opens.date(), opens.time()) == (wave.monday, time(6))
        assert (closes.date(), closes.time()) == (wave.last_sunday, time(20))
        assert publishes.date() == wave.last_sunday + timedelta(days=1)
        assert publishes.time() == time(8)
        assert wave.opens_at < wave.closes_at < wave.publishes_at


def test_a_time_that_occurs_twice_means_the_first():
    assert local_instant(date(2026, 11, 1), time(1, 30), CHICAGO) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_a_time_that_is_left_out_is_the_instant_as_far_after_the_gap():
    assert local_instant(date(2027, 3, 14), time(2, 30), CHICAGO) == datetime(2027, 3, 14, 8, 30, tzinfo=UTC)


# Academic years


@given(day=starts(), zone=st.just(MONTERREY))
def test_every_week_belongs_to_one_year_and_no_wave_runs_across_its_start(day, zone):
    following = day.replace(year=day.year + 1)
    weekly = waves_of_year(day, "pulse", zone)

    assert weekly[0].monday == first_monday(day)
    assert weekly[-1].last_sunday + timedelta(days=1) == first_monday(following)
    assert all(after.monday - before.monday == timedelta(weeks=1) for before, after in pairwise(weekly))
    assert len(weekly) == weeks_of_year(day) in (52, 53)
    for series, weeks in SERIES_WEEKS.items():
        waves = waves_of_year(day, series, zone)
        assert [wave.index for wave in waves] == list(range(len(waves)))
        assert len({wave.wave for wave in waves}) == len(waves)
        assert all(wave.academic_year == day and wave.weeks == weeks for wave in waves)
        assert waves[-1].last_sunday < first_monday(following)


@given(day=starts())
def test_every_fourth_sunday_closes_all_series(day):
    last_days = {
        series: {wave.last_sunday for wave in waves_of_year(day, series, MONTERREY)} for series in SERIES_WEEKS
    }

    assert last_days["pulse-4"] < last_days["pulse-2"] < last_days["pulse"]
    assert len(last_days["pulse-4"]) == 13
    assert len(last_days["pulse-2"]) == 26


def test_a_53rd_week_is_asked_in_the_weekly_series_only():
    start = date(2024, 7, 1)  # a Monday; the next year's first Monday is 7 July 2025

    assert weeks_of_year(start) == 53
    assert waves_of_year(start, "pulse", CHICAGO)[-1].wave == "pulse/2025-W27"
    assert waves_of_year(start, "pulse-2", CHICAGO)[-1].last_sunday == date(2025, 6, 29)
    assert waves_of_year(start, "pulse-4", CHICAGO)[-1].last_sunday == date(2025, 6, 29)


def test_the_week_around_the_first_of_july_belongs_to_the_year_it_opens_in():
    calendar = Calendar(CHICAGO, 7, 1)  # 1 July 2026 is a Wednesday

    assert wave_times(calendar, "pulse/2026-W27").academic_year == date(2025, 7, 1)
    assert wave_times(calendar, "pulse/2026-W28").academic_year == JULY
    assert wave_times(calendar, "pulse/2026-W28").index == 0


@given(day=days(), start=starts())
def test_every_day_belongs_to_the_year_whose_waves_hold_it(day, start):
    calendar = Calendar(MONTERREY, start.month, start.day)

    first = calendar.academic_year_of(day)

    assert first_monday(first) <= day < first_monday(first.replace(year=first.year + 1))


@pytest.mark.parametrize(("month", "day"), [(2, 29), (2, 30), (13, 1), (1, 0)])
def test_an_academic_year_starts_on_a_day_of_every_year(month, day):
    with pytest.raises(BadWave):
        Calendar(MONTERREY, month, day)


# Finding waves


def test_a_two_week_wave_cannot_open_in_an_odd_week():
    calendar = Calendar(CHICAGO, 7, 1)

    assert wave_times(calendar, "pulse-2/2026-W30").index == 1
    with pytest.raises(BadWave, match="no wave of pulse-2"):
        wave_times(calendar, "pulse-2/2026-W31")


def test_a_53rd_week_has_no_longer_wave():
    with pytest.raises(BadWave):
        wave_times(Calendar(CHICAGO, 7, 1), "pulse-2/2025-W27")


@pytest.mark.parametrize(
    ("now", "wave"),
    [
        (datetime(2026, 7, 6, 10, 59, 59, tzinfo=UTC), None),
        (datetime(2026, 7, 6, 11, tzinfo=UTC), "pulse/2026-W28"),
        (datetime(2026, 7, 13, 0, 59, 59, tzinfo=UTC), "pulse/2026-W28"),
        (datetime(2026, 7, 13, 1, tzinfo=UTC), None),
        (datetime(2026, 7, 6, 5, 59, 59, tzinfo=CHICAGO), None),
    ],
)
def test_the_wave_that_takes_answers_now(now, wave):
    found = current_wave(Calendar(CHICAGO, 7, 1), "pulse", now)

    assert (found.wave if found else None) == wave


def test_the_next_waves_go_on_into_the_next_year():
    calendar = Calendar(CHICAGO, 7, 1)

    coming = next_waves(calendar, "pulse-4", datetime(2027, 5, 1, tzinfo=UTC), 3)

    assert [wave.wave for wave in coming] == ["pulse-4/2027-W19", "pulse-4/2027-W23", "pulse-4/2027-W27"]
    assert [wave.academic_year.year for wave in coming] == [2026, 2026, 2027]


def test_a_wave_that_opens_at_this_moment_is_not_the_next():
    calendar = Calendar(CHICAGO, 7, 1)
    opening = wave_times(calendar, "pulse/2026-W28").opens_at

    assert next_waves(calendar, "pulse", opening, 1)[0].wave == "pulse/2026-W29"
    assert next_waves(calendar, "pulse", opening - timedelta(seconds=1), 1)[0].wave == "pulse/2026-W28"


@pytest.mark.parametrize("find", [lambda c, n: current_wave(c, "pulse", n), lambda c, n: next_waves(c, "pulse", n, 1)])
def test_an_instant_without_a_zone_is_refused(find):
    with pytest.raises(BadWave, match="time zone"):
        find(Calendar(CHICAGO, 7, 1), datetime(2026, 7, 6, 12))


def test_an_unknown_series_is_refused():
    with pytest.raises(BadWave, match="no series"):
        waves_of_year(JULY, "pulse-3", CHICAGO)


# Skipped weeks


def test_a_skipped_week_is_on_the_calendar_but_not_asked():
    holiday = date(2026, 12, 21)
    calendar = Calendar(CHICAGO, 7, 1, frozenset({holiday}))
    wave = wave_times(calendar, "pulse/2026-W52")

    assert wave.skipped
    assert current_wave(calendar, "pulse", wave.opens_at) is None
    assert [coming.wave for coming in next_waves(calendar, "pulse", wave.opens_at - timedelta(days=1), 1)] == [
        "pulse/2026-W53"
    ]


def test_a_longer_wave_is_asked_unless_all_its_weeks_are_skipped():
    one = Calendar(CHICAGO, 7, 1, frozenset({date(2026, 12, 21)}))
    both = Calendar(CHICAGO, 7, 1, frozenset({date(2026, 12, 21), date(2026, 12, 28)}))

    assert wave_times(one, "pulse-2/2026-W52").weeks_off == (date(2026, 12, 21),)
    assert not wave_times(one, "pulse-2/2026-W52").skipped
    assert wave_times(both, "pulse-2/2026-W52").skipped
    assert not wave_times(both, "pulse-4/2026-W52").skipped


def test_skipped_weeks_are_named_by_their_mondays():
    with pytest.raises(BadWave, match="not a Monday"):
        waves_of_year(JULY, "pulse", CHICAGO, {date(2026, 12, 24)})


# The rotating item


def test_the_bank_is_asked_in_turn():
    bank = ("learning-time", "interruptions", "shift-say")

    assert [rotating_item(bank, index) for index in range(4)] == [
        "learning-time",
        "interruptions",
        "shift-say",
        "learning-time",
    ]


@pytest.mark.parametrize(("bank", "index"), [((), 0), (("learning-time",), -1)])
def test_a_rotating_item_needs_a_bank(bank, index):
    with pytest.raises(BadWave):
        rotating_item(bank, index)


BANK = tuple(f"item-{number}" for number in range(12))


def places(series, scale="scale", year=JULY):
    return [rotating_place(BANK, times, scale) for times in waves_of_year(year, series, CHICAGO)]


@pytest.mark.parametrize(
    ("series", "carrying"), [("pulse", (7, 19, 31, 43)), ("pulse-2", (3, 9, 15, 21)), ("pulse-4", (1, 4, 7, 10))]
)
def test_four_waves_a_year_carry_the_scale_and_close_on_the_same_sundays_in_all_series(series, carrying):
    waves = waves_of_year(JULY, series, CHICAGO)

    assert tuple(index for index, place in enumerate(places(series)) if place == "scale") == carrying
    assert [times.index for times in waves if carries_scale(times)] == list(carrying)
    weekly = waves_of_year(JULY, "pulse", CHICAGO)
    assert [waves[index].last_sunday for index in carrying] == [weekly[week - 1].last_sunday for week in SCALE_WEEKS]


def test_after_the_scale_waves_of_one_and_two_weeks_ask_the_core_alone_for_four_weeks():
    assert [index for index, place in enumerate(places("pulse")) if place == ""][:8] == [8, 9, 10, 11, 20, 21, 22, 23]
    assert [index for index, place in enumerate(places("pulse-2")) if place == ""] == [4, 5, 10, 11, 16, 17, 22, 23]
    assert "" not in places("pulse-4")


@pytest.mark.parametrize("series", ["pulse", "pulse-2", "pulse-4"])
def test_the_bank_goes_on_where_it_was_and_passes_nothing_over(series):
    asked = [place for place in places(series) if place in BANK]

    assert asked == [BANK[number % len(BANK)] for number in range(len(asked))]
    assert len(asked) == {"pulse": 32, "pulse-2": 14, "pulse-4": 9}[series]


def test_without_the_scale_the_bank_takes_its_turn_in_every_wave():
    assert places("pulse", scale=None) == [BANK[index % 12] for index in range(52)]
