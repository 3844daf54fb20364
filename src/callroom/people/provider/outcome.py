"""What can come of asking the identity provider."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody as the provider knows them: by the id that the roster has of them, too."""

    external_id: str


class ProviderDown(Exception):
    """The provider did not answer, or answered that it cannot at present."""


class Refused(Exception):
    """What came back is not the provider's word for this browser, or the person said no there."""
