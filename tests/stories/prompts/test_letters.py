"""Letters about an open round: the same for everybody who is asked, once, and never to whom a trace would single out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend

from callroom.consent.states import Said
from callroom.people import actions as people
from callroom.people.models import Institution, Person
from callroom.people.policy import NotYours
from callroom.prompts import actions, jobs, letters, queries
from callroom.prompts.holidays import Where
from callroom.prompts.models import HandedOver, PromptTimes
from callroom.pulse import jobs as pulse_jobs
from callroom.pulse.actions import freezes
from callroom.pulse.models import Freeze, SkippedWeek
from callroom.pulse.simulation import SimulatedResident
from tests.world.consent import Publish, says
from tests.world.waves import FINE, MONDAY, SUNDAY, WAVE

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
MORNING = MONDAY + timedelta(hours=2)
"""Monday 08:00 in Monterrey."""
WEDNESDAY = MONDAY + timedelta(days=2, hours=7)
"""Wednesday 13:00."""
SATURDAY = MONDAY + timedelta(days=5, hours=5)
"""Saturday 11:00."""


@pytest.fixture(autouse=True)
def mail_works(settings: LazySettings) -> None:
    settings.MAIL_IS_SET_UP = True
    settings.CSRF_TRUSTED_ORIGINS = ["https://bienestar.hospital.example"]


@pytest.fixture
def timed(opened: Residents, fernando: Person) -> Residents:
    """
    Letters at the opening, on Wednesday 12:30 and on Saturday 10:00. Return the residents.

    MONDAY is a public holiday in Mexico (test_holidays), so here no country's hold.
    """
    actions.set_place(by=fernando, place=Where(""), now=MONDAY - timedelta(days=1))
    actions.set_times(
        by=fernando,
        opening_at=time(7, 30),
        reminders=((2, time(12, 30)), (5, time(10))),
        now=MONDAY - timedelta(days=1),
    )
    return opened


@pytest.fixture
def down(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Return what switches the mail server off and on."""
    send = EmailBackend.send_messages
    off = {"now": True}

    def sent(self: EmailBackend, messages: list[object]) -> int:
        if off["now"]:
            raise ConnectionRefusedError
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", sent)
    return lambda value: off.update(now=value)


def everybody(residents: Residents) -> set[str]:
    return {person.email for persons in residents.values() for person in persons}


def asked(residents: Residents) -> set[str]:
    """Return the addresses of whom the weekly round asks: the others are counted every two or four weeks."""
    return {person.email for unit in ("emergency", "surgery") for person in residents[unit]}


def addressed() -> list[str]:
    return [to for letter in mail.outbox for to in letter.to]


def all_sent(now: datetime) -> None:
    """Let the worker work until nothing more is due in this minute."""
    for _minute in range(5):
        jobs.tick(now)


def test_at_the_opening_everybody_who_is_asked_gets_one_letter(timed: Residents) -> None:
    jobs.tick(MONDAY + timedelta(hours=1))
    assert mail.outbox == [], "07:00: not yet"

    all_sent(MORNING)

    assert len(addressed()) == len(set(addressed()))
    assert asked(timed) <= set(addressed()) <= everybody(timed)


def test_same_words_and_same_link_for_everybody_of_a_language(timed: Residents, hospital: Institution) -> None:
    ana, bea = timed["emergency"][:2]
    Person.objects.filter(pk=ana.pk).update(language="es")

    all_sent(MORNING)

    texts: dict[str, set[str]] = {}
    for letter in mail.outbox:
        language = "es" if letter.to == [ana.email] else "en"
        texts.setdefault(language, set()).add(f"{letter.subject}\n{letter.body}")
    assert {language: len(found) for language, found in texts.items()} == {"en": 1, "es": 1}
    (spanish,), (english,) = texts["es"], texts["en"]
    assert "https://bienestar.hospital.example/w/es/" in spanish
    assert "https://bienestar.hospital.example/w/en/" in english
    assert bea.name not in english
    assert not any(letter.alternatives for letter in mail.outbox if hasattr(letter, "alternatives")), (
        "no pixel can hide"
    )


def test_reminders_go_to_everybody_whether_they_answered_or_not(
    timed: Residents, device: Callable[[Person], SimulatedResident]
) -> None:
    all_sent(MORNING)
    first = set(addressed())
    device(timed["emergency"][0]).answer(WAVE, FINE)
    mail.outbox.clear()

    all_sent(WEDNESDAY)
    second = addressed()
    mail.outbox.clear()
    all_sent(SATURDAY)
    third = addressed()

    assert asked(timed) <= set(second) <= first
    assert sorted(second) == sorted(third) == sorted(set(second))


def test_who_said_no_gets_the_same_letters_so_that_no_mail_log_tells(timed: Residents, publish: Publish) -> None:
    publish()
    says(timed["emergency"][0], Said.YES)
    says(timed["emergency"][1], Said.NO)

    all_sent(MORNING)

    assert {person.email for person in timed["emergency"][:3]} <= set(addressed())


def test_on_leave_it_is_quiet(timed: Residents, hospital: Institution) -> None:
    ana = timed["emergency"][0]
    people.go_on_leave(person=ana, from_on=WEDNESDAY.date(), to_on=None)
    all_sent(MORNING)
    assert ana.email in addressed()
    mail.outbox.clear()

    all_sent(WEDNESDAY)

    assert ana.email not in addressed()
    assert timed["emergency"][1].email in addressed()


