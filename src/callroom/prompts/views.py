"""``/in/letters/``: when letters go out. ``/in/invite/``: what anybody may pass on. ``/in/calendar/``: the year's rounds."""

from __future__ import annotations

from typing import Any, Final

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from callroom.kit import clock, mail
from callroom.kit.pages import answered_in_time, led_onward, not_there, safe_next
from callroom.kit.wording import weekday_and_day
from callroom.people.policy import Action, may, permission
from callroom.people.queries import NoInstitution, current_institution
from callroom.people.requests import Request
from callroom.prompts import actions, calendars, forms, holidays, letters, links, queries
from callroom.prompts.states import Arrived
from callroom.pulse import asking
from callroom.pulse.actions import endings

LANGUAGES: Final = ("es", "en")
QUIET_ZONE: Final = 4
"""Light modules around the code, without which some readers do not find it."""


@require_safe
@permission(Action.PASS_ON)
def invite(request: Request) -> HttpResponse:
    """Show the link, a text for a messenger, and the way to the ward's page."""
    spoken = _languages(request)
    scale = asking.scale_is_asked(request.user.institution, now=clock.now())
    texts = [(language, letters.for_messenger(language, scale=scale)) for language in spoken]
    return render(request, "prompts/invite.html", {"texts": texts})


@require_safe
@permission(Action.PASS_ON)
def ward(request: Request) -> HttpResponse:
    """Show a page to print and hang up, with a code that leads to the check-in in the institution's first language."""
    first = _languages(request)[0]
    address = letters.address(first)
    context = {"code": _drawn(address), "address": address, "languages": _languages(request)}
    return render(request, "prompts/ward.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.SET_PROMPTS)
def times(request: Request) -> HttpResponse:
    """Set when letters go out."""
    form = forms.Times(request.POST if request.method == "POST" else None, initial=_initial(request))
    if form.is_valid():
        opening_at = form.cleaned_data["opening_at"]
        actions.set_times(by=request.user, opening_at=opening_at, reminders=form.reminders(), now=clock.now())
        messages.success(request, gettext("Kept. Letters go out at these times, to everybody who is asked."))
        return redirect("prompts:times")
    return _page(request, form=form)


@require_POST
@permission(Action.SET_PROMPTS)
def stop(request: Request) -> HttpResponse:
    """Let no letters go out any more."""
    actions.stop(by=request.user, now=clock.now())
    messages.success(request, gettext("No letters go out any more."))
    return redirect("prompts:times")


@require_POST
@permission(Action.SET_PROMPTS)
def test(request: Request) -> HttpResponse:
    """Send the reader the letter that everybody would get."""
    try:
        actions.send_test(by=request.user, now=clock.now())
    except mail.NotSent:
        messages.error(request, gettext("The letter could not be sent. Look at the line “Mail” of the check."))
    else:
        messages.success(request, gettext("A letter is on its way to %(address)s.") % {"address": request.user.email})
    return redirect("prompts:times")


@require_POST
@permission(Action.SET_PROMPTS)
def link(request: Request) -> HttpResponse:
    """Take the link of a test letter as it arrived, and say what became of it."""
    form = forms.Link(request.POST)
    if not form.is_valid():
        return _page(request, link_form=form)
    try:
        seen = actions.keep_how_it_arrived(by=request.user, link=form.cleaned_data["link"], now=clock.now())
    except links.NoLink:
        form.add_error("link", gettext("This is no web address. Copy the whole link; it begins with http."))
        return _page(request, link_form=form)
    if seen.arrived is Arrived.AS_SENT:
        messages.success(request, gettext("The link arrived as it was sent: it names nobody."))
        return redirect(led_onward(request, reverse("prompts:times")))
    messages.warning(request, gettext("The link was changed on its way. What that means is written below."))
    return redirect("prompts:times")


@require_safe
@permission(Action.PASS_ON)
def calendar(request: Request) -> HttpResponse:
    """Show the rounds of the coming weeks with the holidays, and the weeks in which nobody is asked."""
    now, language = clock.now(), (get_language() or "en")[:2]
    institution = request.user.institution
    context = {
        "rows": [_in_words(week, language) for week in calendars.weeks(institution, now=now)],
        "address": mail.address_of(f"/w/{language}/calendar.ics"),
        "may_skip": may(request.user, Action.SKIP_WEEK, now=now),
        "may_set": may(request.user, Action.SET_PROMPTS, now=now),
        "letters_go_out": queries.times_of(institution) is not None,
        "place": _place_in_words(holidays.where(institution)),
        "years_unknown": calendars.years_unknown(institution, now=now),
    }
    return render(request, "prompts/calendar.html", context)


@require_POST
@permission(Action.SKIP_WEEK)
@answered_in_time("prompts:calendar")
def skip(request: Request) -> HttpResponse:
    """Skip a week that the calendar offers to skip."""
    form = forms.Offered(request.POST)
    if not form.is_valid():
        not_there("no such week")
    try:
        actions.skip_offered(by=request.user, monday=form.week(), now=clock.now())
    except (actions.NotOffered, endings.TooLateToSkip):
        messages.error(request, gettext("That week is not offered any more: it has begun, or is skipped already."))
    else:
        messages.success(request, gettext("The week is skipped. Everybody sees it as “not asked”, with the reason."))
    return redirect(safe_next(request, reverse("prompts:calendar")))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.SET_PROMPTS)
