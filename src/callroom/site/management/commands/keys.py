"""``callroom keys``: change the key that signs the chain, or begin anew after the volume with the waves' keys was lost."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from callroom.kit import clock, keyring
from callroom.people.queries import NoInstitution, current_institution
from callroom.pulse.actions import keys as actions
from callroom.pulse.stores.chain import SigningKeyLost


class Command(BaseCommand):
    """Each of its two actions is for good: what is signed afterwards cannot be taken back."""

    help = "Change the key that signs the chain, or begin a new folder for the keys of waves after theirs was lost."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser(
            "rotate", help="draw a new signing key; the old one signs that it follows, and is destroyed"
        )
        begin = commands.add_parser("begin-anew", help="waves whose keys are not there end without a result")
        begin.add_argument("--volume-is-lost", action="store_true", help="nobody can bring it back")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["command"] == "rotate":
            self._rotate()
        else:
            self._begin_anew(sure=options["volume_is_lost"])

    def _rotate(self) -> None:
        try:
            rotated = actions.rotate(institution=current_institution(), now=clock.now())
        except (NoInstitution, actions.NoChain) as error:
            raise CommandError(_("Nothing has been signed yet: there is no key to change.")) from error
        except SigningKeyLost as error:
            raise CommandError(
                _(
                    "The key that signs now is not in keys/institution, so it cannot name the next one. Nothing was changed."
                )
            ) from error
        self.stdout.write(_("The signing key was changed; the old one is destroyed. Back up keys/institution now."))
        self.stdout.write(_("Fingerprint of the key that signs now: %(key)s") % {"key": rotated.in_force})
        self.stdout.write(_("Fingerprint on the ward, which stays as it is: %(key)s") % {"key": rotated.first})

    def _begin_anew(self, *, sure: bool) -> None:
        try:
            keyring.require_waves_folder()
        except keyring.NotMounted:
            self._begin(sure=sure)
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
