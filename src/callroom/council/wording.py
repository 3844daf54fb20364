"""What a change of the rules is called, and what it says, for readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from callroom.core.anonymity.canonical import Encodable
from callroom.core.disclosure.rules import Kind
from callroom.council.queries import Said, key_ids
from callroom.kit.wording import joined, moment
from callroom.pulse.rules import CHECK_IN

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MODULES: Final[Mapping[str, _StrPromise]] = {CHECK_IN: _("The check-in")}
"""What a council can let rest, for readers."""

TITLES: Final[Mapping[Kind, _StrPromise]] = {
    Kind.PAUSE: _("Let something rest"),
    Kind.RESUME: _("Let it go on"),
    Kind.POLICY: _("Minimum and noise"),
    Kind.RETENTION: _("How long what is kept"),
    Kind.PURPOSE: _("What results are used for"),
    Kind.COUNCIL: _("Who is on the council"),
}

FIRST_WORDS: Final[Mapping[Kind, _StrPromise]] = {
    Kind.PURPOSE: _(
        "Results show early where a unit needs help, and hold its leaders to what they promise. They are never used to "
        "evaluate anybody, and nothing about a single person is made of them."
    ),
    Kind.RETENTION: _(
        "Sealed answers and the keys to them are deleted when a round closes. Published results and the signed chain are "
        "kept. Leave that is over is deleted. Of sign-ins the day is kept, never the time; of residents' nothing."
    ),
}
"""What holds until a council says otherwise."""


@dataclass(frozen=True, slots=True)
class Words:
    """What holds about retention or purpose, and what follows it: ``when`` empty until a round is announced."""

    title: str
    holds: str
    follows: str
    when: str


def in_words(kind: Kind, change: Mapping[str, Encodable]) -> str:
    """Return what a change says, in a sentence or in its own words."""
    match kind, change:
        case Kind.PAUSE, {"module": module}:
            return gettext("%(module)s rests: no round opens, and open ones end unread.") % {"module": _module(module)}
        case Kind.RESUME, {"module": module}:
            return gettext("%(module)s goes on, from the next round that opens.") % {"module": _module(module)}
        case Kind.POLICY, {"policy": {"minimum": minimum, "noise_scale_percent": noise}}:
            said = {"minimum": minimum, "noise": noise}
            return gettext("A result appears from %(minimum)s answers on, with noise of %(noise)s percent.") % said
        case ((Kind.RETENTION | Kind.PURPOSE), {"words": {**words}}):
            return in_language({str(code): str(text) for code, text in words.items()})
        case Kind.COUNCIL, {"keys": [*keys]}:
            return gettext("The council is these keys: %(keys)s") % {
                "keys": joined(key_ids([str(key) for key in keys]))
            }
    raise ValueError(f"{kind} does not say what it must")


def reason_of(change: Mapping[str, Encodable]) -> str:
    """Return why, in the reader's language."""
    match change:
        case {"reason": {**reason}}:
            return in_language({str(code): str(text) for code, text in reason.items()})
    raise ValueError("a change without a reason")


def in_language(words: Mapping[str, str]) -> str:
    """Return public words in the language that is active."""
    return words["es" if (get_language() or "").startswith("es") else "en"]


def _module(module: Encodable) -> str:
    return str(MODULES.get(str(module), module))


def words_that_hold(holding: Mapping[Kind, Mapping[str, str]], latest: tuple[Said, ...], zone: ZoneInfo) -> list[Words]:
    """Return what holds about purpose and retention in the reader's language, and what follows."""
    coming = {said.kind: said for said in latest if not said.acts}
    return [
        Words(
            title=str(TITLES[kind]),
            holds=in_language(holding[kind]) if kind in holding else str(first),
            follows=in_language(coming[kind].words) if kind in coming else "",
            when=_when(coming[kind].acts_from, zone) if kind in coming else "",
        )
        for kind, first in FIRST_WORDS.items()
    ]


def _when(instant: datetime | None, zone: ZoneInfo) -> str:
    return moment(instant, zone) if instant else ""
