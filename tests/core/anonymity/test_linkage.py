"""Joining by order: an order that tells finds everybody, one that tells nothing is luck."""

from __future__ import annotations

from random import Random
from statistics import fmean, pvariance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.anonymity.linkage import Score, Trace, join, join_next, luck, score

SIZES = st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=6)


def world(
    sizes: list[int], chance: Random
) -> tuple[list[Trace[str]], list[Trace[bytes]], dict[tuple[int, str], bytes]]:
    """Return people and answers that came in the same order, and whose is whose."""
    people, answers, truth = [], [], {}
    for group, size in enumerate(sizes):
        for place in range(size):
            who, what = f"{group}-{place}", chance.randbytes(32)
            people.append(Trace(group, who, (place,)))
            answers.append(Trace(group, what, (7, place)))
            truth[group, who] = what
    chance.shuffle(people)
    chance.shuffle(answers)
    return people, answers, truth


@given(sizes=SIZES, seed=st.integers(min_value=0))
def test_two_orders_that_agree_link_everybody(sizes: list[int], seed: int) -> None:
    chance = Random(seed)
    people, answers, truth = world(sizes, chance)

    found = score(join(people, answers, chance.shuffle), truth)

    assert (found.linked, found.share) == (sum(sizes), 1.0)
    assert found.chance == len(sizes) / sum(sizes)


def test_an_order_that_tells_nothing_is_luck_and_z_says_so() -> None:
    chance = Random(1)
    sizes = [2, 5, 9, 12]
    zs = []
    for _round in range(3000):
        people, answers, truth = world(sizes, chance)
        blind = [Trace(trace.group, trace.thing, None) for trace in people]
        zs.append(score(join(blind, answers, chance.shuffle), truth).z)

    assert fmean(zs) == pytest.approx(0, abs=0.08)
    assert pvariance(zs) == pytest.approx(1, abs=0.12)


def test_ties_are_broken_at_random_and_the_rest_is_still_found() -> None:
    chance = Random(2)
    people = [Trace(0, who, (hour,)) for who, hour in (("ana", 1), ("bruno", 1), ("carla", 2))]
    answers = [Trace(0, what, (place,)) for place, what in enumerate((b"a", b"b", b"c"))]
    truth = {(0, "ana"): b"a", (0, "bruno"): b"b", (0, "carla"): b"c"}

    linked = [score(join(people, answers, chance.shuffle), truth).linked for _round in range(400)]

    assert set(linked) == {1, 3}
    assert fmean(linked) == pytest.approx(2, abs=0.2)


def test_who_has_no_answer_and_answers_without_anybody_are_left_over() -> None:
    people = [Trace(0, "ana", (1,)), Trace(0, "bruno", (2,)), Trace(1, "carla", (1,))]
    answers = [Trace(0, b"a", (1,)), Trace(2, b"z", (1,))]

    assert join(people, answers, Random(3).shuffle) == {(0, "ana"): b"a"}


def test_scores_of_several_waves_add_up() -> None:
    together = Score(3, 10, 2, 2) + Score(1, 6, 1, 1)

    assert together == Score(4, 16, 3, 3)
    assert together.within(1.0)
    assert not Score(9, 10, 1, 1).within(3.0)


def test_the_next_answer_is_found_where_only_some_people_left_an_instant() -> None:
    people = [Trace(0, "ana", (100,)), Trace(0, "bruno", None), Trace(0, "carla", (300,)), Trace(0, "dario", (900,))]
    answers = [Trace(0, b"a", (140,)), Trace(0, b"b", (200,)), Trace(0, b"c", (310,)), Trace(0, b"d", (400,))]

    joined = join_next(people, answers, Random(4).shuffle)

    assert (joined[0, "ana"], joined[0, "carla"]) == (b"a", b"c")
    assert {joined[0, "bruno"], joined[0, "dario"]} == {b"b", b"d"}


def test_instants_that_tell_nothing_are_luck() -> None:
    chance = Random(5)
    zs = []
    for _round in range(2000):
        people, answers, truth = world([5, 9, 12], chance)
        at = [Trace(trace.group, trace.thing, (chance.randrange(99),)) for trace in people if chance.random() < 0.6]
        none = [Trace(trace.group, trace.thing, None) for trace in people[: len(people) - len(at)]]
        named = {(trace.group, trace.thing) for trace in at}
        unseen = [Trace(*who, None) for who in truth if who not in named]
        assert len(none) == len(unseen)
        zs.append(score(join_next([*at, *unseen], answers, chance.shuffle), truth).z)

    assert fmean(zs) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(("groups", "size"), [(1, 12), (3, 20), (8, 7)])
def test_luck_is_as_wide_as_blind_guesses_are(groups: int, size: int) -> None:
    chance = Random(31)
    people = [Trace(number % groups, number, None) for number in range(groups * size)]
    truth = {(trace.group, trace.thing): bytes([trace.thing]) for trace in people}
    answers = [Trace(group, message, None) for (group, _who), message in truth.items()]
    least, most = luck(groups)

    found = [score(join(people, answers, chance.shuffle), truth).linked for _ in range(2000)]

    assert sum(least <= each <= most for each in found) >= 0.98 * len(found)
    assert sum(each >= most for each in found) > 0, "it is no wider than it has to be"
