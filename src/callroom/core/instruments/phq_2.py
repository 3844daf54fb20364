"""PHQ-2: the first two items of the PHQ-9, 0 to 6; a first question, after which the longer form is offered."""

from fractions import Fraction
from typing import Final

from callroom.core.instruments.definitions import Band, CutOff, Direction, Instrument, Method, MissingRule, Tier, both
from callroom.core.instruments.phq_9 import ITEMS, LICENCE, MANUAL, RECALL, WORDINGS

PHQ_2: Final = Instrument(
    id="phq-2",
    version="2003",
    name=both("Patient Health Questionnaire, 2 items (PHQ-2)", "Cuestionario sobre la salud del paciente (PHQ-2)"),
    items=ITEMS[:2],
    method=Method.SUM,
    direction=Direction.HIGHER_IS_WORSE,
    missing=MissingRule(answered_at_least=2, source="As PHQ-9: a total only from complete answers."),
    bands=(
        Band("below-cut-off", Fraction(0), Fraction(2), both("below the usual cut-off", "debajo del corte usual")),
        Band("cut-off-reached", Fraction(3), Fraction(6), both("usual cut-off reached", "alcanza el corte usual")),
    ),
    bands_source=f"{MANUAL}, p. 6: cutpoint 3; the bands' names are Callroom's",
    cut_offs=(
        CutOff(
            at_least=3,
            meaning="major depression, Auckland primary care, n = 2,642",
            source="Arroll 2010, PMC2906530",
            sensitivity="61",
            specificity="92",
        ),
        CutOff(
            at_least=2,
            meaning="the same, missing fewer",
            source="Arroll 2010, PMC2906530",
            sensitivity="86",
            specificity="78",
        ),
    ),
    licence_tier=Tier.VERBATIM,
    licence=LICENCE,
    reference="Kroenke K, Spitzer RL, Williams JBW. Med Care 2003;41:1284-1292",
    recall=RECALL,
    wordings=WORDINGS,
)
