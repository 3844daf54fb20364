"""Coming in by the hospital's identity provider: there, back, and what is said when it does not work."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from callroom.kit.pages import not_there
from callroom.people import provider, queries
from callroom.people.policy.second_factor import PROVIDER
from callroom.people.provider import saml

NEXT = "provider_next"
"""Where the session keeps the page that was asked for before signing in."""


@login_not_required
@never_cache
@require_safe
def go_to_provider(request: HttpRequest) -> HttpResponse:
    """Send the browser to the identity provider."""
    _only_if(settings.PROVIDER)
    if request.user.is_authenticated:
        return redirect("home")
    wanted = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/in/"):
        request.session[NEXT] = wanted
    try:
        return redirect(provider.begin(request, back=request.build_absolute_uri(reverse("people:provider-back"))))
    except provider.ProviderDown:
        return _page(request, "down", status=503)


@csrf_exempt
@login_not_required
@never_cache
@require_POST
def provider_response(request: HttpRequest) -> HttpResponse:
    """
    Take a SAML response that the provider's page posts, and lead on to where the session is.

    There is no CSRF token and no session here: what was posted is signed, and does nothing by itself.
    """
    _only_if(settings.PROVIDER == "saml")
    try:
        note = saml.note_of_response(request)
    except provider.ProviderDown:
        return _page(request, "down", status=503)
    except provider.Refused:
        return _page(request, "refused", status=403)
    on = redirect("people:provider-back")
    on.status_code = 303
    on.set_cookie(
        saml.NOTE,
        note,
        max_age=saml.SECONDS,
        path=settings.SESSION_COOKIE_PATH,
        secure=True,
        httponly=True,
        samesite="Lax",
    )
    return on


@login_not_required
@never_cache
@require_safe
def provider_back(request: HttpRequest) -> HttpResponse:
    """Sign in whom the provider named, if the roster has that id; nobody is added, and no address is compared."""
    _only_if(settings.PROVIDER)
    if request.user.is_authenticated:
        return redirect("home")
    try:
        subject = provider.finish(request)
    except provider.ProviderDown:
        answer = _page(request, "down", status=503)
    except provider.Refused:
        answer = _page(request, "refused", status=403)
    else:
        answer = _sign_in(request, subject)
    answer.delete_cookie(saml.NOTE, path=settings.SESSION_COOKIE_PATH, samesite="Lax")
    return answer


@login_not_required
@require_safe
def provider_metadata(request: HttpRequest) -> HttpResponse:
    """Show what the provider's administrator needs to know about this side."""
    _only_if(settings.PROVIDER == "saml")
    return HttpResponse(saml.own_metadata(request), content_type="application/samlmetadata+xml")


def _sign_in(request: HttpRequest, subject: provider.Subject) -> HttpResponse:
    person = queries.person_of_provider(subject.external_id)
    if person is None:
        return _page(request, "unknown", status=403, subject=subject.external_id)
    record_authentication(request, person, method=PROVIDER)
    back = request.session.pop(NEXT, reverse("home"))
    answer: HttpResponse = perform_login(request, Login(user=person, redirect_url=back))
    return answer


def _page(request: HttpRequest, what: str, *, status: int, subject: str = "") -> HttpResponse:
    page = {"provider": provider.name(), "subject": subject}
    return render(request, f"people/provider_{what}.html", page, status=status)


def _only_if(configured: object) -> None:
    if not configured:
        not_there("no such identity provider is set up")
