"""The check-in page, its service worker and manifest, and the page of a check-in device."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from callroom.consent import queries as consent
from callroom.consent.states import Standing
from callroom.core.instruments import scale, weekly
from callroom.kit.templatetags.kit import anonymous_static
from callroom.people.policy import Action, permission
from callroom.people.queries import NoInstitution, current_institution
from callroom.people.requests import Request
from callroom.pulse import queries, questions

WORKER: Final = "pulse/js/sw.js"
THEME: Final = "#12352f"
GROUND: Final = "#eef1ec"


@dataclass(frozen=True, slots=True)
class Rung:
    """One answer of one of the scale's questions: its words, and what it adds, 4 being the worst."""

    adds: int
    words: str


@dataclass(frozen=True, slots=True)
class ScaleQuestion:
    """One of the scale's questions in one language."""

    id: str
    text: str
    rungs: tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """
    The quarterly scale as the page's template of it needs it.

    ``questions`` are empty in a language in which the instrument's wording does not ship: there it is not asked.
    ``moderate`` and ``high`` are the scores from which its own result says more.
    """

    id: str
    options: int
    questions: tuple[ScaleQuestion, ...]
    answered_at_least: int
    moderate: int
    high: int


@dataclass(frozen=True, slots=True)
class Question:
    """One item of the bank in one language, as the page's template of it needs it."""

    id: str
    text: str
    options: tuple[str, ...]
    about_last_days: bool


@dataclass(frozen=True, slots=True)
class PromiseQuestion:
    """A question about a kept promise in one language: its words around the month and the promise, which the phone puts in."""

    id: str
    before_month: str
    before_promise: str
    after: str
    options: tuple[str, ...]


def promise_questions_in(language: str) -> tuple[PromiseQuestion, ...]:
    """Return both questions about a promise; the second begins with what it is about, as the first does."""
    return (
        _about_promise(weekly.PROMISE_NOTICED, weekly.PROMISE_NOTICED.text[language], language),
        _about_promise(
            weekly.PROMISE_EFFECT,
            f"{weekly.PROMISE_SAID[language]} {weekly.PROMISE_EFFECT.text[language]}",
            language,
        ),
    )


def _about_promise(item: weekly.WeeklyItem, text: str, language: str) -> PromiseQuestion:
    before_month, rest = text.split("{month}")
    before_promise, after = rest.split("{promise}")
    return PromiseQuestion(item.id, before_month, before_promise, after, item.options[language])


def questions_in(language: str) -> tuple[Question, ...]:
    """Return every item that a wave may ask, the core first."""
    return tuple(
        Question(item.id, item.text[language], item.options[language], item.id not in weekly.PRESENT_TENSE)
        for item in (*weekly.CORE, *weekly.ROTATING)
    )


def scale_in(language: str) -> Scale:
    """Return the quarterly scale in a language."""
    instrument = scale.SCALE
    lowest = {band.code: int(band.lowest) for band in instrument.bands}
    return Scale(
        id=instrument.id,
        options=scale.OPTIONS,
        questions=tuple(
            ScaleQuestion(
                item.id,
                item.texts[language],
                tuple(
                    Rung(scale.rung(item, value), words)
                    for value, words in zip(item.answers.values, item.answers.labels[language], strict=True)
                ),
            )
            for item in (instrument.items if language in instrument.languages else ())
        ),
        answered_at_least=instrument.missing.answered_at_least,
        moderate=lowest["moderate"],
        high=lowest["high"],
    )


def _institution() -> dict[str, str]:
    try:
        institution = current_institution()
    except NoInstitution:
        return {"id": "", "key": "", "first_key": "", "zone": "UTC"}
    return queries.known_to_browsers(institution)


def _rests(language: str) -> str:
    """Return the public words for which nobody is asked at the moment; empty as a rule."""
    try:
        words = queries.why_nobody_is_asked(current_institution())
    except NoInstitution:
        return ""
    return words[language] if words else ""


def shell_in(language: str) -> str:
    """
    Return the check-in page: the same bytes for everyone, whatever is open.

    It is made without the request, so that nothing of the request can come to stand in it.
    """
    with translation.override(language):
        return render_to_string(
            "pulse/w/check_in.html",
            {
                "request": {"path": f"/w/{language}/"},
                "institution": _institution(),
                "rests": _rests(language),
                "questions": questions_in(language),
                "about_promises": promise_questions_in(language),
                "header": weekly.HEADER[language],
                "skip": weekly.SKIP[language],
                "did_not_work": weekly.DID_NOT_WORK[language],
                "promise": weekly.PROMISE[language],
                "promise_detail": weekly.PROMISE_DETAIL[language].split("{date}"),
                "wordings": " ".join(questions.wordings()),
                "scale": scale_in(language),
            },
        )


@require_GET
@gzip_page  # the same bytes for everyone: there is no secret in them that their length could give away
def check_in(_request: HttpRequest, language: str) -> HttpResponse:
    """Show the check-in page."""
    _known(language)
    return HttpResponse(shell_in(language))


@require_GET
def service_worker(_request: HttpRequest) -> HttpResponse:
    """Return the service worker of ``/w/``, in front of it a version that changes with anything it keeps."""
    worker = _static_text(WORKER)
    shells = "".join(shell_in(language) for language in weekly.LANGUAGES)
    version = hashlib.sha256((worker + shells).encode()).hexdigest()[:16]
    return HttpResponse(
        f'self.CALLROOM_VERSION = "{version}";\n{worker}',
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )


@require_GET
def manifest(_request: HttpRequest, language: str) -> HttpResponse:
    """Return what a phone needs to put Callroom on its home screen."""
    _known(language)
    icons = [
        {"src": anonymous_static(f"pulse/img/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    return JsonResponse(
        {
            "id": "/w/",
            "name": "Callroom",
            "short_name": "Callroom",
            "description": gettext("Say in 30 seconds how the week was, without your name."),
            "lang": language,
            "start_url": f"/w/{language}/",
            "scope": "/",
            "display": "standalone",
            "background_color": GROUND,
            "theme_color": THEME,
            "icons": [*icons, {**icons[-1], "purpose": "maskable"}],
        },
        content_type="application/manifest+json",
    )


@require_GET
@permission(Action.FETCH_TOKEN)
def device(request: Request) -> HttpResponse:
    """Ask whether this phone is the reader's own, and make it their check-in device; first whether they want to check in."""
    if consent.standing_of(request.user) is Standing.OPEN:
        return redirect("consent:mine")
    context: dict[str, Any] = {"institution": _institution(), "person": str(request.user.pk)}
    return render(request, "pulse/device.html", context)


def _known(language: str) -> None:
    if language not in weekly.LANGUAGES:
        raise Http404


def _static_text(name: str) -> str:
    found = finders.find(name)
    if isinstance(found, str):
        return Path(found).read_text(encoding="utf-8")
    with staticfiles_storage.open(name) as file:
        return str(file.read(), "utf-8")
