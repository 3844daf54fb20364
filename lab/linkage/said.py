"""How the process of one store tells the phase what it found."""

from __future__ import annotations

from callroom.core.anonymity.linkage import Score
from lab.apart import tell

NOTHING_TO_GO_BY = "nothing to go by"
"""Instead of a share, where no person or no answer was seen: what a blind guess hits is luck and no result."""


def row(attacker: str, store: str, answers: int, found: tuple[str, str, str], gate: str, saw: str) -> None:
    """Tell one row of the table. ``found``: linked, chance, z."""
    tell(row=[attacker, store, f"{answers:,}", *found, gate, saw])


def linked(score: Score) -> tuple[str, str, str]:
    """Return who was linked as a share and as people, what chance links, and how many deviations lie between."""
    return f"{score.share:.1%} ({score.linked:,} of {score.answers:,})", f"{score.chance:.1%}", f"{score.z:+.1f}"


def blind(score: Score) -> tuple[str, str, str]:
    """Return the same for an attacker who saw nothing."""
    return NOTHING_TO_GO_BY, f"{score.chance:.1%}", "-"


NO_LINK = ("-", "-", "-")
"""Of rows that are about something else than a link: what was opened, or a guess that is counted in another row."""
