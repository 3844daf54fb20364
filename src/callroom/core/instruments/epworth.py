"""
Epworth Sleepiness Scale: eight situations, 0 to 24. Scoring only.

Johns, Sleep 1991;14:540-545. Hospitals and universities pay a licence fee for the form, so its words are not here; an
institution that holds a licence installs them.
"""

from fractions import Fraction
from types import MappingProxyType
from typing import Final

from callroom.core.instruments.definitions import (
    AnswerSet,
    Band,
    CutOff,
    Direction,
    Instrument,
    Item,
    Method,
    MissingRule,
    Tier,
    Wording,
    both,
)

CHANCE: Final = AnswerSet(id="epworth-chance", values=(0, 1, 2, 3), labels=MappingProxyType({}))
NOT_SHIPPED: Final = "The owner asks a licence fee; the wording is installed by those who hold a licence."

EPWORTH: Final = Instrument(
    id="epworth",
    version="1997",
    name=both("Epworth Sleepiness Scale", "Escala de somnolencia de Epworth"),
    items=tuple(Item(id=f"epworth{number}", answers=CHANCE, texts=MappingProxyType({})) for number in range(1, 9)),
    method=Method.SUM,
    direction=Direction.HIGHER_IS_WORSE,
    missing=MissingRule(answered_at_least=8, source="A total only from complete answers."),
    bands=(
        Band("usual", Fraction(0), Fraction(10), both("usual", "habitual")),
        Band("above-usual", Fraction(11), Fraction(24), both("above usual", "arriba de lo habitual")),
    ),
    bands_source="Usual rule, more than 10, to be confirmed by a person; the bands' names are Callroom's",
    cut_offs=(
        CutOff(at_least=11, meaning="usual rule: more than 10", source="Johns 1991; to be confirmed by a person"),
        CutOff(
            at_least=10,
            meaning="the flag in the Mexican medical students' file",
            source="github.com/jclopeztavera/medstudents-depression at 654cbb39",
        ),
    ),
    licence_tier=Tier.SCORING_ONLY,
    licence=NOT_SHIPPED,
    reference="Johns MW. Sleep 1991;14:540-545",
    recall=MappingProxyType({}),
    wordings=(
        Wording(language="en", shipped=False, source="not read", note=NOT_SHIPPED),
        Wording(language="es", shipped=False, source="not read", note=NOT_SHIPPED),
    ),
)
