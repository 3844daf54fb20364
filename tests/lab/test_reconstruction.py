"""The attack on what is published, by its parts: each against what can be worked out by hand or by trying everything."""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path
from statistics import mean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab.reconstruction import collusion, gain, overtime, participation, solver, structure
from lab.reconstruction.attack import attack
from lab.reconstruction.controls import FAULTS, Ground, lattice
from lab.reconstruction.house import MOODS, RANGE, House, Said, released
from lab.reconstruction.phase import SHORT_SIZES
from lab.reconstruction.reading import FULL, Published, own_low

from callroom.core.disclosure import ledger
from callroom.core.disclosure.leaf_plan import WAVE_MINIMUMS, PlanUnit, make_plan
from callroom.core.disclosure.policy import DEFAULT_POLICY, Band
from callroom.core.disclosure.release import LeafFigures, Shown
from callroom.core.instruments import scale

UNIVBCT = Path(__file__).parents[3] / "shared/data/multilevel_univbct.csv"


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground(1)


# The arithmetic that the attacker assumes is the one that is used.


def test_the_attacker_knows_every_step_from_the_sum_to_the_published_mean(ground):
    compared = 0
    for wave in ground.waves[:120]:
        outcome = wave.release().outcome
        for item, figure in outcome.items.items() if isinstance(outcome, LeafFigures) else ():
            if isinstance(figure, Shown):
                values = wave.values(item)
                noise = FULL.drawn(wave.seed, wave=wave.wave, leaf=wave.asked.leaf, item=item)
                low = own_low(wave, item, DEFAULT_POLICY)
                assert FULL.mean(sum(values.values()), len(values), low, noise) == figure.mean_tenths
                compared += 1
    assert compared > 300


@given(st.integers(8, 60), st.integers(-2000, 2000), st.data())
def test_the_sums_that_fit_a_mean_are_those_that_lead_to_it(count, noise, data):
    total = data.draw(st.integers(0, RANGE * count))
    published = FULL.mean(total, count, 8, noise)

    low, high = FULL.sums(published, count, 8, (noise, noise))

    leading = [each for each in range(RANGE * count + 1) if FULL.mean(each, count, 8, noise) == published]
    assert (low, high) == (leading[0], leading[-1])
    assert low <= total <= high


# Structure: exact ranks.


def test_a_difference_of_two_rows_adds_nothing_to_them_and_a_part_does():
    leaves = [frozenset({1, 2, 3}), frozenset({4, 5})]

    assert not structure.adds_to(leaves, frozenset({1, 2, 3, 4, 5}))
    assert structure.adds_to(leaves, frozenset({1, 2}))
    assert structure.adds_to([frozenset({1, 2}), frozenset({2, 3})], frozenset({1, 3}))
    assert structure.adds_to([], frozenset({1}))


@given(st.lists(st.lists(st.integers(-3, 3), min_size=4, max_size=4), min_size=1, max_size=5))
def test_the_exact_rank_is_the_rank(rows):
    assert structure.rank(rows) == np.linalg.matrix_rank(np.array(rows))


# Integer programming: against trying all answers.


def figure(people, low, high, parts=None):
    return Published(
        "wave", "leaf", "item", range(1), frozenset({"unit"}), frozenset(people), (low, high), Fraction(50),
        Band(8, 11), 20, parts or {},
    )  # fmt: skip


sets = st.frozensets(st.integers(0, 3), min_size=1)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(sets, min_size=1, max_size=3), st.lists(st.integers(0, RANGE), min_size=4, max_size=4), st.integers(0, 2)
)
def test_the_solver_finds_what_trying_everything_finds(sets_of_people, truth, slack):
    sums = [sum(truth[person] for person in people) for people in sets_of_people]
    figures = [figure(p, total - slack, total + slack) for p, total in zip(sets_of_people, sums, strict=True)]

    found = solver.attack(figures)

    fitting = [
        answers
        for answers in product(range(RANGE + 1), repeat=4)
        if all(
            abs(sum(answers[p] for p in people) - total) <= slack
            for people, total in zip(sets_of_people, sums, strict=True)
        )
    ]
    for (_wave, _item, person), knowledge in found.items():
        possible = {answers[person] for answers in fitting}
        assert knowledge.possible == len(possible)
        assert (knowledge.least, knowledge.most) == (min(possible), max(possible))


