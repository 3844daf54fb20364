"""Is it ready? Every line is red in plain words until it is settled, and a person's word is kept with name and day."""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import translation

from callroom.audit.models import AuditRow
from callroom.directory.models import CrisisLine
from callroom.improvement.actions import promises
from callroom.kit import keyring
from callroom.people.models import Institution, Person
from callroom.people.policy import NotYours
from callroom.prompts import actions as prompts
from callroom.prompts import letters
from callroom.pulse import leftovers
from callroom.pulse import queries as pulse
from callroom.setup import access, actions, checks
from callroom.setup.checks import care, machine
from callroom.setup.models import Decision
from callroom.setup.states import Topic
from tests.world.consent import Publish
from tests.world.people import residents_in

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])
NOW = datetime(2026, 11, 25, 16, tzinfo=UTC)

SignIn = Callable[[Person], Client]


@pytest.fixture(autouse=True)
def _keys_folder(tmp_path: Path, settings: LazySettings) -> None:
    settings.KEYS_DIR = tmp_path / "keys"


def finding(topic: Topic, now: datetime = NOW) -> checks.Finding:
    (found,) = (each for each in checks.findings(now=now) if each.topic is topic)
    return found


def agreed(form: list[str], **said: str) -> dict[str, str]:
    return {**dict.fromkeys(form, "on"), "name": "Fernando Ruiz", **said}


def test_each_line_of_the_check_is_there_once_and_says_something() -> None:
    found = checks.findings(now=NOW)

    assert [each.topic for each in found] == list(dict.fromkeys(each.topic for each in found))
    assert {each.topic for each in found} == set(Topic)
    assert all(each.says and each.title for each in found)


def test_before_there_is_an_institution_the_check_says_where_to_begin() -> None:
    assert not finding(Topic.PEOPLE).settled
    assert "no institution" in finding(Topic.PEOPLE).says


def test_ten_residents_are_too_few_and_eleven_are_enough(hospital: Institution) -> None:
    residents_in(hospital, "surgery", 10)
    assert not finding(Topic.PEOPLE).settled

    residents_in(hospital, "urology", 1)
    assert finding(Topic.PEOPLE).settled


def test_the_worker_is_red_until_it_beats_and_three_minutes_after(hospital: Institution) -> None:
    assert "never seen" in finding(Topic.WORKER).says

    actions.beat(now=NOW)
    actions.beat(now=NOW + timedelta(minutes=1))

    assert finding(Topic.WORKER, NOW + timedelta(minutes=4)).settled
    silent = finding(Topic.WORKER, NOW + timedelta(minutes=9))
    assert not silent.settled
    assert "8 minutes" in silent.says


def test_what_the_worker_does_every_minute_says_that_it_is_alive(hospital: Institution) -> None:
    from callroom.site.schedule import every_minute

    with time_machine.travel(NOW, tick=False):
        every_minute()

    assert finding(Topic.WORKER).settled


def test_databases_answer_here(hospital: Institution) -> None:
    assert finding(Topic.DATABASE).settled


def test_little_room_on_the_disk_is_red(hospital: Institution, monkeypatch: pytest.MonkeyPatch) -> None:
    assert finding(Topic.DISK).settled
    monkeypatch.setattr(machine, "FREE_BYTES", 2**62)
    assert not finding(Topic.DISK).settled


def test_plain_http_is_red_and_a_name_of_its_own_by_https_is_not(hospital: Institution, settings: LazySettings) -> None:
    assert "without encryption" in finding(Topic.HTTPS).says

    settings.PLAIN_HTTP = False
    settings.ALLOWED_HOSTS = ["localhost"]
    assert "no name" in finding(Topic.HTTPS).says
    settings.ALLOWED_HOSTS = ["*"]
    assert not finding(Topic.HTTPS).settled

    settings.ALLOWED_HOSTS = ["localhost", "well.hospital.example"]
    assert finding(Topic.HTTPS).settled


def test_a_loosened_content_policy_is_red(hospital: Institution, settings: LazySettings) -> None:
    assert finding(Topic.POLICY).settled
    for looser in ("'unsafe-inline'", "https://cdn.example", "*.example"):
        settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {"script-src": [looser]}}
        assert not finding(Topic.POLICY).settled


def test_the_frameworks_warnings_are_named(hospital: Institution, settings: LazySettings) -> None:
    settings.SECRET_KEY = "short"

    assert "security.W009" in finding(Topic.DEPLOY).says


