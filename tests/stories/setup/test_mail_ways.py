"""The check's line about mail: by which way letters leave, and whether anybody on it learns who opens them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from callroom.people.models import Person
from callroom.prompts import actions as prompts
from callroom.prompts import letters
from callroom.setup import actions
from callroom.setup.checks import Finding, care, findings
from callroom.setup.states import Topic
from tests.rules.house import ROOT

pytestmark = [pytest.mark.django_db(databases=["default", "issuing", "sealed"]), pytest.mark.one_store]

NOW = datetime(2026, 11, 13, 18, tzinfo=UTC)
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def line() -> Finding:
    (found,) = (each for each in findings(now=NOW) if each.topic is Topic.MAIL)
    return found


def arrived(fernando: Person) -> None:
    """Fernando's test letter arrived with these settings."""
    said = {"settings": care.mail_settings()}
    actions.decide(by=fernando, topic=Topic.MAIL, name="Fernando Ruiz", said=said, now=NOW)


@pytest.fixture
def postmark(settings: LazySettings, tmp_path: Path) -> Path:
    """Let letters go through Postmark; return the file with the key."""
    settings.MAIL_IS_SET_UP = True
    settings.MAIL_PROVIDER, settings.MAIL_KEY_FILE = "postmark", tmp_path / "key"
    settings.EMAIL_BACKEND = "callroom.kit.providers.Postmark"
    settings.MAIL_KEY_FILE.write_text("the-key\n")
    return tmp_path / "key"


def test_a_provider_is_named_with_what_it_is_told(
    fernando: Person, postmark: Path, sign_in: Callable[[Person], Client]
) -> None:
    arrived(fernando)

    assert line().settled
    assert "Letters go through Postmark. Following opens and clicks is off" in line().says
    page = sign_in(fernando).get("/in/check/mail/").content.decode()
    assert "Following opens and clicks is off" in page
    assert "the-key" not in page


def test_a_key_that_is_gone_is_red(fernando: Person, postmark: Path) -> None:
    arrived(fernando)
    postmark.unlink()

    assert not line().settled
    assert "CALLROOM_MAIL_KEY_FILE" in line().says


def test_another_provider_asks_for_another_test_letter(
    fernando: Person, postmark: Path, settings: LazySettings
) -> None:
    arrived(fernando)
    settings.MAIL_API = "https://api.elsewhere.example/"

    assert "changed" in line().says


def test_a_relay_that_can_follow_is_red_until_a_link_arrives_as_it_was_sent(
    fernando: Person, settings: LazySettings
) -> None:
    settings.MAIL_IS_SET_UP, settings.EMAIL_BACKEND, settings.EMAIL_HOST = True, SMTP, "smtp.sendgrid.net"
    arrived(fernando)
    prompts.set_times(by=fernando, opening_at=time(8), reminders=(), now=NOW)
    assert not line().settled
    assert "Letters go through SendGrid by SMTP. It can replace links" in line().says
    assert line().address == "/in/letters/"

    prompts.keep_how_it_arrived(by=fernando, link="https://u1.ct.sendgrid.net/ls/click?upn=u001", now=NOW)
    assert not line().settled
    prompts.keep_how_it_arrived(by=fernando, link=letters.address(fernando.language), now=NOW)

    assert line().settled
    assert "SendGrid" in line().says


def test_an_own_server_and_a_foreign_class_are_said_as_what_they_are(fernando: Person, settings: LazySettings) -> None:
    settings.MAIL_IS_SET_UP, settings.EMAIL_BACKEND, settings.EMAIL_HOST = True, SMTP, "mail.hospital.example"
    arrived(fernando)
    assert line().settled
    assert "Callroom asks nobody to follow" in line().says
    settings.EMAIL_BACKEND = "somebody.elses.EmailBackend"
    arrived(fernando)

    assert "somebody.elses.EmailBackend, which is not Callroom's own" in line().says


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"CALLROOM_MAIL_PROVIDER": "brevo"}, "CALLROOM_MAIL_PROVIDER is 'brevo'"),
        ({"CALLROOM_MAIL_PROVIDER": "postmark"}, "CALLROOM_MAIL_KEY_FILE is missing"),
        (
            {
                "CALLROOM_MAIL_PROVIDER": "postmark",
                "CALLROOM_MAIL_KEY_FILE": "/k",
                "CALLROOM_SMTP_HOST": "mail.example",
            },
            "CALLROOM_MAIL_PROVIDER and CALLROOM_SMTP_HOST are both set",
        ),
        (
            {
                "CALLROOM_MAIL_PROVIDER": "postmark",
                "CALLROOM_MAIL_KEY_FILE": "/k",
                "CALLROOM_EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend",
            },
            "CALLROOM_MAIL_PROVIDER and CALLROOM_EMAIL_BACKEND are both set",
        ),
        (
            {
                "CALLROOM_MAIL_PROVIDER": "mailgun",
                "CALLROOM_MAIL_KEY_FILE": "/k",
                "CALLROOM_MAIL_API": "http://api.mailgun.net/v3",
            },
            "write an address with https://",
        ),
    ],
)
def test_settings_that_cannot_be_meant_stop_the_start_with_a_sentence(
    said: dict[str, str], wrong: str, tmp_path: Path
) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CALLROOM_")}
    done = subprocess.run(
        [sys.executable, "-c", "import callroom.site.settings"],
        env={**clean, **said, "CALLROOM_DATA": str(tmp_path), "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert wrong in done.stderr
