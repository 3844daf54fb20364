"""A resident who does over HTTP what the check-in device does: for the demo, the journeys, the tests and the bench.

Nothing here reaches into the server: tokens are fetched with a session cookie under ``/in/``, answers are posted
without any cookie under ``/w/``, both as bytes on an address that may be this process's WSGI application or a server.
"""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from importlib import import_module
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from callroom.core.anonymity import chain, posts, sealing, tokens
from callroom.core.anonymity.kept_promises import PromisesAsked
from callroom.core.anonymity.sheets import KeySheet, WaveSheet, check_against, check_promises
from callroom.people.models import Person

Rng = Callable[[int], bytes]
CSRF_TOKEN: Final = "SimulatedResidentSimulatedReside"  # noqa: S105 - 32 letters, sent as cookie and as header
MOST_ATTEMPTS: Final = 6


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. ``cookies``: what a server set, one each; one dictionary of headers keeps only the last."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()

    def json(self) -> Any:
        """Return the body as the JSON it is."""
        return json.loads(self.body)


class Refused(Exception):
    """The server said no. ``reply``: what it said."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.status} {reply.body[:80]!r}")
        self.reply = reply


class NotTheSame(Exception):
    """The two doors show different bytes, or a sheet does not keep its promises: nothing is sent."""


class Address(Protocol):
    """Somewhere that answers HTTP."""

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """Return the answer to one request."""


class WsgiAddress:
    """A WSGI application in this process, called as a server on ``localhost`` would."""

    def __init__(self, application: Callable[..., Iterable[bytes]], scheme: str = "http") -> None:
        self._application = application
        self._scheme = scheme

    @property
    def origin(self) -> str:
        """Return scheme and host."""
        return f"{self._scheme}://localhost"

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """Return the answer to one request."""
        parts = urlsplit(path)
        started: dict[str, Any] = {}

        def start_response(status: str, response_headers: list[tuple[str, str]], _error: Any = None) -> None:
            started.update(status=int(status.split()[0]), headers=dict(response_headers))

        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(parts.path, "latin-1"),
            "QUERY_STRING": parts.query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "443" if self._scheme == "https" else "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": self._scheme,
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            "HTTP_HOST": "localhost",
            **{_environ_name(name): value for name, value in headers.items()},
        }
        answer = self._application(environ, start_response)
        try:
            content = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        return Reply(started["status"], content, started["headers"])


class HttpAddress:
    """
    A server at ``http://host:port``; one connection, kept open. Not for several threads.

    ``source``: the address of this machine that the connection comes from, if not the usual one. ``known_as``: the server's
    public address, where it stands behind a proxy: what the proxy would say of it is said.
    """

    def __init__(self, base: str, source: str = "", *, known_as: str = "") -> None:
        self.origin = (known_as or base).rstrip("/")
        public = urlsplit(known_as)
        self._proxied = {"Host": public.netloc, "X-Forwarded-Proto": public.scheme} if known_as else {}
        parts = urlsplit(base)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        from_where = (source, 0) if source else None
        self._connection = kind(parts.hostname or "localhost", parts.port, timeout=60, source_address=from_where)

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """Return the answer to one request; a connection that the server closed meanwhile is opened again."""
        try:
            return self._sent(method, path, headers, body)
        except (ConnectionError, HTTPException):
            self._connection.close()
            return self._sent(method, path, headers, body)

    def _sent(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        self._connection.request(method, path, body or None, {**self._proxied, **headers})
        response = self._connection.getresponse()
        cookies = tuple(response.headers.get_all("Set-Cookie", ()))
        return Reply(response.status, response.read(), dict(response.getheaders()), cookies)


@dataclass(slots=True)
class Token:
    """A right to answer one wave, as the device keeps it."""

    group: int
    one_time_key: ec.EllipticCurvePrivateKey
    prefix: bytes
    signature: bytes

    @property
    def message(self) -> bytes:
        """Return what the token is about."""
        return tokens.token_message(posts.point_of(self.one_time_key.public_key()))


@dataclass(slots=True)
class Begun:
    """What is kept before the first request, so that a lost reply is asked for again with the same bytes."""

    one_time_key: ec.EllipticCurvePrivateKey
    prepared: bytes
    blinded: bytes
    inverse: bytes


class Reader:
    """Reads sheets through both doors and compares; what was read once is kept, for many residents at one address."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._payloads: dict[str, bytes] = {}
        self._key_sheets: dict[str, KeySheet] = {}
        self._wave_sheets: dict[str, WaveSheet] = {}
        self._promises: dict[str, PromisesAsked] = {}

    def key_sheet(self, sha256: str, cookie: str) -> KeySheet:
        """Return a key sheet that both doors show alike."""
        if sha256 not in self._key_sheets:
            self._key_sheets[sha256] = KeySheet.from_bytes(self._payload(sha256, cookie))
        return self._key_sheets[sha256]

    def wave_sheet(self, sha256: str, cookie: str) -> WaveSheet:
        """Return a wave sheet that both doors show alike and that keeps what its key sheet announced."""
        if sha256 not in self._wave_sheets:
            sheet = WaveSheet.from_bytes(self._payload(sha256, cookie))
            check_against(sheet, self.key_sheet(sheet.key_sheet, cookie))
            self._wave_sheets[sha256] = sheet
        return self._wave_sheets[sha256]

    def promises(self, sheet: WaveSheet, cookie: str) -> PromisesAsked | None:
        """Return what a wave asks about kept promises, if anything: what its sheet commits to."""
        sha256 = sheet.promises_sha256
        if sha256 and sha256 not in self._promises:
            promises = PromisesAsked.from_bytes(self._payload(sha256, cookie))
            check_promises(sheet, promises)
            self._promises[sha256] = promises
        return self._promises[sha256] if sha256 else None

    def _payload(self, sha256: str, cookie: str) -> bytes:
        if sha256 not in self._payloads:
            with_name = _good(self.address.send("GET", f"/in/chain/{sha256}", {"Cookie": cookie})).body
            without_name = _good(self.address.send("GET", f"/w/chain/{sha256}", {})).body
            if with_name != without_name or chain.sha256_hex(with_name) != sha256:
                raise NotTheSame(sha256)
            self._payloads[sha256] = with_name
        return self._payloads[sha256]


