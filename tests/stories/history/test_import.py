"""Earlier surveys: all of a file or nothing, rows never kept, the same rules as a release, taken back as a whole."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from urllib.parse import urlencode

import pytest
import xlsxwriter
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from callroom.audit.models import AuditRow
from callroom.audit.states import Tag
from callroom.core.disclosure.imported import Scale
from callroom.history import actions, aggregates, forms, wording
from callroom.history.actions import ImportRefused, Questionnaire
from callroom.history.models import HistoricFigure, ImportedSurvey
from callroom.history.reading import Columns
from callroom.history.states import Code
from callroom.people import actions as people
from callroom.people.models import Institution, Person
from tests.world.waves import PUBLISHED as NOW

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
CESD = Questionnaire("own-ces-d", "CES-D", Scale(Fraction(0), Fraction(60)), higher_is_worse=True)
ROWS = Columns(unit="unit", period="period", score="cesd")
GROUPS = Columns(unit="unit", period="period", count="n", mean="mean", spread="sd")


@pytest.fixture
def house(hospital: Institution, settings: object, tmp_path: Path) -> Institution:
    """Give the hospital its keys' folder."""
    settings.KEYS_DIR = tmp_path / "keys"  # type: ignore[attr-defined]
    return hospital


def rows(*groups: tuple[str, str, int, float]) -> bytes:
    """Return a file with so many people's scores for each unit and period: around a mean."""
    lines = ["unit,period,cesd"]
    for unit, period, count, mean in groups:
        lines += [f"{unit},{period},{mean + (1 if number % 2 else -1)}" for number in range(count)]
    return "\n".join(lines).encode()


def brought_in(house: Institution, content: bytes, columns: Columns = ROWS, **more: object) -> actions.Outcome:
    arguments = {"questionnaire": CESD, "by": None, "now": NOW} | more
    return actions.import_history(institution=house, content=content, columns=columns, **arguments)  # type: ignore[arg-type]


def refused(house: Institution, content: bytes, columns: Columns = ROWS) -> list[tuple[Code, int, str]]:
    before = HistoricFigure.objects.count()
    with pytest.raises(ImportRefused) as error:
        brought_in(house, content, columns)
    assert HistoricFigure.objects.count() == before
    return [(problem.code, problem.row, problem.column) for problem in error.value.problems]


def test_rows_become_figures_and_are_not_kept(house: Institution, fernando: Person) -> None:
    outcome = brought_in(
        house,
        rows(("emergency", "2023", 40, 20), ("emergency", "2024", 40, 30), ("surgery", "2024", 7, 20)),
        by=fernando,
    )

    (series,) = aggregates.series_of(house, "emergency")
    assert (outcome.shown, outcome.too_few, outcome.units, outcome.periods) == (2, 1, 2, 2)
    assert [figure.n for figure in series.figures] == [(24, None), (24, None)]
    assert series.figures[0].mean == pytest.approx(33, abs=5)
    change = series.change()
    assert change is not None
    assert change[1] <= 17 <= change[2]
    hidden = HistoricFigure.objects.get(unit="surgery")
    assert (hidden.mean_tenths, hidden.n_low, hidden.low_tenths) == (None, None, None)
    entry = AuditRow.objects.get(tag=Tag.HISTORY_IMPORTED)
    assert entry.by == str(fernando.pk)


def test_a_trial_changes_nothing_and_says_the_same(house: Institution) -> None:
    content = rows(("emergency", "2023", 40, 20))

    trial = brought_in(house, content, dry_run=True)

    assert not ImportedSurvey.objects.exists()
    assert replace(brought_in(house, content), survey=None) == trial


def test_importing_again_and_again_draws_no_new_noise(house: Institution) -> None:
    content = rows(("emergency", "2023", 40, 20), ("surgery", "2023", 12, 20))
    seen = set()
    for _ in range(3):
        survey = brought_in(house, content).survey
        seen.add(tuple(HistoricFigure.objects.order_by("unit").values_list("mean_tenths", flat=True)))
        assert survey
        actions.take_back(institution=house, survey_id=survey, by=None, now=NOW)

    assert len(seen) == 1


