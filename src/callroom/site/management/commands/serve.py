"""``callroom serve``: bring the databases up to date, then run web server and worker together, or one of the two."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from callroom.kit import apart, clock
from callroom.setup import actions
from callroom.setup.access import note_web_user
from callroom.site.preparation import is_prepared, prepare
from callroom.site.supervisor import supervise, wait_for

HERE: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
WAIT_SECONDS: Final = 600
"""So long the web waits for the tally: an upgrade of large tables, with its backup, takes minutes."""


class Command(BaseCommand):
    help = "Run Callroom: migrations, then the web server and the worker; or one of them, as a user of its own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "part",
            nargs="?",
            choices=(apart.WEB, apart.TALLY),
            help="only this one, where CALLROOM_APART says that each has a user of its own",
        )
        parser.add_argument("--bind", default=os.environ.get("CALLROOM_BIND", "127.0.0.1"), help="address to listen on")
        parser.add_argument("--port", type=int, default=int(os.environ.get("CALLROOM_PORT", "8000")))
        parser.add_argument("--workers", type=int, default=int(os.environ.get("CALLROOM_WORKERS", "2")))

    def handle(self, *args: Any, **options: Any) -> None:
        part = options["part"]
        if part and not settings.APART:
            raise CommandError("serve web and serve tally need CALLROOM_APART=true: see docs/how-to/run-it.md")
        if part == apart.WEB:
            self._wait_for_the_tally()
        else:
            self._prepare(own_address(options["port"]))
        commands = []
        if part != apart.TALLY:
            self.stdout.write(f"Callroom answers at {own_address(options['port'])} (Ctrl-C ends it)")
            commands.append(_web(options))
        if part != apart.WEB:
            commands.append(_worker())
        self.stdout.flush()
        raise SystemExit(supervise(commands))

    def _prepare(self, address: str) -> None:
        saved = prepare(now=clock.now())
        if saved:
            self.stdout.write(f"The tables have changed; what was in them before is in {saved}")
        self._say_the_code(address)

    def _wait_for_the_tally(self) -> None:
        if not is_prepared():
            self.stdout.write("Waiting for the tally: it prepares the tables and the files of this version.")
            self.stdout.flush()
        if not wait_for(is_prepared, seconds=WAIT_SECONDS):
            raise CommandError("The tally has prepared nothing for this version. Start it: callroom serve tally")
        note_web_user()

    def _say_the_code(self, address: str) -> None:
        code = actions.issue_code()
        connections.close_all()
        if code:
            self.stdout.write(
                f"This installation is empty. Open {address} and type this code. It works until somebody coordinates:"
            )
            self.stdout.write(f"\n    {code}\n")
            self.stdout.flush()


def own_address(port: int) -> str:
    """Return what people open: behind a proxy that is its name, which is the first of ``CALLROOM_HOSTS`` that is no name of here."""
    named = [host for host in settings.ALLOWED_HOSTS if host != "*"]
    if settings.PLAIN_HTTP and not settings.SECURE_PROXY_SSL_HEADER:
        return f"http://{'localhost' if 'localhost' in named or not named else named[0]}:{port}/"
    outside = [host for host in named if host not in HERE]
    return f"https://{(outside or ['localhost'])[0].removeprefix('.')}/"


def _web(options: Mapping[str, Any]) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi"),
        *("--host", options["bind"], "--port", str(options["port"])),
        *("--workers", str(options["workers"]), "--blocking-threads", "24"),
        *("--workers-kill-timeout", "10", "--respawn-failed-workers", "--no-ws"),
        *("--log-level", "warning", "callroom.site.wsgi:application"),
    ]


def _worker() -> list[str]:
    command = [sys.executable, "-m", "callroom", "run_huey", "--workers", "1", "--graceful-signal", "TERM"]
    # Where the web sends errands somebody waits for them at a page.
    return [*command, "--max-delay", "1"] if settings.APART else command
