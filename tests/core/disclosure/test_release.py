"""What a wave publishes, and what it never does."""

from __future__ import annotations

import hashlib
import math
import statistics
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.anonymity import canonical
from callroom.core.disclosure.noise import BadSeed
from callroom.core.disclosure.policy import DEFAULT_POLICY, Band
from callroom.core.disclosure.release import (
    BadAnswers,
    Counts,
    ItemAsked,
    LeafAsked,
    LeafFigures,
    LeafRelease,
    Shown,
    TooFew,
    build_body,
    clip_tenths,
    commitment,
    counts_of,
    index_of,
    leaf_index,
    range_tenths,
    release_leaf,
)
from tests.core.disclosure.strategies import CORE, DID_NOT_WORK, ITEMS, SEED, WAVE, Answer, emergency, said, wards


def release(given_answers, *, leaf=None, replacements=0, seed=SEED, items=ITEMS, core=CORE, wave=WAVE):
    return release_leaf(
        given_answers,
        leaf=leaf or emergency(),
        replacements=replacements,
        items=items,
        core=core,
        policy=DEFAULT_POLICY,
        seed=seed,
        wave=wave,
    )


def figures(released: LeafRelease) -> LeafFigures:
    assert isinstance(released.outcome, LeafFigures)
    return released.outcome


def seeds() -> st.SearchStrategy[bytes]:
    return st.binary(min_size=32, max_size=32)


# The promise


@given(ward=wards(), eligible=st.integers(0, 60), replacements=st.integers(0, 4), seed=seeds())
def test_fewer_than_eight_answers_are_never_a_number(ward, eligible, replacements, seed):
    released = release(ward, leaf=emergency(eligible), replacements=replacements, seed=seed)

    respondents = [answer for answer in ward if answer.worked and any(value is not None for value in answer.values[:3])]
    answered = {
        item.id: sum(answer.values[place] is not None for answer in respondents) - replacements
        for place, item in enumerate(ITEMS)
    }
    if min(answered[item] for item in CORE) < 8 or eligible < 11:
        assert released.outcome == TooFew()
    else:
        shown = figures(released).items
        assert all(isinstance(shown[item], Shown) for item in CORE)
        assert isinstance(shown["learning-time"], Shown) == (answered["learning-time"] >= 8)


@given(ward=wards(), seed=seeds())
def test_every_figure_is_clipped_and_inside_its_range(ward, seed):
    released = release(ward, leaf=emergency(60), seed=seed)

    if isinstance(released.outcome, LeafFigures):
        for figure in released.outcome.items.values():
            if isinstance(figure, Shown):
                assert 12 <= figure.mean_tenths <= 88
                low, high = figure.range_tenths
                assert 0 <= low < figure.mean_tenths < high <= 100
        low, high = clip_tenths(released.outcome.n.low)
        assert all(low <= released.outcome.items[item].mean_tenths <= high for item in CORE)


@given(ward=wards(), seed=seeds(), order=st.randoms(use_true_random=False))
def test_the_same_seed_gives_the_same_bytes_whatever_the_order(ward, seed, order):
    shuffled = list(ward)
    order.shuffle(shuffled)

    assert encoded([release(ward, seed=seed)]) == encoded([release(shuffled, seed=seed)])


@given(ward=wards(), eligible=st.integers(0, 60), seed=seeds(), counts=st.tuples(*[st.integers(0, 400)] * 3))
def test_a_body_is_canonical_and_holds_whole_numbers_only(ward, eligible, seed, counts):
    data = encoded([release(ward, leaf=emergency(eligible), seed=seed)], counts=Counts(*counts))

    body = canonical.decode(data)
    assert isinstance(body, dict)
    assert body["issued"] % 5 == body["replaced"] % 5 == body["redeemed"] % 5 == 0
    assert 0 <= counts[0] - body["issued"] < 5
    assert b"." not in data.replace(b"em-north+em-south", b"")


def encoded(leaves, counts=Counts(0, 0, 0)):  # noqa: B008 - a constant
    return canonical.encode(_body(leaves, counts))


def _body(leaves, counts=Counts(0, 0, 0), **more):  # noqa: B008 - a constant
    return build_body(
        **{"wave": WAVE, "weeks": 1, "wave_sheet": "0" * 64, "seed": SEED, **more}, leaves=leaves, counts=counts
    )


# Everybody answers the same


