"""PHQ-4: GAD-2 and PHQ-2 together, 0 to 12. Its items come in the paper's order: anxiety first, then depression."""

from fractions import Fraction
from typing import Final

from callroom.core.instruments.definitions import (
    Band,
    CutOff,
    Direction,
    Instrument,
    Method,
    MissingRule,
    Tier,
    Wording,
    both,
)
from callroom.core.instruments.gad_7 import ITEMS as GAD_ITEMS
from callroom.core.instruments.phq_9 import ITEMS as PHQ_ITEMS
from callroom.core.instruments.phq_9 import LICENCE, MANUAL, RECALL

PHQ_4: Final = Instrument(
    id="phq-4",
    version="2009",
    name=both("Patient Health Questionnaire, 4 items (PHQ-4)", "Cuestionario sobre la salud del paciente (PHQ-4)"),
    items=(*GAD_ITEMS[:2], *PHQ_ITEMS[:2]),
    method=Method.SUM,
    direction=Direction.HIGHER_IS_WORSE,
    missing=MissingRule(answered_at_least=4, source="As PHQ-9: a total only from complete answers."),
    bands=(
        Band("minimal", Fraction(0), Fraction(2), both("none or minimal", "ninguno o mínimo")),
        Band("mild", Fraction(3), Fraction(5), both("mild", "leve")),
        Band("moderate", Fraction(6), Fraction(8), both("moderate", "moderado")),
        Band("severe", Fraction(9), Fraction(12), both("severe", "grave")),
    ),
    bands_source="Kroenke 2009, as given in the NINDS common data elements (report F2495); the bands' Spanish names are "
    "Callroom's",
    cut_offs=(
        CutOff(at_least=3, meaning="for the two items of either half, not for the total", source=f"{MANUAL}, p. 6"),
    ),
    licence_tier=Tier.VERBATIM,
    licence=LICENCE,
    reference="Kroenke K, Spitzer RL, Williams JBW, Löwe B. Psychosomatics 2009;50:613-621",
    recall=RECALL,
    wordings=(
        Wording(language="en", shipped=True, source="As PHQ-9 and GAD-7, whose items these are"),
        Wording(language="es", shipped=False, source="As PHQ-9 and GAD-7, whose items these are", note="Scoring only."),
    ),
)
