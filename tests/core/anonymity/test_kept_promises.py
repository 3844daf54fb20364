"""What is asked about kept promises: the sheet commits to it, each leaf is asked one item beside the core, nothing else is sound."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.anonymity import canonical, kept_promises
from callroom.core.anonymity.kept_promises import PromiseAsked, PromisesAsked
from callroom.core.anonymity.sheets import SheetError, WaveSheet, check_promises
from tests.core.anonymity import examples, mutations

VECTORS = examples.read("promises")
SHEET = WaveSheet.from_bytes(VECTORS["sheet"].encode())


def test_the_vectors_are_reproduced() -> None:
    promises = PromisesAsked.from_bytes(VECTORS["promises"].encode())

    assert promises == examples.promises_asked()
    assert promises.sha256 == VECTORS["sha256"] == SHEET.promises_sha256
    assert kept_promises.parts_of(SHEET.wording) == (VECTORS["words"], VECTORS["sha256"])
    check_promises(SHEET, promises)


def test_each_leaf_is_asked_the_core_and_one_more() -> None:
    promises = examples.promises_asked()
    leaves = [leaf.leaf for leaf in SHEET.leaves]

    for leaf in leaves:
        assert SHEET.asked_of(leaf, promises) == {*VECTORS["asked"][leaf]} > {*SHEET.core}
        assert len(VECTORS["asked"][leaf]) == len(SHEET.core) + 1
    assert [*VECTORS["asked_without"]] == [item.id for item in examples.wave_sheet().items]
    assert SHEET.asked_of(leaves[0], None) == {*VECTORS["asked_without"]}


@pytest.mark.parametrize("refused", VECTORS["refused"], ids=lambda refused: refused["name"])
def test_what_does_not_belong_to_the_sheet_is_refused(refused: dict[str, Any]) -> None:
    value = [refused["value"]] if "value" in refused else []
    changed = mutations.apply(canonical.decode(VECTORS["promises"].encode()), refused["path"], *value)

    with pytest.raises(SheetError):
        use(canonical.encode(changed))


def use(data: bytes) -> None:
    """Read it and hold it against the sheet, whose hash would catch every change by itself."""
    leaves, items = (leaf.leaf for leaf in SHEET.leaves), (item.id for item in SHEET.items)
    kept_promises.check_against(PromisesAsked.from_bytes(data), wave=SHEET.wave, leaves=leaves, items=items)


def test_another_text_is_another_hash_and_refused() -> None:
    first, second = examples.promises_asked().asked
    other = PromisesAsked(examples.WAVE, (replace(first, text="Something else"), second))

    with pytest.raises(SheetError, match="other texts"):
        check_promises(SHEET, other)


def test_no_question_about_a_promise_is_part_of_the_core() -> None:
    with pytest.raises(SheetError) as refused:
        replace(SHEET, core=(*SHEET.core, kept_promises.NOTICED))

    assert refused.value.code == "core"


@given(st.text(min_size=1, max_size=kept_promises.LONGEST_TEXT))
def test_whatever_leaders_write_comes_back_as_it_was(text: str) -> None:
    try:
        canonical.encode(text)
    except canonical.CanonicalError:
        return  # half a character: no form takes it either
    asked = PromisesAsked(
        examples.WAVE, (PromiseAsked("dermatology", kept_promises.NOTICED, 1, "2026-09", "es", text),)
    )

    assert PromisesAsked.from_bytes(canonical.encode(asked.to_payload())) == asked
