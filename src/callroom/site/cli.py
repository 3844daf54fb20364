"""
The console script ``callroom``: makes the folders and the application's secret, then runs a management command.

A command about an installation makes nothing where there is none: it says so and ends.
"""

from __future__ import annotations

import os
import secrets
import sys
from typing import Final

OF_AN_INSTALLATION: Final = frozenset(
    {"access", "audit", "backup", "check", "directory", "history", "keys", "release", "roster"}
)
"""What these work on is made by ``callroom serve``, ``demo`` or ``restore``, never by them."""


def main(arguments: list[str] | None = None) -> int:
    """Run ``callroom COMMAND …`` and return its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callroom.site.settings")
    from django.core.management import execute_from_command_line

    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["demo"]:
        _choose_the_demo(arguments)
    if arguments[:1] == ["serve"] and len(arguments) > 1 and not arguments[1].startswith("-"):
        os.environ["CALLROOM_PART"] = arguments[1]
    if _is_about_an_installation(arguments) and not _there_is_one():
        return _say_where_to_look()
    prepare_folders()
    execute_from_command_line(["callroom", *arguments])
    return 0


def _is_about_an_installation(arguments: list[str]) -> bool:
    command, *words = arguments or [""]
    if command not in OF_AN_INSTALLATION or {"-h", "--help"} & set(words):
        return False
    if command == "release" and words[:1] == ["verify"]:  # reads files, no database
        return False
    # With another option ``check`` is the framework's own, which looks at settings only.
    return command != "check" or all(word.startswith("--language") or word in {"en", "es"} for word in words)


def _there_is_one() -> bool:
    """Look for the tables, and make no file where there is none."""
    from django.conf import settings
    from django.db import DatabaseError, connections

    if not settings.DATABASE_URL and not (settings.DATA_DIR / "callroom.sqlite3").is_file():
        return False
    try:
        return "people_institution" in connections["default"].introspection.table_names()
    except DatabaseError:  # the command itself says of a database that it does not answer
        return True


def _say_where_to_look() -> int:
    import django
    from django.conf import settings
    from django.utils import translation
    from django.utils.translation import gettext as _

    django.setup()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            said = _("There is no installation in %(folder)s: set CALLROOM_DATA to the folder of yours.")
            sys.stderr.write(said % {"folder": settings.DATA_DIR} + "\n")
    return 1


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
