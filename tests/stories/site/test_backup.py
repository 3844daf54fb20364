"""A backup holds what lasts and no answer; a restore tells nobody a second story, on this machine or on another."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import transaction

from callroom.audit import queries as audit
from callroom.core.anonymity.kept_promises import NOTICED, PromiseAsked
from callroom.core.disclosure.verification import verify_directory
from callroom.core.instruments import weekly
from callroom.kit import keyring
from callroom.people import queries as people_queries
from callroom.people.models import Institution, Person
from callroom.pulse import exports, jobs, promises, queries, questions
from callroom.pulse.actions import recovery
from callroom.pulse.models import Issued, Plan, Wave
from callroom.pulse.states import WaveState
from callroom.pulse.stores.sealed import SealedStore
from callroom.site.backup import archive, make, nightly, restore, rows
from tests.world.installation import FOUND, START, Installation, goes_back
from tests.world.waves import BEFORE, MONDAY, PUBLISHED, SUNDAY, WAVE

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

IDENTITY = pyrage.x25519.Identity.generate()
LOCK = archive.Lock(recipients=(str(IDENTITY.to_public()),))
KEY = archive.Key(identities=f"# made for this test\n{IDENTITY}\n")
LATER = SUNDAY - timedelta(days=2)

KILLED = 9
KILLED_AT_THE_SECOND = f"""
import os
from django.db.migrations.executor import MigrationExecutor
applies, done = MigrationExecutor.apply_migration, []
def dies(self, state, migration, **options):
    done.append(migration)
    if len(done) == 2:
        os._exit({KILLED})
    return applies(self, state, migration, **options)
