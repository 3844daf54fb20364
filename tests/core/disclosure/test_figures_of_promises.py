"""A release of a wave that asks about promises is accepted, and refused with a figure for what a leaf was not asked."""

from __future__ import annotations

import pytest

from callroom.core.anonymity.kept_promises import EFFECT, NOTICED
from callroom.core.anonymity.sealing import Answers
from callroom.core.disclosure import release
from callroom.core.disclosure.policy import Policy
from callroom.core.disclosure.verification.figures import BadFigure, Checked, check_body
from tests.core.anonymity import examples
from tests.core.disclosure.strategies import SEED

SHEET = examples.sheet_with_promises()
PROMISES = examples.promises_asked()
POLICY = Policy.from_payload(SHEET.policy)


def checked(answered: dict[str, set[str]]) -> Checked:
    """Check a release in which ten people of each leaf answered these items."""
    leaves = [
        release.release_leaf(
            [Answers(worked=True, values=tuple(2 if item.id in answered[leaf.leaf] else None for item in SHEET.items))]
            * 10,
            leaf=release.LeafAsked(leaf.leaf, leaf.units, leaf.label, leaf.eligible),
            replacements=0,
            items=[release.ItemAsked(item.id, item.values) for item in SHEET.items],
            core=SHEET.core,
            policy=POLICY,
            seed=SEED,
            wave=SHEET.wave,
        )
        for leaf in SHEET.leaves
    ]
    body = release.build_body(
        wave=SHEET.wave, weeks=SHEET.weeks, wave_sheet=SHEET.sha256, leaves=leaves, counts=None, seed=SEED
    )
    return check_body(body, SHEET, SHEET.sha256, POLICY, PROMISES)


def asked() -> dict[str, set[str]]:
    return {leaf.leaf: {*SHEET.asked_of(leaf.leaf, PROMISES)} for leaf in SHEET.leaves}


def test_four_figures_a_leaf_are_accepted() -> None:
    assert checked(asked()).figures == 4 + 4


@pytest.mark.parametrize(
    ("leaf", "item"),
    [("dermatology", "learning-time"), ("dermatology", NOTICED), ("em-north+em-south", EFFECT)],
)
def test_a_fifth_is_refused(leaf: str, item: str) -> None:
    answered = asked()
    answered[leaf].add(item)

    with pytest.raises(BadFigure, match=f"leaf .* has a figure for {item}, which it was not asked"):
        checked(answered)
