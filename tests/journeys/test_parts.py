"""All parts of the kit on one page, in a browser, under the content policy of the real pages."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django import forms
from django.contrib.staticfiles import finders
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import BrowserContext, Page, Route, expect

from callroom.kit import charts
from callroom.kit.anonymous import CONTENT_SECURITY_POLICY
from callroom.kit.charts import Event, Gap, Limits, Mark, Missing, Point, RunWords
from callroom.kit.pages import Door, House, with_here

PAGE = Path(__file__).parent / "pages" / "parts.html"
ADDRESS = "http://localhost:1/in/parts/"
WORDS = RunWords(
    "usual high 7.6", "average 6.0", "usual low 4.4", "3.1, last week", "hidden", "not asked", "not counted"
)
DOORS = (
    Door("Hoy", "/in/", "home"),
    Door("Resultados", "/in/results/", "chart"),
    Door("Registro", "/w/es/", "ladder", anonymous=True),
)
MONDAY = date(2026, 1, 5)


class PromiseForm(forms.Form):
    due_on = forms.DateField(label="Date the promise is due", help_text="A day after today.")


def weeks(count: int) -> tuple[Point | Missing, ...]:
    gaps = {8: Gap.HIDDEN, 14: Gap.UNASKED, 20: Gap.VOID}
    made: list[Point | Missing] = []
    for number in range(count):
        at = MONDAY + timedelta(weeks=number)
        if number in gaps:
            made.append(Missing(at, gaps[number], at.strftime("%d %b")))
        else:
            falls = number >= count - 4
            mean = 60 + number % 3 - (count - number < 5) * 20
            made.append(Point(at, mean, mean - 15, mean + 15, at.strftime("%d %b"), Mark.DOWN if falls else Mark.FLAT))
    return tuple(made)


def chart(name: str, count: int) -> str:
    return charts.run_chart(
        charts.RunChart(name, "Index", "It falls.", weeks(count), WORDS, (Limits(44, 60, 76),), (Event(MONDAY, "A"),))
    )


def parts(frame: str, language: str) -> str:
    """Return the page of all parts inside one of the two frames."""
    context = {
        "frame": frame,
        "house": House("Hospital General San Rafael", "Ana", with_here(DOORS, "/in/results/"), "/in/sign-out/"),
        "long": chart("long", 40),
        "short": chart("short", 9),
        "spark": charts.sparkline(charts.Sparkline("Falls", weeks(26), Limits(44, 60, 76), 26)),
        "dot": charts.dot(charts.Dot("Workload 4.3", 43, 27, 59, Mark.FLAT, 50)),
        "meter": charts.meter(used=3, total=14, label="3 of 14 days used"),
        "legend": "Si algo en el trabajo te parecía mal, ¿qué tan seguro fue, o habría sido, para ti decirlo?",
        "options": [
            "Nada adecuado, o no hay",
            "Poco",
            "Ni ayudaron ni estorbaron",
            "Bastante",
            "Totalmente respetuosa",
        ],
        "skip": "Prefiero no contestar",
        "form": PromiseForm({"due_on": "soon"}),
    }
    path = "/in/parts/" if frame == "base.html" else f"/w/{language}/"
    with translation.override(language):
        return engines["django"].from_string(PAGE.read_text()).render(context, RequestFactory().get(path))


@pytest.fixture
def show(context: BrowserContext, page: Page, quiet: list[str]) -> Callable[[str, str], Page]:
    """Return a way to open the parts: nothing leaves the machine, everything comes with the strict policy."""

    def open_parts(frame: str = "base.html", language: str = "en") -> Page:
        body = parts(frame, language)

        def answer(route: Route) -> None:
            path = route.request.url.split("localhost:1", 1)[1].split("?")[0]
            headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
            if "/static/" not in path:
                route.fulfill(body=body, content_type="text/html; charset=utf-8", headers=headers)
                return
            found = finders.find(path.split("/static/", 1)[1])
            kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
            route.fulfill(body=Path(str(found)).read_bytes(), content_type=kind, headers=headers)

        context.route("**/*", answer)
        page.goto(ADDRESS)
        return page

    return open_parts


FRAMES = ["base.html", "kit/anonymous.html"]
SIZES = {"phone": (390, 844), "narrow": (320, 640), "desk": (1440, 900)}


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("size", SIZES)
def test_everybody_can_use_every_part(
    show: Callable[[str, str], Page], accessible: Callable[[Page], None], frame: str, size: str
) -> None:
    page = show(frame, "es" if size == "narrow" else "en")
    page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))  # type: ignore[arg-type]

    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]


def test_controls_are_large_enough_for_a_thumb(show: Callable[..., Page]) -> None:
    page = show()

    small = page.evaluate(
        """() => [...document.querySelectorAll('.rung, .btn, .dock a, summary, .line, .bar button, .theme button')]
        .map(e => [e.textContent.trim(), e.getBoundingClientRect()])
        .filter(([, r]) => r.width && (r.height < 43.9 || r.width < 43.9)).map(([text]) => text)"""
    )
    assert small == []


def test_no_text_of_a_chart_is_smaller_than_14_pixels(show: Callable[..., Page]) -> None:
    page = show()
    for width in (320, 390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        smallest = page.evaluate(
            """() => Math.min(...[...document.querySelectorAll('svg.chart text')].map(text => {
              const svg = text.ownerSVGElement;
              return parseFloat(getComputedStyle(text).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
            }))"""
        )
        assert smallest >= 13.99, width


def test_a_chart_shows_its_latest_weeks_first_on_a_phone(show: Callable[..., Page]) -> None:
    page = show()

    strip = page.locator("[data-start-at-end]")
    assert strip.evaluate("e => e.scrollWidth - e.clientWidth - e.scrollLeft") < 2
    assert strip.evaluate("e => e.scrollLeft") > 100


def test_four_short_questions_leave_room_on_a_phone(show: Callable[..., Page]) -> None:
    """Four of the longest questions, with the dock: what is left of 1,800 px must hold the rest of the check-in."""
    page = show("kit/anonymous.html", "es")

    assert page.locator(".ask.short").evaluate("e => e.getBoundingClientRect().height") <= 310


def test_night_is_kept_in_this_browser_and_not_in_a_cookie(show: Callable[..., Page], context: BrowserContext) -> None:
    page = show()

    page.get_by_role("button", name="Night").click()
    page.reload()

    expect(page.locator("html")).to_have_attribute("data-theme", "night")
    expect(page.get_by_role("button", name="Night")).to_have_attribute("aria-pressed", "true")
    assert context.cookies() == []

    page.get_by_role("button", name="As the device").click()
    expect(page.locator("html")).not_to_have_attribute("data-theme", "night")


def test_the_summary_of_errors_takes_the_focus(show: Callable[..., Page]) -> None:
    page = show()

    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"


def test_the_first_tab_leads_past_the_navigation(show: Callable[..., Page]) -> None:
    page = show("kit/anonymous.html", "en")
    page.evaluate("document.activeElement.blur()")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_chosen_things_are_visible_without_our_colours(show: Callable[..., Page]) -> None:
    page = show()
    page.emulate_media(forced_colors="active")
    page.locator(".rung").nth(2).click()

    style = page.locator(".rung").nth(2).evaluate("e => getComputedStyle(e).outlineStyle")
    assert style == "solid"


def test_paper_shows_no_buttons(show: Callable[..., Page]) -> None:
    page = show()
    page.emulate_media(media="print")

    expect(page.locator(".dock")).to_be_hidden()
    expect(page.locator(".theme")).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()
