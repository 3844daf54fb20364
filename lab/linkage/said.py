"""How the process of one store tells the phase what it found: lines of JSON."""

from __future__ import annotations

import json

from callroom.core.anonymity.linkage import Score


def row(attacker: str, store: str, score: Score, gate: str, seen: str) -> None:
    """Tell one row of the table."""
    cells = [attacker, store, f"{score.answers:,}", f"{score.share:.1%}"]
    cells += [f"{score.chance:.1%}", f"{score.z:+.1f}"] if score.groups else ["-", "-"]
    print(json.dumps({"row": [*cells, gate, seen]}), flush=True)


def fault(sentence: str) -> None:
    """Tell of a gate that did not hold."""
    print(json.dumps({"fault": sentence}), flush=True)
