"""What is in force: the council's decisions, read from the chain, and a freeze: why nobody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from callroom.core.anonymity import canonical, chain
from callroom.core.anonymity.council import Confirmation, is_signed
from callroom.core.anonymity.spelling import from_base64
from callroom.core.disclosure.rules import Rules, Seated
from callroom.people import queries as people
from callroom.people.models import Institution
from callroom.pulse.models import ChainHeader, ChainPayload, Confirmed, Freeze, Plan, Wave
from callroom.pulse.states import PayloadKind
from callroom.pulse.stores import chain as ledger

CHECK_IN: Final = "check-in"
MODULES: Final = (CHECK_IN,)
"""What a council can let rest."""
ABOUT_RULES: Final = frozenset({PayloadKind.COUNCIL.value, PayloadKind.COUNCIL_ACT.value})


def in_force(institution: Institution) -> Rules:
    """Return what the chain says; nobody may change what is returned (``copy.deepcopy`` it first)."""
    kinds = ChainPayload.objects.filter(institution=institution, kind__in=sorted(ABOUT_RULES))
    first = ledger.first_key(institution)
    return _read(chain.fingerprint(first) if first else "", frozenset(kinds.values_list("sha256", flat=True)))


@lru_cache(maxsize=8)
def _read(institution: str, payloads: frozenset[str]) -> Rules:
    """Return the rules after these payloads, in the order of their headers. The chain only grows, so they say it all."""
    rules = Rules(institution)
    if not payloads:
        return rules
    data = {sha256: bytes(payload.data) for sha256, payload in ChainPayload.objects.in_bulk(payloads).items()}
    for line in ChainHeader.objects.values_list("line", flat=True):
        header = chain.parse_line(bytes(line))
        if header.payload_sha256 in data:
            rules.follow(
                header.type,
                seq=header.seq,
                at=header.at,
                payload_sha256=header.payload_sha256,
                payload=canonical.decode(data[header.payload_sha256]),
            )
    return rules


def freeze_in_force(institution: Institution) -> Freeze | None:
    """Return the freeze during which nobody is asked, for actions and jobs."""
    return Freeze.objects.filter(institution=institution, begun_at__isnull=False, ended_at=None).first()


def why_nobody_is_asked(institution: Institution) -> Mapping[str, str] | None:
    """Return the public words of the freeze, or of the council's pause, that is in force; None when people are asked."""
    frozen = freeze_in_force(institution)
    return frozen.reason if frozen else in_force(institution).paused.get(CHECK_IN)


def council(institution: Institution, *, now: datetime) -> Seated | None:
    """Return the council in force; none before the first is named."""
    return in_force(institution).council_at(int(now.timestamp()))


def confirmed(institution: Institution) -> frozenset[str]:
    """Return the ids of everybody whom a council member has confirmed, with a signature that holds."""
    councils = in_force(institution).councils
    found: set[str] = set()
    for row in Confirmed.objects.filter(institution=institution):
        try:
            said = Confirmation.from_text(row.text)
            key, signature = from_base64(row.public_key), from_base64(row.signature)
        except ValueError:
            continue
        seated = councils.get(said.council)
        if seated is not None and key in seated.council.keys and is_signed(key, signature, said.signed()):
            found.update(said.people)
    return frozenset(found)


def unconfirmed(institution: Institution) -> frozenset[str]:
    """
    Return the ids of the residents who came since there is a council, and whom none of its members has confirmed yet.

    Whoever was listed by the day on which the first council began and the first plan was made is taken as given: nobody
    could have confirmed them.
    """
    first = next(iter(in_force(institution).councils.values()), None)
    plan = Plan.objects.filter(institution=institution).first()
    if first is None or plan is None:
        return frozenset()
    begun = institution.day(datetime.fromtimestamp(first.from_at, UTC))
    return people.come_after(max(begun, plan.made_on)) - confirmed(institution)


def fingerprint_of(institution: Institution) -> str:
    """Return what a council's statement calls the institution; empty before its chain begins."""
    first = ledger.first_key(institution)
    return chain.fingerprint(first) if first else ""


def acts_from(institution: Institution, seq: int) -> datetime | None:
    """
    Return from when on a decision in header ``seq`` acts: the opening of the first wave that was announced after it.

    None while no wave was announced since.
    """
    announced = {
        chain.parse_line(bytes(line)).payload_sha256
        for line in ChainHeader.objects.filter(seq__gt=seq).values_list("line", flat=True)
    }
    later = Wave.objects.filter(institution=institution, demo=False, key_sheet__in=announced)
    return later.order_by("opens_at").values_list("opens_at", flat=True).first()
