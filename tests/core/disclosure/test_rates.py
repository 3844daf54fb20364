"""Response rates from published bands."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given

from callroom.core.disclosure.rates import BadRate, PastWave, Rates, rate_from_history
from tests.core.disclosure.strategies import rates


@pytest.mark.parametrize(
    ("known", "planned"),
    [
        (Rates(), (Fraction(1, 2), Fraction(65, 100), Fraction(3, 4))),
        (Rates(Fraction(6, 10)), (Fraction(6, 10), Fraction(744, 1000), Fraction(84, 100))),
        (Rates(Fraction(6, 10), Fraction(7, 10)), (Fraction(6, 10), Fraction(7, 10), Fraction(84, 100))),
        (Rates(None, Fraction(7, 10)), (Fraction(1, 2), Fraction(7, 10), Fraction(3, 4))),
    ],
)
def test_rates_to_plan_with(known, planned):
    assert tuple(known.rate(weeks) for weeks in (1, 2, 4)) == planned


@given(known=rates())
def test_rates_survive_the_wave_sheet(known):
    assert Rates.from_payload(known.to_payload()) == known


def test_the_middle_of_last_year_counts():
    waves = [PastWave(20, 8), PastWave(20, 12), PastWave(20, None)]

    assert rate_from_history(waves, institution_rate=Fraction(1, 2)) == Fraction(19, 40)
    assert rate_from_history([*waves, PastWave(20, 12)], institution_rate=Fraction(1, 2)) == Fraction(23, 40)


@pytest.mark.parametrize(
    ("wave", "rate"),
    [
        (PastWave(30, 16), Fraction(195, 300)),
        (PastWave(40, 24), Fraction(24, 40)),
        (PastWave(100, 24), Fraction(6, 10)),
        (PastWave(12, None), Fraction(1, 2)),
        (PastWave(5, None), Fraction(1)),
    ],
)
def test_the_middle_of_each_band(wave, rate):
    assert rate_from_history([wave], institution_rate=Fraction(6, 10)) == rate


def test_without_waves_nothing_is_known():
    assert rate_from_history([], institution_rate=Fraction(1, 2)) is None


@pytest.mark.parametrize("wave", [PastWave(0, 8), PastWave(20, 9)])
def test_a_past_that_cannot_have_been_is_refused(wave):
    with pytest.raises(BadRate):
        rate_from_history([wave], institution_rate=Fraction(1, 2))


@pytest.mark.parametrize(
    "payload",
    [None, {"3": [1, 2]}, {"1": 1}, {"1": [1]}, {"1": [1, 0]}, {"1": [2, 4]}, {"1": [3, 2]}, {"1": [True, 1]}],
)
def test_a_malformed_rate_is_refused(payload):
    with pytest.raises(BadRate):
        Rates.from_payload(payload)


def test_no_wave_has_three_weeks():
    with pytest.raises(BadRate):
        Rates().rate(3)
