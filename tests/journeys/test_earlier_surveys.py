"""A coordinator brings an earlier survey in: file, columns, refusals that lose nothing, a preview, the import, and back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect
from tests.journeys.conftest import PHONE, Site, enter_as

NARROW = {"width": 320, "height": 640}
MOST_STOPS = 60
WORDS = {
    "en": {
        "too large": "The file is larger than 1 MB. Use the command line for it.",
        "columns": "What the columns hold",
        "no column": "Say which column holds the score.",
        "no unit": "there is no unit “Emergencies”",
        "preview": "What would be imported",
        "unit": "Emergency Medicine May 2023 yes, with its range",
        "few": "1 is shown without a number: fewer than 8 people.",
        "done": "The survey is imported. Its figures stand on the pages of its units.",
        "imported": "Earlier survey, imported: PHQ-9 of 2023",
        "hidden": "Hidden to protect privacy: fewer than 8 people",
        "taken": "The import is taken back.",
        "none": "Nothing was imported yet.",
        "again": "A file is kept for one step only. Choose it again.",
    },
    "es": {
        "too large": "El archivo pesa más de 1 MB. Usa la línea de comandos.",
        "columns": "Qué contienen las columnas",
        "no column": "Di qué columna contiene el puntaje.",
        "no unit": "no hay ninguna unidad «Emergencies»",
        "preview": "Qué se importaría",
        "unit": "Medicina de Urgencias mayo de 2023 sí, con su rango",
        "few": "1 se muestra sin número: menos de 8 personas.",
        "done": "La encuesta está importada. Sus cifras están en las páginas de sus unidades.",
        "imported": "Encuesta anterior, importada: PHQ-9 of 2023",
        "hidden": "Oculto para proteger la privacidad: menos de 8 personas",
        "taken": "La importación se retiró.",
        "none": "Todavía no se ha importado nada.",
        "again": "El archivo se guarda solo durante un paso. Elígelo otra vez.",
    },
}
LARGE = FilePayload(name="large.csv", mimeType="text/csv", buffer=b"a" * 1_000_001)


def survey() -> FilePayload:
    """Return scores of 24 people under a name of its own for their unit, and of three in another year."""
    people = [f"Emergencies,2023-05,{8 + number % 7}" for number in range(24)]
    lines = ["place,period,points", *people, *["Emergencies,2022-05,9"] * 3]
    return FilePayload(name="earlier.csv", mimeType="text/csv", buffer="\n".join(lines).encode())


class Coordinator:
    """Fernando before the wizard. He has no mouse: every button and link is reached with Tab and pressed with Enter."""

    def __init__(self, page: Page, site: Site, accessible: Callable[[Page], None] | None) -> None:
        self.page, self.site, self.accessible = page, site, accessible

    def goes_in(self, language: str) -> None:
        enter_as(self.page, self.site, "fernando")
        switch = self.page.locator(f"header button[name='language'][value='{language}']")
        if switch.count():
            switch.click()
        self.page.goto(f"{self.site.url}/in/history/")

    def finds_it_well_made(self) -> None:
        """No sideways scrolling on the smallest phone; by day and by night nothing for axe to find."""
        self.page.set_viewport_size(NARROW)  # type: ignore[arg-type]  # two whole numbers
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), self.page.url
        self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        if self.accessible:
            self.accessible(self.page)

    def chooses(self, file: FilePayload) -> None:
        self.page.locator("input[type='file']").set_input_files(file)
        self.page.locator("input[type='file']").focus()
        self.presses("main button[type='submit']")

    def tabs_to(self, target: str) -> None:
        for _ in range(MOST_STOPS):
            if self.page.evaluate("selector => document.activeElement.matches(selector)", target):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} was not reached on {self.page.url}")

    def presses(self, target: str) -> None:
        self.tabs_to(target)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def answers(self, name: str, words: str) -> None:
        """Write into a field, or type the beginning of an option."""
        self.tabs_to(f"[name='{name}']")
        self.page.keyboard.type(words)


@pytest.mark.parametrize("language", WORDS)
def test_an_earlier_survey_comes_in_and_goes_again(
    page: Page, house: Site, quiet: list[str], accessible: Callable[[Page], None], language: str
) -> None:
    # Both languages have the same elements: axe looks at them once, the smallest phone at both.
    words, fernando = WORDS[language], Coordinator(page, house, accessible if language == "en" else None)
    fernando.goes_in(language)
    expect(page.get_by_text(words["none"])).to_be_visible()
    fernando.finds_it_well_made()

    fernando.chooses(LARGE)
    expect(page.locator("main [role='alert']")).to_be_focused()
    expect(page.locator("main [role='alert']")).to_contain_text(words["too large"])
    fernando.finds_it_well_made()

    fernando.chooses(survey())
    expect(page.get_by_role("heading", level=1)).to_have_text(words["columns"])
    expect(page.locator("[name='period']")).to_have_value("period")  # guessed from its name
    fernando.answers("name", "PHQ-9 of 2023")
    page.locator("[name='instrument']").select_option("phq-9")
    fernando.presses("main button[type='submit']")

    expect(page.locator("main [role='alert']")).to_be_focused()
    fernando.tabs_to("main [role='alert'] a")
    expect(page.locator(":focus")).to_have_text(words["no column"])
    page.keyboard.press("Enter")
    expect(page.locator("[name='score']")).to_be_focused()
    fernando.finds_it_well_made()
    fernando.answers("score", "points")
    fernando.presses("main button[type='submit']")

    expect(page.locator("main [role='alert']")).to_be_focused()
    expect(page.locator("main [role='alert']")).to_contain_text(words["no unit"])
    expect(page.locator("[name='name']")).to_have_value("PHQ-9 of 2023")  # nothing is lost
    fernando.finds_it_well_made()
    fernando.answers("units", "Emergencies = emergency")
    fernando.presses("main button[type='submit']")

    expect(page.get_by_role("heading", level=1)).to_have_text(words["preview"])
    expect(page.get_by_text(words["few"])).to_be_visible()
    assert words["unit"] in " ".join(page.locator("main table").inner_text().split())
    fernando.finds_it_well_made()
    fernando.presses("button[name='change']")
    expect(page.locator("[name='units']")).to_have_value("Emergencies = emergency")
    fernando.presses("main button[type='submit']")
    fernando.presses("button[name='apply']")
    expect(page.get_by_text(words["done"])).to_be_visible()
    fernando.finds_it_well_made()

    page.goto(f"{house.url}/in/results/emergency/")
    part = page.locator("section", has=page.get_by_role("heading", name=words["imported"]))
    expect(part).to_be_visible()
    expect(part).to_contain_text(words["hidden"])
    fernando.finds_it_well_made()

    page.goto(f"{house.url}/in/history/")
    fernando.presses("form[action*='take-back'] button")
    expect(page.get_by_text(words["taken"])).to_be_visible()
    expect(page.get_by_text(words["none"])).to_be_visible()


def test_another_language_on_the_way_leads_back_to_the_file(page: Page, house: Site, quiet: list[str]) -> None:
    fernando = Coordinator(page, house, None)
    fernando.goes_in("en")
    fernando.chooses(survey())

    page.locator("header button[name='language']").click()

    expect(page.get_by_text(WORDS["es"]["again"])).to_be_visible()
    expect(page.locator("input[type='file']")).to_be_visible()
