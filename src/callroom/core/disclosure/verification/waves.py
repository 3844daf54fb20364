"""Following the waves of a chain, header by header: what may come after what, and whether it fits together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NoReturn

from callroom.core.anonymity.canonical import Json
from callroom.core.anonymity.chain import Header, HeaderType
from callroom.core.anonymity.council import CouncilError
from callroom.core.anonymity.fields import Fields, SheetError
from callroom.core.anonymity.kept_promises import PromisesAsked
from callroom.core.anonymity.sheets import KeySheet, WaveSheet, check_against, check_promises
from callroom.core.disclosure.leaf_plan import BadPlan
from callroom.core.disclosure.policy import BadPolicy, Policy
from callroom.core.disclosure.release import LEAST_LEAVES_COUNTED, Counts
from callroom.core.disclosure.rules import Rules
from callroom.core.disclosure.verification.figures import BadFigure, Checked, check_body
from callroom.core.disclosure.verification.files import Chain, payload_file
from callroom.core.disclosure.verification.plans import Plans
from callroom.core.disclosure.verification.problems import Problem, VerificationError
from callroom.core.disclosure.verification.report import Note, NoteCode, Report, WaveState, WaveSummary
from callroom.core.timetable.waves import CLOSES, OPENS, PUBLISHES, BadWave, parse_wave_id

_ZONES: Final = timedelta(hours=14)  # the furthest that local time is from UTC
_CLOCK_CHANGES: Final = timedelta(hours=2)
_CHECK_IN: Final = "check-in"
_SHEET_PROBLEMS: Final = {"plan": Problem.PLAN, "policy": Problem.POLICY}


@dataclass(slots=True)
class _Wave:
    """What the chain has said about one wave so far."""

    state: WaveState
    keys: KeySheet
    keys_sha256: str
    policy: Policy
    sheet: WaveSheet | None = None
    sheet_sha256: str = ""
    promises: PromisesAsked | None = None
    release_sha256: str = ""
    burned: bool = False
    figures: int = 0

    @property
    def demo(self) -> bool:
        """Return whether the wave's answers are invented."""
        return self.sheet.demo if self.sheet else self.keys.demo


