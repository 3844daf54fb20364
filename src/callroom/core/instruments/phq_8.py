"""
PHQ-8: the PHQ-9 without its item on self-harm, 0 to 24, for settings in which nobody could answer that item in time.

Kroenke et al., J Affect Disord 2009;114:163-173.
"""

from typing import Final

from callroom.core.instruments.definitions import CutOff, Direction, Instrument, Method, MissingRule, Tier, both
from callroom.core.instruments.phq_9 import ITEMS, LICENCE, MANUAL, RECALL, WORDINGS, severity_bands

PHQ_8: Final = Instrument(
    id="phq-8",
    version="2009",
    name=both("Patient Health Questionnaire, 8 items (PHQ-8)", "Cuestionario sobre la salud del paciente (PHQ-8)"),
    items=ITEMS[:8],
    method=Method.SUM,
    direction=Direction.HIGHER_IS_WORSE,
    missing=MissingRule(answered_at_least=8, source="As PHQ-9: a total only from complete answers."),
    bands=severity_bands(24),
    bands_source=f"{MANUAL}, p. 6: cutpoints identical to the PHQ-9; the bands' Spanish names are Callroom's",
    cut_offs=(
        CutOff(
            at_least=10,
            meaning="major depression",
            source="Kroenke 2009, J Affect Disord 114:163-173",
            sensitivity="88",
            specificity="88",
        ),
    ),
    licence_tier=Tier.VERBATIM,
    licence=LICENCE,
    reference="Kroenke K, Strine TW, Spitzer RL, et al. J Affect Disord 2009;114:163-173",
    recall=RECALL,
    wordings=WORDINGS,
)
