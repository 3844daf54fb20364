"""Nothing but noisy sums and bands leaves the tally: what a release may hold, and who may open an answer at all."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.disclosure.policy import DEFAULT_POLICY
from callroom.core.disclosure.release import Counts, ItemAsked, LeafAsked, build_body, release_leaf
from callroom.pulse.actions import closing
from callroom.pulse.stores.register import Counts as Fetched
from tests.core.disclosure.strategies import Answer, wards
from tests.rules.house import SOURCE, python_files

ITEMS = [ItemAsked(name, 5) for name in ("workload", "support", "voice", "respect")]
CORE = ["workload", "support", "voice"]
LOWEST = {band.low for band in DEFAULT_POLICY.bands}
HIGHEST = {band.high for band in DEFAULT_POLICY.bands}

# Where an answer may be opened, and why.
OPENERS = {
    "pulse/actions/closing.py": {"open_sealed", "decode_answers"},  # the tally, once, in memory
    "pulse/history.py": {"decode_answers"},  # the demo's seeded past, which nobody sealed
}
# The functions of the closing that may look into a tally: they count, or they hand everything to core.disclosure.
MAY_LOOK = {"counts", "release_body", "overfull"}
ODD = {"unreadable", "forged", "overfull"}


def body_of(answers: Sequence[Answer], eligible: int, replaced: int) -> dict[str, Any]:
    leaf = LeafAsked("emergency", ("emergency",), {"en": "Emergency", "es": "Urgencias"}, eligible)
    released = release_leaf(
        answers, leaf=leaf, replacements=replaced, items=ITEMS, core=CORE, policy=DEFAULT_POLICY, seed=bytes(32), wave="pulse/2026-W47"
    )  # fmt: skip
    counts = Counts(issued=eligible, replaced=replaced, redeemed=len(answers))
    body = build_body(
        wave="pulse/2026-W47", weeks=1, wave_sheet="0" * 64, leaves=[released], counts=counts, seed=bytes(32)
    )
    return dict(body)


@given(wards(most=60), st.integers(0, 80), st.integers(0, 3))
def test_a_release_holds_these_things_and_no_others(answers: list[Answer], eligible: int, replaced: int) -> None:
    body = body_of(answers, eligible, replaced)

    assert set(body) == {"wave", "weeks", "wave_sheet", "leaves", "commitment", "issued", "replaced", "redeemed"}
    for name in ("issued", "replaced", "redeemed"):
        assert body[name] % 5 == 0
    (leaf,) = body["leaves"]
    if "state" in leaf:
        assert set(leaf) == {"leaf", "units", "label", "eligible", "state"}
        assert leaf["state"] == "too few"
    else:
        assert set(leaf) == {"leaf", "units", "label", "eligible", "n", "items"}
        assert set(leaf["items"]) == {item.id for item in ITEMS}


@given(wards(most=60), st.integers(0, 80))
def test_every_number_about_answers_is_a_band_or_noisy_tenths(answers: list[Answer], eligible: int) -> None:
    (leaf,) = body_of(answers, eligible, 0)["leaves"]
    if "state" in leaf:
        return

    low, high = leaf["n"]
    assert low in LOWEST
    assert high in HIGHEST | {eligible}
    for figure in leaf["items"].values():
        if figure == {"state": "too few"}:
            continue
        assert set(figure) == {"mean_tenths", "range_tenths"}
        mean, (lowest, highest) = figure["mean_tenths"], figure["range_tenths"]
        assert 0 <= lowest <= mean <= highest <= 100


@given(st.integers(8, 11), st.integers(8, 11))
def test_within_a_band_nothing_but_the_mean_depends_on_how_many_answered(one: int, other: int) -> None:
    """Eight or eleven who all say the same: the same band, and ranges of the same width."""
    first, second = (body_of([Answer(True, (2, 2, 2, 2))] * count, 20, 0)["leaves"][0] for count in (one, other))

    assert first["n"] == second["n"] == [8, 11]
    assert widths(first) == widths(second)


def widths(leaf: dict[str, Any]) -> list[int]:
    return [high - low for low, high in (figure["range_tenths"] for figure in leaf["items"].values())]


def short(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@pytest.mark.parametrize("path", [p for p in python_files() if p.relative_to(SOURCE).parts[0] != "core"], ids=short)
def test_answers_are_opened_in_one_place(path: Path) -> None:
    used = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute | ast.Name)
    }

    assert used & {"open_sealed", "decode_answers"} <= OPENERS.get(short(path), set())


def test_only_counting_and_disclosure_look_into_a_tally() -> None:
    tree = ast.parse((SOURCE / "pulse/actions/closing.py").read_text(encoding="utf-8"))
    lookers = {
        function.name
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and node.attr == "answers"
    }

    assert lookers == MAY_LOOK


def test_what_was_odd_about_answers_leaves_the_closing_as_yes_or_no() -> None:
    tree = ast.parse((SOURCE / "pulse/actions/closing.py").read_text(encoding="utf-8"))
    inside = {
        function.name: {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)} & ODD
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
    }

    assert {name: odd for name, odd in inside.items() if odd} == {"counts": {"unreadable"}, "_how_odd": ODD}
    assert closing._how_odd(closing.Tally({}, Fetched({}, {}), unreadable=7, forged=0)) == {
        "unreadable": 1,
        "forged": 0,
        "overfull": 0,
    }
