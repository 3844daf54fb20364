"""What every signed-in page's template may use: the house's doors, who is in, and whether this is the demo."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from callroom.kit import clock, wording
from callroom.kit.pages import Door, House, with_here
from callroom.people import queries as people
from callroom.people.models import Person
from callroom.people.policy import Action, Role, may
from callroom.setup.views import guide


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Return ``house``, looked up only when a template asks for it."""
    return {
        "house": SimpleLazyObject(lambda: house(request)),
        "mail_is_set_up": settings.MAIL_IS_SET_UP,
        "provider": settings.PROVIDER_NAME if settings.PROVIDER else "",
        "is_provider": bool(settings.PROVIDER),
    }


def house(request: HttpRequest) -> House:
    """Return what surrounds this reader's page; without a reader, only the demo's doors."""
    user = getattr(request, "user", None)
    style_sheet, logo = guide.addresses_of_look()
    if not isinstance(user, Person):
        return House(
            style_sheet=style_sheet,
            logo=logo,
            notice=reverse("consent:notice"),
            demo_doors=reverse("people:choose-persona") if settings.DEMO else "",
        )
    now = clock.now()  # noqa: TID251 - a template's context is the view's side
    day = user.institution.day(now)
    standings = people.roles_of(user, day)
    doors = _doors(request, user, asked=any(standing.role is Role.RESIDENT for standing in standings))
    return House(
        institution=user.institution.name,
        who=user.name,
        style_sheet=style_sheet,
        logo=logo,
        doors=doors,
        notice=reverse("consent:notice"),
        sign_out=reverse("account_logout"),
        demo_day=wording.weekday_and_day(day) if settings.DEMO else "",
        demo_doors=reverse("people:choose-persona") if settings.DEMO else "",
        demo_console=reverse("demo-console") if settings.DEMO else "",
    )


def _doors(request: HttpRequest, person: Person, *, asked: bool) -> tuple[Door, ...]:
    now = clock.now()  # noqa: TID251 - as above
    doors = [Door(_("Today"), reverse("home"), "home")]
    if asked:
        doors.append(Door(_("Check-in"), f"/w/{(get_language() or 'en')[:2]}/", "ladder", anonymous=True))
    if may(person, Action.SEE_RESULTS, now=now):
        doors.append(Door(_("Results"), reverse("dashboards:institution"), "chart"))
    doors += _promise_doors(person, now)
    doors.append(Door(_("My record"), reverse("people:me"), "person"))
    if asked:
        doors.append(Door(_("My device"), reverse("pulse:device"), "device"))
    doors += [Door(label, address, icon) for action, label, address, icon in _desks() if may(person, action, now=now)]
    return with_here(doors, request.path)


def _desks() -> tuple[tuple[Action, str, str, str], ...]:
    """Return the doors that only a permission opens: action, label, address, icon."""
    return (
        (Action.READ_CHAIN, _("The chain"), reverse("pulse:chain"), "chain"),
        (Action.PROPOSE_RULE, _("Council"), reverse("council:council"), "people"),
        (Action.VOID_WAVE, _("Rounds"), reverse("pulse:waves"), "calendar"),
        (Action.SET_PROMPTS, _("Letters"), reverse("prompts:times"), "message"),
        (Action.APPROVE_RESET, _("Ways in"), reverse("people:access"), "door"),
        (Action.IMPORT_ROSTER, _("Roster"), reverse("setup:roster"), "people"),
        (Action.ANSWER_REQUESTS, _("Requests"), reverse("rights:desk"), "message"),
        (Action.READ_AUDIT, _("Trail"), reverse("rights:trail"), "search"),
        (Action.SEE_CHECK, _("Is it ready?"), reverse("setup:check"), "tick"),
    )


def _promise_doors(person: Person, now: datetime) -> list[Door]:
    doors = []
    if may(person, Action.KEEP_PROMISE, now=now):  # before what everybody reads: a phone's dock has three doors
        doors.append(Door(_("Answers"), reverse("improvement:desk"), "change"))
    if may(person, Action.SEE_RESULTS, now=now):
        doors.append(Door(_("Promises"), reverse("improvement:ledger"), "message"))
    if may(person, Action.REMIND_LEADERS, now=now):
        doors.append(Door(_("Who has not answered"), reverse("improvement:waiting"), "calendar"))
    return doors
