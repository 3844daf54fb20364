"""Requests about own data: asked, answered in time by somebody who does not evaluate, told by a link."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from callroom.audit import queries as audit
from callroom.audit.models import AuditRow
from callroom.audit.states import Tag
from callroom.people import actions as people
from callroom.people.models import Institution, Person
from callroom.people.policy import NotYours
from callroom.people.states import Role
from callroom.prompts import actions as prompts
from callroom.pulse.models import Issued
from callroom.rights import actions, jobs, queries
from callroom.rights.models import DeskLetter, Request
from callroom.rights.states import RequestKind, RequestState
from callroom.setup import checks
from callroom.setup.states import Topic
from tests.world.people import SINCE, person_in

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])
NOW = datetime(2026, 11, 20, 16, tzinfo=UTC)
"""A Friday, 10:00 in Monterrey."""
DUE = date(2026, 12, 18)

SignIn = Callable[[Person], Client]


@pytest.fixture(autouse=True)
def _now() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings: LazySettings) -> None:
    settings.MAIL_IS_SET_UP = True


@pytest.fixture
def julia(hospital: Institution) -> Person:
    """Return Julia, the privacy officer."""
    return person_in(hospital, "Julia Mora", role=Role.PRIVACY_OFFICER, language="en")


@pytest.fixture
def asked(ana: Person) -> Request:
    """Return a request of Ana's: her name is misspelt."""
    return actions.ask(person=ana, kind=RequestKind.RECTIFICATION, words="It is Torrez, with z.", now=NOW)


def answer(by: Person, request: Request, state: RequestState = RequestState.GRANTED, words: str = "Done.") -> None:
    actions.answer(by=by, request_id=request.pk, state=state, words=words, now=NOW)


class TestAsking:
    def test_the_answer_is_due_twenty_working_days_later(self, ana: Person, sign_in: SignIn) -> None:
        form = {"kind": "cancellation", "words": "Please forget my old address."}
        page = sign_in(ana).post("/in/my-data/", form, follow=True).content.decode()

        request = Request.objects.get()
        assert (request.person, request.received_on, request.due_on) == (ana, NOW.date(), DUE)
        assert "18 December 2026" in page
        assert "Please forget my old address." in page

    def test_what_is_wrong_is_said_and_nothing_is_lost(self, ana: Person, sign_in: SignIn) -> None:
        page = sign_in(ana).post("/in/my-data/", {"kind": "rectification", "words": " "}).content.decode()

        assert "Say what it is about" in page
        assert not Request.objects.exists()

    def test_a_copy_needs_no_reason(self, ana: Person, sign_in: SignIn) -> None:
        sign_in(ana).post("/in/my-data/", {"kind": "access", "words": ""})

        assert Request.objects.get().kind == RequestKind.ACCESS

    def test_a_sixth_open_one_is_refused_with_what_to_do(self, ana: Person, sign_in: SignIn) -> None:
        for _number in range(actions.MOST_OPEN):
            actions.ask(person=ana, kind=RequestKind.ACCESS, words="", now=NOW)

        page = sign_in(ana).post("/in/my-data/", {"kind": "access", "words": "once more"}).content.decode()

        assert "Five requests wait already" in page
        assert "once more" in page
        assert Request.objects.count() == actions.MOST_OPEN

    def test_one_may_withdraw_ones_own_and_nobody_elses(
        self, asked: Request, ana: Person, bruno: Person, sign_in: SignIn
    ) -> None:
        address = f"/in/my-data/{asked.pk}/withdraw/"

        assert sign_in(bruno).post(address).status_code == 404
        assert "Withdrawn." in sign_in(ana).post(address, follow=True).content.decode()
        asked.refresh_from_db()
        assert (asked.state, asked.closed_on) == (RequestState.WITHDRAWN, NOW.date())

    def test_an_answered_one_is_not_withdrawn(
        self, asked: Request, ana: Person, fernando: Person, sign_in: SignIn
    ) -> None:
        answer(fernando, asked)

        page = sign_in(ana).post(f"/in/my-data/{asked.pk}/withdraw/", follow=True).content.decode()

        assert "Nothing was changed." in page
        asked.refresh_from_db()
        assert asked.state == RequestState.GRANTED


