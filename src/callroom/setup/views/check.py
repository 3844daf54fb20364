"""``/in/check/``: is this installation safe to use? And a page for each line that a person settles."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Any, Final

from django import forms as django_forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from callroom.kit import clock, mail
from callroom.kit.pages import answered_in_time, not_there
from callroom.kit.wording import moment
from callroom.people.policy import Action, may, permission
from callroom.people.requests import Request
from callroom.setup import actions, checks, forms, letters, queries, weeks
from callroom.setup.checks import following
from callroom.setup.states import Topic
from callroom.setup.steps import STEPS
from callroom.setup.views import guide

LETTER: Final = "setup-letter"


@require_safe
@never_cache
@permission(Action.SEE_CHECK)
def check(request: Request) -> HttpResponse:
    """Show every line of the check: what is open first, then what works and could be better."""
    found = checks.findings(now=clock.now())
    context = {
        "open": [finding for finding in found if not finding.settled],
        "better": [finding for finding in found if finding.warns],
        "settled": [finding for finding in found if finding.settled and not finding.warns],
    }
    return render(request, "setup/check.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.SET_UP)
@answered_in_time("setup:check")
def settle(request: Request, topic: str) -> HttpResponse:
    """Show what must be true for one line of the check, and keep who confirmed it."""
    if topic not in Topic.values or Topic(topic) not in STEPS:
        not_there("no such line")
    line = Topic(topic)
    if line is Topic.MAIL:
        return _mail(request)
    now = clock.now()
    form = _form(request, line, now)
    if form is None:
        not_there("only a coordinator skips weeks, and nothing is looked into that did not happen")
    if request.method == "POST" and form.is_valid():
        if isinstance(form, forms.Schedule):
            actions.begin_on(by=request.user, monday=form.cleaned_data["monday"], now=now)
        elif isinstance(form, forms.LinesTried):
            actions.confirm_lines(by=request.user, name=form.cleaned_data["name"], codes=form.said(), now=now)
        elif isinstance(form, forms.Signed):
            actions.decide(by=request.user, topic=line, name=form.cleaned_data["name"], said=form.said(), now=now)
        messages.success(request, _("Kept, with your name and today's date."))
        return guide.onward(request, now)
    return _page(request, line, form, now)


def _form(request: Request, topic: Topic, now: datetime) -> django_forms.Form | None:
    data = request.POST if request.method == "POST" else None
    match topic:
        case Topic.SCHEDULE:
            allowed = may(request.user, Action.SKIP_WEEK, now=now)
            if not allowed:
                return None
            return forms.Schedule(data, mondays=_mondays(request, now), today=request.user.institution.day(now))
        case Topic.LINES:
            return forms.LinesTried(data, lines=queries.lines_to_try(request.user.institution))
        case Topic.KEYS:
            return forms.KeysVolume(data)
        case Topic.BACKUPS:
            return forms.BackupPlan(data)
        case Topic.COUNCIL:
            return forms.NoCouncilYet(data)
        case Topic.CHAIN:
            ended = checks.rounds.ended_alone(checks.look(now=now))
            return forms.LookedInto(data, latest=ended[-1].row) if ended else None
        case _:
            return forms.ClockCompared(data)


def _mondays(request: Request, now: datetime) -> dict[date, str]:
    found = weeks.first_weeks(request.user.institution, now=now)
    return {week.monday: week.names for week in found if not week.skipped}


def _mail(request: Request) -> HttpResponse:
    now = clock.now()
    form = forms.Arrived(request.POST if "arrived" in request.POST else None)
    if request.method == "POST" and "arrived" not in request.POST:
        return _send_letter(request)
    if form.is_valid():
        if letters.is_code(form.cleaned_data["code"], request.session.get(LETTER, "")):
            del request.session[LETTER]
            said = {"settings": checks.care.mail_settings()}
            actions.decide(by=request.user, topic=Topic.MAIL, name=request.user.name, said=said, now=now)
            messages.success(request, _("Mail works: your letter arrived."))
            return guide.onward(request, now)
        form.add_error("code", _("This is not the number of the latest letter. Look for a newer one, or send another."))
    return _page(request, Topic.MAIL, form, now)


def _send_letter(request: Request) -> HttpResponse:
    code = f"{secrets.randbelow(10**6):06}"
    try:
        letters.send_test_letter(to=request.user.email, code=code)
    except mail.NotSent as error:
        messages.error(request, _("The letter could not be sent: %(why)s") % {"why": error})
    else:
        request.session[LETTER] = letters.sealed(code)
        messages.success(request, _("A letter is on its way to %(address)s.") % {"address": request.user.email})
    return redirect("setup:settle", Topic.MAIL.value)


def _page(request: Request, topic: Topic, form: django_forms.Form, now: datetime) -> HttpResponse:
    context: dict[str, Any] = {
        "topic": topic,
        "step": STEPS[topic],
        "form": form,
        "facts": _facts(request, topic, now),
        "sent": bool(request.session.get(LETTER)),
        "mail_waits": topic is Topic.MAIL,
    }
    if topic is Topic.SCHEDULE:
        found = weeks.first_weeks(request.user.institution, now=now)
        context["resting"] = [week for week in found if week.names and not week.skipped]
        context["offers"] = [week for week in found if week.suggestion]
    if topic is Topic.COUNCIL:
        context["leads_to"] = reverse("council:appoint")
    return render(request, "setup/settle.html", context, status=400 if form.errors else 200)


def _facts(request: HttpRequest, topic: Topic, now: datetime) -> list[tuple[str, str]]:
    """Return what this machine knows by itself about a line, as pairs of a name and a value."""
    institution = request.user.institution  # type: ignore[union-attr]  # @permission let them in
    match topic:
        case Topic.KEYS:
            return [(_("Folder"), str(settings.KEYS_DIR / "waves"))]
        case Topic.CHAIN:
            ended = checks.rounds.ended_alone(checks.look(now=now))
            return [(each.wave, checks.rounds.in_words(each.why)) for each in ended]
        case Topic.CLOCK:
            return [(_("This machine says"), moment(now, institution.zone))]
        case Topic.MAIL:
            return [
                (_("Letters leave by"), following.way_out()),
                (_("Letters come from"), settings.DEFAULT_FROM_EMAIL),
                (_("Opens and clicks"), following.in_words()),
            ]
        case Topic.BACKUPS:
            return [
                (_("Data"), str(settings.DATA_DIR)),
                (_("Institution's keys"), str(settings.KEYS_DIR / "institution")),
                *_nights(),
            ]
        case _:
            return []


def _nights() -> list[tuple[str, str]]:
    # The web may lack this setting where the tally has a user of its own.
    return [(_("Callroom's own backups"), str(settings.BACKUP_DIR))] if settings.BACKUP_DIR else []
