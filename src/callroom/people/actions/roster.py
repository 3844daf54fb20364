"""Importing a roster: all of it or nothing."""

from __future__ import annotations


def import_roster() -> None:
    """Import."""


class RosterRefused(Exception):
    """The file."""
