"""``callroom score`` against the totals, bands and flags of others: Mexican medical students, NHANES 2017-2018.

Nothing here prints a row: the files hold people's answers.
"""

from __future__ import annotations

import csv
import io
import statistics
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.core.management import call_command

from callroom.core.instruments import registry

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
RAW, TIDY, SCORED = (f"mx_medstudents_{name}.csv" for name in ("items_raw", "items_tidy", "scored"))
NHANES, PEOPLE = "nhanes_2017_18_DPQ_J.csv", "nhanes_2017_18_DEMO_J.csv"
NHANES_COLUMNS = [f"DPQ{number:02}0" for number in range(1, 10)]
Rows = list[dict[str, str]]

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the data folder ../shared/data is not beside this project")


def read(name: str) -> Rows:
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def expected(dataset: str, metric: str) -> str:
    (value,) = [
        row["value"] for row in read("expected_values.csv") if row["dataset"] == dataset and row["metric"] == metric
    ]
    return value


def score(folder: Path, instrument: str, name: str, *options: str) -> tuple[Rows, str]:
    """Score a file with the real command; return the output's rows and standard error."""
    target, err = folder / "out.csv", io.StringIO()
    target.unlink(missing_ok=True)
    call_command("score", instrument, str(DATA / name), str(target), *options, stdout=io.StringIO(), stderr=err)
    with target.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file)), err.getvalue()


def totals(rows: Rows, instrument: str) -> list[int]:
    return [int(row[f"{instrument}_score"]) for row in rows if row[f"{instrument}_score"]]


def bands(rows: Rows, instrument: str) -> list[int]:
    counts = Counter(row[f"{instrument}_band"] for row in rows)
    return [counts[band.code] for band in registry.get(instrument).bands]


def alpha(rows: Rows, instrument: str) -> float:
    """Return Cronbach's alpha of the rows that have a score."""
    items = [item.id for item in registry.get(instrument).items]
    answers = [[int(row[item]) for item in items] for row in rows if row[f"{instrument}_score"]]
    spread = sum(statistics.variance(column) for column in zip(*answers, strict=True))
    return len(items) / (len(items) - 1) * (1 - spread / statistics.variance([sum(row) for row in answers]))


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split("/")]


def score_nhanes(folder: Path) -> Rows:
    rows, err = score(folder, "phq9", NHANES, "--columns", ",".join(NHANES_COLUMNS), "--missing", "7,9")
    assert err == ""
    return rows


def test_phq_9_of_the_mexican_students(tmp_path: Path) -> None:
    rows, err = score(tmp_path, "phq9", RAW)
    scores = totals(rows, "phq9")
    none = scores.count(0)
    minimal, *others = bands(rows, "phq9")

    assert err == ""
    shown = f"{len(scores)}/{statistics.mean(scores):.3f}/{statistics.stdev(scores):.3f}"
    assert shown == expected("mx_medstudents", "PHQ-9 total n/mean/sd")
    assert [none, minimal - none, *others] == numbers(
        expected("mx_medstudents", "PHQ-9 bands none(0)/none-minimal(1-4)/mild/moderate/mod.severe/severe")
    )
    positive = sum(score >= 10 for score in scores)
    shown = f"{positive} of {len(scores)} ({positive / len(scores):.1%})"
    assert shown == expected("mx_medstudents", "PHQ-9>=10")


def test_every_row_has_the_authors_own_phq_9_and_epworth_total(tmp_path: Path) -> None:
    for instrument, column in (("phq9", "phq_score"), ("epworth", "epworth_score")):
        rows, _ = score(tmp_path, instrument, RAW, "--as-they-stand")
        author = ["" if row[column] == "NA" else row[column] for row in read(SCORED)]

        assert [row[f"{instrument}_score"] for row in rows] == author


def test_item_9_of_the_mexican_students(tmp_path: Path) -> None:
    rows, _ = score(tmp_path, "phq9", RAW)
    answered = [int(row["phq9"]) for row in rows if row["phq9"]]

    shown = f"{sum(answer > 0 for answer in answered)} of {len(answered)}"
    assert shown == expected("mx_medstudents", "item 9 > 0")


def test_gad_7_as_its_author_cleaned_it(tmp_path: Path) -> None:
    rows, err = score(tmp_path, "gad7", TIDY)
    counts = bands(rows, "gad7")

    assert err == ""
    shown = f"{'/'.join(map(str, counts))} of {len(totals(rows, 'gad7'))}"
    assert shown == expected("mx_medstudents", "GAD-7 bands 0-4/5-9/10-14/15-21")
    assert sum(score >= 10 for score in totals(rows, "gad7")) == int(expected("mx_medstudents", "GAD-7>=10"))


