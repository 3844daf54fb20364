"""Beyond the headline: longer waves, false discoveries among confirmed declines, seconds and memory."""

from __future__ import annotations

import dataclasses
import resource
import time

import numpy as np

from benches.signals import detectors
from benches.signals.bound import delays
from benches.signals.simulate import simulate
from benches.signals.world import SCENARIOS, World
from callroom.core.signals import pooled

MONTHS = (8, 13, 26)


def waves(seed: int, nulls: int, scenarios: int) -> None:
    """Print false alarms per leaf-year for waves of one, two and four weeks, alone and mixed in one institution."""
    print("wave    n     FA   shares seen within 8 / 13 / 26 weeks: " + ", ".join(name for name, _, _ in SCENARIOS))
    for wave in (2, 4):
        for answers in (10, 20):
            _wave(dataclasses.replace(World(), wave=wave, response=0.45), wave, answers, (seed, nulls, scenarios))
    world = dataclasses.replace(World(), response=0.45)
    found: dict[int, list[np.ndarray]] = {1: [], 2: [], 4: []}
    for one in range(nulls):
        parts = [
            simulate(dataclasses.replace(world, units=20, wave=wave), [seed, 7, one], 12, declining=False)
            for wave in found
        ]
        mixed = {key: np.concatenate([part[key] for part in parts], -1) for key in ("mean", "n", "department")}
        mixed["length"] = np.repeat(list(found), 20)
        alarms = detectors.engine(world, mixed)[0]
        for wave, kept in found.items():
            kept.append(detectors.counted(alarms)[:, mixed["length"] == wave])
    for wave, kept in found.items():
        print(f"mixed {wave} 12 {detectors.rate_of(kept):6.3f}", flush=True)


def _wave(world: World, wave: int, answers: int, run: tuple[int, int, int]) -> None:
    seed, nulls, scenarios = run
    still = [simulate(world, [seed, wave, 0, one], answers, declining=False) for one in range(nulls)]
    rate = detectors.rate_of([detectors.counted(detectors.engine(world, one)[0]) for one in still])
    falling = [simulate(world, [seed, wave, 1, one], answers, declining=True) for one in range(scenarios)]
    kept = [detectors.counted(detectors.engine(world, one)[0]) for one in falling]
    cells = []
    for number in range(len(SCENARIOS)):
        seen = np.concatenate([
            delays(one, part["onset"])[part["scenario"] == number] for one, part in zip(kept, falling, strict=True)
        ])  # fmt: skip
        cells.append(" ".join(f"{(seen <= weeks).mean():.2f}" for weeks in MONTHS))
    print(f"{wave:5d} {answers:3d} {rate:6.3f}   " + "   ".join(cells), flush=True)


def discoveries(seed: int, institutions: int, answers: tuple[int, ...] = (10, 20, 40)) -> None:
    """Print the share of false ones among confirmed declines where 6 of 60 units decline, with the power."""
    world = dataclasses.replace(World(), declining=(2, 2, 2))
    print("  n  confirmed  false  share of false   confirmed within 8 / 26 / 52 weeks of the onset")
    every = np.zeros(2, int)
    for place, size in enumerate(answers):
        right = wrong = 0
        delay = []
        for one in range(institutions // len(answers) + (place < institutions % len(answers))):
            part = simulate(world, [seed, 50 + place, one], size, declining=True)
            begins = detectors.engine(world, part)[1]
            declines = part["scenario"] >= 0
            after = np.arange(world.weeks)[:, None] >= part["onset"]
            true = int((begins & after & declines).sum())
            right, wrong = right + true, wrong + int(begins.sum()) - true
            delay.append(delays(begins, part["onset"])[declines])
        seen = np.concatenate(delay)
        every += (right + wrong, wrong)
        power = " / ".join(f"{(seen <= weeks).mean():.2f}" for weeks in (8, 26, 52))
        print(f"{size:3d}  {right + wrong:9d}  {wrong:5d}  {wrong / max(1, right + wrong):14.3f}   {power}", flush=True)
    print(f"all  {every[0]:9d}  {every[1]:5d}  {every[1] / max(1, every[0]):14.3f}", flush=True)


def scaling(sizes: tuple[int, ...], weeks: int) -> None:
    """Print seconds for a full fit and for one more week, and the process's largest memory."""
    print("units  weeks   full fit s   one more week ms   largest memory MB")
    for units in sizes:
        world = dataclasses.replace(World(), weeks=weeks)
        rng = np.random.default_rng(units)
        means = 6.5 + 0.5 * rng.standard_normal(units) + 0.5 * rng.standard_normal((weeks, units))
        part = {
            "mean": np.round(np.clip(means, 0, 10), 1),
            "n": rng.integers(8, 30, (weeks, units)), "department": np.arange(units) // 6,
        }  # fmt: skip
        memory, spent, last = pooled.begin(detectors.settings_of(world)), 0.0, 0.0
        for week in range(weeks):
            figures = detectors.figures_of(world, part, week)
            began = time.process_time()
            pooled.advance(memory, detectors.calendar_days(world)[week], figures)
            last = time.process_time() - began
            spent += last
        largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{units:5d}  {weeks:5d}  {spent:11.1f}  {1000 * last:17.0f}  {largest:18.0f}", flush=True)
