"""``callroom score INSTRUMENT IN.csv OUT.csv``: scores a file of answers with core.instruments."""

from __future__ import annotations

import os
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from callroom.core.instruments import registry, scoring, tables
from callroom.core.instruments.definitions import Instrument
from callroom.core.instruments.scoring import Kind, Problem, ScoredRow
from callroom.site import table_wording

LONGEST_VALUE_SHOWN = 40


class ColumnInTheWay(Exception):
    """The input already has a column that the output would add."""


class OutputExists(Exception):
    """Nothing is ever overwritten."""


class Command(BaseCommand):
    """Reads a file, calls one pure function, writes a file or nothing."""

    help = (
        "Score item-level answers. OUT keeps IN's columns and adds <instrument>_score, <instrument>_band (the band's "
        "code, the same in both languages) and <instrument>_problem, named as you typed the instrument. A row with a "
        "value that is no answer gets no score: it is named in its _problem and on standard error, never repaired, and "
        "the exit code stays 0. The exit code is 1, and nothing is written, when no output can be made. "
        "Instruments: " + ", ".join(known.id for known in registry.all_instruments()) + "."
    )
    requires_system_checks: list[str] = []  # it scores a file on a machine where nothing is installed yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("instrument", metavar="INSTRUMENT")
        parser.add_argument("source", metavar="IN.csv", type=Path)
        parser.add_argument("target", metavar="OUT.csv", type=Path)
        parser.add_argument(
            "--columns",
            default="",
            help="the items' columns in the instrument's order, by commas; without it the items' own names "
            "(phq1, phq2, …; gad1, …; cbi1, …; epworth1, …)",
        )
        parser.add_argument(
            "--missing",
            default="NA",
            help="codes that stand for a missing answer, by commas (7 also stands for 7.0); an empty cell always does",
        )
        parser.add_argument(
            "--as-they-stand",
            action="store_true",
            help="also add up whole numbers that are no answers, to compare with totals that others made so; such a "
            "row is reported all the same and gets no band",
        )
        parser.add_argument("--language", choices=("en", "es"), default="en", help="language of messages and _problem")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            try:
                self._score(options)
            except (registry.UnknownInstrument, tables.NotATable, scoring.CannotScore) as error:
                raise CommandError(_worded(error, options)) from error
            except (ColumnInTheWay, OutputExists, OSError) as error:
                raise CommandError(_worded_about_files(error, options)) from error

    def _score(self, options: dict[str, Any]) -> None:
        target: Path = options["target"]
        instrument = registry.get(options["instrument"])
        if target.exists() or target.is_symlink():
            raise OutputExists
        table = tables.read_table(options["source"].read_bytes())
        added = [f"{options['instrument']}_{ending}" for ending in ("score", "band", "problem")]
        in_the_way = [name for name in added if name in table.header]
        if in_the_way:
            raise ColumnInTheWay(in_the_way[0])
        rows = scoring.score_table(
            instrument,
            table,
            columns=_names(options["columns"]),
            missing_codes=_names(options["missing"]),
            as_they_stand=options["as_they_stand"],
        )
        _write_new(target, tables.written(table, added, [_cells(instrument, row) for row in rows]))
        self._report(instrument, rows, options)

    def _report(self, instrument: Instrument, rows: tuple[ScoredRow, ...], options: dict[str, Any]) -> None:
        for row in rows:
            for problem in row.problems:
                if problem.kind is Kind.NOT_AN_ANSWER:
                    place = _("%(file)s, row %(row)d, column %(column)s") % {
                        "file": options["source"],
                        "row": problem.row,
                        "column": problem.column,
                    }
                    self.stderr.write(f"{place}: {_not_an_answer(instrument, problem)}")
        scored = sum(row.score is not None for row in rows)
        invalid = sum(row.invalid() for row in rows)
        self.stdout.write(
            _(
                "%(instrument)s. Rows: %(rows)d. Scored: %(scored)d. Answers missing: %(missing)d. "
                "With a value that is not an answer: %(invalid)d. Written: %(file)s"
            )
            % {
                "instrument": instrument.id,
                "rows": len(rows),
                "scored": scored,
                "missing": sum(row.score is None and not row.invalid() for row in rows),
                "invalid": invalid,
                "file": options["target"],
            }
        )


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _cells(instrument: Instrument, row: ScoredRow) -> tuple[str, str, str]:
    score = "" if row.score is None else scoring.as_text(row.score)
    band = "" if row.band is None else row.band.code
    words = [
        f"{problem.column}: {_not_an_answer(instrument, problem)}"
        for problem in row.problems
        if problem.kind is Kind.NOT_AN_ANSWER
    ]
    missing = [problem.column for problem in row.problems if problem.kind is Kind.MISSING]
    if missing:
        words.append(_("missing: %(columns)s") % {"columns": ", ".join(missing)})
    return score, band, "; ".join(words)


