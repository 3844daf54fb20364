"""
GAD-7: seven symptoms of anxiety over the last two weeks, 0 to 21.

Spitzer, Kroenke, Williams and Löwe, Arch Intern Med 2006;166:1092-1097.
"""

from fractions import Fraction
from types import MappingProxyType
from typing import Final

from callroom.core.instruments.answer_sets import PHQ_FREQUENCY
from callroom.core.instruments.definitions import (
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
from callroom.core.instruments.phq_9 import LICENCE, MANUAL

RECALL: Final = MappingProxyType(
    {"en": "Over the last 2 weeks, how often have you been bothered by the following problems?"}
)
WORDINGS: Final = (
    Wording(
        language="en",
        shipped=True,
        source="The developers' form, read in several public copies that agree word for word (among them the combined "
        "PHQ-9 and GAD-7 form at hamiltonfht.ca); the answers as the instruction manual, p. 6, prints them",
    ),
    Wording(
        language="es",
        shipped=False,
        source="Seen and not used: the form given to Mexican medical students (github.com/jclopeztavera/"
        "medstudents-depression at 654cbb39, docs/Cuestionario final español - Google Forms.pdf)",
        note="Scoring only. That form's answers differ from the developers' Spanish, whose form for Mexico could not "
        "be read at its source. An institution installs the wording that it has checked.",
    ),
)


def _item(number: int, text: str) -> Item:
    return Item(id=f"gad{number}", answers=PHQ_FREQUENCY, texts=MappingProxyType({"en": text}))


ITEMS: Final = (
    _item(1, "Feeling nervous, anxious or on edge"),
    _item(2, "Not being able to stop or control worrying"),
    _item(3, "Worrying too much about different things"),
    _item(4, "Trouble relaxing"),
    _item(5, "Being so restless that it is hard to sit still"),
    _item(6, "Becoming easily annoyed or irritable"),
    _item(7, "Feeling afraid as if something awful might happen"),
)

GAD_7: Final = Instrument(
    id="gad-7",
    version="2006",
    name=both("Generalized Anxiety Disorder, 7 items (GAD-7)", "Escala de ansiedad generalizada (GAD-7)"),
    items=ITEMS,
    method=Method.SUM,
    direction=Direction.HIGHER_IS_WORSE,
    missing=MissingRule(answered_at_least=7, source="As PHQ-9: a total only from complete answers."),
    bands=(
        Band("minimal", Fraction(0), Fraction(4), both("minimal", "mínima")),
        Band("mild", Fraction(5), Fraction(9), both("mild", "leve")),
        Band("moderate", Fraction(10), Fraction(14), both("moderate", "moderada")),
        Band("severe", Fraction(15), Fraction(21), both("severe", "grave")),
    ),
    bands_source=f"{MANUAL}, p. 6: cutpoints 5, 10 and 15; the bands' Spanish names are Callroom's",
    cut_offs=(
        CutOff(
            at_least=10,
            meaning="generalised anxiety disorder, US primary care, n = 2,740",
            source="Spitzer 2006, Arch Intern Med 166:1092-1097",
            sensitivity="89",
            specificity="82",
        ),
    ),
    licence_tier=Tier.VERBATIM,
    licence=LICENCE,
    reference="Spitzer RL, Kroenke K, Williams JBW, Löwe B. Arch Intern Med 2006;166:1092-1097",
    recall=RECALL,
    wordings=WORDINGS,
    notes=('The answer scored 0 is "Not at all"; many papers print "Not at all sure", a known error.',),
)
