"""``callroom restore FILE``: loads a backup into an empty installation and lets the chain go on from its newest header."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from callroom.core.disclosure.verification import VerificationError
from callroom.kit import clock
from callroom.pulse.actions import recovery
from callroom.site.backup import restore as restoring
from callroom.site.backup.archive import CannotOpen, Key
from callroom.site.backup.rows import BadRow
from callroom.site.preparation import migrate


class Command(BaseCommand):
    """It refuses to sign from an older head: what was published after the backup must come back first."""

    help = "Restore a backup into an empty installation; open waves are voided, announced ones begin anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        opens = parser.add_mutually_exclusive_group(required=True)
        opens.add_argument("--identity", type=Path, metavar="F", help="file with the age key that opens the backup")
        opens.add_argument("--passphrase-file", type=Path, metavar="F")
        parser.add_argument("--chain", type=Path, metavar="DIR", help="the newest export of the public chain")
        parser.add_argument("--head", default="", metavar="HASH", help="hash of the newest published header")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["chain"] and not options["head"]:
            raise CommandError(
                _(
                    "Say which header is the newest that was published: --chain DIR with an export, or --head HASH from a "
                    "phone or the council's mail. Signing from an older one would tell people two different stories."
                )
            )
        migrate()
        newest = restoring.Newest(options["chain"], options["head"])
        try:
            done = restoring.restore(options["file"].read_bytes(), _key(options), newest, now=clock.now())
        except OSError as error:
            raise CommandError(f"{error.filename or options['file']}: {error.strerror}") from None
        except (*REFUSALS, VerificationError) as error:
            raise CommandError(_said(error, options["file"])) from None
        self._report(done)

    def _report(self, done: restoring.Restored) -> None:
        self.stdout.write(
            _("%(institution)s as of %(made_at)s: %(rows)d rows; %(continued)d newer headers came from the export.")
            % {
                "institution": done.manifest.institution,
                "made_at": done.manifest.made_at,
                "rows": done.rows,
                "continued": done.continued,
            }
        )
        for sentence, waves in (
            (_("Announced anew at the next minute: %(waves)s"), done.ended.withdrawn),
            (_("Void, because its answers did not come back: %(waves)s"), done.ended.voided),
            (_("Counted, but its result is lost: %(waves)s"), done.ended.lost),
        ):
            if waves:
                self.stdout.write(sentence % {"waves": ", ".join(waves)})
        self.stdout.write(
            _("Import the roster once more: who left or lost a role after the backup has it again until then.")
        )


REFUSALS = (
    CannotOpen,
    BadRow,
    restoring.NotEmpty,
    restoring.OtherVersion,
    restoring.OtherKeys,
    restoring.OlderHead,
    recovery.OtherChain,
    recovery.OlderChain,
    recovery.KeyIsOlder,
)


def _key(options: dict[str, Any]) -> Key:
    if options["identity"]:
        return Key(identities=options["identity"].read_text())
    return Key(passphrase=options["passphrase_file"].read_text().strip())


def _said(error: Exception, file: Path) -> str:  # noqa: C901 - one sentence for each refusal
    match error:
        case CannotOpen():
            return _("%(file)s is no backup, or this key does not open it.") % {"file": file}
        case BadRow():
            return _("%(file)s holds a row that does not fit its table (%(why)s). Nothing was kept.") % {
                "file": file,
                "why": error,
            }
        case restoring.NotEmpty():
            return _("There is an institution here already. A backup is restored into an empty data folder.")
        case restoring.OtherVersion(made_by=version):
            return _("This backup is from Callroom %(version)s, whose tables differ. Restore it with that version, then upgrade.") % {
                "version": version
            }  # fmt: skip
        case restoring.OtherKeys():
            return _("keys/institution holds the signing key of another institution. Move that folder away first.")
        case restoring.OlderHead(ours=ours):
            return _(
                "The backup ends at header %(ours)s, and you named another as the newest: give --chain with an export that "
                "reaches it."
            ) % {"ours": ours or "-"}
        case recovery.OtherChain():
            return _("The export does not continue the chain of this backup: it is another institution's, or forged.")
        case recovery.OlderChain():
            return _("The export ends before the backup does. Find a newer one, or use --head.")
        case recovery.KeyIsOlder():
            return _(
                "The institution's key was changed after this backup was made. Only a backup made since then can go on."
            )
        case _:
            return str(error)
