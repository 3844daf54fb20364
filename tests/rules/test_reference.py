"""Reference pages are generated: what is committed is what the code says now."""

from __future__ import annotations

from pathlib import Path

import pytest

from callroom.site import reference

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"


@pytest.mark.parametrize("name", sorted(reference.PAGES))
def test_the_committed_page_is_the_generated_one(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == reference.pages()[name], "run `make docs`"


def test_every_setting_has_a_meaning_and_every_meaning_a_setting() -> None:
    assert set(reference.SETTINGS) == {name for name, _default in reference._environment_names()}
