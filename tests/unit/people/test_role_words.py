"""What a refused role's message tells to write is read as a role."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from callroom.people.roster.cells import Cells
from callroom.people.roster.problems import Code, Problem
from callroom.people.roster.reading import Row
from callroom.people.roster.wording import words_of
from callroom.people.states import Role


@pytest.mark.parametrize(("language", "verb"), [("en", "Write"), ("es", "Escribe")])
def test_every_role_that_the_message_names_is_one_and_none_is_missing(language: str, verb: str) -> None:
    with translation.override(language):
        said = words_of(Problem(Code.UNKNOWN_ROLE, 2, "role", {"value": "x"}))
    words = re.split(r", | or | u ", said.partition(f"{verb} ")[2].rstrip("."))

    cells = Cells(Row(2, {"role": ";".join(words)}))

    assert set(cells.roles("role")) == set(Role) - {Role.ANYONE}
    assert not cells.problems
