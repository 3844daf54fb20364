"""The people of the tests: Ana, Bruno, Carmen, Darío, Elena, Fernando, Gabriela and who stands around them.

Each is a fixture of that name. ``PASSWORD`` opens every door; ``sign_in`` is a client with that person signed in.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.conf import settings
from django.test import Client

from callroom.people import actions
from callroom.people.models import Institution, Person
from callroom.people.states import Role
from tests.world.units import FOUNDED_AT

PASSWORD = "hammock-lantern-42"
SINCE = date(2026, 3, 1)

World = Callable[..., Person]


def person_in(
    institution: Institution,
    name: str,
    *,
    home: str | None = None,
    role: Role | None = None,
    unit: str = "san-rafael",
    since: date = SINCE,
    language: str = "es",
    password: str | None = PASSWORD,
) -> Person:
    """Add a person whose id and address come from their first name; with a home programme, a role, or both."""
    key = name.split()[-2 if name.startswith("Dr. ") else 0].lower().replace("í", "i")
    person = actions.add_person(
        institution=institution, external_id=key, name=name, email=f"{key}@hospital.example", language=language
    )
    if password is not None:
        person.set_password(password)
        person.save()
    if home is not None:
        actions.join(person=person, unit=home, from_on=since)
    if role is not None:
        actions.give_role(by=None, person=person, role=role, unit=unit, from_on=since, now=FOUNDED_AT)
    return person


def residents_in(institution: Institution, unit: str, count: int, *, since: date = SINCE) -> list[Person]:
    """Add this many residents to a programme; they have no password."""
    added = []
    for number in range(count):
        key = f"{unit}-{number:03}"
        person = actions.add_person(
            institution=institution, external_id=key, name=f"Residente {key}", email=f"{key}@hospital.example"
        )
        actions.join(person=person, unit=unit, from_on=since)
        added.append(person)
    return added


@pytest.fixture
def ana(hospital: Institution) -> Person:
    """Return Ana, a resident of Emergency Medicine."""
    return person_in(hospital, "Ana Torres", home="emergency")


@pytest.fixture
def bruno(hospital: Institution) -> Person:
    """Return Bruno, chief resident of Emergency Medicine, a resident himself."""
    return person_in(hospital, "Bruno Salas", home="emergency", role=Role.CHIEF, unit="emergency")


@pytest.fixture
def carmen(hospital: Institution) -> Person:
    """Return Carmen, a counsellor."""
    return person_in(hospital, "Carmen Vidal", role=Role.COUNSELLOR)


@pytest.fixture
def dario(hospital: Institution) -> Person:
    """Return Darío, an outsider: he can sign in and is nothing."""
    return person_in(hospital, "Darío Peña")


@pytest.fixture
def elena(hospital: Institution) -> Person:
    """Return Dr. Elena, chair of Medicine."""
    return person_in(hospital, "Dr. Elena Robles", role=Role.LEADER, unit="medicine", language="en")


@pytest.fixture
def fernando(hospital: Institution) -> Person:
    """Return Fernando, the coordinator."""
    return person_in(hospital, "Fernando Ruiz", role=Role.COORDINATOR)


@pytest.fixture
def gabriela(hospital: Institution) -> Person:
    """Return Gabriela, a mentor."""
    return person_in(hospital, "Gabriela Núñez", role=Role.MENTOR)


@pytest.fixture
def hector(hospital: Institution) -> Person:
    """Return Héctor, an executive (DIO)."""
    return person_in(hospital, "Hector Luna", role=Role.EXECUTIVE)


@pytest.fixture
def ines(hospital: Institution) -> Person:
    """Return Inés, key-holder of the residents' council, and a resident of General Surgery."""
    return person_in(hospital, "Ines Park", home="surgery", role=Role.KEY_HOLDER)


@pytest.fixture
def oscar(hospital: Institution) -> Person:
    """Return Óscar, who operates the machine."""
    return person_in(hospital, "Oscar Gil", role=Role.OPERATOR)


@pytest.fixture
def everybody(
    ana: Person,
    bruno: Person,
    carmen: Person,
    dario: Person,
    elena: Person,
    fernando: Person,
    gabriela: Person,
    hector: Person,
    ines: Person,
    oscar: Person,
) -> dict[str, Person]:
    """Return all of them by external id."""
    people = (ana, bruno, carmen, dario, elena, fernando, gabriela, hector, ines, oscar)
    return {person.external_id: person for person in people}


@pytest.fixture
def sign_in() -> Callable[[Person], Client]:
    """Return a maker of clients in which a person is signed in, a second factor given (https, as cookies demand)."""

    def signed_in(person: Person) -> Client:
        client = Client(headers={"host": "localhost"})
        client.force_login(person)
        give_second_factor(client, person)
        return client

    return signed_in


def give_second_factor(client: Client, person: Person) -> None:
    """Let this client's session say that its person gave a second factor in it."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": 0}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
