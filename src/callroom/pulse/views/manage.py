"""``/in/waves/``: skipping a coming week, and voiding a wave, which takes two people."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from callroom.core.timetable.waves import OPENS, local_instant
from callroom.kit import clock, keyring
from callroom.kit.pages import answered_in_time, not_there
from callroom.people.policy import Action, may, permission, visible_people
from callroom.people.requests import Request
from callroom.pulse import forms, managed, queries
from callroom.pulse.actions import endings as actions
from callroom.pulse.actions import freezes, tokens

WEEKS_AHEAD: Final = 12
_READ_AGAIN: Final = gettext_lazy("The reason was changed after you read it. Read it again, then confirm it.")


@require_GET
@permission(Action.VOID_WAVE)
def waves(request: HttpRequest) -> HttpResponse:
    """Show what can be skipped or voided."""
    return _page(cast(Request, request))


@require_POST
@permission(Action.SKIP_WEEK)
@answered_in_time("pulse:waves")
def skip(request: HttpRequest) -> HttpResponse:
    """Skip a week that has not begun."""
    signed_in, now = cast(Request, request), clock.now()
    reader = signed_in.user
    form = forms.SkipWeek(request.POST, mondays=_mondays(signed_in, now))
    if not form.is_valid():
        return _page(signed_in, skip_form=form)
    try:
        actions.skip_week(by=reader, monday=form.cleaned_data["monday"], reason=form.reason(), now=now)
    except actions.TooLateToSkip:
        messages.error(request, gettext("That week has begun. It cannot be skipped any more."))
    else:
        messages.success(request, gettext("The week is skipped. Everybody sees it as “not asked”, with your reason."))
    return redirect("pulse:waves")


@require_POST
@permission(Action.VOID_WAVE)
@answered_in_time("pulse:waves")
def void(request: HttpRequest) -> HttpResponse:
    """Ask for a wave to be voided, or be the second who says so."""
    reader, now = cast(Request, request).user, clock.now()
    confirming = "confirm" in request.POST
    form = forms.ConfirmVoid(request.POST) if confirming else forms.AskToVoid(request.POST)
    if not form.is_valid():
        messages.error(
            request, _READ_AGAIN if confirming else gettext("Give a reason in both languages: everybody will read it.")
        )
        return redirect("pulse:waves")
    wave = form.cleaned_data["wave"]
    try:
        if isinstance(form, forms.AskToVoid):
            actions.ask_to_void(wave=wave, by=reader, reason=form.reason(), now=now)
            messages.success(request, gettext("Noted. Nothing has changed yet: a second person has to confirm it."))
        else:
            actions.void(wave=wave, by=reader, reason_sha256=form.cleaned_data["reason_sha256"], now=now)
            messages.success(request, gettext("The round is void. Its keys are deleted; nobody can read its answers."))
    except actions.ReasonChanged:
        messages.error(request, _READ_AGAIN)
    except keyring.NotMounted:
        messages.warning(
            request, gettext("The round is void. Its keys could not be deleted yet; that is tried every minute.")
        )
    except actions.TooLateToVoid:
        messages.error(request, gettext("That round is over. What was counted cannot be voided."))
    return redirect("pulse:waves")


@require_POST
@permission(Action.APPROVE_REPLACEMENT)
def approve_replacement(request: HttpRequest) -> HttpResponse:
    """Approve that somebody who asked fetches a second token."""
    reader, now = cast(Request, request).user, clock.now()
    form = forms.ApproveReplacement(request.POST)
    about = visible_people(reader, Action.APPROVE_REPLACEMENT, now=now)
    person = about.filter(pk=form.cleaned_data["person"]).first() if form.is_valid() else None
    if person is None:
        not_there("nobody of this id")
    try:
        tokens.approve_replacement(by=reader, person=person, wave=form.cleaned_data["wave"], now=now)
    except tokens.NotReplaceable:
        messages.error(request, gettext("Nothing to approve: they have fetched it, or the round is over."))
    except OSError:
        messages.error(request, gettext("That did not work just now. Nothing was changed. Try again in a few minutes."))
    else:
        messages.success(request, gettext("Approved. %(name)s opens the device page again.") % {"name": person.name})
    return redirect("pulse:waves")


@require_POST
@permission(Action.FREEZE)
@answered_in_time("pulse:waves")
def freeze(request: HttpRequest) -> HttpResponse:
    """Ask for a freeze, or be the second who says so."""
    signed_in, now = cast(Request, request), clock.now()
    reader, confirming = signed_in.user, "confirm" in request.POST
    form = forms.ConfirmFreeze(request.POST) if confirming else forms.Reason(request.POST)
    if not form.is_valid():
        if not isinstance(form, forms.Reason):
            messages.error(request, _READ_AGAIN)
            return redirect("pulse:waves")
        return _page(signed_in, freeze_form=form)
    try:
        if isinstance(form, forms.Reason):
            freezes.ask_to_freeze(by=reader, reason=form.reason(), now=now)
            messages.success(request, gettext("Noted. Nothing has changed yet: a second person has to confirm it."))
        else:
            freezes.freeze(by=reader, reason_sha256=form.cleaned_data["reason_sha256"], now=now)
            messages.success(
                request, gettext("Nobody is asked from now on. Everybody reads your words, with the crisis lines.")
            )
    except actions.ReasonChanged:
        messages.error(request, _READ_AGAIN)
    except freezes.AlreadyFrozen:
        messages.error(request, gettext("Nobody is asked already."))
    except keyring.NotMounted:
        messages.warning(
            request,
            gettext(
                "Nobody is asked from now on. The keys of open rounds could not be deleted yet; that is tried every minute."
            ),
        )
    return redirect("pulse:waves")


@require_POST
@permission(Action.FREEZE)
def resume(request: HttpRequest) -> HttpResponse:
    """Ask again, or take back what was asked for."""
    try:
        freezes.resume(by=cast(Request, request).user, now=clock.now())
    except freezes.NotFrozen:
        messages.error(request, gettext("People are asked as usual already."))
    else:
        messages.success(request, gettext("People are asked again, from the next round that opens."))
    return redirect("pulse:waves")


def _page(
    request: Request, *, skip_form: forms.SkipWeek | None = None, freeze_form: forms.Reason | None = None
) -> HttpResponse:
    reader, now = request.user, clock.now()
    institution = reader.institution
    may_skip = may(reader, Action.SKIP_WEEK, now=now)
    context = {
        "rows": [
            (wave, forms.AskToVoid(initial={"wave": wave.wave}, auto_id=f"{number}-%s"))
            for number, wave in enumerate(managed.waves(institution, reader.pk, now=now))
        ],
        "replacements": _replacements(request, now),
        "skipped": queries.skipped_weeks(institution, now=now),
        "skip_form": skip_form or (forms.SkipWeek(mondays=_mondays(request, now)) if may_skip else None),
        "freeze": managed.freeze(institution, reader.pk),
        "freeze_form": freeze_form or forms.Reason(auto_id="freeze-%s"),
        "zone": institution.time_zone,
    }
    return render(request, "pulse/waves.html", context, status=400 if skip_form or freeze_form else 200)


def _replacements(request: Request, now: datetime) -> tuple[queries.WaitingReplacement, ...] | None:
    if not may(request.user, Action.APPROVE_REPLACEMENT, now=now):
        return None
    waiting = queries.waiting_replacements(request.user.institution, now=now)
    return tuple(row for row in waiting if row.person != request.user.pk)


def _mondays(request: Request, now: datetime) -> list[date]:
    institution = request.user.institution
    today = institution.day(now)
    this_week = today - timedelta(days=today.weekday())
    begun = now >= local_instant(this_week, OPENS, institution.zone)
    first = this_week + timedelta(weeks=1) if begun else this_week
    known = {week.monday for week in queries.skipped_weeks(institution, now=now)}
    weeks = (first + timedelta(weeks=week) for week in range(WEEKS_AHEAD))
    return [monday for monday in weeks if monday not in known]
