"""
The leaf plan as every wave sheet prints it: what it was made of, and what came out, so that anybody can repeat it.

Source: PROTOCOL.md sections 1 and 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from callroom.core.anonymity.canonical import Encodable
from callroom.core.disclosure.leaf_plan import BadPlan, Leaf, PlanUnit, make_plan
from callroom.core.disclosure.rates import BadRate, Rates

_PLAN = frozenset({"academic_year", "units", "rates", "leaves"})
_CHANGE = frozenset({"after", "added"})
_UNIT = frozenset({"id", "parent", "kind", "eligible"})
_LEAF = frozenset({"leaf", "units", "weeks"})


@dataclass(frozen=True, slots=True)
class PlanChange:
    """A change within the year: the week after which it took effect, and the units that came to have people since."""

    after: int
    added: tuple[PlanUnit, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """
    The plan of one academic year.

    ``academic_year``: its first day as set; ``units``: the whole tree with eligible people on the day of the plan;
    ``rates``: by unit, only where something is known; ``leaves``: who is counted with whom now; ``changes``: what
    happened to them since the year began, in order (``core.disclosure.plan_changes``).
    """

    academic_year: date
    units: tuple[PlanUnit, ...]
    rates: Mapping[str, Rates]
    leaves: tuple[Leaf, ...]
    changes: tuple[PlanChange, ...] = ()

    @classmethod
    def of(cls, academic_year: date, units: tuple[PlanUnit, ...], rates: Mapping[str, Rates]) -> Plan:
        """
        Return the plan that follows from units and rates, both in the order of their ids.

        :raises BadPlan: if the units are not a tree, people are counted where nobody can be, or a rate has no unit
        """
        ordered = tuple(sorted(units, key=lambda unit: unit.id))
        strangers = set(rates) - {unit.id for unit in ordered}
        if strangers:
            raise BadPlan(f"there are rates of {', '.join(sorted(strangers))}, but no such unit")
        known = {unit: rates[unit] for unit in sorted(rates) if rates[unit].to_payload()}
        return cls(academic_year, ordered, known, make_plan(ordered, known))

    @property
    def all_units(self) -> tuple[PlanUnit, ...]:
        """Return the units of the plan and those that were added since, each once, as it was last given."""
        units = {unit.id: unit for unit in self.units}
        units |= {unit.id: unit for change in self.changes for unit in change.added}
        return tuple(units[unit] for unit in sorted(units))

    def leaves_of(self, weeks: int) -> tuple[Leaf, ...]:
        """Return the leaves that have waves of this length in weeks."""
        return tuple(leaf for leaf in self.leaves if leaf.weeks == weeks)

    def to_payload(self) -> dict[str, Encodable]:
        """Return the plan as it stands in a wave sheet; changes only where there are some."""
        payload: dict[str, Encodable] = {
            "academic_year": self.academic_year.isoformat(),
            "units": _units_payload(self.units),
            "rates": {unit: rates.to_payload() for unit, rates in self.rates.items()},
            "leaves": [{"leaf": leaf.id, "units": list(leaf.units), "weeks": leaf.weeks} for leaf in self.leaves],
        }
        if self.changes:
            payload["changes"] = [
                {"after": change.after, "added": _units_payload(change.added)} for change in self.changes
            ]
        return payload

    @classmethod
    def from_payload(cls, payload: object) -> Plan:
        """
        Return the plan in a wave sheet, as it is printed; whether it follows is for ``plan_changes.in_week`` to say.

        :raises BadPlan: if a field is missing, unknown or of another type
        """
        has_changes = isinstance(payload, Mapping) and "changes" in payload
        fields = _fields(payload, _PLAN | {"changes"} if has_changes else _PLAN)
        rates = fields["rates"]
        if not isinstance(rates, Mapping):
            raise BadPlan("rates are given by unit")
        try:
            academic_year = date.fromisoformat(_text(fields["academic_year"]))
            by_unit = {str(unit): Rates.from_payload(value) for unit, value in rates.items()}
        except BadRate as error:
            raise BadPlan(str(error)) from error
        except ValueError as error:
            raise BadPlan("the academic year has no first day") from error
        units = tuple(_unit(value) for value in _entries(fields["units"]))
        leaves = tuple(_leaf(value) for value in _entries(fields["leaves"]))
        changes = tuple(_change(value) for value in _entries(fields["changes"])) if has_changes else ()
        return cls(academic_year, units, by_unit, leaves, changes)


def _units_payload(units: Iterable[PlanUnit]) -> list[Encodable]:
    return [{"id": unit.id, "parent": unit.parent, "kind": unit.kind, "eligible": unit.eligible} for unit in units]


def _change(payload: object) -> PlanChange:
    fields = _fields(payload, _CHANGE)
    return PlanChange(_whole(fields["after"]), tuple(_unit(value) for value in _entries(fields["added"])))


def _unit(payload: object) -> PlanUnit:
    fields = _fields(payload, _UNIT)
    parent = None if fields["parent"] is None else _text(fields["parent"])
    return PlanUnit(_text(fields["id"]), parent, _text(fields["kind"]), _whole(fields["eligible"]))


def _leaf(payload: object) -> Leaf:
    fields = _fields(payload, _LEAF)
    units = tuple(_text(unit) for unit in _entries(fields["units"]))
    return Leaf(_text(fields["leaf"]), units, _whole(fields["weeks"]))


def _fields(payload: object, names: frozenset[str]) -> Mapping[str, object]:
    if not isinstance(payload, Mapping) or set(payload) != names:
        raise BadPlan(f"a part of the plan does not have exactly {', '.join(sorted(names))}")
    return cast("Mapping[str, object]", payload)


def _entries(value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise BadPlan("a part of the plan is no list")
    return list(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadPlan(f"{value!r} is no text")
    return value


def _whole(value: object) -> int:
    if type(value) is not int:
        raise BadPlan(f"{value!r} is no whole number")
    return value
