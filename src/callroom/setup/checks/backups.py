"""Has somebody said what is backed up, and is a backup of the last nights really there?"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from callroom.audit import queries as audit
from callroom.audit.states import Tag
from callroom.kit import apart, nights
from callroom.kit.wording import day_and_year
from callroom.pulse import queries as pulse
from callroom.setup.checks.finding import Finding, Look, confirmed, page_of, red, settled, warned
from callroom.setup.states import MadeBy, Topic

TWO_NIGHTS: Final = timedelta(days=2)


def backups(look: Look) -> Finding:
    """Has somebody said within the year who can open the backups, and is there one of the last two nights?"""
    decision = look.decided(Topic.BACKUPS)
    address = page_of(Topic.BACKUPS)
    if decision is None:
        return red(Topic.BACKUPS, _("Nobody has said what is backed up, where, and who holds the key."), address)
    said = confirmed(decision)
    if decision.said.get("made_by") == MadeBy.OTHERS:
        return settled(
            Topic.BACKUPS,
            said + " " + _("Something else makes them; Callroom cannot see whether they are there."),
            address,
        )
    if apart.is_web():
        return _by_the_trail(look, said)
    folder = settings.BACKUP_DIR
    if folder is None or not settings.BACKUP_RECIPIENTS:
        return red(
            Topic.BACKUPS,
            _(
                "No backup is made: set CALLROOM_BACKUP_DIR and CALLROOM_BACKUP_RECIPIENTS, or say here that something else "
                "makes them."
            ),
            address,
        )
    return _in_the_folder(look, folder, said)


def _in_the_folder(look: Look, folder: Path, said: str) -> Finding:
    try:
        newest = nights.newest(folder)
    except OSError:
        if settings.APART:  # whoever runs this is not the tally's user
            return _by_the_trail(look, said)
        return red(Topic.BACKUPS, _("The folder of the backups cannot be read: %(folder)s.") % {"folder": folder})
    if newest is None:
        if pulse.a_round_was_due(now=look.now):
            none = _("There is no backup in %(folder)s. Look at the worker and the folder.")
            return red(Topic.BACKUPS, none % {"folder": folder})
        return settled(Topic.BACKUPS, said + " " + _("None was made yet."), page_of(Topic.BACKUPS))
    return _judged(look, newest, said)


def _by_the_trail(look: Look, said: str) -> Finding:
    """Say what the trail knows: the web's user can neither look into the folder nor be sure of the tally's settings."""
    row = next(iter(audit.rows_below(None, tag=Tag.BACKUP_MADE, limit=1)), None)
    if row is not None and look.institution is not None:
        return _judged(look, look.institution.day(row.at), said)
    unseen = _(
        "The trail knows of no backup. “callroom check”, as the tally's user, looks at the settings and the folder."
    )
    if pulse.a_round_was_due(now=look.now):
        return red(Topic.BACKUPS, unseen)
    return warned(Topic.BACKUPS, unseen)


def _judged(look: Look, newest: date, said: str) -> Finding:
    last = _("The last backup was made on %(day)s.") % {"day": day_and_year(newest)}
    if look.day - newest > TWO_NIGHTS and pulse.a_round_was_due(now=look.now):
        return red(Topic.BACKUPS, last + " " + _("Look at the worker and the folder."))
    return settled(Topic.BACKUPS, f"{said} {last}", page_of(Topic.BACKUPS))
