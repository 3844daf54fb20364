"""The linkage lab: stores built the usual way, which must be broken; then Callroom on both stores, which must not be."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from lab import apart
from lab.linkage.controls import CONTROLS
from lab.linkage.visits import a_week
from lab.report import Findings

GROUPS = 20
PEOPLE = 12
STORES = ("SQLite", "PostgreSQL")
LONGEST = 3000
ATTACKS = ("attacker", "store", "answers", "linked", "chance", "z", "gate", "seen: people, answers")


def run(*, short: bool) -> Findings:
    """Attack Callroom on both stores, then the controls."""
    found = Findings()
    rows: list[list[str]] = []
    for store in STORES:
        rows += _on(store, "short" if short else "long", found)
    found.add("Callroom: who reads the disk, and who else", ATTACKS, rows)
    _controls(found, groups=8 if short else GROUPS)
    return found


def _on(store: str, size: str, found: Findings) -> list[list[str]]:
    """Run the experiment on one store in a process of its own; return its rows."""
    if store == "PostgreSQL" and not apart.has_postgresql():
        found.gate(False, "there is no PostgreSQL on this machine (apt-get install postgresql)")
        return []
    with apart.a_folder() as folder:
        copies = folder / "copies"
        copies.mkdir()
        code, told = apart.told_by(
            "lab.linkage.experiment", store, size, str(copies),
            surroundings=apart.environment(folder), longest=LONGEST, store=store,
        )  # fmt: skip
    found.gate(code == 0, f"the experiment on {store} broke")
    found.faults += [each["fault"] for each in told if "fault" in each]
    return [each["row"] for each in told if "row" in each]


def _controls(found: Findings, *, groups: int) -> None:
    rows = []
    chance = random.Random(5)
    with tempfile.TemporaryDirectory(prefix="callroom-controls-") as folder:
        for number, control in enumerate(CONTROLS):
            visits = a_week(chance, groups=groups, people=PEOPLE)
            score = control.attacked(Path(folder) / str(number), visits, chance)
            caught = score.share >= control.least
            rows.append(
                (
                    control.name,
                    control.attacker,
                    str(score.answers),
                    f"{score.share:.1%}",
                    f"{score.chance:.1%}",
                    f"{score.z:+.1f}",
                    f"must be >= {control.least:.0%}: {'linked' if caught else 'MISSED'}",
                )
            )
            found.gate(caught, f"the control was not linked: {control.name} ({score.share:.1%})")
    found.add(
        "Negative controls: stores built the usual way",
        ("control", "attacker", "answers", "linked", "chance", "z", "gate"),
        rows,
    )
