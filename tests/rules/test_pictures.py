"""The pictures of the signals' measurements are those of the tables beside them."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from benches.signals import plots

TEXT = plots.DOCUMENT.read_text(encoding="utf-8")
DRAWN = plots.drawn(TEXT)


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_what_its_table_says_and_the_document_describes_it(name: str) -> None:
    assert (plots.FOLDER / name).read_text(encoding="utf-8") == DRAWN[name], "python -m benches.signals.plots"
    ElementTree.fromstring(DRAWN[name])
    described = re.search(rf"!\[([^\]]+)\]\({re.escape(name)}\)", TEXT)
    assert described
    assert len(described.group(1)) > 80


def test_another_figure_gives_another_picture() -> None:
    changed = plots.drawn(re.sub(r"\| 1 \| 10 \| 0\.\d+ \|", "| 1 | 10 | 0.250 |", TEXT))

    assert changed["signals-false-alarms.svg"] != DRAWN["signals-false-alarms.svg"]
    assert changed["signals-seen.svg"] == DRAWN["signals-seen.svg"]


def test_the_interval_of_a_share_holds_it() -> None:
    low, high = plots.wilson(20, 158)

    assert low == pytest.approx(0.0835, abs=0.001)
    assert high == pytest.approx(0.1878, abs=0.001)
