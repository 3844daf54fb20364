"""How the process of one store tells the phase what it found."""

from __future__ import annotations

from callroom.core.anonymity.linkage import Score
from lab.apart import tell


def row(attacker: str, store: str, score: Score, gate: str, seen: str) -> None:
    """Tell one row of the table."""
    cells = [attacker, store, f"{score.answers:,}", f"{score.share:.1%}"]
    cells += [f"{score.chance:.1%}", f"{score.z:+.1f}"] if score.groups else ["-", "-"]
    tell(row=[*cells, gate, seen])
