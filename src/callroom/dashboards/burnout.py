"""
The quarterly burnout scale as it is shown: from 0 to 100, higher is worse, and never without what it is compared with.

Published figures are tenths on a scale from 0 to 10; for this scale they are its points from 0 to 100. Whoever reads a
benchmark reads its definition: a share of people above a score is no mean.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import get_language, gettext

from callroom.core.instruments import scale
from callroom.core.instruments.cbi_work import CBI_WORK_GMC
from callroom.core.instruments.definitions import Benchmark
from callroom.pulse.aggregates import Figure

SCALE: Final = scale.SCALE.id


def definition() -> str:
    """Return what the number is."""
    low = {band.code: int(band.lowest) for band in scale.SCALE.bands}
    return gettext(
        "The seven work-related questions of the Copenhagen Burnout Inventory: each person's score is the mean of what was "
        "answered, this number the mean over people. 0 is least and 100 most worn out by work: higher is worse. For one "
        "person's score %(moderate)d is called moderate and %(high)d high; a mean over many has no such names."
    ) % {"moderate": low["moderate"], "high": low["high"]}


def benchmarks() -> tuple[str, ...]:
    """Return the newest benchmark of each definition, the definition beside it."""
    newest: dict[str, Benchmark] = {}
    for known in CBI_WORK_GMC.benchmarks:
        earlier = newest.get(known.counted["en"])
        if earlier is None or known.year > earlier.year:
            newest[known.counted["en"]] = known
    language = (get_language() or "en")[:2]
    return tuple(
        gettext("General Medical Council, %(population)s, %(year)d: %(percent)d %%. This is %(counted)s.")
        % {
            "population": known.population[language],
            "year": known.year,
            "percent": known.percent,
            "counted": known.counted[language],
        }
        for known in newest.values()
    )


def for_machines() -> str:
    """Return the definition of the number and of its benchmarks as a file carries them: the same in both languages."""
    shares = (f"{known.year}: {known.percent} % = {known.counted['en']}" for known in CBI_WORK_GMC.benchmarks)
    return (
        f"{SCALE} {scale.SCALE.version}: mean over people of the mean of the items answered, 0 to 100, "
        f"{scale.SCALE.direction}. GMC, {CBI_WORK_GMC.benchmarks[0].population['en']}, shares of people and no means: "
        + "; ".join(shares)
    )


def column_head() -> str:
    """Return the head of the table's column."""
    return gettext("Burnout scale (0 to 100, higher is worse)")


def caption() -> str:
    """Return what stands above a table that has the column."""
    return " ".join((gettext("Burnout scale from 0 to 100, higher is worse; a benchmark elsewhere:"), *benchmarks()))


def figure_words(figure: Figure | None) -> str:
    """Return "43 (23 to 63)", or that too few answered."""
    if figure is None:
        return gettext("too few")
    return gettext("%(mean)d (%(low)d to %(high)d)") % {"mean": figure.mean, "low": figure.low, "high": figure.high}
