"""The council: set up by the coordinator, decides by two of three, and nobody goes round it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callroom.audit.models import AuditRow
from callroom.core.anonymity import canonical
from callroom.core.anonymity.chain import parse_line
from callroom.core.anonymity.council import Act, CouncilError
from callroom.core.disclosure.policy import DEFAULT_POLICY
from callroom.core.disclosure.rules import WAITING, Kind, bands_from
from callroom.core.disclosure.verification import Problem, VerificationError, verify_directory
from callroom.council import actions, queries
from callroom.council.models import Approval, CouncilKey, Proposal
from callroom.people import actions as people
from callroom.people.models import Institution, Person, RoleGrant
from callroom.people.policy import NotYours
from callroom.people.states import Role
from callroom.pulse import exports, jobs, rules
from callroom.pulse import queries as pulse
from callroom.pulse.models import ChainPayload, Wave
from callroom.pulse.simulation import SimulatedResident
from callroom.pulse.states import WaveState
from callroom.pulse.stores import chain
from callroom.rights.queries import own_copy
from callroom.watch import figures
from tests.world.council import CHOSEN, PAUSE, WHY, key_of, make_key, propose, sign, signature_of
from tests.world.people import person_in
from tests.world.waves import BEFORE, FINE, MONDAY, PUBLISHED, SUNDAY, WAVE, release_of

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
Answer = Callable[..., list[SimulatedResident]]
RESUME: Mapping[str, Any] = {"kind": "resume", "module": "check-in"}
ROSTER = b"""\
external_id,name,email,role,unit,home_unit
ines,Ines Park,ines@hospital.example,resident,,surgery
marta,Marta Vega,marta@hospital.example,resident,,dermatology
noe,Noe Paz,noe@hospital.example,resident,,urology
fernando,Fernando Ruiz,fernando@hospital.example,coordinator,,
"""
TUESDAY = MONDAY + timedelta(days=1)
WEEK = timedelta(weeks=1)


def stricter(minimum: int = 8, noise: int = 40, version: int = 2) -> dict[str, Any]:
    bands = [band.to_payload() for band in bands_from(minimum)]
    policy = {"version": version, "minimum": minimum, "noise_scale_percent": noise, "bands": bands}
    return {"kind": "policy", "policy": policy}


@pytest.fixture
def members(folders: Path, ines: Person, marta: Person, noe: Person, fernando: Person) -> list[Person]:
    """Return the three, appointed, each with a key; not named yet."""
    people_ = [ines, marta, noe]
    actions.appoint(by=fernando, persons=people_, now=BEFORE - WEEK)
    for person in people_:
        make_key(person, now=BEFORE - WEEK)
    return people_


@pytest.fixture
def council(members: list[Person], fernando: Person) -> list[Person]:
    """Return the members of the council that stands in the chain."""
    actions.found(by=fernando, reason=CHOSEN, now=BEFORE - WEEK)
    return members


def decide(council: list[Person], change: Mapping[str, Any], *, now: datetime) -> int:
    made = propose(council[0], change, now=now)
    assert not sign(council[0], made, now=now)
    assert sign(council[1], made, now=now)
    return made


def verified(hospital: Institution, folder: Path) -> Any:
    exports.export(hospital, folder)
    return verify_directory(folder, pulse.head())


# Setting it up


def test_three_residents_with_keys_are_named_in_the_chain_by_key_and_never_by_name(
    council: list[Person], hospital: Institution, fernando: Person
) -> None:
    seated = rules.council(hospital, now=BEFORE)

    assert seated is not None
    assert set(seated.council.keys) == {key_of(person).public_key().public_bytes_raw() for person in council}
    assert seated.council.required == 2
    data = bytes(ChainPayload.objects.get(pk=seated.sha256).data).decode()
    assert CHOSEN["es"] in data
    for person in council:
        assert person.name not in data
        assert str(person.pk) not in data
    page = queries.council(hospital, reader=fernando, now=BEFORE)
    assert [member.name for member in page.members if member.acts] == sorted(person.name for person in council)


def test_only_residents_who_lead_and_run_nothing_can_serve(
    hospital: Institution, ines: Person, ana: Person, elena: Person, fernando: Person, oscar: Person
) -> None:
    head = person_in(hospital, "Lidia Campos", home="emergency", role=Role.LEADER, unit="emergency")
    for other in (elena, fernando, oscar, head):
        with pytest.raises(actions.CannotServe) as caught:
            actions.appoint(by=fernando, persons=[ines, ana, other], now=BEFORE)
        assert caught.value.names == (other.name,)
    for few in ([ines], [ines, ines]):
        with pytest.raises(actions.NotReady):
            actions.appoint(by=fernando, persons=few, now=BEFORE)
    assert not RoleGrant.objects.filter(person=ana, role=Role.KEY_HOLDER).exists()


def test_nobody_but_the_coordinator_or_operator_appoints(
    ines: Person, ana: Person, elena: Person, hector: Person, marta: Person
) -> None:
    for by in (ana, elena, hector, ines):
        with pytest.raises(NotYours):
            actions.appoint(by=by, persons=[ana, marta], now=BEFORE)


def test_no_council_is_named_before_each_has_a_key(
    folders: Path, ines: Person, marta: Person, fernando: Person
) -> None:
    actions.appoint(by=fernando, persons=[ines, marta], now=BEFORE)
    make_key(ines, now=BEFORE)

    with pytest.raises(actions.NotReady):
        actions.found(by=fernando, reason=CHOSEN, now=BEFORE)
    assert pulse.all_headers() == ()


def test_a_key_must_be_ones_own_and_able_to_sign(members: list[Person], ana: Person) -> None:
    ines, marta, _noe = members
    public_key = CouncilKey.objects.get(person=ines).public_key
    with pytest.raises(actions.KeyInUse):
        actions.keep_key(by=marta, public_key=public_key, proof="A" * 86 + "==", now=BEFORE)
    with pytest.raises(NotYours):
        make_key(ana, now=BEFORE)
    for broken in ("", "no base64", "AAAA"):
        with pytest.raises(actions.KeyInUse):
            actions.keep_key(by=ines, public_key=broken, proof=broken, now=BEFORE)


def test_a_key_that_acts_is_not_exchanged_quietly(council: list[Person]) -> None:
    with pytest.raises(actions.KeyInUse):
        make_key(council[0], now=BEFORE)


def test_the_first_council_is_named_once(council: list[Person], fernando: Person) -> None:
    with pytest.raises(actions.NotReady):
        actions.found(by=fernando, reason=CHOSEN, now=BEFORE)


def test_the_roster_does_not_decide_who_is_on_the_council(council: list[Person], hospital: Institution) -> None:
    """A monthly file names residents without their office: it must not unseat anybody."""
    people.import_roster(content=ROSTER, institution=hospital, by=None, now=BEFORE)

    assert RoleGrant.objects.on(hospital.day(BEFORE)).filter(person=council[0], role=Role.KEY_HOLDER).exists()


# Pause


def test_two_of_three_let_the_check_in_rest_and_everybody_reads_why(
    council: list[Person], opened: Residents, hospital: Institution, tmp_path: Path
) -> None:
    decide(council, PAUSE, now=TUESDAY)

    assert pulse.why_nobody_is_asked(hospital) == WHY
    assert Wave.objects.get(pk=WAVE).state == WaveState.VOIDED
    jobs.tick(MONDAY + WEEK)
    assert WaveState.OPEN not in set(Wave.objects.values_list("state", flat=True))
    report = verified(hospital, tmp_path / "out")
    assert report.decisions == 1


def test_it_goes_on_when_two_of_three_say_so(council: list[Person], opened: Residents, hospital: Institution) -> None:
    decide(council, PAUSE, now=TUESDAY)
    decide(council, RESUME, now=TUESDAY)
    jobs.tick(MONDAY + WEEK - timedelta(hours=1))
    jobs.tick(MONDAY + WEEK)

    assert pulse.why_nobody_is_asked(hospital) is None
    assert Wave.objects.get(pk="pulse/2026-W48").state == WaveState.OPEN


def test_after_a_crash_the_next_tick_ends_what_is_open(
    council: list[Person], opened: Residents, monkeypatch: pytest.MonkeyPatch
) -> None:
    from callroom.pulse.actions import council as acting

    made = propose(council[0], PAUSE, now=TUESDAY)
    sign(council[0], made, now=TUESDAY)
    with monkeypatch.context() as broken:
        broken.setattr(acting, "follow_up", lambda **_said: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            sign(council[1], made, now=TUESDAY)
    assert Wave.objects.get(pk=WAVE).state == WaveState.OPEN

    jobs.tick(TUESDAY + timedelta(minutes=1))

    assert Wave.objects.get(pk=WAVE).state == WaveState.VOIDED


# Minimum and noise


def test_a_change_acts_from_the_next_announced_wave_and_never_on_one_that_is_open(
    council: list[Person], opened: Residents, hospital: Institution, everyone_answers: Answer, tmp_path: Path
) -> None:
    jobs.tick(MONDAY + WEEK - timedelta(days=3))
    announced = Wave.objects.get(pk="pulse/2026-W48")
    everyone_answers(opened["emergency"][:20])

    decide(council, stricter(noise=40), now=TUESDAY)
    jobs.tick(SUNDAY)
    jobs.tick(PUBLISHED)
    jobs.tick(MONDAY + WEEK + timedelta(hours=1))
    jobs.tick(MONDAY + 2 * WEEK - timedelta(days=3))
    jobs.tick(MONDAY + 2 * WEEK)

    policies = {
        wave: json.loads(pulse.payload(Wave.objects.get(pk=wave).wave_sheet))["policy"]
        for wave in (WAVE, announced.pk, "pulse/2026-W49")
    }
    assert policies[WAVE] == policies[announced.pk] == DEFAULT_POLICY.to_payload()
    assert policies["pulse/2026-W49"]["noise_scale_percent"] == 40
    assert release_of(WAVE)["leaves"]
    report = verified(hospital, tmp_path / "out")
    assert report.figures > 0


def test_with_a_higher_minimum_a_group_below_it_is_too_few(
    council: list[Person], staffed: Residents, hospital: Institution, everyone_answers: Answer,
    at: Callable[[datetime], None], tmp_path: Path,
) -> None:  # fmt: skip
    decide(council, stricter(minimum=12, noise=28), now=BEFORE - WEEK)
    jobs.tick(BEFORE)
    jobs.tick(MONDAY)
    at(MONDAY + timedelta(hours=6))
    everyone_answers(staffed["emergency"][:10], FINE)
    everyone_answers(staffed["surgery"][:14], FINE)
    jobs.tick(SUNDAY)
    jobs.tick(PUBLISHED)

    leaves = {leaf["leaf"]: leaf for leaf in release_of(WAVE)["leaves"]}
    assert leaves["emergency"]["state"] == "too few"
    assert leaves["surgery"]["n"] == [12, 15]
    assert verified(hospital, tmp_path / "out").decisions == 1


def test_a_database_writer_who_lowers_the_rules_is_found_by_the_verifier(
    council: list[Person], staffed: Residents, hospital: Institution, tmp_path: Path
) -> None:
    """Between announcement and opening somebody changes the row: the wave sheet is signed, and no reader takes it."""
    decide(council, stricter(noise=60), now=BEFORE - WEEK)
    jobs.tick(BEFORE)
    Wave.objects.filter(pk=WAVE).update(policy=DEFAULT_POLICY.to_payload())
    jobs.tick(MONDAY)
    exports.export(hospital, tmp_path / "out")

    with pytest.raises(VerificationError) as caught:
        verify_directory(tmp_path / "out")
    assert caught.value.problem is Problem.POLICY


def test_signals_reckon_with_the_noise_that_figures_have(council: list[Person], hospital: Institution) -> None:
    before = figures.noise_of_items(hospital)
    decide(council, stricter(noise=56), now=BEFORE)

    assert (before, figures.noise_of_items(hospital)) == (2.8, 5.6)


@pytest.mark.parametrize(
    "change",
    [
        stricter(minimum=7) | {"policy": {**stricter()["policy"], "minimum": 7, "bands": [[7, 11], [12, None]]}},
        stricter(noise=27),
        stricter(noise=101),
        stricter(version=3),
        stricter(minimum=8, noise=28),
        {"kind": "policy", "policy": {**stricter()["policy"], "bands": [[8, None]]}},
        RESUME,
        {"kind": "pause", "module": "Check-In!"},
        {"kind": "purpose", "words": {"en": " ", "es": "x"}},
        {"kind": "purpose", "words": {"en": "x" * 2001, "es": "x"}},
        {"kind": "open-everything"},
    ],
    ids=lambda change: json.dumps(change)[:60],
)
def test_what_is_below_the_floors_or_changes_nothing_cannot_even_be_proposed(
    council: list[Person], change: Mapping[str, Any]
) -> None:
    with pytest.raises(actions.NotPossible):
        propose(council[0], change, now=BEFORE)
    assert not Proposal.objects.exists()


# Words


def test_words_hold_from_the_next_round_that_is_announced(
    council: list[Person], announced: Residents, hospital: Institution
) -> None:
    words = {"en": "To help, and for nothing else.", "es": "Para ayudar, y para nada más."}
    decide(council, {"kind": "purpose", "words": words}, now=BEFORE + timedelta(hours=1))
    assert queries.words_in_force(hospital, now=MONDAY) == {}
    assert not queries.words(hospital, now=MONDAY)[0].acts

    jobs.tick(MONDAY + WEEK - timedelta(days=3))

    opens = MONDAY + WEEK
    assert queries.words(hospital, now=MONDAY)[0].acts_from == opens
    assert queries.words_in_force(hospital, now=opens - timedelta(minutes=1)) == {}
    assert queries.words_in_force(hospital, now=opens) == {Kind.PURPOSE: words}


# Refused


def test_a_leader_a_coordinator_or_an_operator_alone_decides_nothing(
    council: list[Person], elena: Person, fernando: Person, hector: Person, oscar: Person, ana: Person
) -> None:
    made = propose(fernando, PAUSE, now=BEFORE)
    for by in (elena, hector, oscar, ana):
        with pytest.raises(NotYours):
            propose(by, PAUSE, now=BEFORE)
    for by in (elena, fernando, hector, oscar, ana):
        with pytest.raises(NotYours):
            sign(by, made, now=BEFORE)
    assert not Approval.objects.exists()


def test_a_coordinator_who_takes_the_role_has_no_key_on_the_council(
    council: list[Person], fernando: Person, hospital: Institution
) -> None:
    people.give_role(
        by=fernando, person=fernando, role=Role.KEY_HOLDER, unit="san-rafael", from_on=hospital.day(BEFORE), now=BEFORE
    )
    made = propose(fernando, PAUSE, now=BEFORE)
    with pytest.raises(actions.NotACouncilKey):
        sign(fernando, made, now=BEFORE)
    make_key(fernando, now=BEFORE)
    with pytest.raises(actions.NotACouncilKey):
        sign(fernando, made, now=BEFORE)
    assert rules.in_force(hospital).paused == {}


def test_one_member_twice_is_one(council: list[Person], hospital: Institution) -> None:
    made = propose(council[0], PAUSE, now=BEFORE)
    sign(council[0], made, now=BEFORE)

    with pytest.raises(actions.AlreadySigned):
        sign(council[0], made, now=BEFORE)
    assert rules.in_force(hospital).paused == {}


def test_a_member_signs_with_their_own_key_and_only_this_proposal(council: list[Person]) -> None:
    made, other = propose(council[0], PAUSE, now=BEFORE), propose(council[0], stricter(), now=BEFORE)
    for signature in (signature_of(council[1], made), signature_of(council[0], other), "", "nonsense"):
        with pytest.raises(actions.BadSignature):
            actions.sign(by=council[0], proposal=made, signature=signature, now=BEFORE)
    assert not Approval.objects.exists()


def test_an_expired_proposal_is_over(council: list[Person], hospital: Institution) -> None:
    made = propose(council[0], PAUSE, now=BEFORE)
    sign(council[0], made, now=BEFORE)

    with pytest.raises(actions.Over):
        sign(council[1], made, now=BEFORE + timedelta(days=14, seconds=1))
    assert queries.proposals(hospital, reader=council[0], now=BEFORE + timedelta(days=15)) == ()
    assert rules.in_force(hospital).paused == {}


def test_what_was_carried_out_is_over(council: list[Person]) -> None:
    made = decide(council, PAUSE, now=BEFORE)

    with pytest.raises(actions.Over):
        sign(council[2], made, now=BEFORE)


def test_a_member_who_left_after_signing_does_not_count(council: list[Person], hospital: Institution) -> None:
    made = propose(council[0], PAUSE, now=BEFORE)
    sign(council[0], made, now=BEFORE)
    people.offboard(by=None, person=council[0], now=BEFORE)

    assert not sign(council[1], made, now=BEFORE)
    assert rules.in_force(hospital).paused == {}
    assert sign(council[2], made, now=BEFORE)
    assert len(rules.in_force(hospital).decided[0].signers) == 2


def test_a_proposal_of_another_institution_or_number_is_not_there(council: list[Person]) -> None:
    with pytest.raises(NotYours):
        actions.sign(by=council[0], proposal=4711, signature="x", now=BEFORE)


def test_what_was_decided_meanwhile_leaves_no_room_and_no_signature(
    council: list[Person], hospital: Institution
) -> None:
    first, second = (propose(council[0], stricter(noise=noise), now=BEFORE) for noise in (40, 50))
    for made in (first, second):
        sign(council[0], made, now=BEFORE)
    sign(council[1], first, now=BEFORE)

    with pytest.raises(actions.NotPossible):
        sign(council[1], second, now=BEFORE)
    assert not Approval.objects.filter(proposal=second, person=council[1]).exists()
    assert rules.in_force(hospital).policy.noise_scale_percent == 40


def test_the_institution_cannot_write_a_decision_of_its_own(
    council: list[Person], hospital: Institution, tmp_path: Path
) -> None:
    """Whoever holds the signing key writes a header; without the members' signatures no reader takes it."""
    made = propose(council[0], PAUSE, now=BEFORE)
    statement = Proposal.objects.get(pk=made).said()
    forged = Act(statement, {key_of(council[0]).public_key().public_bytes_raw(): bytes(64)})
    from callroom.pulse.actions import council as acting

    with pytest.raises(CouncilError), chain.appending(hospital, now=BEFORE) as end:
        acting.sign_act(end, act=forged, by=council[0])
    with chain.appending(hospital, now=BEFORE) as end:
        end.append(rules.PayloadKind.COUNCIL_ACT, forged.to_payload())
    exports.export(hospital, tmp_path / "out")
    with pytest.raises(VerificationError) as caught:
        verify_directory(tmp_path / "out")
    assert caught.value.problem is Problem.COUNCIL


