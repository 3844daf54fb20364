"""Are web and tally apart? Tried with real permissions: by this process, or as the web's user where this one may become it."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from callroom.kit import apart
from callroom.setup import access
from callroom.setup.checks.finding import Finding, Look, red, settled, warned
from callroom.setup.states import Topic

OPENS: Final = ("/bin/sh", "-c", 'exec 3<"$1"', "sh")
"""Opens the file named next; ends with another code than 0 where it cannot."""


def apart_from_each_other(_look: Look) -> Finding:
    """Can whoever breaks into the web read the keys that open answers and sign?"""
    if not settings.APART:
        return warned(
            Topic.APART,
            _(
                "One user runs the web and the tally: whoever breaks into the web's process reads the keys with which the "
                "open round's answers are opened. Two users keep them apart, also later and while a round is open: see “From one "
                "user to two” in docs/how-to/run-it.md."
            ),
        )
    web = _web_user()
    if web is None:
        return red(Topic.APART, _("The web was never seen as a user of its own. Start it: callroom serve web."))
    if web == Path(settings.KEYS_DIR).stat().st_uid:
        return red(
            Topic.APART,
            _("CALLROOM_APART is set, but the same user runs the web and the tally: it reads every key."),
        )
    read = [file for file in access.secrets() if _web_reads(file, web)]
    if read:
        names = ", ".join(str(file.relative_to(settings.KEYS_DIR)) for file in read)
        return red(
            Topic.APART,
            _("The web's user can read what only the tally may: %(names)s. Start the tally again: it sets the modes.")
            % {"names": names},
        )
    return settled(
        Topic.APART,
        _(
            "They are apart: the web's user cannot read the keys that open answers, the seeds of noise, or the key that signs."
        ),
    )


def _web_user() -> int | None:
    try:
        return (Path(settings.DATA_DIR) / access.WEB_USER).stat().st_uid
    except FileNotFoundError:
        return None


def _web_reads(file: Path, web: int) -> bool:
    try:
        if apart.is_web():
            file.open("rb").close()
            return True
        if os.geteuid() == 0:
            return _opens_as(file, web)
        # Another user cannot be tried from here. What the mode lets the group and others do is what the kernel goes by.
        return bool(stat.S_IMODE(file.stat().st_mode) & 0o077)
    except (PermissionError, FileNotFoundError):  # refused, or burned meanwhile
        return False


def _opens_as(file: Path, user: int) -> bool:
    group = Path(settings.KEYS_DIR).stat().st_gid
    ran = subprocess.run(  # noqa: S603
        [*OPENS, str(file)], user=user, group=group, extra_groups=[], capture_output=True, check=False
    )
    return ran.returncode == 0
