"""The permission of a view, checked before it runs and readable by the test that walks every route."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase

from callroom.kit import clock
from callroom.people.models import Person
from callroom.people.policy.checks import check_may
from callroom.people.policy.second_factor import is_due, lead_to_second_factor
from callroom.people.policy.table import Action

P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)
View = Callable[Concatenate[R, P], HttpResponseBase]


def permission(
    action: Action, *, unit: str | None = None, before_second_factor: bool = False
) -> Callable[[View[R, P]], View[R, P]]:
    """
    Let a view run only for who may do ``action``; for everybody else it is not there (404).

    ``unit`` names the view's argument that holds a unit's id: then the person must be allowed for that unit. Who needs a
    second factor and has not given one in this session is led to it first, and back here afterwards; only the pages on
    which it is set up and given are open ``before_second_factor``.
    """

    def guard(view: View[R, P]) -> View[R, P]:
        @wraps(view)
        def guarded(request: R, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not isinstance(request.user, Person):
                return redirect_to_login(request.get_full_path())
            now = clock.now()  # noqa: TID251  (this is the view's side)
            check_may(request.user, action, now=now, unit=_text(kwargs, unit))
            if not before_second_factor and is_due(request, request.user, now=now):
                return lead_to_second_factor(request, request.user)
            return view(request, *args, **kwargs)

        guarded.permission = action  # type: ignore[attr-defined]  # read by permission_of
        return guarded

    return guard


def permission_of(view: Any) -> Action | None:
    """Return the action that a view was decorated with, ``None`` without one."""
    found = getattr(view, "permission", None)
    return found if isinstance(found, Action) else None


def _text(arguments: Any, name: str | None) -> str | None:
    return None if name is None else str(arguments[name])
