"""Whether letters leave by a way on which nobody learns who opens them, in plain words."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from callroom.kit.following import NoKey
from callroom.kit.providers import PROVIDERS, following_by_smtp, key_of

SMTP: Final = "django.core.mail.backends.smtp.EmailBackend"


def way_out() -> str:
    """Return by what letters leave: a provider's name, a mail server with its port, or a class that somebody set."""
    if settings.MAIL_PROVIDER:
        return PROVIDERS[settings.MAIL_PROVIDER].name
    return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}" if settings.EMAIL_BACKEND == SMTP else settings.EMAIL_BACKEND


def problem() -> str:
    """Return what keeps letters from going out by the provider; empty for nothing."""
    if not settings.MAIL_PROVIDER:
        return ""
    try:
        key_of(PROVIDERS[settings.MAIL_PROVIDER])
    except NoKey:
        return _("The key at the mail provider cannot be read from its file. See CALLROOM_MAIL_KEY_FILE.")
    return ""


def can_follow() -> bool:
    """Return whether letters leave by SMTP through somebody who follows those whose account does not forbid it."""
    return settings.EMAIL_BACKEND == SMTP and bool(following_by_smtp(settings.EMAIL_HOST))


def in_words() -> str:
    """Return whether anybody follows who opens letters or their links, as far as Callroom can know."""
    if settings.MAIL_PROVIDER:
        return _(
            "Letters go through %(provider)s. Following opens and clicks is off: each letter says so, and one that did "
            "not would not be sent."
        ) % {"provider": way_out()}
    if can_follow():
        return _(
            "Letters go through %(provider)s by SMTP. It can replace links by personal ones and follow who opens letters; "
            "only its account says whether it does. Switch both off there, then bring the link of a test letter."
        ) % {"provider": following_by_smtp(settings.EMAIL_HOST)}
    if settings.EMAIL_BACKEND != SMTP:
        return _(
            "Letters leave by %(way)s, which is not Callroom's own. Ask whoever set it whether it follows opens and clicks."
        ) % {"way": way_out()}
    return _(
        "Letters go out by SMTP. Callroom asks nobody to follow opens or clicks; a test letter shows what becomes of links."
    )
