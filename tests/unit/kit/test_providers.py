"""Mail through a provider: nobody is followed, what would be is not sent, and a refusal is told from a failure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage

from callroom.kit import mail, providers
from callroom.kit.following import Followed
from callroom.site import settings as our_settings
from tests.world.providers import TAKEN, LocalProvider

LETTER = mail.Letter("ana@hospital.example", "The check-in is open", "https://bienestar.hospital.example/w/es/")
KEYS = {"mailjet": "the-key:the-secret"}
SWITCHES: dict[str, Callable[[Any], tuple[object, object]]] = {
    "postmark": lambda said: (said["TrackOpens"], said["TrackLinks"]),
    "mailgun": lambda said: (said["o:tracking-opens"], said["o:tracking-clicks"]),
    "mailjet": lambda said: (said["Globals"]["TrackOpens"], said["Globals"]["TrackClicks"]),
    "mandrill": lambda said: (said["message"]["track_opens"], said["message"]["track_clicks"]),
    "sparkpost": lambda said: (said["options"]["open_tracking"], said["options"]["click_tracking"]),
}
"""Opens and clicks, as each provider's own documentation calls them."""
OFF = {
    "postmark": (False, "None"),
    "mailgun": (["no"], ["no"]),
    "mailjet": ("disabled", "disabled"),
    "mandrill": (False, False),
    "sparkpost": (False, False),
}


@pytest.fixture
def server() -> Iterator[LocalProvider]:
    with LocalProvider().serving() as serving:
        yield serving


@pytest.fixture
def use(settings: LazySettings, server: LocalProvider, tmp_path: Path) -> Callable[[str], LocalProvider]:
    """Return what lets letters go through this provider, which takes them."""

    def using(name: str) -> LocalProvider:
        settings.MAIL_IS_SET_UP = True
        settings.MAIL_PROVIDER = name
        settings.EMAIL_BACKEND = f"callroom.kit.providers.{our_settings._PROVIDERS[name]}"
        settings.DEFAULT_FROM_EMAIL = "Callroom <callroom@hospital.example>"
        settings.MAIL_KEY_FILE = tmp_path / "key"
        settings.MAIL_KEY_FILE.write_text(KEYS.get(name, "the-key") + "\n")
        settings.MAIL_API = server.address
        server.said = TAKEN[name]
        return server

    return using


def waiting(names: list[str], noted: set[str]) -> list[mail.Waiting]:
    def entry(name: str) -> mail.Waiting:
        def take() -> bool:
            fresh = name not in noted
            noted.add(name)
            return fresh

        return mail.Waiting(lambda: mail.Letter(name, "subject", "text"), take, lambda: noted.discard(name))

    return [entry(name) for name in names]


def said_in(body: bytes) -> Any:
    return json.loads(body) if body.startswith(b"{") else parse_qs(body.decode())


def test_every_provider_of_the_setting_is_tried_here() -> None:
    assert set(our_settings._PROVIDERS) == set(providers.PROVIDERS) == set(OFF) == set(TAKEN) == set(SWITCHES)


@pytest.mark.parametrize("name", sorted(OFF))
def test_each_letter_tells_the_provider_to_follow_nobody(name: str, use: Callable[[str], LocalProvider]) -> None:
    server = use(name)

    mail.send(LETTER)

    ((_path, headers, body),) = server.came
    assert SWITCHES[name](said_in(body)) == OFF[name]
    assert b"the-key" in body or any(
        key in str(headers) for key in ("the-key", "YXBpOnRoZS1rZXk=", "dGhlLWtleTp0aGUtc2VjcmV0")
    )
    assert "Auto-Submitted" in body.decode().replace("auto-submitted", "Auto-Submitted")
    assert b"<html" not in body.lower()


