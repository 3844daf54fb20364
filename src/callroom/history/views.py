"""``/in/history/``: bringing in earlier surveys, step by step. The file travels with the form, so nothing of it is kept."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callroom.history import actions, aggregates, forms, reading, wording
from callroom.kit import clock
from callroom.kit.pages import not_there
from callroom.people import queries as people
from callroom.people.policy import Action, permission
from callroom.people.requests import Request

MOST_PROBLEMS: Final = 40
MOST_GROUPS: Final = 60
"""Units and periods that the preview names one by one."""


@require_safe
@never_cache
@permission(Action.IMPORT_HISTORY)
def surveys(request: Request) -> HttpResponse:
    """Show what was imported, and ask for a file."""
    return _start(request, forms.File())


@require_http_methods(["GET", "POST"])
@never_cache
@permission(Action.IMPORT_HISTORY)
def columns(request: Request) -> HttpResponse:
    """Take a file and ask what its columns hold. Who comes without one (another language was chosen) begins again."""
    if request.method != "POST":
        return _without_file(request)
    form = forms.File(request.POST, request.FILES)
    if not form.is_valid():
        return _start(request, form)
    content = form.cleaned_data["file"].read()
    try:
        header = reading.header_of(content)
    except reading.Unreadable as error:
        form.add_error("file", wording.problem_in_words(error.problem))
        return _start(request, form)
    first = {"content": forms.packed(content), "worse": "higher", **forms.guessed(header)}
    return render(request, "history/columns.html", {"form": forms.Mapped(initial=first, header=header)})


@require_http_methods(["GET", "POST"])
@never_cache
@permission(Action.IMPORT_HISTORY)
def preview(request: Request) -> HttpResponse:
    """Say what an import would do, or what is wrong; ``apply`` in the form does it, ``change`` leads back to the columns."""
    if request.method != "POST":
        return _without_file(request)
    content = forms.unpacked(request.POST.get("content", ""))
    try:
        header = reading.header_of(content or b"")
    except reading.Unreadable:
        messages.error(request, gettext("The file did not arrive whole. Choose it again."))
        return redirect("history:surveys")
    form = forms.Mapped(request.POST, header=header)
    if content is None or not form.is_valid() or "change" in request.POST:
        return render(request, "history/columns.html", {"form": form})
    applying = "apply" in request.POST
    try:
        outcome = actions.import_history(
            institution=request.user.institution,
            content=content,
            columns=form.columns(),
            questionnaire=form.questionnaire(),
            by=request.user,
            now=clock.now(),
            dry_run=not applying,
        )
    except actions.ImportRefused as error:
        kinds = wording.once_each(error.problems)
        told = [wording.problem_in_words(problem) for problem in kinds[:MOST_PROBLEMS]]
        more = len(error.problems) - len(told)
        return render(request, "history/columns.html", {"form": form, "problems": told, "more": more})
    if applying:
        messages.success(request, gettext("The survey is imported. Its figures stand on the pages of its units."))
        return redirect("history:surveys")
    groups = wording.groups_in_words(outcome.groups[:MOST_GROUPS], {row.id: row.name for row in people.units_tree()})
    return render(
        request,
        "history/preview.html",
        {
            "form": form,
            "asked": form.questionnaire(),
            "lines": (wording.scale_in_words(form.questionnaire()), *wording.outcome_in_words(outcome)),
            "groups": groups,
            "more": max(0, len(outcome.groups) - MOST_GROUPS),
        },
    )


@require_POST
@never_cache
@permission(Action.IMPORT_HISTORY)
def take_back(request: Request, survey: int) -> HttpResponse:
    """Remove an import with its figures."""
    try:
        actions.take_back(institution=request.user.institution, survey_id=survey, by=request.user, now=clock.now())
    except actions.NoSuchSurvey:
        not_there(f"survey {survey} was never imported")
    messages.success(request, gettext("The import is taken back."))
    return redirect("history:surveys")


def _without_file(request: Request) -> HttpResponse:
    return _start(request, forms.File(), note=gettext("A file is kept for one step only. Choose it again."))


def _start(request: Request, form: forms.File, *, note: str = "") -> HttpResponse:
    rows = aggregates.surveys(request.user.institution)
    return render(request, "history/surveys.html", {"form": form, "surveys": rows, "note": note})
