"""
Write tests/vectors: run once (``python -m tests.core.anonymity.make_vectors``) and kept.

Running it again changes nothing, since keys and chance are fixed; a change is a change of the protocol.
"""

import base64
import json
import uuid
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from mnemonic import Mnemonic

from callroom.core.anonymity import canonical, chain, council, members, posts, sealing, tokens, words
from callroom.core.anonymity.chain import HeaderType
from callroom.core.anonymity.notices import Burn, Closing, Supersede, Void
from callroom.core.anonymity.sheets import SheetItem
from callroom.core.instruments import scale
from callroom.core.instruments.scoring import score_answers
from tests.core.anonymity import examples, hpke_reference, mutations

EPHEMERAL_IKM = bytes(range(200, 232))
PREFIX = bytes(range(32))
PSS_SALT = bytes(range(32, 80))
FACTOR = bytes([7]) + bytes(range(128, 256)) * 2 + bytes(127)
ANSWERS: dict[str, dict[str, int | None] | None] = {
    "all answered": {"workload": 2, "support": 0, "voice": 4, "learning-time": 1},
    "one skipped": {"workload": 2, "support": None, "voice": 4, "learning-time": 0},
    "all skipped": {},
    "did not work": None,
}
# Both ends, the reversed question alone, halves that go down and up to the even step, and too few answered.
SCALE_ANSWERS: tuple[tuple[int | None, ...], ...] = (
    (100, 100, 100, 100, 100, 100, 0),
    (0, 0, 0, 0, 0, 0, 100),
    (50, 50, 50, 50, 50, 50, 50),
    (75, 75, 75, 75, 75, 75, 25),
    (0, 0, 0, 0, 0, 0, 0),
    (25, 25, 0, 0, None, None, None),
    (50, 50, 50, 0, None, None, None),
    (75, 75, 25, 25, 0, 50, None),
    (25, 50, 0, 0, 0, None, 100),
    (100, 100, 100, None, None, None, 25),
    (100, 100, 100, None, None, None, None),
    (None, None, None, None, None, None, None),
)
CANONICAL: tuple[canonical.Encodable, ...] = (
    None,
    True,
    0,
    -1,
    canonical.LARGEST,
    -canonical.LARGEST,
    "",
    "Dermatología, «€» 😀",
    '\b\t\n\f\r"\\/\x00\x1f\x7f\u2028',
    [],
    {},
    [[1], {"b": 2, "a": [None, False]}],
    # Sorted by UTF-16 code units, as in RFC 8785, section 3.2.3: U+1F600 comes before U+FB33.
    {"\ufb33": 1, "\U0001f600": 2, "€": 3, "ö": 4, "1": 5, "\r": 6, "\x80": 7},
)
NOT_CANONICAL = (
    "",
    " 1",
    "1.0",
    "1e2",
    "-0",
    "01",
    "9007199254740992",
    "NaN",
    "Infinity",
    '{"b":1,"a":2}',
    '{"a":1,"a":1}',
    '{"a": 1}',
    '"\\u0061"',
    '"\\/"',
    '"\\u001F"',
    '"\\ud800"',
    "[1,]",
    "\ufeff1",
    "[" * 34 + "]" * 34,
)


def main() -> None:
    """Write every file; keys first."""
    write("keys", keys())
    write(
        "canonical", {"canonical": [canonical.encode(value).decode() for value in CANONICAL], "refused": NOT_CANONICAL}
    )
    write("chain", chain_vectors())
    write("council", council_vectors())
    write("sheets", sheet_vectors())
    token = token_vectors()
    write("tokens", token)
    sealed = sealing_vectors()
    write("sealing", sealed)
    write("posts", post_vectors(token, sealed))
    write("words", word_vectors())
    write("members", member_vectors())
    write("scale", scale_vectors())
    write("promises", promise_vectors())


