"""What a council decides, read from the chain: floors, waves that were announced before, and everything that is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.anonymity import canonical, chain
from callroom.core.anonymity.chain import HeaderType
from callroom.core.anonymity.council import Act, Council, CouncilError, SetUp, Statement
from callroom.core.disclosure.policy import DEFAULT_POLICY
from callroom.core.disclosure.rules import MINIMUMS, WAITING, Kind, Rules, bands_from
from callroom.core.disclosure.verification import NoteCode, Problem, VerificationError, verify_directory
from callroom.core.timetable.waves import wave_times
from tests.core.anonymity.examples import council_keys
from tests.core.disclosure.published import CALENDAR, KEY, Institution

REASON = {"en": "Decided in the assembly.", "es": "Decidido en asamblea."}
MEMBERS = council_keys()
OTHERS = [Ed25519PrivateKey.from_private_bytes(bytes([start] * 32)) for start in (7, 8)]
FINGERPRINT = chain.fingerprint(KEY.public_key())
NOW = 1_700_000_000
DAY = 24 * 3600


def raw(*keys: Ed25519PrivateKey) -> list[bytes]:
    return sorted(key.public_key().public_bytes_raw() for key in keys)


def policy(minimum: int = 12, noise: int = 28, version: int = 2) -> dict[str, Any]:
    made = replace(
        DEFAULT_POLICY, version=version, minimum=minimum, noise_scale_percent=noise, bands=bands_from(minimum)
    )
    return {"kind": "policy", "policy": made.to_payload(), "reason": REASON}


def pause() -> dict[str, Any]:
    return {"kind": "pause", "module": "check-in", "reason": REASON}


def resume() -> dict[str, Any]:
    return {"kind": "resume", "module": "check-in", "reason": REASON}


def following(*keys: Ed25519PrivateKey) -> dict[str, Any]:
    made = Council.of(raw(*keys)).to_payload()
    return {"kind": "council", **made, "reason": REASON}


@dataclass
class Made:
    """Rules of one institution, header by header."""

    rules: Rules
    seq: int = 0
    at: int = NOW

    def name(self, *keys: Ed25519PrivateKey) -> str:
        return self.add(HeaderType.COUNCIL, SetUp(Council.of(raw(*keys)), REASON).to_payload())

    def add(self, kind: HeaderType, payload: Any) -> str:
        data = canonical.encode(payload)
        sha256 = chain.sha256_hex(data)
        self.rules.follow(kind, seq=self.seq, at=self.at, payload_sha256=sha256, payload=canonical.decode(data))
        self.seq += 1
        return sha256

    def act(self, change: dict[str, Any], *signers: Ed25519PrivateKey, **said: Any) -> Act:
        seated = self.rules.council_at(self.at)
        assert seated
        whole = {"institution": FINGERPRINT, "council": seated.sha256, "proposed_at": self.at, "change": change}
        statement = Statement(**{**whole, "expires_at": self.at + 14 * DAY, **said})
        return Act(statement, {each.public_key().public_bytes_raw(): each.sign(statement.signed()) for each in signers})

    def decide(self, change: dict[str, Any], *signers: Ed25519PrivateKey, **said: Any) -> str:
        return self.add(HeaderType.COUNCIL_ACT, self.act(change, *(signers or MEMBERS[:2]), **said).to_payload())


@pytest.fixture
def made() -> Made:
    found = Made(Rules(FINGERPRINT))
    found.name(*MEMBERS)
    return found


def code(decide: Callable[[], object]) -> str:
    with pytest.raises(CouncilError) as caught:
        decide()
    return caught.value.code


# Decided


def test_what_two_of_three_sign_holds(made: Made) -> None:
    made.decide(pause())
    assert made.rules.paused == {"check-in": REASON}
    made.decide(resume(), MEMBERS[1], MEMBERS[2])
    assert made.rules.paused == {}
    made.decide(policy(minimum=12, noise=40))
    assert (made.rules.policy.minimum, made.rules.policy.noise_scale_percent) == (12, 40)
    assert made.rules.policy.bands == DEFAULT_POLICY.bands[1:]
    made.decide({"kind": "purpose", "words": {"en": "To help.", "es": "Para ayudar."}, "reason": REASON})
    assert made.rules.words[Kind.PURPOSE] == (4, {"en": "To help.", "es": "Para ayudar."})
    assert [each.kind for each in made.rules.decided] == [Kind.PAUSE, Kind.RESUME, Kind.POLICY, Kind.PURPOSE]
    assert made.rules.decided[0].signers == tuple(raw(*MEMBERS[:2]))


def test_a_council_names_the_next_one_which_acts_at_once(made: Made) -> None:
    made.decide(following(*OTHERS))

    assert code(lambda: made.decide(pause(), *MEMBERS[:2])) == "stranger"
    made.decide(pause(), *OTHERS)


# Refused


def test_nothing_is_decided_without_a_council() -> None:
    made = Made(Rules(FINGERPRINT))
    sha256, statement = "0" * 64, Statement(FINGERPRINT, "0" * 64, NOW, NOW + DAY, pause())

    act = Act(statement, {key.public_key().public_bytes_raw(): key.sign(statement.signed()) for key in MEMBERS})
    assert code(lambda: made.add(HeaderType.COUNCIL_ACT, act.to_payload())) == "council"
    assert sha256 not in {each.payload_sha256 for each in made.rules.decided}


def test_what_is_refused_changes_nothing(made: Made) -> None:
    before = (made.rules.policy, dict(made.rules.paused), made.rules.latest_at, len(made.rules.decided))
    once = made.act(pause(), *MEMBERS[:2])
    refused = {
        "too few": lambda: made.decide(pause(), MEMBERS[0]),
        "stranger": lambda: made.decide(pause(), MEMBERS[0], OTHERS[0]),
        "institution": lambda: made.decide(pause(), institution="1" * 64),
        "expired": lambda: made.decide(pause(), proposed_at=made.at - 9 * DAY, expires_at=made.at - 1),
        "change": lambda: made.decide(resume()),
        "policy": lambda: made.decide(policy(version=3)),
        "fields": lambda: made.decide({**pause(), "note": "x"}),
    }
    for expected, attempt in refused.items():
        assert code(attempt) == expected
    assert before == (made.rules.policy, dict(made.rules.paused), made.rules.latest_at, len(made.rules.decided))

    made.add(HeaderType.COUNCIL_ACT, once.to_payload())
    assert code(lambda: made.add(HeaderType.COUNCIL_ACT, once.to_payload())) == "again"


def test_what_was_signed_under_another_council_is_not_carried_out(made: Made) -> None:
    waiting = made.act(pause(), *MEMBERS[:2])
    made.decide(following(MEMBERS[0], MEMBERS[1]))

    assert code(lambda: made.add(HeaderType.COUNCIL_ACT, waiting.to_payload())) == "council"


def test_a_member_removed_after_signing_does_not_count(made: Made) -> None:
    """The next council's statement names another council, so an old signature is over other bytes."""
    old = made.act(pause(), MEMBERS[0], MEMBERS[2])
    made.decide(following(MEMBERS[0], MEMBERS[1]))
    new = made.act(pause(), MEMBERS[0])
    moved = Act(new.statement, {**new.signatures, raw(MEMBERS[2])[0]: old.signatures[raw(MEMBERS[2])[0]]})

    assert code(lambda: made.add(HeaderType.COUNCIL_ACT, moved.to_payload())) == "stranger"