class TestTheDesk:
    def test_it_shows_what_waits_and_takes_an_answer_that_the_person_reads(
        self, asked: Request, ana: Person, julia: Person, sign_in: SignIn
    ) -> None:
        client = sign_in(julia)
        assert "Ana Torres" in client.get("/in/requests/").content.decode()

        form = {"state": "granted", "words": "The roster has it now."}
        page = client.post(f"/in/requests/{asked.pk}/", form, follow=True).content.decode()

        assert "Nothing waits." in page
        assert "The roster has it now." in sign_in(ana).get("/in/my-data/").content.decode()
        assert AuditRow.objects.filter(tag=Tag.REQUEST_ANSWERED, by=str(julia.pk), about=f"request {asked.pk}").exists()

    def test_an_answer_without_words_is_none(self, asked: Request, julia: Person, sign_in: SignIn) -> None:
        page = sign_in(julia).post(f"/in/requests/{asked.pk}/", {"state": "refused", "words": ""}).content.decode()

        assert "is-late" in page
        asked.refresh_from_db()
        assert asked.state == RequestState.OPEN
        with pytest.raises(ValueError, match="why"):
            answer(julia, asked, RequestState.REFUSED, " ")
        with pytest.raises(ValueError, match="why"):
            answer(julia, asked, RequestState.WITHDRAWN)

    def test_two_who_answer_at_once_are_told(
        self, asked: Request, julia: Person, fernando: Person, sign_in: SignIn
    ) -> None:
        client = sign_in(julia)
        answer(fernando, asked, RequestState.PARTLY, "The first.")

        form = {"state": "granted", "words": "The second."}
        page = client.post(f"/in/requests/{asked.pk}/", form, follow=True).content.decode()

        assert "Nothing was changed." in page
        asked.refresh_from_db()
        assert (asked.state, asked.answer) == (RequestState.PARTLY, "The first.")
        with pytest.raises(actions.NotOpen):
            answer(julia, asked)

    def test_nobody_answers_their_own(self, julia: Person, fernando: Person, sign_in: SignIn) -> None:
        own = actions.ask(person=julia, kind=RequestKind.ACCESS, words="", now=NOW)

        assert sign_in(julia).get(f"/in/requests/{own.pk}/").status_code == 404
        assert "is not shown to you" in sign_in(julia).get("/in/requests/").content.decode()
        with pytest.raises(NotYours):
            answer(julia, own)
        answer(fernando, own)

    def test_nobody_answers_for_whom_they_evaluate(
        self, asked: Request, ana: Person, julia: Person, sign_in: SignIn
    ) -> None:
        people.give_role(by=None, person=julia, role=Role.LEADER, unit="emergency", from_on=SINCE, now=NOW)

        assert queries.desk(julia, now=NOW).for_others == 1
        assert sign_in(julia).get(f"/in/requests/{asked.pk}/").status_code == 404
        with pytest.raises(NotYours):
            answer(julia, asked)
        with pytest.raises(NotYours):
            actions.take_in(by=julia, person=ana, kind=RequestKind.ACCESS, words="", received_on=NOW.date(), now=NOW)

    def test_nobody_answers_for_whoever_rotates_through_the_unit_they_lead(
        self, asked: Request, ana: Person, julia: Person, sign_in: SignIn
    ) -> None:
        people.give_role(by=None, person=julia, role=Role.LEADER, unit="surgery", from_on=SINCE, now=NOW)
        today = ana.institution.day(NOW)
        people.join(person=ana, unit="surgery", from_on=today, to_on=today, home=False)

        others = [queries.desk(julia, now=NOW + timedelta(days=day)).for_others for day in (-1, 0, 1)]

        assert others == [0, 1, 0]
        assert sign_in(julia).get(f"/in/requests/{asked.pk}/").status_code == 404
        with pytest.raises(NotYours):
            answer(julia, asked)

    @pytest.mark.parametrize("name", ["ana", "elena", "hector", "carmen", "ines", "oscar"])
    def test_nobody_else_sees_a_request(
        self, name: str, asked: Request, everybody: dict[str, Person], sign_in: SignIn
    ) -> None:
        client = sign_in(everybody[name])

        assert client.get("/in/requests/").status_code == 404
        assert client.post(f"/in/requests/{asked.pk}/", {"state": "granted", "words": "x"}).status_code == 404
        with pytest.raises(NotYours):
            answer(everybody[name], asked)

    def test_one_on_paper_counts_from_the_day_it_came(self, ana: Person, julia: Person, sign_in: SignIn) -> None:
        form = {"who": "ana", "received_on": "2026-11-13", "kind": "access", "words": ""}
        sign_in(julia).post("/in/requests/take-in/", form)

        request = Request.objects.get()
        assert (request.person, request.due_on) == (ana, date(2026, 12, 11))
        assert AuditRow.objects.get(tag=Tag.REQUEST_TAKEN_IN).by == str(julia.pk)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"who": "nobody"}, "Nobody here has this id"),
            ({"received_on": "2026-11-21"}, "This day has not come yet."),
            ({"who": "julia"}, "of your own"),
            ({"kind": "opposition"}, "Say what it is about"),
        ],
    )
    def test_what_is_wrong_on_paper_is_said_and_nothing_is_lost(
        self, change: dict[str, str], said: str, ana: Person, julia: Person, sign_in: SignIn
    ) -> None:
        form = {"who": "ana", "received_on": "2026-11-13", "kind": "access", "words": "", **change}
        page = sign_in(julia).post("/in/requests/take-in/", form).content.decode()

        assert said in page
        assert form["received_on"] in page
        assert not Request.objects.exists()


