"""``callroom roster institution|import|invite``: who is here, from files, and how they get in."""

from __future__ import annotations

import csv
import io
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from callroom.kit import clock
from callroom.people import actions, queries
from callroom.people.models import Institution
from callroom.people.roster import wording
from callroom.people.roster.outcome import Line

MOST_LINES = 60
"""So many problems or changes are printed one by one; of more, the rest is counted."""


class Command(BaseCommand):
    """Every subcommand changes all it says, or nothing and exits with 1."""

    help = "Found the institution, import units, people, evaluators and rotations from files, and invite people."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        found = commands.add_parser("institution", help="found the institution; once, before anything else")
        found.add_argument("--name", required=True)
        found.add_argument("--name-es", default="", help="the name in Spanish, where it differs")
        found.add_argument("--short-name", required=True)
        found.add_argument("--unit", required=True, help="id of the top of the tree: san-rafael")
        found.add_argument("--time-zone", required=True, help="America/Monterrey")
        found.add_argument("--languages", default="en,es", help="the first is the institution's own")
        found.add_argument("--academic-year", default="07-01", help="month and day of its start: 07-01, 03-01")
        load = commands.add_parser(
            "import", help="import a CSV, XLSX or ODS file of units, people, evaluators or rotations"
        )
        load.add_argument("file", metavar="FILE", type=Path)
        load.add_argument("--dry-run", action="store_true", help="only say what would change")
        load.add_argument(
            "--leavers", type=int, metavar="N", help="confirm that N people are not in the file and leave"
        )
        load.add_argument("--ended", type=int, metavar="N", help="confirm that N rotations are not in the file and end")
        invite = commands.add_parser("invite", help="print one-time links as CSV: id, address, link")
        invite.add_argument(
            "ids", metavar="ID", nargs="*", help="ids of the roster; without any: all without a password"
        )
        invite.add_argument("--days", type=int, default=14, help="for so many days the links work")
        invite.add_argument("--address", default="https://localhost", help="where this installation is reached")
        for command in (found, load, invite):
            command.add_argument("--language", choices=("en", "es"), help="of messages; the institution's without it")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"] or "en"):
            if options["command"] == "institution":
                self._found(options)
                return
            try:
                institution = queries.current_institution()
            except queries.NoInstitution as error:
                raise CommandError(
                    _("There is no institution yet: callroom roster institution comes first.")
                ) from error
        with translation.override(options["language"] or (institution.languages or ["en"])[0]):
            if options["command"] == "import":
                self._import(institution, options)
            else:
                self._invite(institution, options)

    def _found(self, options: dict[str, Any]) -> None:
        try:
            month, day = (int(part) for part in options["academic_year"].split("-"))
            actions.found_institution(
                name=options["name"],
                name_es=options["name_es"],
                short_name=options["short_name"],
                time_zone=options["time_zone"],
                languages=[word.strip() for word in options["languages"].split(",")],
                root=options["unit"],
                academic_year=(month, day),
                now=clock.now(),
            )
        except actions.AlreadyFounded as error:
            raise CommandError(_("This installation has its institution already.")) from error
        except actions.BadInstitution as error:
            raise CommandError(str(error)) from error
        except ValueError as error:
            raise CommandError(_("Write the academic year's start as 07-01.")) from error
        self.stdout.write(_("Founded. Import the units next, then the people."))

    def _import(self, institution: Institution, options: dict[str, Any]) -> None:
        file: Path = options["file"]
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(_("%(file)s cannot be read.") % {"file": file}) from error
        try:
            outcome = actions.import_roster(
                content=content,
                institution=institution,
                by=None,
                now=clock.now(),
                dry_run=options["dry_run"],
                confirmed_leavers=options["leavers"],
                confirmed_ended=options["ended"],
            )
        except actions.RosterRefused as error:
            self._refuse(file, error)
        self._tell(outcome.lines)
        for sentence in wording.outcome_in_words(outcome):
            self.stdout.write(sentence)

    def _tell(self, lines: tuple[Line, ...]) -> None:
        for line in lines[:MOST_LINES]:
            self.stdout.write(wording.line_in_words(line))
        if len(lines) > MOST_LINES:
            self.stdout.write(_("… and %(count)d more.") % {"count": len(lines) - MOST_LINES})

    def _refuse(self, file: Path, error: actions.RosterRefused) -> NoReturn:
        for problem in error.problems[:MOST_LINES]:
            self.stderr.write(wording.problem_in_words(problem))
        if len(error.problems) > MOST_LINES:
            self.stderr.write(_("… and %(count)d more.") % {"count": len(error.problems) - MOST_LINES})
        raise CommandError(_("Nothing of %(file)s was imported.") % {"file": file}) from error

    def _invite(self, institution: Institution, options: dict[str, Any]) -> None:
        people = queries.people_to_invite(institution, options["ids"])
        unknown = sorted(set(options["ids"]) - {person.external_id for person in people})
        if unknown:
            raise CommandError(_("Nobody here has the id %(ids)s.") % {"ids": ", ".join(unknown)})
        links = io.StringIO()
        sheet = csv.writer(links, lineterminator="\n")
        sheet.writerow(["external_id", "email", "link"])
        tokens = actions.invite_all(by=None, people=people, now=clock.now(), days=options["days"])
        for person, token in zip(people, tokens, strict=True):
            address = options["address"].rstrip("/") + reverse("people:invitation", args=[token])
            sheet.writerow([wording.harmless(person.external_id), wording.harmless(person.email), address])
        self.stdout.write(links.getvalue(), ending="")
        self.stderr.write(_("Each link works once. Send it only to the address beside it, and delete this list."))
