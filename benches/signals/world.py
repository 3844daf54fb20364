"""The simulated institutions: every parameter, the calendar, and the worlds that are meant to break the engine."""

from __future__ import annotations

import dataclasses
import datetime

import numpy as np

SCENARIOS = (("step0.5", "step", 0.5), ("step0.8", "step", 0.8), ("drift0.8", "drift", 0.8))
LEARN, MUTE, FOLLOW_UP, YEAR = 78, 8, 52, 52.1786  # weeks
FIRST_MONDAY = datetime.date(2019, 9, 2)
BANDS = ((8, 11), (12, 15), (16, 23), (24, None))


@dataclasses.dataclass(frozen=True)
class World:
    """
    All parameters. Latent sizes are in within-person SDs (``ar_share`` + white share = 1); score = centre + scale x latent.

    ``answers``: mean answers per wave aimed at; ``wave``: weeks of a wave, in which a person's last answer counts;
    ``size_spread``: SD of the log of units' rosters; ``person_df``: 0 for normal person baselines, else Student t of the
    same SD; season in weeks after turnover; response SDs on the logit scale; ``distress``: how much likelier, on that
    scale, a person one SD above their usual answers than one at it.
    """

    units: int = 60
    departments: int = 10
    weeks: int = 312
    answers: tuple[int, ...] = (10, 20, 40)
    wave: int = 1
    size_spread: float = 0.0
    declining: tuple[int, int, int] = (6, 6, 6)
    centre: float = 6.5
    scale: float = 1.5
    sd_person: float = 0.9
    person_df: float = 0.0
    ar_share: float = 0.5
    phi_person: float = 0.8
    turnover_month: int = 7
    turnover_share: float = 1 / 3
    honeymoon: float = 0.30
    honeymoon_weeks: float = 10.0
    trough: float = 0.35
    trough_week: float = 30.0
    trough_width: float = 7.0
    exam_weeks: tuple[int, ...] = (14, 38)
    exam_dip: float = 0.25
    sd_season_loading: float = 0.3
    sd_unit_season: float = 0.10
    sd_common: float = 0.15
    phi_common: float = 0.8
    events_per_year: float = 0.5
    event_size: float = 0.35
    event_weeks: int = 4
    sd_department: float = 0.10
    phi_department: float = 0.9
    sd_unit: float = 0.35
    sd_wander: float = 0.12
    phi_wander: float = 0.95
    sd_shock: float = 0.10
    response: float = 0.6
    sd_response_person: float = 1.0
    sd_response_unit: float = 0.3
    sd_response_week: float = 0.25
    phi_response_week: float = 0.7
    sd_response_shock: float = 0.2
    distress: float = 0.0
    laplace_b: float = 2.8
    min_n: int = 8


WORLDS = {
    "default": World(),
    # Another year: turnover in March as in Mexico, a long deep trough, no honeymoon, harder exams.
    "another season": World(
        turnover_month=3, honeymoon=0.05, trough=0.55, trough_week=17.0, trough_width=10.0, exam_weeks=(8, 22, 44),
        exam_dip=0.45, sd_season_loading=0.4, sd_unit_season=0.13,
    ),
    # Who suffers answers less, fewer answer anyhow, units differ in size, people's usual answers have long tails.
    "distress and silence": World(
        response=0.45, distress=0.7, size_spread=0.35, person_df=4.0, sd_response_week=0.4, sd_response_shock=0.35,
    ),
    # Shocks for everybody several times a year, departments that swing, half of all units declining.
    "strong shocks": World(
        sd_common=0.25, events_per_year=3.0, event_size=0.6, event_weeks=6, sd_department=0.16, declining=(10, 10, 10),
    ),
}  # fmt: skip


def calendar(world: World) -> tuple[list[datetime.date], np.ndarray, np.ndarray, np.ndarray]:
    """Return Mondays, weeks since the last turnover, places of turnover weeks, angle of the year."""
    days = [FIRST_MONDAY + datetime.timedelta(weeks=week) for week in range(world.weeks)]
    starts = [
        next(day for day in (datetime.date(year, world.turnover_month, 1 + k) for k in range(7)) if not day.weekday())
        for year in range(days[0].year - 1, days[-1].year + 1)
    ]
    since = np.array([min((day - start).days for start in starts if start <= day) // 7 for day in days])
    angle = 2 * np.pi * np.array([day.timetuple().tm_yday for day in days]) / 365.25
    return days, since, np.flatnonzero(since == 0), angle


def season(world: World, since: np.ndarray) -> np.ndarray:
    """Return the institution's season, with mean zero."""
    curve = world.honeymoon * np.exp(-since / world.honeymoon_weeks)
    curve = curve - world.trough * np.exp(-0.5 * ((since - world.trough_week) / world.trough_width) ** 2)
    for week in world.exam_weeks:
        curve = curve - world.exam_dip * ((since == week) | (since == week + 1))
    centred: np.ndarray = curve - curve.mean()
    return centred
