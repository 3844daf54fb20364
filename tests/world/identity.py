"""
Two small identity providers on this machine, one for each protocol: they sign what they say, and can be told to lie.

They are providers of the tests only: they ask nobody for a password.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit
from xml.etree import ElementTree

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import RSAKey
from onelogin.saml2.utils import OneLogin_Saml2_Utils

CLIENT, SECRET = "callroom", "the client's secret of the tests"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
LIFE = timedelta(minutes=5)


@dataclass
class LocalOidc:
    """An OpenID provider that says yes for ``subject``. ``lies`` replaces claims; ``key`` signs, ``shown`` is published."""

    subject: str = "ana"
    lies: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    shown: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    key: RSAKey | None = None
    issuer: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    stop: Callable[[], None] = lambda: None

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }

    def back_from(self, address: str) -> str:
        """Say yes at the address to which the browser was sent; return where it is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, authorization: str, sent: dict[str, str]) -> dict[str, Any] | None:
        """Give a signed token for a code, once, to who knows the secret and the verifier."""
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.codes.pop(sent.get("code", ""), None)
        given = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        verifier = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        if asked is None or unquote(given) != base64.b64decode(expected).decode():
            return None
        if asked["code_challenge"] != challenge or asked["redirect_uri"] != sent.get("redirect_uri"):
            return None
        now = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": self.subject, "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], **self.more, **self.lies,
        }  # fmt: skip
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key or self.shown)
        return {"access_token": "of no use", "token_type": "Bearer", "expires_in": 300, "id_token": signed}

    @contextmanager
    def serving(self) -> Iterator[LocalOidc]:
        """Answer on a free port for the block."""
        with _served(self._handler()) as (address, self.stop):
            self.issuer = address
            yield self

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(_Quiet):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                if path == "/.well-known/openid-configuration":
                    self.answer_json(provider.configuration())
                elif path == "/keys":
                    self.answer_json({"keys": [provider.shown.as_dict(private=False)]})
                else:
                    self.answer_page(f'<a href="{escape(provider.back_from(self.path))}">Yes, it is me</a>')

            def do_POST(self) -> None:
                sent = {name: values[0] for name, values in parse_qs(self.body().decode()).items()}
                token = provider.token(self.headers.get("Authorization", ""), sent)
                self.answer_json(token or {"error": "invalid_grant"}, status=200 if token else 400)

        return Handler


@dataclass
class LocalSaml:
    """A SAML provider that says yes for ``subject``. ``lies`` replaces parts of its response."""

    subject: str = "ana"
    lies: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    entity: str = "https://idp.example/metadata"
    address: str = "http://127.0.0.1:1"
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    signs_with: rsa.RSAPrivateKey | None = None

    def certificate(self) -> str:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "identity provider of the tests")])
        made = (
            x509.CertificateBuilder()
            .subject_name(name).issuer_name(name).public_key(self.key.public_key()).serial_number(1)
            .not_valid_before(datetime(2020, 1, 1)).not_valid_after(datetime(2050, 1, 1))
            .sign(self.key, hashes.SHA256())
        )  # fmt: skip
        return made.public_bytes(serialization.Encoding.PEM).decode()

    def metadata(self) -> str:
        inside = "".join(self.certificate().splitlines()[1:-1])
        return (
            f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{self.entity}">'
            f'<IDPSSODescriptor protocolSupportEnumeration="{PROTOCOL}"><KeyDescriptor use="signing">'
            '<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>'
            f"{inside}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
            '<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" '
            f'Location="{self.address}/sso"/></IDPSSODescriptor></EntityDescriptor>'
        )

    def response_to(self, address: str) -> tuple[str, str]:
        """Return where the response to the request in this address goes, and the response as its form carries it."""
        packed = parse_qs(urlsplit(address).query)["SAMLRequest"][0]
        asked = ElementTree.fromstring(zlib.decompress(base64.b64decode(packed), -15))
        arrival = asked.attrib["AssertionConsumerServiceURL"]
        issuer = asked.findtext("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer") or ""
        now = datetime.now(UTC)
        said = {
            "answers": asked.attrib["ID"], "destination": arrival, "audience": issuer, "issuer": self.entity,
            "now": _instant(now), "until": _instant(now + LIFE), **self.lies,
        }  # fmt: skip
        assertion = self._signed(self._assertion(said))
        response = (
            f'<samlp:Response xmlns:samlp="{PROTOCOL}" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" '
            f'ID="_{secrets.token_hex(16)}" Version="2.0" IssueInstant="{said["now"]}" '
            f'Destination="{said["destination"]}" InResponseTo="{said["answers"]}"><saml:Issuer>{said["issuer"]}</saml:Issuer>'
            '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
            f"{assertion}</samlp:Response>"
        )
        return arrival, base64.b64encode(response.encode()).decode()

    def _assertion(self, said: dict[str, str]) -> str:
        attributes = "".join(
            f'<saml:Attribute Name="{name}"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>'
            for name, value in self.attributes.items()
        )
        statement = f"<saml:AttributeStatement>{attributes}</saml:AttributeStatement>" if attributes else ""
        return (
            f'<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_{secrets.token_hex(16)}" Version="2.0" '
            f'IssueInstant="{said["now"]}"><saml:Issuer>{said["issuer"]}</saml:Issuer><saml:Subject>'
            f'<saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">{escape(self.subject)}</saml:NameID>'
            '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData '
            f'NotOnOrAfter="{said["until"]}" Recipient="{said["destination"]}" InResponseTo="{said["answers"]}"/>'
            f'</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotOnOrAfter="{said["until"]}">'
            f"<saml:AudienceRestriction><saml:Audience>{said['audience']}</saml:Audience></saml:AudienceRestriction>"
            f'</saml:Conditions><saml:AuthnStatement AuthnInstant="{said["now"]}"><saml:AuthnContext>'
            "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>"
            f"</saml:AuthnContext></saml:AuthnStatement>{statement}</saml:Assertion>"
        )

    def _signed(self, xml: str) -> str:
        key = (self.signs_with or self.key).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        signed: bytes = OneLogin_Saml2_Utils.add_sign(xml, key.decode(), self.certificate())
        return signed.decode()

    @contextmanager
    def serving(self) -> Iterator[LocalSaml]:
        """Answer on a free port for the block."""
        provider = self

        class Handler(_Quiet):
            def do_GET(self) -> None:
                arrival, response = provider.response_to(self.path)
                self.answer_page(
                    f'<form method="post" action="{escape(arrival)}"><input type="hidden" name="SAMLResponse" '
                    f'value="{response}"><button>Yes, it is me</button></form>'
                )

        with _served(Handler) as (address, _stop):
            self.address = address
            yield self


class _Quiet(BaseHTTPRequestHandler):
    def log_message(self, *_words: Any) -> None:
        """Say nothing."""

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer_json(self, said: dict[str, Any], status: int = 200) -> None:
        self._answer(json.dumps(said), "application/json", status)

    def answer_page(self, body: str) -> None:
        page = f'<!doctype html><html lang="en"><title>Identity provider</title><link rel="icon" href="data:,">{body}'
        self._answer(page, "text/html", 200)

    def _answer(self, text: str, kind: str, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())


@contextmanager
def _served(handler: type[BaseHTTPRequestHandler]) -> Iterator[tuple[str, Callable[[], None]]]:
    # By number: another site than "localhost" for the browser, as a real provider is.
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", stop
    finally:
        stop()


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