@pytest.mark.parametrize("value", [0, 4])
@pytest.mark.parametrize("people", [8, 12, 30])
def test_a_unanimous_group_is_released_like_one_with_a_dissenter(value, people):
    """The clamp: whatever the noise, "all gave the same end" and "all but one step's worth" publish the same."""
    other = 0 if value == 4 else 4
    all_same = [said(value, value, value, value)] * people
    one_other = [*all_same[1:], said(other, other, other, other)]

    for number in range(200):
        seed = number.to_bytes(32, "big")
        assert release(all_same, leaf=emergency(60), seed=seed) == release(one_other, leaf=emergency(60), seed=seed)


@pytest.mark.parametrize("value", range(5))
def test_a_unanimous_group_is_never_published_at_an_end(value):
    ward = [said(value, value, value, value)] * 12

    published = {
        figures(release(ward, seed=number.to_bytes(32, "big"))).items["workload"].mean_tenths for number in range(300)
    }

    assert len(published) > 1
    assert min(published) >= 8
    assert max(published) <= 92


# Who counts


def test_a_core_item_that_most_skip_makes_the_whole_leaf_too_few():
    ward = [said(3, 3, 3, 3)] * 7 + [said(3, None, 3, 3)] * 20

    assert release(ward, leaf=emergency(40)).outcome == TooFew()


def test_the_least_answered_core_item_gives_the_band():
    ward = [said(3, 3, 3, 3)] * 9 + [said(3, None, 3, 3)] * 20

    assert figures(release(ward, leaf=emergency(40))).n == Band(8, 11)


def test_a_rotating_item_has_its_own_number():
    ward = [said(3, 3, 3, 3)] * 7 + [said(3, 3, 3, None)] * 20

    shown = figures(release(ward, leaf=emergency(40)))

    assert shown.n == Band(24, None)
    assert shown.items["learning-time"] == TooFew()


def test_a_rotating_item_that_fewer_answered_has_a_wider_range():
    ward = [said(3, 3, 3, 2)] * 9 + [said(3, 3, 3, None)] * 20

    shown = figures(release(ward, leaf=emergency(40))).items

    mean = shown["learning-time"].mean_tenths
    assert shown["learning-time"].range_tenths == range_tenths(mean, 8, DEFAULT_POLICY)


def test_somebody_who_did_not_work_does_not_count():
    ward = [said(3, 3, 3, 3)] * 7 + [DID_NOT_WORK] * 20

    assert release(ward, leaf=emergency(40)).outcome == TooFew()


def test_somebody_who_answered_only_the_rotating_item_does_not_count():
    ward = [said(3, 3, 3, None)] * 8 + [said(None, None, None, 4)] * 8

    assert figures(release(ward)).items["learning-time"] == TooFew()


def test_replacements_are_taken_off():
    ward = [said(3, 3, 3, 3)] * 9

    assert isinstance(release(ward, replacements=1).outcome, LeafFigures)
    assert release(ward, replacements=2).outcome == TooFew()


def test_a_leaf_that_shrank_below_eleven_people_is_too_few():
    assert release([said(3, 3, 3, 3)] * 10, leaf=emergency(10)).outcome == TooFew()


def test_no_answers_at_all():
    assert release([]).outcome == TooFew()


# Noise


def test_noise_is_independent_of_other_leaves_items_and_waves():
    ward = [said(2, 2, 2, 2)] * 12
    means = set()
    for number in range(30):
        leaf = replace(emergency(), leaf=f"leaf-{number}")
        shown = figures(release(ward, leaf=leaf, wave=f"pulse/2026-W{number + 10}")).items
        means.add(tuple(figure.mean_tenths for figure in shown.values()))

    assert len(means) > 25


def test_one_answer_moves_the_odds_of_a_figure_by_less_than_e_to_3_6():
    """
    PRIVACY.md: at most 3.6 for every item and wave. An answer moves a sum by its range, 400 hundredths, at most; the
    odds of any noise then change by exp(400 / scale) at most.
    """
    answers = ItemAsked("workload", 5)

    assert 100 * answers.range / DEFAULT_POLICY.noise_scale(answers.range) < Fraction(36, 10)


def test_the_published_mean_is_right_on_average():
    """12 answers with mean 5.0 points: sd of the noise 2.8 x sqrt(2) / 12 = 0.33 points, so 3.3 tenths."""
    ward = [said(2, 2, 2, 2)] * 12
    means = [
        figures(release(ward, seed=number.to_bytes(32, "big"))).items[item].mean_tenths
        for number in range(700)
        for item in CORE
    ]

    assert statistics.fmean(means) == pytest.approx(50, abs=4 * 3.3 / math.sqrt(len(means)))
    assert statistics.pstdev(means) == pytest.approx(3.3, rel=0.1)


