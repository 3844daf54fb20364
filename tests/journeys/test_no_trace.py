"""What a whole round leaves on the disk: no answer that opens, no marker, no name beside an answer, no cookie on the way."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import shutil
import sqlite3
import time
import urllib.request
import zlib
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from playwright.sync_api import Browser, expect
from tests.journeys.conftest import PHONE, Site, enter_as
from tests.journeys.crowd import ADDRESSES
from tests.journeys.traces import KEY_LENGTH, candidates_in, files_in, forms, hits, reading
from tests.journeys.wire import Sent, wire_to

from callroom.core.anonymity import posts, sealing

MARKER = os.urandom(32)
ANSWER = b'],"w":1}'
"""How every plaintext ends in which something was answered."""
MAIL = b"@sanrafael.example"
ROSTER = "callroom.sqlite3"
ISSUING = "issuing.sqlite3"
TICK = "import django; django.setup(); from callroom.kit import clock; from callroom.pulse import jobs; jobs.tick(clock.now())"


@dataclass(frozen=True)
class Round:
    """
    A round that is over, and what lies about it.

    ``during``: a copy of everything, taken while it was open. ``hpke_key``: what a thief with the key folder would have.
    """

    site: Site
    institution: UUID
    wave: str
    answered: int
    during: Path
    hpke_key: X25519PrivateKey

    @property
    def folder_name(self) -> str:
        return self.wave.replace("/", "_")

    def disk(self) -> list[Path]:
        """Return every file of both moments: databases, write-ahead logs, queue, keys, logs, temporary files."""
        return [*files_in(self.during, self.site.folder, self.site.temporary, self.site.log)]

    def sealed(self) -> list[posts.Post]:
        """Return the answers in the copy."""
        with reading(self.during / "site" / "sealed" / f"{self.folder_name}.sqlite3") as store:
            return [posts.parse(body) for (body,) in store.execute("SELECT body FROM sealed_answer")]

    def info(self, post: posts.Post) -> bytes:
        return sealing.answer_info(self.institution.bytes, self.wave, post.group, post.message, post.revision)

    def opens(self, key: X25519PrivateKey, post: posts.Post) -> bytes | None:
        try:
            return sealing.open_sealed(key, post.sealed, self.info(post))
        except sealing.SealError:
            return None

    def read(self, query: str) -> list[Any]:
        return rows(self.site.folder / ROSTER, query)


@pytest.fixture(scope="module")
def over(house: Site, tmp_path_factory: pytest.TempPathFactory) -> Round:
    """A round in which everybody answered, every second one with a marker where zeros should be; copied, then counted."""
    with urllib.request.urlopen(f"{house.url}/w/waves.json") as answer:
        wave = next(each for each in json.load(answer) if each["wave"].startswith("pulse/"))
    crowd = house.python("-m", "tests.journeys.crowd", house.url, wave["wave"], MARKER.hex())
    during = tmp_path_factory.mktemp("during")
    copy(house.folder, during / "site")
    copy(house.temporary, during / "tmp")
    shutil.copy(house.log, during / "log")
    keys = during / "site" / "keys" / "waves" / wave["wave"].replace("/", "_")
    hpke_key = X25519PrivateKey.from_private_bytes((keys / "hpke.key").read_bytes())

    house.move_clock(datetime.fromtimestamp(wave["closes_at"], UTC) + timedelta(seconds=1))
    house.python("-c", TICK)
    ((institution,),) = rows(house.folder / ROSTER, "SELECT id FROM people_institution")
    return Round(house, UUID(institution), wave["wave"], int(crowd.stdout), during, hpke_key)


def test_what_was_planted_in_padding_and_what_was_answered_is_nowhere(over: Round) -> None:
    assert over.answered > 150

    assert hits({"marker": forms(MARKER), "answer": forms(ANSWER)}, without_static(over.disk())) == []
    assert hits({"marker": forms(MARKER)}, over.disk(), inside_streams=False) == []


def test_no_name_and_no_address_is_near_the_answers(over: Round) -> None:
    names = [name for (name,) in over.read("SELECT name FROM people_person")]
    assert len(names) > 290
    elsewhere = [file for file in without_static(over.disk()) if not file.name.startswith(ROSTER)]
    needles = {"mail": forms(MAIL)} | {name: (name.encode(), json.dumps(name).strip('"').encode()) for name in names}

    assert any(file.name.startswith(ISSUING) for file in elsewhere)
    assert any(file.parent.name == "sealed" for file in elsewhere)
    assert hits(needles, elsewhere) == []
    assert hits({"address": [ADDRESSES.encode()]}, without_static(over.disk())) == []
    assert hits(needles, over.site.folder.glob(f"{ROSTER}*"), inside_streams=False) != []


def test_ids_are_only_in_the_roster_and_among_those_who_fetched_a_token(over: Round) -> None:
    ids = [UUID(person) for (person,) in over.read("SELECT id FROM people_person")]
    known = (ROSTER, ISSUING, "register")
    elsewhere = [file for file in without_static(over.disk()) if not file.name.startswith(known)]
    needles = {str(person): (person.bytes, person.hex.encode(), str(person).encode()) for person in ids}

    assert hits(needles, elsewhere, inside_streams=False) == []
    assert hits(needles, over.site.folder.glob(f"{ISSUING}*"), inside_streams=False) != []


def test_what_was_copied_and_what_is_left_open_no_answer(over: Round) -> None:
    bodies = over.sealed()
    assert len(bodies) == over.answered
    assert not (over.site.folder / "keys" / "waves" / over.folder_name).exists()
    assert not list((over.site.folder / "sealed").glob(f"{over.folder_name}*"))
    left = [file for file in without_static(over.disk()) if over.during / "site" / "keys" / "waves" not in file.parents]

    whole = [key for key in map(usable, in_key_files(left)) if key]
    assert len(whole) >= 6, "the institution's keys at both moments, and those of the rounds that are still open"
    assert not any(over.opens(key, post) for key in whole for post in bodies)
    anything = {candidate for file in left for candidate in candidates_in(file)}
    assert len(anything) > 500
    assert not any(over.opens(key, bodies[0]) for key in map(usable, anything) if key)


def test_with_the_key_kept_the_same_attempt_opens_every_answer(over: Round) -> None:
    opened = [over.opens(over.hpke_key, post) for post in over.sealed()]

    assert all(opened)
    marked = [plain for plain in opened if plain and plain.endswith(MARKER)]
    assert len(marked) == pytest.approx(over.answered / 2, abs=25)
    in_copy = {key.private_bytes_raw() for key in map(usable, in_key_files(files_in(over.during))) if key}
    assert over.hpke_key.private_bytes_raw() in in_copy


def test_the_search_finds_what_is_there(over: Round, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "table.sqlite3")) as database:
        database.execute("CREATE TABLE kept (text TEXT, blob BLOB)")
        database.execute("INSERT INTO kept VALUES (?, NULL)", (MARKER.hex(),))
        database.commit()
    shutil.copy(over.site.folder / ROSTER, tmp_path / "zipped.sqlite3")
    with closing(sqlite3.connect(tmp_path / "zipped.sqlite3")) as database:
        database.execute("CREATE TABLE kept (blob BLOB)")
        database.execute("INSERT INTO kept VALUES (?)", (zlib.compress(b"padding " * 20 + MARKER),))
        database.commit()
    (tmp_path / "log.1.gz").write_bytes(gzip.compress(b"GET / 200 " + base64.b64encode(b"x" + MARKER)))
    (tmp_path / "dump").write_bytes(b"\0" * 99 + zlib.compress(b"INSERT " * 9 + MARKER)[2:-4])

    found = {
        Path(hit.partition(": ")[0].partition(" (")[0]).name for hit in hits({"m": forms(MARKER)}, files_in(tmp_path))
    }

    assert found == {"table.sqlite3", "zipped.sqlite3", "log.1.gz", "dump"}


def test_no_process_keeps_the_deleted_store_open(over: Round) -> None:
    deadline = time.monotonic() + 30
    while (kept := open_and_deleted(over.site.folder)) and time.monotonic() < deadline:
        time.sleep(1)

    assert kept == []


def test_from_question_to_confirmation_nothing_says_who(browser: Browser, site: Site) -> None:
    sent = [requests_of(browser, site, "ana", 0), requests_of(browser, site, "bruno", 4)]

    for requests in sent:
        assert {"/w/es/", "/w/waves.json", "/w/answers"} <= {each.path for each in requests}
        for each in requests:
            assert each.path.startswith(("/w/", "/help/")), each.path
            assert "?" not in each.path
            assert {"cookie", "authorization", "referer"}.isdisjoint(each.headers), (each.path, each.headers)
    answers = [[each for each in requests if each.method == "POST"] for requests in sent]
    assert [len(each) for each in answers] == [1, 1]
    (first,), (second,) = answers
    assert len(first.body) == len(second.body) == posts.POST_LENGTH
    assert without_port(first) == without_port(second)


def copy(folder: Path, place: Path) -> None:
    """Copy what is there while it is being worked on: a journal may be gone before its turn comes."""
    place.mkdir()
    for file in files_in(folder):
        (place / file.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            shutil.copy(file, place / file.relative_to(folder))


def rows(file: Path, query: str) -> list[Any]:
    with reading(file) as database:
        return database.execute(query).fetchall()


def requests_of(browser: Browser, site: Site, persona: str, value: int) -> list[Sent]:
    """Return what the phone of this persona sends from the question screen to the confirmation."""
    context = browser.new_context(viewport=PHONE, locale="es-MX")  # type: ignore[arg-type]
    context.set_default_timeout(60_000)
    page = context.new_page()
    with wire_to(site.url) as wire:
        enter_as(page, Site(wire.url, site.folder), persona)
        page.goto(f"{wire.url}/in/device/")
        page.locator("[data-press='mine']").click()
        expect(page.locator("[data-device='page'][data-showing='ready']")).to_be_visible()
        page.wait_for_load_state("networkidle")
        page.goto("about:blank")
        wire.forget()
        page.goto(f"{wire.url}/w/es/")
        expect(page.locator("[data-check-in][data-showing='ask']")).to_be_visible()
        for question in page.locator("fieldset.ask").all():
            question.locator(f"label:has(> input[value='{value}'])").click()
        page.locator("button[type='submit']").click()
        expect(page.locator("[data-check-in][data-showing='sent']")).to_be_visible()
        page.wait_for_load_state("networkidle")
        context.close()
        return wire.requests()


def without_port(sent: Sent) -> dict[str, str]:
    """Return a request's headers, apart from the wire's own port."""
    return {name: re.sub(r"localhost:\d+", "localhost", value) for name, value in sent.headers.items()}


def without_static(files: Iterable[Path]) -> list[Path]:
    """Return these files without the style sheets and scripts, which everybody is served."""
    return [file for file in files if "static" not in file.parts]


def usable(candidate: bytes) -> X25519PrivateKey | None:
    return X25519PrivateKey.from_private_bytes(candidate) if len(candidate) == KEY_LENGTH else None


def in_key_files(files: Iterable[Path]) -> set[bytes]:
    """Return what is a key by its length or its name."""
    return {
        file.read_bytes()[:KEY_LENGTH] for file in files if file.suffix == ".key" or file.stat().st_size == KEY_LENGTH
    }


def open_and_deleted(folder: Path) -> list[str]:
    """Return the deleted files in this folder that a process still holds."""
    held = []
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            target = os.readlink(link)
        except OSError:
            continue
        if target.startswith(str(folder / "sealed")) and target.endswith(" (deleted)"):
            held.append(target)
    return held
