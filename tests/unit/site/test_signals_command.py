"""``callroom signals`` on bad and good files, in both languages: a whole file or none."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from callroom.site import translations

MONDAY = date(2024, 9, 2)
RELEASES = "unit,department,week,n_low,n_high,mean"
PLAIN = "unit,department,period,n,mean,sd"


@pytest.fixture(autouse=True, scope="module")
def _spanish_is_compiled() -> None:
    translations.compile_catalogues()


def judge(source: Path, target: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("signals", str(source), str(target), *options, stdout=out)
    return out.getvalue()


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def written(folder: Path, header: str, *lines: str) -> Path:
    file = folder / "in.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return file


def refused(source: Path, *options: str) -> str:
    """Run the command, which must refuse and leave what was there as it was; return its message."""
    target = source.parent / "out.csv"
    target.write_text("as it was")
    before = sorted(source.parent.iterdir())
    with pytest.raises(CommandError) as error:
        judge(source, target, *options)
    assert sorted(source.parent.iterdir()) == before
    assert target.read_text() == "as it was"
    return str(error.value)


def releases(weeks: int = 100) -> list[str]:
    chance = np.random.default_rng(3)
    return [
        f"U{unit},D{unit % 2},{MONDAY + timedelta(weeks=week)},12,15,"
        f"{6.5 + 0.4 * chance.standard_normal() - (1.6 if unit == 0 and week >= 70 else 0):.1f}"
        for unit in range(6)
        for week in range(weeks)
    ]


def test_a_row_for_each_release_and_an_alarm_for_the_unit_that_falls(tmp_path: Path) -> None:
    source, target = written(tmp_path, RELEASES, *releases()), tmp_path / "out.csv"

    said = judge(source, target)

    rows = rows_of(target)
    assert list(rows[0]) == [
        "unit",
        "week",
        "level",
        "low",
        "high",
        "probability",
        "start",
        "state",
        "alarm",
        "confirmed",
    ]
    assert len(rows) == 600
    assert "Figures: 600. Units: 6." in said
    fallen = [row for row in rows if row["unit"] == "U0" and row["week"] >= str(MONDAY + timedelta(weeks=70))]
    assert any(row["alarm"] == "1" for row in fallen)
    assert fallen[-1]["confirmed"] == "1"
    assert fallen[-1]["state"] == "declining"
    assert {row["confirmed"] for row in rows if row["unit"] != "U0"} == {"0"}


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    lines = releases(30)
    judge(written(tmp_path, RELEASES, *lines), tmp_path / "one.csv")

    judge(written(tmp_path, RELEASES, *reversed(lines)), tmp_path / "two.csv")

    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_a_lower_rate_of_false_alarms_raises_fewer(tmp_path: Path) -> None:
    source = written(tmp_path, RELEASES, *releases())

    alarms = []
    for rate in ("2", "0.02"):
        judge(source, tmp_path / "out.csv", "--false-alarms-per-unit-year", rate)
        alarms.append(sum(row["alarm"] == "1" for row in rows_of(tmp_path / "out.csv")))

    assert alarms[0] > alarms[1]


def test_waves_of_four_weeks_and_empty_departments(tmp_path: Path) -> None:
    lines = [f"U,,{MONDAY + timedelta(weeks=week)},24,,6.1,4" for week in range(3, 60, 4)]

    judge(written(tmp_path, RELEASES + ",weeks", *lines), tmp_path / "out.csv")

    assert {row["state"] for row in rows_of(tmp_path / "out.csv")} == {"too early", "quiet"}


@pytest.mark.parametrize(("low", "high", "point"), [(1.0, 5.0, 1.0), (0.0, 100.0, 20.0)])
def test_a_plain_series_on_its_own_scale(tmp_path: Path, low: float, high: float, point: float) -> None:
    chance = np.random.default_rng(4)
    lines = []
    for unit in range(5):
        for month in range(60):
            middle = (low + high) / 2 - (point if unit == 0 and month >= 40 else 0)
            lines.append(
                f"U{unit},,{MONDAY + timedelta(days=30 * month)},25,{middle + point / 5 * chance.standard_normal():.3f},{point}"
            )

    judge(written(tmp_path, PLAIN, *lines), tmp_path / "out.csv")

    rows = rows_of(tmp_path / "out.csv")
    assert len(rows) == 300
    assert rows[0]["week"] == str(MONDAY)
    assert all(low < float(row["low"]) <= float(row["level"]) <= float(row["high"]) < high for row in rows)
    assert any(row["alarm"] == "1" and row["unit"] == "U0" for row in rows)
    assert not any(row["confirmed"] == "1" for row in rows if row["unit"] != "U0")


def test_a_series_without_sd_and_two_periods_in_one_week(tmp_path: Path) -> None:
    lines = [f"U,,{MONDAY + timedelta(days=3 * step)},30,{3 + 0.1 * (step % 3):.1f},"[:-1] for step in range(40)]

    judge(written(tmp_path, PLAIN.removesuffix(",sd"), *lines), tmp_path / "out.csv")

    assert len(rows_of(tmp_path / "out.csv")) == 40


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("A,D,2024-09-09,8,11,nan", "row 3, column mean: “nan”"),
        ("A,D,2024-09-09,8,11,10.5", "row 3, column mean: “10.5”"),
        ("A,D,2024-09-09,8,11,", "row 3, column mean: “”"),
        ("A,D,2024-09-10,8,11,6.0", "row 3, column week: “2024-09-10”"),
        ("A,D,09/09/2024,8,11,6.0", "row 3, column week: “09/09/2024”"),
        ("A,D,2024-09-09,0,11,6.0", "row 3, column n_low: “0”"),
        ("A,D,2024-09-09,12,11,6.0", "row 3, column n_high: “11”"),
        (",D,2024-09-09,8,11,6.0", "row 3, column unit: “”"),
        ("A,D,2024-09-02,8,11,6.0", "row 3, column week: “A” already has a figure for this date, in row 2"),
        ("A,D,2024-09-09,8,11", "row 3: 5 cells where the header has 6"),
    ],
)
def test_a_bad_cell_is_named_with_its_row_and_column(tmp_path: Path, line: str, place: str) -> None:
    assert place in refused(written(tmp_path, RELEASES, "A,D,2024-09-02,8,11,6.0", line))


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ("8,6,-1", "column sd: “-1”"),
        ("2.5,6,1", "column n: “2.5”"),
        ("NaN,6,1", "column n: “NaN”"),
        ("8,NaN,1", "column mean: “NaN”"),
        ("8,inf,1", "column mean: “inf”"),
        ("8,1e999,1", "column mean: “1e999”"),
        ("8,6,nan", "column sd: “nan”"),
    ],
)
def test_a_bad_cell_of_a_plain_series(tmp_path: Path, cells: str, place: str) -> None:
    assert f"row 2, {place}" in refused(written(tmp_path, PLAIN, f"A,D,2024-09-03,{cells}"))


def test_a_unit_of_one_week_one_with_a_year_missing_and_one_that_never_moves(tmp_path: Path) -> None:
    weeks = [MONDAY + timedelta(weeks=week) for week in range(80)]
    lines = [f"Once,D,{weeks[40]},8,11,2.0"]
    lines += [
        f"Away,D,{week},12,15,{6.5 + 0.1 * (number % 3):.1f}"
        for number, week in enumerate(weeks)
        if not 10 <= number < 62
    ]
    lines += [f"Still,D,{week},12,15,7.0" for week in weeks]

    judge(written(tmp_path, RELEASES, *lines), tmp_path / "out.csv")

    rows = rows_of(tmp_path / "out.csv")
    (once,) = [row for row in rows if row["unit"] == "Once"]
    assert (once["state"], once["alarm"], once["start"]) == ("too early", "0", "")
    away = {row["week"]: float(row["high"]) - float(row["low"]) for row in rows if row["unit"] == "Away"}
    assert away[str(weeks[62])] > away[str(weeks[9])]
    assert not any(row["alarm"] == "1" for row in rows)


def test_a_plain_series_without_any_spread_is_quiet(tmp_path: Path) -> None:
    lines = [f"{unit},,{MONDAY + timedelta(weeks=4 * step)},30,3,0" for unit in "ABC" for step in range(30)]

    judge(written(tmp_path, PLAIN, *lines), tmp_path / "out.csv")

    assert {row["state"] for row in rows_of(tmp_path / "out.csv")} == {"too early", "quiet"}


def test_the_message_is_spanish_where_asked(tmp_path: Path) -> None:
    said = refused(written(tmp_path, RELEASES, "A,D,2024-09-02,8,11,nan"), "--language", "es")

    assert "fila 2, columna mean: “nan”, pero se necesita un número de 0 a 10. No se escribió nada." in said


def test_missing_and_repeated_columns_are_named(tmp_path: Path) -> None:
    assert "no column n_low, n_high" in refused(written(tmp_path, "unit,department,week,mean", "A,D,2024-09-02,6"))
    assert "two columns mean" in refused(written(tmp_path, RELEASES + ",mean", "A,D,2024-09-02,8,11,6,7"))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--false-alarms-per-unit-year", "0"),
        ("--false-alarms-per-unit-year", "nan"),
        ("--noise-scale", "x"),
        ("--academic-year-start", "02-30"),
        ("--academic-year-start", "July"),
    ],
)
def test_an_option_that_means_nothing_is_refused(tmp_path: Path, option: str, value: str) -> None:
    assert option in refused(written(tmp_path, RELEASES, "A,D,2024-09-02,8,11,6.0"), option, value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nothing\.csv: no such file"):
        judge(tmp_path / "nothing.csv", tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []
