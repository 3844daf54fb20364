"""Sheets that keep the promises exist; others do not."""

import base64
import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.anonymity import canonical
from callroom.core.anonymity.notices import Burn, Closing, Supersede, Void
from callroom.core.anonymity.sheets import KeySheet, SheetError, WaveSheet, check_against, parts_of_wave
from tests.core.anonymity import examples, mutations

VECTORS = examples.read("sheets")
KEY_PAYLOAD = canonical.decode(VECTORS["key_sheet"].encode())
WAVE_PAYLOAD = canonical.decode(VECTORS["wave_sheet"].encode())


def test_the_vectors_are_reproduced() -> None:
    key_sheet = KeySheet.from_bytes(VECTORS["key_sheet"].encode())
    wave_sheet = WaveSheet.from_bytes(VECTORS["wave_sheet"].encode())

    assert key_sheet == examples.key_sheet()
    assert wave_sheet.to_bytes() == examples.wave_sheet().to_bytes() == VECTORS["wave_sheet"].encode()
    assert (key_sheet.sha256, wave_sheet.sha256) == (VECTORS["key_sheet_sha256"], VECTORS["wave_sheet_sha256"])
    check_against(wave_sheet, key_sheet)


def use(sheet: str, data: bytes) -> None:
    match sheet:
        case "key-sheet":
            KeySheet.from_bytes(data)
        case "wave-sheet":
            WaveSheet.from_bytes(data)
        case "pair":
            check_against(WaveSheet.from_bytes(data), examples.key_sheet())


@pytest.mark.parametrize("refused", VECTORS["refused"], ids=lambda refused: f"{refused['sheet']}: {refused['name']}")
def test_a_sheet_that_must_not_be_used_is_refused(refused: dict[str, Any]) -> None:
    base = KEY_PAYLOAD if refused["sheet"] == "key-sheet" else WAVE_PAYLOAD
    value = [refused["value"]] if "value" in refused else []
    payload = mutations.apply(base, refused["path"], *value)

    with pytest.raises(SheetError) as caught:
        use(refused["sheet"], canonical.encode(payload))

    assert caught.value.code == refused["code"]


@pytest.mark.parametrize("accepted", VECTORS["accepted"], ids=lambda accepted: accepted["name"])
def test_a_sheet_that_may_be_used_is_read(accepted: dict[str, Any]) -> None:
    payload = mutations.apply(WAVE_PAYLOAD, accepted["path"], accepted["value"])

    assert WaveSheet.from_bytes(canonical.encode(payload)).to_bytes() == canonical.encode(payload)


def test_the_sheets_of_two_waves_do_not_belong_together() -> None:
    other = dataclasses.replace(examples.key_sheet(), wave="pulse/2026-W48")
    sheet = dataclasses.replace(examples.wave_sheet(), key_sheet=other.sha256)

    with pytest.raises(SheetError) as caught:
        check_against(sheet, other)

    assert caught.value.code == "wave"


def test_a_group_may_lose_its_leaf() -> None:
    whole = examples.wave_sheet()
    sheet = dataclasses.replace(whole, leaves=whole.leaves[:1])

    check_against(sheet, examples.key_sheet())

    assert sheet.leaf_of(0) == whole.leaves[0]
    assert sheet.leaf_of(1) is None


def test_seeded_history_needs_neither_groups_nor_eleven_people() -> None:
    keys = KeySheet(wave=examples.WAVE, weeks=1, groups=(), demo=True)
    few = tuple(dataclasses.replace(leaf, eligible=9) for leaf in examples.wave_sheet().leaves)
    sheet = dataclasses.replace(examples.wave_sheet(), key_sheet=keys.sha256, leaves=few, demo=True)

    check_against(WaveSheet.from_bytes(sheet.to_bytes()), KeySheet.from_bytes(keys.to_bytes()))

    assert b'"demo":true' in keys.to_bytes()
    with pytest.raises(SheetError):
        check_against(dataclasses.replace(sheet, demo=False, leaves=examples.wave_sheet().leaves), keys)


def test_every_type_error_is_a_sheet_error() -> None:
    wrong: tuple[Any, ...] = (None, True, 1, -1, "x", [], {}, [None], {"a": 1}, ["x"])
    for base, sheet in ((KEY_PAYLOAD, KeySheet), (WAVE_PAYLOAD, WaveSheet)):
        for path in paths(base):
            for value in wrong:
                changed = mutations.apply(base, path, value)
                try:
                    read = sheet.from_payload(changed)
                except SheetError:
                    continue
                assert read.to_payload() is not None


def paths(value: Any) -> list[list[str | int]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [[key, *rest] for key, inner in entries for rest in ([], *paths(inner))]


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    for sheet in (KeySheet, WaveSheet):
        with pytest.raises(SheetError):
            sheet.from_bytes(data)


def test_stray_bits_in_a_key_are_refused() -> None:
    text = base64.b64encode(examples.wave_sheet().hpke_public_key).decode()
    assert text.endswith("=")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    stray = text[:-2] + alphabet[alphabet.index(text[-2]) + 1] + "="

    with pytest.raises(SheetError) as caught:
        WaveSheet.from_payload(mutations.apply(WAVE_PAYLOAD, ["hpke_public_key"], stray))

    assert caught.value.code == "hpke key"


@pytest.mark.parametrize(
    ("wave", "parts"),
    [("pulse/2026-W47", ("pulse", 1)), ("pulse-2/2026-W46", ("pulse", 2)), ("pulse-4/2027-W01", ("pulse", 4))],
)
def test_a_wave_id_names_questionnaire_and_length(wave: str, parts: tuple[str, int]) -> None:
    assert parts_of_wave(wave) == parts


@pytest.mark.parametrize(
    "wave", ["", "pulse", "pulse/2026-47", "pulse/2026-W00", "Pulse/2026-W47", "pulse/2026-W47\n", "pulse-1/2026-W47"]
)
def test_anything_else_is_no_wave_id(wave: str) -> None:
    with pytest.raises(SheetError):
        parts_of_wave(wave)


def test_notices_are_read_as_they_were_written() -> None:
    reason = {"en": "The keys were lost.", "es": "Se perdieron las claves."}
    for notice in (
        Closing(examples.WAVE, "ab" * 32),
        Burn(examples.WAVE),
        Void(examples.WAVE, reason),
        Supersede(examples.WAVE, "ab" * 32, reason),
    ):
        assert type(notice).from_payload(canonical.decode(notice.to_bytes())) == notice


def test_notices_without_words_or_hashes_are_refused() -> None:
    for make in (
        lambda: Closing(examples.WAVE, "ab"),
        lambda: Closing("pulse", "ab" * 32),
        lambda: Burn("pulse"),
        lambda: Void(examples.WAVE, {"en": "x"}),
        lambda: Void(examples.WAVE, {"en": "x", "es": " "}),
        lambda: Supersede(examples.WAVE, "ab", {"en": "x", "es": "y"}),
        lambda: Burn.from_payload({"wave": examples.WAVE, "at": 1}),
    ):
        with pytest.raises(SheetError):
            make()