class Waves:
    """The waves of one chain; ``follow`` is called for each header in order."""

    def __init__(self, chain: Chain) -> None:
        """Start before the first header."""
        self._chain = chain
        self._waves: dict[str, _Wave] = {}
        self._keys: set[bytes] = set()
        self._demo_sheets: dict[str, KeySheet] = {}
        self._plans = Plans()
        self._counts: dict[int, Counts | None] = {}
        self._commitments: set[str] = set()
        self._notes: list[Note] = []
        self._rules = Rules(chain.fingerprint)
        self._header = chain.headers[0] if chain.headers else None
        self._steps: Mapping[HeaderType, Callable[[Header, Json], None]] = {
            HeaderType.KEY_SHEET: self._key_sheet,
            HeaderType.SUPERSEDE: self._supersede,
            HeaderType.WAVE_SHEET: self._wave_sheet,
            HeaderType.VOID: self._void,
            HeaderType.CLOSING: self._closing,
            HeaderType.RELEASE: self._release,
            HeaderType.BURN: self._burn,
            HeaderType.KEY_ROTATION: self._key_rotation,
            HeaderType.COUNCIL: self._council,
            HeaderType.COUNCIL_ACT: self._council,
        }

    def follow(self, header: Header) -> None:
        """
        Take in the next header.

        :raises VerificationError: if it, or its payload, breaks a rule
        """
        self._header = header
        payload = self._chain.payload(header)
        try:
            self._steps[header.type](header, payload)
        except (SheetError, BadWave) as error:
            code = error.code if isinstance(error, SheetError) else ""
            self._refuse(_SHEET_PROBLEMS.get(code, Problem.SHEET), str(error), error)
        except BadPlan as error:
            self._refuse(Problem.PLAN, str(error), error)
        except BadPolicy as error:
            self._refuse(Problem.POLICY, str(error), error)
        except BadFigure as error:
            self._refuse(Problem.FIGURE, str(error), error)
        except CouncilError as error:
            self._refuse(Problem.COUNCIL, str(error), error)

    def report(self, *, head_checked: bool) -> Report:
        """Return what was found, after the last header."""
        chain = self._chain
        notes = [] if head_checked else [Note(NoteCode.END_NOT_CHECKED)]
        notes += [note for wave, known in self._waves.items() for note in _notes(wave, known)]
        notes += [Note(NoteCode.STRAY_FILE, file) for file in chain.stray_files]
        notes += [Note(NoteCode.COUNCIL_NAMED_ANEW)] * self._rules.replaced
        seated = self._rules.council_at(chain.headers[-1].at) if chain.headers else None
        return Report(
            institution=chain.institution,
            fingerprint=chain.fingerprint,
            headers=len(chain.headers),
            head=chain.head,
            head_checked=head_checked,
            waves=tuple(
                WaveSummary(wave, known.state, known.demo, known.figures) for wave, known in self._waves.items()
            ),
            notes=(*notes, *self._notes),
            council=seated.council if seated else None,
            decisions=len(self._rules.decided),
        )

    def _key_sheet(self, header: Header, payload: Json) -> None:
        sheet = KeySheet.from_payload(payload)
        known = self._waves.get(sheet.wave)
        self._must(not known or known.state is WaveState.SUPERSEDED, Problem.ORDER, f"{sheet.wave} has its key sheet")
        keys = {group.public_key for group in sheet.groups}
        self._must(keys.isdisjoint(self._keys), Problem.KEY, f"a group key of {sheet.wave} was announced before")
        self._keys |= keys
        if sheet.demo:
            self._must(not sheet.groups, Problem.DEMO, "a sheet for invented answers holds keys of groups")
            self._demo_sheets[header.payload_sha256] = sheet
        self._check_time_of_rules(header, sheet.wave, demo=sheet.demo)
        self._waves[sheet.wave] = _Wave(WaveState.ANNOUNCED, sheet, header.payload_sha256, self._rules.policy)

    def _supersede(self, header: Header, payload: Json) -> None:
        fields = Fields(payload, "wave", "key_sheet", "reason")
        wave = self._wave(fields.text("wave"), WaveState.ANNOUNCED)
        self._must(fields.text("key_sheet") == wave.keys_sha256, Problem.SHEET, "another key sheet is replaced")
        _check_reason(fields)
        wave.state = WaveState.SUPERSEDED

    def _wave_sheet(self, header: Header, payload: Json) -> None:
        sheet = WaveSheet.from_payload(payload)
        wave = self._opening(sheet)
        self._must(
            sheet.hpke_public_key not in self._keys or sheet.demo,
            Problem.KEY,
            f"{sheet.wave} seals to a key used before",
        )
        self._keys.add(sheet.hpke_public_key)
        self._must(sheet.demo or header.at < sheet.closes_at, Problem.TIME, f"{sheet.wave} opened after its closing")
        self._must(_is_a_window(sheet), Problem.TIME, f"the window of {sheet.wave} is not Monday 06:00 to Sunday 20:00")
        self._check_time_of_rules(header, sheet.wave, demo=sheet.demo)
        rests = _CHECK_IN in self._rules.paused and not sheet.demo
        self._must(not rests, Problem.COUNCIL, f"{sheet.wave} opened while the council lets the check-in rest")
        self._check_plan(sheet)
        _check_policy(sheet, wave.policy)
        wave.state, wave.sheet, wave.sheet_sha256 = WaveState.OPEN, sheet, header.payload_sha256
        wave.promises = self._promises(sheet)

    def _opening(self, sheet: WaveSheet) -> _Wave:
        """Return the wave that a wave sheet opens; one demo sheet may stand for the whole of an invented history."""
        if sheet.demo and sheet.wave not in self._waves:
            keys = self._demo_sheets.get(sheet.key_sheet)
            if keys is None:
                self._refuse(Problem.DEMO, f"{sheet.wave} is invented, but its key sheet does not say so")
            self._waves[sheet.wave] = _Wave(WaveState.ANNOUNCED, keys, sheet.key_sheet, self._rules.policy)
        wave = self._wave(sheet.wave, WaveState.ANNOUNCED)
        self._must(wave.keys.demo == sheet.demo, Problem.DEMO, f"only one sheet of {sheet.wave} says it is invented")
        if sheet.demo:
            self._must(sheet.key_sheet in self._demo_sheets, Problem.SHEET, f"{sheet.wave} names another key sheet")
        else:
            check_against(sheet, wave.keys)
        return wave

    def _check_plan(self, sheet: WaveSheet) -> None:
        plan = self._plans.check(sheet)
        asked = {leaf.leaf for leaf in sheet.leaves}
        self._notes += [
            Note(NoteCode.LEAF_NOT_ASKED, f"{sheet.wave} {leaf.id}")
            for leaf in plan.leaves_of(sheet.weeks)
            if leaf.id not in asked
        ]

    def _promises(self, sheet: WaveSheet) -> PromisesAsked | None:
        if not sheet.promises_sha256:
            return None
        promises = PromisesAsked.from_bytes(self._chain.payloads[sheet.promises_sha256])
        check_promises(sheet, promises)
        return promises

    def _void(self, header: Header, payload: Json) -> None:
        fields = Fields(payload, "wave", "reason", optional=("demo", "freeze"))
        wave = self._wave(fields.text("wave"), WaveState.ANNOUNCED, WaveState.OPEN)
        _check_reason(fields)
        if fields.has("freeze") and fields.value("freeze") is not True:
            raise SheetError("fields", "freeze is true or absent")
        wave.state = WaveState.VOID

    def _closing(self, header: Header, payload: Json) -> None:
        fields = Fields(payload, "wave", "release_sha256", optional=("demo",))
        wave = self._wave(fields.text("wave"), WaveState.OPEN)
        sheet = self._sheet(wave)
        self._check_demo(fields, sheet)
        self._must(header.at >= sheet.closes_at, Problem.TIME, f"{sheet.wave} was closed early")
        wave.state, wave.release_sha256 = WaveState.CLOSED, fields.text("release_sha256")

    def _release(self, header: Header, payload: Json) -> None:
        name = payload.get("wave") if isinstance(payload, dict) else None
        wave = self._wave(name if isinstance(name, str) else "a release without a wave", WaveState.CLOSED)
        sheet = self._sheet(wave)
        same = header.payload_sha256 == wave.release_sha256
        self._must(same, Problem.RELEASE, f"the release of {sheet.wave} is not the one in its closing")
        self._must(header.at >= sheet.publishes_at, Problem.TIME, f"{sheet.wave} was published early")
        marked = isinstance(payload, dict) and payload.get("demo") is True
        self._must(marked == sheet.demo, Problem.DEMO, f"the release of {sheet.wave} is not marked like its sheet")
        checked = check_body(payload, sheet, wave.sheet_sha256, wave.policy, wave.promises)
        self._must(checked.commitment not in self._commitments, Problem.KEY, "a commitment was published before")
        self._commitments.add(checked.commitment)
        self._check_counts(sheet, checked)
        self._plans.publish(sheet, payload)
        wave.state, wave.figures = WaveState.PUBLISHED, checked.figures

    def _check_counts(self, sheet: WaveSheet, checked: Checked) -> None:
        """All waves that close on one Sunday publish one sum, and none where it could be that of one or two leaves."""
        together = [each.sheet for each in self._waves.values() if each.release_sha256 and each.sheet]
        leaves = sum(len(each.leaves) for each in together if each.closes_at == sheet.closes_at)
        due = leaves >= LEAST_LEAVES_COUNTED
        self._must((checked.counts is not None) == due, Problem.FIGURE, f"{leaves} leaves closed with {sheet.wave}")
        same = self._counts.setdefault(sheet.closes_at, checked.counts) == checked.counts
        self._must(same, Problem.FIGURE, f"counts of {sheet.wave} differ from those of waves that closed with it")

    def _burn(self, header: Header, payload: Json) -> None:
        fields = Fields(payload, "wave", optional=("demo",))
        wave = self._wave(fields.text("wave"), WaveState.CLOSED, WaveState.PUBLISHED, WaveState.VOID)
        self._must(not wave.burned, Problem.ORDER, f"the keys of {fields.text('wave')} were burned before")
        wave.burned = True

    def _key_rotation(self, header: Header, payload: Json) -> None:
        """Nothing more to check: the links did not hold unless both keys signed."""

    def _council(self, header: Header, payload: Json) -> None:
        self._rules.follow(
            header.type, seq=header.seq, at=header.at, payload_sha256=header.payload_sha256, payload=payload
        )

    def _check_time_of_rules(self, header: Header, wave: str, *, demo: bool) -> None:
        """A header about a wave is not dated before the rules that it stands under: those are not dated ahead, then."""
        in_order = demo or header.at >= self._rules.latest_at
        self._must(in_order, Problem.TIME, f"{wave} is dated before what the council decided earlier")

    def _wave(self, name: str, *states: WaveState) -> _Wave:
        wave = self._waves.get(name)
        if wave is None or wave.state not in states:
            state = wave.state.value if wave else "unknown"
            self._refuse(Problem.ORDER, f"{name} is {state}, not {' or '.join(states)}")
        return wave

    def _sheet(self, wave: _Wave) -> WaveSheet:
        if wave.sheet is None:
            self._refuse(Problem.ORDER, f"{wave.keys.wave} never opened")
        return wave.sheet

    def _check_demo(self, fields: Fields, sheet: WaveSheet) -> None:
        marked = not fields.has("demo") or sheet.demo
        self._must(marked, Problem.DEMO, f"{sheet.wave} is marked as invented, but its sheet is not")

    def _must(self, holds: object, problem: Problem, detail: str) -> None:
        if not holds:
            self._refuse(problem, detail)

    def _refuse(self, problem: Problem, detail: str, cause: Exception | None = None) -> NoReturn:
        header = self._header
        file = payload_file(header.payload_sha256) if header else payload_file("")
        raise VerificationError(problem, file=file, seq=header.seq if header else None, detail=detail) from cause


