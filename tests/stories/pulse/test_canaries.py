"""What must not be found on the disk: padding, names, addresses, sessions. Every file is searched, also inside databases.

Each search that finds nothing stands beside one that finds what must be there: a test that looked nowhere would fail.
"""

from __future__ import annotations

import base64
import gzip
import logging
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from tests.world.waves import FINE, PUBLISHED, SUNDAY, WAVE

from callroom.core.anonymity import posts, sealing
from callroom.people.models import Person
from callroom.pulse import jobs
from callroom.pulse.models import Issued
from callroom.pulse.simulation import SimulatedResident
from callroom.pulse.stores import sealed
from callroom.pulse.stores.sealed import SealedStore
from callroom.pulse.stores.wave_keys import WaveKeys

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
Device = Callable[[Person], SimulatedResident]
GZIP = zlib.MAX_WBITS | 16
CANARY = b"kanarienvogel-7f3a9c41d2e8"


def with_canary(device: SimulatedResident) -> bytes:
    """Return an answer whose padding holds the canary instead of zeros."""
    token = device.fetch_token(WAVE)
    entry = next(entry for entry in device.offered() if entry["wave"] == WAVE)
    sheet = device.reader.wave_sheet(entry["wave_sheet"], device.cookie)
    plain = sealing.encode_answers(FINE, sheet.items)
    end = 2 + int.from_bytes(plain[:2], "big")
    planted = (plain[:end] + CANARY * 10)[: sealing.PLAINTEXT_LENGTH]
    info = sealing.answer_info(device.institution.bytes, WAVE, token.group, token.message, 1)
    return posts.pack(
        wave_id=WAVE,
        group=token.group,
        prefix=token.prefix,
        one_time_key=token.one_time_key,
        token_signature=token.signature,
        revision=1,
        sealed=sealing.seal(sheet.hpke_public_key, planted, info),
    )


def everything_on_disk(folders: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield every file of the installation, databases and their logs among them."""
    for file in (*database_files(), *folders.rglob("*")):
        with suppress(FileNotFoundError):  # a server at work removes files meanwhile
            if file.is_file():
                yield file, file.read_bytes()


def database_files() -> tuple[Path, ...]:
    """Return the files of the databases that lie outside the installation's folders."""
    if not sealed.is_postgresql():
        names = [str(connections[alias].settings_dict["NAME"]) for alias in ("default", "issuing")]
        return tuple(Path(f"{name}{ending}") for name in names for ending in ("", "-wal"))
    with connections["default"].cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SHOW data_directory")
        folder = Path(cursor.fetchone()[0])
    if not os.access(folder, os.R_OK | os.X_OK):
        pytest.skip("the files of the PostgreSQL server are not ours to read")
    return tuple(folder.rglob("*"))


def spellings(text: bytes) -> tuple[bytes, ...]:
    """Return how a text may lie on a disk: raw, hex, base64 at each offset."""
    encoded = (base64.b64encode(b"\0" * shift + text)[4:-4] for shift in range(3))
    return (text, text.hex().encode(), text.hex().upper().encode(), *encoded)


def unpacked(content: bytes) -> Iterator[bytes]:
    """Yield the contents and whatever decompresses from anywhere in them (PostgreSQL's files: as they are)."""
    yield content
    if sealed.is_postgresql():
        return
    for marker, kind in ((b"\x1f\x8b\x08", GZIP), (b"\x78\x9c", zlib.MAX_WBITS), (b"\x78\xda", zlib.MAX_WBITS)):
        start = content.find(marker)
        while start >= 0:
            with suppress(zlib.error):
                yield zlib.decompressobj(kind).decompress(content[start:])  # whatever follows it
            start = content.find(marker, start + 1)


def found(folders: Path, *texts: bytes) -> list[Path]:
    """Return the files that hold one of these texts in any spelling."""
    wanted = [spelling for text in texts for spelling in spellings(text)]
    return [
        file
        for file, content in everything_on_disk(folders)
        if any(spelling in part for part in unpacked(content) for spelling in wanted)
    ]


def test_padding_is_found_nowhere(
    opened: Residents, device: Device, folders: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for person in opened["emergency"][:9]:
            ana = device(person)
            body = with_canary(ana)
            assert ana.post(body).status == 200
        during, control = found(folders, CANARY), found(folders, body)
        jobs.tick(SUNDAY)
        jobs.tick(PUBLISHED)

    assert control, "the sealed answer itself is on the disk: the search reaches the sealed stores"
    assert during == []
    assert found(folders, CANARY) == []
    assert found(folders, opened["emergency"][0].email.encode()), "the search reaches the default database"
    assert CANARY.decode() not in caplog.text
    if not sealed.is_postgresql():  # its log keeps what was written until it is recycled
        assert found(folders, body) == [], "burning leaves no sealed answer"


def test_the_search_finds_every_spelling(folders: Path) -> None:
    for number, spelling in enumerate((*spellings(CANARY), gzip.compress(b"x" + CANARY), zlib.compress(CANARY))):
        file = folders / f"planted-{number}"
        file.write_bytes(b"before" + spelling + b"after")
        expected = [] if sealed.is_postgresql() and number > 5 else [file]
        assert found(folders, CANARY) == expected, number
        file.unlink()


def test_names_are_found_in_default_only(
    opened: Residents, device: Device, folders: Path, at: Callable[[datetime], None]
) -> None:
    if sealed.is_postgresql():
        pytest.skip("one server's files hold all its databases")
    chosen = opened["emergency"][:3]
    cookies = []
    for person in chosen:
        ana = device(person)
        cookies.append(ana.cookie.encode())
        ana.answer(WAVE, FINE)
    texts = [text.encode() for person in chosen for text in (person.name, person.email, person.external_id)]

    during = {file.name for file in found(folders, *texts, *cookies)}
    jobs.tick(SUNDAY)
    after = {file.name for file in found(folders, *texts, *cookies)}

    default = Path(str(connections["default"].settings_dict["NAME"])).name
    assert during
    assert during <= {default, f"{default}-wal"}
    assert after
    assert after <= {default, f"{default}-wal"}


def test_nothing_in_a_sealed_store_leads_to_a_person(opened: Residents, device: Device) -> None:
    if sealed.is_postgresql():
        pytest.skip("read through SQLite's file")
    people = opened["emergency"][:5]
    for person in people:
        device(person).answer(WAVE, FINE)
    store = SealedStore(WAVE)
    store.checkpoint()

    content = b"".join(file.read_bytes() for file in sealed.store_folder().iterdir())

    assert len(store.bodies()) == len(people)
    assert all(posts.parse(body).message in content for body in store.bodies())
    for person in people:
        assert person.pk.bytes not in content
        assert str(person.pk).encode() not in content
        assert person.pk.hex.encode() not in content


def test_issuing_holds_ids_and_nothing_else(opened: Residents, device: Device) -> None:
    for person in opened["emergency"][:4]:
        device(person).answer(WAVE, FINE)
    assert not Issued.objects.exists()

    jobs.tick(SUNDAY)

    rows = list(Issued.objects.order_by("person").values_list())
    assert [person for *_pk, person in rows] == sorted(person.pk for person in opened["emergency"][:4])
    assert {field.name for field in Issued._meta.get_fields()} == {"pk", "wave", "person"}


def test_wave_keys_are_readable_by_their_owner_only(opened: Residents) -> None:
    folder = WaveKeys(WAVE).folder

    assert folder.stat().st_mode & 0o077 == 0
    assert {file.stat().st_mode & 0o077 for file in folder.iterdir()} == {0}
    assert Path(settings.KEYS_DIR).exists()