def keys() -> dict[str, Any]:
    """Keep the RSA keys there are; all others follow from fixed bytes."""
    path = examples.VECTORS / "keys.json"
    kept = examples.read("keys")["groups"] if path.exists() else [new_rsa(), new_rsa()]
    one_time = examples.one_time_key()
    scalar = one_time.private_numbers().private_value
    return {
        "note": "Published with the tests; they protect nothing.",
        "groups": kept,
        "institution_id": str(uuid.UUID(bytes=examples.INSTITUTION_ID)),
        "institution_public": b64(examples.institution_key().public_key().public_bytes_raw()),
        "institution_fingerprint": chain.fingerprint(examples.institution_key().public_key()),
        "wave_private": examples.wave_key().private_bytes_raw().hex(),
        "wave_public": b64(examples.wave_key().public_key().public_bytes_raw()),
        "one_time_private": scalar.to_bytes(32, "big").hex(),
        "one_time_pkcs8": b64(one_time.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
    }


def new_rsa() -> str:
    """Return a group's private key (PKCS 8)."""
    return b64(tokens.generate_key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def chain_vectors() -> dict[str, Any]:
    """Return a chain of ten headers with a change of keys in the middle, and ways to break it."""
    old, new = examples.institution_key(), examples.next_institution_key()
    rotation = chain.rotation_payload(new, old.public_key())
    reason = {"en": "The keys were lost.", "es": "Se perdieron las claves."}
    payloads: list[tuple[HeaderType, bytes]] = [
        (HeaderType.KEY_SHEET, examples.key_sheet().to_bytes()),
        (HeaderType.SUPERSEDE, Supersede(examples.WAVE, "cd" * 32, reason).to_bytes()),
        (HeaderType.WAVE_SHEET, examples.wave_sheet().to_bytes()),
        (HeaderType.KEY_ROTATION, rotation),
        (HeaderType.CLOSING, Closing(examples.WAVE, "ef" * 32).to_bytes()),
        (HeaderType.BURN, Burn(examples.WAVE).to_bytes()),
        (HeaderType.RELEASE, b"{}"),
        (HeaderType.VOID, Void("pulse-2/2026-W48", reason).to_bytes()),
        (HeaderType.COUNCIL, canonical.encode(examples.council_set_up().to_payload())),
        (HeaderType.COUNCIL_ACT, canonical.encode(examples.council_act().to_payload())),
    ]
    lines: list[bytes] = []
    for seq, (kind, payload) in enumerate(payloads):
        header = chain.sign_header(
            old if seq <= 3 else new,
            seq=seq,
            kind=kind,
            at=examples.OPENS_AT + seq,
            payload_sha256=chain.sha256_hex(payload),
            previous=chain.head_of(lines[-1]) if lines else chain.NO_PREVIOUS,
        )
        lines.append(header.line())
    return {
        "public_key": b64(old.public_key().public_bytes_raw()),
        "next_public_key": b64(new.public_key().public_bytes_raw()),
        "lines": [line.decode() for line in lines],
        "signed": [chain.parse_line(line).signed().decode() for line in lines],
        "hashes": [chain.head_of(line) for line in lines],
        "payloads": {str(seq): payload.decode() for seq, (_, payload) in enumerate(payloads) if seq not in {0, 2}},
        "rotation": rotation.decode(),
        "broken": broken_chains([line.decode() for line in lines]),
    }


def council_vectors() -> dict[str, Any]:
    """Return a member's words in both languages, the key they stand for, and what it signs."""
    entropy = examples.COUNCIL_ENTROPY[0]
    key = council.key_from_entropy(entropy)
    public_key = key.public_key().public_bytes_raw()
    statement = examples.council_act().statement
    return {
        "entropy": entropy.hex(),
        "words": {code: Mnemonic(name).to_mnemonic(entropy) for code, name in (("en", "english"), ("es", "spanish"))},
        "public_key": b64(public_key),
        "proof": b64(key.sign(council.KEY_LABEL + public_key)),
        "text": statement.text(),
        "signature": b64(key.sign(statement.signed())),
    }


def broken_chains(lines: list[str]) -> list[dict[str, Any]]:
    """Return chains that do not hold: lines, code, and the number at which they break."""
    later = chain.parse_line(lines[1].encode())
    resigned = chain.sign_header(
        examples.next_institution_key(),
        seq=1,
        kind=later.type,
        at=later.at,
        payload_sha256=later.payload_sha256,
        previous=later.previous,
    )
    return [
        {"name": "one is missing", "lines": [lines[0], lines[2]], "code": "seq", "seq": 1},
        {"name": "the first is missing", "lines": lines[1:2], "code": "seq", "seq": 0},
        {"name": "twice the same", "lines": [lines[0], lines[0]], "code": "seq", "seq": 1},
        {"name": "a field under another name", "lines": [lines[0].replace("a", "b", 1)], "code": "header", "seq": 0},
        {
            "name": "an instant was changed",
            "lines": [lines[0].replace(str(examples.OPENS_AT), "7")],
            "code": "signature",
            "seq": 0,
        },
        {
            "name": "signed by somebody else",
            "lines": [lines[0], resigned.line().decode()],
            "code": "signature",
            "seq": 1,
        },
        {"name": "spaces", "lines": [lines[0].replace(",", ", ", 1)], "code": "header", "seq": 0},
        {"name": "a field more", "lines": [lines[0].replace('{"at"', '{"a":1,"at"')], "code": "header", "seq": 0},
        {"name": "an unknown type", "lines": [lines[0].replace("key-sheet", "key-shoot")], "code": "header", "seq": 0},
        {"name": "a negative instant", "lines": [lines[0].replace('"at":', '"at":-')], "code": "header", "seq": 0},
        {
            "name": "a number that is true",
            "lines": [lines[0].replace('"seq":0', '"seq":true')],
            "code": "header",
            "seq": 0,
        },
        {
            "name": "a rotation nobody explains",
            "lines": lines[:4],
            "code": "rotation",
            "seq": 3,
            "without_rotation": True,
        },
        {
            "name": "the old key after its rotation",
            "lines": [*lines[:4], old_after_rotation(lines[3])],
            "code": "signature",
            "seq": 4,
        },
        {"name": "another beginning", "lines": [other_beginning()], "code": "previous", "seq": 0},
    ]


def old_after_rotation(line: str) -> str:
    """Return a header 4 signed with the key that was replaced in 3."""
    header = chain.sign_header(
        examples.institution_key(),
        seq=4,
        kind=HeaderType.BURN,
        at=examples.OPENS_AT,
        payload_sha256="ab" * 32,
        previous=chain.head_of(line.encode()),
    )
    return header.line().decode()


def other_beginning() -> str:
    """Return a header 0 that claims a header before it."""
    header = chain.sign_header(
        examples.institution_key(),
        seq=0,
        kind=HeaderType.BURN,
        at=examples.OPENS_AT,
        payload_sha256="ab" * 32,
        previous="ab" * 32,
    )
    return header.line().decode()


def sheet_vectors() -> dict[str, Any]:
    """Return both sheets as served, and every change that must be refused."""
    key_sheet, wave_sheet = examples.key_sheet(), examples.wave_sheet()
    kept = examples.read("sheets")["other_keys"] if (examples.VECTORS / "sheets.json").exists() else other_keys()
    refused = [*mutations.KEY_SHEET]
    refused += [(name, ["groups", 0, "public_key"], key, "key") for name, key in kept.items()]
    same = tokens.public_bytes(examples.group_keys()[1].public_key())
    refused += [("one key for two groups", ["groups", 0, "public_key"], b64(same), "duplicate")]
    return {
        "key_sheet": key_sheet.to_bytes().decode(),
        "key_sheet_sha256": key_sheet.sha256,
        "wave_sheet": wave_sheet.to_bytes().decode(),
        "wave_sheet_sha256": wave_sheet.sha256,
        "other_keys": kept,
        "accepted": [mutation("wave-sheet", *entry) for entry in mutations.CHANGED_PLAN],
        "refused": [
            *(mutation("key-sheet", *entry) for entry in refused),
            *(mutation("wave-sheet", *entry) for entry in mutations.WAVE_SHEET),
            *(mutation("pair", *entry) for entry in mutations.PAIR),
        ],
    }


def mutation(sheet: str, name: str, path: list[str | int], *rest: Any) -> dict[str, Any]:
    """Return one refused change; without "value" the field is taken away."""
    *value, code = rest
    changed = {"value": value[0]} if value else {}
    return {"sheet": sheet, "name": name, "path": path, **changed, "code": code}


def other_keys() -> dict[str, str]:
    """Return public keys that are no group keys."""
    small = rsa.generate_private_key(65537, 2048).public_key()
    large = rsa.generate_private_key(65537, 3080).public_key()
    cubic = rsa.generate_private_key(3, 3072).public_key()
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    named = {"2048 bits": small, "3080 bits": large, "e = 3": cubic, "a P-256 key": curve}
    spki = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    return {name: b64(key.public_bytes(*spki)) for name, key in named.items()}


def token_vectors() -> dict[str, Any]:
    """Return a token from its one-time key to its signature, with fixed chance."""
    private_key = examples.group_keys()[0]
    public_key = private_key.public_key()
    point = posts.point_of(examples.one_time_key().public_key())
    message = tokens.token_message(point)
    chance = iter([PREFIX, PSS_SALT, FACTOR])
    prepared = tokens.prepare(message, lambda _: next(chance))
    blinded, inverse = tokens.blind(public_key, prepared, lambda _: next(chance))
    blind_signature = tokens.blind_sign(private_key, blinded)
    return {
        "public_key": b64(tokens.public_bytes(public_key)),
        "point": point.hex(),
        "message": message.hex(),
        "prefix": PREFIX.hex(),
        "salt": PSS_SALT.hex(),
        "factor": FACTOR.hex(),
        "prepared": prepared.hex(),
        "blinded": blinded.hex(),
        "inverse": inverse.hex(),
        "blind_signature": blind_signature.hex(),
        "signature": tokens.finalize(public_key, prepared, blind_signature, inverse).hex(),
    }


def sealing_vectors() -> dict[str, Any]:
    """Return plaintexts, the context and one sealed answer each, sealed with a known ephemeral key."""
    message = tokens.token_message(posts.point_of(examples.one_time_key().public_key()))
    info = sealing.answer_info(examples.INSTITUTION_ID, examples.WAVE, 0, message, 1)
    public_key = examples.wave_key().public_key().public_bytes_raw()
    cases = []
    for name, answers in ANSWERS.items():
        plaintext = sealing.encode_answers(sealing.DidNotWork() if answers is None else answers, examples.ITEMS)
        ephemeral = hpke_reference.derive_private_key(EPHEMERAL_IKM)
        sealed = hpke_reference.seal(public_key, plaintext, info, ephemeral=ephemeral)
        cases.append({"name": name, "answers": answers, "plaintext": plaintext.hex(), "sealed": sealed.hex()})
    return {
        "wave": examples.WAVE,
        "group": 0,
        "message": message.hex(),
        "revision": 1,
        "items": [item.to_payload() for item in examples.ITEMS],
        "info": info.hex(),
        "ephemeral_ikm": EPHEMERAL_IKM.hex(),
        "cases": cases,
    }


def post_vectors(token: dict[str, Any], sealed: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a post; its ECDSA signature is deterministic (RFC 6979)."""
    body = posts.pack(
        wave_id=examples.WAVE,
        group=0,
        prefix=bytes.fromhex(token["prefix"]),
        one_time_key=examples.one_time_key(),
        token_signature=bytes.fromhex(token["signature"]),
        revision=1,
        sealed=bytes.fromhex(sealed["cases"][0]["sealed"]),
    )
    return {"length": posts.POST_LENGTH, "body": body.hex()}


def word_vectors() -> list[dict[str, Any]]:
    """Return ten words of a few hashes, and the hash of each list."""
    hashes = ["00" * 32, "ff" * 32, bytes(range(32)).hex(), examples.wave_sheet().sha256]
    return [
        {
            "language": language,
            "list_sha256": chain.sha256_hex("\n".join(words.word_list(language)).encode()),
            "words": {sha256: words.ten_words(sha256, language) for sha256 in hashes},
        }
        for language in words.LANGUAGES
    ]


def member_vectors() -> dict[str, Any]:
    """Return a member list and its hash."""
    shuffled = [*examples.MEMBERS[7:], *examples.MEMBERS[:7]]
    return {"salt": examples.SALT.hex(), "ids": shuffled, "sha256": members.members_hash(examples.SALT, shuffled)}


def promise_vectors() -> dict[str, Any]:
    """Return what is asked about promises, the sheet that commits to it, what each leaf is asked, and changes to refuse."""
    promises, sheet = examples.promises_asked(), examples.sheet_with_promises()
    return {
        "sheet": sheet.to_bytes().decode(),
        "promises": canonical.encode(promises.to_payload()).decode(),
        "sha256": promises.sha256,
        "words": examples.wave_sheet().wording,
        "asked": {
            leaf.leaf: [item.id for item in sheet.items if item.id in sheet.asked_of(leaf.leaf, promises)]
            for leaf in sheet.leaves
        },
        "asked_without": [item.id for item in sheet.items if item.id in sheet.asked_of("radiology", promises)],
        "refused": [
            {"name": name, "path": path, **({"value": value[0]} if value else {})}
            for name, path, *value in mutations.PROMISES
        ],
    }


def scale_vectors() -> dict[str, Any]:
    """Return answers to the quarterly scale as data files carry them, what each adds, the step that is sealed, the score."""
    cases = []
    for answers in SCALE_ANSWERS:
        rungs = [
            None if answer is None else scale.rung(item, answer)
            for item, answer in zip(scale.SCALE.items, answers, strict=True)
        ]
        score = score_answers(scale.SCALE, answers)
        cases.append(
            {
                "answers": answers,
                "rungs": rungs,
                "step": scale.step_of(answers),
                "score": None if score is None else [score.numerator, score.denominator],
            }
        )
    item = SheetItem(scale.SCALE.id, scale.OPTIONS)
    return {
        "item": item.to_payload(),
        "values": item.values,
        "answered_at_least": scale.SCALE.missing.answered_at_least,
        "cases": cases,
        "plaintext": sealing.encode_answers({item.id: scale.STEPS}, (*examples.ITEMS[:3], item)).hex(),
    }


def write(name: str, value: object) -> None:
    """Write one file, stable line by line."""
    text = json.dumps(value, indent=1, ensure_ascii=True)
    (examples.VECTORS / f"{name}.json").write_text(text + "\n")


def b64(data: bytes) -> str:
    """Return base64 with padding."""
    return base64.b64encode(data).decode()


if __name__ == "__main__":
    main()
