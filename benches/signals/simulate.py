"""One institution, person by person: what is released, and what only the bound may know."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from benches.signals.world import FOLLOW_UP, LEARN, SCENARIOS, YEAR, World, calendar, season

Institution = dict[str, Any]


def simulate(world: World, seed: list[int], answers: int, *, declining: bool) -> Institution:
    """Return an institution's (weeks, units) arrays; in a two- or four-week world only each wave's last week has figures."""
    rng = np.random.default_rng(seed)
    weeks, units = world.weeks, world.units
    once = world.response if world.wave == 1 else 1 - (1 - world.response) ** world.wave
    rosters = np.maximum(8, np.rint(answers / once * np.exp(world.size_spread * rng.standard_normal(units)))).astype(
        int
    )
    people = int(rosters.max())
    present = np.arange(people) < rosters[:, None]
    _, since, turnovers, angle = calendar(world)
    department = np.arange(units) % world.departments
    known, unknown = _latent(world, rng, since, angle, department)
    person, habit = _people(world, rng, turnovers, people)
    scenario, onset, ramp_weeks, effect = _declines(world, rng, declining=declining)

    within = ar1(rng, (units, people), weeks, world.phi_person, math.sqrt(world.ar_share))
    within += math.sqrt(1 - world.ar_share) * rng.standard_normal((weeks, units, people), dtype=np.float32)
    special = (unknown + effect)[:, :, None].astype(np.float32)
    latent = person + within + known[:, :, None].astype(np.float32) + special
    score = np.rint(np.clip(world.centre + world.scale * latent, 0, 10))
    willing = (
        1.2 * math.log(world.response / (1 - world.response))
        + world.sd_response_unit * rng.standard_normal(units)
        + ar1(rng, (), weeks, world.phi_response_week, world.sd_response_week)[:, None]
        + world.sd_response_shock * rng.standard_normal((weeks, units))
    )
    inclined = willing[:, :, None].astype(np.float32) + habit
    usually = present / (1 + np.exp(-inclined))
    really = present / (1 + np.exp(-inclined - world.distress * (within + special))) if world.distress else usually
    answered = rng.random((weeks, units, people), dtype=np.float32) < really
    n, total = _waves(world, answered, score)

    safe = np.maximum(n, world.min_n)
    noisy = (total + discrete_laplace(rng, world.laplace_b, (weeks, units))) / safe
    mean = np.round(np.clip(noisy, 10 / safe, 10 - 10 / safe), 1)
    mean = np.where(n >= world.min_n, mean, np.nan)
    found = {
        "mean": mean,
        "n": n,
        "department": department,
        "scenario": scenario,
        "onset": onset,
        "ramp_weeks": ramp_weeks,
    }
    return found | _known_to_the_bound(world, person, known, usually, safe, mean)


def ar1(rng: np.random.Generator, shape: tuple[int, ...], weeks: int, phi: float, sd: float) -> np.ndarray:
    """Return a stationary first-order autoregression of this SD."""
    out = np.empty((weeks, *shape), np.float32)
    now, step = sd * rng.standard_normal(shape), sd * math.sqrt(1 - phi * phi)
    for week in range(weeks):
        out[week] = now
        now = phi * now + step * rng.standard_normal(shape)
    return out


def discrete_laplace(rng: np.random.Generator, scale: float, shape: tuple[int, ...]) -> np.ndarray:
    """Return whole noise with P(k) ~ exp(-|k| / scale)."""
    p = 1 - math.exp(-1 / scale)
    noise: np.ndarray = rng.geometric(p, shape) - rng.geometric(p, shape)
    return noise


def _latent(
    world: World, rng: np.random.Generator, since: np.ndarray, angle: np.ndarray, department: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    weeks, units = world.weeks, world.units
    common = ar1(rng, (), weeks, world.phi_common, world.sd_common)
    for start in np.flatnonzero(rng.random(weeks) < world.events_per_year / YEAR):
        common[start : start + world.event_weeks] -= world.event_size * rng.exponential()
    loading = 1 + world.sd_season_loading * rng.standard_normal(units)
    own = np.outer(np.sin(angle), rng.standard_normal(units)) + np.outer(np.cos(angle), rng.standard_normal(units))
    swings = ar1(rng, (world.departments,), weeks, world.phi_department, world.sd_department)[:, department]
    known = world.sd_unit * rng.standard_normal(units) + np.outer(season(world, since), loading) + common[:, None]
    known = known + world.sd_unit_season * own + swings
    wander = ar1(rng, (units,), weeks, world.phi_wander, world.sd_wander)
    return known, wander + world.sd_shock * rng.standard_normal((weeks, units))


def _people(
    world: World, rng: np.random.Generator, turnovers: np.ndarray, people: int
) -> tuple[np.ndarray, np.ndarray]:
    def draw(count: int) -> tuple[np.ndarray, np.ndarray]:
        form = (world.units, count)
        if world.person_df:
            usual = rng.standard_t(world.person_df, form) * math.sqrt((world.person_df - 2) / world.person_df)
        else:
            usual = rng.standard_normal(form)
        return world.sd_person * usual, world.sd_response_person * rng.standard_normal(form)

    form = (world.weeks, world.units, people)
    person, habit = np.empty(form, np.float32), np.empty(form, np.float32)
    person_now, habit_now = draw(people)
    renewed, place = max(1, round(people * world.turnover_share)), 0
    for week in range(world.weeks):
        if week in turnovers:
            leaving = (place + np.arange(renewed)) % people
            place += renewed
            person_now[:, leaving], habit_now[:, leaving] = draw(renewed)
        person[week], habit[week] = person_now, habit_now
    return person, habit


def _declines(
    world: World, rng: np.random.Generator, *, declining: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return each unit's scenario (-1 for none), onset, weeks of the drift, and the effect on its people."""
    order, scenario = rng.permutation(world.units), np.full(world.units, -1)
    kinds = [kind for turn in range(max(world.declining)) for kind in range(3) if turn < world.declining[kind]]
    scenario[order[: len(kinds)]] = kinds if declining else -1
    onset = rng.integers(LEARN, world.weeks - FOLLOW_UP, world.units)
    ramp_weeks = rng.integers(8, 13, world.units)
    age = np.arange(world.weeks)[:, None] - onset + 1
    effect = np.zeros((world.weeks, world.units))
    for number, (_, kind, size) in enumerate(SCENARIOS):
        shape = (age > 0) if kind == "step" else np.clip(age / ramp_weeks, 0, 1)
        effect = effect - size * shape * (scenario == number)
    return scenario, onset, ramp_weeks, effect


