"""
Asking about a kept promise: the text that stands in a question, per leaf, and how a wave sheet commits to it.

A wave sheet has no place for a text, and browsers of earlier versions refuse a sheet with another field. Its ``wording``
names the SHA-256 of these bytes instead (``2026-1+promises-<64 hex digits>``): whoever compares a sheet has compared every
text in it, and nobody can be shown another one under the same sheet. The bytes are the same for everybody, all leaves'
texts in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from callroom.core.anonymity import canonical
from callroom.core.anonymity.canonical import Encodable, Json
from callroom.core.anonymity.chain import sha256_hex
from callroom.core.anonymity.fields import Fields, SheetError, is_name, must
from callroom.core.instruments import weekly

NOTICED: Final = weekly.PROMISE_NOTICED.id
EFFECT: Final = weekly.PROMISE_EFFECT.id
ITEMS: Final = (NOTICED, EFFECT)
"""In the order in which they stand in a sheet: after the item of the bank whose place they take."""
LONGEST_TEXT: Final = 400

_NAMED: Final = re.compile(r"(?P<words>.+)\+promises-(?P<sha256>[0-9a-f]{64})")
_MONTH: Final = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class PromiseAsked:
    """
    What one leaf is asked about one promise, in place of the item whose turn it is.

    ``promise``: its number; ``said``: the month in which it was made, ``2026-09``; ``text`` stands in ``language``.
    """

    leaf: str
    item: str
    promise: int
    said: str
    language: str
    text: str

    def __post_init__(self) -> None:
        must(is_name(self.leaf) and self.item in ITEMS and self.promise >= 0, "promises", "no leaf, item or number")
        must(_MONTH.fullmatch(self.said) is not None, "promises", f"{self.said} is no month")
        must(self.language in weekly.LANGUAGES, "promises", f"nobody reads {self.language} here")
        # No more than this: what one language calls a space and the other does not would stop a whole wave.
        must(0 < len(self.text) <= LONGEST_TEXT, "promises", f"promise {self.promise} has no proper text")

    @classmethod
    def from_payload(cls, value: Json) -> Self:
        """:raises SheetError: if it is nothing that can be asked"""
        fields = Fields(value, "leaf", "item", "promise", "said", "language", "text")
        return cls(
            leaf=fields.text("leaf"),
            item=fields.text("item"),
            promise=fields.number("promise"),
            said=fields.text("said"),
            language=fields.text("language"),
            text=fields.text("text"),
        )

    def to_payload(self) -> dict[str, Encodable]:
        """Return the JSON object among those of its wave."""
        return {
            "leaf": self.leaf,
            "item": self.item,
            "promise": self.promise,
            "said": self.said,
            "language": self.language,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class PromisesAsked:
    """All that one wave asks about promises: each leaf once, in the order of their ids."""

    wave: str
    asked: tuple[PromiseAsked, ...]

    def __post_init__(self) -> None:
        leaves = [each.leaf for each in self.asked]
        must(leaves and leaves == sorted(set(leaves)), "promises", "no leaf, one twice, or not in order")

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """:raises SheetError: if these are not the canonical bytes of what a wave asks about promises"""
        try:
            fields = Fields(canonical.decode(data), "wave", "asked")
        except canonical.CanonicalError as error:
            raise SheetError("promises", "not canonical JSON") from error
        return cls(fields.text("wave"), tuple(PromiseAsked.from_payload(each) for each in fields.entries("asked")))

    def to_payload(self) -> dict[str, Encodable]:
        """Return the payload whose hash the wave sheet names."""
        return {"wave": self.wave, "asked": [each.to_payload() for each in self.asked]}

    @property
    def sha256(self) -> str:
        """Return the hash of the canonical bytes."""
        return sha256_hex(canonical.encode(self.to_payload()))

    @property
    def items(self) -> tuple[str, ...]:
        """Return the items about promises that any leaf is asked, in the order of a sheet."""
        wanted = {each.item for each in self.asked}
        return tuple(item for item in ITEMS if item in wanted)

    def of_leaf(self, leaf: str) -> PromiseAsked | None:
        """Return what a leaf is asked; None where its place belongs to the item whose turn it is."""
        return next((each for each in self.asked if each.leaf == leaf), None)


def wording(words: str, promises_sha256: str) -> str:
    """Return what a sheet says of its words when it asks about promises: the usual ones, and the hash of the texts."""
    return f"{words}+promises-{promises_sha256}"


def parts_of(said: str) -> tuple[str, str]:
    """Return the usual words that a sheet's ``wording`` names, and the hash of the texts; empty where it has none."""
    match = _NAMED.fullmatch(said)
    return (match["words"], match["sha256"]) if match else (said, "")


def check_named(said: str, items: Iterable[str], core: Iterable[str]) -> None:
    """
    Check that a sheet asks about promises exactly when it commits to their texts, and never as part of the core.

    :raises SheetError: with code "items" or "core"
    """
    about = set(ITEMS).intersection(items)
    must(
        bool(about) == bool(parts_of(said)[1]), "items", "promises are asked about without their texts, or the reverse"
    )
    must(about.isdisjoint(core), "core", "what is asked about a promise is no core item")


def check_against(promises: PromisesAsked, *, wave: str, leaves: Iterable[str], items: Iterable[str]) -> None:
    """
    Check that the texts are those of this sheet: its wave, leaves that it asks, and the items that it names.

    :raises SheetError: with code "promises"
    """
    must(promises.wave == wave, "promises", "the promises are asked about in another wave")
    must({each.leaf for each in promises.asked} <= set(leaves), "promises", "a leaf that is not asked has a promise")
    must(set(promises.items) == set(ITEMS).intersection(items), "promises", "the sheet names other items")


def asked_of(leaf: str, items: Sequence[str], core: Sequence[str], promises: PromisesAsked | None) -> frozenset[str]:
    """
    Return the items of a sheet that one leaf is asked: the core, and one in the rotating place.

    A leaf with a promise is asked about it, every other one what takes its turn: nobody is asked more than without it.
    """
    about = promises.of_leaf(leaf) if promises else None
    if about is not None:
        return frozenset((*core, about.item))
    return frozenset(item for item in items if item not in ITEMS)