@given(minimum=st.integers(-3, 30), noise=st.integers(-3, 130))
def test_no_council_goes_below_the_floors(minimum: int, noise: int) -> None:
    made = Made(Rules(FINGERPRINT))
    made.name(*MEMBERS)
    change = policy()
    change["policy"] = {
        **change["policy"],
        "minimum": minimum,
        "noise_scale_percent": noise,
        "bands": [[minimum, 11], *change["policy"]["bands"]] if minimum <= 11 else [[minimum, None]],
    }
    if minimum == 8:
        change["policy"]["bands"] = [band.to_payload() for band in DEFAULT_POLICY.bands]
    try:
        made.decide(change)
    except CouncilError:
        assert made.rules.policy == DEFAULT_POLICY
    else:
        assert minimum in MINIMUMS
        assert 28 <= noise <= 100


# The institution alone


def test_another_council_of_the_institution_waits_four_weeks_and_can_be_overruled(made: Made) -> None:
    made.name(*OTHERS)
    made.at += WAITING - 1

    assert code(lambda: made.decide(pause(), *OTHERS)) == "stranger"
    made.decide(following(MEMBERS[0], MEMBERS[1]))
    made.at += 2
    assert code(lambda: made.decide(pause(), *OTHERS)) == "stranger"
    assert made.rules.replaced == 1


def test_after_four_weeks_it_acts_and_everybody_sees_that_it_was_named(made: Made) -> None:
    made.name(*OTHERS)
    made.at += WAITING

    assert code(lambda: made.decide(pause(), *MEMBERS[:2])) == "stranger"
    made.decide(pause(), *OTHERS)
    assert made.rules.replaced == 1


def test_headers_are_not_dated_back(made: Made) -> None:
    made.decide(pause())
    made.at -= 1

    assert code(lambda: made.decide(resume())) == "order"


# In published files


class WithCouncil(Institution):
    """The small institution, with a council from its first day."""

    def __init__(self) -> None:
        super().__init__(demo_history=False, real=False)
        self.rules = Made(Rules(FINGERPRINT))
        self.day = wave_times(CALENDAR, "pulse/2026-W28").opens_at - timedelta(days=5)
        self.policy = DEFAULT_POLICY.to_payload()

    def name(self, *keys: Ed25519PrivateKey) -> None:
        self._add(HeaderType.COUNCIL, SetUp(Council.of(raw(*keys)), REASON).to_payload())

    def decide(self, change: dict[str, Any], *signers: Ed25519PrivateKey) -> None:
        self.rules.at = int(self.day.timestamp())
        self._add(HeaderType.COUNCIL_ACT, self.rules.act(change, *(signers or MEMBERS[:2])).to_payload())

    def _add(self, kind: HeaderType, payload: Any) -> None:
        self.rules.at = int(self.day.timestamp())
        self.rules.seq = len(self.lines)
        self.rules.add(kind, payload)
        self.add(kind, canonical.encode(payload), self.day)

    def change_policy(self, kind: str, wave: str, payload: dict[str, Any]) -> None:
        if kind == "wave-sheet":
            payload["policy"] = json.loads(json.dumps(self.policy))


