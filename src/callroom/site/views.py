"""The front door, and the signed-in home page: one waiting thing, where my answer counts, what was published, help."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from callroom.council import queries as council
from callroom.council.wording import words_that_hold
from callroom.kit import clock
from callroom.people.policy import Action, permission
from callroom.people.requests import Request
from callroom.pulse import rules
from callroom.setup.queries import door_is_open as start_is_open
from callroom.site import queries
from callroom.site.known import known_page


@login_not_required
@require_safe
def front_door(request: HttpRequest) -> HttpResponse:
    """Lead from the bare address to the signed-in side; to the first start where that is still to be made."""
    if start_is_open():
        return redirect("setup:start")
    return redirect("home")


@require_safe
@never_cache
@permission(Action.SEE_HOME)
def home(request: Request) -> HttpResponse:
    """Show what is waiting. The server does not know who has answered: it asks everyone alike."""
    now = clock.now()
    # No look is kept here, though a leader may see a sentence: a row of the audit trail just before an answer would be
    # a trace of it (a chief resident is asked, too). Looks are kept where results are read.
    return render(request, "site/home.html", {"page": queries.home_page(request.user, now=now)})


@require_safe
@never_cache
@permission(Action.READ_PRIVACY)
def known(request: Request) -> HttpResponse:
    """Show what can be known about somebody: the same page for everybody, and no trace of who read it."""
    institution, now = request.user.institution, clock.now()
    holding, latest = council.words_in_force(institution, now=now), council.words(institution, now=now)
    words = words_that_hold(holding, latest, institution.zone)
    return render(request, "site/known.html", {"page": known_page(rules.in_force(institution).policy, words)})
