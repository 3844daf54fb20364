"""``callroom serve``: bring the databases up to date, then run web server and worker together."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections

from callroom.kit import clock
from callroom.setup import actions
from callroom.site.preparation import prepare
from callroom.site.supervisor import supervise


class Command(BaseCommand):
    help = "Run Callroom: migrations, then the web server and the worker under one command."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bind", default=os.environ.get("CALLROOM_BIND", "127.0.0.1"), help="address to listen on")
        parser.add_argument("--port", type=int, default=int(os.environ.get("CALLROOM_PORT", "8000")))
        parser.add_argument("--workers", type=int, default=int(os.environ.get("CALLROOM_WORKERS", "2")))

    def handle(self, *args: Any, **options: Any) -> None:
        saved = prepare(now=clock.now())
        if saved:
            self.stdout.write(f"The tables have changed; what was in them before is in {saved}")
        self._say_the_code()
        python = sys.executable
        self.stdout.write(f"Callroom answers at http://localhost:{options['port']}/ (Ctrl-C ends it)")
        self.stdout.flush()
        raise SystemExit(
            supervise(
                [
                    [
                        *(python, "-m", "granian", "--interface", "wsgi"),
                        *("--host", options["bind"], "--port", str(options["port"])),
                        *("--workers", str(options["workers"]), "--blocking-threads", "24"),
                        *("--workers-kill-timeout", "10", "--respawn-failed-workers", "--no-ws"),
                        *("--log-level", "warning", "callroom.site.wsgi:application"),
                    ],
                    [python, "-m", "callroom", "run_huey", "--workers", "1", "--graceful-signal", "TERM"],
                ]
            )
        )

    def _say_the_code(self) -> None:
        code = actions.issue_code()
        connections.close_all()
        if code:
            self.stdout.write(
                "This installation is empty. Open its address and type this code. It works until somebody coordinates:"
            )
            self.stdout.write(f"\n    {code}\n")
