"""``callroom signals IN.csv OUT.csv``: which units of a file have probably been falling, with core.signals."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from callroom.core.instruments import tables
from callroom.core.signals import files
from callroom.core.signals.estimates import Settings
from callroom.site import table_wording

LONGEST_VALUE_SHOWN = 40


class BadOption(Exception):
    """An option's value means nothing; the text is the option's name."""


class Command(BaseCommand):
    """Reads a file, calls one pure function, writes a file or nothing."""

    help = (
        "Say which units of a file decline. IN is either releases (unit,department,week,n_low,n_high,mean and, if "
        "there are longer waves, weeks) or any series of means (unit,department,period,n,mean,sd). OUT has a row for "
        "each row of IN: "
        + ",".join(files.OUTPUT)
        + ". An existing OUT is replaced once everything is worked out; the "
        "exit code is 1, and nothing is changed, when it cannot be."
    )
    requires_system_checks: list[str] = []  # it works on a machine where nothing is installed yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", metavar="IN.csv", type=Path)
        parser.add_argument("target", metavar="OUT.csv", type=Path)
        parser.add_argument(
            "--false-alarms-per-unit-year",
            default="0.2",
            help="how often a unit that does not decline may raise an alarm (0.2: once in five years)",
        )
        parser.add_argument(
            "--noise-scale", default="2.8", help="scale of the release noise on the sum of the answers; 0 for none"
        )
        parser.add_argument(
            "--academic-year-start", default="07-01", help="month and day on which the academic year begins"
        )
        parser.add_argument("--language", choices=("en", "es"), default="en", help="language of messages")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            try:
                self._judge(options)
            except tables.NotATable as error:
                raise CommandError(table_wording.worded(error, options["source"])) from error
            except files.BadSeries as error:
                raise CommandError(_worded(error, options["source"])) from error
            except BadOption as error:
                raise CommandError(_worded_about_option(str(error))) from error
            except OSError as error:
                raise CommandError(_worded_about_files(error, options)) from error

    def _judge(self, options: dict[str, Any]) -> None:
        settings = _settings(options)
        rows = files.read(tables.read_table(options["source"].read_bytes()))
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(files.OUTPUT)
        alarms = 0
        for row, estimate, last in files.judged(rows, settings):
            writer.writerow(files.cells(row, estimate, last=last))
            alarms += estimate.alarm and last
        _replace(options["target"], text.getvalue().encode("utf-8"))
        units = len({row.unit for row in rows})
        self.stdout.write(
            _("Figures: %(figures)d. Units: %(units)d. Alarms: %(alarms)d. Written: %(file)s")
            % {"figures": len(rows), "units": units, "alarms": alarms, "file": options["target"]}
        )


def _settings(options: dict[str, Any]) -> Settings:
    numbers = {}
    for name, low, high in (("false_alarms_per_unit_year", 0.01, 10.0), ("noise_scale", 0.0, 100.0)):
        try:
            numbers[name] = float(options[name])
        except ValueError:
            raise BadOption(name) from None
        if not low <= numbers[name] <= high:
            raise BadOption(name)
    try:
        month, day = (int(part) for part in options["academic_year_start"].split("-"))
        return Settings(**numbers, academic_year_start=(month, day))
    except ValueError:
        raise BadOption("academic_year_start") from None


def _replace(target: Path, content: bytes) -> None:
    """Write the whole file or nothing."""
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _worded(error: files.BadSeries, file: Path) -> str:
    match error:
        case files.MissingColumns(columns=columns):
            return _(
                "%(file)s, row 1: no column %(columns)s. Needed are unit, department, week, n_low, n_high, mean, or "
                "unit, department, period, n, mean, sd. Nothing was written."
            ) % {"file": file, "columns": ", ".join(columns)}
        case files.RepeatedColumn(column=column):
            return _("%(file)s, row 1: there are two columns %(column)s. Nothing was written.") % {
                "file": file,
                "column": column,
            }
        case files.Repeated(row=row, column=column, unit=unit, first=first):
            return _(
                "%(file)s, row %(row)d, column %(column)s: “%(unit)s” already has a figure for this date, in row "
                "%(first)d. Nothing was written."
            ) % {"file": file, "row": row, "column": column, "unit": _shown(unit), "first": first}
        case files.BadCell(row=row, column=column, value=value, needs=needs):
            return _("%(file)s, row %(row)d, column %(column)s: “%(value)s”, but %(needs)s. Nothing was written.") % {
                "file": file,
                "row": row,
                "column": column,
                "value": _shown(value),
                "needs": _needed(needs),
            }
        case _:
            raise error


def _needed(needs: str) -> str:
    return {
        "text": _("a name is needed"),
        "whole": _("a whole number of 1 or more is needed"),
        "number": _("a number is needed"),
        "mean": _("a number from 0 to 10 is needed"),
        "sd": _("a number of 0 or more is needed, or nothing"),
        "band": _("the upper end is not below the lower one"),
        "length": _("a wave takes 1, 2 or 4 weeks"),
        "monday": _("a Monday is needed, as 2026-11-23"),
        "date": _("a date from 2001 on is needed, as 2026-11-23"),
    }[needs]


def _worded_about_option(name: str) -> str:
    return {
        "false_alarms_per_unit_year": _("--false-alarms-per-unit-year needs a number from 0.01 to 10."),
        "noise_scale": _("--noise-scale needs a number from 0 to 100."),
        "academic_year_start": _("--academic-year-start needs month and day, as 07-01."),
    }[name]


def _worded_about_files(error: OSError, options: dict[str, Any]) -> str:
    if isinstance(error, FileNotFoundError):
        missing = options["target"].parent if options["source"].exists() else options["source"]
        return _("%(file)s: no such file or folder. Nothing was written.") % {"file": missing}
    return _("%(file)s: cannot be read or written (%(reason)s). Nothing was written.") % {
        "file": error.filename or options["source"],
        "reason": error.strerror or type(error).__name__,
    }


def _shown(value: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in value[:LONGEST_VALUE_SHOWN])
