"""
Copenhagen Burnout Inventory, work-related scale: seven items, a mean of 0 to 100.

Kristensen, Borritz, Villadsen and Christensen, Work & Stress 2005;19:192-207. Data files carry the answers' points as
Kristensen gives them: "Always" and "To a very high degree" are 100 for every item, also for the one that is reversed.

Two readings of the same answers, never to be mixed: Kristensen's, in which 100 is worst, and the one that the General
Medical Council (UK) publishes each year, in which 0 is worst.
"""

from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from callroom.core.instruments.definitions import (
    AnswerSet,
    Band,
    Benchmark,
    Direction,
    Instrument,
    Item,
    Method,
    MissingRule,
    Tier,
    Wording,
    both,
)

GMC_PAGE: Final = "gmc-uk.org, education data reporting tool help, burnout report"

DEGREE: Final = AnswerSet(
    id="cbi-degree",
    values=(100, 75, 50, 25, 0),
    labels=MappingProxyType(
        {
            "en": (
                "To a very high degree",
                "To a high degree",
                "Somewhat",
                "To a low degree",
                "To a very low degree",
            )
        }
    ),
)
FREQUENCY: Final = AnswerSet(
    id="cbi-frequency",
    values=(100, 75, 50, 25, 0),
    labels=MappingProxyType({"en": ("Always", "Often", "Sometimes", "Seldom", "Never")}),
)


def _item(number: int, answers: AnswerSet, text: str, *, turned: bool = False) -> Item:
    return Item(id=f"cbi{number}", answers=answers, texts=MappingProxyType({"en": text}), reversed=turned)


ITEMS: Final = (
    _item(1, DEGREE, "Is your work emotionally exhausting?"),
    _item(2, DEGREE, "Do you feel burnt out because of your work?"),
    _item(3, DEGREE, "Does your work frustrate you?"),
    _item(4, FREQUENCY, "Do you feel worn out at the end of the working day?"),
    _item(5, FREQUENCY, "Are you exhausted in the morning at the thought of another day at work?"),
    _item(6, FREQUENCY, "Do you feel that every working hour is tiring for you?"),
    _item(7, FREQUENCY, "Do you have enough energy for family and friends during leisure time?", turned=True),
)

BANDS: Final = (
    Band("low", Fraction(0), Fraction(50), both("no or low", "nulo o bajo"), highest_included=False),
    Band("moderate", Fraction(50), Fraction(75), both("moderate", "moderado"), highest_included=False),
    Band("high", Fraction(75), Fraction(100), both("high", "alto"), highest_included=False),
    Band("severe", Fraction(100), Fraction(100), both("severe", "grave")),
)
BANDS_SOURCE: Final = (
    "Usual reading of Kristensen 2005; 50 and 75 agree with the mirrored scale on the GMC's page; 100 to be "
    "confirmed by a person. The bands' Spanish names are Callroom's."
)

CBI_WORK: Final = Instrument(
    id="cbi-work",
    version="2005",
    name=both(
        "Copenhagen Burnout Inventory, work-related (CBI)",
        "Inventario de desgaste de Copenhague, relacionado con el trabajo (CBI)",
    ),
    items=ITEMS,
    method=Method.MEAN,
    direction=Direction.HIGHER_IS_WORSE,
    missing=MissingRule(
        answered_at_least=4,
        source="Kristensen 2005: no score when fewer than half of the items are answered, otherwise the mean of those "
        "answered. To be confirmed by a person against the paper.",
    ),
    bands=BANDS,
    bands_source=BANDS_SOURCE,
    cut_offs=(),
    licence_tier=Tier.VERBATIM,
    licence='Public domain ("de dominio público": Molinero Ruiz 2013, Rev Esp Salud Publica 87(2):165-179, abstract). '
    "The wording is not taken from the journal, whose publisher forbids redistribution of the article.",
    reference="Kristensen TS, Borritz M, Villadsen E, Christensen KB. Work & Stress 2005;19:192-207",
    recall=MappingProxyType({}),
    wordings=(
        Wording(
            language="en",
            shipped=True,
            source=GMC_PAGE,
            note="As asked of UK trainees each year; others print the last frequency answer as Never/almost never.",
        ),
        Wording(
            language="es",
            shipped=False,
            source="Validated in Spain: Molinero Ruiz 2013, doi 10.4321/S1135-57272013000200006",
            note="Scoring only. The items' Spanish wording could not be read there; no Mexican validation was found.",
        ),
    ),
    notes=("The fraction of a group above a cut-off has no meaning without the direction and the cut-off beside it.",),
)

_UK_TRAINEES: Final = both("trainees in the United Kingdom", "residentes del Reino Unido")
_HIGH_RISK: Final = both(
    "the share of people at high risk: 25 or less on the GMC's scale, which is 75 or more where 100 is worst",
    "la proporción de personas con riesgo alto: 25 o menos en la escala del GMC, que es 75 o más donde 100 es lo peor",
)
_MODERATE_OR_HIGH: Final = both(
    "the share of people at moderate or high risk: 50 or less on the GMC's scale, which is 50 or more where 100 is worst",
    "la proporción de personas con riesgo moderado o alto: 50 o menos en la escala del GMC, que es 50 o más donde 100 "
    "es lo peor",
)
_PRESS: Final = "the GMC's national training survey as reported by gponline.com and personneltoday.com"

CBI_WORK_GMC: Final = replace(
    CBI_WORK,
    id="cbi-work-gmc",
    version="2018",
    name=both(
        "Copenhagen Burnout Inventory, work-related, as the GMC reads it",
        "Inventario de desgaste de Copenhague, relacionado con el trabajo, en la lectura del GMC",
    ),
    direction=Direction.LOWER_IS_WORSE,
    mirrored=True,
    bands=(
        Band("high", Fraction(0), Fraction(25), both("high risk", "riesgo alto")),
        Band("moderate", Fraction(25), Fraction(50), both("moderate risk", "riesgo moderado"), lowest_included=False),
        Band("low", Fraction(50), Fraction(100), both("low risk", "riesgo bajo"), lowest_included=False),
    ),
    bands_source=f"{GMC_PAGE}, tables 1 and 2; the bands' Spanish names are Callroom's",
    notes=(
        "0 is worst. High here is 75 or more on the usual scale, moderate is 50 to under 75.",
        "The GMC removes groups of fewer than 3; Callroom's own rule is stricter.",
    ),
    benchmarks=tuple(
        Benchmark(year, percent, counted, _UK_TRAINEES, _PRESS)
        for counted, figures in (
            (_HIGH_RISK, ((2018, 10), (2022, 19), (2024, 21))),
            (_MODERATE_OR_HIGH, ((2020, 43), (2021, 56), (2022, 63), (2024, 63))),
        )
        for year, percent in figures
    ),
)