def checked(made: Institution, tmp_path: Path) -> object:
    try:
        return verify_directory(made.write(tmp_path / "export"))
    except VerificationError as error:
        return error.problem


def named() -> WithCouncil:
    made = WithCouncil()
    made.name(*MEMBERS)
    return made


def instant(wave: str) -> datetime:
    return wave_times(CALENDAR, wave).opens_at


def test_the_verifier_says_who_the_council_is_and_how_much_it_decided(tmp_path: Path) -> None:
    made = named()
    made.decide(pause())
    made.decide(resume())
    made.run("pulse/2026-W28")

    report = checked(made, tmp_path)

    assert report.council == Council.of(raw(*MEMBERS))  # type: ignore[attr-defined]
    assert report.decisions == 2  # type: ignore[attr-defined]


def test_a_wave_keeps_the_policy_under_which_it_was_announced(tmp_path: Path) -> None:
    made = named()
    made.announce("pulse/2026-W28", demo=False)
    made.decide(policy(noise=40, minimum=8))
    made.lines.pop()  # announced after the decision instead
    later = named()
    later.decide(policy(noise=40, minimum=8))
    later.change = later.change_policy
    later.open("pulse/2026-W28")

    assert checked(later, tmp_path / "old") is Problem.POLICY
    later = named()
    later.decide(policy(noise=40, minimum=8))
    later.policy = later.rules.rules.policy.to_payload()
    later.change = later.change_policy
    later.open("pulse/2026-W28")
    assert not isinstance(checked(later, tmp_path / "new"), Problem)


def test_a_change_does_not_reach_a_wave_that_is_announced(tmp_path: Path) -> None:
    """The key sheet came first, the decision second: a wave sheet with the new policy is refused."""
    made = named()
    times = wave_times(CALENDAR, "pulse/2026-W28")
    sheet = made.announce("pulse/2026-W28", demo=False)
    made.day = times.opens_at - timedelta(days=1)
    made.decide(policy(noise=40, minimum=8))
    made.policy = made.rules.rules.policy.to_payload()
    made.change = made.change_policy
    made.announce = lambda wave, *, demo: sheet  # type: ignore[method-assign]  # it is announced already
    made.open("pulse/2026-W28")

    assert checked(made, tmp_path) is Problem.POLICY


def test_no_wave_opens_while_the_check_in_rests(tmp_path: Path) -> None:
    made = named()
    made.decide(pause())
    made.open("pulse/2026-W28")

    assert checked(made, tmp_path) is Problem.COUNCIL


def test_a_decision_without_enough_signatures_is_found(tmp_path: Path) -> None:
    made = named()
    act = made.rules.act(pause(), MEMBERS[0])
    made.add(HeaderType.COUNCIL_ACT, canonical.encode(act.to_payload()), made.day)

    assert checked(made, tmp_path) is Problem.COUNCIL


def test_a_decision_dated_ahead_is_found_with_the_next_wave(tmp_path: Path) -> None:
    """The institution cannot skip the four weeks by writing a later date: waves have dates that people live through."""
    made = named()
    made.name(*OTHERS)
    made.day += timedelta(seconds=WAITING)
    made.decide(pause(), *OTHERS)
    made.decide(resume(), *OTHERS)
    made.open("pulse/2026-W28")

    assert checked(made, tmp_path) is Problem.TIME


def test_the_verifier_notes_a_council_that_the_institution_named_beside_another(tmp_path: Path) -> None:
    made = named()
    made.name(*OTHERS)

    report = checked(made, tmp_path)

    assert [note.code for note in report.notes][1:] == [NoteCode.COUNCIL_NAMED_ANEW]  # type: ignore[attr-defined]


CHANGES = [
    pause(),
    resume(),
    policy(),
    following(*OTHERS),
    {"kind": "purpose", "words": REASON, "reason": REASON},
    {"kind": "retention", "words": REASON, "reason": REASON},
]
JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 200), st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(change=st.sampled_from(CHANGES), data=st.data())
def test_a_change_of_any_other_shape_is_refused_with_our_own_error(change: dict[str, Any], data: st.DataObject) -> None:
    made = Made(Rules(FINGERPRINT))
    made.name(*MEMBERS)
    field = data.draw(st.sampled_from(sorted(change)))
    spoiled = {**change, field: data.draw(JUNK)}
    try:
        made.rules.check(spoiled)
    except CouncilError:
        return
    assert spoiled["kind"] in list(Kind)
