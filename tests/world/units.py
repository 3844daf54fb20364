"""The hospital of the tests: one institution, two departments, four programmes, two sites."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callroom.people import actions
from callroom.people.models import Institution, Unit
from callroom.people.states import UnitKind

FOUNDED_AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


def found_hospital() -> Institution:
    """Found Hospital General San Rafael with its tree of units."""
    institution = actions.found_institution(
        name="Hospital General San Rafael",
        short_name="San Rafael",
        time_zone="America/Monterrey",
        languages=["es", "en"],
        root="san-rafael",
        now=FOUNDED_AT,
        academic_year=(3, 1),
    )
    for unit, name_en, name_es, kind, parent in (
        ("medicine", "Medicine", "Medicina", UnitKind.DEPARTMENT, None),
        ("surgical", "Surgical specialties", "Especialidades quirúrgicas", UnitKind.DEPARTMENT, None),
        ("emergency", "Emergency Medicine", "Urgencias", UnitKind.PROGRAMME, "medicine"),
        ("dermatology", "Dermatology", "Dermatología", UnitKind.PROGRAMME, "medicine"),
        ("surgery", "General Surgery", "Cirugía general", UnitKind.PROGRAMME, "surgical"),
        ("urology", "Urology", "Urología", UnitKind.PROGRAMME, "surgical"),
        ("north", "North campus", "Campus norte", UnitKind.SITE, None),
        ("south", "South campus", "Campus sur", UnitKind.SITE, None),
    ):
        actions.place_unit(
            institution=institution, unit=unit, name_en=name_en, name_es=name_es, kind=kind, parent=parent
        )
    return institution


@pytest.fixture
def hospital(db: None) -> Institution:
    """Return the institution, with its units."""
    return found_hospital()


@pytest.fixture
def medicine(hospital: Institution) -> Unit:
    """Return the department that holds Emergency Medicine and Dermatology."""
    return hospital.units.get(pk="medicine")


@pytest.fixture
def emergency(hospital: Institution) -> Unit:
    """Return Ana's programme."""
    return hospital.units.get(pk="emergency")


@pytest.fixture
def surgery(hospital: Institution) -> Unit:
    """Return a programme that is not Ana's, in another department."""
    return hospital.units.get(pk="surgery")
