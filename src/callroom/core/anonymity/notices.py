"""
The short payloads of the chain: a wave was closed, burned or voided, a key sheet superseded (PROTOCOL, section 1).

Each is made and read in one place, so that what is signed is what is later understood.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from callroom.core.anonymity import canonical
from callroom.core.anonymity.canonical import Encodable, Json
from callroom.core.anonymity.fields import Fields, SheetError, must, parts_of_wave
from callroom.core.anonymity.spelling import is_hash

__all__ = ["Burn", "Closing", "SheetError", "Supersede", "Void"]

REASON_LANGUAGES = ("en", "es")


@dataclass(frozen=True, slots=True)
class Closing:
    """A wave was tallied: the hash of its release body, which is published later."""

    wave: str
    release_sha256: str

    def __post_init__(self) -> None:
        parts_of_wave(self.wave)
        must(is_hash(self.release_sha256), "fields", "the release is not named by its hash")

    @classmethod
    def from_payload(cls, value: Json) -> Self:
        """:raises SheetError: if it is no closing"""
        fields = Fields(value, "wave", "release_sha256")
        return cls(fields.text("wave"), fields.text("release_sha256"))

    def to_bytes(self) -> bytes:
        """Return the payload's canonical bytes."""
        return canonical.encode({"wave": self.wave, "release_sha256": self.release_sha256})


@dataclass(frozen=True, slots=True)
class Burn:
    """A wave's keys and sealed answers are gone."""

    wave: str

    def __post_init__(self) -> None:
        parts_of_wave(self.wave)

    @classmethod
    def from_payload(cls, value: Json) -> Self:
        """:raises SheetError: if it is no burn"""
        return cls(Fields(value, "wave").text("wave"))

    def to_bytes(self) -> bytes:
        """Return the payload's canonical bytes."""
        return canonical.encode({"wave": self.wave})


@dataclass(frozen=True, slots=True)
class Void:
    """
    A wave does not count. ``reason``: public words in English and Spanish.

    ``freeze``: the house is asked nothing for a while, after a death in it; readers see the wave as not asked.
    """

    wave: str
    reason: Mapping[str, str]
    freeze: bool = False

    def __post_init__(self) -> None:
        parts_of_wave(self.wave)
        _check_reason(self.reason)

    @classmethod
    def from_payload(cls, value: Json) -> Self:
        """:raises SheetError: if it is no void"""
        fields = Fields(value, "wave", "reason", optional=("freeze",))
        must(not fields.has("freeze") or fields.value("freeze") is True, "fields", "freeze is true or absent")
        return cls(fields.text("wave"), _reason(fields), fields.has("freeze"))

    def to_payload(self) -> dict[str, Encodable]:
        """Return the payload of the ``void`` header."""
        payload: dict[str, Encodable] = {"wave": self.wave, "reason": dict(self.reason)}
        return {**payload, "freeze": True} if self.freeze else payload

    def to_bytes(self) -> bytes:
        """Return the payload's canonical bytes."""
        return canonical.encode(self.to_payload())


@dataclass(frozen=True, slots=True)
class Supersede:
    """The key sheet of an unopened wave is replaced. ``key_sheet``: the hash of the one that no longer counts."""

    wave: str
    key_sheet: str
    reason: Mapping[str, str]

    def __post_init__(self) -> None:
        parts_of_wave(self.wave)
        must(is_hash(self.key_sheet), "fields", "the key sheet is not named by its hash")
        _check_reason(self.reason)

    @classmethod
    def from_payload(cls, value: Json) -> Self:
        """:raises SheetError: if it is no supersede"""
        fields = Fields(value, "wave", "key_sheet", "reason")
        return cls(fields.text("wave"), fields.text("key_sheet"), _reason(fields))

    def to_bytes(self) -> bytes:
        """Return the payload's canonical bytes."""
        payload: Mapping[str, Encodable] = {"wave": self.wave, "key_sheet": self.key_sheet, "reason": self.reason}
        return canonical.encode(payload)


def _reason(fields: Fields) -> Mapping[str, str]:
    reason = Fields(fields.value("reason"), *REASON_LANGUAGES)
    return {language: reason.text(language) for language in REASON_LANGUAGES}


def _check_reason(reason: Mapping[str, str]) -> None:
    sound = reason.keys() == set(REASON_LANGUAGES) and all(text.strip() for text in reason.values())
    must(sound, "fields", "no reason in each language")
