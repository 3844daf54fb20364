"""The pages of results and their files. One address, one page: who is asking changes nothing in it."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from callroom.dashboards import actions, duties, pages, queries, tables
from callroom.dashboards.duties import Duty
from callroom.dashboards.tree import COUNTED, Tree, address, answers_address
from callroom.improvement import aggregates as promises
from callroom.kit import clock
from callroom.kit.pages import not_there
from callroom.people.policy import Action, permission
from callroom.people.queries import UnitRow
from callroom.people.requests import Request


@require_safe
@never_cache
@permission(Action.SEE_RESULTS)
def institution(request: Request) -> HttpResponse:
    """Show the whole institution: its departments A to Z and what they have in common."""
    tree = Tree.read()
    return _page(request, tree.root, tree)


@require_safe
@never_cache
@permission(Action.SEE_RESULTS)
def unit(request: Request, unit: str) -> HttpResponse:
    """Show a department or a programme."""
    tree = Tree.read()
    row = _shown(tree, unit)
    return redirect(address(row)) if row.parent is None else _page(request, row, tree)


@require_safe
@never_cache
@permission(Action.SEE_RESULTS)
def why(request: Request, unit: str) -> HttpResponse:
    """Explain what a programme's page says, and why."""
    tree = Tree.read()
    row = _shown(tree, unit)
    if row.kind.value not in COUNTED:
        return redirect(address(row))
    now = clock.now()
    actions.keep_look(request, now=now)
    page = pages.why_drawn(row, tree, now=now, zone=request.user.institution.zone)
    return render(request, "dashboards/page.html", {"page": page, "duty": _duty(request, row, tree, now)})


@require_safe
@never_cache
@permission(Action.SEE_RESULTS)
def figures(request: Request, unit: str) -> HttpResponse:
    """Give the figures of a unit's page as CSV."""
    tree = Tree.read()
    row = _shown(tree, unit)
    now = clock.now()
    actions.keep_look(request, now=now)
    text = tables.as_csv(queries.lines_within(tree, row.id, now=now))
    name = {"Content-Disposition": f'attachment; filename="callroom-{row.id}.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=name)


def _shown(tree: Tree, unit: str) -> UnitRow:
    row = tree.shown(unit)
    if row is None:
        not_there(f"{unit} has no page of results")
    return row


def _page(request: Request, row: UnitRow, tree: Tree) -> HttpResponse:
    now = clock.now()
    actions.keep_look(request, now=now)
    page = pages.drawn(row, tree, now=now, zone=request.user.institution.zone)
    owed = promises.owed(promises.ledger_now(now=now).about(tree.within(row.id), tree.above(row)))
    context = {
        "page": page,
        "duty": _duty(request, row, tree, now),
        "owed": owed,
        "several": tree.children(row.id),
        "answers": answers_address(row),
    }
    return render(request, "dashboards/page.html", context)


def _duty(request: Request, row: UnitRow, tree: Tree, now: datetime) -> Duty | None:
    return duties.of_reader(request, row, tree, now=now)
