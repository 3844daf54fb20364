"""Typed readers of environment variables; a bad value stops the start with a sentence."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit


class BadSetting(Exception):
    """A setting has a value that cannot be meant."""


def flag(name: str, *, default: bool = False) -> bool:
    """Return a yes/no setting.

    :raises BadSetting: unless the value is 1, true, 0, false or empty
    """
    match os.environ.get(name, "").strip().lower():
        case "":
            return default
        case "1" | "true" | "yes":
            return True
        case "0" | "false" | "no":
            return False
        case value:
            raise BadSetting(f"{name} is {value!r}; write true or false (see docs/reference/settings.md)")


def number(name: str, default: int) -> int:
    """Return a whole-number setting.

    :raises BadSetting: if the value is not a whole number
    """
    value = os.environ.get(name, "")
    try:
        return int(value) if value else default
    except ValueError:
        raise BadSetting(f"{name} is {value!r}; write a whole number (see docs/reference/settings.md)") from None


def path(name: str, default: Path) -> Path:
    """Return an absolute path setting."""
    value = os.environ.get(name, "")
    return Path(value).absolute() if value else default


def folder(name: str) -> Path | None:
    """Return an absolute path setting, None where it is not set."""
    value = os.environ.get(name, "")
    return Path(value).absolute() if value else None


def choice(name: str, *allowed: str) -> str:
    """Return a setting that is one of some words, or empty.

    :raises BadSetting: for any other word
    """
    value = os.environ.get(name, "").strip()
    if value and value not in allowed:
        raise BadSetting(f"{name} is {value!r}; write {' or '.join(allowed)} (see docs/reference/settings.md)")
    return value


def needed(name: str, *, when: bool) -> str:
    """Return a setting that must be there when another one asks for it.

    :raises BadSetting: when it is asked for and empty
    """
    value = os.environ.get(name, "").strip()
    if when and not value:
        raise BadSetting(f"{name} is missing (see docs/reference/settings.md)")
    return value


def address(name: str) -> str:
    """Return a web address, or empty.

    :raises BadSetting: unless it is encrypted, or on this machine
    """
    value = os.environ.get(name, "").strip()
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    here = parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if value and not (here or (parts.scheme == "https" and parts.hostname)):
        raise BadSetting(f"{name} is {value!r}; write an address with https:// (see docs/reference/settings.md)")
    return value


def at_most_one(**settings: str | None) -> None:
    """Stop where two settings, each with its value, contradict each other.

    :raises BadSetting: if more than one of them is set
    """
    said = [name for name, value in settings.items() if value]
    if len(said) > 1:
        raise BadSetting(f"{' and '.join(said)} are both set; leave one of them out (see docs/reference/settings.md)")


def words(name: str, default: str) -> list[str]:
    """Return a comma-separated setting as a list."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]