def test_the_impossible_gad_5_is_reported_by_row_and_not_repaired(tmp_path: Path) -> None:
    rows, err = score(tmp_path, "gad7", RAW)
    author = [row["gad_score"] for row in read(SCORED)]
    different = [
        number
        for number, (row, total) in enumerate(zip(rows, author, strict=True))
        if row["gad7_score"] != ("" if total == "NA" else total)
    ]

    assert err.strip() == f"{DATA / RAW}, row 497, column gad5: “10” is not an answer (0, 1, 2, 3)"
    assert different == [495]
    assert rows[495]["gad5"] == "10"
    assert rows[495]["gad7_problem"] == "gad5: “10” is not an answer (0, 1, 2, 3)"
    assert len(totals(rows, "gad7")) == 776


def test_epworth_of_the_mexican_students_added_up_as_its_author_did(tmp_path: Path) -> None:
    rows, _ = score(tmp_path, "epworth", RAW, "--as-they-stand")
    scores = totals(rows, "epworth")
    usual, author = (sum(total >= cut for total in scores) for cut in (11, 10))

    shown = f"{len(scores)}/{statistics.mean(scores):.3f} ; {author} ; {usual}"
    assert shown == expected("mx_medstudents", "Epworth n/mean; >=10 ; >10")
    assert [cut_off.at_least for cut_off in registry.get("epworth").cut_offs] == [11, 10]


def test_five_epworth_rows_hold_a_4_which_is_no_answer(tmp_path: Path) -> None:
    rows, err = score(tmp_path, "epworth", RAW)
    reported = [number for number, row in enumerate(rows) if "“4” is not an answer" in row["epworth_problem"]]

    assert reported == [389, 407, 421, 426, 439]
    assert all(not rows[number]["epworth_score"] for number in reported)
    assert len(totals(rows, "epworth")) == 775 - len(reported)
    assert len(err.splitlines()) == 22


def test_the_short_forms_of_the_mexican_students(tmp_path: Path) -> None:
    parts = []
    for instrument, cut in (("phq2", 3), ("phq8", 10), ("gad2", 3)):
        scores = totals(score(tmp_path, instrument, RAW)[0], instrument)
        parts.append(f"{sum(total >= cut for total in scores)} of {len(scores)}")

    assert " ; ".join(parts) == expected("mx_medstudents", "PHQ-2>=3 ; PHQ-8>=10 ; GAD-2>=3")


def test_the_scores_reliability(tmp_path: Path) -> None:
    values = [alpha(score(tmp_path, name, RAW)[0], name) for name in ("phq9", "gad7")]
    values.append(alpha(score(tmp_path, "epworth", RAW, "--as-they-stand")[0], "epworth"))

    shown = "/".join(f"{value:.4f}" for value in values)
    assert shown == expected("mx_medstudents", "Cronbach alpha PHQ-9/GAD-7/Epworth")


def test_phq_9_of_nhanes(tmp_path: Path) -> None:
    rows = score_nhanes(tmp_path)
    scores = totals(rows, "phq9")

    shown = f"{len(scores)} / {statistics.mean(scores):.4f}"
    assert shown == expected("nhanes_2017_18_DPQ_J", "complete-case PHQ-9 n / mean")
    assert bands(rows, "phq9") == numbers(expected("nhanes_2017_18_DPQ_J", "bands 0-4/5-9/10-14/15-19/20-27"))


def test_refused_and_unknown_answers_of_nhanes_are_kept_and_not_summed(tmp_path: Path) -> None:
    rows = score_nhanes(tmp_path)
    counts = Counter(row["DPQ010"] for row in rows)
    metric = "DPQ010 counts 0/1/2/3/7/9"

    shown = [counts[f"{code}.0"] for code in (0, 1, 2, 3, 7, 9)]
    assert shown == numbers(expected("nhanes_2017_18_DPQ_J", metric))
    assert all(not row["phq9_score"] for row in rows if row["DPQ010"] in ("7.0", "9.0", ""))


def test_weighted_share_of_nhanes_at_ten_or_more(tmp_path: Path) -> None:
    scores = {row["SEQN"]: row["phq9_score"] for row in score_nhanes(tmp_path)}
    adults = [
        (int(scores[row["SEQN"]]) >= 10, float(row["RIAGENDR"]), float(row["WTMEC2YR"]))
        for row in read(PEOPLE)
        if scores.get(row["SEQN"]) and float(row["RIDAGEYR"]) >= 20
    ]

    def share(genders: Sequence[float]) -> float:
        weights = [(positive, weight) for positive, gender, weight in adults if gender in genders]
        return 100 * sum(weight for positive, weight in weights if positive) / sum(weight for _, weight in weights)

    shown = f"{share((1.0, 2.0)):.2f}/{share((1.0,)):.2f}/{share((2.0,)):.2f}"
    assert shown == expected("nhanes_2017_18_DPQ_J", "weighted % PHQ-9>=10 age>=20 all/men/women")
