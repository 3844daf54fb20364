"""The fast engine and the slow reference are two ways to the same numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from callroom.core.signals import pooled, slow, standing
from callroom.core.signals.estimates import Estimate, Figure, Leaf, Settings, State
from callroom.core.signals.model import Numbers
from tests.core.signals.institutions import day, institution

Fast = Mapping[str, tuple[Estimate, ...]]
Plain = Mapping[str, tuple[slow.Plain, ...]]
TIGHT = 1e-7
"""Both reckon in double precision: they differ by about 1e-12, and nothing that is decided may hang on so little."""
BANDS = ((8, 11), (12, 15), (16, 23), (24, None))
TURNS = (0.5, 0.9, 0.95)
"""Probabilities at which something is decided."""


@st.composite
def institutions(draw: st.DrawFn) -> list[Leaf]:
    """Invent up to seven leaves: shocks for all, gaps, bands, waves, mergers, falls that pass and falls that stay."""
    weeks = draw(st.integers(10, 75))
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shocks = draw(st.sampled_from((0.0, 0.3, 1.0))) * chance.standard_normal(weeks)
    gaps = draw(st.sampled_from((0.0, 0.15, 0.5)))
    return [
        Leaf(f"leaf-{place}", draw(st.sampled_from(("", "ward"))), draw(figures(chance, shocks, gaps)))
        for place in range(draw(st.integers(1, 7)))
    ]


@st.composite
def figures(draw: st.DrawFn, chance: np.random.Generator, shocks: Numbers, gaps: float) -> tuple[Figure, ...]:
    weeks, length = len(shocks), draw(st.sampled_from((1, 1, 2, 4)))
    usual = draw(st.sampled_from((1.0, 5.0, 6.5, 9.2)))
    begins, ends = sorted((draw(st.integers(0, weeks)), draw(st.integers(0, 2 * weeks))))
    falls, merges = draw(st.sampled_from((0.0, 0.0, 1.5, 3.0))), draw(st.integers(0, 3 * weeks))
    steady = draw(st.booleans())
    found = []
    for week in range(length - 1, weeks, length):
        low, high = BANDS[1] if steady else BANDS[chance.integers(len(BANDS))]
        value = usual + shocks[week] + 0.5 * chance.standard_normal() - falls * (begins <= week < ends)
        if chance.random() >= gaps:
            tenths = int(np.clip(round(10 * value), 0, 100))
            found.append(Figure(day(week), low, high, tenths, length, ("a", "b") if week >= merges else ("a",)))
    return tuple(found)


def on_the_edge(plain: slow.Plain) -> bool:
    """Return whether the last digit decides: then two roundings may rightly say two things."""
    above = plain.statistic - plain.threshold
    turns = min(abs(plain.probability - turn) for turn in TURNS)
    return min(abs(above), abs(above + standing.CALM), turns) < TIGHT


def judged(leaves: list[Leaf], choice: Settings) -> tuple[Fast, Plain]:
    """Return what both say."""
    return pooled.assess(leaves, settings=choice), slow.assess(leaves, settings=choice)


def compare(fast: Fast, plain: Plain) -> None:
    """Compare both, leaf by leaf and week by week."""
    assert fast.keys() == plain.keys()
    for key, estimates in fast.items():
        for one, other in zip(estimates, plain[key], strict=True):
            told = (one.level, one.low, one.high, one.probability)
            assert told == pytest.approx((other.level, other.low, other.high, other.probability), abs=TIGHT), one.week
            assert (one.week, one.alarm, one.confirmed) == (other.week, other.alarm, other.confirmed)


@given(
    leaves=institutions(),
    rate=st.sampled_from((0.1, 0.2, 2.0)),
    noise=st.sampled_from((0.0, 1.4, 2.8)),
    start=st.sampled_from(((7, 1), (3, 1), (11, 15))),
)
@settings(max_examples=20, deadline=None)
def test_level_interval_probability_and_alarms_are_those_of_the_plain_equations(
    leaves: list[Leaf], rate: float, noise: float, start: tuple[int, int]
) -> None:
    fast, plain = judged(leaves, Settings(rate, noise, start))
    assume(not any(on_the_edge(told) for estimates in plain.values() for told in estimates))

    compare(fast, plain)


def test_a_fall_that_is_confirmed_accepted_and_recovers_is_told_alike() -> None:
    leaves = institution(8, 150, change=lambda leaf, week: -1.6 if leaf == 0 and 60 <= week < 100 else 0.0)

    fast, plain = judged(leaves, Settings())

    compare(fast, plain)
    assert {State.DECLINING, State.RECOVERING, State.QUIET} <= {estimate.state for estimate in fast["leaf-00"]}


def test_a_department_of_more_than_six_leaves_is_told_alike() -> None:
    invented = institution(8, 45, change=lambda leaf, week: -2.0 if leaf == 7 and week >= 25 else 0.0)
    leaves = [Leaf(leaf.key, "large", leaf.figures) for leaf in invented]

    fast, plain = judged(leaves, Settings())

    compare(fast, plain)
    assert any(estimate.alarm for estimate in fast["leaf-07"])
