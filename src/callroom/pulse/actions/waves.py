"""Announcing, opening and publishing waves.

Everything that changes a wave holds the work lock; each step can be repeated after a crash and ends in the same state.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.core.anonymity import members
from callroom.core.anonymity.kept_promises import PromisesAsked
from callroom.core.anonymity.sheets import Group, KeySheet, SheetLeaf, WaveSheet
from callroom.core.disclosure.leaf_plan import LEAST_GROUP, Leaf
from callroom.core.instruments import weekly
from callroom.core.timetable.waves import WaveTimes, first_monday
from callroom.people import queries as people
from callroom.people.models import Institution
from callroom.pulse import planning, queries, questions, rules
from callroom.pulse.actions.endings import NO_COMMITMENT, NOT_ASKED, withdraw
from callroom.pulse.models import Plan, Wave, Window
from callroom.pulse.states import PayloadKind, WaveState, check_step
from callroom.pulse.stores import chain
from callroom.pulse.stores.register import Fetched, Register
from callroom.pulse.stores.sealed import SealedStore
from callroom.pulse.stores.wave_keys import WaveKeys, prepare, public_bytes
from callroom.pulse.upgrades import CLIENT_VERSIONS

MOST_WEEKS_AHEAD = 8


def due_to_announce(institution: Institution, academic_year: date, *, now: datetime) -> list[tuple[Plan, WaveTimes]]:
    """
    Return the waves to announce now, each with its plan: within the weeks set for it, not skipped.

    Never beyond the academic year or the next change date that is not settled: who counts where is not known there.

    The rounds of an academic year's first Monday can be announced only in the night before they open. After a worker that
    was away then, they are announced later on that Monday: else four-week leaves would lose their first month.
    """
    late = _first_rounds_may_be_late(institution, academic_year, now)
    horizon = now + timedelta(weeks=min(settings.ANNOUNCE_WEEKS_AHEAD, MOST_WEEKS_AHEAD))
    known = set(Wave.objects.filter(institution=institution).values_list("id", flat=True))
    return [
        (plan, times)
        for plan, times in planning.waves_of_settled_weeks(institution, academic_year)
        if (now < times.opens_at <= horizon or times.monday == late) and not times.skipped and times.wave not in known
    ]


def _first_rounds_may_be_late(institution: Institution, academic_year: date, now: datetime) -> date | None:
    """Return today if it is the first Monday of this academic year, and the institution's plans did not begin with it."""
    today = institution.day(now)
    follows = Plan.objects.filter(institution=institution, academic_year__lt=academic_year).exists()
    return today if follows and today == first_monday(academic_year) else None


def announce(
    *, institution: Institution, plan: Plan, times: WaveTimes, now: datetime, rotating: str | None = None
) -> Wave | None:
    """
    Make keys and register of a wave and sign its key sheet; return None when no group has 11 people.

    Called again after a crash it begins anew. ``rotating``: what it asks beside the core, if not what the calendar says.
    """
    by_leaf = _free_people_by_leaf(plan, institution, times.wave, times.opens_at, times.closes_at)
    leaves = [
        leaf for leaf in planning.leaves_of(plan).leaves_of(times.weeks) if len(by_leaf.get(leaf.id, ())) >= LEAST_GROUP
    ]
    if not leaves:
        return None
    prepare(first=not Wave.objects.filter(institution=institution, demo=False).exists())
    keys = WaveKeys(times.wave)
    keys.burn()  # what a crash before the signature left behind: nobody has a token of these
    keys.make_folder()
    groups = {person: index for index, leaf in enumerate(leaves) for person in by_leaf[leaf.id]}
    Register(keys.register_file, times.wave).create(groups)
    salt = secrets.token_bytes(members.SALT_LENGTH)
    sheet = KeySheet(
        wave=times.wave,
        weeks=times.weeks,
        groups=tuple(_group(keys, index, leaf, by_leaf[leaf.id], salt) for index, leaf in enumerate(leaves)),
    )
    with chain.appending(institution, now=now) as ledger:
        wave = Wave.objects.create(
            id=times.wave,
            institution=institution,
            plan=plan,
            weeks=times.weeks,
            rotating_item=questions.rotating_place(times) if rotating is None else rotating,
            state=WaveState.ANNOUNCED,
            opens_at=times.opens_at,
            closes_at=times.closes_at,
            publishes_at=times.publishes_at,
            policy=rules.in_force(institution).policy.to_payload(),
            members_salt=salt,
            key_sheet=ledger.append(PayloadKind.KEY_SHEET, sheet.to_payload()),
        )
        _record(Tag.KEY_SHEET_SIGNED, wave, now, sha256=wave.key_sheet)
    return wave


