"""The outbox: noted before it goes, given back when the server does not take it now, held up by nobody's wrong address."""

from __future__ import annotations

from collections.abc import Callable
from smtplib import SMTPDataError, SMTPRecipientsRefused

import pytest
from django.conf import LazySettings
from django.core import mail as outbox
from django.core.mail import EmailMessage

from callroom.kit import mail

Answer = Callable[[str], Exception | None]


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings: LazySettings) -> None:
    settings.MAIL_IS_SET_UP = True


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], list[str]]:
    """Return what lets the mail server answer so, and gives the list of addresses that it was asked about."""

    def let(answer: Answer) -> list[str]:
        asked: list[str] = []
        send = EmailMessage.send

        def sent(message: EmailMessage, **more: bool) -> int:
            asked.append(message.to[0])
            refusal = answer(message.to[0])
            if refusal is not None:
                raise refusal
            return send(message, **more)

        monkeypatch.setattr(EmailMessage, "send", sent)
        return asked

    return let


def waiting(names: list[str], noted: set[str]) -> list[mail.Waiting]:
    def entry(name: str) -> mail.Waiting:
        def take() -> bool:
            fresh = name not in noted
            noted.add(name)
            return fresh

        return mail.Waiting(lambda: mail.Letter(name, "subject", "text"), take, lambda: noted.discard(name))

    return [entry(name) for name in names]


def for_good(name: str) -> Exception | None:
    return SMTPRecipientsRefused({name: (550, b"no such mailbox")}) if name.startswith("gone") else None


def test_addresses_that_do_not_exist_hold_nobody_up_and_are_not_tried_again(
    server: Callable[[Answer], list[str]],
) -> None:
    asked, noted = server(for_good), set[str]()
    names = [*(f"gone-{number}" for number in range(30)), "ana"]

    assert [mail.hand_over(waiting(names, noted)) for _turn in range(2)] == [1, 0]
    assert asked == names
    assert noted == set(names)


def test_a_server_that_is_down_is_asked_once_and_nothing_stays_noted(server: Callable[[Answer], list[str]]) -> None:
    asked, noted = server(lambda _name: ConnectionRefusedError()), set[str]()

    assert mail.hand_over(waiting(["ana", "bruno"], noted)) == 0
    assert (asked, noted) == (["ana"], set())


def test_without_mail_nothing_is_tried(server: Callable[[Answer], list[str]], settings: LazySettings) -> None:
    settings.MAIL_IS_SET_UP = False
    asked, noted = server(lambda _name: None), set[str]()

    assert mail.hand_over(waiting(["ana", "bruno"], noted)) == 0
    assert (asked, noted) == ([], set())


def test_a_server_that_wants_fewer_gets_fewer(server: Callable[[Answer], list[str]]) -> None:
    later = SMTPRecipientsRefused({"x": (451, b"try again later")})
    asked, noted = server(lambda _name: later), set[str]()

    assert mail.hand_over(waiting([f"r-{number}" for number in range(30)], noted)) == 0
    assert len(asked) == mail.GIVE_UP_AFTER
    assert noted == set()


def test_so_many_and_no_more_and_nobody_twice() -> None:
    noted = {"r-0"}
    names = [f"r-{number}" for number in range(9)]

    assert [mail.hand_over(waiting(names, noted), most=5) for _turn in range(3)] == [5, 3, 0]
    assert [message.to[0] for message in outbox.outbox] == names[1:]


def test_what_is_not_smtp_is_not_swallowed(server: Callable[[Answer], list[str]]) -> None:
    server(lambda _name: ValueError("a header with a line break"))

    with pytest.raises(ValueError, match="header"):
        mail.hand_over(waiting(["ana"], set()))


def test_a_letter_that_is_refused_as_such_waits(server: Callable[[Answer], list[str]]) -> None:
    server(lambda _name: SMTPDataError(554, b"looks like spam"))
    noted: set[str] = set()

    assert mail.hand_over(waiting(["ana"], noted)) == 0
    assert noted == set()
