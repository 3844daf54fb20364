"""``callroom directory services|confirm|overdue``: the institution's own help, and the yearly look at every number."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from callroom.core.instruments import tables
from callroom.directory import actions, entering, queries
from callroom.kit import clock
from callroom.people.queries import NoInstitution, current_institution
from callroom.site import table_wording


class Command(BaseCommand):
    """Every subcommand changes all it says, or nothing and exits with 1."""

    help = "Enter the institution's services, confirm numbers, and list those that nobody has confirmed for a year."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        services = commands.add_parser("services", help="replace the institution's services by those of a CSV file")
        services.add_argument("file", metavar="FILE.csv", type=Path, help=f"columns: {', '.join(entering.COLUMNS)}")
        confirm = commands.add_parser("confirm", help="note that somebody has tried a number today and found it right")
        confirm.add_argument("code", metavar="CODE", help="mx-linea-de-la-vida, us-988, mx-911, us-911 or your own")
        confirm.add_argument("--source", required=True, help="who tried it, or where it was read")
        overdue = commands.add_parser("overdue", help="list what must be confirmed; exit code 1 if there is any")
        for command in (services, confirm, overdue):
            command.add_argument("--language", choices=("en", "es"), default="en", help="language of messages")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            try:
                {"services": self._services, "confirm": self._confirm, "overdue": self._overdue}[options["command"]](
                    options
                )
            except NoInstitution as error:
                raise CommandError(
                    _("There is no institution yet: callroom roster institution comes first.")
                ) from error

    def _services(self, options: dict[str, Any]) -> None:
        file: Path = options["file"]
        now = clock.now()
        try:
            table = tables.read_table(file.read_bytes())
        except OSError as error:
            raise CommandError(_("%(file)s: no such file or folder. Nothing was written.") % {"file": file}) from error
        except tables.NotATable as error:
            raise CommandError(table_wording.worded(error, file)) from error
        try:
            services = entering.services_in(table)
            actions.set_services(services=services, by=None, today=current_institution().day(now), now=now)
        except (entering.MissingColumn, entering.WrongCell) as error:
            raise CommandError(_worded(error, file)) from error
        except actions.BadService as error:
            # Each row makes one service, in order.
            place = {"file": file, "row": table.numbers[error.number], "column": error.field or "code"}
            message = _("%(file)s, row %(row)d, column %(column)s: %(reason)s Nothing was written.")
            raise CommandError(message % {**place, "reason": error.reason}) from error
        self.stdout.write(_("Services now in the directory: %(count)d.") % {"count": len(services)})

    def _confirm(self, options: dict[str, Any]) -> None:
        now = clock.now()
        today = current_institution().day(now)
        try:
            actions.confirm_line(code=options["code"], source=options["source"], by=None, today=today, now=now)
        except actions.UnknownLine as error:
            raise CommandError(_("There is no line or service “%(code)s”.") % {"code": options["code"]}) from error
        self.stdout.write(_("%(code)s is confirmed for a year.") % {"code": options["code"]})

    def _overdue(self, options: dict[str, Any]) -> None:
        lines = queries.overdue_lines(current_institution().day(clock.now()))
        for line in lines:
            self.stdout.write(
                _("%(code)s, %(name)s, %(number)s: last reviewed on %(day)s")
                % {"code": line.code, "name": line.name, "number": line.number, "day": line.reviewed_on.isoformat()}
            )
        if lines:
            raise CommandError(_("Call each of them, then: callroom directory confirm CODE --source WHO"))


def _worded(error: entering.MissingColumn | entering.WrongCell, file: Path) -> str:
    if isinstance(error, entering.MissingColumn):
        return _("%(file)s, row 1: the column %(column)s is missing. Nothing was written.") % {
            "file": file,
            "column": error.column,
        }
    return _("%(file)s, row %(row)d, column %(column)s: “%(value)s” cannot be understood. Nothing was written.") % {
        "file": file,
        "row": error.row,
        "column": error.column,
        "value": error.value,
    }
