"""The instruments' reference page, written from their definitions."""

from collections.abc import Iterator

from callroom.core.instruments import registry
from callroom.core.instruments.definitions import Band, Instrument
from callroom.core.instruments.scoring import as_text


def page() -> str:
    """Return the page in Markdown: every instrument with the source of each claim."""
    lines = ["# Instruments", "", "| instrument | version | items | wording | licence tier |", "|---|---|---|---|---|"]
    for instrument in registry.all_instruments():
        wording = ", ".join(sorted(instrument.languages)) or "scoring only"
        tier = instrument.licence_tier
        lines.append(f"| {instrument.id} | {instrument.version} | {len(instrument.items)} | {wording} | {tier} |")
    for instrument in registry.all_instruments():
        lines += ["", *_section(instrument)]
    return "\n".join([*lines, ""])


def _section(instrument: Instrument) -> Iterator[str]:
    ends = f"{as_text(instrument.lowest())} to {as_text(instrument.highest())}"
    needed = instrument.missing.answered_at_least
    yield f"## {instrument.id}: {instrument.name['en']}"
    yield ""
    yield f"- Score: {instrument.method} of {len(instrument.items)} items, {ends}; {instrument.direction}."
    turned = ", ".join(item.id for item in instrument.items if item.reversed)
    if turned:
        yield f"- Reversed: {turned}."
    yield f"- Missing answers: a score from {needed} answered items on. {instrument.missing.source}"
    yield f"- Bands: {'; '.join(_band(band) for band in instrument.bands)}. Source: {instrument.bands_source}."
    for cut_off in instrument.cut_offs:
        accuracy = f" (sensitivity {cut_off.sensitivity} %, specificity {cut_off.specificity} %)"
        shown = accuracy if cut_off.sensitivity else ""
        yield f"- Cut-off {cut_off.at_least} or more: {cut_off.meaning}{shown}. Source: {cut_off.source}."
    for known in instrument.benchmarks:
        yield f"- Benchmark, {known.population['en']}, {known.year}: {known.percent} %, {known.counted['en']}. Source: {known.source}."
    for wording in instrument.wordings:
        shipped = "ships" if wording.shipped else "does not ship"
        yield f"- Wording in {wording.language} {shipped}: {wording.source}. {wording.note}".rstrip()
    yield f"- Licence: {instrument.licence}"
    yield f"- Reference: {instrument.reference}."
    for note in instrument.notes:
        yield f"- {note}"


def _band(band: Band) -> str:
    low, high = as_text(band.lowest), as_text(band.highest)
    if low == high:
        return f"{band.code} {low}"
    start = low if band.lowest_included else f"over {low}"
    end = high if band.highest_included else f"under {high}"
    return f"{band.code} {start} to {end}"
