"""
What the page *What can be known about you* says: from the schema, the policy table and the lab's last figures.

Nothing on it is about one person: everybody who is signed in reads the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callroom.core.disclosure import ledger
from callroom.core.disclosure.policy import DEFAULT_POLICY, Policy
from callroom.core.instruments import weekly
from callroom.council.wording import Words
from callroom.kit.privacy import FieldPrivacy
from callroom.kit.wording import every_weeks, joined
from callroom.people.policy import POLICY, Action, Role, Scope
from callroom.rights.retention import RULES
from callroom.site.backup import nightly
from callroom.site.measured import AllButOne, Measured, measured
from callroom.site.reference import own_models

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

ITEMS: Final = len(weekly.CORE) + 1
"""Questions of a round: the core ones and the one that takes its turn."""

WHAT: Final[Mapping[FieldPrivacy, tuple[_StrPromise, _StrPromise]]] = {
    FieldPrivacy.SEALED: (
        _("What you answered"),
        _("Locked on your phone before it is sent. The key is used once, when the round closes; then key and answer are "
          "deleted."),
    ),
    FieldPrivacy.ANONYMOUS: (
        _("That an answer came"),
        _("Without a name, a time or an order. Nothing leads from it to you."),
    ),
    FieldPrivacy.ROSTER: (
        _("Where you work and what you do"),
        _("Name, e-mail address, programme, rotations, roles, days of leave without a reason, who evaluates you, and which round "
          "your device fetched the right to answer for. Not whether it was used."),
    ),
    FieldPrivacy.PERSONAL: (
        _("What is only yours"),
        _("Shown to you and to nobody else."),
    ),
    FieldPrivacy.SECRET: (
        _("Your password and other keys"),
        _("Stored so that they can be compared and not read."),
    ),
    FieldPrivacy.AUDIT: (
        _("What was done"),
        _("The days on which you signed in or looked at results as a leader, and what was changed for whom. Never an answer."),
    ),
    FieldPrivacy.PUBLIC: (
        _("What is published"),
        _("Results of groups, rules of rounds, and the tree of units."),
    ),
}  # fmt: skip
"""By privacy class: what it is called for readers, and what it holds. In the order of the page."""

WHO: Final[Mapping[FieldPrivacy, _StrPromise]] = {
    FieldPrivacy.SEALED: _("Nobody, in any role"),
    FieldPrivacy.ANONYMOUS: _("Nobody can tie it to you"),
    FieldPrivacy.PERSONAL: _("You"),
    FieldPrivacy.SECRET: _("Nobody"),
    FieldPrivacy.PUBLIC: _("Everybody in the institution"),
}
"""Who can read a class, where it is not a matter of roles."""

ASKED_FOR: Final = {FieldPrivacy.ROSTER: Action.SEE_ROSTER, FieldPrivacy.AUDIT: Action.READ_AUDIT}


@dataclass(frozen=True, slots=True)
class Kept:
    """One privacy class: what it holds, who can read it, and in how many stored fields it is found."""

    what: str
    detail: str
    who: str
    fields: int


@dataclass(frozen=True, slots=True)
class KeptFor:
    """One kind of record, how long it is kept, and why."""

    what: str
    how_long: str
    why: str


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What somebody spends who answers every round of one length for a year, as numbers with one decimal."""

    often: str
    per_wave: str
    per_year: str


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of what is not known about somebody who leaves a group of so many, in percent."""

    often: str
    people: int
    left: int


@dataclass(frozen=True, slots=True)
class KnownPage:
    """
    The page. ``everybody_else``: what all others of a group could know, for the questions that are asked; ``stricter``: the
    council asks for more than the figures were measured with; ``nights``: for which backups are kept.
    """

    kept: tuple[Kept, ...]
    figures: Measured
    answers: str
    leavers: tuple[Left, ...]
    everybody_else: AllButOne
    minimum: int
    epsilon: str
    odds: int
    ledger: tuple[LedgerRow, ...]
    stricter: bool
    words: tuple[Words, ...]
    rules: tuple[KeptFor, ...]
    nights: int


def known_page(policy: Policy = DEFAULT_POLICY, words: Sequence[Words] = ()) -> KnownPage:
    """Return the page under this policy, with the words on purpose and retention that hold: the same for everybody."""
    found = measured()
    return KnownPage(
        kept=kept(),
        figures=found,
        answers=f"{found.answers:,}",  # a comma between thousands, in English and in Mexican Spanish
        leavers=tuple(Left(every_weeks(each.weeks), each.people, each.left_percent) for each in found.leavers),
        everybody_else=next(grid for grid in found.all_but_one if grid.options == weekly.OPTION_COUNT),
        minimum=policy.minimum,
        stricter=policy.bands != DEFAULT_POLICY.bands
        or policy.noise_scale_percent != DEFAULT_POLICY.noise_scale_percent,
        words=tuple(words),
        rules=tuple(KeptFor(str(rule.what), rule.how_long(), str(rule.why)) for rule in RULES),
        nights=nightly.KEPT,
        epsilon=f"{float(ledger.epsilon(policy)):.1f}",
        odds=round(ledger.odds_factor(policy)),
        ledger=tuple(
            LedgerRow(every_weeks(spent.weeks), f"{float(spent.per_wave):.1f}", f"{float(spent.per_year):.0f}")
            for spent in ledger.spent(policy, items=ITEMS)
        ),
    )


def kept() -> tuple[Kept, ...]:
    """Return what is stored, by privacy class, in the order of the page; a class without fields is left out."""
    counted = Counter(FieldPrivacy(name) for model in own_models() for name in getattr(model, "privacy", {}).values())
    return tuple(
        Kept(str(what), str(detail), _who(each), counted[each])
        for each, (what, detail) in WHAT.items()
        if counted[each]
    )


def _who(privacy: FieldPrivacy) -> str:
    if privacy in WHO:
        return str(WHO[privacy])
    scopes = POLICY[ASKED_FOR[privacy]]
    others = [_scoped(role, scope) for role, scope in scopes.items() if scope is not Scope.OWN]
    return joined([gettext("you"), *others] if Scope.OWN in scopes.values() else others)


def _scoped(role: Role, scope: Scope) -> str:
    if scope is Scope.UNIT:
        return gettext("%(role)s of your own unit") % {"role": role.label}
    return str(role.label)
