"""The phase of the lab: attack the figures of whole years, then plant every fault and see that it is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from callroom.core.disclosure.leaf_plan import LENGTHS, WAVE_MINIMUMS
from lab.reconstruction import collusion, figures, gain, overtime
from lab.reconstruction.attack import YearFound, attack
from lab.reconstruction.controls import Caught, Ground, planted
from lab.reconstruction.house import MOODS, SIZES, House
from lab.report import Findings

SHORT_SIZES: Final = (20, 16, 14, 13, 12, 11, 8, 6, 5)
SEEDS: Final = (1, 2, 3)
YEARS: Final = 1000
SHORT_YEARS: Final = 60
RATIOS: Final = (1.0, 0.74)
"""Spread within a person over spread between people: what real people show, and the least that was ever assumed."""

KEPT: Final = "kept by a thief"
"""Of the noise of a week, which is deleted with the week's keys: somebody copied its seed before, and knows it."""

GRIDS: Final = (5, 11, 29)
"""Options of an item: the weekly questions; a scale from 0 to 10; a mean of seven items in steps of 1/28."""


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that the phase measured."""

    years: Sequence[tuple[str, int, YearFound]]
    time: Sequence[tuple[float, overtime.Kept]]
    grids: Sequence[collusion.AllButOne]
    faults: Sequence[tuple[str, str, Caught]]


def run(*, short: bool) -> Findings:
    """Run the attack; the long form also writes the figures that the page *What can be known about you* shows."""
    found = measure(short=short)
    report = tell(found)
    if not short and not report.faults:
        figures.write(found)
    return report


def measure(*, short: bool) -> Found:
    """Attack simulated years of an ordinary and a very content house, in every way."""
    years = []
    for mood, habits in MOODS.items():
        for seed in SEEDS[:1] if short else SEEDS:
            waves = House(seed, habits, SHORT_SIZES if short else SIZES).year()
            years.append((mood, seed, attack([(wave, wave.release()) for wave in waves])))
    time = [
        (ratio, overtime.measure(weeks, WAVE_MINIMUMS[weeks].eligible, years=SHORT_YEARS if short else YEARS, seed=1,
                                 spread=overtime.Spread(ratio)))
        for weeks in LENGTHS
        for ratio in RATIOS
    ]  # fmt: skip
    return Found(years, time, [collusion.all_but_one(options) for options in GRIDS], list(planted(Ground(1))))


def tell(found: Found) -> Findings:
    """Return the report and the gates."""
    report = Findings()
    _tell_years(report, found)
    report.add(
        "One's own answer (log-odds that it adds for somebody who knows how the group answers; "
        f"limit {gain.LIMIT}, theory {gain.theory():.3f})",
        ("house", "seed", "colluders", "figures", "largest", "mean", "gate"),
        [
            (
                mood,
                str(seed),
                str(row.colluders),
                str(row.figures),
                f"{row.largest:.2f}",
                f"{row.mean:.2f}",
                f"<= {gain.LIMIT}",
            )
            for mood, seed, year in found.years
            for row in year.gained
        ],
    )
    _tell_time(report, found)
    report.add(
        "All but one of eight collude (nothing known of the eighth beforehand; printed, and held to nothing)",
        ("options", "surest after one wave", "guessed right", "by chance", "sure of an unchanging answer after"),
        [
            (
                str(grid.options),
                f"{grid.surest:.2f}",
                f"{grid.guessed:.2f}",
                f"{grid.by_chance:.2f}",
                _waves(grid.waves),
            )
            for grid in found.grids
        ],
    )
    report.add(
        "Planted faults",
        ("fault", "what it is", "found by"),
        [(name, what, ", ".join(caught.by) or "NOT FOUND") for name, what, caught in found.faults],
    )
    for name, _what, caught in found.faults:
        report.gate(bool(caught.by), f"the planted fault “{name}” was not found")
    _sum_up(report, found)
    return report


def _sum_up(report: Findings, found: Found) -> None:
    solved = [row for _mood, _seed, year in found.years for row in year.solved]
    claimed = [row for row in solved if not (row.colluders and row.noise_known)]
    largest = max(row.largest for _mood, _seed, year in found.years for row in year.gained)
    caught = sum(bool(each.by) for _name, _what, each in found.faults)
    pinned, kept = sum(row.pinned for row in claimed), sum(row.pinned for row in solved if row not in claimed)
    answers = sum(row.answers for row in claimed)
    report.summary += [
        f"A solver pinned {pinned:,} of {answers:,} answers of {len(found.years)} simulated years, in the rows that are held to something.",
        f"One's own answer adds {largest:.2f} at most (limit {gain.LIMIT}).",
        f"Not claimed: two who tell, with a thief who kept the noise, pin {kept:,}.",
        f"{caught} of {len(found.faults)} planted faults were found.",
    ]


def _tell_years(report: Findings, found: Found) -> None:
    report.add(
        "Reconstruction (52 weeks each, people coming and going; every answer of every item, from everything published)",
        ("house", "seed", "colluders", "noise", "answers", "pinned", "full grid", "least width", "largest gain", "gate"),
        [
            (
                mood, str(seed), str(row.colluders), KEPT if row.noise_known else "burned", str(row.answers),
                str(row.pinned), f"{100 * row.full / row.answers:.1f} %", f"{row.least_width:.0f}",
                "-" if row.noise_known else _largest(year, row.colluders), row.held_to,
            )
            for mood, seed, year in found.years
            for row in year.solved
        ],
    )  # fmt: skip
    for mood, seed, year in found.years:
        for fault in year.faults():
            report.gate(False, f"{mood} house {seed}: {fault}")


def _tell_time(report: Findings, found: Found) -> None:
    report.add(
        "Somebody left or came (26 weeks before, 26 after; 90 % answer; smallest leaf; share of the honest guess's "
        f"spread that is left, least {overtime.LEAST_KEPT:.2f} at a ratio of 1.0)",
        ("weeks of a wave", "people", "within / between", "years", "left, theory", "left, simulated", "its error", "gate"),
        [
            (str(kept.weeks), str(kept.eligible), f"{ratio:.2f}", str(kept.years), f"{kept.expected:.2f}",
             f"{kept.share:.2f}", f"{kept.error:.2f}", _asked_of_time(ratio))
            for ratio, kept in found.time
        ],
    )  # fmt: skip
    for ratio, kept in found.time:
        who = f"a leaver of a leaf of {kept.eligible}, {kept.weeks} weeks,"
        report.gate(abs(kept.share - kept.expected) <= 3 * kept.error, f"{who} is not guessed as theory says")
        if ratio == overtime.Spread().ratio:
            held = kept.expected >= overtime.LEAST_KEPT <= kept.share + 2 * kept.error
            report.gate(held, f"{who} is guessed too well")


def _largest(year: YearFound, colluders: int) -> str:
    return "".join(f"{row.largest:.2f}" for row in year.gained if row.colluders == colluders)


def _asked_of_time(ratio: float) -> str:
    agree = "both within 3 errors"
    least = f"{overtime.LEAST_KEPT:.2f}"
    return f"theory >= {least}, simulated >= {least} - 2 errors, {agree}" if ratio == overtime.Spread().ratio else agree


def _waves(waves: int | None) -> str:
    return f"more than {collusion.WEEKS_TRIED} waves" if waves is None else f"{waves} waves"