def test_aggregates_are_held_to_the_same_rules(house: Institution) -> None:
    content = b"unit;period;n;mean;sd\nemergency;2022-03;25;18,5;9,1\nsurgery;2022-03;7;30;8\nurology;2022-03;9;59.9;\n"

    outcome = brought_in(house, content, GROUPS)

    assert (outcome.shown, outcome.too_few) == (2, 1)
    assert HistoricFigure.objects.get(unit="surgery").mean_tenths is None
    assert (HistoricFigure.objects.get(unit="urology").mean_tenths or 0) <= 88  # clipped to 10 - 10 / 8


def test_everything_that_is_wrong_is_named_by_row_and_column(house: Institution) -> None:
    content = (
        b"unit,period,cesd\nnowhere,2023,20\nemergency,sometime,20\nemergency,2023,61\nemergency,2023,many\n"
        b",2023,20\nemergency,2099,20\n"
    )

    assert refused(house, content) == [
        (Code.UNKNOWN_UNIT, 2, "unit"),
        (Code.BAD_PERIOD, 3, "period"),
        (Code.OFF_SCALE, 4, "cesd"),
        (Code.NOT_A_NUMBER, 5, "cesd"),
        (Code.NO_UNIT, 6, "unit"),
        (Code.FUTURE_PERIOD, 7, "period"),
    ]


@pytest.mark.parametrize(
    ("content", "columns", "code"),
    [
        (b"unit,period\nemergency,2023\n", ROWS, Code.MISSING_COLUMN),
        (b"unit,period,cesd\n", ROWS, Code.NO_ROWS),
        (b"", ROWS, Code.NO_ROWS),
        (b"unit,period,cesd\nemergency,2023,\xff\n", ROWS, Code.UNREADABLE),
        (b'unit,period,cesd\nemergency,2023,"12\n', ROWS, Code.UNREADABLE),
        (b"unit,period,n,mean,sd\nemergency,2023,x,20,9\n", GROUPS, Code.BAD_COUNT),
        (b"unit,period,n,mean,sd\nemergency,2023,20,20,99\n", GROUPS, Code.BAD_SPREAD),
        (b"unit,period,n,mean,sd\nemergency,2023,20,20,9\nUrgencias,2023,20,20,9\n", GROUPS, Code.DOUBLE_GROUP),
        (b"unit,period,n,mean,sd\nemergency,2023,20,20,9\n", replace(GROUPS, eligible="n2"), Code.MISSING_COLUMN),
        (b"unit,period,n,mean,sd,asked\nemergency,2023,20,20,9,19\n", replace(GROUPS, eligible="asked"), Code.FEWER_ASKED),
        (b"unit,period,cesd,asked\nemergency,2023,20,9\nemergency,2023,20,8\n", replace(ROWS, eligible="asked"), Code.DIFFERENT_ASKED),
    ],
)  # fmt: skip
def test_each_kind_of_mistake_is_told(house: Institution, content: bytes, columns: Columns, code: Code) -> None:
    problems = refused(house, content, columns)

    assert code in {problem[0] for problem in problems}
    assert set(Code) == set(wording.PROBLEMS)


def test_a_group_is_imported_once(house: Institution) -> None:
    brought_in(house, rows(("emergency", "2023", 40, 20)))

    assert refused(house, rows(("surgery", "2023", 40, 20), ("emergency", "2023", 40, 20))) == [
        (Code.KNOWN_GROUP, 42, "unit")
    ]


def test_what_is_taken_back_is_gone_as_a_whole(house: Institution) -> None:
    survey = brought_in(house, rows(("emergency", "2023", 40, 20))).survey
    assert survey

    actions.take_back(institution=house, survey_id=survey, by=None, now=NOW)

    assert not HistoricFigure.objects.exists()
    assert AuditRow.objects.filter(tag=Tag.HISTORY_TAKEN_BACK).count() == 1
    with pytest.raises(actions.NoSuchSurvey):
        actions.take_back(institution=house, survey_id=survey, by=None, now=NOW)


