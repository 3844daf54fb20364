"""The line about backups looks at what is really there, and says only what it can see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.kit import nights
from callroom.people.models import Institution, Person
from callroom.pulse import queries as pulse
from callroom.setup import actions, checks
from callroom.setup.states import Topic

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])
NOW = datetime(2026, 11, 25, 16, tzinfo=UTC)
TODAY = date(2026, 11, 25)


@pytest.fixture
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    """Return the folder that the settings name; nothing is in it."""
    settings.BACKUP_DIR, settings.BACKUP_RECIPIENTS = tmp_path / "nights", ["age1x"]
    settings.BACKUP_DIR.mkdir()
    return Path(settings.BACKUP_DIR)


@pytest.fixture
def with_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the first round have opened."""
    monkeypatch.setattr(pulse, "a_round_was_due", lambda *, now: True)


def made(folder: Path, day: date, content: bytes = b"age") -> None:
    nights.file_of(folder, day).write_bytes(content)


def line(now: datetime = NOW) -> checks.Finding:
    (found,) = (each for each in checks.findings(now=now) if each.topic is Topic.BACKUPS)
    return found


def confirms(fernando: Person, made_by: str) -> None:
    said = {"made_by": made_by} if made_by else {}
    actions.decide(by=fernando, topic=Topic.BACKUPS, name="Fernando Ruiz", said=said, now=NOW)


@pytest.mark.parametrize("made_by", ["callroom", ""])
@pytest.mark.parametrize("missing", ["BACKUP_DIR", "BACKUP_RECIPIENTS"])
def test_without_a_folder_or_a_recipient_a_persons_word_settles_nothing(
    fernando: Person, settings: LazySettings, folder: Path, missing: str, made_by: str
) -> None:
    confirms(fernando, made_by)
    assert line().settled

    setattr(settings, missing, None if missing == "BACKUP_DIR" else [])

    assert not line().settled
    assert "CALLROOM_BACKUP_RECIPIENTS" in line().says
    assert line().address == "/in/check/backups/"


def test_backups_by_other_means_need_no_setting_and_the_line_says_that_nobody_looks(fernando: Person) -> None:
    confirms(fernando, "others")

    assert line().settled
    assert "cannot see" in line().says


@pytest.mark.usefixtures("with_rounds")
def test_the_newest_backup_is_named_and_two_nights_are_the_most(fernando: Person, folder: Path) -> None:
    confirms(fernando, "callroom")
    assert not line().settled
    assert str(folder) in line().says

    made(folder, TODAY - timedelta(days=5))
    made(folder, TODAY)
    (folder / "callroom-of-my-own.age").write_bytes(b"not one of the night's")

    assert line(NOW + timedelta(days=2)).settled
    assert "25 November 2026" in line(NOW + timedelta(days=2)).says
    assert not line(NOW + timedelta(days=3)).settled
    assert "25 November 2026" in line(NOW + timedelta(days=3)).says


@pytest.mark.usefixtures("with_rounds")
def test_an_empty_file_is_no_backup(fernando: Person, folder: Path) -> None:
    confirms(fernando, "callroom")

    made(folder, TODAY, b"")

    assert not line().settled


def test_before_the_first_round_none_need_be_there(fernando: Person, folder: Path) -> None:
    confirms(fernando, "callroom")
    assert line().settled
    assert "None was made yet" in line().says

    made(folder, TODAY - timedelta(days=9))

    assert line().settled
    assert "16 November 2026" in line().says


class TestTwoUsers:
    """The web can neither look into the folder nor be sure of the tally's settings: it goes by the trail."""

    @pytest.fixture(autouse=True)
    def _web(self, settings: LazySettings) -> None:
        settings.APART, settings.PART = True, "web"

    def test_before_the_first_round_it_warns_that_it_cannot_see(self, fernando: Person) -> None:
        confirms(fernando, "callroom")

        assert (line().settled, line().warns) == (True, True)
        assert "callroom check" in line().says

    @pytest.mark.usefixtures("with_rounds")
    def test_it_says_what_the_trail_says(self, fernando: Person, hospital: Institution) -> None:
        confirms(fernando, "callroom")
        assert not line().settled

        audit.record(by=None, tag=Tag.BACKUP_MADE, about=str(hospital.pk), now=NOW)

        assert line(NOW + timedelta(days=2)).settled
        assert "25 November 2026" in line().says
        assert not line(NOW + timedelta(days=3)).settled


def test_the_page_asks_who_makes_them_and_does_not_choose(
    fernando: Person, sign_in: Callable[[Person], Client]
) -> None:
    client = sign_in(fernando)
    said = {"where": "x", "every": "day", "opened_by": "y", "without_waves": "on", "tried": "on", "name": "Fernando"}

    assert client.post("/in/check/backups/", said).status_code == 400
    assert client.post("/in/check/backups/", {**said, "made_by": "nobody"}).status_code == 400
    assert not line().settled
    assert client.post("/in/check/backups/", {**said, "made_by": "others"}).status_code == 302
    assert line().settled
