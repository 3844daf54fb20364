"""
Mail through a provider's own interface instead of SMTP: only providers that can be told, letter by letter, to follow nobody.

Following means that the provider replaces links by personal ones, or hides a picture, and learns who opened what and when. Each
letter says that neither is wanted. The last gate looks at the bytes as they leave: what does not say so is not sent, whoever
wrote it. Providers of whom only their account decides that are not here; they can be reached by SMTP (``FOLLOWING_BY_SMTP``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs

import requests
from anymail.backends import mailgun, mailjet, mandrill, postmark, sparkpost
from anymail.message import AnymailStatus
from django.conf import settings
from django.core.mail import EmailMessage
from requests.adapters import HTTPAdapter

from callroom.kit.following import Followed, NoKey, NotTaken

UNFOLLOWED: Final[Mapping[str, bool]] = {"track_opens": False, "track_clicks": False}


def _json(body: bytes) -> Any:
    return json.loads(body)


def _form(body: bytes) -> Mapping[str, list[str]]:
    return parse_qs(body.decode())


def _off(said: Any, *names: str, word: object = False) -> bool:
    """Return whether each of these names stands there and is this word, and nothing that counts as it."""
    return all(name in said and said[name] == word and type(said[name]) is type(word) for name in names)


@dataclass(frozen=True, slots=True)
class Provider:
    """
    A provider: its name, the words for its key, and whether a body that leaves says that nobody is followed.

    ``keys``: what the library calls the parts of the key; of two, the file holds both with a colon between.
    """

    name: str
    keys: tuple[str, ...]
    follows_nobody: Callable[[bytes], bool]


PROVIDERS: Final[Mapping[str, Provider]] = {
    "postmark": Provider(
        "Postmark",
        ("server_token",),
        lambda body: _off(_json(body), "TrackOpens") and _off(_json(body), "TrackLinks", word="None"),
    ),
    "mailgun": Provider(
        "Mailgun",
        ("api_key",),
        lambda body: _off(_form(body), "o:tracking-opens", "o:tracking-clicks", word=["no"]),
    ),
    "mailjet": Provider(
        "Mailjet",
        ("api_key", "secret_key"),
        lambda body: _off(_json(body)["Globals"], "TrackOpens", "TrackClicks", word="disabled"),
    ),
    "mandrill": Provider(
        "Mailchimp Transactional (Mandrill)",
        ("api_key",),
        lambda body: _off(_json(body)["message"], "track_opens", "track_clicks"),
    ),
    "sparkpost": Provider(
        "SparkPost",
        ("api_key",),
        lambda body: _off(_json(body)["options"], "open_tracking", "click_tracking"),
    ),
}
"""By the word of the setting CALLROOM_MAIL_PROVIDER."""

FOLLOWING_BY_SMTP: Final[Mapping[str, str]] = {
    "sendgrid.net": "SendGrid",
    "mailgun.org": "Mailgun",
    "mailjet.com": "Mailjet",
    "mandrillapp.com": "Mailchimp Transactional (Mandrill)",
    "sparkpostmail.com": "SparkPost",
    "postmarkapp.com": "Postmark",
    "amazonaws.com": "Amazon SES",
    "brevo.com": "Brevo",
    "sendinblue.com": "Brevo",
    "mailersend.net": "MailerSend",
    "mailtrap.io": "Mailtrap",
    "resend.com": "Resend",
    "elasticemail.com": "Elastic Email",
    "smtp2go.com": "SMTP2GO",
}
"""Who replaces links or follows opening for those who let them, by the end of the name of their SMTP server."""


def following_by_smtp(host: str) -> str:
    """Return the provider behind an SMTP server that can follow who opens letters; empty for any other server."""
    name = host.lower().rstrip(".")
    return next((who for end, who in FOLLOWING_BY_SMTP.items() if name == end or name.endswith(f".{end}")), "")


def key_of(provider: Provider) -> tuple[str, ...]:
    """
    Return the parts of the key from its file, read anew each time, so that a new key needs no restart.

    :raises NoKey: if the file cannot be read or does not hold as many parts
    """
    try:
        said = settings.MAIL_KEY_FILE.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NoKey(f"the file with the provider's key cannot be read: {error}") from error
    parts = tuple(part.strip() for part in said.split(":", len(provider.keys) - 1))
    if len(parts) != len(provider.keys) or not all(parts):
        raise NoKey(f"the file with the provider's key holds something else than: {', '.join(provider.keys)}")
    return parts


class _LastGate(HTTPAdapter):
    """Lets a request out only if its body says that nobody is followed."""

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self.provider = provider

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        body = request.body.encode() if isinstance(request.body, str) else request.body
        try:
            quiet = isinstance(body, bytes) and self.provider.follows_nobody(body)
        except (ValueError, KeyError, TypeError):
            quiet = False
        if not quiet:
            raise Followed
        return super().send(request, *args, **kwargs)


class _Quiet:
    """What each provider's class below adds to the library's: the key from its file, no following, the last gate."""

    provider: ClassVar[Provider]

    def __init__(self, **kwargs: Any) -> None:
        secret = dict(zip(self.provider.keys, key_of(self.provider), strict=True))
        place = {"api_url": settings.MAIL_API} if settings.MAIL_API else {}
        super().__init__(**{**kwargs, **secret, **place, "timeout": settings.EMAIL_TIMEOUT})

    def build_message_payload(self, message: EmailMessage, defaults: Mapping[str, Any]) -> Any:
        """Say with each letter that nobody is followed."""
        return super().build_message_payload(message, {**defaults, **UNFOLLOWED})  # type: ignore[misc]

    def create_session(self) -> requests.Session:
        """Return the library's session, through the last gate."""
        session: requests.Session = super().create_session()  # type: ignore[misc]
        for scheme in ("https://", "http://"):
            session.mount(scheme, _LastGate(self.provider))
        return session

    def raise_for_recipient_status(self, status: AnymailStatus, response: Any, payload: Any, message: Any) -> None:
        """Raise also where a provider answers politely that it did not take the letter."""
        super().raise_for_recipient_status(status, response, payload, message)  # type: ignore[misc]
        if status.status == {"failed"}:
            raise NotTaken("the provider did not take the letter", backend=self)


class Postmark(_Quiet, postmark.EmailBackend):  # type: ignore[misc]
    """Mail through Postmark."""

    provider = PROVIDERS["postmark"]


class Mailgun(_Quiet, mailgun.EmailBackend):  # type: ignore[misc]
    """Mail through Mailgun."""

    provider = PROVIDERS["mailgun"]


class Mailjet(_Quiet, mailjet.EmailBackend):  # type: ignore[misc]
    """Mail through Mailjet."""

    provider = PROVIDERS["mailjet"]


class Mandrill(_Quiet, mandrill.EmailBackend):  # type: ignore[misc]
    """Mail through Mandrill."""

    provider = PROVIDERS["mandrill"]


class SparkPost(_Quiet, sparkpost.EmailBackend):  # type: ignore[misc]
    """Mail through SparkPost."""

    provider = PROVIDERS["sparkpost"]
