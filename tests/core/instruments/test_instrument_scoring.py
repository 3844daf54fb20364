"""Scores of single people and of tables: worked examples, traps, and what must hold for any table."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callroom.core.instruments import registry, scoring
from callroom.core.instruments.scoring import Kind, as_text, score_answers, score_table
from callroom.core.instruments.tables import Table, read_table

PHQ_9 = registry.get("phq-9")
CBI = registry.get("cbi-work")
GMC = registry.get("cbi-work-gmc")
HEADER = ",".join(item.id for item in PHQ_9.items)


def one_row(cells: str) -> Table:
    return read_table(f"{HEADER}\n{cells}\n".encode())


@pytest.mark.parametrize(
    ("answers", "total", "band"),
    [
        ((2, 2, 2, 2, 1, 1, 2, 0, 0), 12, "moderate"),  # HL7 US Core's example
        ((2, 2, 2, 2, 1, 1, 2, 0, 1), 13, "moderate"),  # LForms' example
        ((3,) * 9, 27, "severe"),  # the German medical informatics initiative's example
        ((0,) * 9, 0, "minimal"),
    ],
)
def test_published_phq_9_examples(answers: tuple[int, ...], total: int, band: str) -> None:
    score = score_answers(PHQ_9, answers)

    assert score == total
    assert PHQ_9.band_of(Fraction(total)).code == band


@pytest.mark.parametrize(
    ("answers", "cbi", "cbi_band", "gmc", "gmc_band"),
    [
        ((50,) * 7, 50, "moderate", 50, "moderate"),  # all "somewhat" and "sometimes"
        ((75,) * 6 + (25,), 75, "high", 25, "high"),  # all "high degree" and "often", energy "seldom"
        ((25,) * 6 + (75,), 25, "low", 75, "low"),  # all "low degree" and "seldom", energy "often"
        ((100,) * 6 + (0,), 100, "severe", 0, "high"),
        ((0,) * 6 + (100,), 0, "low", 100, "low"),
    ],
)
def test_the_two_readings_of_the_burnout_items(
    answers: tuple[int, ...], cbi: int, cbi_band: str, gmc: int, gmc_band: str
) -> None:
    usual, mirrored = score_answers(CBI, answers), score_answers(GMC, answers)

    assert (usual, mirrored) == (cbi, gmc)
    assert usual is not None
    assert mirrored is not None
    assert (CBI.band_of(usual).code, GMC.band_of(mirrored).code) == (cbi_band, gmc_band)


def test_energy_for_family_and_friends_counts_the_other_way_round() -> None:
    assert [item.id for item in CBI.items if item.reversed] == ["cbi7"]
    assert CBI.items[6].points(100) == 0


@given(st.lists(st.sampled_from((0, 25, 50, 75, 100)), min_size=7, max_size=7))
def test_the_gmc_reading_is_always_the_mirror_of_the_usual_one(answers: list[int]) -> None:
    usual, mirrored = score_answers(CBI, answers), score_answers(GMC, answers)

    assert usual is not None
    assert mirrored is not None
    assert usual + mirrored == 100
    high, moderate = usual >= 75, 50 <= usual < 75
    assert GMC.band_of(mirrored).code == ("high" if high else "moderate" if moderate else "low")


@pytest.mark.parametrize(("given_answers", "scored"), [(3, False), (4, True), (7, True)])
def test_a_mean_needs_half_of_the_burnout_items(given_answers: int, scored: bool) -> None:
    answers = [50] * given_answers + [None] * (7 - given_answers)

    assert (score_answers(CBI, answers) is not None) is scored


def test_one_missing_answer_leaves_a_total_out() -> None:
    assert score_answers(PHQ_9, [1] * 8 + [None]) is None


def test_a_value_that_is_no_answer_is_refused() -> None:
    with pytest.raises(ValueError, match="phq9: 4"):
        score_answers(PHQ_9, [1] * 8 + [4])


@pytest.mark.parametrize("one", ["1", "1.0", "1.", "1,0", " 1 ", "+1", "01"])
def test_ways_to_write_a_whole_number(one: str) -> None:
    (row,) = score_table(PHQ_9, one_row(f'"{one}",0,0,0,0,0,0,0,0'))

    assert row.score == 1


@pytest.mark.parametrize("value", ["10", "-1", "1.5", "1e0", "x", "nan", "5.4e-79", "١", "9" * 30, "TRUE"])
def test_what_is_no_answer_is_reported_and_never_repaired(value: str) -> None:
    (row,) = score_table(PHQ_9, one_row(f"{value},0,0,0,0,0,0,0,0"))

    assert row.score is None
    assert row.band is None
    assert row.invalid()
    (problem,) = row.problems
    assert (problem.row, problem.column, problem.value, problem.kind) == (2, "phq1", value, Kind.NOT_AN_ANSWER)


def test_codes_for_missing_are_not_summed() -> None:
    (row,) = score_table(PHQ_9, one_row("7.0,9,,NA,0,0,0,0,0"), missing_codes=["7", "9", "NA"])

    assert row.score is None
    assert not row.invalid()
    assert [problem.column for problem in row.problems] == ["phq1", "phq2", "phq3", "phq4"]


def test_a_row_with_a_missing_and_an_invalid_answer_names_both() -> None:
    (row,) = score_table(PHQ_9, one_row(",12,0,0,0,0,0,0,0"))

    assert [problem.kind for problem in row.problems] == [Kind.MISSING, Kind.NOT_AN_ANSWER]
    assert row.invalid()


def test_a_burnout_row_with_a_value_that_is_no_answer_gets_no_mean_over_the_rest() -> None:
    table = read_table(b"cbi1,cbi2,cbi3,cbi4,cbi5,cbi6,cbi7\n50,50,50,50,50,50,3\n50,50,50,50,,,\n")

    invalid, half = score_table(CBI, table)

    assert invalid.score is None
    assert half.score == 50


def test_a_total_as_it_stands_keeps_its_problem_and_gets_no_band() -> None:
    table = read_table(b"phq1,phq2\n3,4\n3,x\n3,\n3,3\n")

    wide, letter, empty, usual = score_table(registry.get("phq-2"), table, as_they_stand=True)

    assert (wide.score, wide.band, wide.invalid()) == (7, None, True)
    assert letter.score is None
    assert empty.score is None
    assert usual.band is not None


def test_columns_can_be_named_in_the_instruments_order() -> None:
    table = read_table(b"b,a,name\n3,0,x\n")

    (row,) = score_table(registry.get("phq-2"), table, columns=["a", "b"])

    assert row.score == 3


def test_columns_that_do_not_fit_are_refused() -> None:
    table = read_table(b"a,b,b\n0,0,0\n")
    phq_2 = registry.get("phq-2")

    with pytest.raises(scoring.MissingColumns) as absent:
        score_table(phq_2, table)
    assert absent.value.columns == ("phq1", "phq2")
    with pytest.raises(scoring.WrongNumberOfColumns):
        score_table(phq_2, table, columns=["a"])
    with pytest.raises(scoring.RepeatedColumn):
        score_table(phq_2, table, columns=["a", "a"])
    with pytest.raises(scoring.RepeatedColumn):
        score_table(phq_2, table, columns=["a", "b"])


@pytest.mark.parametrize("code", ["3", "0.0", " 1"])
def test_an_answer_cannot_be_a_code_for_missing(code: str) -> None:
    with pytest.raises(scoring.CodeIsAnAnswer):
        score_table(PHQ_9, one_row("0,0,0,0,0,0,0,0,0"), missing_codes=[code])


@given(st.lists(st.sampled_from(["0", "1", "2", "3", "", "NA", "4", "x", "2.0"]), min_size=9, max_size=9))
def test_a_score_is_the_sum_of_nine_answers_or_nothing(cells: list[str]) -> None:
    (row,) = score_table(PHQ_9, one_row(",".join(cells)), missing_codes=["NA"])

    if set(cells) <= {"0", "1", "2", "3", "2.0"}:
        assert row.score == sum(int(float(cell)) for cell in cells)
        assert not row.problems
    else:
        assert row.score is None
        assert row.problems


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(10), "10"),
        (Fraction(100), "100"),
        (Fraction(175, 7), "25"),
        (Fraction(50, 7), "7.14"),
    ],
)
def test_scores_are_written_whole_or_with_two_decimals(score: Fraction, text: str) -> None:
    assert as_text(score) == text