# Who follows


def test_the_council_names_the_next_one_and_former_members_hold_nothing(
    council: list[Person], fernando: Person, hospital: Institution, ana: Person
) -> None:
    ines, marta, noe = council
    actions.appoint(by=fernando, persons=[ines, marta, ana], now=BEFORE)
    assert RoleGrant.objects.on(hospital.day(BEFORE)).filter(person=noe, role=Role.KEY_HOLDER).exists()
    make_key(ana, now=BEFORE)
    chosen = frozenset({ines.pk, marta.pk, ana.pk})
    keys = queries.spelled(queries.candidate_keys(hospital, now=BEFORE, of=chosen))
    decide(council, {"kind": "council", "keys": keys, "required": 2}, now=BEFORE)

    assert {each.name for each in queries.acting_members(hospital, now=BEFORE)} == {ines.name, marta.name, ana.name}
    assert not RoleGrant.objects.on(hospital.day(BEFORE)).filter(person=noe, role=Role.KEY_HOLDER).exists()
    made = propose(ana, PAUSE, now=BEFORE)
    with pytest.raises(NotYours):
        sign(noe, made, now=BEFORE)
    assert not sign(ana, made, now=BEFORE)
    assert sign(ines, made, now=BEFORE)


@pytest.fixture
def lost(council: list[Person], fernando: Person, ana: Person, bruno: Person, hospital: Institution) -> list[Person]:
    """Return two residents who are to follow a council of which two have left."""
    for gone in council[1:]:
        people.offboard(by=None, person=gone, now=BEFORE)
    followers = [ana, bruno]
    actions.appoint(by=fernando, persons=followers, now=BEFORE)
    for person in followers:
        make_key(person, now=BEFORE)
    people.end_role(by=fernando, person=council[0], role=Role.KEY_HOLDER, now=BEFORE)
    return followers


