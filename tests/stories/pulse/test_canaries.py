"""What must not be found on the disk: padding, names, addresses, sessions. Every file is searched, also inside databases."""

from __future__ import annotations

import base64
import gzip
import logging
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
    for alias in ("default", "issuing"):
        name = str(connections[alias].settings_dict["NAME"])
        for file in (Path(name), Path(f"{name}-wal")):
            if file.exists():
                yield file, file.read_bytes()
    for file in folders.rglob("*"):
        if file.is_file():
            yield file, file.read_bytes()


def spellings(text: bytes) -> tuple[bytes, ...]:
    """Return how a text may lie on a disk: raw, hex, base64 at each offset."""
    encoded = (base64.b64encode(b"\0" * shift + text)[4:-4] for shift in range(3))
    return (text, text.hex().encode(), text.hex().upper().encode(), *encoded)


def unpacked(content: bytes) -> Iterator[bytes]:
    """Yield the contents and whatever decompresses from anywhere in them."""
    yield content
    for marker, unpack in (
        (b"\x1f\x8b\x08", gzip.decompress),
        (b"\x78\x9c", zlib.decompress),
        (b"\x78\xda", zlib.decompress),
    ):
        start = content.find(marker)
        while start >= 0:
            with suppress(OSError, EOFError, zlib.error):
                yield unpack(content[start:])
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
            assert ana.post(with_canary(ana)).status == 200
        during = found(folders, CANARY)
        jobs.tick(SUNDAY)
        jobs.tick(PUBLISHED)

    assert during == []
    assert found(folders, CANARY) == []
    assert CANARY.decode() not in caplog.text


def test_names_are_found_in_default_only(
    opened: Residents, device: Device, folders: Path, at: Callable[[datetime], None]
) -> None:
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
    assert during <= {default, f"{default}-wal"}
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

    assert store.bodies()
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
