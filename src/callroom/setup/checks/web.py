"""The way in: https, what a page may load, and the framework's own check for a deployment."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.core import checks as framework
from django.utils.translation import gettext as _

from callroom.setup.checks.finding import Finding, Look, red, settled
from callroom.setup.states import Topic

LOCAL: Final = frozenset({"localhost", "127.0.0.1", "[::1]", "testserver"})
LONGEST_LIST: Final = 3


def https(look: Look) -> Finding:
    """Is the site reached by a name of its own, and only by https?"""
    if settings.PLAIN_HTTP:
        return red(
            Topic.HTTPS,
            _("The site runs without encryption (CALLROOM_HTTP). The check-in works only over https."),
        )
    names = [name for name in settings.ALLOWED_HOSTS if name not in LOCAL]
    if not names:
        return red(Topic.HTTPS, _("The site has no name of its own yet: write it into CALLROOM_HOSTS."))
    if "*" in names:
        return red(Topic.HTTPS, _("CALLROOM_HOSTS allows every name. Write the site's own into it."))
    return settled(Topic.HTTPS, _("Reached as %(names)s, by https only.") % {"names": ", ".join(names)})


def policy(look: Look) -> Finding:
    """Is the strict content policy sent with every page?"""
    words = {word for values in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].values() for word in values}
    strict = not any("unsafe" in word or "*" in word or word.startswith("http") for word in words)
    if strict and "csp.middleware.CSPMiddleware" in settings.MIDDLEWARE:
        return settled(Topic.POLICY, _("Pages load nothing from elsewhere and run no code but their own."))
    return red(Topic.POLICY, _("The content policy was loosened in the settings. Put it back."))


def deploy(look: Look) -> Finding:
    """Does the framework's own check of a deployment find nothing?"""
    found = framework.run_checks(include_deployment_checks=True)
    # Plain http has its own line above; its five warnings would only repeat it.
    repeated = {"security.W004", "security.W008", "security.W012", "security.W016", "security.W021"}
    told = sorted({str(each.id) for each in found if not (settings.PLAIN_HTTP and each.id in repeated)})
    if told:
        return red(
            Topic.DEPLOY,
            _("The framework warns of %(codes)s; “callroom check --deploy” says what they are.")
            % {"codes": ", ".join(told[:LONGEST_LIST])},
        )
    return settled(Topic.DEPLOY, _("The framework's own check for a deployment finds nothing."))