def test_two_years_that_overlap_say_no_clear_change(
    house: Institution, ana: Person, sign_in: Callable, at: Callable
) -> None:
    at(NOW)
    brought_in(
        house, rows(("emergency", "2022", 30, 20), ("emergency", "2023-03", 30, 21), ("emergency", "2024-03-31", 5, 20))
    )

    page = sign_in(ana).get("/in/results/emergency/", secure=True).content.decode()

    assert "Earlier survey, imported: CES-D" in page
    assert "From 2022 to March 2023 there is no clear change" in page
    assert "Imported on 23 November 2026; not part of the signed chain" in page
    assert "31 March 2024" in page
    assert "Hidden to protect privacy: fewer than 8 people" in page


def lausanne(house: Institution) -> bytes:
    file = DATA / "etmedl_lausanne_2601.csv"
    if not file.exists():
        pytest.skip("the shared data folder is not there")
    for year in range(1, 7):
        people.place_unit(
            institution=house,
            unit=f"year-{year}",
            name_en=f"Year {year}",
            name_es=f"Año {year}",
            kind="community",
            parent=None,
        )
    return file.read_bytes()


def test_lausannes_three_waves_of_six_years(house: Institution) -> None:
    content = lausanne(house)
    columns = Columns(
        unit="year", period="nwave", score="cesd",
        units={str(year): f"year-{year}" for year in range(1, 7)},
        periods={"1": "2021-03", "2": "2021-11", "3": "2022-11"},
    )  # fmt: skip

    outcome = brought_in(house, content, columns)

    assert (outcome.shown, outcome.too_few, outcome.without_score) == (18, 0, 13)
    for unit in range(1, 7):
        (series,) = aggregates.series_of(house, f"year-{unit}")
        assert [figure.period.isoformat() for figure in series.figures] == ["2021-03-01", "2021-11-01", "2022-11-01"]
        for figure in series.figures:
            true = _true_mean(
                content, str(unit), {"2021-03-01": "1", "2021-11-01": "2", "2022-11-01": "3"}[figure.period.isoformat()]
            )
            assert figure.low <= true <= figure.high


def _true_mean(content: bytes, year: str, wave: str) -> float:
    import csv

    scores = [
        float(row["cesd"])
        for row in csv.DictReader(io.StringIO(content.decode()))
        if row["year"] == year and row["nwave"] == wave and row["cesd"] not in {"", "NA"}
    ]
    return 100 * sum(scores) / len(scores) / 60


def test_blieses_companies_are_mostly_too_small(house: Institution) -> None:
    file = DATA / "multilevel_univbct.csv"
    if not file.exists():
        pytest.skip("the shared data folder is not there")
    import csv

    table = list(csv.DictReader(io.StringIO(file.read_text())))
    cells = sorted({(row["BTN"], row["COMPANY"]) for row in table})
    for number, _ in enumerate(cells):
        people.place_unit(
            institution=house, unit=f"company-{number}", name_en=f"Company {number}", name_es=f"Compañía {number}",
            kind="community", parent=None,
        )  # fmt: skip
    place = {cell: f"company-{number}" for number, cell in enumerate(cells)}
    lines = ["unit,period,score"]
    lines += [f"{place[(row['BTN'], row['COMPANY'])]},{2000 + int(row['TIME'])},{row['JSAT']}" for row in table]
    answered: dict[tuple[str, str], int] = {}
    for row in table:
        if row["JSAT"] not in {"", "NA"}:
            key = (place[(row["BTN"], row["COMPANY"])], row["TIME"])
            answered[key] = answered.get(key, 0) + 1
    scale = Questionnaire(
        "own-job-satisfaction", "Job satisfaction", Scale(Fraction(1), Fraction(5)), higher_is_worse=False
    )

    outcome = brought_in(house, "\n".join(lines).encode(), replace(ROWS, score="score"), questionnaire=scale)

    assert len(cells) == 43
    assert outcome.shown == sum(count >= 8 for count in answered.values())
    assert outcome.shown + outcome.too_few == 43 * 3
    for figure in HistoricFigure.objects.all():
        count = answered.get((figure.unit_id, str(figure.period.year - 2000)), 0)
        assert (figure.mean_tenths is None) is (count < 8)


