"""
One act of an installation in a process of its own, as whichever user starts it: ``python -m tests.world.two_users ACT``.

What an act found it prints as JSON in its last line. The tests start acts as the web's and as the tally's user.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

RESIDENTS = 26
ANSWERING = 12
NEW = f"emergency-{RESIDENTS - 1:03}"
"""The one who has not said yes yet."""


def opens() -> Any:
    """Prepare, let people be there who said yes, announce a round and open it; one answers. Return what can be seen."""
    from callroom.consent import actions as consent
    from callroom.consent import jobs as consent_jobs
    from callroom.consent.states import Law
    from callroom.people.states import Role
    from callroom.pulse import jobs
    from callroom.site.preparation import prepare
    from tests.world.people import person_in, residents_in
    from tests.world.units import found_hospital
    from tests.world.waves import BEFORE, MONDAY

    prepare(now=BEFORE)
    hospital = found_hospital()
    fernando = person_in(hospital, "Fernando Ruiz", role=Role.COORDINATOR)
    residents = residents_in(hospital, "emergency", RESIDENTS)
    consent.begin_draft(by=fernando, law=Law.MEXICO, now=BEFORE)
    consent.save_draft(by=fernando, address="Calle 1", contact="datos@hospital.example", written={}, now=BEFORE)
    consent.publish(by=fernando, asks_again=False, reviewed_by="", now=BEFORE)
    consent.agree_beforehand(hospital, [person.pk for person in residents if person.external_id != NEW])
    for now in (BEFORE, MONDAY):
        jobs.tick(now)
        consent_jobs.tick(now)
    return {"answered": _answer(0, 1), **_seen()}


def prepares() -> Any:
    """Prepare, as each start does; return what can be seen."""
    from callroom.site.preparation import prepare
    from tests.world.waves import MONDAY

    prepare(now=MONDAY)
    return _seen()


def answers() -> Any:
    """Say yes, fetch tickets and answer through the real entry; return how each answer was taken, and what can be seen."""
    from callroom.consent import actions as consent
    from callroom.consent.states import Said
    from callroom.people.models import Person
    from callroom.setup.access import note_web_user
    from tests.world.waves import MONDAY

    note_web_user()
    consent.decide(by=Person.objects.get(external_id=NEW), said=Said.YES, now=MONDAY)
    return {"answered": _answer(RESIDENTS - ANSWERING + 1, RESIDENTS), **_seen()}


def looks() -> Any:
    """Return what can be seen."""
    return _seen()


def asks() -> Any:
    """Skip a week, which the tally signs; what may not be is refused in the same words. Return what came of both."""
    from callroom.kit import clock
    from callroom.people.models import Person
    from callroom.pulse.actions import endings
    from callroom.site import wsgi

    assert wsgi.application
    fernando, reason = Person.objects.get(external_id="fernando"), {"en": "A fair.", "es": "Una feria."}
    today = fernando.institution.day(clock.now())
    monday = today + timedelta(days=21 - today.weekday())
    endings.skip_week(by=fernando, monday=monday, reason=reason, now=clock.now())
    try:
        endings.skip_week(by=fernando, monday=monday - timedelta(weeks=52), reason=reason, now=clock.now())
    except endings.TooLateToSkip as error:
        return [monday.isoformat(), type(error).__name__]
    return None


def closes() -> Any:
    """Close the round and publish it; return what it released, and what is left of its keys."""
    from callroom.pulse import jobs
    from callroom.pulse.models import SkippedWeek, Wave
    from callroom.pulse.stores.wave_keys import WaveKeys
    from tests.world.waves import PUBLISHED, SUNDAY, WAVE, leaf_of

    jobs.tick(SUNDAY)
    jobs.tick(PUBLISHED)
    skipped = [week.monday.isoformat() for week in SkippedWeek.objects.all()]
    state, leaf = Wave.objects.get(pk=WAVE).state, leaf_of(WAVE, "emergency")
    return {"state": state, "n": leaf["n"], "keys": WaveKeys(WAVE).exist(), "skipped": skipped}


def _answer(first: int, end: int) -> list[int]:
    """Let these residents answer on Monday noon; return the revision of each answer that was acknowledged."""
    from callroom.kit import clock
    from callroom.people.models import Person
    from callroom.pulse.simulation import Reader, SimulatedResident, WsgiAddress
    from callroom.site.wsgi import application
    from tests.world.waves import FINE, MONDAY, WAVE

    clock.now = _noon_of(MONDAY)
    reader = Reader(WsgiAddress(application))
    people = Person.objects.filter(external_id__startswith="emergency").order_by("external_id")[first:end]
    return [SimulatedResident.of(person, reader).answer(WAVE, FINE) for person in people]


def _noon_of(monday: datetime) -> Callable[[], datetime]:
    return lambda: monday + timedelta(hours=6)


def _seen() -> dict[str, Any]:
    """Return the error with which each secret is opened (empty: it opens), where they lie, and the check's line."""
    from callroom.setup import checks
    from callroom.setup.access import secrets
    from callroom.setup.states import Topic
    from tests.world.waves import MONDAY

    line = next(finding for finding in checks.findings(now=MONDAY) if finding.topic == Topic.APART)
    return {
        "opens": {file.name: _tried(file) for file in secrets()},
        "files": {file.name: str(file) for file in secrets()},
        "check": [line.settled, line.warns, line.says],
    }


def _tried(file: Path) -> str:
    try:
        file.read_bytes()
    except OSError as error:
        return type(error).__name__
    return ""


ACTS: dict[str, Callable[[], Any]] = {
    "opens": opens,
    "prepares": prepares,
    "answers": answers,
    "looks": looks,
    "asks": asks,
    "closes": closes,
}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callroom.site.settings")
    import django

    from callroom.site.cli import prepare_folders

    prepare_folders()
    django.setup()
    sys.stdout.write(json.dumps(ACTS[sys.argv[1]]()) + "\n")