def enrol_newcomers(wave: Wave) -> None:
    """Give everybody who came into an existing group since the announcement a place in the register."""
    by_leaf = _free_people_by_leaf(wave.plan, wave.institution, wave.id, wave.opens_at, wave.closes_at)
    groups = {group.id: group.index for group in queries.key_sheet_of(wave).groups}
    register = Register(WaveKeys(wave.id).register_file, wave.id)
    register.enrol({person: groups[leaf] for leaf, persons in by_leaf.items() if leaf in groups for person in persons})


def open_wave(
    wave: Wave,
    *,
    now: datetime,
    held_back: Collection[str] = (),
    promises_for: questions.PromisesFor = questions.no_promises,
) -> None:
    """
    Open an announced wave: fix who is asked, make HPKE key and sealed store, sign the wave sheet.

    ``promises_for`` is asked only where an item of the bank has its turn: in leaves with a promise that takes its place.

    A leaf with fewer than 11 people left, or with a programme that is ``held_back``, is not asked. When that is so for all, or the window is over already (the
    worker was down), the wave is withdrawn instead.
    """
    keys = WaveKeys(wave.id)
    if wave.institution.day(now) == wave.institution.day(wave.opens_at):
        enrol_newcomers(
            wave
        )  # on a later day, waves that overlapped may be over, and nobody could tell who was in them
    asked = _asked_by_group(wave, held_back)
    if now >= wave.closes_at or not asked:
        withdraw(wave, reason=NO_COMMITMENT if held_back else NOT_ASKED, now=now)
        return
    register = Register(keys.register_file, wave.id)
    register.mark_opened({person for persons in asked.values() for person in persons})
    promises = _promises(wave, asked, promises_for)
    eligible = {group: len(persons) for group, persons in asked.items()}
    sheet = _wave_sheet(wave, keys.make_hpke_key(), eligible, promises)
    SealedStore(wave.id).create(_window(wave, sheet))
    with chain.appending(wave.institution, now=now) as ledger:
        check_step(WaveState(wave.state), WaveState.OPEN)
        if promises is not None:
            wave.promises = ledger.keep(PayloadKind.PROMISES, promises.to_payload())
        wave.wave_sheet = ledger.append(PayloadKind.WAVE_SHEET, sheet.to_payload())
        keys.pin_sheet(wave.wave_sheet)
        wave.state = WaveState.OPEN
        wave.save(update_fields=["promises", "wave_sheet", "state"])
        _record(Tag.WAVE_SHEET_SIGNED, wave, now, sha256=wave.wave_sheet)


def publish(wave: Wave, *, now: datetime) -> None:
    """Append the release header once its moment has come and its keys are gone; else do nothing."""
    if wave.state != WaveState.TALLIED or wave.burned_at is None or now < wave.publishes_at:
        return
    with chain.appending(wave.institution, now=now) as ledger:
        check_step(WaveState(wave.state), WaveState.RELEASED)
        ledger.announce(PayloadKind.RELEASE, wave.release)
        wave.state = WaveState.RELEASED
        wave.save(update_fields=["state"])
        _record(Tag.RELEASE_PUBLISHED, wave, now, sha256=wave.release)


def _group(keys: WaveKeys, index: int, leaf: Leaf, persons: tuple[UUID, ...], salt: bytes) -> Group:
    return Group(
        index=index,
        id=leaf.id,
        units=leaf.units,
        eligible=len(persons),
        public_key=public_bytes(keys.make_group_key(index)),
        members_sha256=members.members_hash(salt, [str(person) for person in persons]),
    )


