"""The lab itself, sized down: a small institution answers over HTTP, and nobody who reads its disk links anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from lab.linkage import phase
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
    assert rows["everything left after closing, and all backups"][3] == "0.0%"
    assert rows["keys copied while the wave was open: contents"][3] == "100.0%"
    assert rows["a proxy's log with addresses, and the log"][3] == "100.0%", "the same attack, told who came when"


def test_a_gate_that_does_not_hold_is_said_and_a_table_is_readable() -> None:
    found = Findings()
    found.gate(True, "never said")
    found.gate(False, "said")
    found.add("Title", ("one", "two"), [("a", "long cell")])

    assert found.faults == ["said"]
    assert Table("Title", ("one", "two"), (("a", "long cell"),)) == found.tables[0]
    assert found.tables[0].text() == "Title\n-----\none  two\na    long cell"
