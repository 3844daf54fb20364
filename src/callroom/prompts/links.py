"""
What became of a link on its way: mail gateways and providers replace links by personal ones, or hang something on them.

Such a link tells whoever runs the gateway which person opened it and when. A test letter shows it: whoever sets mail up
copies the link as it arrived.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from callroom.prompts.states import Arrived

GATEWAYS: Final[Mapping[str, str]] = {
    "safelinks.protection.outlook.com": "Microsoft Defender Safe Links",
    "urldefense.com": "Proofpoint URL Defense",
    "urldefense.proofpoint.com": "Proofpoint URL Defense",
    "urldefense.us": "Proofpoint URL Defense",
    "mimecast.com": "Mimecast URL Protect",
    "mimecastprotect.com": "Mimecast URL Protect",
    "linkprotect.cudasvc.com": "Barracuda Link Protection",
    "secure-web.cisco.com": "Cisco Secure Email",
    "clicktime.symantec.com": "Symantec Click-Time Protection",
    "urlsand.esvalabs.com": "Libraesva URLSand",
    "protection.sophos.com": "Sophos Email",
    "fireeye.com": "Trellix URL Defense",
    "hornetsecurity.com": "Hornetsecurity",
    "trendmicro.com": "Trend Micro Email Security",
    "sendgrid.net": "SendGrid click tracking",
    "mailgun.org": "Mailgun click tracking",
    "mandrillapp.com": "Mandrill click tracking",
    "pstmrk.it": "Postmark link tracking",
    "list-manage.com": "Mailchimp click tracking",
    "sparkpostmail.com": "SparkPost click tracking",
    "awstrack.me": "Amazon SES click tracking",
    "sendibm1.com": "Brevo click tracking",
    "google.com": "a link of Google's",
}
"""Who replaces links, by the end of the host's name."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How a link arrived. ``by``: what changed it, empty where it arrived as it was sent or nobody knows."""

    arrived: Arrived
    by: str = ""


class NoLink(ValueError):
    """What was brought is no web address."""


def look_at(link: str, sent: str) -> Seen:
    """
    Compare a link as it arrived with the one that was sent.

    :raises NoLink: if it is no web address
    """
    try:
        came, went = urlsplit(link.strip()), urlsplit(sent)
        host = (came.hostname or "").rstrip(".")
    except ValueError:
        raise NoLink from None
    if came.scheme not in {"http", "https"} or not host:
        raise NoLink
    if host != went.hostname or (came.port, came.path) != (went.port, went.path):
        return Seen(Arrived.REPLACED, _name_of(host))
    if came.query or came.fragment or came.username:
        added = came.query.partition("=")[0] or came.fragment
        return Seen(Arrived.LENGTHENED, added[:120])
    return Seen(Arrived.AS_SENT)


def _name_of(host: str) -> str:
    known = next((name for end, name in GATEWAYS.items() if host == end or host.endswith(f".{end}")), "")
    return known or host[:120]
