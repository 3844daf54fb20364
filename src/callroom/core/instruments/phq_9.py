"""
PHQ-9: nine symptoms of depression over the last two weeks, 0 to 27.

Kroenke, Spitzer and Williams, J Gen Intern Med 2001;16:606-613. Item 9 asks about thoughts of death or self-harm: the
questionnaire is used only where a person answers in time, and "Not at all" there never means that nobody is in danger.
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

LICENCE: Final = (
    "Developed by Drs. Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke and colleagues, with an educational grant "
    "from Pfizer Inc. No permission required to reproduce, translate, display or distribute."
)
MANUAL: Final = "Instruction Manual: Instructions for Patient Health Questionnaire (PHQ) and GAD-7 Measures"
RECALL: Final = MappingProxyType(
    {"en": "Over the last 2 weeks, how often have you been bothered by any of the following problems?"}
)
WORDINGS: Final = (
    Wording(
        language="en",
        shipped=True,
        source="The form itself (PHQ-9_English.pdf, footer as in the licence line) and the instruction manual, as kept "
        "in github.com/jclopeztavera/medstudents-depression at 654cbb39, docs/",
    ),
    Wording(
        language="es",
        shipped=False,
        source="Seen and not used: the form given to Mexican medical students (same repository, docs/Cuestionario "
        "final español - Google Forms.pdf)",
        note="Scoring only. That form has typing errors and its answers differ from the developers' Spanish; the "
        "developers' form for Mexico and the wording validated in Chiapas (Arrieta 2017, doi 10.1002/jclp.22390) could "
        "not be read at their source. An institution installs the wording that it has checked.",
    ),
)


def _item(number: int, text: str) -> Item:
    return Item(id=f"phq{number}", answers=PHQ_FREQUENCY, texts=MappingProxyType({"en": text}))


ITEMS: Final = (
    _item(1, "Little interest or pleasure in doing things"),
    _item(2, "Feeling down, depressed, or hopeless"),
    _item(3, "Trouble falling or staying asleep, or sleeping too much"),
    _item(4, "Feeling tired or having little energy"),
    _item(5, "Poor appetite or overeating"),
    _item(6, "Feeling bad about yourself — or that you are a failure or have let yourself or your family down"),
    _item(7, "Trouble concentrating on things, such as reading the newspaper or watching television"),
    _item(
        8,
        "Moving or speaking so slowly that other people could have noticed? Or the opposite — being so fidgety or "
        "restless that you have been moving around a lot more than usual",
    ),
    _item(9, "Thoughts that you would be better off dead or of hurting yourself in some way"),
)


def severity_bands(highest: int) -> tuple[Band, ...]:
    """Return the five bands that PHQ-9 and PHQ-8 share; ``highest`` is the top of the scale (27 or 24)."""
    edges = (
        ("minimal", 0, 4, "none or minimal", "ninguno o mínimo"),
        ("mild", 5, 9, "mild", "leve"),
        ("moderate", 10, 14, "moderate", "moderado"),
        ("moderately-severe", 15, 19, "moderately severe", "moderadamente grave"),
        ("severe", 20, highest, "severe", "grave"),
    )
    return tuple(Band(code, Fraction(low), Fraction(high), both(en, es)) for code, low, high, en, es in edges)


PHQ_9: Final = Instrument(
    id="phq-9",
    version="1999",
    name=both("Patient Health Questionnaire, 9 items (PHQ-9)", "Cuestionario sobre la salud del paciente (PHQ-9)"),
    items=ITEMS,
    method=Method.SUM,
    direction=Direction.HIGHER_IS_WORSE,
    missing=MissingRule(
        answered_at_least=9,
        source="A total only from complete answers, as CDC does (NHANES 2017-2018, DPQ_J documentation). Filling in up "
        "to two missing answers is common elsewhere and is not done here.",
    ),
    bands=severity_bands(27),
    bands_source=f"{MANUAL}, p. 5 and table 4; the bands' Spanish names are Callroom's",
    cut_offs=(
        CutOff(
            at_least=10,
            meaning="major depression, US primary care",
            source="Kroenke 2001, J Gen Intern Med 16:606-613",
            sensitivity="88",
            specificity="88",
        ),
        CutOff(
            at_least=10,
            meaning="major depression, Auckland primary care, n = 2,642",
            source="Arroll 2010, PMC2906530",
            sensitivity="74",
            specificity="91",
        ),
        CutOff(
            at_least=7,
            meaning="major depression, Chilean primary care, n = 1,738",
            source="Saldivia 2019, Rev Med Chile, doi 10.4067/S0034-98872019000100053",
        ),
    ),
    licence_tier=Tier.VERBATIM,
    licence=LICENCE,
    reference="Kroenke K, Spitzer RL, Williams JBW. J Gen Intern Med 2001;16:606-613",
    recall=RECALL,
    wordings=WORDINGS,
    safety_item="phq9",
    notes=("Use it only where someone answers item 9 in time; elsewhere use PHQ-8.",),
)