def test_lines_are_red_until_somebody_here_tried_them_and_again_after_a_year(
    hospital: Institution, fernando: Person
) -> None:
    assert not finding(Topic.LINES).settled

    actions.confirm_lines(by=fernando, name="Fernando Ruiz", codes=["mx-linea-de-la-vida", "mx-911"], now=NOW)
    CrisisLine.objects.exclude(place="mx").update(review_due_on=NOW.date() + timedelta(days=400))

    assert finding(Topic.LINES).settled
    assert "Fernando Ruiz" in finding(Topic.LINES).says
    assert not finding(Topic.LINES, NOW + timedelta(days=365)).settled


def test_keys_that_stay_after_their_round_are_an_alarm(hospital: Institution, fernando: Person) -> None:
    keyring.make_waves_folder()
    actions.decide(by=fernando, topic=Topic.KEYS, name="Fernando Ruiz", said={}, now=NOW)
    assert finding(Topic.KEYS).settled

    folder = keyring.waves_folder() / "pulse_2026-W40"
    folder.mkdir()
    os.utime(folder, times=(NOW.timestamp(), NOW.timestamp()))  # just being made, before its wave is announced
    assert leftovers.keys_left(now=NOW + timedelta(minutes=14)) == ()
    os.utime(folder, times=(0, 0))

    assert leftovers.keys_left(now=NOW) == ("pulse_2026-W40",)
    assert "pulse_2026-W40" in finding(Topic.KEYS).says


def test_a_folder_of_keys_that_others_can_read_is_red(hospital: Institution, fernando: Person) -> None:
    keyring.make_waves_folder()
    actions.decide(by=fernando, topic=Topic.KEYS, name="Fernando Ruiz", said={}, now=NOW)

    os.chmod(keyring.waves_folder(), 0o750)

    assert "0700" in finding(Topic.KEYS).says


@pytest.mark.parametrize("topic", [Topic.KEYS, Topic.BACKUPS])
def test_what_was_confirmed_holds_for_a_year(hospital: Institution, fernando: Person, topic: Topic) -> None:
    assert not finding(topic).settled

    actions.decide(by=fernando, topic=topic, name="Fernando Ruiz", said={"made_by": "others"}, now=NOW)

    assert finding(topic, NOW + timedelta(days=364)).settled
    assert not finding(topic, NOW + timedelta(days=366)).settled


def test_who_may_not_set_up_confirms_nothing(hospital: Institution, ana: Person) -> None:
    with pytest.raises(NotYours):
        actions.decide(by=ana, topic=Topic.KEYS, name="Ana Torres", said={}, now=NOW)

    assert not Decision.objects.exists()


def test_a_confirmation_is_kept_with_name_day_and_a_row_of_the_trail(fernando: Person, sign_in: SignIn) -> None:
    client = sign_in(fernando)
    every = ["encrypted", "no_backup", "own_user", "not_shared", "renewed"]

    missing = client.post("/in/check/keys/", agreed(every[1:]))
    assert missing.status_code == 400
    assert not Decision.objects.exists()
    with time_machine.travel(NOW, tick=False):
        assert client.post("/in/check/keys/", agreed(every)).status_code == 302

    kept = Decision.objects.get()
    assert (kept.topic, kept.name, kept.person, kept.decided_on) == ("keys", "Fernando Ruiz", fernando, NOW.date())
    assert kept.said == dict.fromkeys(every, "confirmed")
    assert AuditRow.objects.filter(tag="decision-recorded", about="keys", by=str(fernando.pk)).count() == 1


def test_a_decision_about_backups_keeps_what_was_written(fernando: Person, sign_in: SignIn) -> None:
    said = agreed(
        ["without_waves", "tried"], made_by="callroom", where="edificio B", every="day", opened_by="Elena y Óscar"
    )

    assert sign_in(fernando).post("/in/check/backups/", said).status_code == 302

    assert Decision.objects.get().said == {
        "made_by": "callroom", "where": "edificio B", "every": "day", "opened_by": "Elena y Óscar",
        "without_waves": "confirmed", "tried": "confirmed",
    }  # fmt: skip


def test_a_letter_is_sent_and_its_number_settles_mail(
    fernando: Person, sign_in: SignIn, settings: LazySettings
) -> None:
    settings.MAIL_IS_SET_UP = True
    client = sign_in(fernando)
    client.post("/in/check/mail/", {"send": "1"})
    (letter,) = mail.outbox
    assert letter.to == [fernando.email]
    code = str(letter.body)[-6:]

    wrong = client.post("/in/check/mail/", {"arrived": "1", "code": "000000" if code != "000000" else "1"})
    assert wrong.status_code == 400
    assert not finding(Topic.MAIL).settled
    assert client.post("/in/check/mail/", {"arrived": "1", "code": f" {code[:3]} {code[3:]}"}).status_code == 302

    assert finding(Topic.MAIL).settled
    settings.EMAIL_HOST = "another.example"
    assert "changed" in finding(Topic.MAIL).says


