"""``callroom serve``: bring the databases up to date, then run web server and worker together."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from callroom.kit.database import ALIASES
from callroom.site.supervisor import supervise


class Command(BaseCommand):
    help = "Run Callroom: migrations, then the web server and the worker under one command."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bind", default=os.environ.get("CALLROOM_BIND", "127.0.0.1"), help="address to listen on")
        parser.add_argument("--port", type=int, default=int(os.environ.get("CALLROOM_PORT", "8000")))
        parser.add_argument("--workers", type=int, default=int(os.environ.get("CALLROOM_WORKERS", "2")))

    def handle(self, *args: Any, **options: Any) -> None:
        prepare()
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


def prepare() -> None:
    """Migrate the three databases, make the queue's tables and collect the static files."""
    settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    for alias in ALIASES:
        call_command("migrate", database=alias, interactive=False, verbosity=0)
    settings.HUEY.storage.initialize_schema()
    call_command("collectstatic", interactive=False, verbosity=0)
    connections.close_all()
