"""What is wrong with a file of rows, in words with a next step."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from callroom.core.instruments import tables


def worded(error: tables.NotATable, file: Path) -> str:
    """Return what a person reads about a file that is no table."""
    match error:
        case tables.WrongEncoding(row=row):
            return _(
                "%(file)s, row %(row)d: not UTF-8. In a spreadsheet choose “Save as”, “CSV UTF-8”, and try again. "
                "Nothing was written."
            ) % {"file": file, "row": row}
        case tables.BrokenRow(row=row, cells=cells, expected=expected):
            return _(
                "%(file)s, row %(row)d: %(cells)d cells where the header has %(expected)d (or a quotation mark that "
                "is never closed). Nothing was written."
            ) % {"file": file, "row": row, "cells": cells, "expected": expected}
        case _nothing:
            return _("%(file)s: there are no rows under a header. Nothing was written.") % {"file": file}
