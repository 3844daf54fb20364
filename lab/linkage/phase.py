"""The linkage lab: the controls first, which must be broken."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from lab.linkage.controls import CONTROLS
from lab.linkage.visits import a_week
from lab.report import Findings

GROUPS = 20
PEOPLE = 12


def run(*, short: bool) -> Findings:
    """Attack the controls."""
    found = Findings()
    _controls(found, groups=8 if short else GROUPS)
    return found


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
                    "SQLite",
                    str(score.answers),
                    f"{score.share:.1%}",
                    f"{score.chance:.1%}",
                    f"{score.z:.1f}",
                    f"must be >= {control.least:.0%}: {'linked' if caught else 'MISSED'}",
                )
            )
            found.gate(caught, f"the control was not linked: {control.name} ({score.share:.1%})")
    found.add(
        "Negative controls: stores built the usual way",
        ("control", "attacker", "store", "answers", "linked", "chance", "z", "gate"),
        rows,
    )
