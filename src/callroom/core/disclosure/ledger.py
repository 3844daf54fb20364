"""
The privacy ledger: what a policy spends of the formal guarantee called differential privacy, and the numbers it is made of.

Discrete Laplace noise of scale s on a sum in which one answer spans a range r gives epsilon = r / s for that answer.
Epsilons add: over the questions of a wave, and over the waves of a year.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import exp

from callroom.core.anonymity.canonical import Encodable
from callroom.core.disclosure.leaf_plan import WAVE_MINIMUMS
from callroom.core.disclosure.policy import Policy

YEAR_WEEKS = 52


@dataclass(frozen=True, slots=True)
class Spent:
    """Epsilon of one person in waves of one length: per item and wave, per wave, and over a year of answering each."""

    weeks: int
    waves: int
    per_item: Fraction
    per_wave: Fraction
    per_year: Fraction


def epsilon(policy: Policy) -> Fraction:
    """Return epsilon of one answer to one item in one wave: range / scale, 25/7 (about 3.6) at 28 percent."""
    return Fraction(100, policy.noise_scale_percent)


def odds_factor(policy: Policy) -> float:
    """Return by how much one's own answer can at most multiply the odds of any two answers: e to the epsilon."""
    return exp(epsilon(policy))


def spent(policy: Policy, *, items: int) -> tuple[Spent, ...]:
    """Return what somebody spends who answers ``items`` questions in every wave, for each length of waves."""
    each = epsilon(policy)
    return tuple(
        Spent(weeks, YEAR_WEEKS // weeks, each, each * items, each * items * (YEAR_WEEKS // weeks))
        for weeks in WAVE_MINIMUMS
    )


def constants(policy: Policy) -> dict[str, Encodable]:
    """Return every number that measured figures depend on: when one changes, they must be measured anew."""
    return {
        "policy": policy.to_payload(),
        "least_eligible": {str(weeks): least.eligible for weeks, least in WAVE_MINIMUMS.items()},
    }
