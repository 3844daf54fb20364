"""The signing key changes: both keys sign it, the old one is destroyed, and everything that reads the chain follows."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.test import Client
from tests.world.waves import BEFORE, MONDAY, WAVE

from callroom.audit.models import AuditRow
from callroom.audit.states import Tag
from callroom.core.anonymity import chain as core
from callroom.core.disclosure.verification import Problem, VerificationError, verify_directory
from callroom.kit import keyring
from callroom.people.models import Institution, Person
from callroom.pulse import exports, jobs, queries
from callroom.pulse.actions import keys
from callroom.pulse.models import RotatedKey, Wave
from callroom.pulse.states import PayloadKind, WaveState
from callroom.pulse.stores import chain

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]


def kinds() -> list[str]:
    return [json.loads(line)["type"] for line in queries.all_headers()]


def key_files() -> set[str]:
    return {file.name for file in keyring.institution_folder().glob("sign*")}


def test_the_chain_goes_on_under_the_new_key(hospital: Institution, announced: Residents, tmp_path: Path) -> None:
    first = hospital.signing_public_key = Institution.objects.get().signing_public_key

    rotated = keys.rotate(institution=hospital, now=BEFORE + timedelta(hours=1))
    jobs.tick(MONDAY)

    assert Wave.objects.get(pk=WAVE).state == WaveState.OPEN
    assert kinds().index("key-rotation") < kinds().index("wave-sheet")
    written = exports.export(hospital, tmp_path / "out")
    report = verify_directory(tmp_path / "out", written.head)
    assert report.fingerprint == rotated.first != rotated.in_force
    assert json.loads((tmp_path / "out" / "institution.json").read_text())["public_key"] == first
    assert AuditRow.objects.get(tag=Tag.KEY_ROTATED).about == rotated.in_force


def test_the_old_key_is_destroyed_and_signs_nothing_any_more(hospital: Institution, announced: Residents) -> None:
    old = (keyring.institution_folder() / chain.SIGNING_KEY).read_bytes()

    keys.rotate(institution=hospital, now=BEFORE)
    keys.rotate(institution=hospital, now=BEFORE)

    assert chain.SIGNING_KEY not in key_files()
    assert len(key_files()) == 1
    assert RotatedKey.objects.count() == 2
    lines = queries.all_headers()
    forged = core.sign_header(
        Ed25519PrivateKey.from_private_bytes(old),
        seq=len(lines),
        kind=core.HeaderType.BURN,
        at=int(BEFORE.timestamp()),
        payload_sha256="0" * 64,
        previous=core.head_of(lines[-1]),
    )
    first = chain.first_key(hospital)
    assert first
    rotations = {core.sha256_hex(data): data for data in payloads_of(PayloadKind.KEY_ROTATION)}
    core.verify_links(lines, first, rotations=rotations)
    with pytest.raises(core.ChainError, match="not signed by the institution"):
        core.verify_links([*lines, forged.line()], first, rotations=rotations)


def payloads_of(kind: PayloadKind) -> list[bytes]:
    wanted = [core.parse_line(line) for line in queries.all_headers()]
    return [queries.payload(header.payload_sha256) for header in wanted if header.type.value == kind]


def test_an_export_without_the_rotation_is_refused(hospital: Institution, announced: Residents, tmp_path: Path) -> None:
    keys.rotate(institution=hospital, now=BEFORE)
    exports.export(hospital, tmp_path / "out")
    (rotation,) = payloads_of(PayloadKind.KEY_ROTATION)

    (tmp_path / "out" / "payloads" / f"{core.sha256_hex(rotation)}.json").unlink()

    with pytest.raises(VerificationError) as caught:
        verify_directory(tmp_path / "out")
    assert caught.value.problem is Problem.PAYLOAD


def test_pages_tell_a_browser_both_keys(
    hospital: Institution, announced: Residents, sign_in: Callable[[Person], Client]
) -> None:
    rotated = keys.rotate(institution=hospital, now=BEFORE)
    client = sign_in(announced["emergency"][0])

    device = client.get("/in/device/", secure=True).content.decode()
    chain_page = client.get("/in/chain/", secure=True).content.decode()

    known = queries.known_to_browsers(hospital)
    assert core.sha256_hex(base64.b64decode(known["key"])) == rotated.in_force
    assert f'data-key="{known["key"]}" data-first-key="{hospital.signing_public_key}"' in device
    assert rotated.first in chain_page
    assert rotated.in_force in chain_page


def test_stopped_before_the_header_nothing_has_changed(
    hospital: Institution, announced: Residents, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_args: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(chain, "rotate", stop)
        with pytest.raises(OSError, match="no space"):
            keys.rotate(institution=hospital, now=BEFORE)
    assert "key-rotation" not in kinds()
    jobs.tick(MONDAY)
    assert kinds()[-1] == "wave-sheet"

    keys.rotate(institution=hospital, now=MONDAY)

    assert len(key_files()) == 1


def test_a_key_that_is_not_there_is_not_drawn_again(hospital: Institution, announced: Residents) -> None:
    keys.rotate(institution=hospital, now=BEFORE)
    (file,) = keyring.institution_folder().glob("sign*")
    file.unlink()

    with pytest.raises(CommandError, match="not in keys/institution"):
        call_command("keys", "rotate")
    assert key_files() == set()


def test_the_command_says_which_fingerprints_hold(hospital: Institution, announced: Residents) -> None:
    said = StringIO()

    call_command("keys", "rotate", stdout=said)

    in_force = core.fingerprint(chain.key_in_force(hospital))  # type: ignore[arg-type]
    assert in_force in said.getvalue()
    assert core.fingerprint(chain.first_key(Institution.objects.get())) in said.getvalue()  # type: ignore[arg-type]


def test_before_anything_was_signed_there_is_no_key_to_change(hospital: Institution, folders: Path) -> None:
    with pytest.raises(CommandError, match="Nothing has been signed yet"):
        call_command("keys", "rotate")
    assert key_files() == set()