def test_what_colluders_told_is_taken_off():
    known = {("wave", "item", person): RANGE for person in range(7)}

    (left,) = solver.attack([figure(range(8), 29, 29)], known).values()

    assert left.pinned
    assert left.least == 1


# What one's own answer adds.


def test_own_answers_add_at_most_range_over_scale_to_seven_colluders_and_nearly_that_much():
    most = max(
        gain.gains(gain.Mechanism(8, 8), (0.2,) * 5, told).max()
        for told in ([0] * 7, [2] * 7, [4] * 7, [0] * 3 + [4] * 4)
    )

    assert most == pytest.approx(gain.theory(), abs=0.001)
    assert gain.theory() < gain.LIMIT
    assert float(ledger.epsilon(DEFAULT_POLICY)) == pytest.approx(gain.theory())


@settings(max_examples=30, deadline=None)
@given(
    st.integers(8, 30),
    st.lists(st.floats(0.02, 1), min_size=5, max_size=5),
    st.lists(st.integers(0, 4), max_size=5),
)
def test_no_mean_tells_more_than_the_noise_allows(count, weights, told):
    usual = [weight / sum(weights) for weight in weights]
    low = max(band.low for band in DEFAULT_POLICY.bands if band.low <= count)

    assert gain.gains(gain.Mechanism(count, low), usual, told).max() <= gain.LIMIT


def test_a_mean_is_as_likely_as_the_tally_draws_it():
    """The table of chances against five thousand releases of the same eight answers."""
    wave = next(wave for wave in House(1).year(2) if wave.weeks == 1)
    wave = replace(wave, replacements=0, said={n: Said(True, (2, 2, 2, 2)) for n in range(8)})
    drawn = []
    for number in range(5000):
        outcome = replace(wave, seed=hashlib.sha256(str(number).encode()).digest()).release().outcome
        drawn.append(outcome.items["workload"].mean_tenths)
    expected = gain.chances(gain.Mechanism(8, 8))[16]
    seen = np.bincount(drawn, minlength=101) / 5000

    assert np.abs(np.cumsum(seen) - np.cumsum(expected)).max() < 1.63 / np.sqrt(5000)  # Kolmogorov, 1 %
    assert released(wave, wave.said.values()) == wave.release()


# All but one.


def test_all_but_one_know_the_last_answer_with_three_in_five_at_most():
    five = collusion.all_but_one(5)

    assert five.surest == pytest.approx(0.597, abs=0.001)
    assert five.guessed < 0.5
    assert collusion.all_but_one(5, noise_percent=50).surest == pytest.approx(0.429, abs=0.001)
    assert collusion.all_but_one(11).surest == pytest.approx(0.306, abs=0.001)


# Counts.


def test_a_count_over_three_leaves_that_leaves_one_size_is_found():
    leaves = [participation.Shown(name, Band(8, 11), 20) for name in "abc"]

    assert participation.faults(leaves, [participation.Counted(frozenset("abc"), 0, 33)]) == []
    assert len(participation.faults(leaves, [participation.Counted(frozenset("abc"), 0, 24)])) == 3
    assert participation.faults(leaves, [participation.Counted(frozenset("ab"), 0, 33)])


# Time.


@pytest.mark.parametrize("weeks", sorted(WAVE_MINIMUMS))
def test_a_year_of_figures_leaves_most_of_what_is_not_known_about_a_leaver(weeks):
    kept = overtime.measure(weeks, WAVE_MINIMUMS[weeks].eligible, years=40, seed=1)

    assert kept.expected >= overtime.LEAST_KEPT
    assert abs(kept.share - kept.expected) <= 3 * kept.error


def test_answers_spread_as_they_are_meant_to():
    for ratio in (0.74, 1.0, 1.1):
        spread = overtime.Spread(ratio)

        assert overtime.latent(spread).spread() == pytest.approx((spread.between, spread.within), rel=1e-6)


def test_smaller_leaves_without_noise_would_give_a_leaver_away():
    """The gate can fail: eight people and nobody ever away."""
    kept = overtime.measure(1, 11, years=6, seed=1, spread=overtime.Spread(0.3))

    assert kept.expected < overtime.LEAST_KEPT


