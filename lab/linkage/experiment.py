"""One institution on one store: it answers wave after wave, everything is copied, the copies are attacked."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from benches import world
from benches.server import serving
from django.conf import settings
from django.db import connections

from callroom.core.anonymity.linkage import NOTHING, Score
from callroom.kit import clock, database
from callroom.people.models import Institution
from callroom.pulse import jobs
from callroom.pulse.actions import closing
from callroom.pulse.models import Wave
from callroom.pulse.stores import locks
from callroom.pulse.stores.sealed import is_postgresql, truncate_log
from callroom.pulse.stores.wave_keys import WaveKeys
from callroom.site.attack import postgres_files, sqlite_files
from lab.apart import tell
from lab.apart import tell_fault as fault
from lab.linkage import copies, orders
from lab.linkage.attackers import NOT_GATED, ON_POSTGRESQL, ON_SQLITE, Attacker
from lab.linkage.burned import Opener, every_candidate, still_there
from lab.linkage.copies import Copies
from lab.linkage.disk import Disk
from lab.linkage.orders import DEFAULT, ISSUING, Taken
from lab.linkage.proxy import logging_proxy
from lab.linkage.said import NO_LINK, blind, linked, row
from lab.linkage.shipping import Shipper, shipping
from lab.linkage.weeks import House, mondays

SIZES: Final = {"long": (25, 24, 5), "short": (3, 24, 1)}
"""Programmes, residents of each, waves. 24 residents stand alone every week; seven of ten answer."""
SIGMAS: Final = {"long": 3, "short": 6}
"""
How far above chance is too far. A random order links as many people as there are groups, about Poisson distributed. Of
125 groups an attack passes 3 sigma once in 500 by luck alone; of three it would once in 250, so that one short run in a
dozen failed: there 6 sigma, 14 people of some 50, which luck reaches three times in a million; a leak that finds 13 passes.
"""


def main(store: str, size: str, copies_folder: str) -> None:
    """Run it, and print rows and faults as lines of JSON."""
    folder = Path(copies_folder)
    programmes, residents, waves = SIZES[size]
    chance = random.Random(f"{store} {size}")
    world.prepare()
    if is_postgresql():
        copies.keep_the_whole_log()
    institution = world.institution_with(programmes, residents)
    clock.move_to(world.BEFORE)
    jobs.tick(world.BEFORE)
    base = {DEFAULT: _base("default", DEFAULT), ISSUING: _base("issuing", ISSUING)}
    with (
        shipping(copies.databases) as shipper,
        serving() as server,
        logging_proxy(server.port, folder / "proxy.log") as port,
    ):
        house = House(institution, f"http://127.0.0.1:{port}", chance)
        house.move_in()
        over = [_one_week(house, monday, shipper, folder) for monday in mondays(institution, waves)]
        after = copies.copy_everything(folder / "after", cluster=is_postgresql())
    disks = _disks(over, after, shipper, base, house, folder / "proxy.log")
    best = _linked(store, over, disks, SIGMAS[size], chance)
    _burned(store, institution, over, after, shipper, best)


def _one_week(house: House, monday: datetime, shipper: Shipper, folder: Path) -> Taken:
    """Let a wave pass: it is answered, copied, counted and published; what will be burned is noted just before."""
    begun, issuing_begun = len(shipper.frames(DEFAULT)), len(shipper.frames(ISSUING))
    week = house.week(monday)
    during = copies.copy_everything(folder / week.wave.replace("/", "_"))
    rows, end = orders.rows_now(week.wave), len(shipper.frames(DEFAULT))
    issuing_end = len(shipper.frames(ISSUING))
    wave = Wave.objects.get(pk=week.wave)
    now = wave.closes_at + timedelta(seconds=1)
    with locks.exclusive(locks.WORK):
        clock.move_to(now)
        run = closing.begin(wave.institution, wave.closes_at, now=now)
        for step in closing.STEPS[:4]:
            step(run)
        keys = WaveKeys(week.wave)
        hpke_key, seed = keys.hpke_key().private_bytes_raw(), keys.make_seed()
    jobs.tick(now)
    jobs.tick(wave.publishes_at)
    return Taken(week, during, (begun, end), (issuing_begun, issuing_end), hpke_key, seed, rows)


def _base(alias: str, name: str) -> bytes:
    """Return a database's file as it was before anybody came (SQLite)."""
    if is_postgresql():
        return b""
    truncate_log(connections[alias])
    connections.close_all()
    return database.bytes_of(Path(settings.DATA_DIR) / name)


def _disks(
    over: Sequence[Taken], after: Copies, shipper: Shipper, base: Mapping[str, bytes], house: House, log: Path
) -> list[Disk]:
    senders = orders.from_proxy(log, house, [taken.week for taken in over])
    if is_postgresql():
        tool = postgres_files.waldump()
        commits = postgres_files.commits_of(after.cluster / "pg_wal", tool) if tool else {}
        read = [orders.on_postgresql(taken, commits) for taken in over]
    else:
        read = [orders.on_sqlite(taken, after, shipper, base) for taken in over]
    return [
        Disk({**disk.people, "proxy log": senders[taken.week.wave]}, disk.answers)
        for disk, taken in zip(read, over, strict=True)
    ]


