"""Everything that reads bytes or text from outside: whatever comes, it reads it or refuses it with its own error.

``ELSEWHERE`` lists the parsers whose property tests stand beside them.
"""

from __future__ import annotations

import ast
import contextlib
import io
import random
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.rules.house import ROOT
from xlsxwriter import Workbook

from callroom.core.anonymity import canonical, notices
from callroom.core.anonymity.fields import SheetError
from callroom.core.disclosure.imported import Scale
from callroom.core.disclosure.policy import BadPolicy, Policy
from callroom.core.disclosure.rates import BadRate, Rates
from callroom.core.instruments import tables
from callroom.core.signals import files
from callroom.core.timetable.waves import BadWave, parse_wave_id
from callroom.history import forms as history_forms
from callroom.history import reading as history
from callroom.kit import contrast, env
from callroom.kit.database import databases
from callroom.people.roster import reading as roster
from callroom.people.roster.evaluators_file import read_evaluators
from callroom.people.roster.people_file import read_people
from callroom.people.roster.problems import Unreadable
from callroom.people.roster.rotations_file import Known, read_rotations
from callroom.people.roster.units_file import read_units
from callroom.people.states import UnitKind
from callroom.setup import theme

ELSEWHERE = {
    "core.anonymity.posts.parse": "tests/core/anonymity/test_posts.py::test_any_other_bytes_are_refused",
    "core.anonymity.sheets": "tests/core/anonymity/test_sheets.py::test_any_bytes_are_refused",
    "core.anonymity.chain.parse_line": "tests/core/anonymity/test_chain.py::test_any_bytes_are_a_header_or_refused",
    "core.anonymity.council": "tests/core/anonymity/test_council.py::test_anything_else_in_its_place_is_refused_with_our_own_error",
    "core.disclosure.rules": "tests/core/disclosure/test_rules.py::test_a_change_of_any_other_shape_is_refused_with_our_own_error",
    "core.disclosure.verification": "tests/core/disclosure/test_verification.py::test_any_changed_byte_is_refused",
    "people.roster.workbook": "tests/unit/people/test_bombs.py::test_a_bomb_is_refused_soon_and_in_little_memory",
}
TODAY = date(2026, 11, 29)
KINDS = {"hospital": UnitKind.INSTITUTION, "emergency": UnitKind.PROGRAMME, "medicine": UnitKind.DEPARTMENT}
PERSON = UUID("00000000-0000-4000-8000-000000000000")
ROTATING = {key: Known(PERSON, True, date(2020, 1, 1), None) for key in ("ana", "elena")}
COLUMNS = history.Columns(unit="unit", period="period", score="score")
AGGREGATES = history.Columns(unit="unit", period="period", count="n", mean="mean", spread="sd", eligible="eligible")
SCALE = Scale(Fraction(0), Fraction(60))

PEOPLE = """external_id,name,email,role,unit,home_unit,from,to,language,leave_from,leave_to
r-1,Ana Torres,ana@hospital.example,resident,,emergency,2026-03-01,,es,,
s-1,Dr. Elena Robles,elena@hospital.example,leader;faculty,medicine,,2020-01-01,2030-01-01,en,,
r-2,Bruno Salas,bruno@hospital.example,resident,,emergency,2026-03-01,,es,2026-11-01,2026-12-01
"""
UNITS = (
    "unit,name_en,name_es,kind,parent\nmedicine,Medicine,Medicina,department,\nurology,Urology,,programme,medicine\n"
)
EVALUATORS = "evaluator,external_id,from,to\nelena,ana,2026-01-01,\n"
ROTATIONS = "external_id,unit,from,to\nana,emergency,2026-01-01,\nelena,medicine,2026-12-01,2027-01-31\n"
HISTORY = "unit,period,score\nemergency,2024-03,12\nemergency,2024,7.5\nmedicine,2024-03-31,60\n"
SUMS = "unit,period,n,mean,sd,eligible\nemergency,2024-03,12,30.5,4,20\n"
SIGNALS = (
    "unit,department,week,n_low,n_high,mean,weeks\nem,acute,2026-03-02,12,15,6.1,1\nem,acute,2026-03-09,24,,5.9,2\n"
)
PLAIN = "unit,department,period,n,mean,sd\nem,acute,2026-03-02,12,31.5,4.2\n"
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            "=1+1",
            "2026-02-30",
            "-1",
            "1e309",
            "NaN",
            "٣",
            "\ufeff",
            "\x00",
            '"',
            "a;b",
            "0" * 40,
            "emergency",
            "1.5",
        ]
    ),
)


def sheet(text: bytes) -> roster.Sheet:
    return roster.read(text)


PARSERS: dict[str, tuple[Callable[[bytes], Any], tuple[type[Exception], ...], str]] = {
    "roster: people": (lambda data: read_people(sheet(data), KINDS, "hospital"), (Unreadable,), PEOPLE),
    "roster: units": (lambda data: read_units(sheet(data), {}, "hospital"), (Unreadable,), UNITS),
    "roster: evaluators": (
        lambda data: read_evaluators(sheet(data), {"ana": PERSON, "elena": PERSON}), (Unreadable,), EVALUATORS,
    ),
    "roster: rotations": (
        lambda data: read_rotations(sheet(data), ROTATING, KINDS, TODAY), (Unreadable,), ROTATIONS,
    ),
    "history: header": (history.header_of, (history.Unreadable,), HISTORY),
    "history: scores": (
        lambda data: history.read(data, COLUMNS, SCALE, {"emergency": "emergency"}, today=TODAY), (), HISTORY,
    ),
    "history: sums": (
        lambda data: history.read(data, AGGREGATES, SCALE, {"emergency": "emergency"}, today=TODAY), (), SUMS,
    ),
    "signals": (lambda data: files.read(tables.read_table(data)), (tables.NotATable, files.BadSeries), SIGNALS),
    "signals: plain": (lambda data: files.read(tables.read_table(data)), (tables.NotATable, files.BadSeries), PLAIN),
    "scores": (tables.read_table, (tables.NotATable,), "item_1,item_2\n1,2\n"),
    "canonical JSON": (canonical.decode, (canonical.CanonicalError,), '{"a":[1,"é"],"b":null}'),
}  # fmt: skip


