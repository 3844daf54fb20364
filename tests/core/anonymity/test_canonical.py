"""One value, one spelling."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.anonymity import canonical
from callroom.core.anonymity.canonical import CanonicalError
from tests.core.anonymity import examples
from tests.core.anonymity.make_vectors import CANONICAL

texts = st.text(st.characters(exclude_categories=["Cs"]))
leaves = st.none() | st.booleans() | st.integers(-canonical.LARGEST, canonical.LARGEST) | texts
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20)


@given(values)
def test_decoding_gives_what_was_encoded(value: Any) -> None:
    assert canonical.decode(canonical.encode(value)) == value


@given(st.dictionaries(texts, leaves, min_size=2))
def test_the_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))

    assert canonical.encode(turned) == canonical.encode(value)


@given(values)
def test_any_other_spelling_is_refused(value: Any) -> None:
    spaced = json.dumps(value, indent=1, ensure_ascii=False).encode()

    if spaced != canonical.encode(value):
        with pytest.raises(CanonicalError):
            canonical.decode(spaced)


@given(st.binary())
def test_any_bytes_are_canonical_or_refused(data: bytes) -> None:
    try:
        value = canonical.decode(data)
    except CanonicalError:
        return
    assert canonical.encode(value) == data


def test_the_vectors_are_reproduced() -> None:
    vectors = examples.read("canonical")

    assert [canonical.encode(value).decode() for value in CANONICAL] == vectors["canonical"]
    assert [canonical.encode(canonical.decode(text.encode())).decode() for text in vectors["canonical"]] == vectors[
        "canonical"
    ]


@pytest.mark.parametrize("text", examples.read("canonical")["refused"])
def test_what_is_not_canonical_is_refused(text: str) -> None:
    with pytest.raises(CanonicalError):
        canonical.decode(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        canonical.LARGEST + 1,
        -canonical.LARGEST - 1,
        "\ud800",
        {"\ud800": 1},
        {1: 2},
        b"bytes",
        {1, 2},
    ],
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(CanonicalError):
        canonical.encode([value])


def test_nesting_ends_at_thirty_two() -> None:
    deep: Any = 0
    for _ in range(canonical.DEEPEST):
        deep = [deep]
    assert canonical.decode(canonical.encode(deep)) == deep

    with pytest.raises(CanonicalError):
        canonical.encode([deep])


@pytest.mark.parametrize("data", [b"\xff", b"[" * 100_000, b'"' + b"9" * 5000 + b'"x', b"9" * 5000])
def test_hostile_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(CanonicalError):
        canonical.decode(data)
