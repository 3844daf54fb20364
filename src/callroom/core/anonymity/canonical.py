"""
Canonical JSON (RFC 8785, JCS), narrowed: the only numbers are whole ones of at most 2^53 - 1.

One value has one spelling, so a hash or signature over the bytes is one over the value. Tenths, hundredths and
epoch seconds take the place of fractions.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn, TypeAlias, cast

LARGEST: Final = 2**53 - 1
DEEPEST: Final = 32

#: What ``decode`` gives.
Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
#: What ``encode`` takes: tuples and read-only mappings, too.
Encodable: TypeAlias = "bool | int | str | Sequence[Encodable] | Mapping[str, Encodable] | None"
JsonObject: TypeAlias = Mapping[str, Encodable]


class CanonicalError(ValueError):
    """A value has no canonical form, or bytes are not in it."""


def encode(value: Encodable) -> bytes:
    """
    Return the canonical bytes of a value (RFC 8785, section 3.2).

    :raises CanonicalError: for floats, numbers beyond 2^53 - 1, keys that are no strings, lone surrogates, and
        anything nested more than 32 deep
    """
    try:
        return _write(value, 0).encode()
    except UnicodeEncodeError as error:
        raise CanonicalError("a text with half a character") from error


def decode(data: bytes) -> Json:
    """
    Return the value of canonical bytes; encoding it again gives exactly these bytes.

    :raises CanonicalError: also where the bytes are JSON, but not in canonical form (spaces, other order of keys,
        a key twice, needless escapes, fractions)
    """
    try:
        value = cast("Json", json.loads(data.decode(), parse_float=_refuse, parse_constant=_refuse))
    except (ValueError, RecursionError) as error:
        raise CanonicalError("not JSON in UTF-8 with whole numbers") from error
    if encode(value) != data:
        raise CanonicalError("not in canonical form")
    return value


def _write(value: object, depth: int) -> str:
    if depth > DEEPEST:
        raise CanonicalError("nested too deeply")
    match value:
        case None | bool():
            return json.dumps(value)
        case int():
            return _number(value)
        case str():
            return _text(value)
        case Mapping():
            return _members(value, depth)
        case list() | tuple():
            return "[" + ",".join(_write(entry, depth + 1) for entry in value) + "]"
    raise CanonicalError(f"{type(value).__name__} has no place in canonical JSON")


def _number(value: int) -> str:
    if abs(value) > LARGEST:
        raise CanonicalError("a number beyond 2^53 - 1")
    return str(int(value))


def _text(value: str) -> str:
    # json escapes exactly what RFC 8785, section 3.2.2.2, escapes, and in the same way.
    return json.dumps(str(value), ensure_ascii=False)


def _members(value: Mapping[object, object], depth: int) -> str:
    if not all(isinstance(key, str) for key in value):
        raise CanonicalError("a key that is no text")
    keys = sorted(cast("Mapping[str, object]", value), key=_code_units)
    return "{" + ",".join(f"{_text(key)}:{_write(value[key], depth + 1)}" for key in keys) + "}"


def _code_units(key: str) -> bytes:
    """Sort key of RFC 8785, section 3.2.3: the UTF-16 code units."""
    return key.encode("utf-16-be", "surrogatepass")


def _refuse(spelling: str) -> NoReturn:
    raise CanonicalError(f"{spelling} is not a whole number")
