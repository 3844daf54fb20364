"""The machine under the installation: databases, worker, disk, clock."""

from __future__ import annotations

import ctypes
import shutil
import sys
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from callroom.kit.database import ALIASES
from callroom.kit.wording import moment
from callroom.pulse import upgrades
from callroom.setup import queries
from callroom.setup.checks.finding import Finding, Look, confirmed, page_of, red, settled
from callroom.setup.states import Topic

WORKER_SEEN_WITHIN: Final = timedelta(minutes=3)
QUARTERLY: Final = timedelta(days=92)
FREE_BYTES: Final = 2 * 1024**3
"""A wave of 5,000 answers needs a hundredth of this; logs, an upgrade and a backup need the rest."""


def database(look: Look) -> Finding:
    """Are the three databases there, and do their tables fit this version?"""
    for alias in ALIASES:
        try:
            executor = MigrationExecutor(connections[alias])
            pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        except DatabaseError:
            return red(Topic.DATABASE, _("The database “%(name)s” does not answer.") % {"name": alias})
        if pending:
            return red(
                Topic.DATABASE,
                _("The database “%(name)s” has tables of an older version. Start Callroom again.") % {"name": alias},
            )
    stranded = upgrades.stranded_wave()
    if stranded and look.institution:
        closes = moment(stranded.closes_at, look.institution.zone)
        return red(
            Topic.DATABASE,
            _("This version cannot take the answers of the open round. Start the version from before until %(when)s.")
            % {"when": closes},
        )
    return settled(Topic.DATABASE, _("All three databases answer, and their tables fit this version."))


def worker(look: Look) -> Finding:
    """Does the worker do what is due every minute?"""
    seen = queries.worker_seen_at()
    if seen is None:
        return red(Topic.WORKER, _("The worker was never seen. It starts together with the pages: callroom serve."))
    if look.now - seen > WORKER_SEEN_WITHIN:
        minutes = int((look.now - seen).total_seconds() // 60)
        return red(
            Topic.WORKER,
            _("The worker was last seen %(count)d minutes ago. Without it no round opens or closes.")
            % {"count": minutes},
        )
    return settled(Topic.WORKER, _("The worker did its work in the last three minutes."))


def disk(look: Look) -> Finding:
    """Is there room for a round, a backup and an upgrade?"""
    free = min(shutil.disk_usage(folder).free for folder in (settings.DATA_DIR, settings.KEYS_DIR) if folder.exists())
    if free < FREE_BYTES:
        return red(Topic.DISK, _("Less than %(count)d GB are free. Make room.") % {"count": FREE_BYTES // 1024**3})
    return settled(Topic.DISK, _("There is room: more than %(count)d GB.") % {"count": FREE_BYTES // 1024**3})


def clock(look: Look) -> Finding:
    """
    Is the clock right? Rounds open, close and burn their keys by it.

    The kernel says whether a time service keeps it. Where it says no (or cannot say, as in some containers) somebody
    compares it with a watch, once a quarter.
    """
    if _kept_by_a_time_service():
        return settled(Topic.CLOCK, _("A time service keeps this machine's clock."))
    decision = look.decided(Topic.CLOCK, within=QUARTERLY)
    if decision:
        return settled(Topic.CLOCK, confirmed(decision), page_of(Topic.CLOCK))
    return red(
        Topic.CLOCK,
        _(
            "No time service keeps this machine's clock. Switch one on (chrony, systemd-timesyncd), or compare it with "
            "a watch."
        ),
        page_of(Topic.CLOCK),
    )


class _Timex(ctypes.Structure):
    # adjtimex(2): with no mode set it only reads. What follows the first field is larger nowhere.
    _fields_ = [("modes", ctypes.c_uint), ("rest", ctypes.c_char * 508)]


_NOT_SYNCHRONISED: Final = 5


def _kept_by_a_time_service() -> bool:
    if sys.platform != "linux":
        return False
    state = ctypes.CDLL(None).adjtimex(ctypes.byref(_Timex()))
    return 0 <= int(state) < _NOT_SYNCHRONISED