def refuses_or_reads(name: str, data: bytes) -> None:
    read, errors, _valid = PARSERS[name]
    with contextlib.suppress(errors):
        read(data)


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.binary(max_size=400))
@example(data=b"")
@example(data=b"\xff\xfe\x00")
@example(data=b"PK\x03\x04")
@example(data=b'"')
@settings(max_examples=60, deadline=None)
def test_any_bytes(name: str, data: bytes) -> None:
    refuses_or_reads(name, data)


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_proper_file_with_anything_in_some_cells(name: str, data: st.DataObject) -> None:
    text = PARSERS[name][2]
    rows = [line.split(",") for line in text.splitlines()]
    for _ in range(data.draw(st.integers(1, 4))):
        row = data.draw(st.integers(0, len(rows) - 1))
        column = data.draw(st.integers(0, len(rows[row]) - 1))
        rows[row][column] = data.draw(CELLS)
    refuses_or_reads(name, "\n".join(",".join(row) for row in rows).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("name", PARSERS)
@given(at=st.integers(0, 400), byte=st.integers(0, 255))
@settings(max_examples=60, deadline=None)
def test_a_proper_file_with_one_other_byte(name: str, at: int, byte: int) -> None:
    valid = bytearray(PARSERS[name][2].encode())
    valid[at % len(valid)] = byte
    refuses_or_reads(name, bytes(valid))


def workbook() -> bytes:
    packed = io.BytesIO()
    with Workbook(packed, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for number, line in enumerate(PEOPLE.splitlines()):
            page.write_row(number, 0, line.split(","))
    return packed.getvalue()


WORKBOOK = workbook()


@given(at=st.integers(0, len(WORKBOOK) - 1), byte=st.integers(0, 255), cut=st.integers(0, len(WORKBOOK)))
@settings(max_examples=150, deadline=None)
def test_a_spreadsheet_with_one_other_byte_or_cut_off(at: int, byte: int, cut: int) -> None:
    changed = bytearray(WORKBOOK)
    changed[at] = byte
    for content in (bytes(changed), WORKBOOK[:cut]):
        refuses_or_reads("roster: people", content)
        refuses_or_reads("history: header", content)


def picture(kind: str) -> bytes:
    packed = io.BytesIO()
    Image.new("RGB", (24, 24), (10, 80, 70)).save(packed, kind)
    return packed.getvalue()


PICTURES = [picture(kind) for kind in ("PNG", "JPEG", "WEBP")]


@given(which=st.sampled_from(PICTURES), seed=st.integers(0, 10_000), changes=st.integers(1, 8))
@settings(max_examples=150, deadline=None)
def test_a_picture_with_other_bytes(which: bytes, seed: int, changes: int) -> None:
    chance = random.Random(seed)
    changed = bytearray(which)
    for _ in range(changes):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    for content in (bytes(changed), which[: chance.randrange(len(which))], which + which):
        with contextlib.suppress(theme.NotALogo):
            assert theme.logo(content).startswith(b"\x89PNG")


@given(data=st.binary(max_size=300))
@settings(max_examples=80, deadline=None)
def test_any_bytes_are_no_picture(data: bytes) -> None:
    with pytest.raises(theme.NotALogo):
        theme.logo(data)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 99) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(value=VALUES)
def test_any_value_is_a_payload_or_refused(value: Any) -> None:
    for kind in (notices.Closing, notices.Burn, notices.Void, notices.Supersede):
        with pytest.raises(SheetError):
            kind.from_payload(value)
    with pytest.raises(BadPolicy):
        Policy.from_payload(value)
    if value != {}:
        with pytest.raises(BadRate):
            Rates.from_payload(value)


@given(text=st.text(max_size=30))
def test_any_words_are_a_wave_a_period_a_colour_or_refused(text: str) -> None:
    for read, error in ((parse_wave_id, BadWave), (contrast.colour, ValueError)):
        with contextlib.suppress(error):
            read(text)  # type: ignore[operator]
    history.parse_period(text)
    history_forms.unpacked(text)


# A variable of the environment holds neither a null byte nor half a character.
@given(text=st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=30))
@settings(max_examples=100, deadline=None)
def test_any_words_are_a_setting_or_stop_the_start(text: str) -> None:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CALLROOM_TRIED", text)
        for read in (
            lambda: env.flag("CALLROOM_TRIED"),
            lambda: env.number("CALLROOM_TRIED", 1),
            lambda: env.choice("CALLROOM_TRIED", "oidc", "saml"),
            lambda: env.needed("CALLROOM_TRIED", when=True),
            lambda: databases(text, Path("/nowhere")),
        ):
            with contextlib.suppress(env.BadSetting):
                read()
        env.words("CALLROOM_TRIED", "")
        env.path("CALLROOM_TRIED", Path("/nowhere"))


@pytest.mark.parametrize("parser", ELSEWHERE)
def test_each_parser_that_is_tested_elsewhere_is(parser: str) -> None:
    path, _, name = ELSEWHERE[parser].partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))

    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
