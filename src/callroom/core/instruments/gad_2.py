"""GAD-2: the first two items of the GAD-7, 0 to 6; a first question, after which the longer form is offered."""

from fractions import Fraction
from typing import Final

from callroom.core.instruments.definitions import Band, CutOff, Direction, Instrument, Method, MissingRule, Tier, both
from callroom.core.instruments.gad_7 import ITEMS, RECALL, WORDINGS
from callroom.core.instruments.phq_9 import LICENCE, MANUAL

GAD_2: Final = Instrument(
    id="gad-2",
    version="2007",
    name=both("Generalized Anxiety Disorder, 2 items (GAD-2)", "Escala de ansiedad generalizada (GAD-2)"),
    items=ITEMS[:2],
    method=Method.SUM,
    direction=Direction.HIGHER_IS_WORSE,
    missing=MissingRule(answered_at_least=2, source="As GAD-7: a total only from complete answers."),
    bands=(
        Band("below-cut-off", Fraction(0), Fraction(2), both("below the usual cut-off", "debajo del corte usual")),
        Band("cut-off-reached", Fraction(3), Fraction(6), both("usual cut-off reached", "alcanza el corte usual")),
    ),
    bands_source=f"{MANUAL}, p. 6: cutpoint 3; the bands' names are Callroom's",
    cut_offs=(CutOff(at_least=3, meaning="an anxiety disorder", source=f"{MANUAL}, pp. 2 and 6"),),
    licence_tier=Tier.VERBATIM,
    licence=LICENCE,
    reference="Kroenke K, Spitzer RL, Williams JBW, Monahan PO, Löwe B. Ann Intern Med 2007;146:317-325",
    recall=RECALL,
    wordings=WORDINGS,
)
