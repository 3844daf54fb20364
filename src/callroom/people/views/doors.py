"""Pages about oneself, the invitation, and the doors of the demo."""

from __future__ import annotations

from allauth.account import views as account
from allauth.account.internal.flows.login import perform_password_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callroom.kit import clock
from callroom.kit.pages import not_there
from callroom.people import actions, forms, queries
from callroom.people.policy import Action, permission
from callroom.people.policy.second_factor import PERSONA
from callroom.people.requests import Request

BACKEND = settings.AUTHENTICATION_BACKENDS[0]


@require_safe
@never_cache
@permission(Action.SEE_OWN_RECORD)
def me(request: Request) -> HttpResponse:
    """Show everything that is stored about the reader."""
    return render(request, "people/me.html", {"record": queries.own_record(request.user, now=clock.now())})


@require_POST
@permission(Action.SEE_OWN_RECORD)
def end_sessions(request: Request) -> HttpResponse:
    """Sign the reader out on every device, this one included."""
    actions.end_sessions(person=request.user, now=clock.now())
    return redirect("account_login")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.SEE_OWN_RECORD)
def change_password(request: Request) -> HttpResponseBase:
    """Let the reader change their password. Who signs in another way, as a persona does, has none to change."""
    if not request.user.has_usable_password():
        not_there("no password")
    answer: HttpResponseBase = account.password_change(request)
    return answer


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password", "again")
@sensitive_variables("token")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Let an invited person set their first password, and sign them in. Looking at the page uses nothing up."""
    now = clock.now()
    try:
        person = actions.valid_invitation(token, now=now).person
        form = forms.FirstPassword(request.POST or None, person=person)
        if form.is_valid():
            person = actions.set_first_password(token=token, password=form.cleaned_data["password"], now=now)
            # By the same steps as any sign-in: who has a second factor is asked for it, link or no link.
            answer: HttpResponse = perform_password_login(request, {}, Login(user=person, redirect_url=reverse("home")))
            return answer
    except actions.InvitationOver:
        return render(request, "people/invitation_over.html", status=404)
    return render(request, "people/invitation.html", {"form": form, "person": person})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose_persona(request: HttpRequest) -> HttpResponse:
    """Show the demo's doors; open one by POST. Outside the demo nothing is here."""
    if not settings.DEMO:
        not_there("the demo is not running")
    if request.method != "POST":
        return render(request, "people/doors.html", {"doors": queries.demo_doors()})
    person = actions.person_of_persona(request.POST.get("persona", ""))
    if person is None:
        not_there("no such persona")
    login(request, person, backend=BACKEND)
    record_authentication(request, person, method=PERSONA)
    actions.signed_in(person=person, now=clock.now())
    return redirect("home")
