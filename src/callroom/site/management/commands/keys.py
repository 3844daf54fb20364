"""``callroom keys begin-anew``: says that the volume with the waves' keys is lost for good, and begins a new one."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from callroom.kit import keyring


class Command(BaseCommand):
    """Without ``--volume-is-lost`` it changes nothing: what was signed afterwards cannot be taken back."""

    help = "Begin a new folder for the keys of waves when the volume that held them is lost for good."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        begin = commands.add_parser("begin-anew", help="waves whose keys are not there end without a result")
        begin.add_argument("--volume-is-lost", action="store_true", help="nobody can bring it back")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            keyring.require_waves_folder()
        except keyring.NotMounted:
            self._begin(sure=options["volume_is_lost"])
        else:
            raise CommandError(_("The folder with the keys of waves is there; nothing was changed."))

    def _begin(self, *, sure: bool) -> None:
        if not sure:
            raise CommandError(
                _(
                    "If the volume can be unlocked, unlock it: nothing is lost until then. If it cannot, add "
                    "--volume-is-lost; open rounds are then void, and announced ones are withdrawn."
                )
            )
        keyring.make_waves_folder()
        self.stdout.write(
            _("A new folder for the keys of waves was made. The next minute ends the rounds without keys.")
        )
