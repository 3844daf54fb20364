"""Letters to leaders: a link, no figure, never at night, nothing lost and nothing twice."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

from callroom.improvement import aggregates, jobs
from callroom.improvement.actions import answers, letters
from callroom.improvement.actions.letters import AskedToday, NobodyToAsk
from callroom.improvement.models import Clock, Reminder
from callroom.people.models import Person, RoleGrant
from callroom.people.policy import NotYours
from callroom.prompts import actions as prompts
from tests.stories.improvement.conftest import FIRST, WORDS, give_leave


@pytest.fixture(autouse=True)
def _mail(settings: LazySettings) -> None:
    settings.MAIL_IS_SET_UP = True
    settings.CSRF_TRUSTED_ORIGINS = ["https://well.hospital.example"]


class Down(BaseEmailBackend):
    """A mail server that does not answer."""

    def send_messages(self, email_messages: list[EmailMessage]) -> int:
        raise ConnectionRefusedError


def to(person: Person) -> list[EmailMessage]:
    return [letter for letter in mail.outbox if letter.to == [person.email]]


def test_a_link_and_nothing_else(started: Clock, director: Person) -> None:
    (letter,) = to(director)

    assert f"https://well.hospital.example/in/answers/{started.pk}/" in letter.body
    assert letter.subject == "Your residents wait for an answer: Emergency Medicine"
    said = letter.body.replace(f"/in/answers/{started.pk}/", "").replace("23 March", "")
    assert not re.search(r"\d", said), "no figures in letters"


def test_in_the_readers_language_and_formally(started: Clock, hector: Person) -> None:
    (letter,) = to(hector)

    assert letter.subject == "Varias unidades esperan su respuesta"
    assert letter.body.startswith("A la atención de Hector Luna:")
    assert "https://well.hospital.example/in/answers/\n" in letter.body
    assert "le bastará un minuto" in letter.body


def test_each_letter_once(started: Clock, director: Person) -> None:
    for days in range(1, 25):
        jobs.tick(FIRST + timedelta(days=days))
        jobs.tick(FIRST + timedelta(days=days, minutes=10))

    kinds = [row.letter for row in Reminder.objects.filter(person=director).order_by("pk")]
    assert kinds == ["started", "half", "last-days", "over"]
    assert len(to(director)) == 4


@pytest.mark.parametrize(
    "quiet",
    [
        datetime.fromisoformat("2026-03-14T12:00-06:00"),
        datetime.fromisoformat("2026-03-16T07:50-06:00"),
        datetime.fromisoformat("2026-03-16T18:00-06:00"),
    ],
    ids=["a Saturday", "too early", "too late"],
)
def test_never_at_night_or_on_a_weekend(quiet: datetime, started: Clock, director: Person) -> None:
    Reminder.objects.update(sent=False)
    mail.outbox.clear()

    jobs.tick(quiet)

    assert mail.outbox == []


def test_a_mail_server_that_is_down_for_two_days_loses_nothing_and_sends_nothing_twice(
    started: Clock, director: Person, settings: LazySettings
) -> None:
    Reminder.objects.all().delete()
    mail.outbox.clear()
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{Down.__module__}.Down"
    for hours in range(24, 72, 6):
        jobs.tick(FIRST + timedelta(hours=hours))
    assert mail.outbox == []

    settings.EMAIL_BACKEND = working
    for minutes in (0, 10, 20):
        jobs.tick(FIRST + timedelta(days=3, minutes=minutes))

    assert len(to(director)) == 1


class TestHolidays:
    """16 March 2026 is one in Mexico. The clock that started on 9 March ends on Monday 23 March."""

    def rest(self, fernando: Person, *days: int) -> None:
        for day in days:
            on = date(2026, 3, day)
            prompts.add_day(by=fernando, day=on, every_year=False, name={"en": "Rest", "es": "Descanso"}, now=FIRST)

    def days_of_letters(self, director: Person, until: date) -> list[str]:
        """Turn twice a day up to this day; return the days on which a letter came."""
        mail.outbox.clear()
        found, now = [], FIRST
        while now.date() <= until:
            before = len(to(director))
            jobs.tick(now)
            jobs.tick(now + timedelta(hours=5))
            found += [f"{now:%d}"] * (len(to(director)) - before)
            now += timedelta(days=1)
        return found

    def test_a_letter_that_can_wait_goes_out_on_the_next_working_day(self, started: Clock, director: Person) -> None:
        assert self.days_of_letters(director, date(2026, 3, 19)) == ["17"]

    def test_the_last_one_before_the_end_goes_out_before_the_rest(
        self, started: Clock, director: Person, fernando: Person
    ) -> None:
        """Two days before the end is a Saturday; Thursday and Friday are days of our own."""
        self.rest(fernando, 19, 20)

        assert self.days_of_letters(director, date(2026, 3, 24)) == ["17", "18", "24"]
        assert [row.letter for row in Reminder.objects.filter(person=director).order_by("pk")][1:] == [
            "half",
            "last-days",
            "over",
        ]

    def test_no_holiday_moves_the_end_or_hides_that_nobody_has_answered(
        self, started: Clock, director: Person, fernando: Person
    ) -> None:
        self.rest(fernando, 23, 24, 25)
        jobs.tick(datetime.fromisoformat("2026-03-20T10:00-06:00"))
        mail.outbox.clear()

        silent = datetime.fromisoformat("2026-03-24T10:00-06:00")
        jobs.tick(silent)

        started.refresh_from_db()
        assert started.due_on == date(2026, 3, 23)
        (card,) = aggregates.owed(aggregates.ledger_now(now=silent).about(["emergency"])).silent
        assert card.headline == "Emergency Medicine has not answered: 1 day over."
        assert to(director) == []
        jobs.tick(datetime.fromisoformat("2026-03-26T10:00-06:00"))
        assert "has not" not in to(director)[0].body
        assert "ended on 23 March" in to(director)[0].body

    def test_a_letter_outlasts_a_rest_of_ten_days(self, started: Clock, director: Person, fernando: Person) -> None:
        Reminder.objects.update(sent=False)
        self.rest(fernando, *range(9, 20))

        assert self.days_of_letters(director, date(2026, 3, 20)) == ["20"]

    def test_the_coordinator_who_asks_on_a_holiday_is_heard_on_the_next_day(
        self, started: Clock, director: Person, fernando: Person
    ) -> None:
        holiday = datetime.fromisoformat("2026-03-16T10:00-06:00")
        mail.outbox.clear()
        assert letters.remind(clock_id=started.pk, by=fernando, now=holiday) == 1

        jobs.tick(holiday)
        assert to(director) == []
        jobs.tick(holiday + timedelta(days=1))
        assert len(to(director)) == 1


def test_an_answer_ends_the_letters(started: Clock, director: Person) -> None:
    answers.decline(clock_id=started.pk, by=director, words=WORDS, now=FIRST)
    mail.outbox.clear()

    jobs.tick(FIRST + timedelta(days=8))

    assert to(director) == []


def test_who_is_away_gets_none_and_the_one_above_does(started: Clock, director: Person, elena: Person) -> None:
    give_leave(director, FIRST.date())
    mail.outbox.clear()

    jobs.tick(FIRST + timedelta(days=8))

    assert to(director) == []
    assert len(to(elena)) == 1


def test_without_mail_letters_wait(started: Clock, settings: LazySettings) -> None:
    Reminder.objects.update(sent=False)
    mail.outbox.clear()
    settings.MAIL_IS_SET_UP = False

    jobs.tick(FIRST + timedelta(hours=1))

    assert mail.outbox == []
    assert Reminder.objects.filter(sent=False).exists()


class TestTheCoordinatorAsks:
    def test_once_a_day(self, started: Clock, director: Person, fernando: Person) -> None:
        mail.outbox.clear()
        assert letters.remind(clock_id=started.pk, by=fernando, now=FIRST) == 1
        with pytest.raises(AskedToday):
            letters.remind(clock_id=started.pk, by=fernando, now=FIRST + timedelta(hours=1))
        jobs.tick(FIRST + timedelta(hours=1))
        letters.remind(clock_id=started.pk, by=fernando, now=FIRST + timedelta(days=1))
        jobs.tick(FIRST + timedelta(days=1))

        assert len(to(director)) == 2

    def test_nobody_else(self, started: Clock, elena: Person) -> None:
        with pytest.raises(NotYours):
            letters.remind(clock_id=started.pk, by=elena, now=FIRST)

    def test_not_about_what_is_answered(self, started: Clock, director: Person, fernando: Person) -> None:
        answers.decline(clock_id=started.pk, by=director, words=WORDS, now=FIRST)

        with pytest.raises(NotYours):
            letters.remind(clock_id=started.pk, by=fernando, now=FIRST)

    def test_when_nobody_is_there(self, started: Clock, fernando: Person) -> None:
        RoleGrant.objects.exclude(person=fernando).update(to_on=FIRST.date() - timedelta(days=1))

        with pytest.raises(NobodyToAsk):
            letters.remind(clock_id=started.pk, by=fernando, now=FIRST)
