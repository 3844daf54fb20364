"""Where a line is answered and what it is for."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Place(models.TextChoices):
    """The country in which a number works."""

    MEXICO = "mx", _("Mexico")
    UNITED_STATES = "us", _("United States")


class LineKind(models.TextChoices):
    """What a national line is for."""

    CRISIS = "crisis", _("someone to talk to")
    EMERGENCY = "emergency", _("immediate danger")


class ServiceKind(models.TextChoices):
    """What the institution's own help is."""

    ON_CALL = "on-call", _("line of the institution")
    PEER = "peer", _("peer")
    COUNSELLING = "counselling", _("counselling")
    HEALTH = "health", _("health of staff")


ICONS: Final = {
    ServiceKind.ON_CALL: "phone",
    ServiceKind.PEER: "people",
    ServiceKind.COUNSELLING: "message",
    ServiceKind.HEALTH: "person",
}

# IANA's zones of Mexico: the institution's time zone says in which country its people dial.
MEXICAN_ZONES: Final = frozenset(
    {
        "America/Bahia_Banderas",
        "America/Cancun",
        "America/Chihuahua",
        "America/Ciudad_Juarez",
        "America/Hermosillo",
        "America/Matamoros",
        "America/Mazatlan",
        "America/Merida",
        "America/Mexico_City",
        "America/Monterrey",
        "America/Ojinaga",
        "America/Tijuana",
    }
)


def place_of(time_zone: str) -> Place:
    """Return the country in which an institution of this time zone lies."""
    return Place.MEXICO if time_zone in MEXICAN_ZONES else Place.UNITED_STATES
