"""``make inventory``: what Callroom stands on, from its lock files, and where it computes with keys, from its sources.

Writes docs/reference/dependencies.md, docs/reference/cryptography.md and docs/reference/callroom.cdx.json (CycloneDX 1.6). No
network, no date, no address of a registry: the same files give the same bytes.
"""

from __future__ import annotations

import ast
import base64
import json
import re
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
SOURCE = ROOT / "src" / "callroom"
BROWSER = ROOT / "browser"
OWN_LICENCE = "AGPL-3.0-or-later"


@dataclass(frozen=True, order=True)
class Part:
    """One package of a lock file; ``asked``: we name it ourselves; ``why``: the words beside it."""

    kind: str
    name: str
    version: str
    asked: bool
    why: str = ""
    sha512: str = ""


def locked_python(file: str) -> dict[str, str]:
    """Return the versions in a lock file."""
    text = (ROOT / "requirements" / f"{file}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ \\;]+)", text, re.MULTILINE))


def asked_python() -> dict[str, str]:
    """Return what base.in asks for, with the reason beside it."""
    found = {}
    for line in (ROOT / "requirements" / "base.in").read_text(encoding="utf-8").splitlines():
        match = re.match(r"([A-Za-z0-9._-]+)", line)
        if match:
            found[normal(match[1])] = line.partition("#")[2].strip()
    return found


def normal(name: str) -> str:
    """Return a package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def parts() -> list[Part]:
    """Return what runs in production: Python on the server, and what is bundled into the browser's program."""
    asked = asked_python()
    python = [
        Part("pypi", normal(name), version, normal(name) in asked, asked.get(normal(name), ""))
        for name, version in locked_python("base").items()
    ]
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    direct = lock["packages"][""]["dependencies"]
    browser = [
        Part("npm", path.removeprefix("node_modules/"), entry["version"], path.removeprefix("node_modules/") in direct,
             sha512=base64.b64decode(entry["integrity"].removeprefix("sha512-")).hex())
        for path, entry in lock["packages"].items()
        if path and not entry.get("dev") and not entry.get("optional")
    ]  # fmt: skip
    return sorted([*python, *browser])


def licence_of(part: Part) -> str:
    """Return a package's licence as it names it itself; from package-lock.json for the browser."""
    if part.kind == "npm":
        lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
        return str(lock["packages"][f"node_modules/{part.name}"].get("license", "see the package"))
    said = metadata.metadata(part.name)
    if said.get("License-Expression"):
        return str(said["License-Expression"])
    classified = [
        line.split("::")[-1].strip() for line in said.get_all("Classifier") or [] if line.startswith("License")
    ]
    short = (said.get("License") or "").splitlines()
    return ", ".join(sorted(classified)) or (short[0][:60] if short else "see the package")


def sbom() -> str:
    """Return the bill of materials as CycloneDX JSON."""
    bom = Bom()
    bom.serial_number = None  # type: ignore[assignment]  # the same files give the same bytes
    bom.metadata.timestamp = None  # type: ignore[assignment]
    bom.metadata.component = Component(
        name="callroom", type=ComponentType.APPLICATION, bom_ref="callroom", licenses=[LicenseExpression(OWN_LICENCE)]
    )
    of = []
    for part in parts():
        group, _, name = part.name.rpartition("/")
        hashes = [HashType(alg=HashAlgorithm.SHA_512, content=part.sha512)] if part.sha512 else []
        url = PackageURL(part.kind, group or None, name, part.version)
        component = Component(
            name=name, group=group or None, version=part.version, type=ComponentType.LIBRARY, purl=url,
            bom_ref=url.to_string(), hashes=hashes, properties=[Property(name="callroom:licence", value=licence_of(part))],
        )  # fmt: skip
        bom.components.add(component)
        of.append(component)
    bom.register_dependency(bom.metadata.component, of)
    made = json.loads(JsonV1Dot6(bom).output_as_string())
    for volatile in ("serialNumber",):
        made.pop(volatile, None)
    made["metadata"].pop("timestamp", None)
    made["metadata"].pop("tools", None)
    return json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def dependencies_page() -> str:
    """Return the inventory of dependencies."""
    lines = [
        "# Dependencies",
        "",
        "What runs in production, from the lock files (`make inventory`). Versions are exact and every file is checked against a hash when it is",
        "installed. *Asked for*: we name it ourselves; the others come with it. The same as CycloneDX: [callroom.cdx.json](callroom.cdx.json).",
        "",
        "| package | version | where | licence | asked for |",
        "|---|---|---|---|---|",
    ]
    where = {"pypi": "server", "npm": "browser"}
    for part in parts():
        why = (part.why or "yes") if part.asked else ""
        lines.append(f"| {part.name} | {part.version} | {where[part.kind]} | {licence_of(part)} | {why} |")
    return "\n".join([*lines, ""])


