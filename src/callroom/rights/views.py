"""``/in/my-data/`` for everybody; ``/in/requests/``, the desk; ``/in/trail/`` for who watches over the trail."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callroom.kit import clock
from callroom.kit.pages import not_there
from callroom.kit.wording import day_and_year
from callroom.people import queries as people
from callroom.people.policy import Action, NotYours, permission
from callroom.people.requests import Request
from callroom.rights import actions, forms, queries

ROWS_A_PAGE: Final = 50


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission(Action.SEE_OWN_RECORD)
def mine(request: Request) -> HttpResponse:
    """Show one's own requests and why answers cannot be found; take a new request."""
    form = forms.Ask(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = actions.ask(
                person=request.user, kind=form.asked(), words=form.cleaned_data["words"], now=clock.now()
            )
        except actions.TooManyOpen:
            form.add_error(None, forms.TOO_MANY)
        else:
            messages.success(
                request,
                _("The desk has your request. The last day for an answer is %(day)s.")
                % {"day": day_and_year(made.due_on)},
            )
            return redirect("rights:mine")
    page = {"form": form, "requests": queries.own_requests(request.user), "working_days": actions.WORKING_DAYS}
    return render(request, "rights/mine.html", page)


@require_POST
@never_cache
@permission(Action.SEE_OWN_RECORD)
def copy(request: Request) -> HttpResponse:
    """Give a person everything that is stored about them, as a file."""
    return _as_file(queries.own_copy(request.user, now=clock.now()))


@require_POST
@never_cache
@permission(Action.SEE_OWN_RECORD)
def withdraw(request: Request, request_id: int) -> HttpResponse:
    """Withdraw one's own request."""
    if not any(known.id == request_id for known in queries.own_requests(request.user)):
        not_there("not a request of this person")
    try:
        actions.withdraw(person=request.user, request_id=request_id, now=clock.now())
    except actions.NotOpen:
        messages.warning(request, _("It was answered or withdrawn meanwhile. Nothing was changed."))
    else:
        messages.success(request, _("Withdrawn."))
    return redirect("rights:mine")


@require_safe
@never_cache
@permission(Action.ANSWER_REQUESTS)
def desk(request: Request) -> HttpResponse:
    """Show what waits at the desk."""
    return _desk(request)


@require_POST
@never_cache
@permission(Action.ANSWER_REQUESTS)
def take_in(request: Request) -> HttpResponse:
    """Enter a request that came on paper or by word of mouth."""
    now = clock.now()
    form = forms.TakeIn(request.POST, today=request.user.institution.day(now))
    if not form.is_valid():
        return _desk(request, form=form)
    found = people.people_by_id_or_address(request.user.institution, form.cleaned_data["who"])
    if len(found) != 1:
        form.add_error("who", forms.NOBODY)
        return _desk(request, form=form)
    try:
        actions.take_in(
            by=request.user,
            person=found[0],
            kind=form.asked(),
            words=form.cleaned_data["words"],
            received_on=form.cleaned_data["received_on"],
            now=now,
        )
    except actions.TooManyOpen:
        form.add_error("who", forms.TOO_MANY)
        return _desk(request, form=form)
    except NotYours:
        form.add_error("who", _("You cannot take in a request of your own, or of somebody whom you evaluate."))
        return _desk(request, form=form)
    messages.success(request, _("Entered. It stands among those that wait."))
    return redirect("rights:desk")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission(Action.ANSWER_REQUESTS)
def answer(request: Request, request_id: int) -> HttpResponse:
    """Show one request and take its answer."""
    now = clock.now()
    waiting = queries.request_for(request.user, request_id, now=now)
    if waiting is None:
        return _over(request, request_id)
    form = forms.Answer(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            actions.answer(
                by=request.user, request_id=request_id, state=form.said(), words=form.cleaned_data["words"], now=now
            )
        except actions.NotOpen:
            return _over(request, request_id)
        messages.success(request, _("Answered. A letter with a link goes to the person."))
        return redirect("rights:desk")
    page = {"waiting": waiting, "form": form}
    return render(request, "rights/answer.html", page)


@require_POST
@never_cache
@permission(Action.ANSWER_REQUESTS)
def copy_for(request: Request, request_id: int) -> HttpResponse:
    """Give the desk the copy of somebody who asks for it and has left: they have no way in to take it themselves."""
    now = clock.now()
    person = queries.departed_who_asks(request.user, request_id, now=now)
    if person is None:
        not_there("no request of somebody who has left that this reader may answer")
    return _as_file(actions.take_copy_of(person, by=request.user, now=now))


@require_safe
@never_cache
@permission(Action.READ_AUDIT)
def trail(request: Request) -> HttpResponse:
    """Show a page of the trail."""
    return _trail(request)


@require_POST
@never_cache
@permission(Action.READ_AUDIT)
def check_trail(request: Request) -> HttpResponse:
    """Read the whole trail and say whether it is what was written."""
    return _trail(request, report=queries.verify_trail())


@require_safe
@never_cache
@permission(Action.READ_AUDIT)
def looks(request: Request) -> HttpResponse:
    """Show who opened which page on a day."""
    now = clock.now()
    form = forms.LooksChoice(request.GET or {"day": request.user.institution.day(now).isoformat()})
    found = queries.looks_on(form.cleaned_data["day"]) if form.is_valid() else ()
    actions.note_reading(by=request.user, what="looks", now=now)
    return render(request, "rights/looks.html", {"form": form, "looks": found})


def _as_file(content: dict[str, Any]) -> HttpResponse:
    answer = JsonResponse(content, json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = 'attachment; filename="callroom-data.json"'
    return answer


def _desk(request: Request, *, form: forms.TakeIn | None = None) -> HttpResponse:
    now = clock.now()
    page = {
        "desk": queries.desk(request.user, now=now),
        "form": form or forms.TakeIn(today=request.user.institution.day(now)),
    }
    return render(request, "rights/desk.html", page)


def _over(request: Request, request_id: int) -> HttpResponse:
    if not any(known.id == request_id for known in queries.desk(request.user, now=clock.now()).closed):
        not_there("no request that this reader may answer")
    messages.warning(request, _("It was answered or withdrawn meanwhile. Nothing was changed."))
    return redirect("rights:desk")


def _trail(request: Request, **more: Any) -> HttpResponse:
    now = clock.now()
    form = forms.TrailChoice(request.GET)
    found = queries.trail_page(request.user.institution, **form.chosen(), size=ROWS_A_PAGE)
    actions.note_reading(by=request.user, what="rows", now=now)
    older = request.GET.copy()
    older["below"] = str(found.older)
    return render(request, "rights/trail.html", {"form": form, "trail": found, "older": older.urlencode(), **more})
