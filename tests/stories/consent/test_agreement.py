"""Yes or no to the check-in: each for oneself, without a date, seen by nobody else, and what follows from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connections
from django.test import Client

from callroom.audit.models import AuditRow, Look
from callroom.consent import actions, queries, register
from callroom.consent.models import Agreement
from callroom.consent.states import Said, Standing
from callroom.kit import keyring
from callroom.people import actions as people
from callroom.people.models import Institution, Membership, Person
from callroom.people.policy import POLICY, Action, NotYours
from callroom.people.states import Role
from callroom.pulse import jobs
from callroom.pulse.models import SealedAnswer
from callroom.pulse.simulation import Refused, SimulatedResident
from callroom.rights import queries as rights
from tests.world.consent import Publish, says
from tests.world.people import person_in
from tests.world.waves import BEFORE, FINE, MONDAY, SUNDAY, WAVE

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
Device = Callable[[Person], SimulatedResident]
SetClock = Callable[[datetime], None]
SignIn = Callable[[Person], Client]


def refusal(device: SimulatedResident) -> str:
    """Return the word with which a list of tickets is refused."""
    with pytest.raises(Refused) as refused:
        device.offered()
    return str(refused.value.reply.json()["error"])


def test_no_ticket_before_a_yes_and_one_after_it(
    announced: Residents, publish: Publish, device: Device, at: SetClock
) -> None:
    at(BEFORE)
    publish()
    ana = announced["emergency"][0]
    assert refusal(device(ana)) == "not-agreed"
    with pytest.raises(Refused):
        device(ana).post_blinded(WAVE, b"\1" * 384)

    says(ana, Said.YES)

    assert device(ana).fetch_token(WAVE).group >= 0


def test_without_any_notice_tickets_are_given_as_before(announced: Residents, device: Device, at: SetClock) -> None:
    """There is nothing to say yes to: an upgrade does not stop a house that asks already; its check is red."""
    at(BEFORE)

    assert device(announced["emergency"][0]).fetch_token(WAVE).group >= 0


def test_a_no_closes_nothing_but_the_check_in(
    announced: Residents, publish: Publish, sign_in: SignIn, device: Device, at: SetClock
) -> None:
    at(BEFORE)
    publish()
    ana = announced["emergency"][0]
    says(ana, Said.NO)
    client = sign_in(ana)

    assert refusal(device(ana)) == "not-agreed"
    assert "You said no to the check-in." in client.get("/in/").content.decode()
    for open_still in ("/in/results/", "/in/me/", "/in/known/", "/in/chain/", "/in/group/", "/in/device/"):
        assert client.get(open_still).status_code == 200, open_still


def test_withdrawing_stops_tickets_and_what_was_issued_still_works(
    opened: Residents, publish: Publish, device: Device
) -> None:
    publish()
    ana = opened["emergency"][0]
    says(ana, Said.YES)
    phone = device(ana)
    phone.fetch_token(WAVE)

    says(ana, Said.NO)
    phone.answer(WAVE, FINE)

    assert refusal(phone) == "not-agreed"


def test_who_said_no_counts_as_asked_so_that_no_number_tells(
    announced: Residents, publish: Publish, at: SetClock
) -> None:
    before = [group.eligible for group in sheet_groups()]
    publish()
    for person in announced["emergency"][:9]:
        says(person, Said.NO)

    jobs.tick(MONDAY)

    assert [group.eligible for group in sheet_groups()] == before


def test_a_corrected_wording_asks_nobody_and_a_changed_purpose_asks_everybody(
    announced: Residents, publish: Publish, device: Device, at: SetClock
) -> None:
    at(BEFORE)
    publish()
    ana, bea = announced["emergency"][:2]
    says(ana, Said.YES)
    says(bea, Said.NO)

    publish(law=None)
    assert queries.standing_of(ana) is Standing.AGREED
    assert queries.standing_of(bea) is Standing.DECLINED

    publish(law=None, asks_again=True)
    assert queries.standing_of(ana) is queries.standing_of(bea) is Standing.OPEN
    assert refusal(device(ana)) == "not-agreed"


def test_a_changed_purpose_never_makes_a_yes_of_an_old_no(announced: Residents, publish: Publish) -> None:
    publish()
    ana = announced["emergency"][0]
    says(ana, Said.YES)
    publish(law=None, asks_again=True)
    says(ana, Said.NO)

    actions.keep_what_was_said(ana.institution, now=BEFORE)

    assert queries.standing_of(ana) is Standing.DECLINED


def test_saying_yes_writes_no_row_and_nothing_into_the_trail(
    announced: Residents, publish: Publish, sign_in: SignIn, at: SetClock
) -> None:
    at(BEFORE)
    publish()
    ana = announced["emergency"][0]
    client = sign_in(ana)
    client.get("/in/decision/")
    written = {alias: len(connections[alias].queries_log) for alias in connections}
    rows = AuditRow.objects.count(), Look.objects.count(), Agreement.objects.count()
    for connection in connections.all():
        connection.force_debug_cursor = True

    answer = client.post("/in/decision/", {"said": "yes"})

    assert answer["Location"] == "/in/device/"
    asked = [
        query["sql"]
        for alias in connections
        for query in list(connections[alias].queries_log)[written[alias] :]
        if re.match(r"\s*(INSERT|UPDATE|DELETE)", query["sql"])
    ]
    for connection in connections.all():
        connection.force_debug_cursor = False
    assert asked == []
    assert rows == (AuditRow.objects.count(), Look.objects.count(), Agreement.objects.count())
    assert queries.standing_of(ana) is Standing.AGREED


def test_the_register_has_everybodys_place_before_anybody_speaks_and_constant_times(
    announced: Residents, publish: Publish
) -> None:
    publish()
    ana = announced["emergency"][0]
    actions.enrol_everybody(ana.institution, now=BEFORE)
    before = register.file().read_bytes()
    assert ana.pk.bytes in before

    says(ana, Said.YES)

    times, after = register.file().stat(), register.file().read_bytes()  # reading moves the time of access
    assert len(after) == len(before)
    changed = [place for place in range(len(after)) if after[place] != before[place]]
    assert 1 <= len(changed) <= 4
    assert (times.st_mtime_ns, times.st_atime_ns) == (0, 0)
    assert times.st_mode & 0o077 == 0


def test_a_newcomer_who_decides_at_once_is_enrolled_with_everybody_else(
    announced: Residents, publish: Publish, hospital: Institution
) -> None:
    publish()
    actions.enrol_everybody(hospital, now=BEFORE)
    luz, lia = (person_in(hospital, name, home="emergency") for name in ("Luz Prado", "Lia Prado"))

    says(luz, Said.YES)

    assert queries.standing_of(luz) is Standing.AGREED
    assert lia.pk.bytes in register.file().read_bytes(), "her place came at the same moment"


def test_when_a_round_closes_it_is_laid_into_its_table_in_key_order_and_the_register_forgets(
    opened: Residents, publish: Publish, device: Device
) -> None:
    publish()
    people_of_emergency = opened["emergency"]
    for number, person in enumerate(reversed(people_of_emergency)):
        says(person, Said.NO if number % 5 == 0 else Said.YES)

    jobs.tick(SUNDAY)

    rows = list(Agreement.objects.order_by("person").values_list("person", flat=True))
    assert rows == sorted(person.pk for person in people_of_emergency)
    assert all(register.of(person.pk) is None for person in people_of_emergency)
    assert queries.standing_of(people_of_emergency[-1]) is Standing.DECLINED
    assert queries.standing_of(people_of_emergency[-2]) is Standing.AGREED


def test_laying_it_down_twice_after_a_crash_changes_nothing(announced: Residents, publish: Publish) -> None:
    publish()
    ana = announced["emergency"][0]
    says(ana, Said.YES)
    kept = register.of(ana.pk)
    assert kept is not None

    actions._keep_rows([kept], frozenset({ana.pk}))
    actions.keep_what_was_said(ana.institution, now=BEFORE)
    actions.keep_what_was_said(ana.institution, now=BEFORE)

    assert [(row.person, row.said) for row in Agreement.objects.all()] == [(ana.pk, Said.YES)]


def test_of_who_has_left_nothing_is_kept(announced: Residents, publish: Publish) -> None:
    publish()
    ana, bea = announced["emergency"][:2]
    says(ana, Said.YES)
    says(bea, Said.YES)
    actions.keep_what_was_said(ana.institution, now=BEFORE)
    people.offboard(by=None, person=ana, now=BEFORE)

    actions.keep_what_was_said(ana.institution, now=BEFORE)

    assert [row.person for row in Agreement.objects.all()] == [bea.pk]
    assert ana.pk.bytes not in register.file().read_bytes()


def test_whose_residency_ends_on_a_known_day_is_kept_until_then(
    announced: Residents, publish: Publish, hospital: Institution
) -> None:
    publish()
    ana = announced["emergency"][0]
    Membership.objects.filter(person=ana).update(to_on=BEFORE.date() + timedelta(weeks=30))
    says(ana, Said.NO)

    actions.keep_what_was_said(hospital, now=BEFORE)

    assert queries.standing_of(ana) is Standing.DECLINED


def test_while_the_volume_is_away_nothing_is_decided_and_the_page_says_so(
    announced: Residents, publish: Publish, sign_in: SignIn, at: SetClock
) -> None:
    at(BEFORE)
    publish()
    ana = announced["emergency"][0]
    says(ana, Said.YES)
    volume = keyring.waves_folder()
    volume.rename(volume.with_name("unmounted"))
    volume.mkdir()

    answer = sign_in(ana).post("/in/decision/", {"said": "no"})

    assert answer.status_code == 503
    volume.rmdir()
    volume.with_name("unmounted").rename(volume)
    assert queries.standing_of(ana) is Standing.AGREED


def test_a_damaged_register_gives_nobody_a_ticket_and_does_not_hold_up_the_closing(
    opened: Residents, publish: Publish, device: Device
) -> None:
    publish()
    ana = opened["emergency"][0]
    says(ana, Said.YES)
    device(ana).answer(WAVE, FINE)
    register.file().write_bytes(b"nonsense")

    assert refusal(device(ana)) == "disk"
    assert queries.register_is_damaged()
    jobs.tick(SUNDAY)
    assert not SealedAnswer._meta.managed
    assert register.file().read_bytes() == b"nonsense"


@pytest.mark.parametrize("who", ["elena", "fernando", "hector", "oscar", "carmen", "gabriela", "dario"])
def test_only_who_can_be_asked_decides_and_only_for_themselves(
    who: str, everybody: dict[str, Person], publish: Publish, sign_in: SignIn, at: SetClock, folders: object
) -> None:
    at(BEFORE)
    publish()
    other = everybody[who]

    with pytest.raises(NotYours):
        says(other, Said.YES)
    assert sign_in(other).get("/in/decision/").status_code == 404
    assert sign_in(other).post("/in/decision/", {"said": "yes", "person": str(everybody["ana"].pk)}).status_code == 404
    assert queries.standing_of(everybody["ana"]) is Standing.OPEN


def test_it_stands_in_ones_own_copy_and_in_no_copy_that_somebody_else_hands_over(
    announced: Residents, publish: Publish
) -> None:
    publish()
    ana = announced["emergency"][0]
    says(ana, Said.NO)
    assert rights.own_copy(ana, now=BEFORE)["check_in"] == {"said": "no", "purpose": 1}

    people.offboard(by=None, person=ana, now=BEFORE)
    ana.refresh_from_db()

    assert rights.own_copy(ana, now=BEFORE)["check_in"] == {}


def test_nobody_has_the_right_to_see_who_agreed() -> None:
    assert POLICY[Action.SEE_WHO_AGREED] == {}
    assert set(POLICY[Action.AGREE]) == {Role.RESIDENT}


def test_no_page_of_anybody_else_differs_by_what_somebody_said(
    everybody: dict[str, Person], announced: Residents, publish: Publish, sign_in: SignIn, at: SetClock
) -> None:
    """The pages of who leads, coordinates or operates, before and after Ana says no: the same bytes."""
    at(BEFORE)
    publish()
    says(everybody["ana"], Said.YES)
    paths = ["/in/", "/in/roster/", "/in/waves/", "/in/access/", "/in/check/", "/in/group/", "/in/results/", "/in/me/"]
    readers = ("elena", "fernando", "hector", "oscar", "bruno")

    def read() -> dict[tuple[str, str], bytes]:
        found = {}
        for who in readers:
            client = sign_in(everybody[who])
            for path in paths:
                found[who, path] = re.sub(rb'value="[A-Za-z0-9]{64}"', b"", client.get(path).content)
        return found

    before = read()
    says(everybody["ana"], Said.NO)

    assert read() == before


def test_the_first_visit_leads_from_the_question_to_the_phone(
    announced: Residents, publish: Publish, sign_in: SignIn, at: SetClock
) -> None:
    at(BEFORE)
    publish()
    ana = announced["emergency"][0]
    client = sign_in(ana)
    home = client.get("/in/").content.decode()
    assert "Would you like to check in" in home
    assert "data-device" not in home, "no ticket is fetched in the background before a yes"
    assert client.get("/in/device/")["Location"] == "/in/decision/"
    asked = client.get("/in/decision/").content.decode()
    assert "Why sign in, if it is anonymous?" in asked
    assert client.post("/in/decision/", {"said": "perhaps"})["Location"] == "/in/decision/"
    assert queries.standing_of(ana) is Standing.OPEN

    assert client.post("/in/decision/", {"said": "yes"})["Location"] == "/in/device/"
    assert client.get("/in/device/").status_code == 200
    assert "data-device" in client.get("/in/").content.decode()


def test_why_one_signs_in_is_answered_where_the_question_arises(hospital: Institution) -> None:
    assert (
        "Why sign in, if it is anonymous?" in Client(headers={"host": "localhost"}).get("/in/sign-in/").content.decode()
    )


def sheet_groups() -> list[object]:
    from callroom.core.anonymity.sheets import WaveSheet
    from callroom.pulse import queries as pulse
    from callroom.pulse.models import Wave

    wave = Wave.objects.get(pk=WAVE)
    if wave.wave_sheet:
        return list(WaveSheet.from_bytes(pulse.payload(wave.wave_sheet)).leaves)
    return list(pulse.key_sheet_of(wave).groups)
