"""Is what was signed still what the database holds, and has any round ended without a result by itself?"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callroom.kit.wording import moment
from callroom.pulse import alone, payloads
from callroom.pulse.states import EndedAlone
from callroom.setup.checks.finding import Finding, Look, confirmed, page_of, red, settled
from callroom.setup.states import Topic

SEEN: Final = "seen"
"""Up to which row of the trail somebody has looked into such endings."""


def chain(look: Look) -> Finding:
    """Does the database hold everything that the chain names, as it was signed? Did somebody look into rounds that ended by themselves?"""
    if look.institution is None:
        return settled(Topic.CHAIN, _("Nothing is signed yet."))
    altered = payloads.altered(look.institution)
    lasting = next((each for each in altered if each.closes_at), None)
    if lasting and lasting.closes_at:
        return red(
            Topic.CHAIN,
            _(
                "Somebody changed the sheet of %(wave)s in the database. Put it back until %(when)s (callroom release mend), or "
                "the round is not counted. Then find out who can write into the database."
            )
            % {"wave": lasting.wave, "when": moment(lasting.closes_at, look.institution.zone)},
        )
    ended = ended_alone(look)
    if ended:
        return red(
            Topic.CHAIN,
            _("Not counted, and nobody wished it: %(names)s. Look into it, then say what you found.")
            % {"names": ", ".join(each.wave for each in ended)},
            page_of(Topic.CHAIN),
        )
    if altered:
        return red(
            Topic.CHAIN,
            ngettext(
                "%(count)d part of what is signed was changed in the database: “callroom release verify” refuses the chain. Put it "
                "back from an export (callroom release mend).",
                "%(count)d parts of what is signed were changed in the database: “callroom release verify” refuses the chain. Put "
                "them back from an export (callroom release mend).",
                len(altered),
            )
            % {"count": len(altered)},
        )
    decision = look.decisions.get(Topic.CHAIN)
    said = _("The database holds what was signed, as it was signed.")
    return settled(Topic.CHAIN, f"{said} {confirmed(decision)}" if decision else said)


def in_words(why: EndedAlone) -> str:
    """Return why a round ended by itself."""
    match why:
        case EndedAlone.KEYS_LOST:
            return _("Its keys were lost before it was counted.")
        case EndedAlone.SHEET_CHANGED:
            return _("Its sheet was changed in the database.")


def ended_alone(look: Look) -> tuple[alone.EndedWave, ...]:
    """Return the rounds that the closing voided by itself, and that nobody has looked into yet, in order."""
    decision = look.decisions.get(Topic.CHAIN)
    seen = int(decision.said.get(SEEN, "-1")) if decision else -1
    return tuple(each for each in alone.ended_alone(now=look.now) if each.row > seen)
