"""The pooled engine on whole institutions: what it sees, what it stays quiet about, and that later weeks change nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callroom.core.signals import items, pooled
from callroom.core.signals.estimates import BadFigures, Estimate, Figure, Leaf, Settings, State
from tests.core.signals.institutions import MONDAY, day, institution


def first_falls(leaf: int, week: int) -> float:
    return -1.4 if leaf == 0 and week >= 80 else 0.0


def alarms(estimates: tuple[Estimate, ...]) -> list[Estimate]:
    return [estimate for estimate in estimates if estimate.alarm]


def test_a_fall_of_one_leaf_is_seen_confirmed_and_dated_and_the_others_stay_quiet() -> None:
    estimates = pooled.assess(institution(change=first_falls), settings=Settings())

    fallen = estimates["leaf-00"]
    assert day(80) <= alarms(fallen)[0].week <= day(85)
    told = next(estimate for estimate in fallen if estimate.confirmed)
    assert told.state is State.DECLINING
    assert told.start
    assert told.start_low
    assert told.start_high
    assert told.start_low <= told.start <= told.start_high
    assert day(77) <= told.start <= day(83)
    assert -1.9 < told.reasons.own_change < -0.9
    assert fallen[-1].level < 5.7
    assert not any(estimate.confirmed for key, found in estimates.items() if key != "leaf-00" for estimate in found)


def test_a_slow_drift_is_seen_before_it_is_complete() -> None:
    leaves = institution(change=lambda leaf, week: -1.5 * min(1, max(0, week - 79) / 12) if leaf == 0 else 0.0)

    found = alarms(pooled.assess(leaves, settings=Settings())["leaf-00"])

    assert found
    assert found[0].week <= day(95)


def test_a_recovery_is_told() -> None:
    leaves = institution(weeks=150, change=lambda leaf, week: -1.6 if leaf == 0 and 60 <= week < 100 else 0.0)

    states = [estimate.state for estimate in pooled.assess(leaves, settings=Settings())["leaf-00"]]

    assert State.DECLINING in states[60:90]
    assert State.RECOVERING in states[100:130]
    assert states[-1] is State.QUIET


def test_all_units_falling_together_is_the_institutions_story_and_nobodys_own() -> None:
    leaves = institution(change=lambda _leaf, week: -1.2 if week >= 80 else 0.0)

    estimates = pooled.assess(leaves, settings=Settings())

    after = [found[81] for found in estimates.values()]
    assert all(estimate.reasons.institution_shock < -0.7 for estimate in after)
    assert sum(len(alarms(found[80:])) for found in estimates.values()) <= 2
    assert not any(estimate.confirmed for found in estimates.values() for estimate in found)


@pytest.mark.parametrize("place", [-2.5, -1.0, 2.0])
def test_where_an_institution_stands_on_the_scale_is_no_shock(place: float) -> None:
    leaves = institution(12, 40, change=lambda _leaf, _week: place)

    estimates = pooled.assess(leaves, settings=Settings())

    shocks = [estimate.reasons.institution_shock for found in estimates.values() for estimate in found]
    assert max(map(abs, shocks)) < 0.5
    assert abs(sum(shocks) / len(shocks)) < 0.2
    assert not any(alarms(found) for found in estimates.values())


def test_many_declining_units_do_not_hide_one_another_nor_lift_the_rest() -> None:
    leaves = institution(leaves=18, change=lambda leaf, week: -1.4 if leaf < 7 and week >= 60 + 4 * leaf else 0.0)

    estimates = pooled.assess(leaves, settings=Settings())

    assert sum(bool(alarms(estimates[f"leaf-{place:02d}"])) for place in range(7)) == 7
    assert not any(estimate.confirmed for place in range(7, 18) for estimate in estimates[f"leaf-{place:02d}"])


@given(cut=st.integers(1, 59), seed=st.integers(0, 50))
@settings(max_examples=12)
def test_later_weeks_change_nothing(cut: int, seed: int) -> None:
    leaves = institution(7, 60, change=lambda leaf, week: -1.5 if leaf == 1 and week > 25 else 0.0,
                         length=lambda leaf: (1, 2, 4)[leaf % 3], seed=seed)  # fmt: skip
    until = [replace(leaf, figures=tuple(f for f in leaf.figures if f.week < day(cut))) for leaf in leaves]

    whole, part = pooled.assess(leaves, settings=Settings()), pooled.assess(until, settings=Settings())

    for key, estimates in part.items():
        assert estimates == whole[key][: len(estimates)]


def test_one_week_at_a_time_and_from_a_saved_memory_says_the_same() -> None:
    leaves = institution(5, 40)
    whole = pooled.assess(leaves, settings=Settings())

    memory, told = pooled.begin(Settings()), []
    for week in range(40):
        memory = pooled.load(pooled.dump(memory))
        figures = {leaf.key: (leaf.department, leaf.figures[week]) for leaf in leaves}
        told.append(pooled.advance(memory, day(week), figures))

    assert [week["leaf-03"] for week in told] == list(whole["leaf-03"])


def test_waves_of_one_two_and_four_weeks_live_in_one_institution() -> None:
    leaves = institution(12, 160, length=lambda leaf: (1, 2, 4)[leaf % 3],
                         change=lambda leaf, week: -1.8 if leaf in (0, 1, 2) and week >= 100 else 0.0)  # fmt: skip

    estimates = pooled.assess(leaves, settings=Settings())

    assert all(alarms(estimates[f"leaf-{place:02d}"]) for place in range(3))
    assert not any(estimate.confirmed for place in range(3, 12) for estimate in estimates[f"leaf-{place:02d}"])


def test_a_unit_with_one_week_is_too_early() -> None:
    leaf = Leaf("new", "", (Figure(MONDAY, 8, 11, 20),))

    (estimate,) = pooled.assess([leaf], settings=Settings())["new"]

    assert estimate.state is State.TOO_EARLY
    assert not estimate.alarm
    assert estimate.start is None
    assert estimate.low < estimate.level < estimate.high


def test_after_a_gap_of_months_less_is_known() -> None:
    leaves = institution(6, 120)
    gone = replace(leaves[0], figures=tuple(f for f in leaves[0].figures if not day(60) <= f.week < day(90)))

    estimates = pooled.assess([gone, *leaves[1:]], settings=Settings())["leaf-00"]

    before, after = estimates[59], estimates[60]
    assert after.week == day(90)
    assert after.high - after.low > before.high - before.low


def test_a_merged_leaf_begins_a_new_level_without_an_alarm() -> None:
    leaves = institution(9, 120, change=lambda leaf, week: -2.5 if leaf == 0 and week >= 80 else 0.0)
    joined = tuple(
        replace(figure, composition=("a",) if figure.week < day(80) else ("a", "b")) for figure in leaves[0].figures
    )

    estimates = pooled.assess([replace(leaves[0], figures=joined), *leaves[1:]], settings=Settings())["leaf-00"]

    assert not alarms(estimates[80:])
    assert estimates[80].state is State.TOO_EARLY
    assert estimates[80].reasons.figures == 1
    assert estimates[-1].level < 5


def test_a_leaf_that_splits_is_two_new_ones_and_neither_alarms() -> None:
    leaves = institution(9, 120, change=lambda leaf, week: -2.0 if leaf == 0 and week >= 80 else 0.0)
    both = replace(leaves[0], figures=leaves[0].figures[:80])
    apart = [replace(leaves[0], key=key, figures=leaves[0].figures[80:]) for key in ("half", "other-half")]

    estimates = pooled.assess([both, *apart, *leaves[1:]], settings=Settings())

    for key in ("half", "other-half"):
        assert estimates[key][0].state is State.TOO_EARLY
        assert not alarms(estimates[key])
        assert estimates[key][-1].level < 5.5
    assert not any(found[-1].confirmed for found in estimates.values())


def test_a_jump_at_a_questionnaire_change_is_a_new_beginning() -> None:
    leaves = institution(9, 120, change=lambda _leaf, week: -2.5 if week >= 80 else 0.0)
    asked = [
        replace(leaf, figures=tuple(
            replace(figure, composition=(leaf.key, "weekly-1" if figure.week < day(80) else "weekly-2"))
            for figure in leaf.figures
        ))
        for leaf in leaves
    ]  # fmt: skip

    estimates = pooled.assess(asked, settings=Settings())

    assert not any(alarms(found[80:]) for found in estimates.values())
    assert all(found[80].state is State.TOO_EARLY for found in estimates.values())


def test_a_fall_is_seen_while_those_who_suffer_stop_answering() -> None:
    leaves = institution(9, 120, change=lambda leaf, week: -1.6 if leaf == 0 and week >= 80 else 0.0)
    bands = [(24, None), (16, 23), (12, 15), (8, 11)]
    fewer = tuple(
        replace(figure, n_low=low, n_high=high)
        for week, figure in enumerate(leaves[0].figures)
        for low, high in [bands[min(3, max(0, (week - 76) // 4))]]
        if not (week > 92 and week % 3 == 0)  # then too few for a figure, every third week
    )

    estimates = pooled.assess([replace(leaves[0], figures=fewer), *leaves[1:]], settings=Settings())

    found = alarms(estimates["leaf-00"])
    assert found
    assert day(80) <= found[0].week <= day(90)
    assert not any(one.confirmed for key, told in estimates.items() if key != "leaf-00" for one in told)


def test_weeks_that_are_void_are_passed_over_and_a_fall_across_them_is_seen() -> None:
    leaves = institution(9, 120, change=lambda leaf, week: -1.5 if leaf == 0 and week >= 82 else 0.0)
    without = [replace(leaf, figures=leaf.figures[:80] + leaf.figures[84:]) for leaf in leaves]

    estimates = pooled.assess(without, settings=Settings())

    found = alarms(estimates["leaf-00"])
    assert found
    assert day(84) <= found[0].week <= day(92)
    assert not any(one.confirmed for key, told in estimates.items() if key != "leaf-00" for one in told)


def test_ten_thousand_units_are_judged_together() -> None:
    memory = pooled.begin(Settings())
    sizes = []
    for week in range(2):
        figures = {
            f"unit-{unit}": (f"department-{unit // 7}", Figure(day(week), 12, 15, 60 + (unit * 7 + week) % 9))
            for unit in range(10_000)
        }
        told = pooled.advance(memory, day(week), figures)
        sizes.append(len(pooled.dump(memory)))

    assert len(told) == 10_000
    assert all(estimate.state is State.TOO_EARLY for estimate in told.values())
    assert sizes[0] == sizes[1]  # what is kept of a unit does not grow with its weeks


def test_a_constant_series_is_quiet() -> None:
    leaves = [Leaf(f"u{place}", "", tuple(Figure(day(week), 12, 15, 70) for week in range(100))) for place in range(4)]

    estimates = pooled.assess(leaves, settings=Settings())

    assert not any(alarms(found) for found in estimates.values())
    assert estimates["u0"][-1].level == pytest.approx(7.0, abs=0.1)


def test_a_leaf_at_the_ceiling_is_quiet_and_its_fall_is_seen() -> None:
    leaves = institution(9, 120)
    at_the_clip = tuple(Figure(day(week), 8, 11, 88 if week < 90 else 70) for week in range(120))

    estimates = pooled.assess([replace(leaves[0], figures=at_the_clip), *leaves[1:]], settings=Settings())["leaf-00"]

    assert not alarms(estimates[:90])
    assert alarms(estimates[90:])


def test_a_leaf_at_the_floor_is_quiet_and_its_rise_is_no_alarm() -> None:
    leaves = institution(9, 120, change=lambda _leaf, _week: -4.0)  # where all are low, one is at the end of the scale
    at_the_clip = tuple(Figure(day(week), 8, 11, 12 if week < 90 else 40) for week in range(120))

    estimates = pooled.assess([replace(leaves[0], figures=at_the_clip), *leaves[1:]], settings=Settings())["leaf-00"]

    assert not alarms(estimates)
    assert estimates[89].level < 2.5
    assert estimates[-1].level > 3


def test_changing_bands_alone_raise_nothing() -> None:
    bands = [(8, 11), (24, None), (12, 15), (16, 23)]
    figures = tuple(Figure(day(week), *bands[week % 4], 65 + (week * 7) % 5 - 2) for week in range(100))

    assert not alarms(pooled.assess([Leaf("a", "", figures)], settings=Settings())["a"])


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ((Figure(MONDAY, 8, 11, 60), Figure(MONDAY, 8, 11, 61)), "stands after"),
        ((Figure(day(1), 8, 11, 60), Figure(MONDAY, 8, 11, 61)), "stands after"),
        ((Figure(MONDAY + timedelta(days=1), 8, 11, 60),), "Monday"),
        ((Figure(MONDAY, 8, 11, 101),), "off the scale"),
        ((Figure(MONDAY, 8, 11, 50, 5),), "one to four"),
        ((Figure(MONDAY, 12, 11, 50),), "band"),
    ],
)
def test_figures_that_mean_nothing_are_refused(figures: tuple[Figure, ...], reason: str) -> None:
    with pytest.raises(BadFigures, match=reason):
        pooled.assess([Leaf("a", "", figures)], settings=Settings())


def test_a_refused_week_leaves_the_memory_as_it_was() -> None:
    memory = pooled.begin(Settings())
    pooled.advance(memory, day(3), {"a": ("", Figure(day(3), 8, 11, 60))})
    before = pooled.dump(memory)

    with pytest.raises(BadFigures, match="not the next one"):
        pooled.advance(memory, day(3), {"a": ("", Figure(day(3), 8, 11, 60))})

    assert pooled.dump(memory) == before


@pytest.mark.parametrize("wrong", [{"false_alarms_per_unit_year": 0.0}, {"noise_scale": -1.0},
                                   {"confirm_probability": 1.0}, {"academic_year_start": (2, 30)}])  # fmt: skip
def test_settings_that_mean_nothing_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        Settings(**wrong)


def test_an_item_is_compared_before_and_after_the_start() -> None:
    leaf = institution(change=first_falls)[0]

    found = items.compare(leaf.figures, day(80), since=MONDAY, noise_scale=2.8)

    assert found
    assert found.low < -1.4 < found.high
    assert found.fell


def test_an_item_with_one_figure_since_the_start_is_not_compared() -> None:
    leaf = institution(1, 20)[0]

    assert items.compare(leaf.figures, day(19), since=MONDAY, noise_scale=2.8) is None