class TestTheCopy:
    def test_it_holds_what_is_stored_and_no_secret(self, asked: Request, ana: Person, sign_in: SignIn) -> None:
        Issued.objects.create(wave="pulse/2026-W46", person=ana.pk)
        before = AuditRow.objects.count()

        answer = sign_in(ana).post("/in/my-data/copy/")

        found = json.loads(answer.content)
        assert 'filename="callroom-data.json"' in answer["Content-Disposition"]
        assert found["person"]["name"] == "Ana Torres"
        assert found["person"]["homes"][0]["from_on"] == "2026-03-01"
        assert found["rounds_with_a_ticket"] == ["pulse/2026-W46"]
        assert found["requests"][0]["words"] == "It is Torrez, with z."
        assert {row["what"] for row in found["trail"]} >= {"request-made"}
        assert ana.password not in answer.content.decode()
        assert AuditRow.objects.count() == before, "a dated row beside an answer of the same visit would be a trace"

    def test_it_holds_nothing_of_others(self, asked: Request, bruno: Person, elena: Person, sign_in: SignIn) -> None:
        people.give_role(by=elena, person=bruno, role=Role.FACULTY, unit="medicine", from_on=SINCE, now=NOW)

        text = sign_in(bruno).post("/in/my-data/copy/").content.decode()

        assert "Torres" not in text
        assert str(elena.pk) not in text

    def test_the_desk_takes_it_only_for_somebody_who_has_left(
        self, ana: Person, julia: Person, sign_in: SignIn
    ) -> None:
        own = actions.ask(person=ana, kind=RequestKind.ACCESS, words="", now=NOW)
        address = f"/in/requests/{own.pk}/copy/"
        assert sign_in(julia).post(address).status_code == 404

        Person.objects.filter(pk=ana.pk).update(is_active=False)

        assert "no way in" in sign_in(julia).get(f"/in/requests/{own.pk}/").content.decode()
        assert json.loads(sign_in(julia).post(address).content)["person"]["name"] == "Ana Torres"
        assert AuditRow.objects.get(tag=Tag.COPY_TAKEN).about == str(ana.pk)


