"""
Checking what an institution published, from files alone: no database, no network, no trust in who wrote them.

``verify_directory`` reads what ``callroom release export`` wrote: institution.json, headers.jsonl, payloads/. It proves
what was published, in which order and unchanged, and that it keeps the rules of PROTOCOL.md; it does not prove that
every answer was counted or that none was invented.
"""

from __future__ import annotations

from pathlib import Path

from callroom.core.disclosure.verification.files import read_chain
from callroom.core.disclosure.verification.problems import Problem, VerificationError
from callroom.core.disclosure.verification.report import Note, NoteCode, Report, WaveState, WaveSummary
from callroom.core.disclosure.verification.waves import Waves

__all__ = [
    "Note",
    "NoteCode",
    "Problem",
    "Report",
    "VerificationError",
    "WaveState",
    "WaveSummary",
    "verify_directory",
]


def verify_directory(directory: Path, head: str | None = None) -> Report:
    """
    Check an exported directory and return what was found.

    Checked: every signature and link; every payload against its hash and its canonical form; sheets against each
    other, and against what they ask about promises; the plan, recomputed; the policy; every band, clip and range of every release, and that nothing else stands
    in it; what a council decided, with the signatures of enough of its keys, and that nothing of it reached a wave
    that was announced before; closing before release, with the same hash, neither early; one closing, release and burn for each wave;
    marks of invented answers. ``head``: a hash that the chain must pass through; without it a chain that was cut at
    its end cannot be told from a whole one, and the report says so.

    :raises VerificationError: at the first thing that is wrong, naming file and header
    """
    chain = read_chain(directory, head)
    waves = Waves(chain)
    for header in chain.headers:
        waves.follow(header)
    return waves.report(head_checked=head is not None)
