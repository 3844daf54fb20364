"""``callroom check``: is this installation safe to use? With an option of Django's own check it is that check."""

from __future__ import annotations

from typing import Any, Final

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import check as framework
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callroom.kit import clock
from callroom.people.queries import NoInstitution, current_institution
from callroom.setup import checks

OF_THE_FRAMEWORK: Final = ("args", "tags", "list_tags", "deploy", "databases")


class Command(framework.Command):
    """Prints a line for each thing that was looked at: ✓ settled, ! works and could be better, ✗ open; exits with 1 while one is open."""

    help = (
        "Is this installation safe to use? Says in plain words what is open; exit code 1 until everything is settled."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--language", choices=("en", "es"), help="of messages; the institution's without it")

    def handle(self, *app_labels: Any, **options: Any) -> None:
        if app_labels or any(options.get(name) for name in OF_THE_FRAMEWORK):
            super().handle(*app_labels, **options)
            return
        with translation.override(options["language"] or _own_language()):
            found = checks.findings(now=clock.now())
            for finding in found:
                mark = "!" if finding.warns else "✓" if finding.settled else "✗"
                self.stdout.write(f"{mark} {finding.title}: {finding.says}")
                if finding.address and not finding.settled:
                    self.stdout.write(f"    {finding.address}")
            left = sum(not finding.settled for finding in found)
            if left:
                raise CommandError(_("Open: %(count)d. Ask nobody until they are settled.") % {"count": left})
            self.stdout.write(_("Everything is settled."))
            better = sum(finding.warns for finding in found)
            if better:
                self.stdout.write(
                    ngettext(
                        "%(count)d line works and could be better; it says how.",
                        "%(count)d lines work and could be better; they say how.",
                        better,
                    )
                    % {"count": better}
                )


def _own_language() -> str:
    try:
        languages: list[str] = current_institution().languages
    except NoInstitution:
        return "en"
    return languages[0] if languages else "en"
