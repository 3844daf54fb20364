"""The three databases: SQLite files in the data folder, or three PostgreSQL databases, on one cluster or several."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from callroom.kit.env import BadSetting

ALIASES = ("default", "issuing", "sealed")
_OWN_FIELDS = frozenset({"dbname", "user", "password", "host", "port"})


def databases(address: str, data_dir: Path, *, issuing: str = "", sealed: str = "") -> dict[str, dict[str, Any]]:
    """
    Return Django's ``DATABASES``.

    :param address: empty for SQLite, else what libpq understands: ``postgres://user@host/name?sslmode=verify-full``
    :param issuing: address of the second database; empty: ``name_issuing`` beside the first
    :param sealed: address of the third, best on a cluster of its own (PROTOCOL.md section 5); empty: ``name_sealed``
    :raises BadSetting: for an address that libpq does not understand, or two of them without the first
    """
    if not address:
        if issuing or sealed:
            raise BadSetting("CALLROOM_DATABASE_URL is empty, but another database has an address")
        return {alias: _sqlite(data_dir, alias) for alias in ALIASES}
    default = _fields("CALLROOM_DATABASE_URL", address)
    beside = {alias: {**default, "dbname": f"{default['dbname']}_{alias}"} for alias in ("issuing", "sealed")}
    return {
        "default": _postgresql(default),
        "issuing": _postgresql(_fields("CALLROOM_ISSUING_URL", issuing) if issuing else beside["issuing"]),
        "sealed": _postgresql(_fields("CALLROOM_SEALED_URL", sealed) if sealed else beside["sealed"]),
    }


def bytes_of(file: Path) -> bytes:
    """
    Return a SQLite file that is in use as it lies on the disk, read by a process of its own.

    A process that opens and closes such a file itself loses its locks on it; then the next one that closes its last
    connection takes away the log in which this one writes.

    :raises CalledProcessError: if it cannot be read
    """
    reader = "import pathlib, sys; sys.stdout.buffer.write(pathlib.Path(sys.argv[1]).read_bytes())"
    return subprocess.run([sys.executable, "-I", "-c", reader, str(file)], check=True, capture_output=True).stdout  # noqa: S603 - our own words


def _fields(name: str, address: str) -> dict[str, Any]:
    try:
        fields = conninfo_to_dict(address)
    except ProgrammingError:
        fields = {}  # the error's text would repeat the password
    if not address.startswith(("postgres://", "postgresql://")) or not fields.get("dbname"):
        raise BadSetting(f"{name} must look like postgres://user@host/name (see docs/reference/settings.md)")
    return fields


def _postgresql(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": fields["dbname"],
        "USER": fields.get("user", ""),
        "PASSWORD": fields.get("password", ""),
        "HOST": fields.get("host", ""),
        "PORT": str(fields.get("port", "")),
        "OPTIONS": {name: value for name, value in fields.items() if name not in _OWN_FIELDS},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _sqlite(data_dir: Path, alias: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": data_dir / ("callroom.sqlite3" if alias == "default" else f"{alias}.sqlite3"),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 15,
            # FULL: what was signed and served must not be gone after a power cut and signed again otherwise.
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA secure_delete=ON;"
                "PRAGMA journal_size_limit=67108864;PRAGMA cache_size=-20000;"
            ),
        },
    }
