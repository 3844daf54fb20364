"""
A year through the tally, the chain and the pages: everything that anybody can read, attacked.

Answers of people who come and go are released by the code that a closing uses. What comes out at the other end (the
export, the files, the pages of each role) is all that the attacker of ``lab.reconstruction`` is given.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from lab.reconstruction.attack import Released, attack
from lab.reconstruction.house import CORE, Habits, House, LeafWave

from callroom.core.anonymity import sealing
from callroom.core.disclosure.policy import DEFAULT_POLICY, Band
from callroom.core.disclosure.release import Figure, LeafAsked, LeafFigures, LeafRelease, Shown, TooFew, leaf_index
from callroom.core.timetable.waves import WaveTimes
from callroom.dashboards.rollups import over_time
from callroom.kit.wording import tenths
from callroom.people.models import Institution, Membership, Person
from callroom.pulse import aggregates, exports, history, planning
from callroom.pulse.models import Plan
from tests.stories.dashboards.conftest import NOW
from tests.world.waves import NOISE_SEED

SINCE = date(2025, 11, 24)
SIZES = {"emergency": 26, "surgery": 24, "dermatology": 8, "urology": 6}
DECIMAL = re.compile(r"\d+\.\d+")


@pytest.fixture
def year(staff: Institution, at: Any) -> list[LeafWave]:
    """Let 52 weeks pass through the tally, in two academic years, while people come and go; return who said what."""
    at(NOW)
    Membership.objects.update(from_on=date(2025, 3, 1))  # they were there all along
    simulated: dict[str, Iterator[LeafWave]] = {}
    came: dict[str, list[LeafWave]] = {}
    waves: list[LeafWave] = []

    def who(plan: Plan, times: WaveTimes) -> dict[str, tuple[UUID, ...]]:
        leaves = planning.leaves_of(plan).leaves
        if not simulated:
            house = House(5, Habits(replaced=0), programmes=SIZES, plan=tuple(leaves))
            of_year = list(house.year(60))
            simulated.update(
                {leaf.id: iter([each for each in of_year if each.asked.leaf == leaf.id]) for leaf in leaves}
            )
        came[times.wave] = [next(simulated[leaf.id]) for leaf in leaves if leaf.weeks == times.weeks]
        return {wave.asked.leaf: tuple(UUID(int=each.number) for each in wave.members) for wave in came[times.wave]}

    def answered(past: history.PastWave) -> history.Answers:
        mine = [_as_asked(wave, past) for wave in came[past.times.wave]]
        waves.extend(mine)
        return {wave.asked.leaf: _given(wave) for wave in mine}

    history.make_history(institution=staff, since=SINCE, answers=answered, seed=NOISE_SEED, now=NOW, who=who)
    return waves


def _as_asked(wave: LeafWave, past: history.PastWave) -> LeafWave:
    week = (past.times.last_monday - SINCE).days // 7
    return replace(wave, wave=past.times.wave, week=week, items=past.items, seed=NOISE_SEED)


def _given(wave: LeafWave) -> list[sealing.Given]:
    return [
        dict(zip(wave.items, said.values, strict=True)) if said.worked else sealing.DidNotWork()
        for said in wave.said.values()
    ]


def exported(folder: Path) -> dict[tuple[str, str], LeafRelease]:
    """Return what the export says of each leaf of each wave."""
    found = {}
    for file in (folder / "payloads").glob("*.json"):
        payload = json.loads(file.read_text(encoding="utf-8"))
        for leaf in payload.get("leaves", ()) if "commitment" in payload else ():
            asked = LeafAsked(leaf["leaf"], tuple(leaf["units"]), None, leaf["eligible"])
            found[payload["wave"], leaf["leaf"]] = LeafRelease(asked, _outcome(leaf))
    return found


def _outcome(leaf: dict[str, Any]) -> LeafFigures | TooFew:
    if "n" not in leaf:
        return TooFew()
    items: dict[str, Figure] = {
        item: Shown(figure["mean_tenths"], tuple(figure["range_tenths"])) if "mean_tenths" in figure else TooFew()
        for item, figure in leaf["items"].items()
    }
    return LeafFigures(Band(*leaf["n"]), items)


def published(year: list[LeafWave], institution: Institution, folder: Path) -> Released:
    exports.export(institution, folder)
    found = exported(folder)
    assert len(found) == len(year)
    return [(wave, found[wave.wave, wave.asked.leaf]) for wave in year]


def test_the_export_of_a_year_betrays_nobody(year: list[LeafWave], hospital: Institution, tmp_path: Path) -> None:
    released = published(year, hospital, tmp_path / "out")

    assert len({wave.week for wave in year}) >= 52
    assert len({member.number for wave in year for member in wave.members}) > sum(SIZES.values()) + 20
    assert all(wave.release() == release for wave, release in released)
    found = attack(released, with_noise_known=False)
    assert found.faults() == []
    assert found.figures > 400


def test_files_and_pages_hold_nothing_but_arithmetic_on_leaves(
    year: list[LeafWave], hospital: Institution, tmp_path: Path, sign_in: Any,
    ana: Person, bruno: Person, elena: Person, fernando: Person, hector: Person,
) -> None:  # fmt: skip
    released = published(year, hospital, tmp_path / "out")
    leaves = {(wave.wave, wave.asked.leaf): release for wave, release in released}
    explained = {tenths(number) for release in leaves.values() for number in numbers_of(release)} | rolled_up()

    for person in (ana, bruno, elena, fernando, hector):
        client = sign_in(person)
        for unit in ("san-rafael", "medicine", "surgical", *SIZES):
            check_file(client, unit, leaves)
            assert decimals_on(client, f"/in/results/{unit}/") <= explained


def numbers_of(release: LeafRelease) -> Iterator[int]:
    """Yield each number that one leaf of a release holds or implies by the published arithmetic, in tenths."""
    if isinstance(release.outcome, LeafFigures):
        index = leaf_index(release.outcome, CORE, DEFAULT_POLICY)
        for figure in (index, *release.outcome.items.values()):
            if isinstance(figure, Shown):
                yield from (figure.mean_tenths, *figure.range_tenths)


def rolled_up() -> set[str]:
    """Return the figures of departments and the institution, from published leaves alone."""
    series = {one.leaf: one for one in aggregates.series_of(SIZES, now=NOW).values()}.values()
    found = set()
    for units in (list(SIZES), ["emergency", "dermatology"], ["surgery", "urology"]):
        for week in over_time({unit: SIZES[unit] for unit in units}, series, weeks=60):
            if week.figure:
                found |= {tenths(number) for number in (week.figure.mean, week.figure.low, week.figure.high)}
    return found


def check_file(client: Client, unit: str, leaves: dict[tuple[str, str], LeafRelease]) -> None:
    """Each row of a CSV is one leaf of one release, and nothing else."""
    response = client.get(f"/in/results/{unit}.csv", secure=True)
    if response.status_code == 404:
        return
    for row in csv.DictReader(response.content.decode().splitlines()):
        release = leaves[row["wave"], row["leaf"]]
        numbers = {tenths(number) for number in numbers_of(release)}
        shown = {value for name, value in row.items() if DECIMAL.fullmatch(value or "")}
        assert shown <= numbers
        assert row["eligible"] in {"", str(release.asked.eligible)}
        if isinstance(release.outcome, LeafFigures):
            assert [row["n_low"], row["n_high"]] == [str(release.outcome.n.low), str(release.outcome.n.high or "")]
        else:
            assert not shown


def decimals_on(client: Client, address: str) -> set[str]:
    """Return all numbers with a decimal point in the words of a page; coordinates of pictures are not words."""
    response = client.get(address, secure=True, headers={"accept-language": "en"})
    if response.status_code == 404:
        return set()
    text = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    return set(DECIMAL.findall(text))
