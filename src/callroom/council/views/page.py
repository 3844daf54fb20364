"""``/in/council/``: who it is, what holds, what waits for signatures, what was decided. Everybody reads the same."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from callroom.core.disclosure.rules import Kind
from callroom.council import forms, queries, wording
from callroom.kit import clock
from callroom.kit.wording import moment
from callroom.people.policy import Action, may, permission
from callroom.people.requests import Request
from callroom.pulse.forms import Reason


@dataclass(frozen=True, slots=True)
class Line:
    """A proposal or a decision in words."""

    title: str
    says: str
    why: str
    when: str
    keys: str
    link: str
    signed: int


@require_safe
@never_cache
@permission(Action.SEE_COUNCIL)
def council(request: Request) -> HttpResponse:
    """Show the council and its rules."""
    return council_page(request)


def council_page(request: Request, *, found_form: Reason | None = None, ask_form: Reason | None = None) -> HttpResponse:
    """Return the page, with the forms that the reader may fill in."""
    reader, now = request.user, clock.now()
    institution, zone = reader.institution, reader.institution.zone
    found = queries.council(institution, reader=reader, now=now)
    context = {
        "council": found,
        "acting": [member.name for member in found.members if member.acts],
        "appointed": [member for member in found.members if not member.acts],
        "waiting": moment(found.waiting.from_at, zone) if found.waiting else "",
        "paused": [(wording.MODULES[each], wording.in_language(why)) for each, why in found.paused.items()],
        "words": wording.words_that_hold(queries.words_in_force(institution, now=now), found.words, zone),
        "open": [_line(each, moment(each.expires_at, zone), str(each.id)) for each in found.open],
        "decisions": [
            _line(each, moment(each.at, zone), each.sha256, keys=", ".join(each.keys)) for each in found.decisions
        ],
        "kinds": _kinds(found) if may(reader, Action.PROPOSE_RULE, now=now) and found.keys else [],
        "may_appoint": may(reader, Action.APPOINT_COUNCIL, now=now),
        "may_open": may(reader, Action.PROPOSE_RULE, now=now),
        "may_confirm": may(reader, Action.SIGN_AS_COUNCIL, now=now),
        "needs_key": may(reader, Action.SIGN_AS_COUNCIL, now=now) and not found.mine,
        "has_key": bool(queries.own_key(reader)),
        "may_replace": bool(found.keys) and may(reader, Action.REPLACE_COUNCIL, now=now),
        "is_ready": queries.is_ready(institution, now=now),
        "found_form": found_form or Reason(auto_id="found-%s"),
        "ask_form": ask_form or Reason(auto_id="another-%s"),
        "confirm_form": forms.ConfirmRequest,
    }
    wrong = any(form is not None and form.errors for form in (found_form, ask_form))
    return render(request, "council/council.html", context, status=400 if wrong else 200)


def _line(each: queries.Open | queries.Decision, when: str, link: str, *, keys: str = "") -> Line:
    return Line(
        title=str(wording.TITLES[each.kind]),
        says=wording.in_words(each.kind, each.change),
        why=wording.reason_of(each.change),
        when=when,
        keys=keys,
        link=link,
        signed=each.signed if isinstance(each, queries.Open) else 0,
    )


def _kinds(found: queries.Council) -> list[tuple[str, str]]:
    """Return what can be proposed now: only what rests can go on."""
    idle = {Kind.RESUME} if not found.paused else set()
    return [(kind.value, str(title)) for kind, title in wording.TITLES.items() if kind not in idle]
