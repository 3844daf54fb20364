"""Links that a gateway has changed are told from those that arrived as they were sent."""

from __future__ import annotations

from string import ascii_letters

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.prompts.links import GATEWAYS, NoLink, look_at
from callroom.prompts.states import Arrived

SENT = "https://bienestar.hospital.example/w/es/"


@pytest.mark.parametrize(
    ("link", "by"),
    [
        (
            "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fbienestar.hospital.example%2Fw%2Fes%2F&data=05",
            "Microsoft Defender Safe Links",
        ),
        ("https://urldefense.com/v3/__https://bienestar.hospital.example/w/es/__;!!x", "Proofpoint URL Defense"),
        ("https://protect-us.mimecast.com/s/AbC?domain=bienestar.hospital.example", "Mimecast URL Protect"),
        ("https://u123.ct.sendgrid.net/ls/click?upn=u001", "SendGrid click tracking"),
        ("https://links.hospital.example/c/eJw", "links.hospital.example"),
        ("http://BIENESTAR.hospital.example/c/personal", "bienestar.hospital.example"),
    ],
)
def test_a_replaced_link_is_seen_with_who_replaced_it(link: str, by: str) -> None:
    seen = look_at(link, SENT)

    assert (seen.arrived, seen.by) == (Arrived.REPLACED, by)


@pytest.mark.parametrize("added", ["?utm_source=mail", "?mc_eid=abc", "#x", "?e"])
def test_what_was_hung_on_is_seen(added: str) -> None:
    seen = look_at(SENT + added, SENT)

    assert seen.arrived is Arrived.LENGTHENED
    assert seen.by in {"utm_source", "mc_eid", "x", "e"}


@pytest.mark.parametrize("link", [SENT, f"  {SENT}\n", SENT.replace("bienestar", "Bienestar")])
def test_the_link_as_it_was_sent_is_fine(link: str) -> None:
    assert look_at(link, SENT).arrived is Arrived.AS_SENT


@pytest.mark.parametrize(
    "link", ["", "callroom", "mailto:a@b.example", "https://", "javascript:alert(1)", "https://[", "/w/es/"]
)
def test_what_is_no_address_is_refused(link: str) -> None:
    with pytest.raises(NoLink):
        look_at(link, SENT)


@given(
    end=st.sampled_from(sorted(GATEWAYS)),
    before=st.text(ascii_letters, min_size=1, max_size=12),
    path=st.text(max_size=40),
)
def test_every_known_gateway_is_named_whatever_stands_before_and_after(end: str, before: str, path: str) -> None:
    seen = look_at(f"https://{before}.{end}/{path.replace('/', '')}", SENT)

    assert seen.arrived is Arrived.REPLACED
    assert seen.by in GATEWAYS.values()


def test_a_host_that_only_looks_like_a_gateway_is_not_named_as_one() -> None:
    assert look_at("https://notgoogle.com/x", SENT).by == "notgoogle.com"
