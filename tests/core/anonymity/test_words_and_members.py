"""What people read aloud, and what a member list is committed to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.anonymity import chain, members, words
from tests.core.anonymity import examples

hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)


@pytest.mark.parametrize("vector", examples.read("words"), ids=lambda vector: vector["language"])
def test_the_words_of_the_vectors_are_reproduced(vector: dict[str, object]) -> None:
    language = str(vector["language"])
    expected = vector["words"]
    assert isinstance(expected, dict)

    assert {sha256: list(words.ten_words(sha256, language)) for sha256 in expected} == expected
    assert chain.sha256_hex("\n".join(words.word_list(language)).encode()) == vector["list_sha256"]


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_each_list_has_2048_different_words(language: str) -> None:
    assert len(set(words.word_list(language))) == 2048


@given(hashes, st.sampled_from(sorted(words.LANGUAGES)))
def test_ten_words_give_back_the_first_110_bits(sha256: str, language: str) -> None:
    number = 0
    for word in words.ten_words(sha256, language):
        number = number << 11 | words.word_list(language).index(word)

    assert number == int(sha256, 16) >> 146


@pytest.mark.parametrize("text", ["", "00" * 31, "00" * 33, "AB" * 32, "zz" * 32, "00 " * 32])
def test_anything_but_a_hash_has_no_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"SHA-256|hexadecimal"):
        words.ten_words(text, "en")


def test_other_languages_have_no_list() -> None:
    with pytest.raises(KeyError):
        words.ten_words("00" * 32, "fr")


def test_the_member_vector_is_reproduced() -> None:
    vector = examples.read("members")

    assert members.members_hash(bytes.fromhex(vector["salt"]), vector["ids"]) == vector["sha256"]


@given(st.sets(st.uuids().map(str)))
def test_the_order_of_members_does_not_matter(ids: set[str]) -> None:
    shuffled = sorted(ids, reverse=True)

    assert members.members_hash(examples.SALT, shuffled) == members.members_hash(examples.SALT, ids)


@given(st.sets(st.uuids().map(str), min_size=1))
def test_another_member_or_salt_gives_another_hash(ids: set[str]) -> None:
    others = sorted(ids)[1:]

    assert members.members_hash(examples.SALT, ids) != members.members_hash(examples.SALT, others)
    assert members.members_hash(examples.SALT, ids) != members.members_hash(bytes(32), ids)


@pytest.mark.parametrize(("salt", "ids"), [(b"", ["a"]), (examples.SALT, ["a", "a"]), (examples.SALT, ["á"])])
def test_a_careless_commitment_is_refused(salt: bytes, ids: list[str]) -> None:
    with pytest.raises(ValueError, match=r"salt|twice"):
        members.members_hash(salt, ids)
