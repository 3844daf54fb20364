"""Is the privacy notice published, and does it say what is asked?"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.urls import reverse
from django.utils.translation import gettext as _

from callroom.consent import queries as consent
from callroom.consent.texts import Speaks
from callroom.kit.wording import day_and_year, joined
from callroom.people.models import Institution
from callroom.pulse import asking
from callroom.setup.checks.finding import Finding, Look, red, settled, warned
from callroom.setup.states import Topic


def notice(look: Look) -> Finding:
    """Is a privacy notice published that counsel has read, and can people say yes or no to it?"""
    address = reverse("consent:edit")
    page = consent.notice_page(look.institution) if look.institution else None
    if page is None or look.institution is None:
        return red(
            Topic.NOTICE,
            _("No privacy notice is published: nobody has been asked whether they want to check in."),
            address,
        )
    if consent.register_is_damaged():
        return red(
            Topic.NOTICE,
            _("The register of who said yes or no cannot be read: no tickets are given. Look at the disk."),
        )
    said = _("Version %(number)d of %(day)s is published.") % {"number": page.number, "day": day_and_year(page.on)}
    if not page.reviewed_by:
        return red(Topic.NOTICE, said + " " + _("Nobody has confirmed that your counsel has read it."), address)
    return _about_the_scale(look.institution, look.now, said, address) or settled(Topic.NOTICE, said, address)


def _about_the_scale(institution: Institution, now: datetime, said: str, address: str) -> Finding | None:
    """Compare what the notice says with whether rounds carry the quarterly burnout scale; None where both agree."""
    spoken = consent.speaks_of_scale(institution)
    if settings.BURNOUT_SCALE or asking.carries_scale(institution, now=now):
        silent = [language for language, speaks in spoken.items() if speaks is Speaks.NO]
        if not silent:
            return None
        return red(
            Topic.NOTICE,
            _(
                "Rounds carry the quarterly burnout scale, and the notice does not speak of it (%(languages)s). Publish a version "
                "that does, as a change of what the check-in is for, or switch the scale off (CALLROOM_BURNOUT_SCALE=0)."
            )
            % {"languages": joined(LANG_INFO[language]["name_local"] for language in silent)},
            address,
        )
    if Speaks.YES not in spoken.values():
        return None
    return warned(
        Topic.NOTICE,
        said
        + " "
        + _(
            "It speaks of the burnout scale, which is off (CALLROOM_BURNOUT_SCALE): nobody is asked it. If the notice says "
            "that everybody is, publish one that does not."
        ),
        address,
    )
