"""The linkage lab: stores built the usual way, which must be broken; then Callroom on both stores, which must not be."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from lab import apart
from lab.linkage.controls import CONTROLS
from lab.linkage.said import linked
from lab.linkage.visits import a_week
from lab.report import Findings

GROUPS = 20
PEOPLE = 12
STORES = ("SQLite", "PostgreSQL")
LONGEST = 3000
ATTACKS = ("attacker", "store", "answers", "linked", "chance", "z", "gate", "what it saw or opened")

TOGETHER = (
    "“Not claimed” together: whoever has the wave's keys and knows times (from hourly copies of the keys' folder, or from a proxy's log)",
    "while the week is open has everything, by name: who answered, and what.",
)
"""Below the table: what two of its rows mean together."""


def run(*, short: bool) -> Findings:
    """Attack Callroom on both stores, then the controls."""
    found = Findings()
    rows: list[list[str]] = []
    for store in STORES:
        rows += _on(store, "short" if short else "long", found)
    found.add("Callroom: who reads the disk, and who else", ATTACKS, rows, TOGETHER)
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
    found.summary += [each["summary"] for each in told if "summary" in each]
    return [each["row"] for each in told if "row" in each]


def _controls(found: Findings, *, groups: int) -> None:
    rows: list[list[str]] = []
    missed = 0
    chance = random.Random(5)
    with tempfile.TemporaryDirectory(prefix="callroom-controls-") as folder:
        for number, control in enumerate(CONTROLS):
            visits = a_week(chance, groups=groups, people=PEOPLE)
            score = control.attacked(Path(folder) / str(number), visits, chance)
            caught = score.share >= control.least
            rows.append(
                [
                    control.name,
                    control.attacker,
                    "SQLite",
                    str(score.answers),
                    *linked(score),
                    f"must be >= {control.least:.0%}: {'linked' if caught else 'MISSED'}",
                ]
            )
            missed += not caught
            found.gate(caught, f"the control was not linked: {control.name} ({score.share:.1%})")
    found.add(
        "Negative controls: stores built the usual way",
        ("control", "attacker", "store", "answers", "linked", "chance", "z", "gate"),
        rows,
    )
    found.summary += [
        "Not claimed: the wave's keys and times together, while the week is open, are everything, by name.",
        f"{len(CONTROLS) - missed} of {len(CONTROLS)} stores built the usual way gave people away, as they must.",
    ]
