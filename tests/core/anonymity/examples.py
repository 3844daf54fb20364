"""One small wave with fixed keys: two groups, one leaf each. The private keys are published and protect nothing."""

import base64
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from callroom.core.anonymity import canonical, chain, council, kept_promises, tokens
from callroom.core.anonymity.council import Act, Council, SetUp, Statement
from callroom.core.anonymity.kept_promises import PromiseAsked, PromisesAsked
from callroom.core.anonymity.sheets import Group, KeySheet, SheetItem, SheetLeaf, WaveSheet

VECTORS = Path(__file__).parents[2] / "vectors"
WAVE = "pulse/2026-W47"
INSTITUTION_ID = bytes.fromhex("6f1d2a3c4b5e4f60817293a4b5c6d7e8")
SALT = bytes(range(32))
MEMBERS = tuple(f"00000000-0000-4000-8000-{number:012d}" for number in range(13))
ITEMS = tuple(SheetItem(name, 5) for name in ("workload", "support", "voice", "learning-time"))
CORE = ("workload", "support", "voice")
POLICY = {
    "version": 1,
    "minimum": 8,
    "noise_scale_percent": 28,
    "bands": [[8, 11], [12, 15], [16, 23], [24, None]],
}
OPENS_AT = 1794830400


@cache
def group_keys() -> tuple[RSAPrivateKey, ...]:
    keys = [load_der_private_key(base64.b64decode(text), None) for text in read("keys")["groups"]]
    return tuple(cast("RSAPrivateKey", key) for key in keys)


def institution_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


def next_institution_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(101, 133)))


def wave_key() -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(bytes(range(33, 65)))


@cache
def one_time_key() -> EllipticCurvePrivateKey:
    return derive_private_key(int.from_bytes(bytes(range(65, 97)), "big"), SECP256R1())


def key_sheet() -> KeySheet:
    first, second = (tokens.public_bytes(key.public_key()) for key in group_keys())
    members = "ab" * 32
    return KeySheet(
        wave=WAVE,
        weeks=1,
        groups=(
            Group(0, "em-north+em-south", ("em-north", "em-south"), 21, first, members),
            Group(1, "dermatology", ("dermatology",), 14, second, members),
        ),
    )


def promises_asked() -> PromisesAsked:
    """Return what both leaves are asked about promises."""
    return PromisesAsked(
        WAVE,
        (
            PromiseAsked(
                "dermatology", kept_promises.EFFECT, 7, "2026-09", "es", "La entrega de guardia empieza a las 6:40"
            ),
            PromiseAsked(
                "em-north+em-south",
                kept_promises.NOTICED,
                12,
                "2026-10",
                "en",
                "A second sleep room «opens» on level 3",
            ),
        ),
    )


def sheet_with_promises() -> WaveSheet:
    """Return the sheet that commits to them."""
    promises, sheet = promises_asked(), wave_sheet()
    items = (*sheet.items, *(SheetItem(item, 5) for item in promises.items))
    return replace(sheet, items=items, wording=kept_promises.wording(sheet.wording, promises.sha256))


def wave_sheet() -> WaveSheet:
    return WaveSheet(
        wave=WAVE,
        weeks=1,
        key_sheet=key_sheet().sha256,
        questionnaire="pulse",
        wording="2026-1",
        items=ITEMS,
        core=CORE,
        policy=POLICY,
        hpke_public_key=wave_key().public_key().public_bytes_raw(),
        leaves=(
            SheetLeaf(
                "em-north+em-south",
                0,
                ("em-north", "em-south"),
                {"en": "Emergency", "es": "Urgencias y emergencias"},
                20,
            ),
            SheetLeaf("dermatology", 1, ("dermatology",), {"en": "Dermatology", "es": "Dermatología"}, 14),
        ),
        plan={
            "academic_year": "2026-07-01",
            "units": [
                {"id": "hospital", "parent": None, "kind": "institution", "eligible": 35},
                {"id": "em-north", "parent": "hospital", "kind": "programme", "eligible": 12},
                {"id": "em-south", "parent": "hospital", "kind": "programme", "eligible": 9},
                {"id": "dermatology", "parent": "hospital", "kind": "programme", "eligible": 14},
            ],
            "rates": {"dermatology": {"1": [9, 14], "4": [6, 7]}},
            "leaves": [
                {"leaf": "em-north+em-south", "units": ["em-north", "em-south"], "weeks": 1},
                {"leaf": "dermatology", "units": ["dermatology"], "weeks": 1},
            ],
        },
        opens_at=OPENS_AT,
        closes_at=OPENS_AT + 568800,
        publishes_at=OPENS_AT + 612000,
    )


COUNCIL_ENTROPY = tuple(bytes(range(start, start + 16)) for start in (0, 40, 80))
COUNCIL_REASON = {"en": "Three of us, chosen in the assembly.", "es": "Tres de nosotras, elegidas en asamblea."}


def council_keys() -> list[Ed25519PrivateKey]:
    return [council.key_from_entropy(entropy) for entropy in COUNCIL_ENTROPY]


def council_set_up() -> SetUp:
    return SetUp(Council.of([key.public_key().public_bytes_raw() for key in council_keys()]), COUNCIL_REASON)


def council_act() -> Act:
    """Two of the three members let the check-in rest."""
    statement = Statement(
        institution=chain.fingerprint(institution_key().public_key()),
        council=chain.sha256_hex(canonical.encode(council_set_up().to_payload())),
        proposed_at=OPENS_AT,
        expires_at=OPENS_AT + 14 * 24 * 3600,
        change={"kind": "pause", "module": "check-in", "reason": COUNCIL_REASON},
    )
    signing = council_keys()[:2]
    return Act(statement, {key.public_key().public_bytes_raw(): key.sign(statement.signed()) for key in signing})


def read(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text())
