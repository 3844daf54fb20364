"""What the demo's residents answer: a level for each unit, its wander, shared weeks, and one hidden decline.

Steps are 0-4 as in the questionnaire (0 = worst), 0-28 for the quarterly scale (28 = worst). The figures are chosen so that published means lie around 5-7 of 10 and
one unit falls by about 0.8 within-person standard deviations over six weeks, weeks before the present.
"""

from __future__ import annotations

import math
from random import Random  # a seeded generator, one for each person and week

from callroom.core.instruments import scale

DECLINING = "emergency"
DECLINE_BEGAN_WEEKS_AGO = 9
DECLINE_STEPS = 0.95
RAMP_WEEKS = 6
WITHIN_PERSON_SD = 0.9
OWN_LEVEL_SD = 0.5
SKIPS = 0.03
DID_NOT_WORK = 0.02
RESPONSE = {1: 0.62, 2: 0.74, 4: 0.82}
LEVELS = {"workload": 2.3, "support": 2.7, "voice": 2.5}
OTHER_LEVEL = 2.4
SCALE_SD = 4.5


def answers_in_wave(person: str, unit: str, wave: str, weeks: int, weeks_ago: int) -> bool:
    """Return whether this person answers this wave."""
    rate = RESPONSE[weeks] - (0.08 if unit == DECLINING and weeks_ago < DECLINE_BEGAN_WEEKS_AGO else 0.0)
    return _chance("comes", person, wave).random() < rate


def answer(person: str, unit: str, wave: str, items: tuple[str, ...], weeks_ago: int) -> dict[str, int | None] | None:
    """Return one person's steps by item (``None``: skipped), or ``None`` for "I did not work in the last 7 days"."""
    chance = _chance("answers", person, wave)
    if chance.random() < DID_NOT_WORK:
        return None
    own = _chance("level", person).gauss(0, OWN_LEVEL_SD)
    shared = _chance("week", wave.rsplit("/", 1)[-1]).gauss(0, 0.12) + 0.15 * math.sin(weeks_ago / 52 * 2 * math.pi)
    base = _chance("unit", unit).gauss(0, 0.35) + shared + own + _decline(unit, weeks_ago)
    return {item: None if chance.random() < SKIPS else _step(item, base, chance) for item in items}


def _step(item: str, base: float, chance: Random) -> int:
    level = LEVELS.get(item, OTHER_LEVEL) + base
    if item == scale.SCALE.id:
        # It runs the other way, and the mean of seven questions wanders less than one of them.
        strain = scale.STEPS * (4 - level) / 4 + chance.gauss(0, SCALE_SD)
        return max(0, min(scale.STEPS, round(strain)))
    return max(0, min(4, round(level + chance.gauss(0, WITHIN_PERSON_SD))))


def _decline(unit: str, weeks_ago: int) -> float:
    if unit != DECLINING:
        return 0.0
    since = DECLINE_BEGAN_WEEKS_AGO - weeks_ago
    return -DECLINE_STEPS * max(0.0, min(1.0, since / RAMP_WEEKS))


def _chance(*words: str) -> Random:
    return Random("/".join(("san-rafael", *words)))
