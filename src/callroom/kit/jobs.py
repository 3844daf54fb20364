"""The worker's queue: JSON in place of pickle, so that a queue row can never run code."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from huey.registry import Message
from huey.serializer import Serializer
from huey.utils import Error


def _pack(value: Any) -> Any:  # noqa: C901 - one case for each type
    match value:
        case Message():
            return {"~m": [_pack(part) for part in value]}
        case Error():
            return {"~e": _pack(value.metadata)}
        case datetime():
            return {"~t": value.isoformat()}
        case timedelta():
            return {"~d": value.total_seconds()}
        case tuple():
            return {"~u": [_pack(part) for part in value]}
        case list():
            return [_pack(part) for part in value]
        case dict():
            return _pack_mapping(value)
        case None | str() | int() | float():
            return value
        case _:
            raise TypeError(f"{type(value).__name__} cannot be queued: pass ids, not objects")


def _pack_mapping(value: dict[Any, Any]) -> dict[str, Any]:
    if any(not isinstance(key, str) or key.startswith("~") for key in value):
        raise TypeError("only text keys not starting with '~' can be queued")
    return {key: _pack(part) for key, part in value.items()}


def _unpack(value: dict[str, Any]) -> Any:
    match value:
        case {"~m": fields}:
            return Message(*fields)
        case {"~e": metadata}:
            return Error(metadata)
        case {"~t": text}:
            return datetime.fromisoformat(text)
        case {"~d": seconds}:
            return timedelta(seconds=seconds)
        case {"~u": items}:
            return tuple(items)
    return value


class JSONSerializer(Serializer):
    """Huey's messages, results and errors as JSON."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(_pack(data), allow_nan=False, separators=(",", ":")).encode()

    def _deserialize(self, data: bytes) -> Any:
        return json.loads(bytes(data), object_hook=_unpack)