def _not_an_answer(instrument: Instrument, problem: Problem) -> str:
    shown = "".join(letter if letter.isprintable() else "?" for letter in problem.value[:LONGEST_VALUE_SHOWN])
    return _("“%(value)s” is not an answer (%(answers)s)") % {
        "value": shown,
        "answers": ", ".join(str(value) for value in sorted(instrument.items[0].answers.values)),
    }


def _write_new(target: Path, content: bytes) -> None:
    """Write the whole file or nothing; the file is for its owner's eyes, since each row is a person's."""
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, target)  # unlike a rename, refuses to replace a file that has appeared meanwhile
        except FileExistsError:
            raise OutputExists from None
    finally:
        Path(temporary).unlink(missing_ok=True)


def _worded(error: Exception, options: dict[str, Any]) -> str:
    match error:
        case registry.UnknownInstrument():
            return _("“%(name)s” is not an instrument Callroom knows. It knows: %(known)s.") % {
                "name": options["instrument"],
                "known": ", ".join(known.id for known in registry.all_instruments()),
            }
        case tables.NotATable():
            return table_wording.worded(error, options["source"])
        case _:
            return _worded_about_columns(error, options)


def _worded_about_columns(error: Exception, options: dict[str, Any]) -> str:
    file = {"file": str(options["source"])}
    match error:
        case scoring.MissingColumns(columns=columns):
            return _(
                "%(file)s, row 1: no column %(columns)s. Name the items' columns in order with --columns. "
                "Nothing was written."
            ) % {**file, "columns": ", ".join(columns)}
        case scoring.RepeatedColumn(column=column):
            return _("%(file)s, row 1: the column %(column)s is there or named twice. Nothing was written.") % {
                **file,
                "column": column,
            }
        case scoring.WrongNumberOfColumns(named=named, needed=needed):
            return _("--columns names %(named)d columns; %(instrument)s has %(needed)d items. Nothing was written.") % {
                "named": named,
                "needed": needed,
                "instrument": options["instrument"],
            }
        case scoring.CodeIsAnAnswer(code=code):
            return _("--missing %(code)s: that is one of the answers of %(instrument)s. Nothing was written.") % {
                "code": code,
                "instrument": options["instrument"],
            }
        case _:
            raise error


def _worded_about_files(error: Exception, options: dict[str, Any]) -> str:
    match error:
        case OutputExists():
            return _("%(file)s is already there and is not overwritten. Choose another name.") % {
                "file": options["target"]
            }
        case ColumnInTheWay():
            return _("%(file)s, row 1: there is already a column %(column)s. Nothing was written.") % {
                "file": options["source"],
                "column": error,
            }
        case FileNotFoundError():
            missing = options["target"].parent if options["source"].exists() else options["source"]
            return _("%(file)s: no such file or folder. Nothing was written.") % {"file": missing}
        case _:
            return _("%(file)s: cannot be read or written (%(reason)s). Nothing was written.") % {
                "file": getattr(error, "filename", None) or options["source"],
                "reason": getattr(error, "strerror", None) or type(error).__name__,
            }