@dataclass(frozen=True)
class Primitive:
    """One use of cryptography: what for, which algorithm, its strength in bits, where its keys live, what follows it."""

    use: str
    algorithm: str
    bits: str
    keys: str
    next: str
    modules: tuple[str, ...]


PRIMITIVES = (
    Primitive("right to answer, without a name", "RSABSSA-SHA384-PSS-Randomized, RSA-3072 (RFC 9474)", "128",
              "`keys/waves`, one pair a group and wave; burned at closing", "a later protocol version: the client version stands in each post",
              ("core/anonymity/blind_rsa.py", "core/anonymity/tokens.py", "pulse/actions/waves.py", "pulse/stores/wave_keys.py",
               "browser/tokens.js", "browser/issuing.js")),
    Primitive("sealing an answer", "HPKE base: X25519, HKDF-SHA256, AES-256-GCM (RFC 9180)", "128",
              "`keys/waves`, one pair a wave; burned at closing", "X-Wing (hybrid) as another KEM of HPKE",
              ("core/anonymity/sealing.py", "pulse/actions/closing.py", "browser/sealing.js")),
    Primitive("an answer is the token owner's", "ECDSA P-256, SHA-256 (FIPS 186-5)", "128", "browser, one pair a wave; erased",
              "as above", ("core/anonymity/posts.py", "pulse/simulation.py", "pulse/actions/answers.py", "browser/onetime.js",
                           "browser/checkin.js")),
    Primitive("chain of what was published", "Ed25519 (RFC 8032), SHA-256", "128", "`keys/institution`; `callroom keys rotate`",
              "another signature, by a `key-rotation`",
              ("core/anonymity/chain.py", "pulse/stores/chain.py", "pulse/actions/keys.py", "core/disclosure/verification/files.py",
               "browser/ed25519.js", "browser/bytes.js")),
    Primitive("decisions of the residents' council", "Ed25519 (RFC 8032) from 128 bits of words, SHA-256", "128", "on paper",
              "another council with other keys", ("core/anonymity/council.py", "browser/councilkey.js")),
    Primitive("noise", "HMAC-SHA256 as a stream from 32 bytes", "256", "`keys/waves`; burned at closing", "another expansion",
              ("core/disclosure/noise.py",)),
    Primitive("commitments and names of contents", "SHA-256", "128 (collisions)", "none", "SHA-384 with a version in the payload",
              ("core/anonymity/members.py", "core/disclosure/release.py", "core/anonymity/words.py", "pulse/bundle.py",
               "pulse/views/pages.py", "directory/views.py", "watch/figures.py", "pulse/aggregates.py", "improvement/aggregates.py",
               "setup/actions/looks.py", "setup/checks/care.py", "browser/words-en.js", "browser/words-es.js")),
    Primitive("audit trail", "HMAC-SHA256 chain", "256", "`keys/institution`", "a new key from a sealed head on",
              ("audit/chain.py", "audit/queries.py")),
    Primitive("passwords", "Argon2id", "by password", "none", "Django rehashes at sign-in", ("site/settings.py",)),
    Primitive("one-time links, codes, words of a reset", "links: 256 random bits, kept as SHA-256; three words of a reset: keyed SHA-256, five tries; code of the first start: Argon2id, five tries",
        "256; 33; 60",
              "database, as digests", "they live for days", ("people/actions/doors.py", "people/actions/factors.py", "people/adapters.py",
                                                             "setup/actions/start.py", "setup/views/check.py")),
    Primitive("sessions and forms", "HMAC-SHA256 (Django signing)", "256", "`keys/institution`", "a new secret signs everybody out",
              ("kit/apart.py", "kit/keyring.py", "site/cli.py")),
    Primitive("passkeys and codes of a second step", "WebAuthn (ES256, EdDSA, RS256), TOTP (HMAC-SHA1, RFC 6238)", "128; codes 20",
              "the person's device; database", "allauth", ()),
    Primitive("hospital's identity provider", "OpenID Connect: what the provider's metadata name (RS256 by default), PKCE S256; SAML: RSA-SHA256, deprecated ones refused", "112 and more",
              "the provider's", "its metadata", ("people/provider/oidc.py", "people/provider/saml.py")),
    Primitive("backups", "age: X25519, ChaCha20-Poly1305", "128", "off the machine", "age's post-quantum recipients",
              ("site/backup/archive.py",)),
    Primitive("telling files apart, drawing seeds, comparing words", "SHA-256, HMAC-SHA256, `secrets`", "", "none that protects people", "",
              ("history/actions.py", "consent/actions.py", "consent/register.py", "people/actions/roster.py", "people/roster/changes.py", "setup/drafts.py", "setup/actions/nights.py",
               "site/health.py", "site/attack/ordinary.py", "site/attack/views.py", "site/demo/create.py", "site/demo/week.py",
               "pulse/stores/register.py", "browser/device.js", "browser/quiet.js")),
)  # fmt: skip