MigrationExecutor.apply_migration = dies
"""
"""The process ends after its first migration, as if power failed."""

Machine = Callable[[str], Any]


@contextmanager
def a_machine() -> Iterator[None]:
    """Whatever is written to the databases in this block is gone afterwards, as with the machine."""
    with transaction.atomic(), transaction.atomic(using="issuing"):
        yield
        transaction.set_rollback(True)
        transaction.set_rollback(True, using="issuing")


@pytest.fixture
def lost(request: pytest.FixtureRequest, settings: LazySettings, folders: Path) -> Callable[..., Path]:
    """Return what lets the first machine live up to a moment, makes its backup, and loses it; then a second one is here."""

    def live(fixture: str, then: Callable[[], None] = lambda: None, *, after: Callable[[], None] | None = None) -> Path:
        with a_machine():
            request.getfixturevalue(fixture)
            then()
            make.backup(folders / "backup.age", LOCK, now=LATER)
            if after is not None:
                after()
        settings.DATA_DIR, settings.KEYS_DIR = folders / "second", folders / "second" / "keys"
        (folders / "second" / "sealed").mkdir(parents=True)
        return folders / "backup.age"

    return live


def head_of(file: Path) -> str:
    return make.Manifest.from_bytes(archive.unseal(file.read_bytes(), KEY)[make.MANIFEST]).head


def restored(file: Path, newest: restore.Newest | None = None) -> restore.Restored:
    return restore.restore(file.read_bytes(), KEY, newest or restore.Newest(head=head_of(file)), now=LATER)


def exported(folder: Path) -> Path:
    exports.export(Institution.objects.get(), folder)
    return folder


def test_people_and_chain_come_back_and_the_open_round_ends_with_a_reason(
    lost: Callable[..., Path], tmp_path: Path
) -> None:
    before: dict[str, Any] = {}

    def remember() -> None:
        before["people"] = sorted(Person.objects.values_list("pk", "email", "password"))
        before["chain"] = queries.all_headers()

    file = lost("opened", remember)
    done = restored(file)

    assert sorted(Person.objects.values_list("pk", "email", "password")) == before["people"]
    assert queries.all_headers()[: len(before["chain"])] == before["chain"]
    assert WAVE in done.ended.voided
    wave = Wave.objects.get(pk=WAVE)
    assert (wave.state, wave.reason_en) == (WaveState.VOIDED, recovery.RESTORED["en"])
    assert audit.verify().fault is None
    verify_directory(exported(tmp_path / "out"))


def test_what_was_announced_is_announced_anew_with_keys_of_this_machine(
    lost: Callable[..., Path], tmp_path: Path
) -> None:
    sheets: list[str] = []
    file = lost("announced", lambda: sheets.extend(Wave.objects.filter(pk=WAVE).values_list("key_sheet", flat=True)))

    done = restore.restore(file.read_bytes(), KEY, restore.Newest(head=head_of(file)), now=BEFORE)
    assert WAVE in done.ended.withdrawn
    jobs.tick(BEFORE + timedelta(minutes=1))

    wave = Wave.objects.get(pk=WAVE)
    assert wave.state == WaveState.ANNOUNCED
    assert [wave.key_sheet] != sheets
    jobs.tick(MONDAY)
    assert Wave.objects.get(pk=WAVE).state == WaveState.OPEN
    verify_directory(exported(tmp_path / "out"))


def test_what_was_published_since_comes_back_from_the_export(
    lost: Callable[..., Path], tmp_path: Path, everyone_answers: Callable[..., object], request: pytest.FixtureRequest
) -> None:
    known: dict[str, Any] = {}

    def a_week_passes() -> None:
        everyone_answers(request.getfixturevalue("staffed")["emergency"])
        jobs.tick(SUNDAY)
        jobs.tick(PUBLISHED)
        known["release"] = queries.payload(Wave.objects.get(pk=WAVE).release)
        known["chain"] = queries.all_headers()
        exported(tmp_path / "published")

    file = lost("opened", after=a_week_passes)
    done = restore.restore(
        file.read_bytes(), KEY, restore.Newest(tmp_path / "published"), now=PUBLISHED + timedelta(hours=1)
    )

    assert done.continued > 0
    wave = Wave.objects.get(pk=WAVE)
    assert wave.state == WaveState.RELEASED
    assert wave.burned_at is not None
    assert queries.payload(wave.release) == known["release"]
    assert queries.all_headers()[: len(known["chain"])] == known["chain"]
    assert Wave.objects.filter(state__in=[WaveState.OPEN, WaveState.ANNOUNCED]).count() == 0
    jobs.tick(PUBLISHED + timedelta(hours=2))
    verify_directory(exported(tmp_path / "out"))


def test_what_was_asked_about_promises_since_comes_back_from_the_export(
    lost: Callable[..., Path], tmp_path: Path
) -> None:
    text = "A second sleep room opens on level 3"

    def about(opening: questions.Opening) -> tuple[PromiseAsked, ...]:
        return tuple(PromiseAsked(leaf, NOTICED, 7, "2026-09", "en", text) for leaf in opening.leaves)

    def a_week_passes() -> None:
        jobs.tick(MONDAY, promises_for=about)
        jobs.tick(SUNDAY)
        jobs.tick(PUBLISHED)
        exported(tmp_path / "published")

    file = lost("announced", after=a_week_passes)
    restore.restore(file.read_bytes(), KEY, restore.Newest(tmp_path / "published"), now=PUBLISHED)

    wave = Wave.objects.get(pk=WAVE)
    assert wave.promises
    assert text in queries.payload(wave.promises).decode()
    assert wave.rotating_item in {item.id for item in weekly.ROTATING}
    assert {(each.promise, each.leaf) for each in promises.readings(Institution.objects.get(), now=PUBLISHED)} >= {
        (7, "emergency")
    }
    verify_directory(exported(tmp_path / "out"))


def test_it_comes_back_after_a_change_date_of_the_year(
    lost: Callable[..., Path], tmp_path: Path, everyone_answers: Callable[..., object], request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """From week 12 on a year has several plans: each stays what it was, and rounds that are newer find theirs."""
    known: set[str] = set()
    announced: dict[str, int] = {}

    def change_dates_are_settled() -> None:
        first = Plan.objects.get()
        for week in (36, 44):
            Plan.objects.create(
                institution=first.institution, academic_year=first.academic_year, from_week=week,
                made_on=first.made_on, payload=first.payload,
            )  # fmt: skip
        known.update(Wave.objects.values_list("id", flat=True))

    def a_week_passes() -> None:
        everyone_answers(request.getfixturevalue("staffed")["emergency"])
        jobs.tick(SUNDAY)
        jobs.tick(PUBLISHED)
        announced.update(Wave.objects.exclude(pk__in=known).values_list("id", "plan__from_week"))
        exported(tmp_path / "published")

    def as_followed(**_words: object) -> recovery.Ended:
        found = dict(Wave.objects.exclude(pk__in=known).values_list("id", "plan__from_week"))
        assert found == announced
        return recovery.Ended((), (), ())

    file = lost("opened", change_dates_are_settled, after=a_week_passes)
    monkeypatch.setattr(recovery, "end_unfinished", as_followed)
    restore.restore(file.read_bytes(), KEY, restore.Newest(tmp_path / "published"), now=PUBLISHED + timedelta(hours=1))

    assert set(announced.values()) == {36}
    first, *later = Plan.objects.all()
    assert [first.from_week, *(plan.from_week for plan in later)] == [0, 36, 44]
    assert all(plan.payload == first.payload for plan in later)


def test_a_result_that_was_lost_before_its_moment_is_said_to_be(
    lost: Callable[..., Path], tmp_path: Path, everyone_answers: Callable[..., object], request: pytest.FixtureRequest
) -> None:
    def sunday_night() -> None:
        everyone_answers(request.getfixturevalue("staffed")["emergency"])
        jobs.tick(SUNDAY)
        exported(tmp_path / "published")

    file = lost("opened", after=sunday_night)
    done = restore.restore(
        file.read_bytes(), KEY, restore.Newest(tmp_path / "published"), now=SUNDAY + timedelta(hours=3)
    )

    assert WAVE in done.ended.lost
    jobs.tick(PUBLISHED)
    wave = Wave.objects.get(pk=WAVE)
    assert (wave.state, wave.reason_es) == (WaveState.VOIDED, recovery.RESULT_LOST["es"])
    verify_directory(exported(tmp_path / "out"))


def test_nothing_is_signed_from_an_older_head(lost: Callable[..., Path], tmp_path: Path) -> None:
    file = lost("opened", after=lambda: jobs.tick(SUNDAY))

    with pytest.raises(restore.OlderHead):
        restored(file, restore.Newest(head="0" * 64))

    assert not Institution.objects.exists()


def test_another_chain_and_an_older_one_are_refused(lost: Callable[..., Path], tmp_path: Path) -> None:
    older = tmp_path / "older"
    file = lost("opened", lambda: exported(older) and None, after=lambda: exported(tmp_path / "newest") and None)
    lines = (older / "headers.jsonl").read_bytes().splitlines(keepends=True)
    (older / "headers.jsonl").write_bytes(b"".join(lines[:-1]))

    with pytest.raises(recovery.OlderChain):
        restored(file, restore.Newest(older))
    assert not Institution.objects.exists()
    assert restored(file, restore.Newest(tmp_path / "newest")).continued == 0


def test_a_backup_holds_no_answer_and_no_key_of_a_wave(
    opened: object, everyone_answers: Callable[..., object], staffed: dict[str, list[Person]], tmp_path: Path
) -> None:
    everyone_answers(staffed["emergency"][:12])
    file = tmp_path / "backup.age"
    make.backup(file, LOCK, now=LATER)

    files = archive.unseal(file.read_bytes(), KEY)
    held = b"".join(files.values())
    secrets = [
        each.read_bytes() for each in keyring.waves_folder().rglob("*") if each.is_file() and each.stat().st_size
    ]
    bodies = list(SealedStore(WAVE).bodies())
    assert secrets
    assert bodies
    assert not [secret for secret in secrets if secret in held]
    assert not [body for body in bodies if body[:300] in held]
    assert {name.split("/")[0] for name in files} == {"manifest.json", "default", "issuing", "keys"}
    assert (keyring.institution_folder() / "signing.key").read_bytes() in held, "the control: a lasting key is there"
    assert file.stat().st_mode & 0o077 == 0


def test_only_the_right_key_opens_it_and_the_disk_shows_no_name(opened: object, tmp_path: Path) -> None:
    file = tmp_path / "backup.age"
    make.backup(file, LOCK, now=LATER)
    person = Person.objects.first()
    assert person is not None

    assert person.email.encode() not in file.read_bytes()
    for key in (archive.Key(identities=str(pyrage.x25519.Identity.generate())), archive.Key(passphrase="guess")):
        with pytest.raises(archive.CannotOpen):
            archive.unseal(file.read_bytes(), key)
    with pytest.raises(archive.CannotOpen):
        archive.unseal(file.read_bytes()[:-40], KEY)
    with pytest.raises(archive.CannotOpen):
        archive.unseal(b"a text", KEY)


def test_an_institution_is_never_written_over(opened: object, tmp_path: Path) -> None:
    file = tmp_path / "backup.age"
    make.backup(file, LOCK, now=LATER)
    chain = queries.all_headers()

    with pytest.raises(restore.NotEmpty):
        restored(file)

    assert queries.all_headers() == chain


def test_a_backup_of_other_tables_names_its_version(lost: Callable[..., Path]) -> None:
    file = lost("opened")
    files = dict(archive.unseal(file.read_bytes(), KEY))
    manifest = json.loads(files[make.MANIFEST]) | {"version": "0.0.9", "schema": {"people": "0000_before"}}
    file.write_bytes(archive.seal((files | {make.MANIFEST: json.dumps(manifest).encode()}).items(), LOCK))

    with pytest.raises(restore.OtherVersion, match=r"0\.0\.9"):
        restored(file, restore.Newest(head=manifest["head"]))


def test_a_changed_row_is_named_and_nothing_is_kept(lost: Callable[..., Path]) -> None:
    file = lost("opened")
    files = dict(archive.unseal(file.read_bytes(), KEY))
    files["default/people.Person.jsonl"] += b'{"id": "nobody"}\n'
    file.write_bytes(archive.seal(files.items(), LOCK))

    with pytest.raises(rows.BadRow, match=r"people\.Person"), transaction.atomic():
        restored(file)

    assert not Person.objects.exists()
    assert not Issued.objects.exists()


def test_the_commands_say_what_they_did_and_what_they_need(
    lost: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("una hamaca en el corredor\n")
    mine = tmp_path / "mine.age"
    lost("opened", lambda: call_command("backup", str(mine), "--passphrase-file", str(passphrase)))
    said = capsys.readouterr().out
    head = said.strip().rpartition(" ")[2]
    assert str(mine) in said

    with pytest.raises(CommandError, match="Say which header is the newest"):
        call_command("restore", str(mine), "--passphrase-file", str(passphrase))
    with pytest.raises(CommandError, match="The backup ends at"):
        call_command("restore", str(mine), "--passphrase-file", str(passphrase), "--head", "0" * 64)
    call_command("restore", str(mine), "--passphrase-file", str(passphrase), "--head", head)

    said = capsys.readouterr().out
    assert "Void, because its answers did not come back: " in said
    assert WAVE in said
    assert people_queries.current_institution().name


def test_an_empty_installation_has_nothing_to_keep(db: object, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nothing to keep"):
        call_command("backup", str(tmp_path / "x.age"))
    assert not (tmp_path / "x.age").exists()


def test_each_night_has_its_file_for_a_key_kept_elsewhere(
    opened: object, tmp_path: Path, settings: LazySettings
) -> None:
    assert nightly.back_up_today(LATER) is None, "nobody said where to"
    settings.BACKUP_DIR, settings.BACKUP_RECIPIENTS = tmp_path / "nights", list(LOCK.recipients)

    made = [nightly.back_up_today(LATER + timedelta(days=day)) for day in range(nightly.KEPT + 2)]
    again = nightly.back_up_today(LATER + timedelta(days=nightly.KEPT + 1, hours=2))

    assert again is None
    assert sorted((tmp_path / "nights").iterdir()) == made[2:]
    assert head_of(sorted((tmp_path / "nights").iterdir())[-1]) == queries.head()


@pytest.mark.one_store
def test_an_upgrade_begins_with_a_backup(tmp_path: Path) -> None:
    """A real data folder, whose tables are of an earlier migration: the next start keeps them before it changes them."""
    installation = Installation(tmp_path / "data")
    assert installation.run(START + FOUND + START + goes_back("directory", "0001")).split() == ["None", "None"]

    file, again = installation.run(START + START).splitlines()

    assert again == "None"
    key = archive.Key(identities=(tmp_path / "data" / "keys" / "institution" / make.OWN_KEY).read_text())
    manifest = make.Manifest.from_bytes(archive.unseal(Path(file).read_bytes(), key)[make.MANIFEST])
    assert manifest.institution == "Hospital"
    assert manifest.schema["directory"].startswith("0001")


@pytest.mark.one_store
def test_an_upgrade_that_is_killed_again_and_again_keeps_what_was_before_and_ends_at_the_next_start(
    tmp_path: Path,
) -> None:
    """A service manager starts it anew each time: the one backup of before must not be pushed out by half-made tables."""
    installation = Installation(tmp_path / "data")
    installation.run(START + FOUND + goes_back("directory", "0001") + goes_back("setup", "0006"))
    backups = tmp_path / "data" / "backups"

    for _start in range(2):
        assert installation.ends(KILLED_AT_THE_SECOND + START).returncode == KILLED
    (before,) = backups.glob("before-upgrade-*.age")
    kept = before.read_bytes()

    again = "from callroom.people.models import Institution; print(Institution.objects.get().name)\n" + START
    assert installation.run(START + again).splitlines() == [str(before), "Hospital", "None"]
    assert before.read_bytes() == kept
    assert [file.name for file in backups.iterdir()] == [before.name]
