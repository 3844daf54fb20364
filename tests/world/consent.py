"""A notice of the tests' hospital, and people who said yes or no to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from callroom.consent import actions
from callroom.consent.states import Law, Said
from callroom.people.models import Person
from tests.world.waves import BEFORE

Publish = Callable[..., int]


@pytest.fixture
def publish(fernando: Person) -> Publish:
    """Return what publishes the next version from the Mexican template, or from the one in force, as Fernando."""

    def published(
        *,
        law: Law | None = Law.MEXICO,
        asks_again: bool = False,
        reviewed_by: str = "",
        written: dict[str, dict[str, str]] | None = None,
        now: datetime = BEFORE,
    ) -> int:
        actions.begin_draft(by=fernando, law=law, now=now)
        actions.save_draft(
            by=fernando, address="Calle 1, Monterrey", contact="datos@hospital.example", written=written or {}, now=now
        )
        return actions.publish(by=fernando, asks_again=asks_again, reviewed_by=reviewed_by, now=now)

    return published


def says(person: Person, said: Said, now: datetime = BEFORE) -> None:
    """Let a person say yes or no."""
    actions.decide(by=person, said=said, now=now)
