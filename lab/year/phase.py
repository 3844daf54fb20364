"""The year lab: a simulated year of operation, audited from what phones were told and what was published."""

from __future__ import annotations

from lab import apart
from lab.report import Findings
from lab.year.scale import SIZES

LONGEST = 3000


def run(*, short: bool) -> Findings:
    """Let a year pass on SQLite."""
    return on("SQLite", "short" if short else "long")


def on(store: str, size: str) -> Findings:
    """Let a year pass on one store, in a process of its own."""
    found = Findings()
    with apart.a_folder() as folder:
        surroundings = {
            **apart.environment(folder),
            "CALLROOM_ANNOUNCE_WEEKS": str(SIZES[size].ahead),
            "CALLROOM_WORKERS": "1",  # of the web server: a hundred people at most come one after the other
        }
        code, told = apart.told_by(
            "lab.year.experiment", size, str(folder), surroundings=surroundings, longest=LONGEST, store=store
        )
    found.gate(code == 0, f"the year on {store} broke")
    for each in told:
        if "table" in each:
            found.add(each["table"]["title"], each["table"]["columns"], each["table"]["rows"])
        if "fault" in each:
            found.faults.append(each["fault"])
    faults = len(found.faults)
    found.summary.append(
        f"A year on {store}, audited afterwards: {faults or 'no'} fault{'' if faults == 1 else 's'}. It attacks nobody."
    )
    return found
