"""Every read of the directory: plain frozen rows, which never fail for want of a database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from django.db import DatabaseError
from django.utils.translation import gettext

from callroom.directory import seed
from callroom.directory.models import CrisisLine, Service
from callroom.directory.states import ICONS, LineKind, Place, ServiceKind, place_of
from callroom.people.queries import NoInstitution, current_institution


@dataclass(frozen=True, slots=True)
class Line:
    """A way to reach a person, in the words of one language. Links are empty where there is no such way."""

    code: str
    name: str
    detail: str
    number: str
    place: str
    kind: str
    icon: str
    call: str
    text: str
    text_word: str
    text_to: str
    chat: str
    reviewed_on: date


@dataclass(frozen=True, slots=True)
class Help:
    """The help page in one language: ``first`` for the institution's country, ``elsewhere`` for the other."""

    home: Place
    first: tuple[Line, ...]
    elsewhere: tuple[Line, ...]
    own: tuple[Line, ...]
    reviewed_on: date

    @property
    def elsewhere_label(self) -> str:
        """Where the other lines work."""
        return gettext("In the United States") if self.home is Place.MEXICO else gettext("In Mexico")


@dataclass(frozen=True, slots=True)
class OverdueLine:
    """A number that nobody has confirmed in time."""

    code: str
    name: str
    languages: tuple[str, ...]
    number: str
    reviewed_on: date
    review_due_on: date


def help_in(language: str) -> Help:
    """Return the help page's content; the shipped national lines wherever the table cannot be read or is empty."""
    home = home_place(language)
    lines = [_line(row) for row in _national(language)]
    own = tuple(_own(language))
    return Help(
        home=home,
        first=tuple(line for line in lines if line.place == home),
        elsewhere=tuple(line for line in lines if line.place != home and line.kind == LineKind.CRISIS),
        own=own,
        reviewed_on=min(line.reviewed_on for line in (*lines, *own)),
    )


def first_line(language: str) -> Line:
    """Return the one number that stands on pages with room for one: somebody to talk to, at home."""
    return next(line for line in help_in(language).first if line.kind == LineKind.CRISIS)


def home_place(language: str) -> Place:
    """Return the institution's country; before there is one, the country that the language suggests."""
    try:
        return place_of(current_institution().time_zone)
    except (NoInstitution, DatabaseError):
        return Place.MEXICO if language == "es" else Place.UNITED_STATES


def overdue_lines(today: date) -> tuple[OverdueLine, ...]:
    """Return the lines and services whose review was due by this day, the longest overdue first."""
    rows: list[CrisisLine | Service] = [
        *CrisisLine.objects.filter(review_due_on__lte=today),
        *Service.objects.filter(review_due_on__lte=today),
    ]
    by_code: dict[str, list[CrisisLine | Service]] = {}
    for row in sorted(rows, key=lambda row: (row.review_due_on, row.code, row.language)):
        by_code.setdefault(row.code, []).append(row)
    return tuple(
        OverdueLine(
            code=code,
            name=same[0].name,
            languages=tuple(row.language for row in same),
            number=same[0].number,
            reviewed_on=same[0].reviewed_on,
            review_due_on=same[0].review_due_on,
        )
        for code, same in by_code.items()
    )


def _national(language: str) -> Iterable[CrisisLine | seed.SeedLine]:
    shipped = [line for line in seed.NATIONAL_LINES if line.language == language]
    try:
        stored = list(CrisisLine.objects.filter(language=language))
    except DatabaseError:
        return shipped
    # A table that lacks a country's crisis line would leave somebody without a number: then the shipped ones stand in.
    answered = {row.place for row in stored if row.kind == LineKind.CRISIS}
    return stored if answered >= set(Place) else shipped


def _own(language: str) -> Iterable[Line]:
    try:
        return [_line(row) for row in Service.objects.filter(language=language)]
    except DatabaseError:
        return ()


def _line(row: CrisisLine | Service | seed.SeedLine) -> Line:
    body = f"?body={quote(row.text_word)}" if row.text_word else ""
    return Line(
        code=row.code,
        name=row.name,
        detail=row.detail,
        number=row.number,
        place="" if isinstance(row, Service) else row.place,
        kind=row.kind,
        icon=ICONS[ServiceKind(row.kind)] if isinstance(row, Service) else "phone",
        call=f"tel:{row.call_to}" if row.call_to else "",
        text=f"sms:{row.text_to}{body}" if row.text_to else "",
        text_word=row.text_word,
        text_to=row.text_to,
        chat=row.chat_address,
        reviewed_on=row.reviewed_on,
    )
