"""
Errands: actions that sign or burn. The web's process, where it is apart, sends them to the tally and waits for the answer.

The tally does the same action with the same checks, by its own clock: nothing is believed but which action it is, who
asks, and with which words. With one user an errand is an ordinary call.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar, get_type_hints

from django.db.models import Model

from callroom.kit import apart

P = ParamSpec("P")
R = TypeVar("R")
Answer = dict[str, Any]
"""What came of it: ``done`` with what the action returned, or ``refused`` with which of its refusals, and its words."""
Courier = Callable[[str, Mapping[str, Any]], Answer]
"""Carries an errand's name and arguments to the tally, and its answer back."""

WAIT_SECONDS: Final = 20
"""So long a page waits for the answer. Then the errand is dropped where it has not begun."""
NOW: Final = "now"


class NotAnswered(Exception):
    """The tally has not answered in time: it is down, or busy. Whether anything was done shows a little later."""


@dataclass(frozen=True, slots=True)
class _Errand:
    action: Callable[..., Any]
    refusals: tuple[type[Exception], ...]


@dataclass(slots=True)
class _Office:
    known: dict[str, _Errand] = field(default_factory=dict)
    courier: Courier | None = None


_office = _Office()


def errand(*refusals: type[Exception]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """
    Declare that an action signs or burns. All its arguments are keywords: text, numbers, days, mappings of text, or one row each.

    ``refusals``: what it raises when it does nothing, or not all; the web's process raises the same.
    """

    def declare(action: Callable[P, R]) -> Callable[P, R]:
        name = f"{action.__module__}.{action.__qualname__}"
        _office.known[name] = _Errand(action, refusals)

        @wraps(action)
        def do(*args: P.args, **given: P.kwargs) -> R:
            if not apart.is_web():
                return action(*args, **given)
            answered: R = _send(name, given)
            return answered

        return do

    return declare


def sent_by(courier: Courier) -> None:
    """Let this carry the errands of this process."""
    _office.courier = courier


def carry_out(name: str, arguments: Mapping[str, Any], *, now: datetime) -> Answer:
    """
    Do what the web asks for, in the tally's process, and return what came of it.

    :raises KeyError: for an unknown errand
    """
    known = _office.known[name]
    try:
        return {"done": known.action(**_unpacked(known.action, arguments, now))}
    except known.refusals as error:
        return {"refused": _which(known.refusals, error), "words": list(error.args)}


def _send(name: str, given: Mapping[str, Any]) -> Any:
    if _office.courier is None:
        raise NotAnswered(name)
    answer = _office.courier(name, {key: _packed(value) for key, value in given.items() if key != NOW})
    if "refused" in answer:
        raise _office.known[name].refusals[answer["refused"]](*answer["words"])
    return answer["done"]


def _packed(value: Any) -> Any:
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, date):
        return value.isoformat()
    return dict(value) if isinstance(value, Mapping) else value


def _unpacked(action: Callable[..., Any], arguments: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    hints = get_type_hints(action)
    found = dict(arguments)
    for name, hint in hints.items():
        if name in found and hint is date:
            found[name] = date.fromisoformat(found[name])
        elif name in found and inspect.isclass(hint) and issubclass(hint, Model):
            found[name] = hint._default_manager.get(pk=found[name])
    return {**found, NOW: now}


def _which(refusals: tuple[type[Exception], ...], error: Exception) -> int:
    """Return the number of the refusal that fits best: the first whose very class it is, else the first it belongs to."""
    exact = [number for number, refusal in enumerate(refusals) if type(error) is refusal]
    return (exact or [number for number, refusal in enumerate(refusals) if isinstance(error, refusal)])[0]
