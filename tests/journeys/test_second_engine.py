"""The check-in in a second browser engine (Firefox's): a phone is set up, answers, is thanked, and remembers it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.journeys.conftest import Site
from tests.journeys.firefox import PROGRAM, firefox
from tests.journeys.test_checkin_page import SHOWING

QUESTIONS = 4


@pytest.mark.skipif(PROGRAM is None, reason="no Firefox on this machine (apt-get install firefox-esr)")
def test_set_up_answer_thanks_and_it_is_still_known_after_the_browser_was_closed(site: Site, tmp_path: Path) -> None:
    began = time.monotonic()
    with firefox(tmp_path / "profile") as phone:
        phone.goes_to(f"{site.url}/in/demo/")
        phone.clicks("button[name='persona'][value='ana']")
        phone.waits_for("a[data-check-in-link]")
        phone.goes_to(f"{site.url}/in/device/")
        phone.clicks("[data-press='mine']")
        phone.waits_for("[data-device='page'][data-showing='ready']")

        phone.goes_to(f"{site.url}/w/en/")
        phone.waits_for(SHOWING.format("ask"))
        names = phone.runs(
            "return [...document.querySelectorAll(\"fieldset.ask input[value='skip']\")].map(i => i.name)"
        )
        assert len(names) == QUESTIONS
        for name in names:
            phone.clicks(f"label:has(> input[name='{name}'][value='2'])")
        phone.clicks("button[type='submit']")
        phone.waits_for(SHOWING.format("sent"))
        phone.waits_for("[data-words] li:nth-child(10)")

    with firefox(tmp_path / "profile") as phone:
        phone.goes_to(f"{site.url}/w/en/")
        phone.waits_for(SHOWING.format("answered"))
    print(f"\nin Firefox, with a restart of the browser: {time.monotonic() - began:.1f} s")  # noqa: T201  (read with -s)
