"""What every signed-in page's template may use: the house's doors, who is in, and whether this is the demo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from callroom.kit import clock, wording
from callroom.people import queries as people
from callroom.people.models import Person
from callroom.people.policy import Action, Role, may


@dataclass(frozen=True, slots=True)
class Door:
    """A place that the navigation leads to; ``here``: the reader is in it."""

    label: str
    address: str
    icon: str
    here: bool
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class House:
    """What surrounds every page: ``doors`` in the bar, ``dock`` on phones, and the demo's day."""

    institution: str = ""
    who: str = ""
    doors: tuple[Door, ...] = ()
    dock: tuple[Door, ...] = ()
    sign_out: str = ""
    demo_day: str = ""
    demo_doors: str = ""
    demo_console: str = ""


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Return ``house``, looked up only when a template asks for it."""
    return {"house": SimpleLazyObject(lambda: house(request))}


def house(request: HttpRequest) -> House:
    """Return what surrounds this reader's page; without a reader, only the demo's doors."""
    user = getattr(request, "user", None)
    if not isinstance(user, Person):
        return House(demo_doors=reverse("people:choose-persona") if settings.DEMO else "")
    now = clock.now()  # noqa: TID251 - a template's context is the view's side
    day = user.institution.day(now)
    standings = people.roles_of(user, day)
    doors = _doors(request, user, asked=any(standing.role is Role.RESIDENT for standing in standings))
    return House(
        institution=user.institution.name,
        who=user.name,
        doors=doors,
        dock=doors[:3],
        sign_out=reverse("account_logout"),
        demo_day=wording.weekday_and_day(day) if settings.DEMO else "",
        demo_doors=reverse("people:choose-persona") if settings.DEMO else "",
        demo_console=reverse("demo-console") if settings.DEMO else "",
    )


def _doors(request: HttpRequest, person: Person, *, asked: bool) -> tuple[Door, ...]:
    now = clock.now()  # noqa: TID251 - as above
    found = [(_("Today"), reverse("home"), "home")]
    if may(person, Action.SEE_RESULTS, now=now):
        found.append((_("Results"), reverse("dashboards:institution"), "chart"))
    found.append((_("My record"), reverse("people:me"), "person"))
    if asked:
        found.append((_("My device"), reverse("pulse:device"), "device"))
    if may(person, Action.READ_CHAIN, now=now):
        found.append((_("The chain"), reverse("pulse:chain"), "chain"))
    return tuple(Door(label, address, icon, here=_is_here(request.path, address)) for label, address, icon in found)


def _is_here(path: str, address: str) -> bool:
    return path == address or (address != reverse("home") and path.startswith(address))
