"""Generated answers, wards and trees for the tests of disclosure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from callroom.core.disclosure.leaf_plan import PlanUnit
from callroom.core.disclosure.rates import Rates
from callroom.core.disclosure.release import ItemAsked, LeafAsked

CORE = ("workload", "support", "voice")
ITEMS = tuple(ItemAsked(item, 5) for item in (*CORE, "learning-time"))
SEED = bytes(range(32))
WAVE = "pulse/2026-W47"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person sent."""

    worked: bool
    values: tuple[int | None, ...]


def said(*values: int | None) -> Answer:
    """Return the answer of somebody who worked."""
    return Answer(True, values)


DID_NOT_WORK = Answer(False, ())


def emergency(eligible: int = 20) -> LeafAsked:
    """Return the emergency department of two campuses."""
    return LeafAsked("em-north+em-south", ("em-north", "em-south"), {"en": "Emergency", "es": "Urgencias"}, eligible)


def values() -> st.SearchStrategy[int | None]:
    """Return an answer to one item, skipped now and then."""
    return st.one_of(st.integers(0, 4), st.none())


def answers() -> st.SearchStrategy[Answer]:
    """Return what one person may send."""
    worked = st.tuples(values(), values(), values(), values()).map(lambda given: Answer(True, given))
    return st.one_of(worked, worked, worked, st.just(DID_NOT_WORK))


def wards(most: int = 40) -> st.SearchStrategy[list[Answer]]:
    """Return what the people of one leaf send."""
    return st.lists(answers(), max_size=most)


def rates() -> st.SearchStrategy[Rates]:
    """Return response rates, known or not."""
    share = st.one_of(st.none(), st.integers(0, 20).map(lambda part: Fraction(part, 20)))
    return st.builds(Rates, share, share, share)


@st.composite
def trees(draw: st.DrawFn) -> list[PlanUnit]:
    """Return an institution with departments, some nested, and programmes, some with sites."""
    units = [PlanUnit("hospital", None, "institution", 0)]
    places = ["hospital"]
    for number in range(draw(st.integers(0, 4))):
        name = f"department-{number}"
        units.append(PlanUnit(name, draw(st.sampled_from(places)), "department", 0))
        places.append(name)
    for number in range(draw(st.integers(0, 14))):
        name = f"programme-{number:02d}"
        units.append(PlanUnit(name, draw(st.sampled_from(places)), "programme", draw(st.integers(0, 40))))
        if draw(st.integers(0, 5)) == 0:
            units.append(PlanUnit(f"site-{number:02d}", name, "site", draw(st.integers(0, 15))))
    return units


def counted(units: Sequence[PlanUnit]) -> dict[str, int]:
    """Return the units that people are counted in, with how many."""
    return {unit.id: unit.eligible for unit in units if unit.eligible}
