"""*Try to find me*: the page with the button. Not there but in the demo and on test installations."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from callroom.core.anonymity import linkage, sealing
from callroom.core.instruments import weekly
from callroom.kit import clock
from callroom.kit.pages import not_there
from callroom.people import queries as people
from callroom.people.policy import Action, permission
from callroom.pulse import questions
from callroom.pulse.aggregates import CurrentWave
from callroom.site.attack import trial
from callroom.site.demo import answers
from callroom.site.demo.week import anchor, monday_of

COLUMNS = 15
STEP = 20


@dataclass(frozen=True, slots=True)
class Dot:
    """One person in the picture. ``x``, ``y``: its middle; ``found``: the attacker's guess was right."""

    x: int
    y: int
    found: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """What was found in one place: dots in rows, and the same as a number."""

    dots: tuple[Dot, ...]
    found: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Result:
    """The last trial, ready to be shown. ``least``, ``most``: what guessing blindly finds in 99 of 100 trials."""

    people: int
    luck: int
    least: int
    most: int
    ordinary: Picture
    callroom: Picture


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.TRY_TO_FIND)
def find_me(request: HttpRequest) -> HttpResponse:
    """Show the last trial; on POST make a new one."""
    if not (settings.DEMO or settings.TEST_INSTALLATION):
        not_there("neither the demo nor a test installation")
    if request.method == "POST":
        _try(request)
        return redirect("find-me")
    last = trial.last()
    return render(request, "site/find_me.html", {"result": None if last is None else _result(last)})


def _try(request: HttpRequest) -> None:
    # Where this server itself listens, by the name that the visitor used for it.
    here, known_as = f"http://127.0.0.1:{request.META['SERVER_PORT']}", request.build_absolute_uri("/")
    try:
        made = trial.run(
            base=here, known_as=known_as, given=_given, now=clock.now(), shuffle=secrets.SystemRandom().shuffle
        )
    except trial.TooFewLeft:
        messages.error(request, _("Almost everybody has answered this round already. Try again in the next one."))
    else:
        trial.keep(made)


def _given(who: str, unit: str, wave: CurrentWave) -> sealing.Given:
    items = questions.asked(wave.rotating_item)
    if not settings.DEMO:
        return {item: secrets.randbelow(weekly.OPTION_COUNT) for item in items}
    weeks_ago = (anchor() - monday_of(people.current_institution(), clock.now())).days // 7
    given = answers.answer(who, unit, wave.wave, items, weeks_ago)
    return sealing.DidNotWork() if given is None else given


def _result(made: trial.Trial) -> Result:
    least, most = linkage.luck(made.groups)
    return Result(made.people, made.groups, least, most, _picture(made.ordinary), _picture(made.callroom))


def _picture(marks: tuple[bool, ...]) -> Picture:
    dots = tuple(
        Dot(STEP * (place % COLUMNS) + STEP // 2, STEP * (place // COLUMNS) + STEP // 2, found)
        for place, found in enumerate(marks)
    )
    return Picture(dots, sum(marks), COLUMNS * STEP, -(-len(marks) // COLUMNS) * STEP)
