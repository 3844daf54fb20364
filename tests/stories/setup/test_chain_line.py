"""The line of the check about what is signed: red while somebody changed it, and until somebody looked into a round it ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from callroom.people.models import Institution, Person
from callroom.people.policy import NotYours
from callroom.pulse import jobs
from callroom.pulse.actions import mending
from callroom.pulse.models import ChainPayload, Wave
from callroom.setup import actions, checks
from callroom.setup.models import Decision
from callroom.setup.states import Topic
from tests.world.waves import MONDAY, PUBLISHED, SUNDAY, WAVE

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
SignIn = Callable[[Person], Client]
FOUND = "The password stood in an old script; it was changed."
TUESDAY = datetime(2026, 11, 17, 16, tzinfo=UTC)
ADDRESS = "/in/check/chain/"


def line(now: datetime) -> checks.Finding:
    return checks.rounds.chain(checks.look(now=now))


def delete_sheet() -> tuple[str, bytes]:
    sheet = ChainPayload.objects.get(pk=Wave.objects.get(pk=WAVE).wave_sheet)
    kept = sheet.pk, bytes(sheet.data)
    sheet.delete()
    return kept


def test_it_is_settled_before_anything_is_signed_and_while_all_is_as_it_was_signed(
    hospital: Institution, opened: Residents
) -> None:
    found = line(TUESDAY)

    assert (found.settled, found.warns) == (True, False)


def test_before_there_is_an_institution_nothing_is_signed(db: None) -> None:
    assert line(TUESDAY).settled


def test_while_the_round_is_open_it_says_until_when_its_sheet_can_be_put_back(
    hospital: Institution, opened: Residents
) -> None:
    sha256, data = delete_sheet()

    found = line(TUESDAY)
    assert not found.settled
    assert "pulse/2026-W47" in found.says
    assert "Sunday 22 November, 20:00" in found.says
    mending.put_back(institution=hospital, given={sha256: data}, now=TUESDAY)
    assert line(TUESDAY).settled


def test_after_the_round_ended_it_is_red_until_somebody_looked_into_it_and_until_all_is_back(
    hospital: Institution, opened: Residents, fernando: Person, sign_in: SignIn
) -> None:
    sha256, data = delete_sheet()
    jobs.tick(SUNDAY)
    assert WAVE in line(PUBLISHED).says
    assert line(PUBLISHED).address == ADDRESS

    with time_machine.travel(PUBLISHED, tick=False):
        client = sign_in(fernando)
        page = client.get(ADDRESS).content.decode()
        assert "pulse/2026-W47" in page
        assert "Its sheet was changed in the database." in page
        seen = page.split('name="seen" value="')[1].split('"')[0]
        empty = client.post(ADDRESS, {"name": "Fernando Ruiz", "found": "", "seen": seen})
        assert empty.status_code == 400
        assert not line(PUBLISHED).settled
        kept = client.post(ADDRESS, {"name": "Fernando Ruiz", "found": FOUND, "seen": seen})
        assert kept.status_code == 302

    assert Decision.objects.get().said == {"found": FOUND, "seen": seen}
    found = line(PUBLISHED)
    assert not found.settled
    assert "release mend" in found.says
    mending.put_back(institution=hospital, given={sha256: data}, now=PUBLISHED)
    settled = line(PUBLISHED)
    assert settled.settled
    assert "Fernando Ruiz" in settled.says


def test_what_happens_after_the_look_is_red_again(
    hospital: Institution, opened: Residents, fernando: Person, sign_in: SignIn
) -> None:
    delete_sheet()
    jobs.tick(SUNDAY)
    with time_machine.travel(PUBLISHED, tick=False):
        sign_in(fernando).post(ADDRESS, {"name": "Fernando Ruiz", "found": FOUND, "seen": str(2**62)})
    jobs.tick(PUBLISHED)
    later = Wave.objects.get(pk="pulse/2026-W48")
    ChainPayload.objects.filter(pk=later.wave_sheet).delete()

    jobs.tick(SUNDAY + timedelta(weeks=1))

    found = line(SUNDAY + timedelta(weeks=1, minutes=1))
    assert "pulse/2026-W48" in found.says
    assert WAVE not in found.says


def test_nobody_looks_into_what_did_not_happen_and_only_who_sets_up_does(
    hospital: Institution, opened: Residents, fernando: Person, ana: Person, sign_in: SignIn
) -> None:
    with time_machine.travel(MONDAY, tick=False):
        assert sign_in(fernando).get(ADDRESS).status_code == 404
    with pytest.raises(NotYours):
        actions.decide(by=ana, topic=Topic.CHAIN, name="Ana Torres", said={}, now=TUESDAY)
