"""``/in/setup/``: the steps after the first one, in an order that works; each is saved, and can be left and resumed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from callroom.kit import clock
from callroom.kit.contrast import Colour
from callroom.kit.pages import ONWARD, not_there
from callroom.people.policy import Action, permission
from callroom.people.requests import Request
from callroom.people.roster import evaluators_file, people_file, rotations_file, units_file
from callroom.people.states import Role
from callroom.setup import actions, checks, forms, opening, queries, theme
from callroom.setup.states import Topic

GUIDED: Final = "setup-guided"
"""Says that this session goes through the steps, so that each leads to the next."""
EMPTY: Final = {
    "units": units_file,
    "people": people_file,
    "evaluators": evaluators_file,
    "rotations": rotations_file,
}
AS_IT_STANDS: Final = {"as-it-stands": actions.take_roster, "rotations-as-they-stand": actions.take_rotations}
ORDER: Final = (
    Topic.PEOPLE,
    Topic.NOTICE,
    Topic.COUNCIL,
    Topic.SCHEDULE,
    Topic.LINES,
    Topic.KEYS,
    Topic.MAIL,
    Topic.PROMPTS,
    Topic.BACKUPS,
    Topic.CLOCK,
)
A_YEAR: Final = 365 * 24 * 3600


@require_safe
@never_cache
@permission(Action.SET_UP)
def guide(request: Request) -> HttpResponse:
    """Show the steps: what is done, and which comes next."""
    now = clock.now()
    request.session[GUIDED] = True
    request.session[ONWARD] = reverse("setup:guide")
    steps = _steps(request, now)
    context = {"steps": steps, "next": _next(steps), "look": queries.chosen_look()}
    return render(request, "setup/guide.html", context)


def _steps(request: Request, now: datetime) -> list[checks.Finding | opening.Last]:
    found = {finding.topic: finding for finding in checks.findings(now=now)}
    return [*(found[topic] for topic in ORDER), *opening.last_steps(request.user.institution, now=now)]


def _next(steps: Iterable[checks.Finding | opening.Last]) -> checks.Finding | opening.Last | None:
    return next((step for step in steps if not step.settled and step.address), None)


def onward(request: Request, now: datetime) -> HttpResponse:
    """Lead from a step that was settled to the next open one; to the check when there is none, or nobody is guided."""
    if request.session.get(GUIDED):
        step = _next(_steps(request, now))
        if step is not None:
            return redirect(step.address)
        del request.session[GUIDED]
        request.session.pop(ONWARD, None)
    return redirect("setup:check")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.SET_UP)
def look(request: Request) -> HttpResponse:
    """Choose the institution's colours and logo."""
    chosen = queries.chosen_look()
    initial = {"bar": chosen.bar, "button": chosen.button} if chosen else {"bar": forms.BAR, "button": forms.BUTTON}
    form = forms.Look(request.POST or None, request.FILES or None, initial=initial)
    if form.is_valid():
        now = clock.now()
        actions.choose_look(by=request.user, now=now, **form.cleaned_data)
        messages.success(request, _("Saved. Every signed-in page looks like this now."))
        return onward(request, now) if request.session.get(GUIDED) else redirect("setup:look")
    return render(request, "setup/look.html", {"form": form, "look": chosen}, status=400 if form.errors else 200)


@require_safe
@never_cache
@permission(Action.IMPORT_ROSTER)
def template(request: Request, kind: str) -> HttpResponse:
    """Give an empty roster file with the right columns; people: with the reader's own row, or everybody as it stands."""
    file = EMPTY.get(kind)
    rows = [[*file.REQUIRED, *file.OPTIONAL]] if file else None
    if rows and file is people_file:
        own = (request.user.external_id, request.user.name, request.user.email, Role.COORDINATOR.value)
        rows.append([*own, *[""] * len(people_file.OPTIONAL)])
    if kind in AS_IT_STANDS:
        rows = AS_IT_STANDS[kind](by=request.user, now=clock.now())
    if rows is None:
        not_there("no such file")
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="callroom-{kind}.csv"'
    return answer


@login_not_required
@require_safe
@cache_control(public=True, max_age=A_YEAR, immutable=True)
def style_sheet(_request: HttpRequest, version: str) -> HttpResponse:
    """Serve the institution's colours as a style sheet; its address changes with them."""
    chosen = queries.chosen_look()
    if chosen is None or chosen.version != version:
        not_there("another look by now")
    said = theme.sheet(Colour(chosen.bar), Colour(chosen.button))
    return HttpResponse(said, content_type="text/css; charset=utf-8")


@login_not_required
@require_safe
@cache_control(public=True, max_age=A_YEAR, immutable=True)
def logo(_request: HttpRequest, version: str) -> HttpResponse:
    """Serve the institution's logo."""
    found = queries.logo_of(version)
    if not found:
        not_there("no logo")
    return HttpResponse(found, content_type="image/png")


def addresses_of_look() -> tuple[str, str]:
    """Return the addresses of style sheet and logo; empty where there is none."""
    chosen = queries.chosen_look()
    if chosen is None:
        return "", ""
    of_logo = reverse("setup:logo", args=[chosen.version]) if chosen.has_logo else ""
    return reverse("setup:style-sheet", args=[chosen.version]), of_logo
