"""Reading a payload's fields: each is there, has its type, and no other is beside it."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final, cast

from callroom.core.anonymity.canonical import Json
from callroom.core.anonymity.spelling import from_base64

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9+._-]{0,3999}")
_WAVE: Final = re.compile(r"([a-z]+)(?:-([24]))?/[0-9]{4}-W(?:0[1-9]|[1-4][0-9]|5[0-3])")


class SheetError(ValueError):
    """
    A published payload that must not be used, or published.

    ``code``: fields, wave, group, duplicate, too few, key, members; items, core, policy, hpke key, leaves, plan,
    window, clients; and a wave sheet against its key sheet: key sheet.
    """

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


def must(holds: object, code: str, why: str) -> None:
    """:raises SheetError: unless it holds"""
    if not holds:
        raise SheetError(code, why)


class Fields:
    """
    An object's fields by type, each reader raising ``SheetError("fields", ...)`` for another type.

    :raises SheetError: unless the value is an object with exactly these fields (``optional`` ones may be missing)
    """

    def __init__(self, value: Json, *required: str, optional: tuple[str, ...] = ()) -> None:
        must(isinstance(value, dict), "fields", "not an object")
        self._value = cast("dict[str, Json]", value)
        names = self._value.keys()
        must(set(required) <= names, "fields", f"{', '.join(sorted(set(required) - names))} missing")
        unknown = names - {*required, *optional}
        must(not unknown, "fields", f"{', '.join(sorted(unknown))} unknown")

    def has(self, name: str) -> bool:
        """Say whether an optional field is there."""
        return name in self._value

    def value(self, name: str) -> Json:
        """Return a field of any type."""
        return self._value[name]

    def is_null(self, name: str) -> bool:
        """Say whether a field is null."""
        return self._value[name] is None

    def text(self, name: str) -> str:
        """Return a text."""
        value = self._value[name]
        if not isinstance(value, str):
            raise SheetError("fields", f"{name} is no text")
        return value

    def number(self, name: str) -> int:
        """Return a whole number, 0 or more."""
        return natural(self._value[name], name)

    def entries(self, name: str) -> list[Json]:
        """Return a list."""
        value = self._value[name]
        if not isinstance(value, list):
            raise SheetError("fields", f"{name} is no list")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        values = self.entries(name)
        must(all(isinstance(value, str) for value in values), "fields", f"{name} holds something else than texts")
        return tuple(cast("list[str]", values))

    def members(self, name: str) -> Mapping[str, Json]:
        """Return an object with any fields."""
        value = self._value[name]
        if not isinstance(value, dict):
            raise SheetError("fields", f"{name} is no object")
        return value

    def blob(self, name: str, code: str) -> bytes:
        """Return bytes from canonical base64; anything else raises with ``code``."""
        try:
            return from_base64(self.text(name))
        except ValueError as error:
            raise SheetError(code, f"{name} is not base64") from error


def natural(value: Json, name: str) -> int:
    """
    Return a whole number, 0 or more.

    :raises SheetError: for anything else
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise SheetError("fields", f"{name} is no whole number")
    return value


def is_name(text: str) -> bool:
    """Say whether this can be an id: small letters, digits and ``+ . _ -``, at most 4,000 (a joined leaf is named by its units)."""
    return _NAME.fullmatch(text) is not None


def are_names(texts: tuple[str, ...]) -> bool:
    """Say whether these are ids, at least one."""
    return bool(texts) and all(is_name(text) for text in texts)


def is_date(text: str) -> bool:
    """Say whether this is a day as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def parts_of_wave(wave: str) -> tuple[str, int]:
    """
    Return questionnaire and length in weeks of a wave id: ("pulse", 2) for "pulse-2/2026-W46".

    :raises SheetError: with code "wave"
    """
    match = _WAVE.fullmatch(wave)
    if match is None:
        raise SheetError("wave", f"{wave} is no wave id")
    return match[1], int(match[2] or 1)