def test_after_two_days_without_a_mail_server_everybody_gets_one_letter(
    timed: Residents, down: Callable[[bool], None]
) -> None:
    for hour in range(0, 50, 5):
        jobs.tick(MORNING + timedelta(hours=hour))
    assert mail.outbox == []
    assert not HandedOver.objects.exists()
    down(False)

    all_sent(MORNING + timedelta(hours=50))
    all_sent(MORNING + timedelta(hours=51))

    assert asked(timed) <= set(addressed())
    assert len(addressed()) == len(set(addressed())), "the reminder that is due by now, and not the invitation as well"


def test_a_server_that_takes_some_and_then_fails_loses_none_and_doubles_none(
    timed: Residents, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, calls = EmailBackend.send_messages, {"count": 0}

    def every_third_fails(self: EmailBackend, messages: list[object]) -> int:
        calls["count"] += 1
        if calls["count"] % 3 == 0:
            raise TimeoutError
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", every_third_fails)
    for minute in range(60):
        jobs.tick(MORNING + timedelta(minutes=minute))

    assert asked(timed) <= set(addressed())
    assert len(addressed()) == len(set(addressed()))


def test_a_crash_between_noting_and_handing_over_never_doubles(
    timed: Residents, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(self: EmailBackend, messages: list[object]) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", crash)
        with pytest.raises(KeyboardInterrupt):
            jobs.tick(MORNING)
    (lost,) = HandedOver.objects.all()

    all_sent(MORNING)
    assert lost.person.email not in addressed()
    all_sent(WEDNESDAY)

    assert addressed().count(lost.person.email) == 1, "the next letter reaches them"


def test_an_address_that_does_not_exist_holds_up_nobody_and_is_not_tried_every_minute(
    timed: Residents, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, tries = EmailBackend.send_messages, []

    def sent(self: EmailBackend, messages: list[EmailMessage]) -> int:
        (message,) = messages
        if message.to == [timed["emergency"][0].email]:
            tries.append(550)
            raise SMTPRecipientsRefused({message.to[0]: (550, b"no such user")})
        if message.to == [timed["emergency"][1].email] and len(tries) < 2:
            tries.append(450)
            raise SMTPRecipientsRefused({message.to[0]: (450, b"come back later")})
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", sent)
    all_sent(MORNING)

    assert sorted(tries) == [450, 550]
    assert asked(timed) - set(addressed()) == {timed["emergency"][0].email}


def test_one_turn_of_the_worker_hands_over_so_many_and_no_more(
    timed: Residents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "LETTERS_A_MINUTE", 7)

    jobs.tick(MORNING)

    assert len(mail.outbox) == 7


def test_a_void_round_and_a_freeze_end_letters(timed: Residents, fernando: Person, hospital: Institution) -> None:
    Freeze.objects.create(institution=hospital, reason_en="x", reason_es="x", asked_by=fernando.pk, begun_at=MORNING)
    assert queries.due(hospital, now=MORNING) == ()
    pulse_jobs.tick(MORNING + timedelta(minutes=1))
    freezes.resume(by=fernando, now=MORNING + timedelta(minutes=2))

    all_sent(MORNING + timedelta(minutes=3))

    assert mail.outbox == []


def test_in_a_skipped_week_and_after_the_closing_it_is_quiet(timed: Residents, hospital: Institution) -> None:
    SkippedWeek.objects.create(institution=hospital, monday=MONDAY.date(), reason_en="x", reason_es="x")
    all_sent(MORNING)
    assert not asked(timed) & set(addressed())
    SkippedWeek.objects.all().delete()
    mail.outbox.clear()
    pulse_jobs.tick(SUNDAY)

    all_sent(SUNDAY + timedelta(minutes=1))

    assert not asked(timed) & set(addressed())


@pytest.mark.parametrize("hour", [13, 22])
def test_at_night_nothing_goes_out(timed: Residents, hour: int) -> None:
    """19:00 is day, 04:00 is night."""
    jobs.tick(MONDAY + timedelta(hours=hour))

    assert bool(mail.outbox) == (hour == 13)


def test_without_times_nothing_goes_out_and_stopping_stops(opened: Residents, fernando: Person) -> None:
    jobs.tick(MORNING)
    assert mail.outbox == []
    actions.set_times(by=fernando, opening_at=time(7, 30), reminders=(), now=MORNING)
    actions.stop(by=fernando, now=MORNING)

    jobs.tick(MORNING)

    assert mail.outbox == []


def test_what_was_handed_over_is_forgotten_after_the_week(timed: Residents) -> None:
    all_sent(MORNING)
    assert HandedOver.objects.exists()

    jobs.tick(MORNING + timedelta(weeks=2, hours=12))

    assert not HandedOver.objects.filter(monday=MONDAY.date()).exists()


def test_the_outbox_knows_nothing_but_who_when_and_which(opened: Residents) -> None:
    assert {field.name for field in HandedOver._meta.fields} == {"id", "institution", "person", "monday", "kind"}


@pytest.mark.parametrize("who", ["ana", "bruno", "elena", "oscar", "hector"])
def test_only_the_coordinator_sets_times(who: str, request: pytest.FixtureRequest) -> None:
    other = request.getfixturevalue(who)

    with pytest.raises(NotYours):
        actions.set_times(by=other, opening_at=time(8), reminders=(), now=MORNING)
    with pytest.raises(NotYours):
        actions.stop(by=other, now=MORNING)
    with pytest.raises(NotYours):
        actions.send_test(by=other, now=MORNING)
    with pytest.raises(NotYours):
        actions.keep_how_it_arrived(by=other, link="https://x.example", now=MORNING)
    assert not PromptTimes.objects.exists()