def test_two_people_name_another_which_acts_after_four_weeks(
    lost: list[Person], fernando: Person, hector: Person, hospital: Institution, tmp_path: Path
) -> None:
    actions.ask_to_name(by=fernando, reason=WHY, now=BEFORE)
    actions.name_another(by=hector, reason_sha256=pulse.reason_sha256(WHY), now=BEFORE)

    page = queries.council(hospital, reader=fernando, now=BEFORE)
    assert page.waiting is not None
    assert page.waiting.from_at == BEFORE + timedelta(seconds=WAITING)
    made = propose(fernando, PAUSE, now=BEFORE)
    with pytest.raises(actions.NotACouncilKey):
        sign(lost[0], made, now=BEFORE)
    later = BEFORE + timedelta(seconds=WAITING)
    with pytest.raises(actions.Over):
        sign(lost[0], made, now=later)
    decide(lost, PAUSE, now=later)
    assert verified(hospital, tmp_path / "out").council is not None


def test_one_person_alone_does_not_name_another(
    lost: list[Person], fernando: Person, hector: Person, ana: Person
) -> None:
    read = pulse.reason_sha256(WHY)
    with pytest.raises(actions.NotAskedFor):
        actions.name_another(by=hector, reason_sha256=read, now=BEFORE)
    actions.ask_to_name(by=fernando, reason=WHY, now=BEFORE)
    with pytest.raises(NotYours):
        actions.name_another(by=fernando, reason_sha256=read, now=BEFORE)
    with pytest.raises(NotYours):
        actions.name_another(by=ana, reason_sha256=read, now=BEFORE)
    with pytest.raises(actions.ReasonChanged):
        actions.name_another(by=hector, reason_sha256="0" * 64, now=BEFORE)
    kinds = [parse_line(line).type.value for line in pulse.all_headers()]
    assert kinds == ["council"]


def test_before_there_is_a_council_there_is_none_to_replace(folders: Path, fernando: Person) -> None:
    with pytest.raises(actions.NotReady):
        actions.ask_to_name(by=fernando, reason=WHY, now=BEFORE)
    with pytest.raises(actions.NoCouncil):
        propose(fernando, PAUSE, now=BEFORE)


def test_every_step_stands_in_the_trail(council: list[Person]) -> None:
    decide(council, PAUSE, now=BEFORE)

    copy = own_copy(council[0], now=BEFORE)
    assert copy["council"]["public_key"] == CouncilKey.objects.get(person=council[0]).public_key
    assert copy["council"]["signed"] == (Proposal.objects.get().statement_sha256,)
    tags = list(AuditRow.objects.order_by("seq").values_list("tag", flat=True))
    for tag in (
        "role-given",
        "council-key-made",
        "council-named",
        "proposal-made",
        "proposal-signed",
        "council-decided",
    ):
        assert tag in tags
    assert canonical.decode(canonical.encode(Proposal.objects.get().statement))
