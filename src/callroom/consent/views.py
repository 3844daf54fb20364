"""``/in/notice/``: the notice, for everybody, and its desk. ``/in/decision/``: yes or no to the check-in, each for oneself."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callroom.consent import actions, forms, queries
from callroom.consent.states import Part, Said
from callroom.kit import clock
from callroom.kit.pages import led_onward, not_there
from callroom.people.policy import Action, may, permission
from callroom.people.queries import NoInstitution, current_institution
from callroom.people.requests import Request

CHOICES = {"yes": Said.YES, "no": Said.NO}


@login_not_required
@require_safe
@never_cache
def notice(request: HttpRequest) -> HttpResponse:
    """Show the notice in force; signed out, too."""
    return _show(request, None)


@login_not_required
@require_safe
@never_cache
def version(request: HttpRequest, number: int) -> HttpResponse:
    """Show one version, however old."""
    return _show(request, number)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.AGREE)
def mine(request: Request) -> HttpResponse:
    """Show what the reader said to the check-in, and take a yes or a no."""
    try:
        if request.method == "POST":
            return _decided(request)
        standing = queries.standing_of(request.user)
    except actions.NoNotice:
        return redirect("consent:mine")
    except OSError:
        return render(request, "consent/not_now.html", status=503)
    page = queries.notice_page(request.user.institution)
    return render(request, "consent/mine.html", {"standing": standing.value, "page": page})


@require_POST
@permission(Action.PUBLISH_NOTICE)
def begin(request: Request) -> HttpResponse:
    """Begin the next version, from a template or from the version in force."""
    institution = request.user.institution
    form = forms.Begin(request.POST, has_present=queries.in_force(institution) is not None)
    if not form.is_valid():
        return _desk(request, begin_form=form)
    actions.begin_draft(by=request.user, law=form.law(), now=clock.now())
    return redirect("consent:edit")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.PUBLISH_NOTICE)
def edit(request: Request) -> HttpResponse:
    """Write the next version; every press keeps it."""
    institution = request.user.institution
    if request.method != "POST":
        return _desk(request)
    form = forms.Draft(request.POST, languages=institution.languages)
    if not form.is_valid():
        return _desk(request, draft_form=form)
    said = form.cleaned_data
    try:
        actions.save_draft(
            by=request.user, address=said["address"], contact=said["contact"], written=form.texts(), now=clock.now()
        )
    except actions.NothingToPublish:
        messages.error(request, _("Somebody published the notice in the meantime. Begin again from it."))
        return _desk(request, draft_form=form)
    if "look" in request.POST:
        return redirect("consent:preview")
    messages.success(request, _("Kept. Nobody sees it before it is published."))
    return redirect("consent:edit")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.PUBLISH_NOTICE)
def preview(request: Request) -> HttpResponse:
    """Show the draft as everybody would read it, and publish it."""
    institution, now = request.user.institution, clock.now()
    first = queries.in_force(institution) is None
    form = forms.Publish(request.POST or None, first=first)
    if request.method == "POST" and form.is_valid():
        try:
            actions.publish(
                by=request.user, asks_again=form.asks_again(), reviewed_by=form.cleaned_data["reviewed_by"], now=now
            )
        except actions.NothingToPublish:
            return redirect("consent:edit")
        except actions.Incomplete:
            form.add_error(None, _("Something is missing. It is listed above."))
        else:
            messages.success(request, _("Published, with today's date. It cannot be changed any more, only followed."))
            return redirect(led_onward(request, reverse("consent:notice")))
    return _preview(request, form, now)


def _show(request: HttpRequest, number: int | None) -> HttpResponse:
    try:
        institution = current_institution()
    except NoInstitution:
        not_there("no institution yet")
    page = queries.notice_page(institution, number=number)
    if page is None and number is not None:
        not_there("no such version")
    context = {
        "page": page,
        "may_decide": _may(request, Action.AGREE),
        "may_edit": _may(request, Action.PUBLISH_NOTICE),
    }
    return render(request, "consent/notice.html", context)


def _may(request: HttpRequest, action: Action) -> bool:
    return request.user.is_authenticated and may(cast(Request, request).user, action, now=clock.now())


def _decided(request: Request) -> HttpResponse:
    said = CHOICES.get(request.POST.get("said", ""))
    if said is None:
        messages.error(request, _("Choose one of the two. Nothing was changed."))
        return redirect("consent:mine")
    actions.decide(by=request.user, said=said, now=clock.now())
    if said is Said.YES:
        messages.success(request, _("You said yes. Now your phone can fetch tickets."))
        return redirect("pulse:device")
    messages.success(request, _("You said no. No ticket is given to you any more. Everything else is as before."))
    return redirect("consent:mine")


def _desk(
    request: Request,
    *,
    begin_form: forms.Begin | None = None,
    draft_form: forms.Draft | None = None,
) -> HttpResponse:
    institution = request.user.institution
    draft = queries.draft_of(institution)
    has_present = queries.in_force(institution) is not None
    if draft is not None and draft_form is None:
        draft_form = forms.Draft(initial=_initial(draft), languages=institution.languages)
    context: dict[str, Any] = {
        "begin_form": begin_form or forms.Begin(has_present=has_present),
        "draft": draft,
        "draft_form": draft_form,
        "has_present": has_present,
    }
    wrong = any(form is not None and form.is_bound for form in (begin_form, draft_form))
    return render(request, "consent/edit.html", context, status=400 if wrong else 200)


def _initial(draft: queries.Draft) -> dict[str, str]:
    written = {f"{part}_{language}": text for language, parts in draft.texts.items() for part, text in parts.items()}
    return {"address": draft.address, "contact": draft.contact, **written}


def _preview(request: Request, form: forms.Publish, now: datetime) -> HttpResponse:
    institution = request.user.institution
    draft = queries.draft_of(institution)
    if draft is None:
        return redirect("consent:edit")
    today = institution.day(now)
    gaps = queries.gaps_in(draft, institution.languages)
    context = {
        "pages": [queries.draft_page(institution, language, today=today) for language in institution.languages],
        "gaps": [_gap(part, language) for part, language in gaps],
        "form": form,
    }
    return render(request, "consent/preview.html", context, status=400 if form.is_bound else 200)


def _gap(part: str, language: str) -> str:
    return str(forms.LABELS[language][Part(part)] if language else forms.Draft.base_fields[part].label)
