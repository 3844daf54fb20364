"""The weekly letter: a link and no figure, one per person and week, in daylight, tried again when mail was down."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from callroom.people import actions as people
from callroom.people.models import Person
from callroom.people.states import Role
from callroom.prompts import actions as prompts
from callroom.pulse.models import Plan
from callroom.watch import actions, jobs, letters
from callroom.watch.models import Digest, Signal
from tests.stories.watch.conftest import NOW
from tests.world.units import FOUNDED_AT

TEN = NOW + timedelta(hours=2)
"""Monday 10:00 in Monterrey; the release is of 08:00."""


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings: object) -> None:
    settings.MAIL_IS_SET_UP = True  # type: ignore[attr-defined]


def sent_to() -> list[str]:
    return [message.to[0] for message in mail.outbox]


def send(plan: Plan, now: datetime) -> int:
    return letters.send_due(institution=plan.institution, now=now)


def test_a_leader_gets_one_letter_a_week_with_a_link_and_no_figure(watched: Plan, elena: Person, ana: Person) -> None:
    assert [send(watched, TEN), send(watched, TEN), send(watched, TEN + timedelta(days=3))] == [1, 0, 0]

    (letter,) = mail.outbox
    assert letter.to == [elena.email]
    assert "/in/" in letter.body
    assert not re.search(r"\d", letter.body.replace(letter.body.split("page:\n")[1].split("\n")[0], ""))
    assert "Emergency" not in letter.body + letter.subject
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"
    assert send(watched, TEN + timedelta(weeks=1)) == 1


def test_a_leader_of_many_units_gets_one(watched: Plan, elena: Person) -> None:
    for unit in ("emergency", "dermatology"):
        people.give_role(by=None, person=elena, role=Role.LEADER, unit=unit, from_on=date(2026, 3, 1), now=FOUNDED_AT)

    assert send(watched, TEN) == 1
    assert sent_to() == [elena.email]


def test_it_speaks_the_readers_language(watched: Plan, elena: Person) -> None:
    Person.objects.filter(pk=elena.pk).update(language="es")

    send(watched, TEN)

    assert "Hay una señal abierta" in mail.outbox[0].body


@pytest.mark.parametrize(
    "now",
    [NOW, NOW + timedelta(hours=10), TEN + timedelta(days=5), TEN - timedelta(days=1)],
    ids=["8", "18", "saturday", "sunday"],
)
def test_nobody_is_written_to_at_night_or_on_a_weekend(watched: Plan, elena: Person, now: datetime) -> None:
    assert send(watched, now) == 0


def test_on_a_holiday_the_weekly_letter_waits_for_the_next_working_day(
    watched: Plan, elena: Person, fernando: Person
) -> None:
    name = {"en": "Day of our saint", "es": "Día de nuestro santo"}
    prompts.add_day(by=fernando, day=TEN.date(), every_year=False, name=name, now=TEN)

    assert send(watched, TEN) == 0
    assert send(watched, TEN + timedelta(days=1)) == 1
    assert sent_to() == [elena.email]


def test_nobody_is_written_to_without_a_reason(watched: Plan, elena: Person) -> None:
    actions.mark_answered(signal_id=Signal.objects.get().pk, now=NOW)

    assert send(watched, TEN) == 0


def test_the_deputy_gets_it_while_the_leader_is_away(watched: Plan, elena: Person, deputy: Person) -> None:
    assert send(watched, TEN) == 1
    assert sent_to() == [elena.email]
    Digest.objects.all().delete()
    mail.outbox.clear()
    people.go_on_leave(person=elena, from_on=TEN.date(), to_on=TEN.date())

    assert send(watched, TEN) == 1
    assert sent_to() == [deputy.email]


def test_the_deputy_gets_it_where_the_post_is_vacant_and_not_while_away(
    watched: Plan, elena: Person, deputy: Person
) -> None:
    Person.objects.filter(pk=elena.pk).update(is_active=False)
    people.go_on_leave(person=deputy, from_on=TEN.date(), to_on=TEN.date())
    assert send(watched, TEN) == 0

    assert send(watched, TEN + timedelta(days=1)) == 1
    assert sent_to() == [deputy.email]


def test_who_has_left_leads_elsewhere_or_does_not_lead_hears_nothing(
    watched: Plan, everybody: dict[str, Person]
) -> None:
    other = everybody["dario"]
    people.give_role(by=None, person=other, role=Role.LEADER, unit="surgical", from_on=date(2026, 3, 1), now=FOUNDED_AT)
    Person.objects.filter(pk=everybody["elena"].pk).update(is_active=False)

    assert send(watched, TEN) == 0


def test_when_mail_is_down_it_is_tried_again(watched: Plan, elena: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", down)
        assert send(watched, TEN) == 0
    assert not Digest.objects.exists()

    assert send(watched, TEN + timedelta(minutes=1)) == 1


def test_without_mail_nothing_is_noted(watched: Plan, elena: Person, settings: object) -> None:
    settings.MAIL_IS_SET_UP = False  # type: ignore[attr-defined]

    assert send(watched, TEN) == 0
    assert not Digest.objects.exists()


def test_the_worker_writes_after_it_has_looked(past: Plan, elena: Person, at: Callable) -> None:
    jobs.tick(TEN)

    assert sent_to() == [elena.email]
