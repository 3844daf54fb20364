"""Closing a wave, in the order of PROTOCOL section 7, as named steps that can each be repeated.

All waves that close at the same instant are closed together: the institution's counts are sums over them, and each
release body holds these sums, so they are all made before anything is burned. Killed after any step and started
again, the same release bytes come out; until the commit, what they are made of is still there, and afterwards they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.db import connections, transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.consent.actions import keep_what_was_said
from callroom.core.anonymity import posts, sealing, tokens
from callroom.core.anonymity.canonical import Encodable
from callroom.core.anonymity.kept_promises import PromisesAsked
from callroom.core.anonymity.sheets import WaveSheet
from callroom.core.disclosure import release
from callroom.core.disclosure.policy import Policy
from callroom.people.models import Institution
from callroom.pulse import payloads
from callroom.pulse.actions.endings import Words, end_void
from callroom.pulse.models import Issued, Wave
from callroom.pulse.states import EndedAlone, PayloadKind, WaveState, check_step
from callroom.pulse.stores import chain
from callroom.pulse.stores.register import Counts as Fetched
from callroom.pulse.stores.register import Register
from callroom.pulse.stores.sealed import SealedStore, truncate_log
from callroom.pulse.stores.wave_keys import WaveKeys

REASONS: Final[Mapping[EndedAlone, Words]] = {
    EndedAlone.KEYS_LOST: {
        "en": "The keys of this wave were lost before its answers could be counted. Nobody can read them any more.",
        "es": "Se perdieron las llaves de esta ronda antes de contar sus respuestas. Ya nadie puede leerlas.",
    },
    EndedAlone.SHEET_CHANGED: {
        "en": "The rules of this round in the database were not those that were signed when it opened. By other rules nothing is "
        "counted. Its answers were not read, and nobody can read them any more.",
        "es": "Las reglas de esta ronda en la base de datos no eran las que se firmaron al abrirla. Con otras reglas no se cuenta "
        "nada. Sus respuestas no se leyeron, y ya nadie puede leerlas.",
    },
}


@dataclass(frozen=True, slots=True)
class Tally:
    """What counting one wave gave: answers by group, and how many fetched a token."""

    answers: Mapping[int, Sequence[sealing.Answers]]
    fetched: Fetched
    unreadable: int = 0
    """Answers with a good token that do not open, or hold something else than answers: redeemed, but no respondents."""
    forged: int = 0
    """Rows that do not verify, or lie under another key than their own: somebody wrote into the store. They count nowhere."""

    @property
    def overfull(self) -> bool:
        """Did more answers come from a group than tokens went to it? Then somebody who holds its key made some."""
        given = {group: count + self.fetched.replaced.get(group, 0) for group, count in self.fetched.issued.items()}
        return any(len(answers) > given.get(group, 0) for group, answers in self.answers.items())

    @property
    def counts(self) -> release.Counts:
        """Return the exact counts of this wave."""
        redeemed = sum(len(answers) for answers in self.answers.values()) + self.unreadable
        return release.Counts(sum(self.fetched.issued.values()), sum(self.fetched.replaced.values()), redeemed)


@dataclass(slots=True)
class Closing:
    """One run of the closing over all waves that close at one instant; nothing of it outlives the process."""

    institution: Institution
    waves: list[Wave]
    now: datetime
    tallies: dict[str, Tally] = field(default_factory=dict)
    bodies: dict[str, Mapping[str, Encodable]] = field(default_factory=dict)


def shut_windows(closing: Closing) -> None:
    """Step 1a: shut window and register of each wave, durably: no answer and no token from now on."""
    for wave in _uncounted(closing):
        SealedStore(wave.id).shut()
        Register(WaveKeys(wave.id).register_file, wave.id).shut()


def make_seeds(closing: Closing) -> None:
    """Step 1b: draw the noise seed of each wave and make it durable; a seed that is there stays."""
    for wave in _uncounted(closing):
        WaveKeys(wave.id).make_seed()


def tally(closing: Closing) -> None:
    """Step 2: verify every row again, open it in memory, and sort answers by group."""
    for wave in _uncounted(closing):
        closing.tallies[wave.id] = count(wave)


def build_bodies(closing: Closing) -> None:
    """Step 3: make the release bodies, each with the counts of all waves of this instant."""
    uncounted = _uncounted(closing)
    sheets = {wave.id: payloads.sheets_of(wave) for wave in uncounted}
    counts = release.counts_of(
        (len(sheets[wave.id].wave.leaves), closing.tallies[wave.id].counts) for wave in uncounted
    )
    for wave in uncounted:
        seed, tallied, signed = WaveKeys(wave.id).make_seed(), closing.tallies[wave.id], sheets[wave.id]
        closing.bodies[wave.id] = release_body(
            signed.wave, wave.wave_sheet, tallied, counts, seed, promises=signed.promises
        )


def commit(closing: Closing) -> None:
    """Step 4: one transaction in ``default``: bodies and signed ``closing`` headers of all waves."""
    uncounted = _uncounted(closing)
    if not uncounted:
        return
    with chain.appending(closing.institution, now=closing.now) as ledger:
        for wave in uncounted:
            body = closing.bodies[wave.id]
            keep_release(ledger, wave, body)
            counted = closing.tallies[wave.id]
            audit.record(
                by=None,
                tag=Tag.WAVE_TALLIED,
                about=wave.id,
                now=closing.now,
                details={"sha256": wave.release, **_how_odd(counted)},
            )


def _how_odd(counted: Tally) -> dict[str, int]:
    """Return what was odd as 0 or 1, answers that do not open or verify, or too many: how many is a count, and rounded."""
    odd = {"unreadable": int(counted.unreadable > 0), "forged": int(counted.forged > 0)}
    return {**odd, "overfull": int(counted.overfull)}


def settle(_closing: Closing) -> None:
    """Step 5: make the commit durable before anything is burned."""
    flush_default()


def merge_registers(closing: Closing) -> None:
    """Step 6a: who fetched a token goes into ``issuing``: one transaction per wave, in key order; so does who said yes or no."""
    for wave in _unburned(closing):
        register = Register(WaveKeys(wave.id).register_file, wave.id)
        if not register.file.exists():
            continue
        rows = [Issued(wave=wave.id, person=person) for person in register.fetchers()]
        with transaction.atomic(using="issuing"):
            Issued.objects.bulk_create(rows, ignore_conflicts=True)
    keep_what_was_said(closing.institution, now=closing.now)


def burn_keys(closing: Closing) -> None:
    """Step 6b: overwrite and delete HPKE key, RSA keys, seed and register."""
    for wave in _unburned(closing):
        WaveKeys(wave.id).burn()


def delete_stores(closing: Closing) -> None:
    """Step 6c: delete the sealed stores whole."""
    for wave in _unburned(closing):
        SealedStore(wave.id).destroy()


def sign_burns(closing: Closing) -> None:
    """Step 7: append the ``burn`` headers, and say so in the audit trail."""
    unburned = _unburned(closing)
    if not unburned:
        return
    with chain.appending(closing.institution, now=closing.now) as ledger:
        for wave in unburned:
            ledger.append(PayloadKind.BURN, {"wave": wave.id})
            wave.burned_at = closing.now
            wave.save(update_fields=["burned_at"])
            audit.record(by=None, tag=Tag.KEYS_BURNED, about=wave.id, now=closing.now)


STEPS: Final[tuple[Callable[[Closing], None], ...]] = (
    shut_windows,
    make_seeds,
    tally,
    build_bodies,
    commit,
    settle,
    merge_registers,
    burn_keys,
    delete_stores,
    sign_burns,
)
"""In this order; a test stops after each of them."""


def close(institution: Institution, closes_at: datetime, *, now: datetime) -> None:
    """
    Close all waves of this instant, from wherever an earlier run was stopped. The caller holds the work lock.

    A wave whose keys are gone before it was counted, or whose sheet is not the one that was signed, ends in a signed void.
    Does nothing before the instant.

    :raises OSError, DatabaseError: if the disk refuses; calling it again goes on
    """
    if now < closes_at:
        return
    closing = begin(institution, closes_at, now=now)
    for step in STEPS:
        step(closing)


def begin(institution: Institution, closes_at: datetime, *, now: datetime) -> Closing:
    """Return a run over the waves of this instant that still need something; those that cannot be counted are voided first."""
    waves = []
    for wave in Wave.objects.filter(institution=institution, closes_at=closes_at, burned_at=None).order_by("id"):
        why = _why_it_cannot_be_counted(wave) if wave.state == WaveState.OPEN else None
        if why:
            end_void(wave, reason=REASONS[why], by=None, now=now, alone=why)
        elif wave.state in {WaveState.OPEN, WaveState.TALLIED}:
            waves.append(wave)
    return Closing(institution, waves, now)


def count(wave: Wave) -> Tally:
    """
    Verify and open every answer of a wave. Nothing of it is written anywhere.

    :raises SheetChanged: if it was changed since this run began; the next one voids the wave
    """
    signed = payloads.sheets_of(wave)
    sheet = signed.wave
    keys = [tokens.load_public_key(group.public_key) for group in signed.keys.groups]
    hpke_key = WaveKeys(wave.id).hpke_key()
    answers: dict[int, list[sealing.Answers]] = {leaf.group: [] for leaf in sheet.leaves}
    unreadable = forged = 0
    for key, revision, body in SealedStore(wave.id).rows():
        try:
            post = _verified(key, revision, body, wave=wave.id, keys=keys)
            answers[post.group].append(_opened(post, sheet, hpke_key, wave.institution))
        except (sealing.SealError, sealing.MalformedAnswer):
            unreadable += 1
        except (posts.BadPost, KeyError):  # KeyError: a group that is not asked
            forged += 1
    return Tally(answers, Register(WaveKeys(wave.id).register_file, wave.id).counts(), unreadable, forged)


def release_body(
    sheet: WaveSheet,
    sheet_sha256: str,
    counted: Tally,
    counts: release.Counts | None,
    seed: bytes,
    *,
    promises: PromisesAsked | None,
) -> Mapping[str, Encodable]:
    """Return the body of a wave's release: the one tally for real waves and for the demo's history."""
    items = [release.ItemAsked(item.id, item.values) for item in sheet.items]
    policy = Policy.from_payload(sheet.policy)
    leaves = [
        release.release_leaf(
            [_only(each, sheet, sheet.asked_of(leaf.leaf, promises)) for each in counted.answers.get(leaf.group, ())],
            leaf=release.LeafAsked(leaf.leaf, leaf.units, leaf.label, leaf.eligible),
            replacements=counted.fetched.replaced.get(leaf.group, 0),
            items=items,
            core=sheet.core,
            policy=policy,
            seed=seed,
            wave=sheet.wave,
        )
        for leaf in sheet.leaves
    ]
    return release.build_body(
        wave=sheet.wave,
        weeks=sheet.weeks,
        wave_sheet=sheet_sha256,
        leaves=leaves,
        counts=counts,
        seed=seed,
        demo=sheet.demo,
    )


def _only(given: sealing.Answers, sheet: WaveSheet, asked: frozenset[str]) -> sealing.Answers:
    """Return an answer without what its leaf was not asked: whoever writes it all the same gets no further than skipping."""
    pairs = zip(given.values, sheet.items, strict=True)
    return sealing.Answers(given.worked, tuple(value if item.id in asked else None for value, item in pairs))


def keep_release(
    ledger: chain.Ledger, wave: Wave, body: Mapping[str, Encodable], *, at: datetime | None = None
) -> None:
    """Store a release body with its ``closing`` header, and the wave as tallied."""
    check_step(WaveState(wave.state), WaveState.TALLIED)
    wave.release = ledger.keep(PayloadKind.RELEASE, body)
    ledger.append(PayloadKind.CLOSING, {"wave": wave.id, "release_sha256": wave.release}, at=at)
    wave.state = WaveState.TALLIED
    wave.save(update_fields=["release", "state"])


def flush_default() -> None:
    """
    Bring what is committed in ``default`` out of the log into its file. On the disk it is since its commit: PostgreSQL's, or
    SQLite's with ``synchronous=FULL``.

    The file is never opened for it. Closing a descriptor of it would drop the locks of this whole process on it, and another
    process that closes its last connection would take away the log in which this one still writes.
    """
    truncate_log(connections["default"])


def _uncounted(closing: Closing) -> list[Wave]:
    return [wave for wave in closing.waves if wave.state == WaveState.OPEN]


def _unburned(closing: Closing) -> list[Wave]:
    return [wave for wave in closing.waves if wave.state == WaveState.TALLIED and wave.burned_at is None]


def _why_it_cannot_be_counted(wave: Wave) -> EndedAlone | None:
    """:raises keyring.NotMounted: if nobody can say, because the volume with the keys is not there"""
    if not (WaveKeys(wave.id).can_count() and SealedStore(wave.id).exists()):
        return EndedAlone.KEYS_LOST
    try:
        payloads.sheets_of(wave)
    except payloads.SheetChanged:
        return EndedAlone.SHEET_CHANGED
    return None


def _verified(key: bytes, revision: int, body: bytes, *, wave: str, keys: Sequence[RSAPublicKey]) -> posts.Post:
    """:raises posts.BadPost: unless this is an answer of this wave that lies under its own key and revision"""
    post = posts.parse(body)
    posts.verify(post, wave, keys)
    # A copy of a good answer under another key would count twice.
    if (post.message, post.revision) != (key, revision):
        raise posts.BadPost("signature")
    return post


def _opened(
    post: posts.Post, sheet: WaveSheet, hpke_key: X25519PrivateKey, institution: Institution
) -> sealing.Answers:
    info = sealing.answer_info(institution.pk.bytes, sheet.wave, post.group, post.message, post.revision)
    return sealing.decode_answers(sealing.open_sealed(hpke_key, post.sealed, info), sheet.items)
