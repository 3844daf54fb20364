"""When mail does not go out: invitations lose no link and come once, and a forgotten password is told plainly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from smtplib import SMTPRecipientsRefused

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend as LocMemBackend
from django.test import Client

from callroom.people import actions
from callroom.people.models import Person
from callroom.people.states import Role
from tests.world.people import person_in

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings: LazySettings) -> Iterator[None]:
    settings.MAIL_IS_SET_UP = True
    cache.clear()
    yield
    cache.clear()


@contextmanager
def mail_server(*, takes: int, then: OSError, once: bool = False) -> Iterator[None]:
    """A mail server that takes so many letters and then says this; ``once``: only to the next one."""
    takes_letters = LocMemBackend.send_messages
    said = 0

    def send(backend: LocMemBackend, letters: list[EmailMessage]) -> int:
        nonlocal said
        said += 1
        if said > takes and not (once and said > takes + 1):
            raise then
        return takes_letters(backend, letters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LocMemBackend, "send_messages", send)
        yield


@pytest.fixture
def people_without(fernando: Person) -> list[Person]:
    """Three people who have never set a password, in the order in which they are written to."""
    return [
        actions.add_person(
            institution=fernando.institution, external_id=f"new-{number}", name=f"Newcomer {number}",
            email=f"new{number}@hospital.example", language="en",
        )
        for number in range(3)
    ]  # fmt: skip


def test_while_the_mail_server_is_down_no_link_is_lost_and_afterwards_nobody_gets_two(
    sign_in: Callable[[Person], Client], fernando: Person, people_without: list[Person], settings: LazySettings
) -> None:
    ana, *_others = people_without
    older = actions.invite(by=None, person=ana, now=datetime.now(UTC))
    coordinator = sign_in(fernando)

    with mail_server(takes=1, then=ConnectionRefusedError("connection refused")):
        page = coordinator.post("/in/access/invite/", {"who": ""}, follow=True).content.decode()
        again = coordinator.post("/in/access/invite/", {"who": ana.external_id}, follow=True).content.decode()
    assert "1 letter sent" in page
    assert "1 letter was not sent" in page
    assert "0 letters sent" in again
    assert Client(headers={"host": "localhost"}).get(f"/in/invitation/{older}/").status_code == 200

    coordinator.post("/in/access/invite/", {"who": ""})
    coordinator.post("/in/access/invite/", {"who": ""})

    assert sorted(letter.to[0] for letter in mail.outbox) == sorted(person.email for person in people_without[1:])


def test_an_address_that_does_not_exist_holds_nobody_else_up(
    sign_in: Callable[[Person], Client], fernando: Person, people_without: list[Person], settings: LazySettings
) -> None:
    first, *others = people_without
    unknown = SMTPRecipientsRefused({first.email: (550, b"no such user")})

    with mail_server(takes=0, then=unknown, once=True):
        page = sign_in(fernando).post("/in/access/invite/", {"who": ""}, follow=True).content.decode()

    assert f"The mail server knows no such address: {first.name}." in page
    assert [letter.to for letter in mail.outbox] == [[person.email] for person in others]
    assert not first.invitations.exists()


def test_a_forgotten_password_while_the_mail_server_is_down_is_told_plainly(ana: Person, bruno: Person) -> None:
    """The same words for an address that nobody has: the page does not say who is here."""
    pages = []
    for email in (ana.email, "nobody@hospital.example"):
        with mail_server(takes=0, then=ConnectionRefusedError("connection refused")):
            answer = Client(headers={"host": "localhost"}).post(
                "/in/password/forgotten/", {"email": email}, follow=True
            )
        pages.append((answer.status_code, answer.redirect_chain))

    assert pages[0] == pages[1]
    assert pages[0][0] == 200
    assert mail.outbox == []


@pytest.mark.parametrize(("language", "said"), [("en", "Whoever leads a unit"), ("es", "Quien dirige una unidad")])
def test_the_letter_of_who_leads_says_what_is_expected_and_those_of_residents_are_alike(
    sign_in: SignIn, fernando: Person, language: str, said: str
) -> None:
    hospital = fernando.institution
    person_in(hospital, "Ana Gil", home="emergency", language=language, password=None)
    person_in(hospital, "Ines Paz", home="surgery", role=Role.DEPUTY, unit="surgery", language=language, password=None)
    person_in(hospital, "Dr. Raul Pino", role=Role.LEADER, unit="surgery", language=language, password=None)

    sign_in(fernando).post("/in/access/invite/", {"who": ""})

    letters = {letter.to[0].split("@")[0]: re.sub(r"http\S+", "LINK", letter.body) for letter in mail.outbox}
    assert letters["ana"] == letters["ines"]
    assert said not in letters["ana"]
    assert said in letters["raul"]
    shorter = [line for line in letters["raul"].splitlines() if said not in line]
    assert [line for line in shorter if line] == [line for line in letters["ana"].splitlines() if line]
