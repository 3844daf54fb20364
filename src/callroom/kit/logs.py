"""Log lines for a collector: what went wrong and where in the code, never who, from where or with which request."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class JSONFormatter(logging.Formatter):
    """
    One JSON object a line: level, logger, message, and the kind of an exception with its place.

    An exception's own text is left out, and so is what a record carries beside its message (``extra``): both can hold what
    somebody sent.
    """

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            said["exception"] = record.exc_info[0].__name__
            said["place"] = _place(record)
        return json.dumps(said, ensure_ascii=False)


def without_the_host(record: logging.LogRecord) -> bool:
    """Say of a request for another host which setting to look at: no trace, and nothing of what was sent."""
    record.msg, record.args = "A request for a host that is not in CALLROOM_HOSTS was refused.", ()
    record.exc_info = record.exc_text = None
    return True


def _place(record: logging.LogRecord) -> str:
    trace = record.exc_info[2] if record.exc_info else None
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__', '')}:{trace.tb_lineno}" if trace else ""
