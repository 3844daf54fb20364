"""*Try to find me*: invented people answer the open wave as phones do, and an ordinary survey beside it; both disks are attacked.

Only for demos and test installations. Whose answer is whose is known to this process for as long as it runs, and to nobody else:
without that, nobody could say whether a guess is right.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connections
from psycopg import conninfo

from callroom.core.anonymity import linkage, sealing
from callroom.core.anonymity.linkage import Trace
from callroom.kit import database
from callroom.people import queries as people
from callroom.people.models import Person
from callroom.pulse import aggregates
from callroom.pulse.simulation import HttpAddress, Reader, Refused, SimulatedResident
from callroom.pulse.states import WaveState
from callroom.pulse.stores.register import Fetched, Register
from callroom.pulse.stores.sealed import SealedStore, is_postgresql
from callroom.pulse.stores.wave_keys import WaveKeys
from callroom.site.attack import postgres_files, sqlite_files
from callroom.site.attack.ordinary import OrdinarySurvey

MOST: Final = 60
FEWEST: Final = 12
Given = Callable[[str, str, aggregates.CurrentWave], sealing.Given]
Truth = dict[tuple[int, UUID], bytes]


class TooFewLeft(Exception):
    """Almost everybody has answered what is open: there is nobody left to be looked for."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What was found. ``ordinary``, ``callroom``: for each person, whether the answer that was guessed is theirs."""

    wave: str
    groups: int
    ordinary: tuple[bool, ...]
    callroom: tuple[bool, ...]

    @property
    def people(self) -> int:
        """Return how many people were looked for."""
        return len(self.callroom)


def run(*, base: str, known_as: str, given: Given, now: datetime, shuffle: linkage.Shuffle) -> Trial:
    """
    Let up to sixty invented people answer the open weekly wave, copy the disk, and try to find each of them.

    :param base: where this installation answers on its own machine: ``http://127.0.0.1:8000``
    :param known_as: its public address, which it answers to: ``https://callroom.example.org``
    :param given: what somebody answers, from external id, unit and wave
    :raises TooFewLeft: see there
    """
    wave = _open_wave(now)
    with tempfile.TemporaryDirectory(prefix="callroom-find-me-") as folder:
        before = _empty_copy(wave.wave)
        truth = _answered(Reader(HttpAddress(base, known_as=known_as)), wave, given, now, shuffle)
        if len(truth) < FEWEST:
            raise TooFewLeft
        copied = _callroom_traces(wave.wave, truth, before, Path(folder))
        return Trial(
            wave.wave,
            len({group for group, _who in truth}),
            _found_in_survey(Path(folder), truth, shuffle),
            _marks(linkage.join(*copied, shuffle), truth),
        )


def keep(trial: Trial) -> None:
    """Keep the last trial: how many were found, and nothing about whom."""
    _file().write_text(json.dumps(asdict(trial)))


def last() -> Trial | None:
    """Return the last trial, if there was one."""
    if not _file().exists():
        return None
    known = json.loads(_file().read_text())
    return Trial(known["wave"], known["groups"], tuple(known["ordinary"]), tuple(known["callroom"]))


def _open_wave(now: datetime) -> aggregates.CurrentWave:
    waves = [wave for wave in aggregates.current_waves(now=now) if wave.state == WaveState.OPEN and wave.weeks == 1]
    if not waves:
        raise TooFewLeft
    return waves[0]


def _answered(
    reader: Reader, wave: aggregates.CurrentWave, given: Given, now: datetime, shuffle: linkage.Shuffle
) -> Truth:
    """Let people of the largest units answer in a random order, token and answer in one visit; return whose is whose."""
    truth = Truth()
    for unit, person in _in_turn(now, shuffle):
        device = SimulatedResident.of(person, reader)
        try:
            device.answer(wave.wave, given(person.external_id, unit, wave))
        except Refused:  # has answered on another device, or is not asked in this wave
            continue
        token = device.tokens[wave.wave]
        truth[token.group, person.pk] = token.message
        if len(truth) == MOST:
            break
    return truth


def _in_turn(now: datetime, shuffle: linkage.Shuffle) -> list[tuple[str, Person]]:
    known = {str(person.pk): person for person in Person.objects.filter(persona__isnull=True)}
    day = people.current_institution().day(now)
    units = sorted(people.eligible_on(day).items(), key=lambda unit: (-len(unit[1]), unit[0]))
    found: list[tuple[str, Person]] = []
    for start in range(0, len(units), 3):  # three units together, so that groups are large and luck is small
        some = [(unit, known[who]) for unit, ids in units[start : start + 3] for who in ids if who in known]
        shuffle(some)
        found += some
    return found


def _callroom_traces(
    wave: str, truth: Truth, before: bytes, folder: Path
) -> tuple[list[Trace[UUID]], list[Trace[bytes]]]:
    """Copy register and sealed store, and read people by their place and answers by the order in which they were written."""
    copied = shutil.copy(WaveKeys(wave).register_file, folder / "register")
    slots = Register(Path(copied), wave).slots()
    places = {slot.person: (place,) for place, slot in enumerate(slots) if slot.fetched is not Fetched.NO}
    written = _written_in_postgresql(wave) if is_postgresql() else _written_in_sqlite(wave, before, folder)
    messages = sorted((group, message) for (group, _who), message in truth.items())
    return (
        [Trace(group, who, places.get(who)) for group, who in sorted(truth)],
        [Trace(group, message, written.get(message)) for group, message in messages],
    )


def _empty_copy(wave: str) -> bytes:
    """Return the store's file as it is before (SQLite): what is in it already is nobody's who is looked for."""
    return b"" if is_postgresql() else database.bytes_of(SealedStore(wave).file)


def _written_in_sqlite(wave: str, before: bytes, folder: Path) -> Mapping[bytes, tuple[int, ...]]:
    file = SealedStore(wave).file
    log = file.with_name(f"{file.name}-wal")
    copied = folder / "log"
    copied.write_bytes(log.read_bytes() if log.exists() else b"")
    changes = sqlite_files.replay(before, sqlite_files.frames_of(copied.read_bytes()))
    return {change.row[0]: (change.commit,) for change in changes if change.table == "sealed_answer"}


def _written_in_postgresql(wave: str) -> Mapping[bytes, tuple[int, ...]]:
    known = connections["sealed"].settings_dict
    fields = {"dbname": known["NAME"], "user": known["USER"], "host": known["HOST"], "port": known["PORT"]}
    fields["password"] = known["PASSWORD"]
    address = conninfo.make_conninfo(**{name: value for name, value in fields.items() if value})
    rows = postgres_files.placed_rows(address, "sealed_answer", "message", schema=SealedStore(wave).schema)
    return {bytes(row.values[0]): (row.transaction,) for row in rows}


def _found_in_survey(folder: Path, truth: Truth, shuffle: linkage.Shuffle) -> tuple[bool, ...]:
    """Let the same people answer an ordinary survey in the same order; attack its files in the same way."""
    invited = sorted((who.hex, group) for group, who in truth)
    with OrdinarySurvey(folder, invited) as survey:
        keys = {(group, who.hex): survey.answer(who.hex, group) for group, who in truth}
        joined = linkage.join(*survey.traces(), shuffle)
    return _marks(joined, keys)


def _marks(joined: Mapping[Any, bytes], truth: Mapping[Any, bytes]) -> tuple[bool, ...]:
    return tuple(sorted((joined.get(who) == what for who, what in truth.items()), reverse=True))


def _file() -> Path:
    return Path(settings.DATA_DIR) / "find-me.json"
