"""The console script ``callroom``: makes the folders and the application's secret, then runs a management command."""

from __future__ import annotations

import os
import secrets
import sys


def main(arguments: list[str] | None = None) -> int:
    """Run ``callroom COMMAND …`` and return its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callroom.site.settings")
    from django.core.management import execute_from_command_line

    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["demo"]:
        _choose_the_demo(arguments)
    _prepare_folders()
    execute_from_command_line(["callroom", *arguments])
    return 0


def _choose_the_demo(arguments: list[str]) -> None:
    # Settings read the environment once, so the demo is chosen before they are imported.
    os.environ["CALLROOM_DEMO"] = "1"
    os.environ.setdefault("CALLROOM_HTTP", "1")
    os.environ.setdefault("CALLROOM_ANNOUNCE_WEEKS", "1")
    for position, word in enumerate(arguments):
        if word == "--data" and position + 1 < len(arguments):
            os.environ["CALLROOM_DATA"] = arguments[position + 1]
        elif word.startswith("--data="):
            os.environ["CALLROOM_DATA"] = word.removeprefix("--data=")


def _prepare_folders() -> None:
    from django.conf import settings

    from callroom.kit.keyring import write_once

    settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.SECRET_FILE.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.SECRET_FILE.exists():
        write_once(settings.SECRET_FILE, secrets.token_urlsafe(48).encode())
        settings.SECRET_KEY = settings.SECRET_FILE.read_text()
