"""
The national lines as they ship: real numbers, each with where and when it was read.

They fill the table on installation and stand in for it whenever it cannot be read: the help page never comes up empty.
An institution confirms each number once a year (``callroom check`` reminds it).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from callroom.directory.states import LineKind, Place

READ_ON: Final = date(2026, 11, 22)
REVIEW_DUE_ON: Final = date(2027, 11, 22)

LIFELINE: Final = "988lifeline.org, What to expect; samhsa.gov, 988 frequently asked questions"
LINEA_DE_LA_VIDA: Final = "Comisión Nacional de Salud Mental y Adicciones, in El Universal, 24 December 2025"
LIFELINE_CHAT: Final = "https://988lifeline.org/"


@dataclass(frozen=True, slots=True)
class SeedLine:
    """One national line in one language. Its field names are those of ``models.CrisisLine``."""

    code: str
    language: str
    place: Place
    kind: LineKind
    position: int
    name: str
    detail: str
    number: str
    call_to: str
    source: str
    text_to: str = ""
    text_word: str = ""
    chat_address: str = ""
    reviewed_on: date = READ_ON
    review_due_on: date = REVIEW_DUE_ON


NATIONAL_LINES: Final = (
    SeedLine(
        code="mx-linea-de-la-vida",
        language="es",
        place=Place.MEXICO,
        kind=LineKind.CRISIS,
        position=1,
        name="Línea de la Vida",
        detail="Gratis, 24 horas, todos los días",
        number="800 911 2000",
        call_to="8009112000",
        source=LINEA_DE_LA_VIDA,
    ),
    SeedLine(
        code="mx-linea-de-la-vida",
        language="en",
        place=Place.MEXICO,
        kind=LineKind.CRISIS,
        position=1,
        name="Línea de la Vida",
        detail="Free, 24 hours, every day; answered in Spanish",
        number="800 911 2000",
        call_to="8009112000",
        source=LINEA_DE_LA_VIDA,
    ),
    SeedLine(
        code="mx-911",
        language="es",
        place=Place.MEXICO,
        kind=LineKind.EMERGENCY,
        position=2,
        name="Emergencias",
        detail="Si hay peligro inmediato",
        number="911",
        call_to="911",
        source="Secretaría de Gobernación, número único de emergencias, January 2017",
    ),
    SeedLine(
        code="mx-911",
        language="en",
        place=Place.MEXICO,
        kind=LineKind.EMERGENCY,
        position=2,
        name="Emergency",
        detail="If someone is in immediate danger",
        number="911",
        call_to="911",
        source="Secretaría de Gobernación, número único de emergencias, January 2017",
    ),
    SeedLine(
        code="us-988",
        language="en",
        place=Place.UNITED_STATES,
        kind=LineKind.CRISIS,
        position=1,
        name="988 Lifeline",
        detail="Call, text or chat; free, 24 hours, every day, also in Spanish",
        number="988",
        call_to="988",
        text_to="988",
        chat_address=LIFELINE_CHAT,
        source=LIFELINE,
    ),
    SeedLine(
        code="us-988",
        language="es",
        place=Place.UNITED_STATES,
        kind=LineKind.CRISIS,
        position=1,
        name="Línea 988",
        detail="Llamada (oprime 2 para español), mensaje o chat; gratis, 24 horas, todos los días",
        number="988",
        call_to="988",
        text_to="988",
        text_word="AYUDA",
        chat_address=LIFELINE_CHAT,
        source=LIFELINE,
    ),
    SeedLine(
        code="us-911",
        language="en",
        place=Place.UNITED_STATES,
        kind=LineKind.EMERGENCY,
        position=2,
        name="Emergency",
        detail="If someone is in immediate danger",
        number="911",
        call_to="911",
        source="Federal Communications Commission, 911 services",
    ),
    SeedLine(
        code="us-911",
        language="es",
        place=Place.UNITED_STATES,
        kind=LineKind.EMERGENCY,
        position=2,
        name="Emergencias",
        detail="Si hay peligro inmediato",
        number="911",
        call_to="911",
        source="Federal Communications Commission, 911 services",
    ),
)
