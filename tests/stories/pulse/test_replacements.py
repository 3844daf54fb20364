"""A second token in an open wave: asked for on the new phone, approved by the coordinator, counted and taken off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from django.test import Client
from tests.stories.pulse.test_tokens import blinded, refusal, register
from tests.world.people import person_in
from tests.world.waves import BEFORE, MONDAY, SUNDAY, WAVE, release_of

from callroom.audit.models import AuditRow
from callroom.people import actions as people
from callroom.people.models import Institution, Person
from callroom.people.states import Role
from callroom.pulse import jobs
from callroom.pulse.actions import tokens
from callroom.pulse.simulation import SimulatedResident

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
Device = Callable[[Person], SimulatedResident]
SetClock = Callable[[datetime], None]
ASK = "/in/device/again/"
APPROVE = "/in/waves/replacement/"
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def ana(opened: Residents, device: Device, at: SetClock) -> Person:
    """Ana's phone had fetched a token for the open wave; it is gone."""
    at(TUESDAY)
    person = opened["emergency"][0]
    device(person).fetch_token(WAVE)
    return person


@pytest.fixture
def coordinator(sign_in: Callable[[Person], Client], fernando: Person) -> Client:
    return sign_in(fernando)


def said(page: Client, address: str, **data: str) -> str:
    return page.post(address, data, follow=True).content.decode()


def test_ana_asks_fernando_approves_and_the_new_phone_fetches_once(
    ana: Person, fernando: Person, device: Device
) -> None:
    new_phone = device(ana)
    assert refusal(new_phone, blinded(new_phone), replace=True) == (409, "fetched")

    assert tokens.ask_for_replacement(by=ana, now=TUESDAY) == WAVE
    assert new_phone.offered()[0]["replacement"] == "asked"
    assert refusal(new_phone, blinded(new_phone), replace=True) == (409, "fetched")

    tokens.approve_replacement(by=fernando, person=ana, wave=WAVE, now=TUESDAY)
    assert new_phone.offered()[0]["replacement"] == "approved"
    assert refusal(new_phone, blinded(new_phone)) == (409, "fetched"), "only who means it replaces"
    new_phone.fetch_token(WAVE, replace=True)

    assert new_phone.offered()[0]["replacement"] == ""
    assert refusal(new_phone, blinded(new_phone), replace=True) == (409, "fetched")
    with pytest.raises(tokens.NotReplaceable):
        tokens.ask_for_replacement(by=ana, now=TUESDAY)
    assert sum(register().counts().replaced.values()) == 1


def test_the_pages_say_what_happens(ana: Person, coordinator: Client, sign_in: Callable[[Person], Client]) -> None:
    assert "Nobody asks for one" in coordinator.get("/in/waves/").content.decode()
    assert "Once the coordinator has approved it" in said(sign_in(ana), ASK)
    assert f"Approve a second ticket for {ana.name}" in coordinator.get("/in/waves/").content.decode()

    assert f"{ana.name} opens the device page again" in said(coordinator, APPROVE, wave=WAVE, person=str(ana.pk))

    assert "Nobody asks for one" in coordinator.get("/in/waves/").content.decode()


def test_it_is_taken_off_what_is_published(
    ana: Person, opened: Residents, fernando: Person, device: Device, everyone_answers: Callable[..., object]
) -> None:
    tokens.ask_for_replacement(by=ana, now=TUESDAY)
    tokens.approve_replacement(by=fernando, person=ana, wave=WAVE, now=TUESDAY)
    device(ana).fetch_token(WAVE, replace=True)
    everyone_answers([person for person in opened["emergency"] if person != ana][:8])

    jobs.tick(SUNDAY)

    # 8 answered, 1 replaced: 7 are too few.
    leaf = next(leaf for leaf in release_of(WAVE)["leaves"] if leaf["leaf"] == "emergency")
    assert leaf["state"] == "too few"


def test_the_approval_is_in_the_trail_by_day_and_the_register_has_no_more(
    ana: Person, coordinator: Client, sign_in: Callable[[Person], Client]
) -> None:
    said(sign_in(ana), ASK)
    said(coordinator, APPROVE, wave=WAVE, person=str(ana.pk))

    (row,) = AuditRow.objects.filter(tag="replacement-approved")
    local = row.at.astimezone(ana.institution.zone)
    assert (row.about, row.details, local.date(), local.time()) == (
        str(ana.pk), {"wave": WAVE}, TUESDAY.astimezone(ana.institution.zone).date(), time.min,
    )  # fmt: skip
    assert not AuditRow.objects.filter(by=str(ana.pk)).exists()


def test_nobody_else_approves_and_nobody_for_themselves(
    ana: Person, opened: Residents, hospital: Institution, sign_in: Callable[[Person], Client]
) -> None:
    said(sign_in(ana), ASK)
    chief, leader = opened["emergency"][1], person_in(hospital, "Dr. Elena Robles", role=Role.LEADER, unit="medicine")
    for person in (chief, leader, ana):
        assert sign_in(person).post(APPROVE, {"wave": WAVE, "person": str(ana.pk)}).status_code == 404
    people.give_role(by=None, person=ana, role=Role.COORDINATOR, unit="san-rafael", from_on=TUESDAY.date(), now=TUESDAY)
    assert ana.name not in sign_in(ana).get("/in/waves/").content.decode().partition('id="tickets-heading"')[2]
    assert sign_in(ana).post(APPROVE, {"wave": WAVE, "person": str(ana.pk)}).status_code == 404
    assert register().replacement_of(ana.pk) == "asked"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"wave": WAVE},
        {"wave": WAVE, "person": "x"},
        {"wave": WAVE, "person": "00000000-0000-4000-8000-000000000000"},
    ],
    ids=str,
)
def test_nonsense_is_not_there(coordinator: Client, opened: Residents, at: SetClock, sent: dict[str, str]) -> None:
    at(TUESDAY)
    assert coordinator.post(APPROVE, sent).status_code == 404


def test_who_did_not_ask_or_asked_for_another_round_is_not_approved(
    ana: Person, coordinator: Client, sign_in: Callable[[Person], Client]
) -> None:
    assert "Nothing to approve" in said(coordinator, APPROVE, wave=WAVE, person=str(ana.pk))
    said(sign_in(ana), ASK)
    for wave in ("pulse/2020-W01", "nonsense"):
        assert "Nothing to approve" in said(coordinator, APPROVE, wave=wave, person=str(ana.pk))
    assert not AuditRow.objects.filter(tag="replacement-approved").exists()


def test_before_the_opening_nobody_has_to_ask(
    announced: Residents, device: Device, at: SetClock, sign_in: Callable[[Person], Client]
) -> None:
    at(BEFORE)
    person = announced["emergency"][0]
    device(person).fetch_token(WAVE)

    assert "no ticket that could be replaced" in said(sign_in(person), ASK)
