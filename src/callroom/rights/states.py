"""What a request can be about, and where it is on its way."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class RequestKind(models.TextChoices):
    """What somebody wants. Mexico's ARCO rights; the GDPR's articles 15 to 21 have the same four."""

    ACCESS = "access", _("to know what is stored about me")
    RECTIFICATION = "rectification", _("to have something corrected")
    CANCELLATION = "cancellation", _("to have something deleted")
    OPPOSITION = "opposition", _("to object to what is done with it")


class RequestState(models.TextChoices):
    """Where a request is. Stored as text: a state is never renamed, only added."""

    OPEN = "open", _("waits for an answer")
    GRANTED = "granted", _("granted")
    PARTLY = "partly", _("granted in part")
    REFUSED = "refused", _("refused, with a reason")
    WITHDRAWN = "withdrawn", _("withdrawn")


ANSWERS: Final = (RequestState.GRANTED, RequestState.PARTLY, RequestState.REFUSED)


class Nudge(models.TextChoices):
    """Why the desk gets a letter about a request: each at most once for each reader."""

    ARRIVED = "arrived", "arrived"
    SOON = "soon", "soon"
    LATE = "late", "late"
