"""``/in/roster/``: a roster file in the browser. Take it in, name its columns, read what would change, correct, apply."""

from __future__ import annotations

import re
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from callroom.kit import clock
from callroom.people.actions import RosterRefused
from callroom.people.policy import Action, permission
from callroom.people.requests import Request
from callroom.people.roster import wording
from callroom.people.roster.standing import rotating, turn_of_year
from callroom.setup import actions, drafts, forms, previews
from callroom.setup.views import guide

CELL: Final = re.compile(r"c-(\d{1,6})-([a-z_]{1,32})\Z")
MOST_PROBLEMS: Final = 8


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.IMPORT_ROSTER)
def roster(request: Request) -> HttpResponse:
    """Take a roster file in, or go on with the one in work."""
    form = forms.RosterFile(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            known = actions.take_file(by=request.user, file_name=str(file.name), content=file.read(), now=clock.now())
        except RosterRefused as refused:
            for problem in refused.problems[:MOST_PROBLEMS]:
                form.add_error("file", wording.problem_in_words(problem))
        else:
            return redirect("setup:roster-preview" if known else "setup:roster-columns")
    waiting = bool(previews.columns_of(request.user))
    institution = request.user.institution
    today = institution.day(clock.now())
    page = {
        "form": form,
        "waiting": waiting,
        "turn": turn_of_year(institution, today=today),
        "rotating": rotating(institution, today=today),
    }
    return render(request, "setup/roster.html", page, status=400 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.IMPORT_ROSTER)
def columns(request: Request) -> HttpResponse:
    """Say what each column of the file is."""
    found = previews.columns_of(request.user)
    if not found:
        return redirect("setup:roster")
    if request.method == "POST":
        chosen = [request.POST.get(f"column-{place}", "") for place in range(len(found))]
        try:
            actions.map_columns(by=request.user, columns=chosen, now=clock.now())
        except (actions.NoDraft, ValueError):
            return redirect("setup:roster")
        return redirect("setup:roster-preview")
    context = {"columns": found, "names": [(name, str(label)) for name, label in drafts.COLUMNS.items()]}
    return render(request, "setup/roster_columns.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.IMPORT_ROSTER)
def preview(request: Request) -> HttpResponse:
    """Show what the file would do, or what is wrong with it; on POST keep corrected cells."""
    now = clock.now()
    if request.method == "POST":
        cells = {
            (int(match[1]), match[2]): str(text) for name, text in request.POST.items() if (match := CELL.match(name))
        }
        try:
            actions.fix_cells(by=request.user, cells=cells, now=now)
        except actions.NoDraft:
            return _gone(request)
        return redirect("setup:roster-preview")
    found = previews.preview(request.user, now=now)
    if found is None:
        return redirect("setup:roster")
    return render(request, "setup/roster_preview.html", {"preview": found, "form": forms.Apply()})


@require_POST
@permission(Action.IMPORT_ROSTER)
def apply(request: Request) -> HttpResponse:
    """Import the file that was read."""
    form = forms.Apply(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write the number that is asked for."))
        return redirect("setup:roster-preview")
    try:
        outcome = actions.apply_draft(
            by=request.user,
            confirmed_leavers=form.cleaned_data["leavers"],
            confirmed_ended=form.cleaned_data["ended"],
            seen=form.cleaned_data["seen"],
            now=clock.now(),
        )
    except actions.NoDraft:
        return _gone(request)
    except actions.RosterChanged:
        messages.error(request, _("Somebody else has changed the roster meanwhile. Read again what would change now."))
        return redirect("setup:roster-preview")
    except RosterRefused:
        messages.error(request, _("Not imported. If so many leave or end, write their number; else look at the file."))
        return redirect("setup:roster-preview")
    messages.success(request, " ".join(wording.outcome_in_words(outcome)))
    if request.session.get(guide.GUIDED):
        return guide.onward(request, clock.now())
    return redirect("setup:roster")


@require_POST
@permission(Action.IMPORT_ROSTER)
def cancel(request: Request) -> HttpResponse:
    """Forget the file in work."""
    actions.cancel_draft(by=request.user)
    messages.success(request, _("The file is forgotten. Nothing was changed."))
    return redirect("setup:roster")


def _gone(request: Request) -> HttpResponse:
    messages.error(request, _("The file was applied or cancelled already, or is more than a day old. Choose it again."))
    return redirect("setup:roster")
