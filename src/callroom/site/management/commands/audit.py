"""``callroom audit verify``: reads the whole trail and says whether it is what was written."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from callroom.audit import queries


class Command(BaseCommand):
    """Exit code 0: the trail is whole; 1: it is not, and the first bad row is named."""

    help = "Check the audit chain. Exit code 0 when it is whole, 1 at the first bad row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        verify = commands.add_parser("verify", help="check every row, and the looks of every sealed day")
        verify.add_argument("--head", metavar="HEX", help="require the chain to pass through this row's mac")

    def handle(self, *args: Any, **options: Any) -> None:
        report = queries.verify(head=options["head"])
        if report.fault is not None:
            self.stderr.write(f"The audit trail is not whole: {report.fault.why}.")
            sys.exit(1)
        self.stdout.write(f"The audit trail is whole: {report.rows} rows, {report.looks} looks.")
        self.stdout.write(f"head {report.head}")
        if not options["head"]:
            self.stdout.write(
                "Keep this head elsewhere; with --head HEX a later check finds a trail that was replaced."
            )