def test_the_stated_range_holds_the_true_mean():
    """Of all eligible people, in 95 % of cases at least: answers of 12 of 30 people with the spread that is assumed."""
    inside = total = 0
    for number in range(400):
        seed = number.to_bytes(32, "big")
        people = [1 + (place * 7 + number) % 4 - (place % 5 == 0) for place in range(30)]
        truth = Fraction(25 * sum(people), len(people))  # tenths
        start = number % 18
        ward = [said(value, value, value, value) for value in people[start : start + 12]]
        for figure in figures(release(ward, leaf=emergency(30), seed=seed)).items.values():
            low, high = figure.range_tenths
            inside += low <= truth <= high
            total += 1

    assert inside / total >= 0.95


# Published arithmetic


def test_worked_examples_of_the_protocol():
    assert range_tenths(43, 12, DEFAULT_POLICY) == (27, 59)  # PROTOCOL section 6: 4.3 has the range 2.7 to 5.9
    assert range_tenths(43, 8, DEFAULT_POLICY) == (23, 63)  # the example of a body


@pytest.mark.parametrize(("n_low", "clip"), [(8, (12, 88)), (12, (8, 92)), (16, (6, 94)), (24, (4, 96))])
def test_clips(n_low, clip):
    assert clip_tenths(n_low) == clip


@given(mean=st.integers(0, 100), n_low=st.sampled_from([8, 12, 16, 24]))
def test_a_range_is_the_formula_rounded_and_cut(mean, n_low):
    half = 19.6 * math.sqrt(2.5**2 / n_low + 2 * 2.8**2 / n_low**2)

    assert range_tenths(mean, n_low, DEFAULT_POLICY) == (max(0, round(mean - half)), min(100, round(mean + half)))


@given(means=st.tuples(*[st.integers(4, 96)] * 3), n_low=st.sampled_from([8, 12, 16, 24]))
def test_an_index_is_the_mean_with_its_own_range(means, n_low):
    half = 19.6 * math.sqrt(2.1**2 / n_low + 2 * 2.8**2 / (3 * n_low**2))
    parts = [Shown(mean, range_tenths(mean, n_low, DEFAULT_POLICY)) for mean in means]

    index = index_of(parts, n_low=n_low, policy=DEFAULT_POLICY)

    assert index.mean_tenths == round(sum(means) / 3)
    middle = index.mean_tenths
    assert index.range_tenths == (max(0, round(middle - half)), min(100, round(middle + half)))


def test_the_index_of_a_leaf():
    shown = figures(release([said(3, 3, 3, 3)] * 12, leaf=emergency(40)))
    index = leaf_index(shown, CORE, DEFAULT_POLICY)

    assert isinstance(index, Shown)
    assert index.mean_tenths == round(sum(shown.items[item].mean_tenths for item in CORE) / 3)
    assert leaf_index(LeafFigures(Band(8, 11), {}), CORE, DEFAULT_POLICY) == TooFew()


def test_an_index_of_nothing_is_refused():
    with pytest.raises(BadAnswers):
        index_of([], n_low=8, policy=DEFAULT_POLICY)


# The body


def test_a_body_is_spelled_as_in_the_protocol():
    shown = LeafRelease(
        LeafAsked("em", ("em-north", "em-south"), {"en": "Emergency", "es": "Urgencias"}, 13),
        LeafFigures(Band(8, 11), {"workload": Shown(43, (23, 63)), "learning-time": TooFew()}),
    )
    hidden = LeafRelease(LeafAsked("fellows", ("toxicology", "critical-care"), None, 12), TooFew())

    body = build_body(
        wave="pulse-2/2026-W46",
        weeks=2,
        wave_sheet="ab" * 32,
        leaves=[hidden, shown],
        counts=Counts(100, 4, 99) + Counts(134, 2, 105),
        seed=bytes(range(32)),
    )

    assert body == {
        "wave": "pulse-2/2026-W46",
        "weeks": 2,
        "wave_sheet": "ab" * 32,
        "leaves": [
            {
                "leaf": "em",
                "units": ["em-north", "em-south"],
                "label": {"en": "Emergency", "es": "Urgencias"},
                "eligible": 13,
                "n": [8, 11],
                "items": {
                    "workload": {"mean_tenths": 43, "range_tenths": [23, 63]},
                    "learning-time": {"state": "too few"},
                },
            },
            {"leaf": "fellows", "units": ["toxicology", "critical-care"], "eligible": 12, "state": "too few"},
        ],
        "commitment": "0905cd485bbba1cccd7bc32b26472a4050778dcf9ab3bfab5b8615e8f50b7dd5",
        "issued": 230,
        "replaced": 5,
        "redeemed": 200,
    }


