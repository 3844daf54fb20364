"""Every write about the council: who is on it, what is proposed, who signs."""

from __future__ import annotations

from callroom.council.actions.members import (
    CannotServe,
    KeyInUse,
    NotAskedFor,
    NotReady,
    ReasonChanged,
    appoint,
    ask_to_name,
    found,
    keep_key,
    name_another,
)
from callroom.council.actions.newcomers import NobodyWaits, confirm
from callroom.council.actions.proposals import (
    AlreadySigned,
    BadSignature,
    NoCouncil,
    NotACouncilKey,
    NotPossible,
    Over,
    propose,
    sign,
)

__all__ = [
    "AlreadySigned",
    "BadSignature",
    "CannotServe",
    "KeyInUse",
    "NoCouncil",
    "NobodyWaits",
    "NotACouncilKey",
    "NotAskedFor",
    "NotPossible",
    "NotReady",
    "Over",
    "ReasonChanged",
    "appoint",
    "ask_to_name",
    "confirm",
    "found",
    "keep_key",
    "name_another",
    "propose",
    "sign",
]
