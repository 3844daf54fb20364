"""
The headline: share of declines seen within eight weeks, against the bound at the same false-alarm rate.

Nine cells: three declines at about 10, 20 and 40 answers. Prints engine, EWMA widened to the engine's own false-alarm rate
and XmR as it is used, for the default world or one that is meant to break the engine.
"""

from __future__ import annotations

import numpy as np

from benches.signals import detectors
from benches.signals.bound import bound_delays, delays
from benches.signals.simulate import Institution, simulate
from benches.signals.world import SCENARIOS, World

EARLY_WEEKS = 78


def measure(world: World, seed: int, nulls: int, scenarios: int, *, charts: bool) -> float:
    """Print one table and return the headline."""
    ratios: dict[str, list[float]] = {}
    print(f"{'detector':9s} {'n':>3s} {'FA':>6s} {'FA 1-78':>8s} | P8, P26, ratio of P8 to the bound at this FA: " + ", ".join(
        name for name, _, _ in SCENARIOS))  # fmt: skip
    for place, answers in enumerate(world.answers):
        still, falling = (
            [simulate(world, [seed, place, kind, one], answers, declining=bool(kind)) for one in range(count)]
            for kind, count in ((0, nulls), (1, scenarios))
        )
        rate = 0.2
        for name in ("engine", "ewma", "xmr") if charts else ("engine",):
            alarms, cold = _alarms(name, world, still, falling, rate)
            kept = [detectors.counted(one) for one in alarms[:nulls]]
            own = detectors.rate_of(kept)
            rate = own if name == "engine" else rate
            best = bound_delays(world, still, falling, max(own, 0.01))
            cells = []
            for number, (scenario, _, _) in enumerate(SCENARIOS):
                seen = np.concatenate([
                    delays(detectors.counted(one), part["onset"])[part["scenario"] == number]
                    for one, part in zip(alarms[nulls:], falling, strict=True)
                ])  # fmt: skip
                ratio = float((seen <= 8).mean() / max((best[scenario] <= 8).mean(), 1e-9))
                ratios.setdefault(name, []).append(ratio)
                cells.append(f"{(seen <= 8).mean():.2f} {(seen <= 26).mean():.2f} {ratio:.2f}")
            print(f"{name:9s} {answers:3d} {own:6.3f} {cold:8.3f} | " + "   ".join(cells), flush=True)
    for name, found in ratios.items():
        print(f"{name}: headline {np.mean(found):.3f}", flush=True)
    return float(np.mean(ratios["engine"]))


def _alarms(
    name: str, world: World, still: list[Institution], falling: list[Institution], rate: float
) -> tuple[list[np.ndarray], float]:
    """Return alarms of all institutions, and the rate in the first 78 weeks of those where nothing declines."""
    everything = [*still, *falling]
    if name == "engine":
        alarms = [detectors.engine(world, one)[0] for one in everything]
    elif name == "xmr":
        alarms = [detectors.xmr(one["mean"]) for one in everything]
    else:
        limit = detectors.at_rate(detectors.ewma, [one["mean"] for one in still], rate)
        alarms = [detectors.ewma(one["mean"], limit) for one in everything]
    first = [detectors.counted(one[:EARLY_WEEKS], 0) for one in alarms[: len(still)]]
    return alarms, detectors.rate_of(first, 0)