LIBRARIES = {
    "cryptography",
    "hashlib",
    "hmac",
    "secrets",
    "gmpy2",
    "pyrage",
    "argon2",
    "authlib",
    "onelogin",
    "mnemonic",
}
WITH_KEYS_OR_CHANCE = LIBRARIES - {"hashlib"}
"""A plain hash that only tells contents apart needs no line of its own."""
IN_THE_BROWSER = re.compile(r"\bcrypto\.(?:subtle|getRandomValues)|@noble/|@hpke/|@scure/|blindrsa")


def modules_with_cryptography(libraries: set[str] = LIBRARIES) -> set[str]:
    """Return the files that import one of these libraries of cryptography, or use the browser's."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] in libraries for name in names):
                found.add(str(path.relative_to(SOURCE)))
    found |= {f"browser/{path.name}" for path in BROWSER.glob("*.js") if IN_THE_BROWSER.search(path.read_text("utf-8"))}
    return found


def cryptography_page() -> str:
    """Return the inventory of cryptography."""
    lines = [
        "# Cryptography",
        "",
        "Where Callroom computes with keys, hashes and chance (`make inventory`). A test finds every file that imports such a library and fails when it is not in",
        "this table; plain SHA-256 that only tells contents apart may be left out. Strengths in bits, as NIST SP 800-57 counts them. Nothing below 128 bits protects an answer; what has fewer is guarded by a few tries. *Next*: how it can be exchanged.",
        "",
        "| what for | algorithm | bits | keys | next | in |",
        "|---|---|---|---|---|---|",
    ]
    for each in PRIMITIVES:
        modules = " ".join(f"`{module}`" for module in each.modules) or "django-allauth"
        lines.append(f"| {each.use} | {each.algorithm} | {each.bits} | {each.keys} | {each.next} | {modules} |")
    return "\n".join([*lines, ""])


def pages() -> dict[str, str]:
    """Return every file that is made here, by name."""
    return {"dependencies.md": dependencies_page(), "cryptography.md": cryptography_page(), "callroom.cdx.json": sbom()}


if __name__ == "__main__":
    for name, content in pages().items():
        (REFERENCE / name).write_text(content, encoding="utf-8")
    sys.stdout.write(f"Wrote {len(pages())} files into {REFERENCE.relative_to(ROOT)}\n")
