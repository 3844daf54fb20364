"""Log lines for a collector say where something broke, and nothing about who was there."""

from __future__ import annotations

import json
import logging
import sys

from callroom.kit.logs import JSONFormatter


def line_of(message: str, *words: object, error: bool = False, **extra: object) -> dict[str, str]:
    record = logging.LogRecord(
        "callroom.test", logging.ERROR, "file", 1, message, words, sys.exc_info() if error else None
    )
    record.__dict__.update(extra)
    said: dict[str, str] = json.loads(JSONFormatter().format(record))
    return said


def test_a_line_is_one_object() -> None:
    said = line_of("%d failed:\n%s", 2, "ñandú")

    assert (said["level"], said["logger"], said["message"]) == ("ERROR", "callroom.test", "2 failed:\nñandú")
    assert "\n" not in JSONFormatter().format(logging.LogRecord("x", 30, "f", 1, "a\nb", (), None))


def test_an_exception_is_its_kind_and_place_without_its_words() -> None:
    try:
        int("ana@example.org")
    except ValueError:
        said = line_of("broke", error=True, request="GET /in/ by ana")

    assert said["exception"] == "ValueError"
    assert said["place"].startswith("tests.unit.kit.test_logs:")
    assert "ana" not in json.dumps(said).replace("tests", "")
