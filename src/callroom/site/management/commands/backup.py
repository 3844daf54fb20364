"""``callroom backup FILE``: everything that must outlast this machine, encrypted; never a wave's key or an answer."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from callroom.kit import clock
from callroom.people.queries import NoInstitution
from callroom.site.backup.archive import BadRecipient
from callroom.site.backup.make import backup, lock_from


class Command(BaseCommand):
    """Without a recipient the file opens with the key in ``keys/institution`` only: good for an upgrade, not for a fire."""

    help = "Write an encrypted backup. It never holds a wave's key or an answer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--to",
            action="append",
            metavar="AGE1…",
            default=[],
            help="public age key that opens the file; can be repeated (default: CALLROOM_BACKUP_RECIPIENTS)",
        )
        parser.add_argument("--passphrase-file", type=Path, metavar="F", help="a passphrase instead of keys")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            passphrase = options["passphrase_file"].read_text().strip() if options["passphrase_file"] else ""
            recipients = options["to"] or settings.BACKUP_RECIPIENTS
            manifest = backup(file, lock_from(recipients, passphrase), now=clock.now())
        except NoInstitution:
            raise CommandError(_("Nothing is set up yet: there is nothing to keep.")) from None
        except BadRecipient as error:
            raise CommandError(_("This is no public key of age: %(why)s") % {"why": error}) from None
        except OSError as error:
            raise CommandError(f"{error.filename or file}: {error.strerror}") from None
        rows = sum(manifest.rows.values())
        self.stdout.write(_("%(file)s: %(rows)d rows. Head of the chain: %(head)s") % {
            "file": file, "rows": rows, "head": manifest.head or "-",
        })  # fmt: skip
        if not recipients and not passphrase:
            self.stdout.write(
                _(
                    "No recipient was named: only keys/institution/backup.age opens this file. Name one whose key lies "
                    "elsewhere (CALLROOM_BACKUP_RECIPIENTS)."
                )
            )
