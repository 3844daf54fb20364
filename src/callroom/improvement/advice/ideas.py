"""What an idea is: something small to do, for one driver of how work is lived."""

from __future__ import annotations

from dataclasses import dataclass

Both = tuple[str, str]
"""A text in English and in Spanish."""


@dataclass(frozen=True, slots=True)
class Idea:
    """Something to do: its key, what one would promise, and how to begin this week."""

    key: str
    what: Both
    begin: Both


@dataclass(frozen=True, slots=True)
class Driver:
    """One driver, the question that residents would ask, and its ideas."""

    key: str
    name: Both
    asks: Both
    ideas: tuple[Idea, Idea, Idea]
