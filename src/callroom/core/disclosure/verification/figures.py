"""Checking one release body against its wave sheet: bands, clips, ranges, and nothing beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from callroom.core.anonymity.canonical import Json
from callroom.core.anonymity.fields import Fields, SheetError
from callroom.core.anonymity.kept_promises import PromisesAsked
from callroom.core.anonymity.sheets import SheetLeaf, WaveSheet
from callroom.core.disclosure.policy import HIDDEN_PEOPLE, Policy
from callroom.core.disclosure.release import COMMITMENT_LENGTH, COUNTS_STEP, TOO_FEW, Counts, clip_tenths, range_tenths

COUNTS: Final = ("issued", "replaced", "redeemed")
_COMMITMENT: Final = re.compile(rf"[0-9a-f]{{{2 * COMMITMENT_LENGTH}}}")


class BadFigure(ValueError):
    """A release body holds what its wave sheet does not allow."""


@dataclass(frozen=True, slots=True)
class Checked:
    """
    What a release body holds that is compared across waves, and the number of means.

    ``counts`` are those published, None where there are none.
    """

    counts: Counts | None
    commitment: str
    figures: int


def check_body(
    body: Json, sheet: WaveSheet, sheet_sha256: str, policy: Policy, promises: PromisesAsked | None = None
) -> Checked:
    """
    Check a release body.

    Every leaf of the sheet stands in it once, with the same units, people and names. A leaf has either a band and a
    figure for each item, or "too few". Only the items that are not core items may be "too few" alone, and those that the
    leaf was not asked are: ``promises``, whose hash the sheet names, take the place of another item. A commitment
    keeps its hash from being guessed. There is nothing else in it.

    :raises BadFigure: saying what is wrong
    """
    try:
        fields = Fields(body, "wave", "weeks", "wave_sheet", "leaves", "commitment", optional=(*COUNTS, "demo"))
        named = (fields.text("wave"), fields.number("weeks"), fields.text("wave_sheet"))
        _must(named == (sheet.wave, sheet.weeks, sheet_sha256), "it names another wave or another wave sheet")
        leaves = [_LeafBody(leaf) for leaf in fields.entries("leaves")]
        counts = _counts(fields)
        commitment = fields.text("commitment")
        _must(_COMMITMENT.fullmatch(commitment), "its commitment is not 32 bytes in hex")
        asked = {leaf.leaf: leaf for leaf in sheet.leaves}
        ids = [leaf.leaf for leaf in leaves]
        _must(len(set(ids)) == len(ids) and set(ids) == set(asked), "it has other leaves than the wave sheet")
        figures = sum(leaf.check(asked[leaf.leaf], sheet, policy, promises) for leaf in leaves)
    except SheetError as error:
        raise BadFigure(str(error)) from error
    return Checked(counts, commitment, figures)


def _counts(fields: Fields) -> Counts | None:
    """Return the published counts: all three, or none of them."""
    if not any(fields.has(name) for name in COUNTS):
        return None
    _must(all(fields.has(name) for name in COUNTS), "some counts are there and others are not")
    counts = Counts(*(fields.number(name) for name in COUNTS))
    published = (counts.issued, counts.replaced, counts.redeemed)
    _must(all(count % COUNTS_STEP == 0 for count in published), "a count is not rounded down to five")
    # Each was rounded down on its own: a replaced token may have been used beside the one that it replaced.
    most = counts.issued + counts.replaced + COUNTS_STEP
    _must(counts.redeemed <= most, "more tokens were redeemed than issued")
    return counts


class _LeafBody:
    """One leaf of a release body, as read."""

    def __init__(self, value: Json) -> None:
        """Read the fields; :raises SheetError: if others are there."""
        self._fields = Fields(value, "leaf", "units", "eligible", optional=("label", "state", "n", "items"))
        self.leaf = self._fields.text("leaf")

    def check(self, asked: SheetLeaf, sheet: WaveSheet, policy: Policy, promises: PromisesAsked | None) -> int:
        """Return how many means the leaf shows, each checked; :raises BadFigure: if one breaks a rule."""
        fields = self._fields
        same = (fields.texts("units"), fields.number("eligible")) == (asked.units, asked.eligible)
        _must(same, f"leaf {self.leaf} has other units or people than in the wave sheet")
        if fields.has("label"):
            _must(fields.members("label") == dict(asked.label), f"leaf {self.leaf} has another name")
        if fields.has("state"):
            hidden = fields.value("state") == TOO_FEW and not fields.has("n") and not fields.has("items")
            _must(hidden, f"leaf {self.leaf} is neither shown nor {TOO_FEW}")
            return 0
        _must(fields.has("n") and fields.has("items"), f"leaf {self.leaf} has no band or no items")
        n_low = self._n_low(asked, policy)
        items = fields.members("items")
        _must(items.keys() == {item.id for item in sheet.items}, f"leaf {self.leaf} has other items than were asked")
        for item in items.keys() - sheet.asked_of(self.leaf, promises):
            _must(
                items[item] == {"state": TOO_FEW}, f"leaf {self.leaf} has a figure for {item}, which it was not asked"
            )
        return sum(self._check_item(item, items[item], sheet, n_low, policy) for item in items)

    def _n_low(self, asked: SheetLeaf, policy: Policy) -> int:
        """Return the lower end of the leaf's band; it is one that the policy allows for so many eligible people."""
        shown = self._fields.entries("n")
        for band in policy.bands:
            high = None if band.high is None else min(band.high, asked.eligible)
            if shown == [band.low, high] and band.low <= asked.eligible - HIDDEN_PEOPLE:
                return band.low
        raise BadFigure(f"leaf {self.leaf} has the band {shown}, with {asked.eligible} people")

    def _check_item(self, item: str, value: Json, sheet: WaveSheet, n_low: int, policy: Policy) -> int:
        if isinstance(value, Mapping) and "state" in value:
            allowed = value == {"state": TOO_FEW} and item not in sheet.core
            _must(allowed, f"{item} of leaf {self.leaf} is neither shown nor {TOO_FEW}")
            return 0
        figure = Fields(value, "mean_tenths", "range_tenths")
        mean, ends = figure.number("mean_tenths"), figure.entries("range_tenths")
        bands = [n_low] if item in sheet.core else [band.low for band in policy.bands if band.low <= n_low]
        lows = [low for low in bands if ends == list(range_tenths(mean, low, policy))]
        _must(lows, f"the range of {item} of leaf {self.leaf} does not follow from its mean and band")
        low, high = clip_tenths(lows[-1])
        _must(low <= mean <= high, f"{item} of leaf {self.leaf} lies beyond what is published")
        return 1


def _must(holds: object, why: str) -> None:
    if not holds:
        raise BadFigure(why)
