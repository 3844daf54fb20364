"""Web and tally as two roles of PostgreSQL: ``deploy/postgresql.sql`` gives the web what it needs, and not the chain."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, connections, transaction

from callroom.people.models import Person
from callroom.pulse import jobs
from callroom.pulse.models import ChainHeader, ChainPayload
from callroom.pulse.simulation import SimulatedResident
from tests.world.waves import FINE, MONDAY, SUNDAY, WAVE, leaf_of

pytestmark = [
    pytest.mark.django_db(databases=["default", "issuing", "sealed"]),
    pytest.mark.skipif(not os.environ.get("CALLROOM_DATABASE_URL"), reason="only PostgreSQL has roles"),
]

SQL = Path(__file__).resolve().parents[3] / "deploy" / "postgresql.sql"
STORES = ("default", "issuing", "sealed")
WEB = "callroom_web_of_a_test"


def psql(alias: str, *words: str) -> None:
    known = connections[alias].settings_dict
    address = ["--dbname", known["NAME"], "--host", str(known["HOST"]), "--username", known["USER"]]
    subprocess.run(["psql", "--no-psqlrc", *address, "-v", "ON_ERROR_STOP=1", *words], check=True, capture_output=True)


@pytest.fixture
def web_role(db: None) -> Iterator[None]:
    """Let there be a role for the web, with what the file gives it."""
    psql("default", "--command", f"CREATE ROLE {WEB} LOGIN")
    for alias in STORES:
        tally = connections[alias].settings_dict["USER"]
        psql(alias, "-v", f"tally={tally}", "-v", f"web={WEB}", "--file", str(SQL))
    yield
    with connections["default"].cursor() as cursor:
        cursor.execute("RESET ROLE")
    for alias in STORES:
        psql(alias, "--command", f"DROP OWNED BY {WEB}")
    psql("default", "--command", f"DROP ROLE {WEB}")


def become(role: str) -> None:
    """Let the tests' own connections, and the ones that are made for the sealed stores, be this role's."""
    for alias in ("default", "issuing"):
        with connections[alias].cursor() as cursor:
            cursor.execute(f"SET ROLE {role}")
    connections["sealed"].settings_dict["USER"] = role


def test_the_webs_role_takes_answers_and_writes_no_chain(
    web_role: None,
    announced: dict[str, list[Person]],
    at: Callable[..., None],
    device: Callable[..., SimulatedResident],
) -> None:
    tally = connections["sealed"].settings_dict["USER"]
    jobs.tick(MONDAY)
    at(MONDAY)
    become(WEB)
    try:
        for person in announced["emergency"][:9]:
            device(person).answer(WAVE, FINE)
        for chain in (ChainHeader, ChainPayload):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                chain.objects.all().delete()
    finally:
        become(tally)

    jobs.tick(SUNDAY)

    assert leaf_of(WAVE, "emergency")["n"] == [8, 11]
