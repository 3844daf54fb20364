"""The version that could not take the answers of a round that this one has opened."""

from __future__ import annotations

from django.apps import AppConfig


class Later(AppConfig):
    """A version with more tables."""

    name = "lab.year.later"
    label = "later"
    default = True


class OtherProtocol(AppConfig):
    """A version with more tables that takes posts of version 2 only."""

    name = "lab.year.later"
    label = "later"

    def ready(self) -> None:
        """Take another version of posts."""
        from callroom.pulse import upgrades

        upgrades.CLIENT_VERSIONS = (2,)
