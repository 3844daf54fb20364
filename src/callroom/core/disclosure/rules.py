"""
The rules that a council decides on, as the chain says them: minimum and noise, retention, purpose, pauses, the council.

One reading serves everybody: the server that asks what is in force, and the verifier that has only files. Nothing
decided acts on a wave whose key sheet is signed already: a wave keeps the rules under which it was announced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from callroom.core.anonymity.canonical import Encodable, Json
from callroom.core.anonymity.chain import HeaderType
from callroom.core.anonymity.council import (
    LONGEST_REASON,
    Act,
    Council,
    CouncilError,
    SetUp,
    change_of,
    must_hold,
    reading,
    words_of,
)
from callroom.core.anonymity.fields import Fields, is_name
from callroom.core.anonymity.promises import LEAST_NOISE_PERCENT
from callroom.core.disclosure.policy import DEFAULT_POLICY, BadPolicy, Band, Policy

MOST_NOISE_PERCENT: Final = 100
LONGEST_WORDS: Final = 2000
WAITING: Final = 28 * 24 * 3600
"""Seconds until a council acts that the institution named while there was one: the one there is can overrule it."""


class Kind(StrEnum):
    """What a council can decide."""

    PAUSE = "pause"
    RESUME = "resume"
    POLICY = "policy"
    RETENTION = "retention"
    PURPOSE = "purpose"
    COUNCIL = "council"


WORDS: Final = frozenset({Kind.RETENTION, Kind.PURPOSE})
"""Kinds whose content is public words: how long what is kept, and what results are used for."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One thing that a council decided, in the order of the chain. ``signers``: the keys that signed."""

    seq: int
    at: int
    kind: Kind
    change: Mapping[str, Encodable]
    signers: tuple[bytes, ...]
    payload_sha256: str


@dataclass(frozen=True, slots=True)
class Seated:
    """A council and the hash of the payload that made it. ``from_at``: from when on it acts."""

    council: Council
    sha256: str
    from_at: int