class TestLetters:
    def test_each_at_the_desk_gets_one_when_it_comes_one_soon_and_one_late(
        self, asked: Request, julia: Person, fernando: Person
    ) -> None:
        for later in (0, 0, 3, 21, 22, 29, 40):
            jobs.every_hour(NOW + timedelta(days=later))

        to = [letter.to[0] for letter in mail.outbox]
        assert sorted(to) == sorted([julia.email, fernando.email] * 3)
        assert all("Ana" not in letter.body + letter.subject for letter in mail.outbox)
        assert all("/in/requests/" in letter.body for letter in mail.outbox)

    def test_many_requests_are_one_letter(self, asked: Request, ana: Person, bruno: Person, julia: Person) -> None:
        actions.ask(person=bruno, kind=RequestKind.ACCESS, words="", now=NOW)

        jobs.every_hour(NOW)

        assert len(mail.outbox) == 1

    def test_who_evaluates_the_person_gets_none(self, asked: Request, julia: Person, fernando: Person) -> None:
        people.give_role(by=None, person=julia, role=Role.LEADER, unit="emergency", from_on=SINCE, now=NOW)

        jobs.every_hour(NOW)

        assert [letter.to for letter in mail.outbox] == [[fernando.email]]

    def test_when_mail_was_down_nothing_is_lost_and_nothing_comes_twice(
        self, asked: Request, ana: Person, julia: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answered = actions.ask(person=ana, kind=RequestKind.ACCESS, words="", now=NOW)
        answer(julia, answered)
        with monkeypatch.context() as down:

            def refuse(*_words: object) -> int:
                raise OSError("no route")

            down.setattr(EmailBackend, "send_messages", refuse)
            jobs.every_hour(NOW)
        assert not mail.outbox
        assert not DeskLetter.objects.exists()

        for _hour in range(3):
            jobs.every_hour(NOW + timedelta(days=2))

        assert sorted(letter.to[0] for letter in mail.outbox) == sorted([ana.email, julia.email])

    def test_that_one_has_come_waits_on_a_holiday_and_that_time_runs_out_does_not(
        self, asked: Request, julia: Person, fernando: Person
    ) -> None:
        for later in (0, 22, 29):
            name = {"en": "Rest", "es": "Descanso"}
            prompts.add_day(by=fernando, day=(NOW + timedelta(days=later)).date(), every_year=False, name=name, now=NOW)
        both = sorted([julia.email, fernando.email])

        told = []
        for later in (0, 1, 22, 29):
            mail.outbox.clear()
            jobs.every_hour(NOW + timedelta(days=later))
            told.append(sorted(letter.to[0] for letter in mail.outbox))

        assert told == [[], both, both, both]

    def test_the_answered_gets_a_link_and_no_word_of_it(self, asked: Request, ana: Person, fernando: Person) -> None:
        answer(fernando, asked, words="It is Torrez now.")

        jobs.every_hour(NOW)
        jobs.every_hour(NOW)

        (letter,) = mail.outbox
        assert letter.to == [ana.email]
        assert "Torrez" not in letter.body
        assert "/in/my-data/" in letter.body


def test_the_check_is_red_when_a_last_day_is_over(asked: Request) -> None:
    def settled(now: datetime) -> bool:
        return next(found for found in checks.findings(now=now) if found.topic is Topic.REQUESTS).settled

    assert settled(NOW)
    assert settled(datetime.combine(DUE, NOW.timetz()))
    assert not settled(datetime.combine(DUE + timedelta(days=1), NOW.timetz()))


class TestTheTrail:
    def test_it_is_read_by_name_newest_first(self, asked: Request, ana: Person, julia: Person, sign_in: SignIn) -> None:
        page = sign_in(julia).get("/in/trail/").content.decode().split("<tbody>")[1]

        assert "Ana Torres" in page
        numbers = [int(number) for number in re.findall(r'<th scope="row" class="num">(\d+)<', page)]
        assert numbers == sorted(numbers, reverse=True)
        assert len(numbers) == AuditRow.objects.count() >= 3
        assert "16:00" not in page
        assert "10:00" not in page

    def test_one_kind_from_one_day_on(self, asked: Request, julia: Person, sign_in: SignIn) -> None:
        client = sign_in(julia)

        assert client.get("/in/trail/?tag=request-made").content.decode().count('<th scope="row"') == 1
        assert "No row fits." in client.get("/in/trail/?tag=request-made&since=2026-11-21").content.decode()
        assert client.get("/in/trail/?tag=nonsense&since=yesterday&below=x").status_code == 200

    def test_older_rows_are_a_page_further(self, ana: Person, julia: Person, sign_in: SignIn) -> None:
        for _number in range(60):
            request = actions.ask(person=ana, kind=RequestKind.ACCESS, words="", now=NOW)
            actions.withdraw(person=ana, request_id=request.pk, now=NOW)
        client = sign_in(julia)
        first = client.get("/in/trail/?tag=request-made").content.decode()

        found = queries.trail_page(julia.institution, tag=Tag.REQUEST_MADE, size=50)
        assert f"?tag=request-made&amp;below={found.older}" in first
        second = client.get(f"/in/trail/?tag=request-made&below={found.older}").content.decode()
        assert second.count('<th scope="row"') == 10
        assert "Older rows" not in second

    def test_a_whole_one_is_said_to_be_and_a_broken_one_not(
        self, asked: Request, julia: Person, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = sign_in(julia)
        assert "Yes." in client.post("/in/trail/check/").content.decode()

        fault = audit.Report(rows=3, looks=0, head="ff", fault=audit.Fault(3, "row 3 was changed"))
        monkeypatch.setattr(audit, "verify", lambda: fault)

        assert "From row 3 on" in client.post("/in/trail/check/").content.decode()

    def test_who_reads_it_is_kept_but_nobody_who_is_asked(self, julia: Person, ines: Person, sign_in: SignIn) -> None:
        for reader in (julia, ines):
            sign_in(reader).get("/in/trail/looks/")
            sign_in(reader).get("/in/trail/looks/?day=2026-11-20")

        looks = [(row.who, row.page) for row in queries.looks_on(NOW.date()) if row.page.startswith("trail")]
        assert looks == [("Julia Mora", "trail/looks")]
        assert "Julia Mora" in sign_in(julia).get("/in/trail/looks/").content.decode()
        assert "Who looked at which page</span>" in sign_in(julia).get("/in/trail/looks/").content.decode()
        assert "Nobody, as far as it is kept." in sign_in(julia).get("/in/trail/looks/?day=2020-01-01").content.decode()