def test_mail_that_cannot_be_sent_says_so_and_loses_nothing(
    fernando: Person, sign_in: SignIn, settings: LazySettings
) -> None:
    settings.MAIL_IS_SET_UP = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    page = sign_in(fernando).post("/in/check/mail/", {"send": "1"}, follow=True)

    assert "could not be sent" in page.content.decode() or "No se pudo mandar" in page.content.decode()
    assert not finding(Topic.MAIL).settled


def test_a_number_from_nowhere_settles_nothing(fernando: Person, sign_in: SignIn) -> None:
    assert sign_in(fernando).post("/in/check/mail/", {"arrived": "1", "code": ""}).status_code == 400
    assert sign_in(fernando).post("/in/check/mail/", {"arrived": "1", "code": "123456"}).status_code == 400


def test_the_weeks_before_the_first_round_are_skipped(fernando: Person, sign_in: SignIn) -> None:
    with time_machine.travel(NOW, tick=False):
        client = sign_in(fernando)
        assert client.post("/in/check/schedule/", {"monday": "2026-11-26"}).status_code == 400
        assert client.post("/in/check/schedule/", {"monday": "2026-12-14"}).status_code == 302

    skipped = [week.monday.isoformat() for week in pulse.skipped_weeks(fernando.institution, now=NOW)]
    assert skipped == ["2026-11-30", "2026-12-07"]
    assert finding(Topic.SCHEDULE).settled


@pytest.mark.parametrize(("day", "offered"), [(25, "2026-12-14"), (29, "2026-12-14"), (30, "2026-12-14")])
def test_the_first_round_is_offered_at_least_two_weeks_ahead(
    fernando: Person, sign_in: SignIn, day: int, offered: str
) -> None:
    with time_machine.travel(datetime(2026, 11, day, 18, tzinfo=UTC), tick=False):
        page = sign_in(fernando).get("/in/check/schedule/").content.decode()

    assert re.findall(r'<option value="([0-9-]+)" selected', page) == [offered]


def test_who_is_on_leave_is_not_counted_and_the_line_says_so(hospital: Institution) -> None:
    residents_in(hospital, "surgery", 12)

    assert finding(Topic.PEOPLE).says == "12 residents can be asked today; who is on leave is not counted."


def test_an_operator_who_skips_no_weeks_finds_no_schedule(oscar: Person, sign_in: SignIn) -> None:
    assert sign_in(oscar).get("/in/check/schedule/").status_code == 404
    assert sign_in(oscar).get("/in/check/keys/").status_code == 200


def test_the_page_shows_what_is_open_first(fernando: Person, sign_in: SignIn) -> None:
    page = sign_in(fernando).get("/in/check/").content.decode()

    assert page.index("open-heading") < page.index("settled-heading")
    assert "/in/check/keys/" in page


def test_lines_without_a_page_of_their_own_are_not_there(fernando: Person, sign_in: SignIn) -> None:
    for topic in ("database", "nothing"):
        assert sign_in(fernando).get(f"/in/check/{topic}/").status_code == 404


def test_the_command_names_what_is_open_and_fails(hospital: Institution) -> None:
    out = io.StringIO()

    with pytest.raises(CommandError, match="Faltan"):
        call_command("check", stdout=out)

    assert "✗ Proceso de fondo" in out.getvalue()
    assert "✓ Bases de datos" in out.getvalue()


def test_the_command_passes_when_everything_is_settled(
    hospital: Institution, fernando: Person, settings: LazySettings, publish: Publish
) -> None:
    residents_in(hospital, "surgery", 11)
    publish(reviewed_by="Lic. Rosa Ibarra", now=NOW)
    settings.PLAIN_HTTP, settings.ALLOWED_HOSTS, settings.MAIL_IS_SET_UP = False, ["well.hospital.example"], True
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 365 * 24 * 3600
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    settings.SECRET_KEY = "of-letters-that-differ-0123456789-abcdefghijklmnopqrstuvwxyz"
    with time_machine.travel(NOW, tick=False):
        actions.beat(now=NOW)
        promises.waive_all(units=["surgery"], by=fernando, reason_en="New.", reason_es="Nuevo.", now=NOW)
        for topic in (Topic.COUNCIL, Topic.SCHEDULE, Topic.LINES, Topic.KEYS, Topic.BACKUPS, Topic.CLOCK):
            actions.decide(by=fernando, topic=topic, name="Fernando Ruiz", said={"made_by": "others"}, now=NOW)
        said = {"settings": care.mail_settings()}
        actions.decide(by=fernando, topic=Topic.MAIL, name="Fernando Ruiz", said=said, now=NOW)
        prompts.set_times(by=fernando, opening_at=time(7, 30), reminders=(), now=NOW)
        prompts.keep_how_it_arrived(by=fernando, link=letters.address(fernando.language), now=NOW)
        out = io.StringIO()

        call_command("check", language="en", stdout=out)

    assert "✗" not in out.getvalue()
    assert "Everything is settled." in out.getvalue()
    assert [line.partition(":")[0] for line in out.getvalue().splitlines() if line.startswith("!")] == [
        "! Web and tally"
    ]
    assert "1 line works and could be better; it says how." in out.getvalue()