def _asked_by_group(wave: Wave, held_back: Collection[str]) -> dict[int, tuple[UUID, ...]]:
    """
    Return who is asked, by group: whoever is eligible, where their place is.

    Groups of fewer than 11 and those that are held back are left out.

    From the register, so that the sheet's numbers, the tokens and the figure are about the same people.
    """
    eligible = planning.eligible_people(wave.institution.day(wave.opens_at))
    groups = queries.key_sheet_of(wave).groups
    waiting = {group.index for group in groups if not set(held_back).isdisjoint(group.units)}
    found: dict[int, list[UUID]] = {}
    for slot in Register(WaveKeys(wave.id).register_file, wave.id).slots():
        if slot.person in eligible and slot.group not in waiting:
            found.setdefault(slot.group, []).append(slot.person)
    return {group: tuple(sorted(found[group])) for group in sorted(found) if len(found[group]) >= LEAST_GROUP}


def _free_people_by_leaf(
    plan: Plan, institution: Institution, wave: str, opens_at: datetime, closes_at: datetime
) -> dict[str, tuple[UUID, ...]]:
    """
    Return who may get a place in a wave, by leaf: who counts there when it opens, and in no other wave of these weeks.

    Who moved after another wave was announced keeps their place in that one: nobody counts twice in one week.
    """
    states = [WaveState.ANNOUNCED, WaveState.OPEN]
    others = Wave.objects.filter(
        institution=institution, state__in=states, opens_at__lt=closes_at, closes_at__gt=opens_at
    )
    taken = {
        slot.person
        for other in others.exclude(pk=wave).values_list("pk", flat=True)
        for slot in Register(WaveKeys(other).register_file, other).slots()
        if slot.asked or slot.fetched is not Fetched.NO
    }
    by_leaf = planning.people_by_leaf(plan, institution.day(opens_at))
    free = {leaf: tuple(person for person in persons if person not in taken) for leaf, persons in by_leaf.items()}
    return {leaf: persons for leaf, persons in free.items() if persons}


def _promises(wave: Wave, asked: Collection[int], promises_for: questions.PromisesFor) -> PromisesAsked | None:
    """Return what the wave asks about kept promises, if anything."""
    if not questions.leaves_room(wave.rotating_item):
        return None
    leaves = {group.id: group.units for group in queries.key_sheet_of(wave).groups if group.index in asked}
    found = promises_for(questions.Opening(wave.id, wave.weeks, wave.opens_at, leaves))
    if not found:
        return None
    return PromisesAsked(wave.id, tuple(sorted(found, key=lambda each: each.leaf)))


def _wave_sheet(
    wave: Wave, hpke_public_key: bytes, eligible: Mapping[int, int], promises: PromisesAsked | None
) -> WaveSheet:
    names = {row.id: row for row in people.units_tree()}
    groups = queries.key_sheet_of(wave).groups
    return WaveSheet(
        wave=wave.id,
        weeks=wave.weeks,
        key_sheet=wave.key_sheet,
        questionnaire=weekly.QUESTIONNAIRE,
        wording=questions.wording(wave.rotating_item, promises),
        items=questions.sheet_items(wave.rotating_item, promises),
        core=questions.CORE,
        policy=wave.policy,
        hpke_public_key=hpke_public_key,
        leaves=tuple(
            SheetLeaf(group.id, group.index, group.units, planning.label_of(group.units, names), eligible[group.index])
            for group in groups
            if group.index in eligible
        ),
        plan=wave.plan.payload,
        opens_at=int(wave.opens_at.timestamp()),
        closes_at=int(wave.closes_at.timestamp()),
        publishes_at=int(wave.publishes_at.timestamp()),
        clients=CLIENT_VERSIONS,
    )


def _window(wave: Wave, sheet: WaveSheet) -> Window:
    return Window(
        wave=wave.id,
        opens_at=sheet.opens_at,
        closes_at=sheet.closes_at,
        is_open=True,
        keys=[base64.b64encode(group.public_key).decode() for group in queries.key_sheet_of(wave).groups],
        asked=[leaf.group for leaf in sheet.leaves],
    )


def _record(tag: Tag, wave: Wave, now: datetime, **details: str | int) -> None:
    audit.record(by=None, tag=tag, about=wave.id, now=now, details=details)
