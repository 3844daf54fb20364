"""The leader's desk, the answer to a clock, what became of a promise, the ledger for everybody, and the coordinator's page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callroom.improvement import advice, forms, pages, practice, queries, showing
from callroom.improvement.actions import answers, letters, promises
from callroom.improvement.states import PromiseState
from callroom.kit import clock as clocks
from callroom.kit.pages import led_onward, not_there
from callroom.people.policy import Action, permission
from callroom.people.requests import Request


@require_safe
@never_cache
@permission(Action.KEEP_PROMISE)
def desk(request: Request) -> HttpResponse:
    """Show what a leader has to do, first; then what they promised, and what they can do."""
    mine = queries.desk(request.user, now=clocks.now())
    context = {"page": pages.desk(mine), "advice": advice.in_words()}
    return render(request, "improvement/desk.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.ANSWER_CLOCK)
def answer(request: Request, clock: int) -> HttpResponse:
    """Answer a clock in one of three ways."""
    now = clocks.now()
    asked = queries.clock_to_answer(request.user, clock, now=now)
    sheet = forms.AnswerSheet(
        request.POST or None,
        today=request.user.institution.day(now),
        units=queries.receivers(request.user, clock, now=now),
        holder=asked.holder,
        who=request.user.name,
        what=advice.text_of(request.GET.get("idea", "")),
    )
    if sheet.is_valid():
        try:
            answers.answer(clock_id=clock, by=request.user, said=sheet.said(), now=now)
        except answers.AnsweredAlready:
            sheet.refuse(gettext("Somebody answered this meanwhile. Yours was not published; it is still below."))
            asked = queries.clock_to_answer(request.user, clock, now=now)
        except answers.MovedMeanwhile:
            sheet.refuse(gettext("Somebody passed this on meanwhile. Yours was not published; it is still below."))
        except answers.CannotTakeIt:
            sheet.refuse(gettext("This unit cannot take it: it had it before, or the same people would be asked."))
        else:
            messages.success(request, gettext("Published. Your residents see it now on their home page."))
            return redirect("improvement:history", asked.unit)
    context = {"asked": showing.clock(asked), "sheet": sheet, "practice": False, "starters": advice.starters()}
    return render(request, "improvement/answer.html", context, status=400 if sheet.sent else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.KEEP_PROMISE)
def keep(request: Request, promise: int) -> HttpResponse:
    """Say what became of a promise: kept, not kept, or a new date with its reason."""
    now = clocks.now()
    row = queries.promise_to_keep(request.user, promise, now=now)
    sheet = forms.KeepSheet(request.POST or None, today=request.user.institution.day(now))
    if sheet.is_valid():
        try:
            promises.tell(promise_id=promise, by=request.user, said=sheet.said(), now=now)
        except promises.EndedAlready:
            sheet.refuse(gettext("Somebody said meanwhile what became of it. Yours was not published."))
            row = queries.promise_to_keep(request.user, promise, now=now)
        except answers.BadDay:
            sheet.refuse(gettext("The new date has to be later than the one that holds now."))
        else:
            messages.success(request, gettext("Published. The promise shows it for good."))
            return redirect("improvement:desk")
    context = {"ticket": showing.ticket(row), "sheet": sheet, "is_open": row.state is PromiseState.OPEN}
    return render(request, "improvement/keep.html", context, status=400 if sheet.sent else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.ANSWER_CLOCK)
def commit(request: Request) -> HttpResponse:
    """Publish a first commitment, before a unit is asked for the first time."""
    now = clocks.now()
    units = queries.desk(request.user, now=now).units
    form = forms.Commitment(
        request.POST or None,
        units=units,
        today=request.user.institution.day(now),
        initial={"who": request.user.name, "unit": request.GET.get("unit", "")},
    )
    if form.is_valid():
        said = form.said()
        promises.commit(
            unit=form.cleaned_data["unit"], by=request.user, words=said.words, who=said.who, due_on=said.due_on, now=now
        )
        messages.success(request, gettext("Published. Your residents see it now on their home page."))
        return redirect("improvement:history", form.cleaned_data["unit"])
    return render(request, "improvement/commit.html", {"form": form}, status=400 if form.is_bound else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission(Action.ANSWER_CLOCK)
def practise(request: Request) -> HttpResponse:
    """Answer a made-up clock: the same form and the same checks, and nothing is stored or published."""
    now = clocks.now()
    day = request.user.institution.day(now)
    asked = practice.made_up_clock(day)
    sheet = forms.AnswerSheet(
        request.POST or None,
        today=day,
        units=practice.made_up_receivers(),
        holder=asked.holder,
        who=request.user.name,
        what=advice.text_of(request.GET.get("idea", "")),
    )
    done = practice.outcome(asked, sheet.said(), by=request.user.name, day=day) if sheet.is_valid() else None
    context = {
        "asked": showing.clock(asked),
        "sheet": sheet,
        "practice": True,
        "done": done,
        "starters": advice.starters(),
    }
    return render(request, "improvement/answer.html", context, status=400 if sheet.sent and not done else 200)


@require_safe
@never_cache
@permission(Action.SEE_RESULTS)
def ledger(request: Request) -> HttpResponse:
    """Show everybody what is owed and promised in the whole institution."""
    known = queries.everything(request.user, now=clocks.now())
    return render(request, "improvement/ledger.html", {"page": pages.ledger(known)})


@require_safe
@never_cache
@permission(Action.SEE_RESULTS)
def history(request: Request, unit: str) -> HttpResponse:
    """Show everybody all clocks, answers and promises that a unit ever had."""
    row = queries.unit_row(unit)
    if row is None:
        not_there(f"{unit} is no unit")
    known = queries.history(request.user, unit, now=clocks.now())
    return render(request, "improvement/ledger.html", {"page": pages.ledger(known, unit=row.name)})


@require_safe
@never_cache
@permission(Action.REMIND_LEADERS)
def waiting(request: Request) -> HttpResponse:
    """Show the coordinator which clocks wait, and which units have committed to nothing yet."""
    return _waiting(request)


@require_POST
@permission(Action.REMIND_LEADERS)
def remind(request: Request, clock: int) -> HttpResponse:
    """Write a letter to whoever is asked."""
    try:
        count = letters.remind(clock_id=clock, by=request.user, now=clocks.now())
    except letters.AskedToday:
        messages.error(request, gettext("They were reminded today already. Once a day is enough."))
    except letters.NobodyToAsk:
        messages.error(request, gettext("Nobody can answer at present. Give somebody the role of leader or deputy."))
    else:
        messages.success(
            request,
            gettext("Written to: %(count)d. It goes out on the next working day between 8 and 18.") % {"count": count},
        )
    return redirect("improvement:waiting")


@require_POST
@permission(Action.WAIVE_COMMITMENT)
def waive(request: Request) -> HttpResponse:
    """Let units be asked before their first commitment; everybody reads why."""
    now = clocks.now()
    form = forms.Waive(request.POST, units=queries.uncommitted(now=now))
    if not form.is_valid():
        return _waiting(request, form)
    given = form.cleaned_data
    promises.waive_all(
        units=given["units"], by=request.user, reason_en=given["reason_en"], reason_es=given["reason_es"], now=now
    )
    messages.success(request, gettext("Noted. Everybody reads it beside these units' results."))
    return redirect(led_onward(request, reverse("improvement:waiting")))


def _waiting(request: Request, form: forms.Waive | None = None) -> HttpResponse:
    now = clocks.now()
    units = queries.uncommitted(now=now)
    context = {
        "page": pages.ledger(queries.everything(request.user, now=now)),
        "form": form or (forms.Waive(units=units) if units else None),
    }
    return render(request, "improvement/waiting.html", context, status=400 if form else 200)
