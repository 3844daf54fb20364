"""The demo console: what is open, and *Next week*. Outside the demo it is not there."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from callroom.kit import clock, wording
from callroom.kit.pages import not_there
from callroom.kit.wording import moment
from callroom.people import queries as people
from callroom.people.policy import Action, permission
from callroom.pulse import aggregates
from callroom.pulse.states import WaveState
from callroom.site.demo.week import next_week


@dataclass(frozen=True, slots=True)
class OpenWave:
    """A wave as the console names it."""

    name: str
    closes: str


@dataclass(frozen=True, slots=True)
class ConsolePage:
    """What the console shows."""

    today: str
    open: tuple[OpenWave, ...]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.MOVE_DEMO)
def console(request: HttpRequest) -> HttpResponse:
    """Show what is open; on POST let the week pass."""
    if not settings.DEMO:
        not_there("the demo is not running")
    now = clock.now()
    if request.method == "POST":
        passed = next_week(base=_own_address(request), now=now)
        messages.success(
            request,
            _("%(count)d people answered. The week of %(day)s is published.")
            % {"count": passed.answered, "day": wording.day(passed.published)},
        )
        return redirect("demo-console")
    return render(request, "site/console.html", {"page": _page()})


def _page() -> ConsolePage:
    now = clock.now()
    institution = people.current_institution()
    return ConsolePage(
        today=wording.weekday_and_day(institution.day(now)),
        open=tuple(
            OpenWave(wave.wave, moment(wave.closes_at, institution.zone))
            for wave in aggregates.current_waves(now=now)
            if wave.state == WaveState.OPEN
        ),
    )


def _own_address(request: HttpRequest) -> str:
    # Where this server itself listens, whatever name the visitor used for it.
    return f"http://127.0.0.1:{request.get_port()}"