def test_a_file_of_one_period_without_a_column_for_it(house: Institution) -> None:
    file = DATA / "multilevel_bh1996.csv"
    if not file.exists():
        pytest.skip("the shared data folder is not there")
    for number in range(1, 100):
        people.place_unit(
            institution=house, unit=f"group-{number}", name_en=f"Group {number}", name_es=f"Grupo {number}",
            kind="community", parent=None,
        )  # fmt: skip
    columns = Columns(
        unit="GRP",
        one_period="1996",
        score="WBEING",
        units={str(number): f"group-{number}" for number in range(1, 100)},
    )
    scale = Questionnaire("own-well-being", "Well-being", Scale(Fraction(0), Fraction(5)), higher_is_worse=False)

    outcome = brought_in(house, file.read_bytes(), columns, questionnaire=scale)

    assert (outcome.shown, outcome.too_few, outcome.periods) == (99, 0, 1)


def test_the_command_imports_lists_and_takes_back(house: Institution, tmp_path: Path, at: Callable) -> None:
    at(NOW)
    file = tmp_path / "phq.csv"
    file.write_bytes(rows(("emergency", "2023", 20, 9)).replace(b"cesd", b"total"))
    out = io.StringIO()
    options = {"stdout": out, "language": "en"}

    call_command("history", "import", str(file), "--instrument", "PHQ9", "--score", "total", "--dry-run", **options)
    assert "this was a trial" in out.getvalue()
    call_command("history", "import", str(file), "--instrument", "PHQ9", "--score", "total", **options)
    number = ImportedSurvey.objects.get().pk
    assert f"Imported as number {number}." in out.getvalue()
    call_command("history", "list", **options)
    assert "groups: 1, without a number: 0" in out.getvalue()
    call_command("history", "take-back", str(number), **options)

    assert not ImportedSurvey.objects.exists()
    with pytest.raises(CommandError, match="Nothing was imported as number"):
        call_command("history", "take-back", str(number), **options)


def test_the_command_names_file_row_and_column_and_changes_nothing(
    house: Institution, tmp_path: Path, at: Callable
) -> None:
    at(NOW)
    file = tmp_path / "bad.csv"
    file.write_text("unit,period,total\nemergency,2023,28\n")
    errors = io.StringIO()

    with pytest.raises(CommandError, match=r"Nothing of .*bad\.csv was imported"):
        call_command(
            "history", "import", str(file), "--instrument", "phq-9", "--score", "total", language="en", stderr=errors
        )

    assert "Row 2, column total: 28 is not on the scale from 0 to 27." in errors.getvalue()
    for wrong in (["--instrument", "nothing"], [], ["--scale", "5", "1", "--name", "x"], ["--scale", "0", "60"]):
        with pytest.raises(CommandError):
            call_command("history", "import", str(file), "--score", "total", *wrong, language="en")
    assert not ImportedSurvey.objects.exists()


