"""Working days, as laws about personal data count them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

WEEKEND: Final = frozenset({5, 6})


def after(day: date, count: int) -> date:
    """
    Return the day that is ``count`` working days after this one: Monday to Friday, the first being the next of them.

    Holidays are not left out. A deadline counted so never falls after one that leaves them out, and twenty days
    end within the month of the GDPR (art. 12(3)).

    :raises ValueError: for a negative count
    """
    if count < 0:
        raise ValueError("a deadline does not lie in the past")
    found = day
    while count:
        found += timedelta(days=1)
        count -= found.weekday() not in WEEKEND
    return found
