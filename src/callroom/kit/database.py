"""The three databases from one address: SQLite files in the data folder, or three PostgreSQL databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from callroom.kit.env import BadSetting

ALIASES = ("default", "issuing", "sealed")


def databases(address: str, data_dir: Path) -> dict[str, dict[str, Any]]:
    """
    Return Django's ``DATABASES``.

    :param address: empty for SQLite, else ``postgres://user:password@host:port/name``; the other two databases are
        ``name_issuing`` and ``name_sealed``, or named in ``?issuing=…&sealed=…``; ``?host=/folder`` for a Unix socket
    :raises BadSetting: for an address of another kind
    """
    if not address:
        return {alias: _sqlite(data_dir, alias) for alias in ALIASES}
    parts = urlsplit(address)
    if parts.scheme not in {"postgres", "postgresql"} or len(parts.path) < 2:
        raise BadSetting(
            "CALLROOM_DATABASE_URL must look like postgres://user@host/name (see docs/reference/settings.md)"
        )
    options = dict(parse_qsl(parts.query))
    name = unquote(parts.path[1:])
    names = {
        "default": name,
        "issuing": options.get("issuing", f"{name}_issuing"),
        "sealed": options.get("sealed", f"{name}_sealed"),
    }
    return {
        alias: {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": names[alias],
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": options.get("host", parts.hostname or ""),
            "PORT": str(parts.port or options.get("port", "")),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
        for alias in ALIASES
    }


def _sqlite(data_dir: Path, alias: str) -> dict[str, Any]:
    synchronous = "NORMAL" if alias == "default" else "FULL"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": data_dir / ("callroom.sqlite3" if alias == "default" else f"{alias}.sqlite3"),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 15,
            "init_command": (
                f"PRAGMA journal_mode=WAL;PRAGMA synchronous={synchronous};PRAGMA secure_delete=ON;"
                "PRAGMA journal_size_limit=67108864;PRAGMA cache_size=-20000;"
            ),
        },
    }
