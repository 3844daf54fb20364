"""What a simulated person does under ``/in/`` besides fetching tickets: forms, signing in, the notice that they agree to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from django.conf import settings

from callroom.consent.models import Notice
from callroom.consent.states import Law
from callroom.consent.texts import template
from callroom.kit import clock
from callroom.people.models import Institution
from callroom.pulse.simulation import CSRF_TOKEN, HttpAddress, Refused, Reply


def publish_notice(institution: Institution) -> None:
    """Publish a first privacy notice."""
    Notice.objects.create(
        institution=institution,
        number=1,
        purpose=1,
        published_on=institution.day(clock.now()),
        law=Law.EUROPE,
        name=institution.name,
        address="Lab",
        contact="Lab",
        texts=template(Law.EUROPE),
    )


def send_form(
    address: HttpAddress, path: str, said: Mapping[str, str] | Iterable[tuple[str, str]], cookie: str = ""
) -> Reply:
    """Send a form as a signed-in browser would; return what came back, usually where to go next."""
    headers = {
        "Cookie": "; ".join(filter(None, [cookie, f"{settings.CSRF_COOKIE_NAME}={CSRF_TOKEN}"])),
        "X-CSRFToken": CSRF_TOKEN,
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": address.origin,
    }
    return address.send("POST", path, headers, urlencode(said if isinstance(said, Mapping) else list(said)).encode())


def read(address: HttpAddress, path: str, cookie: str) -> str:
    """
    Return a page as its HTML.

    :raises Refused: unless it is there for whoever holds this session
    """
    reply = address.send("GET", path, {"Cookie": cookie, "Accept-Language": "en"})
    if reply.status != 200:
        raise Refused(reply)
    return reply.body.decode()


def enter(address: HttpAddress, path: str, said: Mapping[str, str]) -> str:
    """
    Come in through a form that opens a session: a password, an invitation, a door of the demo; return the session's cookie.

    :raises Refused: where no session was opened
    """
    reply = send_form(address, path, said)
    for cookie in reply.cookies:
        name, _equals, value = cookie.partition(";")[0].partition("=")
        if name == settings.SESSION_COOKIE_NAME and reply.status == 302:
            return f"{name}={value}"
    raise Refused(reply)
