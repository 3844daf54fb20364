"""The roster of each night: files that another system leaves in a folder, imported by the same rules as at the desk."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

from callroom.people import actions as people
from callroom.people.models import Institution
from callroom.people.roster.outcome import File
from callroom.people.roster.problems import Code, Problem
from callroom.people.roster.reading import Unreadable, read_table, sheet_of
from callroom.setup import drafts
from callroom.setup.models import NightFile

FILES: Final = (File.UNITS, File.PEOPLE, File.EVALUATORS, File.ROTATIONS)
"""In the order in which one needs the other: ``units.csv``, ``people.xlsx`` …"""
ENDINGS: Final = (".csv", ".xlsx", ".ods")
FROM: Final = time(3)
"""Local time: nobody works at a desk, and the day's rounds have not opened."""
AT_REST: Final = timedelta(minutes=5)
"""A file that was written to more recently may be half of itself; who is missing from half a roster would leave."""
MOST_PROBLEMS: Final = 20


def import_night(*, folder: Path, institution: Institution, now: datetime) -> tuple[NightFile, ...]:
    """
    Import what lies in the folder, each file once a day from 3 o'clock on, and again when it was replaced; return what was read.

    All of a file is imported or nothing. More than a fifth of all people, or of all rotations, are never taken out here: then
    nothing is imported, and somebody confirms their number at the desk. Columns that were named at the desk are known here.
    """
    if now.astimezone(institution.zone).time() < FROM:
        return ()
    found = ((kind, path) for kind in FILES for path in _files(folder, kind))
    return tuple(done for kind, path in found if (done := _import(kind, path, institution, now)) is not None)


def _files(folder: Path, kind: File) -> list[Path]:
    there = [folder / f"{kind.value}{ending}" for ending in ENDINGS]
    return [path for path in there if path.is_file()][:1]


def _import(kind: File, path: Path, institution: Institution, now: datetime) -> NightFile | None:
    today = institution.day(now)
    known = NightFile.objects.filter(institution=institution, kind=kind).first()
    problems: tuple[Problem, ...] = ()
    changes, sha256 = 0, ""
    try:
        if now.timestamp() - path.stat().st_mtime < AT_REST.total_seconds():
            return None
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        if known and (known.read_on, known.sha256) == (today, sha256):
            return None
        changes = _apply(kind, content, sha256, institution, now)
    except OSError:
        problems = (Problem(Code.NO_ACCESS),)
    except Unreadable as error:
        problems = error.problems
    except people.RosterRefused as error:
        problems = error.problems
    done, _made = NightFile.objects.update_or_create(
        institution=institution,
        kind=kind,
        defaults={
            "file_name": path.name,
            "sha256": sha256,
            "read_on": today,
            "changes": changes,
            "problems": [asdict(problem) for problem in problems[:MOST_PROBLEMS]],
            **({} if problems else {"imported_on": today}),
        },
    )
    return done


def _apply(kind: File, content: bytes, sha256: str, institution: Institution, now: datetime) -> int:
    table = drafts.without_reasons(read_table(content))
    columns, unknown = drafts.named(table, institution)
    if unknown:
        raise Unreadable(*(Problem(Code.NOT_NAMED, 1, cell) for cell in unknown))
    sheet = sheet_of(table, columns)
    if people.file_of(sheet) is not kind:
        raise Unreadable(Problem(Code.OTHER_FILE, said={"kind": kind.value}))
    outcome = people.import_sheet(sheet=sheet, sha256=sha256, institution=institution, by=None, now=now)
    return len(outcome.lines)