def _check_policy(sheet: WaveSheet, announced_under: Policy) -> None:
    if Policy.from_payload(sheet.policy) != announced_under:
        raise BadPolicy(f"{sheet.wave} has another policy than was in force when it was announced")


def _check_reason(fields: Fields) -> None:
    reason = Fields(fields.value("reason"), "en", "es")
    if not reason.text("en").strip() or not reason.text("es").strip():
        raise SheetError("fields", "no reason in public words")


def _is_a_window(sheet: WaveSheet) -> bool:
    """Return whether the instants are those of the wave's weeks in some time zone, give or take a change of clocks."""
    monday = parse_wave_id(sheet.wave)[1]
    opens_at = datetime.combine(monday, OPENS, tzinfo=UTC)
    closes_at = datetime.combine(monday + timedelta(weeks=sheet.weeks, days=-1), CLOSES, tzinfo=UTC)
    publishes_at = datetime.combine(monday + timedelta(weeks=sheet.weeks), PUBLISHES, tzinfo=UTC)
    offset = datetime.fromtimestamp(sheet.opens_at, UTC) - opens_at
    return abs(offset) <= _ZONES and all(
        abs(datetime.fromtimestamp(said, UTC) - due - offset) <= _CLOCK_CHANGES
        for said, due in ((sheet.closes_at, closes_at), (sheet.publishes_at, publishes_at))
    )


def _notes(wave: str, known: _Wave) -> list[Note]:
    over = known.state in (WaveState.CLOSED, WaveState.PUBLISHED, WaveState.VOID)
    notes = []
    if known.demo:
        notes.append(Note(NoteCode.DEMO, wave))
    elif over and not known.burned:
        notes.append(Note(NoteCode.NOT_BURNED, wave))
    if known.state is WaveState.CLOSED:
        notes.append(Note(NoteCode.NOT_PUBLISHED, wave))
    return notes
