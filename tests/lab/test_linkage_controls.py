"""Each usual way to build a survey must be broken by the attackers, and no longer when its fault is taken away."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from lab.linkage.controls import CONTROLS, Control
from lab.linkage.visits import a_week, truth_of

from callroom.core.anonymity import linkage


def by_name(control: Control) -> str:
    return control.name


@pytest.mark.parametrize("control", CONTROLS, ids=by_name)
def test_the_attackers_break_what_is_built_the_usual_way(control: Control, tmp_path: Path) -> None:
    chance = Random(11)

    found = control.attacked(tmp_path / "store", a_week(chance, groups=6, people=12), chance)

    assert found.share >= control.least
    assert found.z > 10


@pytest.mark.parametrize("control", CONTROLS, ids=by_name)
def test_without_the_order_of_people_the_same_files_tell_nothing(control: Control, tmp_path: Path) -> None:
    chance = Random(12)
    visits = a_week(chance, groups=30, people=12)
    (tmp_path / "store").mkdir()
    control.fill(tmp_path / "store", visits, chance)
    people, answers = control.traces(tmp_path / "store")
    blind = [linkage.Trace(trace.group, trace.thing, None) for trace in people]

    found = linkage.score(linkage.join(blind, answers, chance.shuffle), truth_of(visits))

    assert found.within(3)
