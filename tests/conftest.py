"""What every test has: the worker's queue in memory, the named world."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

WORLD = Path(__file__).parent / "world"
pytest.register_assert_rewrite("tests.world")  # before one of them imports another
pytest_plugins = [
    f"tests.world.{name}"
    for name in ("audit", "people", "units", "waves", "doors", "council", "consent")
    if (WORLD / f"{name}.py").exists()
]
assert importlib.util.find_spec("callroom"), "install the project first: make test"


@pytest.fixture(scope="session", autouse=True)
def _queue_in_memory() -> None:
    from huey.contrib.djhuey import HUEY

    HUEY.immediate = True


@pytest.fixture(autouse=True)
def _every_test_begins_in_english() -> Iterator[None]:
    """A page that was asked for in Spanish leaves its thread speaking Spanish, as a server's next request would not."""
    from django.conf import settings
    from django.utils import translation

    with translation.override(settings.LANGUAGE_CODE):
        yield
