"""
What the engine says of a leaf, in words: how sure, since when, what is the unit's own and what everybody shares.

It is the ratings that fall, never the people. Words for probability are those of LOOK.md, section 6: very likely is
said only of a decline that is confirmed against the whole institution, and no sureness is rounded up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext, ngettext

from callroom.dashboards import sentences
from callroom.dashboards.sentences import Sentence
from callroom.dashboards.states import Direction, Sureness
from callroom.dashboards.tables import short_name
from callroom.kit.wording import day, joined
from callroom.watch.aggregates import Decline, Estimate, SignalRow, Standing, Trend
from callroom.watch.states import Stage

POSSIBLY: Final = 0.5
PROBABLY: Final = 0.75
ALMOST_CERTAIN: Final = 0.99
NINETEEN_IN_TWENTY: Final = 0.95


def about(name: str, trend: Trend | None, standing: Standing | None) -> Sentence:
    """
    Return what may be said about a leaf.

    :param name: the leaf's name, or the names that are counted together
    :param trend: what the control chart says; it stands in for the minute between publication and the first look
    :param standing: what the engine says; None while it has not looked
    """
    if standing is None:
        return sentences.about(name, trend)
    signal, estimate = standing.signal, standing.estimate
    if signal is None:
        return _too_early(name, estimate) if estimate.state is Decline.TOO_EARLY else _quiet(name, estimate)
    if signal.stage is Stage.RECOVERING:
        return _recovering(name, signal)
    if estimate.state is Decline.QUIET:
        return _calmed(name, signal)
    return _falling(name, signal, estimate)


def sureness(estimate: Estimate) -> Sureness:
    """Return the word for the probability of a decline; very likely only once it is confirmed."""
    if estimate.confirmed:
        return Sureness.VERY_LIKELY
    if estimate.probability >= PROBABLY:
        return Sureness.PROBABLY
    return Sureness.POSSIBLY if estimate.probability >= POSSIBLY else Sureness.UNCLEAR


def odds(probability: float) -> str:
    """Return "9 in 10", never more than the probability: 0.87 is "8 in 10"."""
    if probability >= ALMOST_CERTAIN:
        return gettext("99 in 100")
    if probability >= NINETEEN_IN_TWENTY:
        return gettext("19 in 20")
    return gettext("%(number)d in 10") % {"number": int(probability * 10 + 1e-9)}


def most_fallen(signal: SignalRow) -> str:
    """Return the name of the question that fell most; empty where none fell clearly."""
    clear = [fall for fall in signal.falls if fall.clear]
    return short_name(clear[0].item) if clear else ""


def _falling(name: str, signal: SignalRow, estimate: Estimate) -> Sentence:
    sure, item = sureness(estimate), most_fallen(signal)
    words = {"unit": name, "day": day(signal.start), "odds": odds(estimate.probability), "item": item}
    detail = [_began(signal), _questions(signal)]
    detail.append(gettext("It is a reason to ask what changed at work, not proof of a cause."))
    return Sentence(
        headline=_headline(sure, with_item=bool(item)) % words,
        detail=" ".join(part for part in detail if part),
        direction=Direction.LOWER if sure in {Sureness.VERY_LIKELY, Sureness.PROBABLY} else Direction.EARLY,
        chip=chip(sure),
    )


def _headline(sure: Sureness, *, with_item: bool) -> str:
    match sure, with_item:
        case Sureness.VERY_LIKELY, True:
            return gettext(
                "Ratings in %(unit)s have very likely been falling since about %(day)s, %(odds)s sure; “%(item)s” fell most."
            )
        case Sureness.VERY_LIKELY, False:
            return gettext("Ratings in %(unit)s have very likely been falling since about %(day)s, %(odds)s sure.")
        case Sureness.PROBABLY, True:
            return gettext(
                "Ratings in %(unit)s have probably been falling since about %(day)s, %(odds)s sure; “%(item)s” fell most."
            )
        case Sureness.PROBABLY, False:
            return gettext("Ratings in %(unit)s have probably been falling since about %(day)s, %(odds)s sure.")
        case Sureness.POSSIBLY, _:
            return gettext("Ratings in %(unit)s have possibly been falling since about %(day)s, %(odds)s sure.")
        case _:
            return gettext("Ratings in %(unit)s may have begun to fall about %(day)s; it is not clear yet.")


def chip(sure: Sureness) -> str:
    """Return the words of the chip beside a sentence."""
    match sure:
        case Sureness.VERY_LIKELY:
            return gettext("Falling, very likely")
        case Sureness.PROBABLY:
            return gettext("Probably falling")
        case Sureness.POSSIBLY:
            return gettext("Possibly falling")
        case Sureness.UNCLEAR:
            return gettext("Not clear yet")


def _began(signal: SignalRow) -> str:
    if signal.start_low == signal.start_high:
        return ""
    return gettext("It began most likely between the weeks of %(first)s and %(last)s (8 in 10 sure).") % {
        "first": day(signal.start_low),
        "last": day(signal.start_high),
    }


def _questions(signal: SignalRow) -> str:
    """Return which questions fell clearly, where it is more than the one in the headline."""
    clear = [short_name(fall.item) for fall in signal.falls if fall.clear]
    if len(clear) > 1 and len(clear) == len(signal.falls):
        return gettext("All three questions fell.")
    if len(clear) > 1:
        return gettext("Fallen clearly: %(items)s.") % {"items": joined(f"“{item}”" for item in clear)}
    return "" if clear else gettext("No single question fell clearly.")


def _recovering(name: str, signal: SignalRow) -> Sentence:
    return Sentence(
        headline=gettext("Ratings in %(unit)s are coming back; they had been falling since about %(day)s.")
        % {"unit": name, "day": day(signal.start)},
        detail=gettext("The signal is closed once nothing has pointed to a decline for four weeks."),
        direction=Direction.EARLY,
        chip=gettext("Coming back"),
    )


def _calmed(name: str, signal: SignalRow) -> Sentence:
    return Sentence(
        headline=gettext("Ratings in %(unit)s fell about %(day)s; the latest figures no longer point to a decline.")
        % {"unit": name, "day": day(signal.start)},
        detail=gettext("The signal is closed once nothing has pointed to a decline for four weeks."),
        direction=Direction.EARLY,
        chip=gettext("Not clear yet"),
    )


def _quiet(name: str, estimate: Estimate) -> Sentence:
    return Sentence(
        headline=gettext("Ratings in %(unit)s show no clear change.") % {"unit": name},
        detail=gettext("Their level is about %(level)s (%(low)s to %(high)s).") % level_words(estimate),
        direction=Direction.STEADY,
        chip=gettext("No clear change"),
    )


def _too_early(name: str, estimate: Estimate) -> Sentence:
    count = estimate.reasons.figures
    return Sentence(
        headline=gettext("It is too early to tell for %(unit)s.") % {"unit": name},
        detail=ngettext(
            "There is %(count)d figure of this group so far.",
            "There are %(count)d figures of this group so far.",
            count,
        )
        % {"count": count},
        direction=Direction.EARLY,
        chip=gettext("Too early to tell"),
    )


def level_words(estimate: Estimate) -> dict[str, str]:
    """Return level and interval as words, cut to the scale of the figures."""
    low, high = max(0.0, estimate.low), min(10.0, estimate.high)
    return {"level": f"{estimate.level:.1f}", "low": f"{low:.1f}", "high": f"{high:.1f}"}


def of_several(name: str, trends: Mapping[str, Trend | None], standings: Mapping[str, Standing | None]) -> Sentence:
    """
    Return what may be said about a department or the institution: in which leaves ratings are falling, and that is all.

    :param trends: by the leaf's name, as the control chart has it; None where no figure was ever shown
    :param standings: by the leaf's name; None where the engine has not looked
    """
    known = {leaf: standing for leaf, standing in standings.items() if standing}
    if not known:
        return sentences.of_several(name, trends)
    said = {leaf: about(leaf, trends.get(leaf), standing) for leaf, standing in known.items() if standing.signal}
    falling = sorted(leaf for leaf, sentence in said.items() if sentence.direction is Direction.LOWER)
    unsure = sorted(set(said) - set(falling))
    if len(said) == 1:
        _leaf, only = next(iter(said.items()))
        return Sentence(only.headline, gettext("No other unit shows a clear change."), only.direction, only.chip)
    if said:
        return _several(name, falling, unsure)
    if all(standing.estimate.state is Decline.TOO_EARLY for standing in known.values()):
        headline = gettext("It is too early to tell for %(unit)s.") % {"unit": name}
        return Sentence(headline, "", Direction.EARLY, gettext("Too early to tell"))
    headline = gettext("%(unit)s: no unit shows a clear change.") % {"unit": name}
    return Sentence(headline, "", Direction.STEADY, gettext("No clear change"))


def _several(name: str, falling: list[str], unsure: list[str]) -> Sentence:
    parts = []
    if falling:
        parts.append(gettext("Probably falling, or very likely: %(units)s.") % {"units": joined(falling)})
    if unsure:
        parts.append(gettext("Not clear yet: %(units)s.") % {"units": joined(unsure)})
    count = len(falling) + len(unsure)
    headline = ngettext(
        "%(count)d unit of %(unit)s has an open signal.", "%(count)d units of %(unit)s have an open signal.", count
    )
    return Sentence(
        headline % {"count": count, "unit": name},
        " ".join(parts),
        Direction.LOWER if falling else Direction.EARLY,
        gettext("Lower than usual") if falling else gettext("Not clear yet"),
    )
