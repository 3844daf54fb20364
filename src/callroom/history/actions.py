"""Bringing in earlier results and taking them back: all of a file or nothing, and never a row of it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final
from uuid import UUID

from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.core.disclosure.imported import ImportedFigure, Scale, import_group
from callroom.core.disclosure.noise import NoiseStream
from callroom.core.disclosure.policy import DEFAULT_POLICY
from callroom.core.disclosure.release import TooFew
from callroom.history import reading
from callroom.history.models import HistoricFigure, ImportedSurvey
from callroom.history.reading import Columns, Group, Period
from callroom.history.states import Code, Precision, Problem
from callroom.kit.apart import Access
from callroom.kit.keyring import institution_secret
from callroom.people import queries as people
from callroom.people.models import Institution, Person

SECRET: Final = "history-noise"  # noqa: S105 - the name of a file


class ImportRefused(Exception):
    """Nothing was imported; ``problems`` says why, by row and column."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{len(self.problems)} problems")


class NoSuchSurvey(Exception):
    """There is no imported survey of this number."""


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """
    What was asked: an instrument of the registry, or one of the institution's own.

    ``id`` is what groups are told apart by; ``name`` is shown; ``higher_is_worse`` as its source has it.
    """

    id: str
    name: str
    scale: Scale
    higher_is_worse: bool


@dataclass(frozen=True, slots=True)
class GroupOutcome:
    """One unit in one period, and whether it has a number."""

    unit: str
    period: Period
    shown: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did, or would do: groups with a number, groups without, rows that held no score."""

    shown: int
    too_few: int
    without_score: int
    units: int
    periods: int
    survey: int | None
    groups: tuple[GroupOutcome, ...]


def import_history(
    *,
    institution: Institution,
    content: bytes,
    columns: Columns,
    questionnaire: Questionnaire,
    by: Person | None,
    now: datetime,
    dry_run: bool = False,
) -> Outcome:
    """
    Read a file, apply the disclosure rules to each unit and period, and keep what may be shown.

    The noise of a group follows from its scores, its names and a secret of the institution: the same file gives the same
    figures, so importing it again and again tells nothing more. ``dry_run`` changes nothing.

    :raises ImportRefused: with everything that is wrong with the file; nothing was changed
    """
    read = reading.read(content, columns, questionnaire.scale, _units(), today=institution.day(now))
    problems = [*read.problems, *_known_already(read.groups, columns, questionnaire)]
    if problems:
        raise ImportRefused(problems)
    figures = [(group, _figure(group, questionnaire)) for group in read.groups]
    shown = sum(isinstance(figure, ImportedFigure) for _, figure in figures)
    survey = None
    if not dry_run:
        survey = _keep(institution, content, columns, questionnaire, figures, by, now)
    return Outcome(
        shown=shown,
        too_few=len(figures) - shown,
        without_score=read.without_score,
        units=len({group.unit for group in read.groups}),
        periods=len({group.period for group in read.groups}),
        survey=survey,
        groups=tuple(
            GroupOutcome(group.unit, group.period, isinstance(figure, ImportedFigure)) for group, figure in figures
        ),
    )


@transaction.atomic
def take_back(*, institution: Institution, survey_id: int, by: Person | None, now: datetime) -> None:
    """
    Remove an imported survey with all its figures.

    :raises NoSuchSurvey: if there is none
    """
    survey = ImportedSurvey.objects.filter(institution=institution, pk=survey_id).first()
    if survey is None:
        raise NoSuchSurvey
    survey.delete()
    audit.record(by=_id(by), tag=Tag.HISTORY_TAKEN_BACK, about=f"survey {survey_id}", now=now)


def _units() -> dict[str, str]:
    """Return every way in which a file may write a unit: its id, and its names where only one unit has them."""
    rows = people.units_tree()
    names: dict[str, set[str]] = {}
    for row in rows:
        for name in (row.name_en, row.name_es):
            names.setdefault(name.casefold(), set()).add(row.id)
    found = {name: next(iter(ids)) for name, ids in names.items() if len(ids) == 1}
    return found | {row.id.casefold(): row.id for row in rows}


def _known_already(groups: Iterable[Group], columns: Columns, questionnaire: Questionnaire) -> Iterable[Problem]:
    kept = set(HistoricFigure.objects.filter(instrument=questionnaire.id).values_list("unit_id", "period").iterator())
    for group in groups:
        if (group.unit, group.period.first) in kept:
            yield Problem(Code.KNOWN_GROUP, group.row, columns.unit, {"unit": group.unit})


def _figure(group: Group, questionnaire: Questionnaire) -> ImportedFigure | TooFew:
    scores = group.scores
    names = (questionnaire.id, group.unit, group.period.first.isoformat())
    told = repr((scores.count, scores.total, questionnaire.scale, *names)).encode()
    seed = hmac.new(institution_secret(SECRET, Access.READ), told, hashlib.sha256).digest()
    stream = NoiseStream(seed, wave=names[2], leaf=group.unit, item=questionnaire.id)
    return import_group(scores, questionnaire.scale, DEFAULT_POLICY, stream.bits)


@transaction.atomic
def _keep(
    institution: Institution,
    content: bytes,
    columns: Columns,
    questionnaire: Questionnaire,
    figures: Iterable[tuple[Group, ImportedFigure | TooFew]],
    by: Person | None,
    now: datetime,
) -> int:
    survey = ImportedSurvey.objects.create(
        institution=institution,
        instrument=questionnaire.id,
        name=questionnaire.name,
        lowest=_decimal(questionnaire.scale.lowest),
        highest=_decimal(questionnaire.scale.highest),
        higher_is_worse=questionnaire.higher_is_worse,
        shape=columns.shape,
        file_sha256=hashlib.sha256(content).hexdigest(),
        imported_at=now,
        imported_by=UUID(str(by.pk)) if by else None,
    )
    rows = [_row(survey, group, figure) for group, figure in figures]
    HistoricFigure.objects.bulk_create(rows, batch_size=500)
    details: dict[str, str | int] = {"instrument": questionnaire.id, "groups": len(rows), "sha256": survey.file_sha256}
    audit.record(by=_id(by), tag=Tag.HISTORY_IMPORTED, about=f"survey {survey.pk}", now=now, details=details)
    return survey.pk


def _row(survey: ImportedSurvey, group: Group, figure: ImportedFigure | TooFew) -> HistoricFigure:
    row = HistoricFigure(
        survey=survey,
        instrument=survey.instrument,
        unit_id=group.unit,
        period=group.period.first,
        precision=Precision(group.period.precision),
    )
    if isinstance(figure, ImportedFigure):
        row.n_low, row.n_high = figure.n.low, figure.n.high
        row.mean_tenths = figure.figure.mean_tenths
        row.low_tenths, row.high_tenths = figure.figure.range_tenths
    return row


def _decimal(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.01"))


def _id(person: Person | None) -> str | None:
    return str(person.pk) if person else None
