"""``/in/start/``: the first start. It opens with the code on the console, and is gone with the first coordinator."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from callroom.kit import clock
from callroom.kit.pages import not_there
from callroom.people import actions as people
from callroom.people.queries import NoInstitution, current_institution
from callroom.setup import actions, forms, queries

VISIT: Final = "start-visit"
View = Callable[[HttpRequest], HttpResponse]


def while_open(view: View) -> View:
    """Let a page be there only until there is a coordinator, and only for a browser that entered the code."""

    @wraps(view)
    def opened(request: HttpRequest) -> HttpResponse:
        if not queries.door_is_open():
            not_there("the first start is over")
        visit = queries.visit_of_start()
        if not visit or not constant_time_compare(request.session.get(VISIT, ""), visit):
            return redirect("setup:start")
        return view(request)

    return opened


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Ask for the code that the console shows."""
    if not queries.door_is_open():
        not_there("the first start is over")
    form = forms.Code(request.POST or None)
    if form.is_valid():
        try:
            request.session[VISIT] = actions.enter(code=form.cleaned_data["code"], now=clock.now())
        except actions.DoorClosed:
            form.add_error(
                "code", _("There is no code yet: start Callroom again (callroom serve) and read the console.")
            )
        except actions.TooManyTries:
            form.add_error("code", _("Too many wrong codes. Wait a quarter of an hour, or start Callroom again."))
        except actions.WrongCode:
            form.add_error("code", _("This is not the code that the console showed last."))
        else:
            return redirect("setup:found")
    return render(request, "setup/start.html", {"form": form}, status=400 if form.errors else 200)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@while_open
def found(request: HttpRequest) -> HttpResponse:
    """Found the institution. Who comes second finds it founded, and goes on."""
    if _is_founded():
        return redirect("setup:first-coordinator")
    initial = {"language": request.LANGUAGE_CODE, "place": "mx" if request.LANGUAGE_CODE == "es" else "us"}
    form = forms.Founding(request.POST or None, initial=initial)
    if form.is_valid():
        said: dict[str, Any] = form.cleaned_data
        month, day = (int(part) for part in said["year_starts"].split("-"))
        other = [code for code, _name in settings.LANGUAGES if code != said["language"]]
        try:
            people.found_institution(
                name=said["name"],
                short_name=said["short_name"],
                time_zone=said["time_zone"],
                languages=[said["language"], *other],
                root=form.root(),
                academic_year=(month, day),
                now=clock.now(),
            )
        except people.AlreadyFounded:
            pass
        except people.BadInstitution as error:
            form.add_error(None, str(error))
        if not form.errors:
            return redirect("setup:first-coordinator")
    return render(request, "setup/found.html", {"form": form}, status=400 if form.errors else 200)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password", "again")
@while_open
def first_coordinator(request: HttpRequest) -> HttpResponse:
    """Add the first coordinator, sign them in, and close this door."""
    if not _is_founded():
        return redirect("setup:found")
    form = forms.FirstCoordinator(request.POST or None)
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("name", "email", "external_id", "password")}
        now = clock.now()
        try:
            person = actions.first_coordinator(**said, now=now)
        except actions.DoorClosed:
            return redirect("account_login")
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            # By the same steps as any sign-in, so that the second step may be set up at once.
            answer: HttpResponse = perform_password_login(
                request, {}, Login(user=person, redirect_url=reverse("setup:guide"))
            )
            return answer
    return render(request, "setup/first_coordinator.html", {"form": form}, status=400 if form.errors else 200)


def _is_founded() -> bool:
    try:
        current_institution()
    except NoInstitution:
        return False
    return True
