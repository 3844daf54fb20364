"""``callroom release export DIR``, ``callroom release verify DIR-or-ZIP [--head HASH]``, ``callroom release mend DIR-or-ZIP``."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callroom.core.anonymity.council import key_id
from callroom.core.disclosure.verification import Note, NoteCode, Report, VerificationError, verify_directory
from callroom.core.disclosure.verification.files import PAYLOADS
from callroom.kit import clock
from callroom.people.queries import NoInstitution, current_institution
from callroom.pulse import exports, payloads
from callroom.pulse.actions import mending
from callroom.site.archives import NotAnArchive, unpacked

HASH = re.compile(r"[0-9a-f]{64}")


class Command(BaseCommand):
    help = "Write what was published as files, or check such files without a database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True)
        export = parts.add_parser("export", help="write the chain and its payloads to DIR")
        export.add_argument("directory", type=Path, metavar="DIR")
        verify = parts.add_parser("verify", help="check signatures, chain, plan, bands, ranges and figures in DIR")
        verify.add_argument(
            "directory", type=Path, metavar="DIR", help="an exported folder, or the file from the chain's page"
        )
        verify.add_argument("--head", metavar="HASH", help="64 hex digits that the chain must pass through")

        mend = parts.add_parser("mend", help="put back from DIR what was changed or deleted in the database")
        mend.add_argument(
            "directory", type=Path, metavar="DIR", help="an exported folder, or the file from the chain's page"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["part"] == "export":
            self._export(options["directory"])
        elif options["part"] == "mend":
            self._mend(options["directory"])
        else:
            self._verify(options["directory"], options["head"])

    def _export(self, directory: Path) -> None:
        try:
            written = exports.export(current_institution(), directory)
        except NoInstitution:
            raise CommandError(_("Nothing is set up yet: there is no institution and no chain.")) from None
        except exports.FolderNotEmpty:
            raise CommandError(
                _("%(folder)s holds other files; nothing was written.") % {"folder": directory}
            ) from None
        except OSError as error:
            raise CommandError(f"{directory}: {error.strerror}") from None
        headers = ngettext("%(count)d header", "%(count)d headers", written.headers) % {"count": written.headers}
        self.stdout.write(
            _("%(headers)s written. Newest fingerprint (head): %(head)s")
            % {"headers": headers, "head": written.head or "-"}
        )

    def _mend(self, directory: Path) -> None:
        _must_be_there(directory)
        try:
            institution = current_institution()
            with unpacked(directory) as folder:
                given = {file.stem: file.read_bytes() for file in (folder / PAYLOADS).glob("*.json")}
        except NoInstitution:
            raise CommandError(_("Nothing is set up yet: there is no institution and no chain.")) from None
        except NotAnArchive as error:
            raise CommandError(
                _("%(file)s is not a downloaded chain, or is damaged (%(what)s). Nothing was put back.")
                % {"file": directory, "what": error}
            ) from None
        before = len(payloads.altered(institution))
        missing = mending.put_back(institution=institution, given=given, now=clock.now())
        if not before:
            self.stdout.write(_("The database holds everything as it was signed. Nothing was to be put back."))
            return
        self.stdout.write(_("Put back: %(count)d of %(all)d.") % {"count": before - len(missing), "all": before})
        if missing:
            names = ", ".join(f"{each.kind.value} {each.sha256}" for each in missing)
            raise CommandError(
                _("Not in these files as they were signed: %(names)s. Look in another export.") % {"names": names}
            )

    def _verify(self, directory: Path, head: str | None) -> None:
        if head is not None and not HASH.fullmatch(head):
            raise CommandError(_("--head needs 64 hex digits."))
        _must_be_there(directory)
        try:
            with unpacked(directory) as folder:
                report = verify_directory(folder, head)
        except NotAnArchive as error:
            raise CommandError(
                _(
                    "%(file)s is not a downloaded chain, or is damaged (%(what)s). Nothing was checked. If somebody packed it "
                    "anew: unpack it, and give the folder."
                )
                % {"file": directory, "what": error}
            ) from None
        except VerificationError as error:
            raise CommandError(str(error)) from None
        for line in _lines(report):
            self.stdout.write(line)


def _must_be_there(path: Path) -> None:
    if not path.exists():
        raise CommandError(_("%(file)s: there is no such file or folder. Nothing was done.") % {"file": path})


def _lines(report: Report) -> list[str]:
    by_state: dict[str, int] = {}
    for wave in report.waves:
        by_state[wave.state.value] = by_state.get(wave.state.value, 0) + 1
    states = ", ".join(f"{count} {state}" for state, count in sorted(by_state.items()))
    return [
        f"{report.institution}",
        _("Key fingerprint: %(fingerprint)s") % {"fingerprint": report.fingerprint},
        _("Headers: %(count)d. Newest fingerprint (head): %(head)s")
        % {"count": report.headers, "head": report.head or "-"},
        _("Waves: %(count)d (%(states)s)") % {"count": len(report.waves), "states": states or "-"},
        _("Published means checked: %(count)d") % {"count": report.figures},
        *_council(report),
        "",
        _("What was checked:"),
        *(f"  - {line}" for line in _checked(report)),
        "",
        *_notes(report.notes),
        _(
            "Everything holds. It proves what was published, in which order and unchanged; it does not prove that every "
            "answer was counted or none invented."
        ),
        *_end(report),
    ]


def _end(report: Report) -> list[str]:
    """Return the last word where no head was given: what was cut off at the end leaves a chain that holds."""
    if report.head_checked:
        return []
    return [
        _(
            "The end was not checked: a chain that was cut off there holds as well. Give the newest fingerprint that you noted "
            "earlier, its 64 digits: --head HASH"
        )
    ]


def _council(report: Report) -> list[str]:
    """Return who the council is, by key, and how much it has decided."""
    if report.council is None:
        return [_("Council: none")]
    keys = ", ".join(key_id(key) for key in report.council.keys)
    said = {"required": report.council.required, "keys": keys, "count": report.decisions}
    return [_("Council: %(required)d of the keys %(keys)s. Decisions checked: %(count)d") % said]


def _checked(report: Report) -> list[str]:
    """Return what holds, in words that somebody on a council reads."""
    return [
        _("Every line is signed with the institution's key and holds the fingerprint of the line before."),
        _("Every round closed when its rules said, and its result is the one that was fixed at that moment."),
        _("Who is counted with whom follows from the figures of the year before, computed anew."),
        _(
            "Every figure has the band, the limits and the range that the published rules ask for; no band begins below eight."
        ),
        _(
            "Every change of minimum, noise, retention, purpose or council is signed by enough keys of the council of its time."
        )
        if report.decisions
        else _("No change of the rules stands in the chain."),
        _("Nothing else is in a result: no name, no single answer, no count of a small group."),
        _("The chain passes through the fingerprint that you gave.")
        if report.head_checked
        else _("Not checked: whether something was cut off at the end."),
    ]


def _notes(notes: tuple[Note, ...]) -> list[str]:
    """Return one line per kind of note; a kind with many says how many, and names the first."""
    by_code: dict[NoteCode, list[str]] = {}
    for note in notes:
        by_code.setdefault(note.code, []).append(note.about)
    lines = []
    for code, about in by_code.items():
        if code is not NoteCode.END_NOT_CHECKED:  # said last of all
            named = ", ".join(about[:3]) + (", …" if len(about) > 3 else "")
            lines.append(
                _("Note: %(what)s (%(count)d: %(about)s)") % {"what": _said(code), "count": len(about), "about": named}
            )
    return lines


def _said(code: NoteCode) -> str:
    match code:
        case NoteCode.DEMO:
            return _("answers are invented (demo)")
        case NoteCode.NOT_BURNED:
            return _("keys are not burned yet")
        case NoteCode.NOT_PUBLISHED:
            return _("closed, not published yet")
        case NoteCode.LEAF_NOT_ASKED:
            return _("a leaf of the plan was not asked")
        case NoteCode.STRAY_FILE:
            return _("a file that the chain does not name")
        case NoteCode.COUNCIL_NAMED_ANEW:
            return _("the institution named another council without the one there was")
        case NoteCode.END_NOT_CHECKED:
            return _("the end was not checked")
