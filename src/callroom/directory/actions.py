"""Every write of the directory: the institution's own services, and the yearly confirmation of a number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction

from callroom.audit import actions as audit
from callroom.audit.states import Tag
from callroom.directory.models import CrisisLine, Service
from callroom.directory.states import ServiceKind
from callroom.people.queries import current_institution

REVIEW_EVERY: Final = timedelta(days=365)


class UnknownLine(LookupError):
    """No line or service has this code."""


@dataclass
class BadService(Exception):
    """A service that cannot be kept as it is entered; ``number`` counts from 0. ``field`` is empty for several."""

    number: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class OwnService:
    """One of the institution's services in one language, as it is entered."""

    code: str
    language: str
    kind: ServiceKind
    position: int
    name: str
    detail: str
    source: str
    number: str = ""
    call_to: str = ""
    text_to: str = ""
    text_word: str = ""
    chat_address: str = ""


@transaction.atomic
def set_services(*, services: Iterable[OwnService], by: str | None, today: date, now: datetime) -> None:
    """
    Replace the institution's services by these, reviewed today and due for review in a year.

    :raises BadService: when a number cannot be dialled, an address is not https, or a code comes twice
    :raises NoInstitution: before it is founded
    """
    institution = current_institution()
    Service.objects.filter(institution=institution).delete()
    due = today + REVIEW_EVERY
    for number, service in enumerate(services):
        row = Service(institution=institution, reviewed_on=today, review_due_on=due, **asdict(service))
        try:
            row.full_clean()
        except ValidationError as wrong:
            field, reasons = next(iter(wrong.message_dict.items()))
            raise BadService(number, "" if field == "__all__" else field, reasons[0]) from wrong
        row.save()
    audit.record(by=by, tag=Tag.DIRECTORY_CHANGED, about="services", now=now)


@transaction.atomic
def confirm_line(*, code: str, source: str, by: str | None, today: date, now: datetime) -> None:
    """
    Note that somebody has tried this number today and found it right, in every language; due again in a year.

    :raises UnknownLine: when no line or service has this code
    """
    confirmed = {"reviewed_on": today, "review_due_on": today + REVIEW_EVERY, "source": source}
    found = sum(model.objects.filter(code=code).update(**confirmed) for model in (CrisisLine, Service))
    if not found:
        raise UnknownLine(code)
    audit.record(by=by, tag=Tag.LINE_REVIEWED, about=code, now=now)
