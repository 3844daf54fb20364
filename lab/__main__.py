"""``python -m lab [--short] [PHASE …]``: run the attacks, print what they found; the last line is PASS or FAIL.

A phase is a module with ``run(*, short: bool) -> Findings``. It starts whatever it needs itself (servers, databases,
processes with their own settings), so that phases know nothing of each other.
"""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from importlib import import_module

from lab.report import Findings

PHASES = {
    "linkage": "lab.linkage.phase",
    "reconstruction": "lab.reconstruction.phase",
    "year": "lab.year.phase",
}
"""In the order in which they run. A new phase adds its line here."""


def main(arguments: list[str] | None = None) -> int:
    """Run the named phases, or all; return 0 if every gate held."""
    parser = ArgumentParser(prog="python -m lab", description="Attack Callroom, and see what is found.")
    parser.add_argument("phases", nargs="*", metavar="PHASE", help=f"which: {', '.join(PHASES)} (default: all)")
    parser.add_argument("--short", action="store_true", help="sized down to minutes: finds large leaks only")
    chosen = parser.parse_args(arguments)
    unknown = sorted(set(chosen.phases) - set(PHASES))
    if unknown:
        parser.error(f"there is no phase {', '.join(unknown)}; there are: {', '.join(PHASES)}")
    faults, summary = [], []
    for name in chosen.phases or PHASES:
        began = time.monotonic()
        found: Findings = import_module(PHASES[name]).run(short=chosen.short)
        for table in found.tables:
            print(f"\n{table.text()}")
        print(f"\n{name}: {time.monotonic() - began:.0f} s")
        faults += [f"{name}: {fault}" for fault in found.faults]
        summary += [f"{name}: {sentence}" for sentence in found.summary]
        sys.stdout.flush()
    print("\nIn short\n--------", *summary, sep="\n")
    for fault in faults:
        print(f"NOT HELD  {fault}")
    print("FAIL" if faults else "PASS")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