@pytest.mark.skipif(not UNIVBCT.exists(), reason="the measurements of Bliese and Ployhart are not on this machine")
def test_real_people_move_about_as_much_as_they_differ():
    """Three scales, three times, 350 soldiers: spread within / between people of one company is 0.89 to 1.14."""
    ratios = [spread_of(scale) for scale in ("JSAT", "COMMIT", "READY")]

    assert [round(ratio, 2) for ratio in ratios] == [1.11, 0.89, 1.14]
    assert mean(ratios) >= overtime.Spread().ratio


def spread_of(scale: str) -> float:
    scores: dict[str, dict[str, float]] = defaultdict(dict)
    company = {}
    with UNIVBCT.open() as file:
        for row in csv.DictReader(file):
            if row[scale] not in {"", "NA"}:
                scores[row["SUBNUM"]][row["TIME"]] = float(row[scale])
                company[row["SUBNUM"]] = (row["BTN"], row["COMPANY"])
    whole = {person: times for person, times in scores.items() if len(times) == 3}
    sizes = defaultdict(list)
    for person, times in whole.items():
        for time, score in times.items():
            sizes[company[person], time].append(score)
    table = np.array([
        [score - mean(sizes[company[person], time]) for time, score in sorted(times.items())]
        for person, times in whole.items()
        if len(sizes[company[person], "0"]) >= 8
    ])  # fmt: skip
    covariance = np.cov(table.T)
    between = (covariance.sum() - np.trace(covariance)) / 6
    return float(np.sqrt((np.trace(covariance) / 3 - between) / between))


# The gate, and what must trip it.


@pytest.mark.parametrize("mood", sorted(MOODS))
def test_a_year_of_releases_pins_nobody_and_narrows_nothing(mood):
    waves = House(1, MOODS[mood], SHORT_SIZES).year()

    found = attack([(wave, wave.release()) for wave in waves], with_noise_known=False)

    assert found.faults() == []
    assert found.figures > 1000
    assert all(row.answers > 10_000 for row in found.solved)


FOUND_BY = {
    "live refresh": {"structure", "pinned", "width"},
    "late answer": {"structure", "pinned", "width"},
    "total beside parts": {"structure", "pinned", "width"},
    "filter by training year": {"structure"},
    "filters for many values": {"structure", "pinned", "width"},
    "exact mean of five": {"structure"},
    "item with three answers": {"structure"},
    "response percentage": {"counts"},
    "means on the lattice": {"counts"},
    "joined after closing": {"structure"},
    "no clamp": {"pinned", "width"},
    "band of everybody": {"counts"},
    "a person in two series": {"structure"},
    "counts per series": {"counts"},
    "own answers averaged": {"structure", "width"},
    "change between closings": {"structure"},
    "invented residents": {"pinned", "width"},
    "noise drawn anew": {"gain"},
    "half the noise": {"gain"},
}


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_each_planted_fault_is_found(name, ground):
    assert set(FAULTS[name](ground).by) == FOUND_BY[name]


def test_nothing_is_found_where_noise_is_fine_enough(ground):
    """The twin of "means on the lattice": the same attack on the arithmetic that is used."""
    assert lattice(ground, FULL).by == ()


def test_newcomers_make_no_leaf_stand():
    """The protection against invented residents: they do not count towards a plan's minimum for four weeks."""
    large = PlanUnit("large", "hospital", "programme", 30)

    def stands(counted: int) -> bool:
        units = [
            PlanUnit("hospital", None, "institution", 0),
            PlanUnit("crowded", "hospital", "programme", counted),
            large,
        ]
        return any(leaf.units == ("crowded",) for leaf in make_plan(units, {}))

    assert stands(2 + 22)
    assert not stands(2)


# The quarterly scale: 29 steps under the same clamp and noise.


@pytest.mark.parametrize(("count", "n_low"), [(8, 8), (12, 12)])
@pytest.mark.parametrize("middle", [4, 14, 24])
def test_a_score_of_the_quarterly_scale_adds_no_more_than_any_answer(count, n_low, middle):
    mechanism = gain.Mechanism(count, n_low, scale_range=scale.STEPS)
    usual = gain.shares([min(scale.STEPS, max(0, middle + turn)) for turn in range(-6, 7)], scale.STEPS)

    alone = gain.gains(mechanism, usual).max()
    colluding = max(gain.gains(mechanism, usual, told).max() for told in ((0, 0), (scale.STEPS, scale.STEPS)))
    halved = gain.gains(replace(mechanism, noise_percent=14), usual).max()

    assert 0 < alone <= colluding <= gain.LIMIT
    assert halved > gain.LIMIT, "half the noise is noticed"
