"""What a check looks at and what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from callroom.kit.wording import day_and_year
from callroom.people.models import Institution
from callroom.setup.queries import Decided
from callroom.setup.states import Topic

YEARLY: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Look:
    """The instant of a look, the institution (before it is founded, none), and what was decided there."""

    now: datetime
    institution: Institution | None
    decisions: Mapping[Topic, Decided]

    @property
    def day(self) -> date:
        """Return the institution's day; before it is founded, that of UTC."""
        return self.institution.day(self.now) if self.institution else self.now.date()

    def decided(self, topic: Topic, *, within: timedelta = YEARLY) -> Decided | None:
        """Return the latest decision on this topic, if it is not older than ``within``."""
        found = self.decisions.get(topic)
        return found if found and self.day - found.on <= within else None


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What one check found, in the language that is active.

    ``address``: of the page where a person settles it; empty where only the machine's settings do. ``warns``: nothing must be
    done, but whoever looks should know.
    """

    topic: Topic
    settled: bool
    says: str
    address: str = ""
    warns: bool = False

    @property
    def title(self) -> str:
        """Return what was looked at."""
        return str(self.topic.label)


def red(topic: Topic, says: str, address: str = "") -> Finding:
    """Return that something is to be done."""
    return Finding(topic=topic, settled=False, says=says, address=address)


def settled(topic: Topic, says: str, address: str = "") -> Finding:
    """Return that nothing is to be done."""
    return Finding(topic=topic, settled=True, says=says, address=address)


def warned(topic: Topic, says: str, address: str = "") -> Finding:
    """Return that nothing must be done, but something could be better."""
    return Finding(topic=topic, settled=True, says=says, address=address, warns=True)


def page_of(topic: Topic) -> str:
    """Return the address of the page on which a person settles this line."""
    return reverse("setup:settle", args=[topic.value])


def confirmed(decision: Decided) -> str:
    """Return who confirmed it and when: "Confirmed by Fernando Ruiz on 29 November 2026"."""
    return _("Confirmed by %(name)s on %(day)s.") % {"name": decision.name, "day": day_and_year(decision.on)}
