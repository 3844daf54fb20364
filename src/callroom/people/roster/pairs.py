"""An evaluators file against the assignments that are stored. A pair that the file does not name has ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from callroom.people.models import EvaluatorAssignment, Institution, Person
from callroom.people.roster.evaluators_file import Assignment
from callroom.people.roster.outcome import Kind, Line
from callroom.people.roster.plan import Edits

Key = tuple[UUID, UUID]


@dataclass(slots=True)
class Pairs:
    """What is stored, and what the file changes about it."""

    institution: Institution
    today: date
    names: dict[UUID, Person]
    live: dict[Key, EvaluatorAssignment]
    ended: dict[tuple[UUID, UUID, date], EvaluatorAssignment]
    edits: Edits[EvaluatorAssignment] = field(default_factory=Edits)
    lines: list[Line] = field(default_factory=list)

    def say(self, kind: Kind, pair: Key) -> None:
        """Note what happens between two people."""
        evaluator, person = (self.names[key] for key in pair)
        said = {"evaluates": person.external_id}
        self.lines.append(Line(kind, evaluator.external_id, evaluator.name, said, str(evaluator.pk)))


def plan_evaluators(
    found: Iterable[Assignment], institution: Institution, today: date
) -> tuple[list[Line], Edits[EvaluatorAssignment]]:
    """Return what the file changes, in words and as rows."""
    pairs = _stored(institution, today)
    named = set()
    for assignment in found:
        key = (assignment.evaluator, assignment.person)
        named.add(key)
        _plan_pair(assignment, pairs.live.get(key), pairs)
    for key, row in pairs.live.items():
        if key not in named:
            _end(row, today - timedelta(days=1), pairs)
            pairs.say(Kind.PAIR_ENDED, key)
    return pairs.lines, pairs.edits


def _stored(institution: Institution, today: date) -> Pairs:
    rows = EvaluatorAssignment.objects.filter(institution=institution)
    return Pairs(
        institution=institution,
        today=today,
        names={person.pk: person for person in Person.objects.filter(institution=institution)},
        live={(row.evaluator_id, row.person_id): row for row in rows.not_over(today)},
        ended={(row.evaluator_id, row.person_id, row.from_on): row for row in rows.filter(to_on__lt=today)},
    )


def _plan_pair(pair: Assignment, row: EvaluatorAssignment | None, pairs: Pairs) -> None:
    key = (pair.evaluator, pair.person)
    over = pair.to_on is not None and pair.to_on < pairs.today
    if row is None and not over:
        _begin(pair, pairs)
        pairs.say(Kind.PAIR_MADE, key)
    elif row is not None and over:
        _end(row, pair.to_on or pairs.today - timedelta(days=1), pairs)
        pairs.say(Kind.PAIR_ENDED, key)
    elif row is not None and (row.from_on, row.to_on) != (pair.from_on or row.from_on, pair.to_on):
        earlier = pairs.ended.get((*key, pair.from_on or row.from_on))
        if earlier is not None:
            pairs.edits.gone.append(earlier)  # this one now begins on the same day, and holds all of its days
        row.from_on, row.to_on = pair.from_on or row.from_on, pair.to_on
        pairs.edits.changed.append(row)
        pairs.say(Kind.CHANGED, key)


def _begin(pair: Assignment, pairs: Pairs) -> None:
    begins = pair.from_on or pairs.today
    taken_up = pairs.ended.get((pair.evaluator, pair.person, begins))
    if taken_up is not None:
        taken_up.to_on = pair.to_on
        pairs.edits.changed.append(taken_up)
        return
    pairs.edits.new.append(
        EvaluatorAssignment(
            institution=pairs.institution,
            evaluator_id=pair.evaluator,
            person_id=pair.person,
            from_on=begins,
            to_on=pair.to_on,
        )
    )


def _end(row: EvaluatorAssignment, last: date, pairs: Pairs) -> None:
    if row.from_on > last:
        pairs.edits.gone.append(row)
    else:
        row.to_on = last
        pairs.edits.changed.append(row)
