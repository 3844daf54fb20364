"""
A plan over real units: 43 companies in 16 battalions, 1 to 37 people each (../shared/data/multilevel_univbct.csv).

``pytest -s`` prints which companies stand alone, which are counted together, how often, and why.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

import pytest

from callroom.core.disclosure.leaf_plan import Leaf, PlanUnit, make_plan
from callroom.core.disclosure.plan_reasons import PlanReason, Shortfall, Why, explain

ROWS = Path(__file__).parents[4] / "shared" / "data" / "multilevel_univbct.csv"

pytestmark = pytest.mark.skipif(not ROWS.exists(), reason="the data folder ../shared/data is not beside the repository")


@pytest.fixture(scope="module")
def units() -> list[PlanUnit]:
    """Return brigade, battalions and companies; a company's people are those who appear in it at any time."""
    with ROWS.open(encoding="utf-8", newline="") as file:
        people = {(row["BTN"], row["COMPANY"], row["SUBNUM"]) for row in csv.DictReader(file)}
    sizes = Counter((battalion, company) for battalion, company, _ in people)
    battalions = sorted({battalion for battalion, _ in sizes})
    return [
        PlanUnit("brigade", None, "institution", 0),
        *(PlanUnit(battalion, "brigade", "department", 0) for battalion in battalions),
        *(PlanUnit(f"{b}-{c.lower()}", b, "programme", count) for (b, c), count in sorted(sizes.items())),
    ]


@pytest.fixture(scope="module")
def leaves(units) -> tuple[Leaf, ...]:
    return make_plan(units, {})


@pytest.fixture(scope="module")
def reasons(units, leaves) -> dict[str, PlanReason]:
    return explain(units, {}, leaves)


def said(reason: PlanReason) -> str:
    """Return one line about one company."""
    assert reason.leaf is not None
    how_often = {1: "every week", 2: "every 2 weeks", 4: "every 4 weeks"}[reason.leaf.weeks]
    where = f"with {', '.join(reason.joined_with)}" if reason.joined_with else "alone"
    why = {
        Why.ALONE: "",
        Why.TOO_FEW_PEOPLE: f"{reason.eligible} people; a figure of its own takes {reason.needed.eligible}",
        Why.TOO_FEW_EXPECTED: f"{reason.expected_tenths / 10} answers expected; it takes {reason.needed.expected}",
        Why.TAKES_IN: "takes in the last one left",
        Why.NOBODY: "nobody",
    }[reason.why]
    needs = reason.shorter_needs
    slower = {
        None: "",
        Shortfall.PEOPLE: f"not more often: {reason.leaf_eligible} people, it takes {needs.eligible if needs else 0}",
        Shortfall.EXPECTED: f"not more often: fewer than {needs.expected if needs else 0} answers expected",
    }[reason.shorter]
    return f"{reason.unit:10} {reason.eligible:3} people  {how_often:13}  {where}  {'; '.join(filter(None, (why, slower)))}"


def test_the_plan_is_printed(leaves, reasons):
    lines = [said(reason) for reason in reasons.values()]
    sys.stdout.write("\n".join(["", f"{len(leaves)} leaves of {len(lines)} companies", *lines, ""]))

    assert len(lines) == 43


def test_every_company_is_in_one_leaf(units, leaves):
    companies = {unit.id for unit in units if unit.eligible}

    assert Counter(unit for leaf in leaves for unit in leaf.units) == Counter(companies)
    assert sum(unit.eligible for unit in units) == 495


def test_companies_of_twelve_or_more_stand_alone_and_no_others(units, leaves):
    """At the rates for the unknown, 0.75 x 12 = 9 answers in four weeks are the least."""
    alone = {leaf.id for leaf in leaves if len(leaf.units) == 1}

    assert alone == {unit.id for unit in units if unit.eligible >= 12}
    assert len(alone) == 15


def test_companies_of_one_battalion_are_joined_first(reasons):
    """In battalion 299 c and hhc, the two smallest, stand together; b is left over and joins them; a stands alone."""
    assert reasons["299-c"].joined_with == ("299-b", "299-hhc")
    assert reasons["299-a"].joined_with == ()
    for battalion in ("1004", "704"):
        small = [reason for unit, reason in reasons.items() if unit.startswith(f"{battalion}-")]
        assert len({reason.leaf for reason in small}) == 1


def test_every_leaf_is_expected_to_have_a_figure(units, leaves):
    sizes = {unit.id: unit.eligible for unit in units}

    assert all(sum(sizes[unit] for unit in leaf.units) >= 12 for leaf in leaves)
    assert {leaf.weeks for leaf in leaves} == {1, 2, 4}