class Wizard:
    """Fernando's browser at the wizard."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def uploads(self, content: bytes) -> str:
        answer = self.client.post("/in/history/columns/", {"file": SimpleUploadedFile("old.csv", content)}, secure=True)
        assert answer.status_code == 200
        self.form = answer.context["form"]
        return answer.content.decode()

    def maps(self, **given: str) -> object:
        chosen = {name: self.form.initial.get(name, "") for name in self.form.fields}
        return self.client.post("/in/history/preview/", chosen | given, secure=True, follow=True)


def test_the_wizard_takes_a_file_shows_what_would_be_and_does_it(
    house: Institution, fernando: Person, sign_in: Callable, at: Callable
) -> None:
    at(NOW)
    wizard = Wizard(sign_in(fernando))
    assert "What the columns hold" in wizard.uploads(rows(("emergency", "2023", 20, 9), ("surgery", "2023", 3, 9)))
    given = {"name": "PHQ-9 of 2023", "instrument": "phq-9", "shape": "rows", "score": "cesd"}

    shown = wizard.maps(**given)
    assert "1 is shown without a number: fewer than 8 people." in shown.content.decode()
    assert not ImportedSurvey.objects.exists()
    again = wizard.maps(**given, change="1").content.decode()
    assert "What the columns hold" in again
    assert 'value="PHQ-9 of 2023"' in again
    assert not ImportedSurvey.objects.exists()
    done = wizard.maps(**given, apply="1")

    assert "The survey is imported." in done.content.decode()
    assert ImportedSurvey.objects.get().imported_by == fernando.pk
    survey = ImportedSurvey.objects.get().pk
    wizard.client.post(f"/in/history/{survey}/take-back/", secure=True)
    assert not ImportedSurvey.objects.exists()
    assert wizard.client.post(f"/in/history/{survey}/take-back/", secure=True).status_code == 404


def test_the_wizard_loses_nothing_when_something_is_wrong(
    house: Institution, fernando: Person, sign_in: Callable, at: Callable
) -> None:
    at(NOW)
    wizard = Wizard(sign_in(fernando))
    wizard.uploads(b"place,period,points\nemergency,2023,99\n")
    given = {"name": "Old survey", "instrument": "phq-9", "shape": "rows", "unit": "place"}

    no_column = wizard.maps(**given).content.decode()
    assert "Say which column holds the score." in no_column
    assert 'value="Old survey"' in no_column
    off_scale = wizard.maps(**given, score="points").content.decode()
    assert "Row 2, column points: 99 is not on the scale from 0 to 27." in off_scale
    assert 'value="Old survey"' in off_scale
    assert "highest" in wizard.maps(**given | {"score": "points", "instrument": "own"}).content.decode()
    assert "has no two sides" in wizard.maps(**given, score="points", units="3 surgery").content.decode()
    assert "did not arrive whole" in wizard.maps(**given, content="???").content.decode()
    assert not ImportedSurvey.objects.exists()


def test_a_unit_that_nobody_knows_is_told_where_it_first_is(
    house: Institution, fernando: Person, sign_in: Callable, at: Callable
) -> None:
    at(NOW)
    wizard = Wizard(sign_in(fernando))
    wizard.uploads(b"unit,period,total\nnowhere,2023,9\nemergency,2023,8\nnowhere,2023,7\nnothing,2023,7\n")

    page = wizard.maps(name="Old survey", instrument="phq-9", shape="rows", score="total").content.decode()

    assert "Row 2, column unit: there is no unit “nowhere”." in page
    assert "Row 5, column unit: there is no unit “nothing”." in page
    assert "Row 4" not in page
    assert "… and 1 more." in page


def test_what_is_no_file_is_told_at_once(house: Institution, fernando: Person, sign_in: Callable, at: Callable) -> None:
    at(NOW)
    client = sign_in(fernando)

    assert (
        "<h1>Earlier surveys</h1>"
        in client.post("/in/history/columns/", {}, secure=True, headers={"accept-language": "en"}).content.decode()
    )
    unreadable = client.post(
        "/in/history/columns/", {"file": SimpleUploadedFile("x.csv", b"\xff\xfe\x00")}, secure=True
    )
    assert "this cannot be read as CSV in UTF-8" in unreadable.content.decode()
    large = client.post("/in/history/columns/", {"file": SimpleUploadedFile("x.csv", b"a" * 1_000_001)}, secure=True)
    assert "larger than 1 MB" in large.content.decode()
    noise = SimpleUploadedFile("x.csv", hashlib.shake_256(b"does not pack").digest(400_000))
    assert (
        "too large for these pages"
        in client.post("/in/history/columns/", {"file": noise}, secure=True).content.decode()
    )


def test_a_large_file_travels_whole_from_step_to_step(
    house: Institution, fernando: Person, sign_in: Callable, at: Callable
) -> None:
    at(NOW)
    wizard = Wizard(sign_in(fernando))
    file = rows(*(("emergency", f"{2001 + year}", 2400, 10) for year in range(20)))
    assert 800_000 < len(file) <= forms.MOST_BYTES
    wizard.uploads(file)

    body = urlencode({name: wizard.form.initial.get(name, "") for name in wizard.form.fields})
    assert len(body) < settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    shown = wizard.maps(name="Large", instrument="phq-9", shape="rows", score="cesd")
    assert "20 groups of a unit in a period." in shown.content.decode()


@pytest.mark.parametrize(
    "content", ["", "???", "AAAA", "ñ", forms.packed(b"whole")[:-6], forms.packed(b"a" * 1_000_001)]
)
def test_what_no_form_of_ours_sent_is_no_file(content: str) -> None:
    assert forms.unpacked(content) is None


def test_the_largest_file_that_is_taken_arrives_whole() -> None:
    content = b"a" * forms.MOST_BYTES

    assert forms.unpacked(forms.packed(content)) == content


@pytest.mark.parametrize("name", ["ana", "elena", "hector", "dario"])
def test_nobody_but_the_coordinator_finds_the_wizard(
    house: Institution, everybody: dict[str, Person], sign_in: Callable, name: str
) -> None:
    client = sign_in(everybody[name])

    assert client.get("/in/history/", secure=True).status_code == 404
    assert client.post("/in/history/preview/", secure=True).status_code == 404


def test_the_coordinators_home_page_leads_to_it_and_no_other(
    house: Institution, fernando: Person, elena: Person, sign_in: Callable, at: Callable
) -> None:
    at(NOW)

    assert "/in/history/" in sign_in(fernando).get("/in/", secure=True).content.decode()
    assert "/in/history/" not in sign_in(elena).get("/in/", secure=True).content.decode()


def test_a_spreadsheet_is_read_as_its_csv_would_be(house: Institution) -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ("unit", "period", "n", "mean", "sd"))
    sheet.write_row(1, 0, ("emergency", 2023, 25, 18.5, 9))
    sheet.write_row(2, 0, ("surgery", "2023-03", 7, 20))
    book.close()

    outcome = brought_in(house, file.getvalue(), GROUPS)

    assert (outcome.shown, outcome.too_few) == (1, 1)
    assert refused(house, b"PK\x03\x04 no workbook", GROUPS) == [(Code.BROKEN_WORKBOOK, 0, "")]


def test_the_preview_names_each_unit_and_period_and_its_scale(
    house: Institution, fernando: Person, sign_in: Callable, at: Callable
) -> None:
    at(NOW)
    wizard = Wizard(sign_in(fernando))
    wizard.uploads(rows(("emergency", "2023-05", 20, 9), ("surgery", "2022", 3, 9)))

    page = wizard.maps(name="PHQ-9 of 2023", instrument="phq-9", shape="rows", score="cesd").content.decode()

    assert "Scale from 0 to 27; higher is worse." in page
    table = " ".join(re.sub("<[^>]+>", " ", page[page.index("<tbody>") : page.index("</tbody>")]).split())
    assert table == "Emergency Medicine May 2023 yes, with its range General Surgery 2022 none: fewer than 8 people"


def test_a_long_preview_names_so_many_and_counts_the_rest(
    house: Institution, fernando: Person, sign_in: Callable, at: Callable
) -> None:
    at(NOW)
    wizard = Wizard(sign_in(fernando))
    wizard.uploads(rows(*(("emergency", f"{1955 + year}", 1, 9) for year in range(63))))

    page = wizard.maps(name="Long", instrument="phq-9", shape="rows", score="cesd").content.decode()

    assert page.count("none: fewer than 8 people") == 60
    assert "… and 3 more." in page


@pytest.mark.parametrize("step", ["columns", "preview"])
def test_who_changes_the_language_on_the_way_begins_again(
    house: Institution, fernando: Person, sign_in: Callable, at: Callable, step: str
) -> None:
    at(NOW)

    page = sign_in(fernando).get(f"/in/history/{step}/", secure=True).content.decode()

    assert "A file is kept for one step only. Choose it again." in page
    assert 'type="file"' in page


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"shape": "rows"}, "Say which column holds the score."),
        ({"shape": "aggregates", "mean": "points"}, "Say which column holds the number of people."),
        ({"shape": "aggregates", "count": "points"}, "Say which column holds the mean."),
        ({"shape": "rows", "score": "points", "period": ""}, "Say which column holds the period, or write one period"),
    ],
)
def test_a_column_that_is_missing_is_named(
    house: Institution, fernando: Person, sign_in: Callable, at: Callable, given: dict[str, str], told: str
) -> None:
    at(NOW)
    wizard = Wizard(sign_in(fernando))
    wizard.uploads(b"place,period,points\nemergency,2023,9\n")

    assert told in wizard.maps(name="Old", instrument="phq-9", unit="place", **given).content.decode()
