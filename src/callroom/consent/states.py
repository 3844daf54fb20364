"""Under which law a notice is written, and what somebody can have said."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

REGISTER: Final = "register-of-agreements"
"""The file of what was said since the last round closed, beside the folders of the rounds' keys."""


class Law(models.TextChoices):
    """Whose rules a notice follows. Stored as text: never renamed, only added."""

    MEXICO = "mx", _("Mexico (aviso de privacidad)")
    UNITED_STATES = "us", _("United States")
    EUROPE = "eu", _("European Union")


class Said(IntEnum):
    """What a person said to the check-in. Stored as a number."""

    NOTHING = 0
    YES = 1
    NO = 2


class Standing(StrEnum):
    """Where somebody is with the check-in."""

    NO_NOTICE = "no notice"
    """Nothing is published yet: nobody can be asked for a yes."""
    OPEN = "open"
    """Said nothing yet, or only to an earlier purpose."""
    AGREED = "agreed"
    DECLINED = "declined"


class Part(StrEnum):
    """The four texts of a notice, in the order in which they are written. Stored as keys."""

    SHORT = "short"
    FULL = "full"
    NECESSARY = "necessary"
    VOLUNTARY = "voluntary"
