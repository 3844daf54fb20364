"""The lab's last figures, as a small file that ships with the release: the page about privacy reads it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callroom.core.disclosure.ledger import constants
from callroom.core.disclosure.policy import DEFAULT_POLICY
from lab.reconstruction import overtime

if TYPE_CHECKING:
    from lab.reconstruction.phase import Found

VERSION: Final = 1
FILE: Final = Path(__file__).resolve().parents[2] / "src/callroom/site/measured.json"


def write(found: Found, file: Path = FILE) -> None:
    """Write the figures, with the day and the constants that they were measured with."""
    content = {"version": VERSION, "measured_on": datetime.now(UTC).date().isoformat(), **payload(found)}
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def payload(found: Found) -> dict[str, object]:
    """Return the figures without their day."""
    solved = [row for _mood, _seed, year in found.years for row in year.solved]
    gained = [row for _mood, _seed, year in found.years for row in year.gained]
    alone = [row for row in solved if row.colluders == 0]
    two = [row for row in solved if row.colluders and not row.noise_known]
    return {
        "constants": constants(DEFAULT_POLICY),
        "years": len(found.years),
        "weeks": 52,
        "answers": sum(row.answers for row in alone if row.noise_known),
        "pinned": sum(row.pinned for row in alone),
        "narrowed": sum(row.answers - row.full for row in alone),
        "pinned_by_two": sum(row.pinned for row in two),
        "largest_gain_hundredths": round(100 * max(row.largest for row in gained)),
        "mean_gain_hundredths": round(100 * sum(r.mean for r in gained if not r.colluders) / len(found.years)),
        "leavers": [
            {"weeks": kept.weeks, "people": kept.eligible, "left_percent": round(100 * kept.share)}
            for ratio, kept in found.time
            if ratio == overtime.Spread().ratio
        ],
        "all_but_one": [
            {
                "options": grid.options,
                "surest_percent": round(100 * grid.surest),
                "guessed_percent": round(100 * grid.guessed),
                "by_chance_percent": round(100 * grid.by_chance),
                "waves": grid.waves,
            }
            for grid in found.grids
        ],
        "planted_faults": len(found.faults),
        "faults_found": sum(bool(caught.by) for _name, _what, caught in found.faults),
    }
