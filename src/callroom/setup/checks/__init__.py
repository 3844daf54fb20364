"""
Is this installation safe to use? One small function a line; each looks, changes nothing, and returns a finding.

``callroom check`` prints the findings, ``/in/check/`` shows them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from callroom.people.queries import NoInstitution, current_institution
from callroom.setup import queries
from callroom.setup.checks import backups, care, machine, notices, parts, rounds, web
from callroom.setup.checks.finding import Finding, Look

Check = Callable[[Look], Finding]

CHECKS: Final[tuple[Check, ...]] = (
    machine.database,
    machine.worker,
    machine.disk,
    machine.clock,
    rounds.chain,
    parts.apart_from_each_other,
    web.https,
    web.policy,
    web.deploy,
    care.people,
    care.roster_of_the_night,
    notices.notice,
    care.schedule,
    care.commitments,
    care.council,
    care.lines,
    care.keys,
    care.mail,
    care.requests,
    care.retention,
    care.prompts,
    backups.backups,
)

__all__ = ["CHECKS", "Finding", "Look", "care", "findings", "look", "rounds"]


def look(*, now: datetime) -> Look:
    """Return what the checks look at; without an institution where there is none."""
    try:
        institution = current_institution()
    except NoInstitution:
        return Look(now, None, {})
    return Look(now, institution, queries.decisions(institution))


def findings(*, now: datetime) -> tuple[Finding, ...]:
    """Return what each check found, in their order."""
    at = look(now=now)
    return tuple(check(at) for check in CHECKS)