def test_with_an_option_of_the_framework_the_command_is_the_frameworks(hospital: Institution) -> None:
    out = io.StringIO()

    call_command("check", "--tag", "models", stdout=out)

    assert "no issues" in out.getvalue()


def test_findings_speak_both_languages(hospital: Institution) -> None:
    said = {}
    for language in ("en", "es"):
        with translation.override(language):
            said[language] = [each.says for each in checks.findings(now=NOW)]

    assert all(one != other for one, other in zip(said["en"], said["es"], strict=True))


def test_a_clock_kept_by_a_service_needs_nobody_and_another_one_a_person(
    hospital: Institution, fernando: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_kept_by_a_time_service", lambda: True)
    assert finding(Topic.CLOCK).settled
    monkeypatch.setattr(machine, "_kept_by_a_time_service", lambda: False)
    assert not finding(Topic.CLOCK).settled

    actions.decide(by=fernando, topic=Topic.CLOCK, name="Fernando Ruiz", said={}, now=NOW)

    assert finding(Topic.CLOCK).settled
    assert not finding(Topic.CLOCK, NOW + timedelta(days=93)).settled


def test_looking_changes_nothing(hospital: Institution) -> None:
    assert checks.findings(now=NOW) == checks.findings(now=NOW)
    assert not Decision.objects.exists()
    assert not keyring.waves_folder().exists()


@pytest.fixture
def two_users(tmp_path: Path, settings: LazySettings) -> Path:
    """Let the installation be one for two users, in folders of its own; return its data folder."""
    settings.APART, settings.DATA_DIR, settings.TALLY_DIR = True, tmp_path / "data", tmp_path / "tally"
    keyring.make_waves_folder()
    access.settle()
    return tmp_path / "data"


def test_with_one_user_the_line_warns_and_is_not_open(hospital: Institution) -> None:
    found = finding(Topic.APART)

    assert (found.settled, found.warns) == (True, True)
    assert "One user runs the web and the tally" in found.says


def test_what_works_and_could_be_better_stands_apart_from_what_is_settled_and_from_what_is_open(
    fernando: Person, sign_in: SignIn
) -> None:
    page = sign_in(fernando).get("/in/check/").content.decode()
    opened, better, settled = (page.index(f"{name}-heading") for name in ("open", "better", "settled"))

    assert opened < better < page.index("One user runs the web") < settled
    assert "From one user to two" in page


def test_where_nothing_could_be_better_there_is_no_such_part(
    fernando: Person, sign_in: SignIn, two_users: Path
) -> None:
    page = sign_in(fernando).get("/in/check/").content.decode()

    assert "better-heading" not in page
    assert page.index("open-heading") < page.index("The web was never seen") < page.index("settled-heading")


def test_two_parts_that_one_user_runs_are_not_apart(hospital: Institution, two_users: Path) -> None:
    assert "never seen" in finding(Topic.APART).says
    access.note_web_user()
    assert "the same user" in finding(Topic.APART).says


def test_what_was_the_groups_is_one_users_alone_again(two_users: Path, settings: LazySettings) -> None:
    assert mode_of(keyring.waves_folder()) == 0o750
    assert mode_of(keyring.institution_folder() / "audit.key") == 0o640

    settings.APART = False
    access.settle()

    assert mode_of(keyring.waves_folder()) == 0o700
    assert {mode_of(file) for file in keyring.institution_folder().iterdir()} == {0o600}


def test_no_mode_is_set_through_a_link_that_somebody_put_there(two_users: Path) -> None:
    secret = keyring.institution_folder() / "signing.key"
    secret.write_bytes(b"")
    secret.chmod(0o600)
    (two_users / "sealed" / "pulse_2026-W47.sqlite3").symlink_to(secret)

    access.settle()

    assert mode_of(secret) == 0o600
    assert mode_of(two_users / "sealed") == 0o770


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
