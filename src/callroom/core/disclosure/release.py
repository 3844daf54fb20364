"""
What one wave publishes: for each leaf either noisy figures with a band, or "too few".

A number that may not be shown is not a number with a flag: ``TooFew`` holds none. Source: PROTOCOL.md section 6.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol, TypeAlias

from callroom.core.anonymity.canonical import Encodable
from callroom.core.disclosure.noise import SEED_LENGTH, BadSeed, NoiseStream, discrete_laplace
from callroom.core.disclosure.policy import Band, Policy
from callroom.core.disclosure.rounding import nearest, nearest_root

SCALE_TENTHS = 100
"""The upper end of the published scale, 10 points, in tenths."""

COUNTS_STEP = 5
"""Counts of the institution are rounded down to a multiple of this."""

LEAST_LEAVES_COUNTED = 3
"""With fewer leaves closing on one Sunday there are no counts: those of one or two leaves are too near to a leaf's."""

COMMITMENT_LENGTH = 32
"""Bytes of the value that keeps a release's hash from being guessed before the release is read."""

TOO_FEW = "too few"
"""How a release spells "too few answered"."""

_COMMITMENT_DOMAIN = b"callroom/commitment/1"
_STEP_HUNDREDTHS = 100
_QUANTILE = Fraction(196, 100)  # 97.5 % of the normal distribution
_ITEM_SPREAD = Fraction(25, 10)  # sd of one person's answer to an item, points; PROTOCOL.md section 6
_INDEX_SPREAD = Fraction(21, 10)  # sd of one person's index (mean of the core items), points; PROTOCOL.md section 6


class BadAnswers(ValueError):
    """Answers do not fit the questionnaire, or the wave's numbers contradict each other."""


class Answered(Protocol):
    """What one person sent: whether they worked, and a value in grid steps, or None, for each item in order."""

    @property
    def worked(self) -> bool:
        """Return whether the person worked in the last seven days."""

    @property
    def values(self) -> Sequence[int | None]:
        """Return one value for each item in the order of the wave sheet: 0 to options - 1, or None."""


@dataclass(frozen=True, slots=True)
class ItemAsked:
    """One item of a wave: its id and how many worded options it has (5: answers 0 to 4 in grid steps)."""

    id: str
    options: int

    @property
    def range(self) -> int:
        """Return the range of an answer in grid steps: 4 for five options."""
        return self.options - 1


