"""Founding the institution and placing units in its tree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.people.models import Institution, Unit
from callroom.people.roster.units_file import cycle_through
from callroom.people.states import PARENTS, UnitKind


class AlreadyFounded(Exception):
    """This installation has its institution."""


class BadInstitution(Exception):
    """Its time zone, languages, root or calendar cannot be."""


class BadPlace(Exception):
    """A unit cannot stand there: below itself, or below a kind of unit that does not hold its kind."""


@transaction.atomic
def found_institution(
    *,
    name: str,
    short_name: str,
    time_zone: str,
    languages: Sequence[str],
    root: str,
    now: datetime,
    name_es: str = "",
    academic_year: tuple[int, int] = (7, 1),
) -> Institution:
    """
    Found the institution and the root of its tree, whose id is ``root``.

    ``academic_year`` is month and day of its start: (7, 1) in the United States, (3, 1) in Mexico.

    :raises AlreadyFounded: when there is one
    :raises BadInstitution: for an unknown time zone or language, a root that is no id, an impossible start of the year
    """
    if Institution.objects.exists():
        raise AlreadyFounded
    if time_zone not in available_timezones():
        raise BadInstitution(f"{time_zone!r} is not a time zone: write one like America/Monterrey")
    if not languages or not set(languages) <= set(dict(settings.LANGUAGES)):
        raise BadInstitution(f"{', '.join(languages)!r}: the languages here are en and es")
    institution = Institution(
        name=name,
        short_name=short_name,
        time_zone=time_zone,
        languages=list(languages),
        academic_year_month=academic_year[0],
        academic_year_day=academic_year[1],
    )
    unit = Unit(id=root, institution=institution, name_en=name, name_es=name_es or name, kind=UnitKind.INSTITUTION)
    try:
        institution.full_clean()
        institution.save(force_insert=True)
        unit.full_clean()
    except ValidationError as error:
        raise BadInstitution(" ".join(error.messages)) from error
    unit.save(force_insert=True)
    audit.record(by=None, tag=Tag.INSTITUTION_FOUNDED, about=str(institution.pk), now=now)
    return institution


def keep_signing_key(*, institution: Institution, public_key: str) -> None:
    """Keep the institution's public signing key (Ed25519, base64). Called once, when the chain begins."""
    institution.signing_public_key = public_key
    institution.save(update_fields=["signing_public_key"])


def keep_first_monday(*, institution: Institution, monday: date) -> None:
    """Keep the Monday before which no round begins. Whoever calls it checks that and keeps who chose it."""
    institution.first_round_on = monday
    institution.save(update_fields=["first_round_on"])


@transaction.atomic
def place_unit(
    *, institution: Institution, unit: str, name_en: str, kind: UnitKind, name_es: str = "", parent: str | None = None
) -> Unit:
    """
    Add a unit, or change one that is there. Without ``parent`` it stands below the institution itself.

    :raises BadPlace: below itself, below an unknown unit, or below a kind that does not hold its kind
    """
    root = institution.units.get(parent=None)
    above = parent or root.pk
    parents = dict(institution.units.values_list("pk", "parent_id"))
    kinds = {key: UnitKind(value) for key, value in institution.units.values_list("pk", "kind")}
    if above not in kinds or kinds[above] not in PARENTS[kind]:
        raise BadPlace(f"{unit} cannot stand below {above}")
    parents[unit] = above
    if cycle_through(unit, parents):
        raise BadPlace(f"{unit} would stand below itself")
    placed = Unit(
        id=unit, institution=institution, name_en=name_en, name_es=name_es or name_en, kind=kind, parent_id=above
    )
    placed.clean_fields()
    placed.save()
    return placed