@dataclass(slots=True)
class Rules:
    """
    What is in force, after the headers that were followed.

    ``most_noise``: percent, of all policies so far; ``paused``: the public words by module; ``words``: the latest by kind, each with the number of its header;
    ``replaced``: councils that the institution named while there was one; ``councils``: all that were ever named, by the hash
    of what named them, in the order of the chain; ``latest_at``: of the last header about rules.
    """

    institution: str
    policy: Policy = DEFAULT_POLICY
    most_noise: int = DEFAULT_POLICY.noise_scale_percent
    paused: dict[str, dict[str, str]] = field(default_factory=dict)
    words: dict[Kind, tuple[int, dict[str, str]]] = field(default_factory=dict)
    decided: list[Decided] = field(default_factory=list)
    replaced: int = 0
    councils: dict[str, Seated] = field(default_factory=dict)
    latest_at: int = 0
    _seated: Seated | None = None
    _named: Seated | None = None
    _carried_out: set[str] = field(default_factory=set)

    def council_at(self, at: int) -> Seated | None:
        """Return the council in force at this instant; none before the first is named."""
        if self._named is not None and at >= self._named.from_at:
            return self._named
        return self._seated

    def named_at(self, at: int) -> Seated | None:
        """Return the council that the institution has named and that does not act yet at this instant."""
        return self._named if self._named is not None and at < self._named.from_at else None

    def follow(self, kind: HeaderType, *, seq: int, at: int, payload_sha256: str, payload: Json) -> None:
        """
        Take in a ``council`` or ``council-act`` header.

        :raises CouncilError: if it breaks a rule; then nothing has changed
        """
        must_hold(at >= self.latest_at, "order", "dated before what was decided earlier")
        if kind is HeaderType.COUNCIL:
            self._name(SetUp.from_payload(payload), at, payload_sha256)
        else:
            self._carry_out(Act.from_payload(payload), seq, at, payload_sha256)
        self.latest_at = at

    def check(self, change: Mapping[str, Encodable]) -> Kind:
        """
        Return the kind of a change that could be decided now.

        :raises CouncilError: if it breaks a rule, or changes nothing
        """
        kind, read = _read(change)
        with reading():
            _CHECKS[kind](self, read)
        return kind

    def _name(self, made: SetUp, at: int, payload_sha256: str) -> None:
        present = self.council_at(at)
        if present is None:
            self._seated = self._known(Seated(made.council, payload_sha256, at))
            return
        must_hold(made.council != present.council, "again", "this council acts already")
        self._seated, self._named = present, self._known(Seated(made.council, payload_sha256, at + WAITING))
        self.replaced += 1

    def _known(self, seated: Seated) -> Seated:
        self.councils[seated.sha256] = seated
        return seated

    def _carry_out(self, act: Act, seq: int, at: int, payload_sha256: str) -> None:
        statement, present = act.statement, self.council_at(at)
        if present is None:
            raise CouncilError("council", "there is no council")
        must_hold(statement.institution == self.institution, "institution", "signed for another institution")
        must_hold(statement.council == present.sha256, "council", "signed under another council")
        must_hold(statement.sha256 not in self._carried_out, "again", "carried out before")
        act.check(present.council, at=at)
        kind = self.check(statement.change)
        self._carried_out.add(statement.sha256)
        signers = tuple(sorted(act.signatures))
        self.decided.append(Decided(seq, at, kind, statement.change, signers, payload_sha256))
        self._seated, self._named = present, self.named_at(at)
        _, read = _read(statement.change)
        match kind:
            case Kind.PAUSE:
                self.paused[read.text("module")] = words_of(read.value("reason"), LONGEST_REASON)
            case Kind.RESUME:
                del self.paused[read.text("module")]
            case Kind.POLICY:
                self.policy = Policy.from_payload(read.value("policy"))
                self.most_noise = max(self.most_noise, self.policy.noise_scale_percent)
            case Kind.RETENTION | Kind.PURPOSE:
                self.words[kind] = (seq, words_of(read.value("words"), LONGEST_WORDS))
            case Kind.COUNCIL:
                # The council there is has spoken: what the institution named beside it is void.
                self._seated, self._named = self._known(Seated(Council.from_fields(read), payload_sha256, at)), None

    def _check_pause(self, read: Fields) -> None:
        module = read.text("module")
        must_hold(is_name(module) and module not in self.paused, "change", f"{module} rests already")

    def _check_resume(self, read: Fields) -> None:
        must_hold(read.text("module") in self.paused, "change", f"{read.text('module')} does not rest")

    def _check_policy(self, read: Fields) -> None:
        try:
            policy = Policy.from_payload(read.value("policy"))
        except BadPolicy as error:
            raise CouncilError("policy", str(error)) from error
        must_hold(policy.version == self.policy.version + 1, "policy", "not the version that follows")
        must_hold(policy.bands in _BANDS, "policy", "other bands than the published ones from the minimum up")
        enough = LEAST_NOISE_PERCENT <= policy.noise_scale_percent <= MOST_NOISE_PERCENT
        must_hold(enough, "policy", f"noise of {policy.noise_scale_percent} percent")
        same = (policy.minimum, policy.noise_scale_percent) == (self.policy.minimum, self.policy.noise_scale_percent)
        must_hold(not same, "change", "minimum and noise are these already")

    def _check_words(self, read: Fields) -> None:
        kind, words = Kind(read.text("kind")), words_of(read.value("words"), LONGEST_WORDS)
        must_hold(kind not in self.words or self.words[kind][1] != words, "change", "these words stand already")

    def _check_council(self, read: Fields) -> None:
        following = Council.from_fields(read)
        must_hold(self._seated is None or following != self._seated.council, "change", "this council acts already")


_CONTENT: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.PAUSE: ("module",),
    Kind.RESUME: ("module",),
    Kind.POLICY: ("policy",),
    Kind.RETENTION: ("words",),
    Kind.PURPOSE: ("words",),
    Kind.COUNCIL: ("keys", "required"),
}
_CHECKS: Final[Mapping[Kind, Callable[[Rules, Fields], None]]] = {
    Kind.PAUSE: Rules._check_pause,
    Kind.RESUME: Rules._check_resume,
    Kind.POLICY: Rules._check_policy,
    Kind.RETENTION: Rules._check_words,
    Kind.PURPOSE: Rules._check_words,
    Kind.COUNCIL: Rules._check_council,
}
_BANDS: Final = tuple(DEFAULT_POLICY.bands[index:] for index in range(len(DEFAULT_POLICY.bands)))
MINIMUMS: Final = tuple(band.low for band in DEFAULT_POLICY.bands)
"""The minimums that a council can choose: where a published band begins, so that what a band says stays the same."""


def bands_from(minimum: int) -> tuple[Band, ...]:
    """Return the published bands from this minimum up."""
    return tuple(band for band in DEFAULT_POLICY.bands if band.low >= minimum)


def _read(change: Mapping[str, Encodable]) -> tuple[Kind, Fields]:
    """Return kind and fields of a change; its ``reason`` is sound."""
    named = change.get("kind")
    must_hold(named in list(Kind), "fields", f"{named} is nothing that a council decides")
    kind = Kind(str(named))
    with reading():
        fields = Fields(change_of(change), "kind", "reason", *_CONTENT[kind])
        words_of(fields.value("reason"), LONGEST_REASON)
    return kind, fields