def _waves(world: World, answered: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return count and sum of the answers in each wave, at its last week: a person's last answer counts."""
    if world.wave == 1:
        return answered.sum(2), (score * answered).sum(2)
    n, total = np.zeros(answered.shape[:2], int), np.zeros(answered.shape[:2])
    for last in range(world.wave - 1, world.weeks, world.wave):
        has, value = np.zeros(answered.shape[1:], bool), np.zeros(answered.shape[1:])
        for week in range(last - world.wave + 1, last + 1):
            value = np.where(answered[week], score[week], value)
            has |= answered[week]
        n[last], total[last] = has.sum(1), (value * has).sum(1)
    return n, total


def score_curve(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a grid of the known part of the latent, the expected rounded and clipped score on it, and its slope."""
    grid = np.arange(-9, 9.01, 0.05)
    sd = world.scale * math.sqrt(1 + world.sd_wander**2 + world.sd_shock**2)
    below = np.vectorize(lambda x: 0.5 * (1 + math.erf(x / math.sqrt(2))))
    curve = sum(below((world.centre + world.scale * grid - (k - 0.5)) / sd) for k in range(1, 11))
    return grid, curve, np.gradient(curve, grid)


def _known_to_the_bound(
    world: World, person: np.ndarray, known: np.ndarray, p: np.ndarray, safe: np.ndarray, mean: np.ndarray
) -> Institution:
    grid, curve, slope_curve = score_curve(world)
    mu = person + known[:, :, None].astype(np.float32)
    p_sum, position = p.sum(2), (mu - grid[0]) / (grid[1] - grid[0])
    cell = np.clip(position.astype(np.int32), 0, len(grid) - 2)
    value, steep = curve.astype(np.float32), slope_curve.astype(np.float32)
    expected = (p * (value[cell] + (position - cell) * (value[cell + 1] - value[cell]))).sum(2) / p_sum
    slope = (p * steep[cell]).sum(2) / p_sum
    person_mean = (p * person).sum(2) / p_sum
    who = (p * (1 - p) * ((person - person_mean[:, :, None]) ** 2 + world.ar_share)).sum(2) / p_sum**2
    q = math.exp(-1 / world.laplace_b)
    white = slope**2 * (world.sd_shock**2 + (1 - world.ar_share) / safe + who * p_sum / safe)
    white = white + 1 / 12 / safe + 2 * q / (1 - q) ** 2 / safe**2 + 0.01 / 12
    mood = world.ar_share * ((p**2).sum(2) / p_sum**2).mean(0) * slope.mean(0) ** 2
    return {
        "residual": mean - expected, "slope": slope, "white": white, "ar_var": mood,
        "wander_var": world.sd_wander**2 * slope.mean(0) ** 2,
    }  # fmt: skip