@dataclass(frozen=True, slots=True)
class LeafAsked:
    """One leaf of a wave as its wave sheet names it; ``label`` by language, None where the units' names do."""

    leaf: str
    units: tuple[str, ...]
    label: Mapping[str, str] | None
    eligible: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure that is published: mean and range, whole tenths of a point, 0 to 100."""

    mean_tenths: int
    range_tenths: tuple[int, int]


@dataclass(frozen=True, slots=True)
class TooFew:
    """Fewer than the minimum answered. There is no number."""


Figure: TypeAlias = Shown | TooFew


@dataclass(frozen=True, slots=True)
class LeafFigures:
    """What a leaf with enough answers publishes: the band of its size, and a figure for each item in order."""

    n: Band
    items: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class LeafRelease:
    """One leaf in one release."""

    asked: LeafAsked
    outcome: LeafFigures | TooFew

    def to_payload(self) -> dict[str, Encodable]:
        """Return the leaf as it stands in a release body."""
        payload: dict[str, Encodable] = {"leaf": self.asked.leaf, "units": list(self.asked.units)}
        if self.asked.label is not None:
            payload["label"] = dict(self.asked.label)
        payload["eligible"] = self.asked.eligible
        if isinstance(self.outcome, TooFew):
            payload["state"] = TOO_FEW
        else:
            payload["n"] = self.outcome.n.to_payload()
            payload["items"] = {item: figure_payload(figure) for item, figure in self.outcome.items.items()}
        return payload


@dataclass(frozen=True, slots=True)
class Counts:
    """Tokens of the whole institution over all waves that close on one Sunday: exact, so never published as they are."""

    issued: int
    replaced: int
    redeemed: int

    def __add__(self, other: Counts) -> Counts:
        """Return the counts of both: series that close on the same Sunday are published as one sum."""
        return Counts(self.issued + other.issued, self.replaced + other.replaced, self.redeemed + other.redeemed)

    def to_payload(self) -> dict[str, Encodable]:
        """Return what is published: each count rounded down to five."""
        exact = {"issued": self.issued, "replaced": self.replaced, "redeemed": self.redeemed}
        return {name: count - count % COUNTS_STEP for name, count in exact.items()}


def counts_of(closing: Iterable[tuple[int, Counts]]) -> Counts | None:
    """
    Return the counts that all waves of one Sunday publish; None when fewer than three leaves close with them.

    ``closing``: for each wave the number of its leaves, and its exact counts.
    """
    waves = list(closing)
    if sum(leaves for leaves, _counts in waves) < LEAST_LEAVES_COUNTED:
        return None
    return sum((counts for _leaves, counts in waves), Counts(0, 0, 0))


def commitment(seed: bytes, wave: str) -> str:
    """
    Return what a release body holds so that nobody can guess the body from its hash: 64 hex digits.

    HMAC-SHA256(seed, "callroom/commitment/1" || wave id): the same whenever a closing is repeated, and unknown to all
    who do not have the seed until the body is read. It says nothing about the noise.

    :raises BadSeed: unless ``seed`` has 32 bytes
    """
    if len(seed) != SEED_LENGTH:
        raise BadSeed(f"the seed has {len(seed)} bytes, not {SEED_LENGTH}")
    return hmac.new(seed, _COMMITMENT_DOMAIN + wave.encode(), hashlib.sha256).hexdigest()


def release_leaf(
    answers: Sequence[Answered],
    *,
    leaf: LeafAsked,
    replacements: int,
    items: Sequence[ItemAsked],
    core: Sequence[str],
    policy: Policy,
    seed: bytes,
    wave: str,
) -> LeafRelease:
    """
    Return what one leaf publishes for one wave.

    ``answers``: one for each person whose token was redeemed, in any order; ``replacements``: tokens of the leaf's
    group that were issued a second time; ``items``: in the order of the wave sheet; ``core``: ids of the items that
    are asked in every wave; ``seed``: the wave's 32 bytes of noise.

    Guarantees: fewer than ``policy.minimum`` answers to any core item, replacements taken off, never yield figures;
    fewer to another item yield ``TooFew`` for it. Every figure carries noise, and a unanimous group at an end of the
    scale is released exactly like one in which somebody disagreed. The same arguments give the same release, whatever
    the order of ``answers``.

    A respondent worked in the last seven days and answered at least one core item; only respondents count. The leaf's
    size n is the number of answers to its least-answered core item, minus replacements (each may have let somebody
    answer twice). Every sum is divided by the exact number of answers in it; bands, clips and ranges use n.

    :raises BadAnswers: if an answer has another number of values than there are items, or one off its grid
    """
    _check_fit(answers, items, core, replacements)
    given = _given(answers, items, core)
    size = min(len(given[item]) for item in core) - replacements
    band = policy.band_for(size, eligible=leaf.eligible)
    if band is None:
        return LeafRelease(leaf, TooFew())
    figures: dict[str, Figure] = {}
    for item in items:
        own = policy.band_for(min(size, len(given[item.id]) - replacements), eligible=leaf.eligible)
        noise = NoiseStream(seed, wave=wave, leaf=leaf.leaf, item=item.id)
        figures[item.id] = _figure(given[item.id], item, own, policy, noise) if own else TooFew()
    return LeafRelease(leaf, LeafFigures(n=band, items=figures))


def build_body(
    *,
    wave: str,
    weeks: int,
    wave_sheet: str,
    leaves: Sequence[LeafRelease],
    counts: Counts | None,
    seed: bytes,
    demo: bool = False,
) -> dict[str, Encodable]:
    """
    Return the body of a release, ready for canonical JSON: whole numbers, text, lists and mappings only.

    ``wave_sheet``: SHA-256 of the wave sheet, hex; ``counts``: of all waves that close on the same Sunday, exact
    (they are rounded here), None where ``counts_of`` gives none; ``seed``: the wave's 32 bytes of noise, under the
    commitment; ``demo``: marks invented answers. Leaves stand in the order of their ids.

    :raises BadAnswers: if a leaf is there twice
    """
    ordered = sorted(leaves, key=lambda leaf: leaf.asked.leaf)
    if len({leaf.asked.leaf for leaf in ordered}) != len(ordered):
        raise BadAnswers("a leaf is released twice in one wave")
    body: dict[str, Encodable] = {
        "wave": wave,
        "weeks": weeks,
        "wave_sheet": wave_sheet,
        "leaves": [leaf.to_payload() for leaf in ordered],
        "commitment": commitment(seed, wave),
        **(counts.to_payload() if counts else {}),
    }
    if demo:
        body["demo"] = True
    return body


def figure_payload(figure: Figure) -> dict[str, Encodable]:
    """Return a figure as it stands in a release body."""
    match figure:
        case Shown(mean, (low, high)):
            return {"mean_tenths": mean, "range_tenths": [low, high]}
        case TooFew():
            return {"state": TOO_FEW}


def clip_tenths(n_low: int) -> tuple[int, int]:
    """
    Return the lowest and the highest mean that is published, in tenths: 10 / n_low and 10 - 10 / n_low, rounded.

    Tenths before rounding: 12.5 and 87.5 for n_low = 8, shown as 12 and 88.
    """
    edge = Fraction(SCALE_TENTHS, n_low)
    return nearest(edge), nearest(SCALE_TENTHS - edge)


def range_tenths(mean_tenths: int, n_low: int, policy: Policy) -> tuple[int, int]:
    """
    Return the range of an item's published mean in tenths, cut to 0 to 100.

    Mean +- 1.96 x sqrt(2.5^2 / n_low + 2 x 2.8^2 / n_low^2) points: the spread of answers and of the noise, for the
    smallest number of answers that the band allows. It is about all eligible people, not only those who answered.
    """
    noise = 2 * policy.noise_points() ** 2 / n_low**2
    return _cut(mean_tenths, _half_width(_ITEM_SPREAD**2 / n_low + noise))


def index_of(figures: Sequence[Shown], *, n_low: int, policy: Policy) -> Shown:
    """
    Return the index, the mean of the published means of the core items, with its range in tenths.

    Mean +- 1.96 x sqrt(2.1^2 / n_low + 2 x 2.8^2 / (3 n_low^2)) points, n_low of the leaf; with another number of core
    items that number stands in place of 3. Arithmetic on published tenths only, so anybody can repeat it.

    :raises BadAnswers: if there is no core item
    """
    if not figures:
        raise BadAnswers("an index needs at least one core item")
    mean = nearest(Fraction(sum(figure.mean_tenths for figure in figures), len(figures)))
    noise = 2 * policy.noise_points() ** 2 / (len(figures) * n_low**2)
    return Shown(mean, _cut(mean, _half_width(_INDEX_SPREAD**2 / n_low + noise)))


def leaf_index(figures: LeafFigures, core: Sequence[str], policy: Policy) -> Shown | TooFew:
    """Return the index of a leaf in one release; ``TooFew`` if a core item has no figure."""
    shown = [figure for item in core if isinstance(figure := figures.items.get(item), Shown)]
    if not shown or len(shown) != len(core):
        return TooFew()
    return index_of(shown, n_low=figures.n.low, policy=policy)


def _figure(values: Sequence[int], item: ItemAsked, band: Band, policy: Policy, noise: NoiseStream) -> Shown:
    """
    Return the published figure of one item: clamp, noise, exact mean, clip, round.

    The sum is clamped to [range, range x (n - 1)] in grid steps: a unanimous group's sum is never an end of what is
    possible, which with a known noise would pin every answer. With noise in hundredths of a step, the mean in tenths
    is (100 x sum + noise) / (range x n).
    """
    count = len(values)
    clamped = min(max(sum(values), item.range), item.range * (count - 1))
    noisy = _STEP_HUNDREDTHS * clamped + discrete_laplace(policy.noise_scale(item.range), noise.bits)
    edge = Fraction(SCALE_TENTHS, band.low)
    clipped = min(max(Fraction(noisy, item.range * count), edge), SCALE_TENTHS - edge)
    mean = nearest(clipped)
    return Shown(mean, range_tenths(mean, band.low, policy))


def _given(answers: Sequence[Answered], items: Sequence[ItemAsked], core: Sequence[str]) -> dict[str, list[int]]:
    """Return what respondents answered to each item, by its id."""
    respondents = [answer.values for answer in answers if _responded(answer, items, core)]
    return {
        item.id: [value for values in respondents if (value := values[place]) is not None]
        for place, item in enumerate(items)
    }


def _responded(answer: Answered, items: Sequence[ItemAsked], core: Sequence[str]) -> bool:
    if not answer.worked:
        return False
    return any(value is not None for item, value in zip(items, answer.values, strict=True) if item.id in core)


def _check_fit(answers: Sequence[Answered], items: Sequence[ItemAsked], core: Sequence[str], replacements: int) -> None:
    ids = [item.id for item in items]
    if len(set(ids)) != len(ids) or not core or not set(core) <= set(ids):
        raise BadAnswers("items are asked once, and the core items are among them")
    if any(item.options < 2 for item in items):
        raise BadAnswers("an item has two options or more")
    if replacements < 0:
        raise BadAnswers("replacements are counted from 0")
    for answer in answers:
        if answer.worked and not _on_grid(answer.values, items):
            raise BadAnswers("an answer does not fit the questionnaire")


def _on_grid(values: Sequence[int | None], items: Sequence[ItemAsked]) -> bool:
    return len(values) == len(items) and all(
        value is None or 0 <= value <= item.range for item, value in zip(items, values, strict=True)
    )


def _half_width(variance_points: Fraction) -> int:
    """Return 1.96 standard deviations in whole tenths, for a variance in points squared."""
    return nearest_root((10 * _QUANTILE) ** 2 * variance_points)


def _cut(mean_tenths: int, half_width: int) -> tuple[int, int]:
    return max(0, mean_tenths - half_width), min(SCALE_TENTHS, mean_tenths + half_width)
