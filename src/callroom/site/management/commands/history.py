"""``callroom history import|list|take-back``: earlier surveys, from CSV files, under the rules of every release."""

from __future__ import annotations

from argparse import ArgumentParser
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from callroom.core.disclosure.imported import BadCell, Scale
from callroom.core.instruments.registry import UnknownInstrument
from callroom.history import actions, aggregates, forms, wording
from callroom.history.actions import Questionnaire
from callroom.history.reading import Columns
from callroom.kit import clock
from callroom.people import queries
from callroom.people.models import Institution

MOST_LINES = 60


class Command(BaseCommand):
    """A file is imported whole, or nothing of it is and the command exits with 1."""

    help = "Import results of earlier surveys from a CSV file, list what was imported, take an import back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        load = commands.add_parser("import", help="import a CSV file: one row a person's score, or a unit in a period")
        load.add_argument("file", metavar="FILE.csv", type=Path)
        load.add_argument("--dry-run", action="store_true", help="only say what would be imported")
        load.add_argument("--instrument", help="a questionnaire of the registry: phq-9, cbi-work (see callroom score)")
        load.add_argument("--name", default="", help="as it is shown; needed for a scale of your own")
        load.add_argument(
            "--scale", nargs=2, metavar=("LOWEST", "HIGHEST"), help="a scale of your own in place of --instrument"
        )
        load.add_argument("--higher-is", choices=("worse", "better"), default="worse", help="on a scale of your own")
        load.add_argument("--unit", default="unit", metavar="COLUMN")
        load.add_argument(
            "--period", default="period", metavar="COLUMN", help="2024, 2024-03 or 2024-03-31 in each row"
        )
        load.add_argument("--one-period", default="", metavar="PERIOD", help="of the whole file, in place of a column")
        load.add_argument("--score", default="", metavar="COLUMN", help="where a row is one person")
        load.add_argument("--count", default="n", metavar="COLUMN", help="where a row is a unit in a period")
        load.add_argument("--mean", default="mean", metavar="COLUMN")
        load.add_argument("--sd", default="", metavar="COLUMN", help="standard deviation, where there is one")
        load.add_argument("--eligible", default="", metavar="COLUMN", help="how many were asked, where it is known")
        for what, example in (("units", "3=surgery"), ("periods", "1=2021-03")):
            load.add_argument(
                f"--{what}", nargs="*", default=[], metavar="WRITTEN=MEANT", help=f"what stands for what: {example}"
            )
        commands.add_parser("list", help="what was imported, with its numbers")
        back = commands.add_parser("take-back", help="remove an import with all its figures")
        back.add_argument("survey", type=int, metavar="NUMBER")
        for command in commands.choices.values():
            command.add_argument("--language", choices=("en", "es"), help="of messages; the institution's without it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            institution = queries.current_institution()
        except queries.NoInstitution as error:
            with translation.override(options["language"] or "en"):
                raise CommandError(
                    _("There is no institution yet: callroom roster institution comes first.")
                ) from error
        with translation.override(options["language"] or (institution.languages or ["en"])[0]):
            match options["command"]:
                case "import":
                    self._import(institution, options)
                case "list":
                    self._list(institution)
                case _:
                    self._take_back(institution, options["survey"])

    def _import(self, institution: Institution, options: dict[str, Any]) -> None:
        file: Path = options["file"]
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(_("%(file)s cannot be read.") % {"file": file}) from error
        try:
            outcome = actions.import_history(
                institution=institution,
                content=content,
                columns=_columns(options),
                questionnaire=_questionnaire(options),
                by=None,
                now=clock.now(),
                dry_run=options["dry_run"],
            )
        except actions.ImportRefused as error:
            for problem in error.problems[:MOST_LINES]:
                self.stderr.write(wording.problem_in_words(problem))
            if len(error.problems) > MOST_LINES:
                self.stderr.write(_("… and %(count)d more.") % {"count": len(error.problems) - MOST_LINES})
            raise CommandError(_("Nothing of %(file)s was imported.") % {"file": file}) from error
        for sentence in wording.outcome_in_words(outcome):
            self.stdout.write(sentence)
        self.stdout.write(
            _("Nothing was changed: this was a trial.")
            if outcome.survey is None
            else _("Imported as number %(number)d.") % {"number": outcome.survey}
        )

    def _list(self, institution: Institution) -> None:
        for row in aggregates.surveys(institution):
            self.stdout.write(
                _("%(number)d: %(name)s, imported on %(day)s, groups: %(groups)d, without a number: %(hidden)d")
                % {
                    "number": row.id,
                    "name": row.name,
                    "day": row.imported_on.isoformat(),
                    "groups": row.groups,
                    "hidden": row.without_number,
                }
            )

    def _take_back(self, institution: Institution, survey: int) -> None:
        try:
            actions.take_back(institution=institution, survey_id=survey, by=None, now=clock.now())
        except actions.NoSuchSurvey as error:
            raise CommandError(_("Nothing was imported as number %(number)d.") % {"number": survey}) from error
        self.stdout.write(_("Taken back."))


def _columns(options: dict[str, Any]) -> Columns:
    rows = bool(options["score"])
    return Columns(
        unit=options["unit"],
        period="" if options["one_period"] else options["period"],
        one_period=options["one_period"],
        score=options["score"],
        count="" if rows else options["count"],
        mean="" if rows else options["mean"],
        spread="" if rows else options["sd"],
        eligible=options["eligible"],
        units=_pairs("--units", options["units"]),
        periods=_pairs("--periods", options["periods"]),
    )


def _questionnaire(options: dict[str, Any]) -> Questionnaire:
    if bool(options["instrument"]) == bool(options["scale"]):
        raise CommandError(_("Say what was asked: either --instrument or --scale."))
    if options["instrument"]:
        try:
            return forms.known_questionnaire(options["instrument"], options["name"])
        except UnknownInstrument as error:
            raise CommandError(_("There is no instrument “%(name)s”.") % {"name": options["instrument"]}) from error
    if not options["name"].strip():
        raise CommandError(_("A scale of your own needs --name."))
    try:
        scale = Scale(*(Fraction(end) for end in options["scale"]))
    except (BadCell, ValueError, ZeroDivisionError) as error:
        raise CommandError(_("--scale takes the lowest and the highest score: 0 60.")) from error
    return forms.own_questionnaire(options["name"], scale, higher_is_worse=options["higher_is"] == "worse")


def _pairs(option: str, given: list[str]) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in given]
    if any(not left or not right for left, _equals, right in pairs):
        raise CommandError(_("%(option)s takes pairs such as 3=surgery.") % {"option": option})
    return {left.strip(): right.strip() for left, _equals, right in pairs}
