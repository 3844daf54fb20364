"""
The other two scales of the Copenhagen Burnout Inventory, personal and client-related: six items each. Scoring only.

Kristensen, Borritz, Villadsen and Christensen, Work & Stress 2005;19:192-207. With the work-related scale they are the
whole inventory of 19 items; there is no total over them. Their wording was not read anywhere but in the journal, whose
publisher forbids redistribution of the article; so it is not here.
"""

from types import MappingProxyType
from typing import Final

from callroom.core.instruments.cbi_work import BANDS, BANDS_SOURCE, CBI_WORK
from callroom.core.instruments.definitions import (
    AnswerSet,
    Direction,
    Instrument,
    Item,
    Method,
    MissingRule,
    Wording,
    both,
)

POINTS: Final = AnswerSet(id="cbi-points", values=(100, 75, 50, 25, 0), labels=MappingProxyType({}))
ITEMS_EACH: Final = 6
NOT_READ: Final = "Scoring only. The items' wording was read in the journal alone, which may not be copied."


def _scale(scale: str, english: str, spanish: str) -> Instrument:
    return Instrument(
        id=f"cbi-{scale}",
        version=CBI_WORK.version,
        name=both(
            f"Copenhagen Burnout Inventory, {english} (CBI)", f"Inventario de desgaste de Copenhague, {spanish} (CBI)"
        ),
        items=tuple(
            Item(id=f"cbi-{scale}{number}", answers=POINTS, texts=MappingProxyType({}))
            for number in range(1, ITEMS_EACH + 1)
        ),
        method=Method.MEAN,
        direction=Direction.HIGHER_IS_WORSE,
        missing=MissingRule(
            answered_at_least=3,
            source="Kristensen 2005: no score when fewer than half of the items are answered, otherwise the mean of "
            "those answered. To be confirmed by a person against the paper.",
        ),
        bands=BANDS,
        bands_source=BANDS_SOURCE,
        cut_offs=(),
        licence_tier=CBI_WORK.licence_tier,
        licence=CBI_WORK.licence,
        reference=CBI_WORK.reference,
        recall=MappingProxyType({}),
        wordings=(
            Wording(language="en", shipped=False, source="Kristensen 2005", note=NOT_READ),
            Wording(language="es", shipped=False, source="Molinero Ruiz 2013", note=NOT_READ),
        ),
        notes=("Answers as their points: 100 for the answer that is worst, 0 for the best; no item is reversed.",),
    )


CBI_PERSONAL: Final = _scale("personal", "personal", "personal")
CBI_CLIENT: Final = _scale("client", "client-related", "relacionado con los usuarios")
