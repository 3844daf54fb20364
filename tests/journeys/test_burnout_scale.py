"""Ana's round carries the quarterly burnout scale: two minutes, her own result on her phone, and nothing of it anywhere else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect
from tests.journeys.conftest import PHONE, Site, serving
from tests.journeys.test_checkin_page import Phone

POST_LENGTH = 885
TALLEST = 3600
"""Pixels of the longer page: two of the ordinary one, which has four questions where this one has ten."""
NEXT_ROUND = """
import django; django.setup()
from callroom.pulse.models import Wave
waves = Wave.objects.filter(state="announced").order_by("opens_at")
first = waves.values_list("opens_at", flat=True).first()
print(int(first.timestamp()) if first and waves.filter(opens_at=first).update(rotating_item="cbi-work") else "")
"""


@pytest.fixture
def ward(demo_folder: Path, tmp_path: Path) -> Iterator[Site]:
    """The demo hospital, whose next rounds are announced with the scale, whatever the day on which this runs."""
    with serving(demo_folder, tmp_path / "site", {"CALLROOM_ANNOUNCE_WEEKS": "4"}) as served:
        opens_at = ""
        while not opens_at:  # until the worker has announced them
            opens_at = served.python("-c", NEXT_ROUND).stdout.strip()
        moment = served.now()
        served.move_clock(moment + timedelta(seconds=int(opens_at) - moment.timestamp(), hours=5))
        yield served


@pytest.fixture
def phone(context: BrowserContext, ward: Site) -> Phone:
    return Phone(context, ward)


def kept_on_the_phone(page: Page) -> str:
    """Return everything that the browser's stores hold, as text."""
    held: str = page.evaluate(
        """async () => {
          const found = [JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage})];
          for (const { name } of await indexedDB.databases()) {
            const store = await new Promise(done => { const asked = indexedDB.open(name); asked.onsuccess = () => done(asked.result); });
            for (const table of store.objectStoreNames) found.push(await new Promise(done => {
              const asked = store.transaction(table).objectStore(table).getAll();
              asked.onsuccess = () => done(JSON.stringify(asked.result));
            }));
            store.close();
          }
          return found.join("\\n");
        }"""
    )
    return held


def test_ana_answers_the_scale_and_only_she_reads_her_result(
    phone: Phone, ward: Site, quiet: list[str], accessible: Callable[[Page], None]
) -> None:
    posts: list[bytes] = []
    phone.context.on(
        "request", lambda request: posts.append(_body(request)) if request.url.endswith("/w/answers") else None
    )
    _wait_for_the_round(phone, ward)
    phone.make_it_the_check_in_device()

    phone.open_check_in()
    expect(phone.page.get_by_text("Two minutes this time")).to_be_visible()
    assert len(phone.questions()) == 3 + 7
    expect(phone.page.locator("input:checked")).to_have_count(0)
    assert phone.page.evaluate("document.documentElement.scrollHeight") <= TALLEST
    accessible(phone.page)
    for width in (320, 195):
        phone.page.set_viewport_size({"width": width, "height": 640})
        assert phone.page.evaluate("document.documentElement.scrollWidth") == width
    phone.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # two whole numbers

    phone.answer(3)
    phone.says("sent")
    own = phone.page.locator("[data-own]")
    expect(own.get_by_text("of 100")).to_be_hidden()  # folded, for who looks on
    own.locator("summary").click()
    expect(own.get_by_text("Your answers show a heavy strain from work.")).to_be_visible()
    expect(own.locator("[data-score]")).to_have_text("75")
    expect(own.get_by_role("link", name="Talk to somebody now")).to_be_visible()
    expect(own.locator("[data-from]")).to_have_count(1)
    accessible(phone.page)

    assert [len(body) for body in posts] == [POST_LENGTH]
    assert phone.named == []
    held = kept_on_the_phone(phone.page)
    assert '"answered"' in held, "this is what the phone keeps"
    assert "cbi" not in held
    phone.page.reload()
    phone.says("answered")
    expect(phone.page.locator("[data-own]:visible")).to_have_count(0)

    phone.page.goto(f"{ward.url}/w/es/")
    phone.says("answered")
    phone.page.locator("[data-press='answer']").click()
    expect(phone.page.get_by_text("se preguntan solo en inglés")).to_be_visible()
    assert len(phone.questions()) == 3
    accessible(phone.page)


def _body(request: Request) -> bytes:
    return request.post_data_buffer or b""


def _wait_for_the_round(phone: Phone, ward: Site) -> None:
    """The worker closes the old rounds and opens the new ones; Today says what is among the questions."""
    phone.enter_as("ana")
    said = phone.page.get_by_text("the quarterly burnout scale, about two minutes")
    for _ in range(60):
        phone.page.goto(f"{ward.url}/in/")
        if said.count():
            break
        time.sleep(0.5)
    expect(said).to_be_visible()
