"""The instruments that Callroom knows, by id."""

import re
from types import MappingProxyType
from typing import Final

from callroom.core.instruments.cbi_other import CBI_CLIENT, CBI_PERSONAL
from callroom.core.instruments.cbi_work import CBI_WORK, CBI_WORK_GMC
from callroom.core.instruments.definitions import Instrument
from callroom.core.instruments.epworth import EPWORTH
from callroom.core.instruments.gad_2 import GAD_2
from callroom.core.instruments.gad_7 import GAD_7
from callroom.core.instruments.phq_2 import PHQ_2
from callroom.core.instruments.phq_4 import PHQ_4
from callroom.core.instruments.phq_8 import PHQ_8
from callroom.core.instruments.phq_9 import PHQ_9

_ALL: Final = (PHQ_2, PHQ_4, PHQ_8, PHQ_9, GAD_2, GAD_7, CBI_PERSONAL, CBI_WORK, CBI_CLIENT, CBI_WORK_GMC, EPWORTH)


class UnknownInstrument(LookupError):
    """No instrument has this name."""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


_BY_NAME: Final = MappingProxyType({_plain(known.id): known for known in _ALL})


def all_instruments() -> tuple[Instrument, ...]:
    """Return every instrument, in the order of the reference page."""
    return _ALL


def get(name: str) -> Instrument:
    """
    Return the instrument of this name; capitals, hyphens and spaces do not matter (``PHQ9`` is ``phq-9``).

    :raises UnknownInstrument: when there is none
    """
    try:
        return _BY_NAME[_plain(name)]
    except KeyError:
        raise UnknownInstrument(name) from None
