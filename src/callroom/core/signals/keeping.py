"""A memory as bytes and back: numpy's own container, read without unpickling anything."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, fields, is_dataclass
from typing import Any, Final, TypeVar

import numpy as np

VERSION: Final = 2
T = TypeVar("T")


class OtherVersion(ValueError):
    """These bytes were written by another version of the engine: begin anew from the figures."""


def packed(parts: dict[str, Any], words: dict[str, Any]) -> bytes:
    """Return the parts (dataclasses of arrays and numbers, or arrays) and the words (whatever JSON holds) as bytes."""
    arrays: dict[str, Any] = {"words": np.frombuffer(json.dumps({**words, "version": VERSION}).encode(), np.uint8)}
    for name, part in parts.items():
        for inner, value in asdict(part).items() if is_dataclass(part) and not isinstance(part, type) else [("", part)]:
            arrays[f"{name}.{inner}"] = np.asarray(value)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def unpacked(content: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """
    Return the arrays by their dotted names, and the words.

    :raises OtherVersion: when the bytes are of another version
    """
    with np.load(io.BytesIO(content), allow_pickle=False) as kept:
        arrays = {name: kept[name] for name in kept.files}
    words = json.loads(arrays.pop("words").tobytes())
    if words.pop("version") != VERSION:
        raise OtherVersion
    return arrays, words


def filled(kind: type[T], name: str, arrays: dict[str, Any]) -> T:
    """Return a dataclass from its arrays; a single number comes back as a plain one."""
    values = {each.name: arrays[f"{name}.{each.name}"] for each in fields(kind)}  # type: ignore[arg-type]
    return kind(**{key: value.item() if value.ndim == 0 else value for key, value in values.items()})