@pytest.mark.parametrize("name", sorted(OFF))
@pytest.mark.parametrize("wish", [{"track_opens": True}, {"track_clicks": True}])
def test_a_letter_that_would_be_followed_is_not_sent(
    name: str, wish: dict[str, bool], use: Callable[[str], LocalProvider], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether its writer or the installation's settings wished for it."""
    server = use(name)
    message = EmailMessage("subject", "text", to=["ana@hospital.example"])
    for wished, value in wish.items():
        setattr(message, wished, value)

    with pytest.raises(Followed):
        message.send()
    monkeypatch.setattr(providers, "UNFOLLOWED", wish)
    with pytest.raises(mail.NotReached, match="follow"):
        mail.send(LETTER)

    assert server.came == []


@pytest.mark.parametrize("name", sorted(OFF))
def test_a_letter_that_says_nothing_about_following_is_not_sent(
    name: str, use: Callable[[str], LocalProvider], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the provider's account would decide."""
    server = use(name)
    monkeypatch.setattr(providers, "UNFOLLOWED", {})

    with pytest.raises(mail.NotSent):
        mail.send(LETTER)

    assert server.came == []


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"nonsense", b"\xff", b'{"TrackOpens": 0, "TrackLinks": "None"}'])
def test_the_last_gate_lets_nothing_out_that_it_does_not_understand(body: bytes) -> None:
    for provider in providers.PROVIDERS.values():
        try:
            assert not provider.follows_nobody(body)
        except (ValueError, KeyError, TypeError):
            continue


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        (500, {}, mail.NotReached),
        (503, None, mail.NotReached),
        (401, {"ErrorCode": 10, "Message": "bad key of ana@hospital.example"}, mail.NotReached),
        (429, {}, mail.NotReached),
        (200, {}, mail.NotReached),
        (413, {}, mail.NotSent),
        (422, {"ErrorCode": 406, "Message": "You tried to send to recipients that have been marked as inactive. Found inactive addresses: ana@hospital.example. Inactive recipients are ones that have generated a hard bounce."}, mail.Refused),
    ],
)  # fmt: skip
def test_what_a_provider_answers_is_told_apart_and_its_words_name_nobody(
    status: int, said: object, kind: type[mail.NotSent], use: Callable[[str], LocalProvider]
) -> None:
    server = use("postmark")
    server.status, server.said = status, said

    with pytest.raises(mail.NotSent) as caught:
        mail.send(LETTER)

    assert type(caught.value) is kind
    assert "ana@" not in str(caught.value)


def test_a_provider_that_says_politely_that_it_failed_did_not_take_the_letter(
    use: Callable[[str], LocalProvider],
) -> None:
    server = use("mailjet")
    server.said = {"Messages": [{"Status": "error", "Errors": []}]}

    with pytest.raises(mail.NotSent) as caught:
        mail.send(LETTER)

    assert type(caught.value) is mail.NotSent


def test_nobody_listens_there(use: Callable[[str], LocalProvider], settings: LazySettings) -> None:
    use("postmark")
    settings.MAIL_API = "http://127.0.0.1:1/"

    with pytest.raises(mail.NotReached):
        mail.send(LETTER)


@pytest.mark.parametrize("said", ["", "one", "one:", ":two", None])
def test_a_key_that_cannot_be_read_keeps_the_letters(
    said: str | None, use: Callable[[str], LocalProvider], settings: LazySettings
) -> None:
    server = use("mailjet")
    if said is None:
        settings.MAIL_KEY_FILE.unlink()
    else:
        settings.MAIL_KEY_FILE.write_text(said)

    with pytest.raises(mail.NotReached):
        mail.send(LETTER)
    assert server.came == []


def test_after_two_days_of_failing_everybody_has_one_letter(use: Callable[[str], LocalProvider]) -> None:
    server, noted = use("mailgun"), set[str]()
    names = [f"{number}@hospital.example" for number in range(30)]
    server.status = 503
    for _minute in range(5):
        assert mail.hand_over(waiting(names, noted)) == 0
    assert noted == set()
    assert len(server.came) == 5, "one try a turn while it is down"
    server.came.clear()
    server.status = 200

    for _minute in range(3):
        mail.hand_over(waiting(names, noted), most=20)

    assert sorted(said_in(body)["to"][0] for _path, _headers, body in server.came) == sorted(names)


def test_a_letter_that_the_provider_does_not_take_holds_nobody_up(use: Callable[[str], LocalProvider]) -> None:
    server, noted = use("postmark"), set[str]()
    server.status, server.said = 422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'gone@hospital.example'."}
    assert mail.hand_over(waiting(["gone@hospital.example"], noted)) == 0
    server.status, server.said = 200, TAKEN["postmark"]

    assert mail.hand_over(waiting(["gone@hospital.example", "ana@hospital.example"], noted)) == 1


@pytest.mark.parametrize(
    ("host", "who"),
    [
        ("smtp.sendgrid.net", "SendGrid"),
        ("email-smtp.us-east-1.amazonaws.com.", "Amazon SES"),
        ("SMTP-RELAY.brevo.com", "Brevo"),
        ("mail.hospital.example", ""),
        ("notsendgrid.net", ""),
        ("", ""),
    ],
)
def test_who_follows_by_smtp_is_known_by_the_servers_name(host: str, who: str) -> None:
    assert providers.following_by_smtp(host) == who
