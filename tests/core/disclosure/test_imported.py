"""Earlier surveys under the rules of a release: fewer than eight are never a number, for any scale and any sum."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.disclosure.imported import BadCell, GroupScores, ImportedFigure, Scale, import_group
from callroom.core.disclosure.noise import NoiseStream
from callroom.core.disclosure.policy import DEFAULT_POLICY
from callroom.core.disclosure.release import TooFew

CESD = Scale(Fraction(0), Fraction(60))
SHORT = Scale(Fraction(1), Fraction(5))


def bits(seed: int = 0):
    return NoiseStream(seed.to_bytes(32, "big"), wave="2021-03", leaf="year-1", item="cesd").bits


def figure(count: int, mean: float, scale: Scale = CESD, *, seed: int = 0, eligible: int | None = None):
    total = count * Fraction(mean).limit_denominator(1000)
    return import_group(GroupScores(count, total, eligible=eligible), scale, DEFAULT_POLICY, bits(seed))


@given(st.integers(min_value=0, max_value=7), st.integers(min_value=0, max_value=1000))
def test_fewer_than_eight_are_never_a_number(count: int, seed: int) -> None:
    assert figure(count, 20, seed=seed) == TooFew()


@given(
    st.integers(min_value=8, max_value=500),
    st.fractions(min_value=0, max_value=1, max_denominator=100),
    st.sampled_from([CESD, SHORT]),
    st.integers(min_value=0, max_value=10**6),
)
def test_every_number_is_clipped_and_lies_in_its_range(count: int, share: Fraction, scale: Scale, seed: int) -> None:
    group = GroupScores(count, count * (scale.lowest + share * scale.range))

    found = import_group(group, scale, DEFAULT_POLICY, bits(seed))

    assert isinstance(found, ImportedFigure)
    low, high = found.figure.range_tenths
    assert 0 <= low <= found.figure.mean_tenths <= high <= 100
    edge = Fraction(100, found.n.low)
    assert round(edge) <= found.figure.mean_tenths <= round(100 - edge)
    assert scale.holds(scale.score(found.figure.mean_tenths))


@given(st.integers(min_value=8, max_value=60), st.integers(min_value=0, max_value=10**6))
def test_a_unanimous_group_looks_like_one_in_which_somebody_disagreed(count: int, seed: int) -> None:
    unanimous = import_group(GroupScores(count, Fraction(0)), CESD, DEFAULT_POLICY, bits(seed))
    with_one_other = import_group(GroupScores(count, CESD.range), CESD, DEFAULT_POLICY, bits(seed))

    assert unanimous == with_one_other


def test_the_noise_is_centred_and_of_the_size_that_is_told() -> None:
    means = []
    for seed in range(400):
        found = figure(40, 30, seed=seed)
        assert isinstance(found, ImportedFigure)
        means.append(found.figure.mean_tenths)
    average = sum(means) / len(means)
    spread = (sum((mean - average) ** 2 for mean in means) / len(means)) ** 0.5

    assert average == pytest.approx(50, abs=0.3)
    assert spread == pytest.approx(10 * 2.8 * 2**0.5 / 40, rel=0.2)  # the release's law: sd 2.8 x sqrt(2) / n points


def test_who_was_asked_is_never_named_whole_by_a_band() -> None:
    all_of_them = figure(13, 30, eligible=13)
    unknown = figure(13, 30)

    assert isinstance(all_of_them, ImportedFigure)
    assert isinstance(unknown, ImportedFigure)
    assert (all_of_them.n.low, unknown.n.low) == (8, 12)
    assert figure(10, 30, eligible=10) == TooFew()


def test_a_wider_spread_widens_the_range_and_a_narrow_one_does_not_shrink_it() -> None:
    def width(spread: Fraction | None) -> int:
        found = import_group(GroupScores(20, Fraction(600), spread), CESD, DEFAULT_POLICY, bits())
        assert isinstance(found, ImportedFigure)
        return found.figure.range_tenths[1] - found.figure.range_tenths[0]

    assert width(Fraction(1)) == width(None) < width(Fraction(25))


@pytest.mark.parametrize(
    "group",
    [
        GroupScores(10, Fraction(601)),
        GroupScores(10, Fraction(-1)),
        GroupScores(-1, Fraction(0)),
        GroupScores(10, Fraction(9), eligible=9),
    ],
)
def test_numbers_that_cannot_be_are_refused(group: GroupScores) -> None:
    with pytest.raises(BadCell):
        import_group(group, CESD, DEFAULT_POLICY, bits())


def test_a_scale_has_a_length() -> None:
    with pytest.raises(BadCell):
        Scale(Fraction(3), Fraction(3))