@dataclass(slots=True)
class SimulatedResident:
    """
    One resident with one check-in device.

    ``institution``: its id, which an answer is bound to. ``cookie``: see ``session_cookie``. ``reader`` may be shared
    by all residents at one address.
    """

    institution: UUID
    cookie: str
    reader: Reader
    rng: Rng = os.urandom
    tokens: dict[str, Token] = field(default_factory=dict)
    begun: dict[str, Begun] = field(default_factory=dict)
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, person: Person, reader: Reader, rng: Rng = os.urandom) -> SimulatedResident:
        """Return a device on which this person is signed in."""
        return cls(person.institution_id, session_cookie(person), reader, rng)

    def offered(self) -> list[dict[str, Any]]:
        """Return the waves this resident may fetch a token for."""
        offered: list[dict[str, Any]] = _good(self._signed_in("GET", "/in/tokens/")).json()
        return offered

    def asked(self, wave: str) -> tuple[str, ...]:
        """Return the items that the page shows this resident in an open wave: those of their leaf, in order."""
        entry = self._entry(wave)
        sheet = self.reader.wave_sheet(entry["wave_sheet"], self.cookie)
        leaf = sheet.leaf_of(entry["group"])
        mine = sheet.asked_of(leaf.leaf if leaf else "", self.reader.promises(sheet, self.cookie))
        return tuple(item.id for item in sheet.items if item.id in mine)

    def fetch_token(self, wave: str, *, replace: bool = False) -> Token:
        """
        Fetch the token of a wave, with the same blinded message as before if a reply was lost.

        :raises Refused: if the server will not sign
        """
        if wave in self.tokens:
            return self.tokens[wave]
        entry = self._entry(wave)
        keys = self.reader.key_sheet(entry["key_sheet"], self.cookie)
        public_key = tokens.load_public_key(keys.groups[entry["group"]].public_key)
        begun = self.begin(wave, public_key)
        reply = self.post_blinded(wave, begun.blinded, replace=replace)
        signature = tokens.finalize(
            public_key, begun.prepared, base64.b64decode(reply.json()["signature"]), begun.inverse
        )
        prefix = begun.prepared[: -tokens.MESSAGE_LENGTH]
        self.tokens[wave] = Token(entry["group"], begun.one_time_key, prefix, signature)
        return self.tokens[wave]

    def begin(self, wave: str, public_key: Any) -> Begun:
        """Make the one-time key and the blinded message of a wave; the same ones on the second call."""
        if wave not in self.begun:
            one_time_key = ec.generate_private_key(ec.SECP256R1())
            prepared = tokens.prepare(tokens.token_message(posts.point_of(one_time_key.public_key())), self.rng)
            blinded, inverse = tokens.blind(public_key, prepared, self.rng)
            self.begun[wave] = Begun(one_time_key, prepared, blinded, inverse)
        return self.begun[wave]

    def post_blinded(self, wave: str, blinded: bytes, *, replace: bool = False) -> Reply:
        """
        Ask for one blind signature; ``replace``: instead of the one that another device was given.

        :raises Refused: if the server will not sign
        """
        asked: dict[str, Any] = {"wave": wave, "blinded": base64.b64encode(blinded).decode()}
        body = json.dumps({**asked, "replace": True} if replace else asked).encode()
        return _good(self._signed_in("POST", "/in/tokens/", body))

    def body(self, wave: str, answers: sealing.Given, revision: int = 1) -> bytes:
        """Return the bytes of an answer to an open wave, sealed and signed."""
        token = self.fetch_token(wave)
        sheet = self.reader.wave_sheet(self._entry(wave)["wave_sheet"], self.cookie)
        return seal_answer(self.institution, sheet, token, answers, revision)

    def post(self, body: bytes) -> Reply:
        """Send an answer without a name, whatever comes back."""
        return post_answer(self.reader.address, body)

    def answer(self, wave: str, answers: sealing.Given) -> int:
        """
        Answer a wave until the server acknowledges, sealing again where a revision stands; return the revision.

        :raises Refused: for any other reply than an acknowledgement or a conflict
        """
        revision = 1
        for attempt in range(MOST_ATTEMPTS):
            reply = self.post(self.body(wave, answers, revision))
            if reply.status == 200:
                break
            if reply.status != 409 or attempt == MOST_ATTEMPTS - 1:
                raise Refused(reply)
            revision = int(reply.json()["revision"]) + 1
        return revision

    def _entry(self, wave: str) -> dict[str, Any]:
        # An open wave's entry does not change any more.
        known = self.entries.get(wave)
        if known is not None and known["wave_sheet"]:
            return known
        self.entries = {entry["wave"]: entry for entry in self.offered()}
        if wave in self.entries:
            return self.entries[wave]
        raise Refused(Reply(404, b'{"error": "not-asked"}'))

    def _signed_in(self, method: str, path: str, body: bytes = b"") -> Reply:
        headers = {
            "Cookie": f"{self.cookie}; {settings.CSRF_COOKIE_NAME}={CSRF_TOKEN}",
            "X-CSRFToken": CSRF_TOKEN,
            "Content-Type": "application/json",
            "Origin": getattr(self.reader.address, "origin", "http://localhost"),
        }
        return self.reader.address.send(method, path, headers, body)


def seal_answer(institution: UUID, sheet: WaveSheet, token: Token, answers: sealing.Given, revision: int = 1) -> bytes:
    """Return the bytes of ``POST /w/answers`` for these answers."""
    plaintext = sealing.encode_answers(answers, sheet.items)
    info = sealing.answer_info(institution.bytes, sheet.wave, token.group, token.message, revision)
    return posts.pack(
        wave_id=sheet.wave,
        group=token.group,
        prefix=token.prefix,
        one_time_key=token.one_time_key,
        token_signature=token.signature,
        revision=revision,
        sealed=sealing.seal(sheet.hpke_public_key, plaintext, info),
    )


def post_answer(address: Address, body: bytes) -> Reply:
    """Send an answer: no cookie, nothing but the bytes."""
    return address.send("POST", "/w/answers", {"Content-Type": "application/octet-stream"}, body)


def session_cookie(person: Person) -> str:
    """Return a ``Cookie`` header value with which this person is signed in (sessions are signed cookies)."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _good(reply: Reply) -> Reply:
    if reply.status != 200:
        raise Refused(reply)
    return reply


def _environ_name(name: str) -> str:
    plain = name.upper().replace("-", "_")
    return plain if plain in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{plain}"