def _linked(store: str, over: Sequence[Taken], disks: Sequence[Disk], sigmas: int, chance: random.Random) -> Score:
    """Say what each attacker linked; return the best score of those that saw something and must stay at chance."""
    gated = ON_POSTGRESQL if is_postgresql() else ON_SQLITE
    best, name, held, blindly = NOTHING, "", [], 0
    for attacker in gated:
        people, answers = _seen(attacker, over, disks)
        saw = f"{people:,} people, {answers:,} answers"
        sighted = bool(people and answers)
        same = _same(attacker, held, over, disks) if sighted else None
        if same is not None:
            row(attacker.name, store, _answers(over), NO_LINK, "counted there", f"the same guess as “{same.name}”")
            continue
        held.append(attacker)
        score = _attacked(attacker, over, disks, chance)
        within = score.within(sigmas)
        row(
            attacker.name,
            store,
            score.answers,
            linked(score) if sighted or not within else blind(score),
            f"z <= {sigmas}",
            saw,
        )
        if sighted and (score.z > best.z or not name):
            best, name = score, attacker.name
        blindly += not sighted
        if not within:
            fault(f"{store}: {attacker.name}: {score.share:.1%} linked, chance {score.chance:.1%}, z {score.z:.1f}")
    for attacker in NOT_GATED:
        people, answers = _seen(attacker, over, disks)
        score = _attacked(attacker, over, disks, chance)
        row(
            attacker.name, store, score.answers, linked(score), "not claimed", f"{people:,} people, {answers:,} answers"
        )
    for disk in disks:
        if not disk.answers["answer log"]:
            fault(f"{store}: the log of the answers could not be read: the attackers saw nothing")
    share, luck, z = linked(best)
    tell(
        summary=f"{store}: {len(held)} attackers are held to chance and {sigmas} standard deviations of luck; {blindly} of them found "
        f"nothing to go by. The best of the others, “{name}”, linked {share}; chance is {luck}, z {z}."
    )
    return best


def _attacked(attacker: Attacker, over: Sequence[Taken], disks: Sequence[Disk], chance: random.Random) -> Score:
    """Attack all waves; return the score."""
    total = NOTHING
    for disk, taken in zip(disks, over, strict=True):
        total += attacker.attacks(disk, taken.week.truth, chance.shuffle)
    return total


def _seen(attacker: Attacker, over: Sequence[Taken], disks: Sequence[Disk]) -> tuple[int, int]:
    """Return of how many people and answers the order was there."""
    pairs = [attacker.sees(disk, taken.week.truth) for disk, taken in zip(disks, over, strict=True)]
    return sum(people for people, _answers in pairs), sum(answers for _people, answers in pairs)


def _same(
    attacker: Attacker, others: Sequence[Attacker], over: Sequence[Taken], disks: Sequence[Disk]
) -> Attacker | None:
    """Return whose guess this attacker makes in every wave: one attack, read from two places, counts once."""
    for other in others:
        if all(attacker.guesses_as(other, disk, taken.week.truth) for disk, taken in zip(disks, over, strict=True)):
            return other
    return None


def _answers(over: Sequence[Taken]) -> int:
    return sum(len(taken.week.truth) for taken in over)


def _burned(
    store: str, institution: Institution, over: Sequence[Taken], after: Copies, shipper: Shipper, best: Score
) -> None:
    """Try whatever was backed up or is left on every answer, and look for what was burned."""
    left = [*after.files(), *(file for taken in over for file in taken.during.without_keys_of_waves())]
    candidates = every_candidate(file for file in left if after.cluster not in file.parents)
    opened = during = total = 0
    for taken in over:
        bodies = _bodies(taken, shipper)
        opener = Opener(institution.pk, taken.week.wave, bodies)
        total += len(bodies)
        opened += opener.opened_by(candidates)
        during += opener.opened_by([taken.hpke_key])
        found = [*still_there({"HPKE key": taken.hpke_key, "noise seed": taken.seed}, left)]
        if found:
            fault(f"{store}: {taken.week.wave}: what was burned is still there: {found[:3]}")
    row(
        "everything left after closing, and all backups",
        store,
        total,
        NO_LINK,
        "opens none",
        f"opened: {opened:,} of {total:,} answers; {len(candidates):,} keys tried",
    )
    row(
        "keys copied while the wave was open: contents",
        store,
        total,
        NO_LINK,
        "not claimed",
        f"opened: {during:,} of {total:,} answers; whose they are: {best.share:.1%} at best, chance {best.chance:.1%}",
    )
    tell(
        summary=f"{store}: what is left after closing opens {opened:,} of {total:,} answers; the wave's own key {during:,}."
    )
    if opened:
        fault(f"{store}: {opened} answers open with what is left after closing")
    if during != total or not total:
        fault(f"{store}: the same attempt with the wave's own key opens only {during} of {total}: it proves nothing")


def _bodies(taken: Taken, shipper: Shipper) -> list[bytes]:
    if is_postgresql():
        return [bytes(row.values[1]) for row in taken.rows["answer"]]
    with sqlite_files.merged(taken.during.data / "sealed" / taken.store_name) as store:
        return [body for (body,) in sqlite_files.in_order(store, "sealed_answer", "body")]
