"""
What a wave sheet promises about publishing: the shape of its policy and of its leaf plan.

The floors are those of PROTOCOL, section 6; a sheet below them is refused by every reader. Whether the plan
follows from the published figures is recomputed by ``core.disclosure``.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, cast

from callroom.core.anonymity.canonical import Encodable, Json
from callroom.core.anonymity.fields import Fields, are_names, is_date, is_name, must

LEAST_MINIMUM: Final = 8
LEAST_NOISE_PERCENT: Final = 28
LENGTHS: Final = (1, 2, 4)
CHANGE_WEEKS: Final = (12, 24, 36)
"""Weeks of an academic year after which its plan may change."""


def check_policy(value: Mapping[str, Encodable]) -> None:
    """:raises SheetError: unless it has at least 8 answers, 28 % noise, and bands from the minimum up without gaps"""
    policy = Fields(_json(value), "version", "minimum", "noise_scale_percent", "bands")
    policy.number("version")
    must(policy.number("minimum") >= LEAST_MINIMUM, "policy", "figures from fewer than 8 answers")
    must(policy.number("noise_scale_percent") >= LEAST_NOISE_PERCENT, "policy", "too little noise")
    bands = [_band(band) for band in policy.entries("bands")]
    must(bands and bands[0][0] == policy.number("minimum"), "policy", "the bands do not begin at the minimum")
    must(bands[-1][1] is None, "policy", "the last band has an upper end")
    for (_, high), (low, _) in pairwise(bands):
        must(high is not None and low == high + 1, "policy", "a gap between bands")


def check_plan(value: Mapping[str, Encodable], leaves: Mapping[str, tuple[str, ...]], weeks: int) -> None:
    """
    Check the plan's shape, and that these leaves of a wave of ``weeks`` stand in it with the same units.

    :raises SheetError: with code "plan" or "fields"
    """
    plan = Fields(_json(value), "academic_year", "units", "rates", "leaves", optional=("changes",))
    must(is_date(plan.text("academic_year")), "plan", "the academic year has no first day")
    known = _units(plan.entries("units"), set())
    _check_rates(plan.members("rates"), known)
    if plan.has("changes"):
        known |= _added(plan.entries("changes"), known)
    planned = _leaves(plan.entries("leaves"), known)
    for leaf, units in leaves.items():
        must(planned.get(leaf) == (units, weeks), "plan", f"{leaf} is not in the plan")


def _band(value: Json) -> tuple[int, int | None]:
    must(isinstance(value, list) and len(value) == 2, "policy", "a band has two ends")
    low, high = cast("list[Json]", value)
    must(_is_number(low) and (high is None or _is_number(high)), "policy", "a band's ends are numbers")
    ends = cast("tuple[int, int | None]", (low, high))
    must(ends[1] is None or ends[0] <= ends[1], "policy", "a band ends before it begins")
    return ends


def _units(values: Sequence[Json], known: set[str]) -> set[str]:
    """Return the ids of these units; their parents are among them or known."""
    units = [Fields(value, "id", "parent", "kind", "eligible") for value in values]
    ids = [unit.text("id") for unit in units]
    must(len(set(ids)) == len(ids) and all(is_name(unit_id) for unit_id in ids), "plan", "a unit twice, or misnamed")
    for unit in units:
        unit.number("eligible")
        must(is_name(unit.text("kind")), "plan", "a unit without a kind")
        sound = unit.is_null("parent") or unit.text("parent") in (known | set(ids)) - {unit.text("id")}
        must(sound, "plan", f"the parent of {unit.text('id')} is unknown")
    return set(ids)


def _added(values: Sequence[Json], known: set[str]) -> set[str]:
    """Return the ids of the units that changes of the plan added, each after a later week than the one before."""
    must(values, "plan", "a list of changes without any")
    before, found = 0, set(known)
    for value in values:
        change = Fields(value, "after", "added")
        after = change.number("after")
        must(after in CHANGE_WEEKS and after > before, "plan", f"a change after week {after}")
        before = after
        found |= _units(change.entries("added"), found)
    return found


def _check_rates(rates: Mapping[str, Json], known: set[str]) -> None:
    for unit, by_length in rates.items():
        must(unit in known and isinstance(by_length, dict), "plan", f"rates of {unit}, which is unknown")
        for length, rate in cast("dict[str, Json]", by_length).items():
            sound = length in {str(weeks) for weeks in LENGTHS} and _is_rate(rate)
            must(sound, "plan", f"a rate of {unit} is no fraction")


def _leaves(values: Sequence[Json], known: set[str]) -> dict[str, tuple[tuple[str, ...], int]]:
    leaves: dict[str, tuple[tuple[str, ...], int]] = {}
    for value in values:
        fields = Fields(value, "leaf", "units", "weeks")
        leaf, units, weeks = fields.text("leaf"), fields.texts("units"), fields.number("weeks")
        must(is_name(leaf) and leaf not in leaves, "plan", f"leaf {leaf} twice, or misnamed")
        sound = are_names(units) and set(units) <= known and weeks in LENGTHS
        must(sound, "plan", f"leaf {leaf} has unknown units or length")
        leaves[leaf] = units, weeks
    _must_differ(unit for units, _ in leaves.values() for unit in units)
    return leaves


def _must_differ(units: Iterable[str]) -> None:
    all_units = list(units)
    must(len(set(all_units)) == len(all_units), "plan", "a unit in two leaves")


def _is_rate(rate: Json) -> bool:
    match rate:
        case [numerator, denominator]:
            return _is_number(numerator) and _is_number(denominator) and denominator != 0
    return False


def _is_number(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _json(value: Mapping[str, Encodable]) -> Json:
    """Return the value as decoding would give it, so that it is checked like one that was read."""
    return cast("Json", _plain(value))


def _plain(value: object) -> object:
    match value:
        case Mapping():
            return {key: _plain(entry) for key, entry in value.items()}
        case list() | tuple():
            return [_plain(entry) for entry in value]
    return value
