"""The lab itself, sized down: a small institution answers over HTTP, and nobody who reads its disk links anything."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from lab.linkage import experiment, phase
from lab.linkage.attackers import Attacker
from lab.linkage.disk import Disk
from lab.linkage.orders import Taken
from lab.report import Findings, Table

HAS_POSTGRESQL = bool(list(Path("/usr/lib/postgresql").glob("*/bin")))
pytestmark = [pytest.mark.serial, pytest.mark.xdist_group("lab"), pytest.mark.timeout(1800)]


@pytest.mark.parametrize("store", phase.STORES)
def test_who_reads_the_disk_links_nobody_and_opens_nothing(store: str) -> None:
    if store == "PostgreSQL" and not HAS_POSTGRESQL:
        pytest.skip("no PostgreSQL on this machine (apt-get install postgresql)")
    found = Findings()

    rows = {row[0]: row for row in phase._on(store, "short", found)}

    assert found.faults == []
    assert sum(row[6] == "z <= 6" for row in rows.values()) >= 10
    answers = rows["a proxy's log with addresses, and the log"][2]
    assert rows["everything left after closing, and all backups"][7].startswith(f"opened: 0 of {answers} answers")
    assert rows["keys copied while the wave was open: contents"][7].startswith(
        f"opened: {answers} of {answers} answers"
    )
    told_who_came_when = rows["a proxy's log with addresses, and the log"][3]
    assert told_who_came_when == f"100.0% ({answers} of {answers})", "the same attack"
    list_of_issuing = rows["list of who fetched (issuing), and the log"]
    assert list_of_issuing[6] == "counted there"
    assert "register: places of flags" in list_of_issuing[7], "both lie in the order of ids: one attack"
    assert rows["names in logs, queue, caches, temporary files"][6] == "z <= 6"
    assert len(found.summary) == 2


MESSAGES = [bytes([number]) * 32 for number in range(30)]
TRUTH = {(number % 3, UUID(int=number)): message for number, message in enumerate(MESSAGES)}
CAME = {who: (place,) for place, (_group, who) in enumerate(TRUTH)}


def told_of(
    attackers: Sequence[Attacker], disk: Disk, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch
) -> list[dict[str, Any]]:
    """Attack one made-up wave; return what was told."""
    patch.setattr(experiment, "ON_SQLITE", tuple(attackers))
    patch.setattr(experiment, "ON_POSTGRESQL", tuple(attackers))
    patch.setattr(experiment, "NOT_GATED", ())
    wave = cast("Taken", SimpleNamespace(week=SimpleNamespace(truth=TRUTH)))
    experiment._linked("a store", [wave], [disk], 3, Random(7))
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_an_attacker_who_saw_nothing_has_no_figure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = Disk({}, {"answer log": {message: (place,) for place, message in enumerate(MESSAGES)}})

    row, summary = told_of([Attacker("blind", "nowhere", "answer log")], nobody, capsys, monkeypatch)

    assert row["row"][2:] == ["30", "nothing to go by", "10.0%", "-", "z <= 3", "0 people, 30 answers"]
    assert "1 attackers" in summary["summary"]


def test_one_who_saw_nothing_and_links_all_the_same_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = Disk({}, {"answer log": {message: (place,) for place, message in enumerate(MESSAGES)}})
    oracle = Attacker("oracle", "nowhere", "answer log", lambda _people, _answers, _shuffle: TRUTH)

    row, fault, _summary = told_of([oracle], nobody, capsys, monkeypatch)

    assert row["row"][3] == "100.0% (30 of 30)"
    assert "oracle: 100.0% linked" in fault["fault"]


def test_one_attack_read_from_two_places_counts_once_and_another_order_for_itself(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = {message: (place,) for place, message in enumerate(Random(3).sample(MESSAGES, 30))}
    elsewhere = {who: (place + 500,) for who, (place,) in CAME.items()}
    other = {who: (-place,) for who, (place,) in CAME.items()}
    disk = Disk({"one": CAME, "two": elsewhere, "three": other}, {"answer log": log})
    attackers = [Attacker(name, name, "answer log") for name in ("one", "two", "three")]

    one, two, three, summary = told_of(attackers, disk, capsys, monkeypatch)

    assert one["row"][6] == three["row"][6] == "z <= 3"
    assert two["row"][3:] == ["-", "-", "-", "counted there", "the same guess as “one”"]
    assert summary["summary"].startswith("a store: 2 attackers")


def test_a_gate_that_does_not_hold_is_said_and_a_table_is_readable() -> None:
    found = Findings()
    found.gate(True, "never said")
    found.gate(False, "said")
    found.add("Title", ("one", "two"), [("a", "long cell")])

    assert found.faults == ["said"]
    assert Table("Title", ("one", "two"), (("a", "long cell"),)) == found.tables[0]
    assert found.tables[0].text() == "Title\n-----\none  two\na    long cell"
    assert Table("Title", ("one",), (("a",),), ("Said below.",)).text().endswith("one\na\n\nSaid below.")
