"""Checked cells. Each check returns a value or notes a problem; a row with problems goes no further."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from callroom.people.models.persons import normal_email
from callroom.people.roster.problems import Code, Problem
from callroom.people.roster.reading import Row, without_accents
from callroom.people.states import Role, UnitKind

ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
EARLIEST, LATEST = date(1950, 1, 1), date(2100, 1, 1)
# What a spreadsheet takes for a formula when the cell is opened there later.
FORMULA_STARTS: Final = ("=", "+", "-", "@")
UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})

SPANISH_ROLES: Final = {
    "residente": Role.RESIDENT,
    "jefe": Role.CHIEF,
    "jefa": Role.CHIEF,
    "jefe-de-residentes": Role.CHIEF,
    "jefa-de-residentes": Role.CHIEF,
    "docente": Role.FACULTY,
    "titular": Role.LEADER,
    "profesor-titular": Role.LEADER,
    "profesora-titular": Role.LEADER,
    "suplente": Role.DEPUTY,
    "directivo": Role.EXECUTIVE,
    "directiva": Role.EXECUTIVE,
    "coordinador": Role.COORDINATOR,
    "coordinadora": Role.COORDINATOR,
    "psicologo": Role.COUNSELLOR,
    "psicologa": Role.COUNSELLOR,
    "responsable-clinico": Role.CLINICAL_LEAD,
    "responsable-clinica": Role.CLINICAL_LEAD,
    "companero": Role.PEER,
    "companera": Role.PEER,
    "mentora": Role.MENTOR,
    "responsable-de-datos": Role.PRIVACY_OFFICER,
    "operador": Role.OPERATOR,
    "operadora": Role.OPERATOR,
}
SPANISH_KINDS: Final = {
    "institucion": UnitKind.INSTITUTION,
    "departamento": UnitKind.DEPARTMENT,
    "programa": UnitKind.PROGRAMME,
    "program": UnitKind.PROGRAMME,
    "sede": UnitKind.SITE,
    "comunidad": UnitKind.COMMUNITY,
}


@dataclass(slots=True)
class Cells:
    """The cells of one row, with the problems met so far."""

    row: Row
    problems: list[Problem] = field(default_factory=list)

    def bad(self, code: Code, column: str, **said: str | int) -> None:
        """Note a problem."""
        self.problems.append(Problem(code, self.row.number, column, said))

    def text(self, column: str, *, longest: int, needed: bool = True) -> str:
        """Return a name or an id: printable, not too long, nothing a spreadsheet would run."""
        value = self.row[column]
        if not value:
            if needed:
                self.bad(Code.EMPTY, column)
            return ""
        if len(value) > longest:
            self.bad(Code.TOO_LONG, column, longest=longest)
        elif any(unicodedata.category(letter) in UNPRINTABLE for letter in value):
            self.bad(Code.UNPRINTABLE, column)
        elif value.startswith(FORMULA_STARTS):
            self.bad(Code.FORMULA, column, start=value[0])
        return value

    def email(self, column: str) -> str:
        """Return an e-mail address in its normal form."""
        value = normal_email(self.text(column, longest=254))
        if value:
            try:
                validate_email(value)
            except ValidationError:
                self.bad(Code.BAD_EMAIL, column, value=value)
            else:
                if not value.isascii():
                    self.bad(Code.BAD_EMAIL, column, value=value)
        return value

    def day(self, column: str) -> date | None:
        """Return a day written as 2026-07-01, or nothing for an empty cell."""
        value = self.row[column]
        if not value:
            return None
        try:
            found = date.fromisoformat(value) if ISO_DATE.match(value) else None
        except ValueError:
            found = None
        if found is None or not EARLIEST <= found < LATEST:
            self.bad(Code.BAD_DATE, column, value=value[:40])
            return None
        return found

    def span(self, start: str, end: str, *, start_needed: bool = False) -> tuple[date | None, date | None]:
        """Return two days that are in order."""
        before = len(self.problems)
        first, last = self.day(start), self.day(end)
        if len(self.problems) == before:
            if start_needed and last is not None and first is None:
                self.bad(Code.DATE_NEEDS_START, end, start=start)
            if first is not None and last is not None and last < first:
                self.bad(Code.DATES_REVERSED, end, first=first.isoformat(), last=last.isoformat())
        return first, last

    def language(self, column: str) -> str | None:
        """Return a language's code, or nothing for an empty cell."""
        value = self.row[column].lower()
        if not value:
            return None
        if value not in dict(settings.LANGUAGES):
            self.bad(Code.BAD_LANGUAGE, column, value=value[:40])
        return value

    def roles(self, column: str) -> list[Role]:
        """Return the roles in a cell; several are separated by semicolons."""
        found = []
        for word in self.words(column):
            key = "-".join(without_accents(word).lower().replace("_", " ").replace("-", " ").split())
            role = SPANISH_ROLES.get(key, key)
            if role in set(Role) - {Role.ANYONE}:
                found.append(Role(role))
            else:
                self.bad(Code.UNKNOWN_ROLE, column, value=word[:40])
        return found

    def kind(self, column: str) -> UnitKind | None:
        """Return a kind of unit."""
        word = without_accents(self.row[column]).lower()
        kind = SPANISH_KINDS.get(word, word)
        if kind in set(UnitKind):
            return UnitKind(kind)
        self.bad(Code.UNKNOWN_KIND, column, value=self.row[column][:40])
        return None

    def words(self, column: str) -> list[str]:
        """Return the parts of a cell between semicolons."""
        return [part.strip() for part in self.row[column].split(";") if part.strip()]