def days(request: Request) -> HttpResponse:
    """Show whose public holidays hold and the institution's own days, and take in another of these."""
    form = forms.OwnDay(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _days_page(request, form)
    said = form.cleaned_data
    try:
        actions.add_day(
            by=request.user, day=said["day"], every_year=said["every_year"], name=form.name(), now=clock.now()
        )
    except actions.DayIsOver:
        form.add_error("day", gettext("This day is over. Choose a later one, or let it come every year."))
    except actions.DayIsKnown:
        form.add_error("day", gettext("This day is on the list already. Remove it first to call it something else."))
    except actions.TooManyDays:
        form.add_error(None, gettext("There are 60 days on the list. Remove one that is over first."))
    if form.errors:
        return _days_page(request, form)
    messages.success(request, gettext("Kept. The day stands on the calendar, and no letter goes out on it."))
    return redirect("prompts:days")


@require_POST
@permission(Action.SET_PROMPTS)
def place(request: Request) -> HttpResponse:
    """Set whose public holidays hold."""
    form = forms.Place(request.POST)
    if not form.is_valid():
        return _days_page(request, place_form=form)
    actions.set_place(by=request.user, place=form.where(), now=clock.now())
    messages.success(request, gettext("Kept. The calendar shows these holidays."))
    return redirect("prompts:days")


@require_POST
@permission(Action.SET_PROMPTS)
def remove_day(request: Request, number: int) -> HttpResponse:
    """Take one of the institution's own days off the calendar."""
    actions.remove_day(by=request.user, number=number, now=clock.now())
    messages.success(request, gettext("The day is off the calendar."))
    return redirect("prompts:days")


def _days_page(
    request: Request, form: forms.OwnDay | None = None, *, place_form: forms.Place | None = None
) -> HttpResponse:
    wrong = any(each is not None and each.is_bound for each in (form, place_form))
    found, language = holidays.where(request.user.institution), (get_language() or "en")[:2]
    own = holidays.own_days(request.user.institution)
    context = {
        "form": form or forms.OwnDay(),
        "place_form": place_form or forms.Place(initial={"place": "-".join(filter(None, (found.country, found.region)))}),
        "own": [{"number": each.number, "day": each.day, "every_year": each.every_year, "name": each.name[language]}
                for each in own],
    }  # fmt: skip
    return render(request, "prompts/days.html", context, status=400 if wrong else 200)


def _place_in_words(found: holidays.Where) -> str:
    return (
        holidays.regions(found.country)[found.region]
        if found.region
        else str(holidays.COUNTRIES.get(found.country, ""))
    )


def _in_words(week: calendars.Week, language: str) -> dict[str, Any]:
    return {
        "monday": week.monday,
        "words": calendars.opening_words(week.opens) if week.opens else "",
        "scale": calendars.scale_words(week.scale),
        "reason": week.reason[language] if week.reason else "",
        "holidays": [(weekday_and_day(each.day), each.names[language]) for each in week.holidays],
        "opens_on_a_holiday": week.opens_on_a_holiday,
        "closes_on_a_holiday": week.closes_on_a_holiday,
        "letter_on": weekday_and_day(week.letter_on) if week.letter_on else "",
        "suggestion": week.suggestion[language] if week.suggestion else "",
    }


def _languages(request: Request) -> list[str]:
    spoken = [language for language in request.user.institution.languages if language in LANGUAGES]
    return spoken or list(LANGUAGES)


def _initial(request: Request) -> dict[str, Any]:
    found = queries.times_of(request.user.institution)
    return dict(queries.in_words(found)) if found else {"opening_at": "07:30"}


def _page(request: Request, *, form: forms.Times | None = None, link_form: forms.Link | None = None) -> HttpResponse:
    wrong = any(each is not None and each.is_bound for each in (form, link_form))
    context = {
        "form": form or forms.Times(initial=_initial(request)),
        "link_form": link_form or forms.Link(),
        "times": queries.times_of(request.user.institution),
        "letter": letters.text_in((get_language() or "en")[:2]),
        "zone": request.user.institution.time_zone,
    }
    return render(request, "prompts/times.html", context, status=400 if wrong else 200)


def _drawn(address: str) -> SafeString:
    """Return the code as an SVG of ours: no script, no style, nothing from elsewhere."""
    code = segno.make(address, error="m", micro=False)
    drawing = code.svg_inline(border=QUIET_ZONE, svgclass="code", lineclass=None, omitsize=True, light="#fff")
    return mark_safe(drawing)  # noqa: S308 - drawn from our own address


@require_GET
def feed(_request: HttpRequest, language: str) -> HttpResponse:
    """Return the calendar for subscribing: no name, no key, the same bytes for everybody."""
    if language not in LANGUAGES:
        not_there("no such language")
    try:
        institution = current_institution()
    except NoInstitution:
        not_there("no institution yet")
    said = calendars.feed(institution, language, now=clock.now())
    return HttpResponse(said, content_type="text/calendar; charset=utf-8")
