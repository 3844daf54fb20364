"""The shape of an instrument: everything that turns answers into a score, with the source of each claim."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

LANGUAGES: Final = ("en", "es")


class Tier(StrEnum):
    """What may be shipped of an instrument."""

    VERBATIM = "T1"
    """Text and scoring: the owner's permission to reproduce was read."""
    SCORING_ONLY = "T2"
    """Scoring without the items' text: an institution installs the text it is licensed for."""


class Direction(StrEnum):
    """Which way a score is worse; without it two scores of one questionnaire cannot be compared."""

    HIGHER_IS_WORSE = "higher is worse"
    LOWER_IS_WORSE = "lower is worse"


class Method(StrEnum):
    """How the answers' points make the score."""

    SUM = "sum"
    MEAN = "mean"


def both(english: str, spanish: str) -> Mapping[str, str]:
    """Return a text in the two languages, read-only."""
    return MappingProxyType({"en": english, "es": spanish})


@dataclass(frozen=True, slots=True)
class AnswerSet:
    """The answers an item allows: their numbers as data files carry them, and their words by language."""

    id: str
    values: tuple[int, ...]
    labels: Mapping[str, tuple[str, ...]]

    def highest(self) -> int:
        """Return the largest number of the set."""
        return max(self.values)

    def lowest(self) -> int:
        """Return the smallest number of the set."""
        return min(self.values)


@dataclass(frozen=True, slots=True)
class Item:
    """
    One question. ``id`` is also the column that is looked for when no columns are named.

    ``texts`` lacks a language in which the wording is not shipped. A ``reversed`` item counts from the other end of
    its answer set.
    """

    id: str
    answers: AnswerSet
    texts: Mapping[str, str]
    reversed: bool = False

    def points(self, answer: int) -> int:
        """Return what an answer adds to the score, in the instrument's own points."""
        return self.answers.highest() + self.answers.lowest() - answer if self.reversed else answer


@dataclass(frozen=True, slots=True)
class Band:
    """A named part of the score's range. ``code`` is what a data file gets; ``label`` is what a person reads."""

    code: str
    lowest: Fraction
    highest: Fraction
    label: Mapping[str, str]
    lowest_included: bool = True
    highest_included: bool = True

    def holds(self, score: Fraction) -> bool:
        """Is this score in the band?"""
        above = score >= self.lowest if self.lowest_included else score > self.lowest
        below = score <= self.highest if self.highest_included else score < self.highest
        return above and below


@dataclass(frozen=True, slots=True)
class CutOff:
    """
    A score from which a source speaks of a positive screen.

    ``sensitivity`` and ``specificity`` are in percent as the source prints them. A cut-off belongs to a population:
    it is never a diagnosis and never comparable across instruments.
    """

    at_least: int
    meaning: str
    source: str
    sensitivity: str = ""
    specificity: str = ""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """
    A published figure of another population, never without what was counted: a share above a cut-off is no mean.

    ``counted`` says of whom, from which score and in which direction; ``percent`` as the source prints it.
    """

    year: int
    percent: int
    counted: Mapping[str, str]
    population: Mapping[str, str]
    source: str


@dataclass(frozen=True, slots=True)
class MissingRule:
    """How many items must be answered before there is a score; a mean is then taken over those answered."""

    answered_at_least: int
    source: str


@dataclass(frozen=True, slots=True)
class Wording:
    """Whether the items' words ship in a language, and where they were read."""

    language: str
    shipped: bool
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Instrument:
    """
    One version of a questionnaire; never changed once used, a correction is a new ``version``.

    ``items`` are in the order in which a data file's columns are named. A ``mirrored`` score is read from the other end
    of the scale. ``recall`` is the line above the items, in the languages whose wording ships. ``safety_item`` is the
    item of which any answer but the lowest must lead to a person before any score is shown.
    """

    id: str
    version: str
    name: Mapping[str, str]
    items: tuple[Item, ...]
    method: Method
    direction: Direction
    missing: MissingRule
    bands: tuple[Band, ...]
    bands_source: str
    cut_offs: tuple[CutOff, ...]
    licence_tier: Tier
    licence: str
    reference: str
    recall: Mapping[str, str]
    wordings: tuple[Wording, ...]
    mirrored: bool = False
    safety_item: str | None = None
    notes: tuple[str, ...] = ()
    benchmarks: tuple[Benchmark, ...] = ()

    def lowest(self) -> Fraction:
        """Return the smallest possible score."""
        return min(self._ends())

    def highest(self) -> Fraction:
        """Return the largest possible score."""
        return max(self._ends())

    def score_of(self, points: list[int]) -> Fraction:
        """Return the score that these items' points make; :raises ValueError: without any points."""
        if not points:
            raise ValueError("no answers, no score")
        total = Fraction(sum(points))
        score = total if self.method is Method.SUM else total / len(points)
        return self._mirror(score) if self.mirrored else score

    def band_of(self, score: Fraction) -> Band:
        """Return the band a score is in; :raises ValueError: outside the instrument's range."""
        for band in self.bands:
            if band.holds(score):
                return band
        raise ValueError(f"{self.id}: {score} is outside the scale")

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages in which the items' words ship."""
        return tuple(wording.language for wording in self.wordings if wording.shipped)

    def _ends(self) -> tuple[Fraction, Fraction]:
        return (
            self.score_of([item.answers.lowest() for item in self.items]),
            self.score_of([item.answers.highest() for item in self.items]),
        )

    def _mirror(self, score: Fraction) -> Fraction:
        ends = self.items[0].answers
        return ends.highest() + ends.lowest() - score
