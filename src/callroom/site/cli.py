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
    if arguments[:1] == ["serve"] and len(arguments) > 1 and not arguments[1].startswith("-"):
        os.environ["CALLROOM_PART"] = arguments[1]
    prepare_folders()
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


def prepare_folders() -> None:
    """Make the folders and the application's secret where this process may, and say what others may read of them."""
    from django.conf import settings

    from callroom.kit import apart
    from callroom.kit.keyring import institution_folder, write_once

    if settings.APART:
        os.umask(apart.UMASK)
    if apart.is_web():  # what the tally makes, and the web waits for
        return
    apart.make_folder(settings.DATA_DIR, apart.Access.WRITE)
    institution_folder()
    if not settings.SECRET_FILE.exists():
        write_once(settings.SECRET_FILE, secrets.token_urlsafe(48).encode(), apart.Access.READ)
    settings.SECRET_KEY = settings.SECRET_FILE.read_text()