def test_invented_answers_are_marked():
    body = _body([], demo=True)

    assert body["demo"] is True


def test_counts_are_published_where_three_leaves_close_together():
    one, two = (1, Counts(21, 1, 19)), (2, Counts(40, 0, 33))

    assert counts_of([one, two]) == Counts(61, 1, 52)
    assert counts_of([two]) is None
    assert counts_of([]) is None
    assert not {"issued", "replaced", "redeemed"} & _body([], None).keys()


def test_a_body_that_could_be_guessed_has_a_hash_that_cannot():
    """Eight people, all too few to be shown: without the commitment its hash says on Sunday what is read on Monday."""
    hidden = [LeafRelease(emergency(), TooFew())]

    same, other = encoded(hidden), canonical.encode(_body(hidden, seed=bytes(32)))

    assert encoded(hidden) == same
    assert hashlib.sha256(same).digest() != hashlib.sha256(other).digest()
    assert _body(hidden, wave="pulse/2026-W02")["commitment"] != _body(hidden)["commitment"]


def test_a_commitment_needs_a_whole_seed():
    with pytest.raises(BadSeed):
        commitment(b"short", WAVE)


def test_a_leaf_is_released_once():
    leaf = LeafRelease(emergency(), TooFew())

    with pytest.raises(BadAnswers):
        _body([leaf, leaf])


# What does not fit


@pytest.mark.parametrize(
    "answer", [said(1, 1, 1), said(1, 1, 1, 1, 1), said(5, 1, 1, 1), said(-1, 1, 1, 1), Answer(True, ())]
)
def test_an_answer_that_does_not_fit_is_refused(answer):
    with pytest.raises(BadAnswers):
        release([answer])


@pytest.mark.parametrize(
    "change",
    [
        {"items": (*ITEMS, ITEMS[0])},
        {"core": ()},
        {"core": ("sleep",)},
        {"items": (ItemAsked("workload", 1),), "core": ("workload",)},
        {"replacements": -1},
    ],
)
def test_a_questionnaire_that_does_not_fit_is_refused(change):
    with pytest.raises(BadAnswers):
        release([], **change)


# The quarterly scale: 29 steps, one sum, the same clamp and noise


SCALE_ITEMS = (*ITEMS[:3], ItemAsked("cbi-work", 29))


@given(
    steps=st.lists(st.integers(0, 28), min_size=8, max_size=24),
    who=st.integers(0, 23),
    instead=st.integers(0, 28),
    seed=seeds(),
)
def test_whatever_one_person_scored_the_same_release_could_have_come_of_any_other_score(steps, who, instead, seed):
    """Noise known, nobody colluding: nothing is pinned, on the scale's grid as on that of five options."""
    ward = [said(2, 2, 2, step) for step in steps]
    others = _others_that_make_up_for(steps, who % len(steps), instead)

    told = release(ward, leaf=emergency(60), seed=seed, items=SCALE_ITEMS)
    possible = release([said(2, 2, 2, step) for step in others], leaf=emergency(60), seed=seed, items=SCALE_ITEMS)

    assert others[who % len(steps)] == instead
    assert possible == told


def _others_that_make_up_for(steps, who, instead):
    """Return steps of the same clamped sum in which one person's is ``instead``."""
    rest = min(max(sum(steps), 28), 28 * (len(steps) - 1)) - instead
    found = []
    for place in range(len(steps)):
        share = instead if place == who else min(28, rest)
        found.append(share)
        rest -= 0 if place == who else share
    assert rest == 0
    return found


@given(steps=st.lists(st.integers(0, 28), min_size=8, max_size=60), seed=seeds())
def test_the_scales_figure_is_a_point_of_a_hundred_under_clip_and_range(steps, seed):
    outcome = figures(
        release([said(2, 2, 2, step) for step in steps], leaf=emergency(70), seed=seed, items=SCALE_ITEMS)
    )

    shown = outcome.items["cbi-work"]
    assert isinstance(shown, Shown)
    assert clip_tenths(outcome.n.low)[0] <= shown.mean_tenths <= clip_tenths(outcome.n.low)[1]
    assert shown.range_tenths == range_tenths(shown.mean_tenths, outcome.n.low, DEFAULT_POLICY)


def test_the_scales_noise_spends_what_that_of_any_item_spends():
    for options in (5, 29):
        item = ItemAsked("any", options)
        assert 100 * item.range / DEFAULT_POLICY.noise_scale(item.range) == Fraction(100, 28)
