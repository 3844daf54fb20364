"""What stops a letter on its way to a provider; apart from ``kit.providers``, which loads every provider's class."""

from __future__ import annotations

from anymail.exceptions import AnymailAPIError


class Followed(Exception):
    """A letter would have told a provider who opens it or its link. It was not sent."""


class NotTaken(AnymailAPIError):  # type: ignore[misc]
    """A provider answered politely, and did not take the letter."""


class NoKey(OSError):
    """The key at the provider cannot be read from its file: nobody's letter goes out now."""
