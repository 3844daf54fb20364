"""What is over goes by itself: on its day and not before, whole, counted and of nobody; never by a clock that jumped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.apps import apps
from django.conf import settings
from django.test import Client

from callroom.audit import queries as audit
from callroom.audit.models import AuditRow
from callroom.audit.states import Tag
from callroom.improvement.models import Waiver
from callroom.people import actions as people
from callroom.people.models import (
    EvaluatorAssignment,
    Institution,
    Invitation,
    Membership,
    Person,
    RoleGrant,
    SecondFactor,
)
from callroom.pulse.models import ChainHeader, ChainPayload, Issued, Plan, Wave
from callroom.pulse.states import WaveState
from callroom.rights import actions, forgetting, retention
from callroom.rights.models import DeskLetter, Request, Sweep
from callroom.rights.states import Nudge, RequestKind, RequestState
from callroom.setup import checks
from callroom.setup.states import Topic
from callroom.watch.models import Digest

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])
NIGHT = datetime(2026, 11, 20, 10, tzinfo=UTC)
"""A Friday, 4:00 in Monterrey."""
DAY = timedelta(days=1)
SignIn = Callable[[Person], Client]


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NIGHT, tick=False):
        yield


@pytest.fixture
def swept(hospital: Institution) -> Institution:
    """Return the hospital after its first nights: what is over was deleted yesterday."""
    yesterday = NIGHT.date() - DAY
    Sweep.objects.create(looked_on=yesterday, done_on=yesterday)
    return hospital


def sweep(institution: Institution, now: datetime = NIGHT) -> None:
    forgetting.forget_what_is_over(institution, now=now)


def leave(person: Person, now: datetime) -> Person:
    people.offboard(by=None, person=person, now=now)
    person.refresh_from_db()
    return person


def gone_long_ago(person: Person) -> Person:
    """Let this person have left so long ago that their record is over tonight, and was not last night."""
    return leave(person, NIGHT - retention.RECORD_KEPT)


def deleted() -> dict[str, dict[str, Any]]:
    return {row.about: row.details for row in AuditRow.objects.filter(tag=Tag.RECORDS_DELETED)}


def closed(institution: Institution, wave: str, at: datetime) -> Wave:
    plan, _made = Plan.objects.get_or_create(
        institution=institution,
        academic_year=date(2026, 3, 1),
        from_week=1,
        defaults={"made_on": at.date(), "payload": {}},
    )
    return Wave.objects.create(
        id=wave,
        institution=institution,
        plan=plan,
        weeks=1,
        rotating_item="sleep",
        state=WaveState.RELEASED,
        opens_at=at - timedelta(days=6),
        closes_at=at,
        publishes_at=at + timedelta(hours=12),
        members_salt=b"s" * 32,
        key_sheet="0" * 64,
    )


def line(now: datetime = NIGHT) -> checks.Finding:
    return next(found for found in checks.findings(now=now) if found.topic is Topic.RETENTION)


class TestWhoHasLeft:
    def test_is_deleted_whole_when_their_time_is_over_and_not_a_day_before(
        self, swept: Institution, ana: Person
    ) -> None:
        EmailAddress.objects.get(user=ana)
        people.go_on_leave(person=ana, from_on=date(2025, 1, 1))
        people.invite(by=None, person=ana, now=NIGHT)
        SecondFactor.objects.create(user=ana, type=SecondFactor.Type.TOTP, data={})
        gone_long_ago(ana)
        assert ana.left_on == NIGHT.date() - retention.RECORD_KEPT - DAY

        sweep(swept, NIGHT - DAY)  # done that night already: looked at, and nothing to do
        assert Person.objects.filter(pk=ana.pk).exists()
        sweep(swept)

        assert not Person.objects.filter(pk=ana.pk).exists()
        for model in (EmailAddress, Membership, Invitation, SecondFactor):
            assert not model.objects.exists(), model
        assert deleted() == {"people": {"deleted": 1, "without name": 0}}

    def test_stays_a_day_longer_when_they_left_a_day_later(self, swept: Institution, ana: Person) -> None:
        leave(ana, NIGHT - retention.RECORD_KEPT + DAY)

        sweep(swept)
        assert Person.objects.filter(pk=ana.pk).exists()
        sweep(swept, NIGHT + DAY)
        assert not Person.objects.filter(pk=ana.pk).exists()

    def test_and_nobody_who_is_here(self, swept: Institution, ana: Person, dario: Person, fernando: Person) -> None:
        before = Person.objects.count(), Membership.objects.count(), RoleGrant.objects.count()

        sweep(swept)

        assert (Person.objects.count(), Membership.objects.count(), RoleGrant.objects.count()) == before
        assert deleted() == {}

    def test_who_comes_back_within_the_time_is_the_same_person(
        self, swept: Institution, ana: Person, fernando: Person
    ) -> None:
        leave(ana, NIGHT - timedelta(days=300))
        rows = "external_id,name,email,role,unit\nana,Ana Torres,ana@hospital.example,resident,emergency\n"
        rows += "fernando,Fernando Ruiz,fernando@hospital.example,coordinator,\n"
        people.import_roster(content=rows.encode(), institution=swept, by=None, now=NIGHT)

        sweep(swept, NIGHT + retention.RECORD_KEPT - 300 * DAY)

        ana.refresh_from_db()
        assert (ana.is_active, ana.left_on) == (True, None)

    def test_who_is_missing_from_a_roster_has_left_the_day_before(
        self, hospital: Institution, ana: Person, fernando: Person
    ) -> None:
        rows = "external_id,name,email,role,unit\nfernando,Fernando Ruiz,fernando@hospital.example,coordinator,\n"
        people.import_roster(content=rows.encode(), institution=hospital, by=None, now=NIGHT)

        ana.refresh_from_db()
        assert ana.left_on == NIGHT.date() - DAY

    def test_on_an_unknown_day_is_kept_from_now_on(self, swept: Institution, ana: Person) -> None:
        """As it is after an upgrade: who had left before the day was kept."""
        Person.objects.filter(pk=ana.pk).update(is_active=False)

        sweep(swept)

        ana.refresh_from_db()
        assert ana.left_on == NIGHT.date()

    def test_where_a_public_row_names_them_a_row_without_a_name_is_left(
        self, swept: Institution, hector: Person, sign_in: SignIn
    ) -> None:
        Waiver.objects.create(
            institution=swept,
            unit_id="emergency",
            reason_en="New.",
            reason_es="Nueva.",
            by=hector,
            said_on=NIGHT.date(),
        )
        gone_long_ago(hector)

        sweep(swept)
        sweep(swept, NIGHT + DAY)

        hector.refresh_from_db()
        assert hector.name == ""
        assert hector.email.startswith("left-")
        assert hector.email.endswith("@callroom.invalid")
        assert hector.external_id.startswith("left-")
        assert not hector.has_usable_password()
        assert not RoleGrant.objects.filter(person=hector).exists()
        assert deleted() == {"people": {"deleted": 0, "without name": 1}}

        Waiver.objects.all().delete()
        sweep(swept, NIGHT + 2 * DAY)
        assert not Person.objects.filter(pk=hector.pk).exists()

    def test_who_asked_the_desk_is_kept_until_that_is_over_too(
        self, swept: Institution, ana: Person, fernando: Person
    ) -> None:
        asked = actions.ask(person=ana, kind=RequestKind.ACCESS, words="", now=NIGHT - retention.RECORD_KEPT)
        gone_long_ago(ana)

        sweep(swept)
        ana.refresh_from_db()
        assert ana.name == "Ana Torres"

        actions.answer(by=fernando, request_id=asked.pk, state=RequestState.GRANTED, words="Here it is.", now=NIGHT)
        Request.objects.update(waits_to_tell=False)
        last = NIGHT + retention.REQUEST_KEPT
        Sweep.objects.update(looked_on=last.date() - DAY, done_on=last.date() - DAY)
        sweep(swept, last)
        assert Person.objects.filter(pk=ana.pk).exists()
        sweep(swept, last + DAY)
        assert not Request.objects.exists()
        assert not Person.objects.filter(pk=ana.pk).exists()


class TestWhatElseIsOver:
    def test_roles_and_evaluators_that_ended(self, swept: Institution, ana: Person, elena: Person) -> None:
        last = NIGHT.date() - retention.TIES_KEPT
        people.assign_evaluator(evaluator=elena, person=ana, from_on=date(2024, 1, 1), to_on=last - DAY)
        people.assign_evaluator(evaluator=elena, person=ana, from_on=date(2024, 2, 1), to_on=last)

        sweep(swept)

        assert [row.to_on for row in EvaluatorAssignment.objects.all()] == [last]
        assert RoleGrant.objects.filter(person=elena).exists()
        assert deleted() == {"roles": {"deleted": 1}}

    def test_rotations_that_ended_and_no_programme_in_which_somebody_counts(
        self, swept: Institution, ana: Person
    ) -> None:
        last = NIGHT.date() - retention.TIES_KEPT
        people.join(person=ana, unit="surgery", from_on=date(2024, 1, 1), to_on=last - DAY, home=False)
        people.join(person=ana, unit="urology", from_on=date(2024, 1, 1), to_on=last, home=False)
        people.join(person=ana, unit="dermatology", from_on=date(2023, 1, 1), to_on=date(2023, 12, 31))

        sweep(swept)

        kept = Membership.objects.filter(person=ana).values_list("unit_id", flat=True)
        assert sorted(kept) == ["dermatology", "emergency", "urology"]
        assert deleted() == {"roles": {"deleted": 1}}

    def test_links_that_expired_used_or_not(self, swept: Institution, ana: Person, bruno: Person) -> None:
        old = people.invite(by=None, person=ana, now=NIGHT - timedelta(days=15))
        people.invite(by=None, person=bruno, now=NIGHT - timedelta(days=13))
        Invitation.objects.filter(person=ana).update(used=True)

        sweep(swept)

        assert [row.person for row in Invitation.objects.all()] == [bruno]
        with pytest.raises(people.InvitationOver):
            people.valid_invitation(old, now=NIGHT)

    def test_tickets_of_a_round_all_at_once(self, swept: Institution) -> None:
        limit = NIGHT - retention.TICKETS_KEPT
        old, new = closed(swept, "pulse/2026-W33", limit - timedelta(seconds=1)), closed(swept, "pulse/2026-W34", limit)
        for wave in (old, new):
            Issued.objects.bulk_create([Issued(wave=wave.id, person=uuid4()) for _number in range(3)])

        sweep(swept)

        assert set(Issued.objects.values_list("wave", flat=True)) == {new.id}
        assert deleted() == {"tickets": {"deleted": 3}}

    def test_requests_with_their_letters_and_only_answered_ones(
        self, swept: Institution, ana: Person, bruno: Person
    ) -> None:
        over = NIGHT.date() - retention.REQUEST_KEPT - DAY
        fields = {"institution": swept, "kind": RequestKind.ACCESS, "received_on": over, "due_on": over}
        closed = Request.objects.create(person=ana, state=RequestState.GRANTED, closed_on=over, **fields)
        DeskLetter.objects.create(institution=swept, request=closed, reader=bruno, nudge=Nudge.ARRIVED)
        open_one = Request.objects.create(person=ana, **fields)

        sweep(swept)

        assert list(Request.objects.all()) == [open_one]
        assert not DeskLetter.objects.exists()

    def test_notes_of_letters(self, swept: Institution, elena: Person) -> None:
        kept = NIGHT.date() - retention.LETTERS_KEPT
        for monday in (kept - timedelta(days=4), kept + timedelta(days=3)):
            Digest.objects.create(institution=swept, person=elena, monday=monday)

        sweep(swept)

        assert [row.monday for row in Digest.objects.all()] == [kept + timedelta(days=3)]


class TestTheNight:
    def test_nothing_before_three_and_once_a_day(self, swept: Institution, ana: Person, bruno: Person) -> None:
        gone_long_ago(ana)
        sweep(swept, NIGHT - timedelta(hours=2))
        assert Person.objects.filter(pk=ana.pk).exists()

        sweep(swept)
        gone_long_ago(bruno)
        sweep(swept, NIGHT + timedelta(hours=1))
        assert Person.objects.filter(pk=bruno.pk).exists()

    def test_nothing_in_the_first_three_days(self, hospital: Institution, ana: Person) -> None:
        gone_long_ago(ana)
        for night in range(3):
            sweep(hospital, NIGHT + night * DAY)
            assert Person.objects.filter(pk=ana.pk).exists()
            assert line(NIGHT + night * DAY).settled
        sweep(hospital, NIGHT + 3 * DAY)
        assert not Person.objects.filter(pk=ana.pk).exists()

    @pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(days=-30), timedelta(days=15)])
    def test_a_clock_that_jumps_deletes_nothing_and_the_check_is_red(
        self, swept: Institution, ana: Person, jump: timedelta
    ) -> None:
        leave(ana, NIGHT - timedelta(days=350))

        sweep(swept, NIGHT + jump)
        sweep(swept, NIGHT + jump + timedelta(hours=2))

        assert Person.objects.filter(pk=ana.pk).exists()
        assert not line(NIGHT + jump).settled

    def test_set_right_again_it_goes_on_three_days_later(self, swept: Institution, ana: Person) -> None:
        gone_long_ago(ana)
        sweep(swept, NIGHT + timedelta(days=400))
        for night in range(1, 4):
            sweep(swept, NIGHT + night * DAY)
            assert Person.objects.filter(pk=ana.pk).exists()

        sweep(swept, NIGHT + 4 * DAY)

        assert not Person.objects.filter(pk=ana.pk).exists()
        assert line(NIGHT + 4 * DAY).settled

    def test_killed_in_the_middle_it_ends_the_same(
        self, swept: Institution, ana: Person, bruno: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        people.invite(by=None, person=bruno, now=NIGHT - timedelta(days=15))
        gone_long_ago(ana)

        def killed(**_said: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(people, "forget_leavers", killed)
            with pytest.raises(KeyboardInterrupt):
                sweep(swept)
        assert Person.objects.filter(pk=ana.pk).exists()
        assert not Invitation.objects.exists()

        sweep(swept, NIGHT + timedelta(hours=1))

        assert not Person.objects.filter(pk=ana.pk).exists()
        assert deleted() == {"invitations": {"deleted": 1}, "people": {"deleted": 1, "without name": 0}}
        assert audit.verify().fault is None

    def test_the_check_is_red_when_no_night_came(self, swept: Institution) -> None:
        assert line(NIGHT + DAY).settled
        assert not line(NIGHT + 2 * DAY).settled

    def test_the_trail_says_how_many_and_of_nobody(self, swept: Institution, ana: Person) -> None:
        key = str(gone_long_ago(ana).pk)
        before = AuditRow.objects.count()

        sweep(swept)

        (row,) = AuditRow.objects.filter(seq__gte=before)
        assert (row.by, row.about) == ("", "people")
        assert key not in str(row.details)

    def test_twenty_thousand_rows_of_people_who_left_go_in_one_night(
        self, swept: Institution, fernando: Person
    ) -> None:
        left = NIGHT.date() - retention.RECORD_KEPT - DAY
        crowd = [
            Person(
                institution=swept,
                external_id=f"n-{number}",
                email=f"n-{number}@x.example",
                name=f"N {number}",
                is_active=False,
                left_on=left,
            )
            for number in range(10_000)
        ]
        Person.objects.bulk_create(crowd, batch_size=500)
        homes = [
            Membership(institution=swept, person=each, unit_id="emergency", from_on=left - DAY, to_on=left)
            for each in crowd
        ]
        Membership.objects.bulk_create(homes, batch_size=500)

        sweep(swept)

        assert list(Person.objects.all()) == [fernando]
        assert not Membership.objects.exists()
        assert sum(row.details["deleted"] for row in AuditRow.objects.filter(tag=Tag.RECORDS_DELETED)) == 10_000


def test_the_chain_the_trail_and_what_is_published_are_in_no_step(swept: Institution) -> None:
    """What is kept for good is named so on the page; nothing in the job touches its tables."""
    closed(swept, "pulse/2020-W10", NIGHT - timedelta(days=2000))
    ChainHeader.objects.create(seq=0, institution=swept, line=b"{}")
    ChainPayload.objects.create(sha256="0" * 64, institution=swept, kind="release", data=b"{}")
    kept = [table for rule in retention.RULES if str(rule.kept) == "for good" for table in rule.tables]
    assert {"pulse.ChainHeader", "pulse.ChainPayload", "audit.AuditRow", "audit.Look"} <= set(kept)
    tables = {name: apps.get_model(name) for name in kept}
    counts = {name: model._default_manager.count() for name, model in tables.items()}

    sweep(swept)

    assert {name: model._default_manager.count() for name, model in tables.items()} == counts


class TestThePage:
    @pytest.mark.parametrize(("language", "said"), [("en", "365 days after you have left"), ("es", "365 días después")])
    def test_everybody_reads_how_long_and_why(
        self, swept: Institution, ana: Person, sign_in: SignIn, language: str, said: str
    ) -> None:
        client = sign_in(ana)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        page = client.get("/in/known/").content.decode()

        assert 'id="how-long"' in page
        assert said in page
