"""
Rounding, once, for every published figure.

Published figures are whole tenths of a point on the scale 0 to 10 (0 to 100 tenths). Nothing here uses a float.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt


def nearest(value: Fraction) -> int:
    """
    Return the whole number nearest to ``value``; a half goes to the even neighbour.

    Half-even, because it treats both ends of a scale alike: the figure of a scale read backwards is exactly 100 minus
    the figure read forwards (12.5 and 87.5 become 12 and 88; half-up would give 13 and 88).
    """
    return round(value)


def nearest_root(square: Fraction) -> int:
    """
    Return the whole number nearest to the square root of ``square``; a half goes up.

    A root that ends in exactly one half goes to the wider range. The root itself is never computed:
    floor(2 x root) = isqrt(floor(4 x square)) holds exactly.

    :raises ValueError: if ``square`` is negative
    """
    return (isqrt(int(4 * square)) + 1) // 2
