"""
The numbers that decide what may be published about a group: one object, printed into every wave sheet.

Source: PROTOCOL.md section 6 (minimum, noise, bands) and PRIVACY.md, "What the noise costs" (why these).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from callroom.core.anonymity.canonical import Encodable

CALLROOM_MINIMUM = 8
"""The fewest answers that are ever a number. A policy may ask for more, never for fewer."""

HIDDEN_PEOPLE = 3
"""The lower end of a shown band is at most the eligible people less this many: else the band names everyone."""

_PAYLOAD_KEYS = frozenset({"version", "minimum", "noise_scale_percent", "bands"})


class BadPolicy(ValueError):
    """The policy contradicts itself or falls below what Callroom promises."""


@dataclass(frozen=True, slots=True)
class Band:
    """How many people answered: from ``low`` to ``high``, both included; ``high`` None means "or more"."""

    low: int
    high: int | None

    def to_payload(self) -> list[Encodable]:
        """Return the band as it stands in wave sheets and releases: [low, high or null]."""
        return [self.low, self.high]


@dataclass(frozen=True, slots=True)
class Policy:
    """
    What may be published about a leaf.

    ``minimum``: fewest answers; ``noise_scale_percent``: scale of the discrete Laplace noise on a sum, in percent of
    an item's range; ``bands``: adjoining, rising, the first from ``minimum``, the last without an end.

    :raises BadPolicy: if the parts do not fit together, or the minimum is below 8
    """

    version: int
    minimum: int
    noise_scale_percent: int
    bands: tuple[Band, ...]

    def __post_init__(self) -> None:
        """Refuse a policy that cannot keep the promise."""
        if self.version < 1:
            raise BadPolicy(f"policy version is {self.version}; versions count from 1")
        if self.minimum < CALLROOM_MINIMUM:
            raise BadPolicy(f"minimum is {self.minimum}; it may not be lower than {CALLROOM_MINIMUM}")
        if self.noise_scale_percent < 1:
            raise BadPolicy(
                f"noise scale is {self.noise_scale_percent} percent; sums are never published without noise"
            )
        if not self.bands or self.bands[0].low != self.minimum or self.bands[-1].high is not None:
            raise BadPolicy("bands start at the minimum and end without an upper end")
        for lower, upper in pairwise(self.bands):
            if lower.high is None or lower.high < lower.low or upper.low != lower.high + 1:
                raise BadPolicy("bands adjoin each other and rise")

    def band_for(self, count: int, *, eligible: int) -> Band | None:
        """
        Return the band to show and to use for ``count`` answers of ``eligible`` people, or None if there is none.

        The next lower band is taken while the lower end exceeds ``eligible - 3`` (else the band names everyone). The
        upper end never exceeds ``eligible``; it is left open where the band is ("24 or more").

        None below the minimum, and also with fewer than ``minimum + 3`` eligible people: there is no band under the
        lowest, "8 to 10 of 10" would name everyone, and a group has 11 eligible people or more when its wave is
        announced, so this is met only after several have left. ``count`` may exceed ``eligible``: the unspent tokens
        of people who left still count.
        """
        for band in reversed(self.bands):
            if band.low <= count and band.low <= eligible - HIDDEN_PEOPLE:
                return Band(band.low, None if band.high is None else min(band.high, eligible))
        return None

    def noise_scale(self, scale_range: int) -> Fraction:
        """
        Return the scale of the noise on a sum of answers, in hundredths of a grid step.

        ``scale_range`` is the range of one answer in grid steps: 4 for five options gives 112 hundredths.
        """
        return Fraction(self.noise_scale_percent * scale_range)

    def noise_points(self) -> Fraction:
        """Return the scale of the noise on a sum in points of the published 0 to 10 scale: 2.8 at 28 percent."""
        return Fraction(self.noise_scale_percent, 10)

    def to_payload(self) -> dict[str, Encodable]:
        """Return the policy as it stands in a wave sheet."""
        return {
            "version": self.version,
            "minimum": self.minimum,
            "noise_scale_percent": self.noise_scale_percent,
            "bands": [band.to_payload() for band in self.bands],
        }

    @classmethod
    def from_payload(cls, payload: object) -> Policy:
        """
        Return the policy of a wave sheet.

        :raises BadPolicy: if keys are missing, unknown or of another type, or the policy contradicts itself
        """
        if not isinstance(payload, Mapping) or set(payload) != _PAYLOAD_KEYS:
            raise BadPolicy("a policy has version, minimum, noise_scale_percent and bands")
        bands = payload["bands"]
        if not isinstance(bands, list | tuple):
            raise BadPolicy("bands are a list of [low, high]")
        return cls(
            version=_whole(payload["version"]),
            minimum=_whole(payload["minimum"]),
            noise_scale_percent=_whole(payload["noise_scale_percent"]),
            bands=tuple(_band(band) for band in bands),
        )


def _band(payload: object) -> Band:
    if not isinstance(payload, list | tuple) or len(payload) != 2:
        raise BadPolicy("a band is [low, high]")
    low, high = payload
    return Band(_whole(low), None if high is None else _whole(high))


def _whole(value: object) -> int:
    if type(value) is not int:
        raise BadPolicy(f"{value!r} is not a whole number")
    return value


DEFAULT_POLICY = Policy(
    version=1,
    minimum=CALLROOM_MINIMUM,
    noise_scale_percent=28,
    bands=(Band(8, 11), Band(12, 15), Band(16, 23), Band(24, None)),
)
"""What holds from the beginning. A council can change it (``rules``); a sheet with another policy than its wave was
announced under is refused."""
