"""The frame of every page: navigation, language, errors, messages; rendered without a database."""

from __future__ import annotations

from pathlib import Path

import pytest
from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.http import Http404, HttpResponse
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from django.utils import translation

from callroom.kit import messages, pages, views
from callroom.kit.pages import Door, House

DOORS = (
    Door("Today", "/in/", "home"),
    Door("Results", "/in/results/", "chart"),
    Door("Check-in", "/w/en/", "ladder", anonymous=True),
    Door("Chain", "/in/chain/", "chain"),
)


def house() -> House:
    return House(
        "Hospital General San Rafael", "Ana, resident", pages.with_here(DOORS, "/in/results/em/"), "/in/sign-out/"
    )


def frame(path: str = "/in/results/em/") -> str:
    return render_to_string("base.html", {"house": house()}, RequestFactory().get(path))


@pytest.mark.parametrize(
    ("path", "here"),
    [("/in/", "/in/"), ("/in/results/em/", "/in/results/"), ("/in/roster/", None), ("/elsewhere/", None)],
)
def test_the_door_with_the_longest_fitting_address_is_here(path: str, here: str | None) -> None:
    marked = [door.address for door in pages.with_here(DOORS, path) if door.here]

    assert marked == ([here] if here else [])


def test_help_is_the_last_door_of_the_dock_and_one_tap_away_on_every_page() -> None:
    dock = frame().split('<nav class="dock"')[1].split("</nav>")[0]

    assert dock.count("<a ") == 4
    assert dock.rstrip().rsplit("<a ", 1)[1].startswith('class="lit" href="/help/en/"')


def test_nothing_about_this_page_is_passed_on_to_an_anonymous_one() -> None:
    page = frame()

    for address in ("/w/en/", "/help/en/"):
        links = [link.split(">")[0] for link in page.split("<a ") if f'href="{address}"' in link]
        assert links
        assert all('rel="noreferrer"' in link for link in links)


def test_the_frame_speaks_spanish() -> None:
    with translation.override("es"):
        page = frame()

    assert '<html lang="es-MX">' in page
    assert "Pedir ayuda" in page
    assert 'value="en" lang="en">English' in page


def test_the_anonymous_frame_links_to_itself_in_the_other_language_and_uses_its_own_static_files() -> None:
    with translation.override("es"):
        page = render_to_string("kit/anonymous.html", {}, RequestFactory().get("/help/es/"))

    assert 'href="/help/en/" lang="en"' in page
    assert "/w/static/kit/css/callroom.css" in page
    assert '"/static/' not in page
    assert "csrf" not in page


@pytest.mark.parametrize("demo", [True, False])
def test_only_the_demo_says_that_it_is_one(demo: bool) -> None:
    with override_settings(DEMO=demo):
        assert ("The crisis lines are real." in frame()) is demo


def test_the_demo_leads_to_its_doors_and_its_console() -> None:
    demo = House(demo_day="Monday 16 November", demo_doors="/in/demo/", demo_console="/in/demo/console/")
    with override_settings(DEMO=True):
        page = render_to_string("base.html", {"house": demo}, RequestFactory().get("/in/"))

    assert "Its clock shows Monday 16 November." in page
    assert 'href="/in/demo/"' in page
    assert 'href="/in/demo/console/"' in page


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("status", "answer"), [(400, pages.bad_request), (403, pages.refused), (404, pages.not_found), (500, pages.failed)]
)
@pytest.mark.parametrize("path", ["/in/x/", "/w/en/", "/help/es/"])
def test_error_pages_keep_the_help_door_and_need_no_database(
    status: int, answer: object, path: str, language: str
) -> None:
    """No database mark: a query would raise here."""
    with translation.override(language):
        response = answer(RequestFactory().get(path))  # type: ignore[operator]

    page = response.content.decode()
    assert response.status_code == status
    assert f'class="lit" href="/help/{language}/"' in page
    assert ("/w/static/" in page) is not path.startswith("/in/")
    assert "<h1>" in page


def test_a_form_without_its_proof_of_origin_is_explained() -> None:
    response = pages.csrf_failure(RequestFactory().post("/in/"), "no cookie")

    assert response.status_code == 403
    assert "open for too long" in response.content.decode()


def test_not_there_is_a_404() -> None:
    with pytest.raises(Http404):
        pages.not_there("belongs to somebody else")


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("/in/results/em/?week=3", "/in/results/em/?week=3"),
        ("https://elsewhere.example/in/", "/in/"),
        ("//elsewhere.example/in/", "/in/"),
        ("/w/en/", "/in/"),
        ("", "/in/"),
    ],
)
def test_the_language_switch_goes_back_only_to_our_own_pages(wanted: str, given: str) -> None:
    response = views.choose_language(RequestFactory().post("/in/language/", {"language": "es", "next": wanted}))

    assert response["Location"] == given
    cookie = response.cookies["__Secure-callroom-language"]
    assert (cookie.value, cookie["path"], cookie["secure"], cookie["httponly"]) == ("es", "/in/", True, True)


def test_an_unknown_language_is_not_kept() -> None:
    response = views.choose_language(RequestFactory().post("/in/language/", {"language": "tlh"}))

    assert not response.cookies


def test_the_language_switch_takes_no_get() -> None:
    assert views.choose_language(RequestFactory().get("/in/language/")).status_code == 405


def test_messages_wait_in_a_cookie_of_the_signed_in_pages_only() -> None:
    storage, response = messages.Storage(RequestFactory().get("/in/")), HttpResponse()

    storage._store([Message(constants.INFO, "Saved.")], response)
    cookie = response.cookies["__Secure-callroom-messages"]
    assert (cookie["path"], cookie["secure"], cookie["httponly"]) == ("/in/", True, True)

    storage._store([], response)
    assert response.cookies["__Secure-callroom-messages"]["max-age"] == 0
    assert response.cookies["__Secure-callroom-messages"]["path"] == "/in/"


class PromiseForm(forms.Form):
    due_on = forms.DateField(help_text="A day after today.")
    agreed = forms.BooleanField()


def test_errors_are_summed_up_first_and_said_again_beside_the_field() -> None:
    form = PromiseForm({"due_on": "soon"})
    form.add_error(None, "Nobody is named.")

    summary = render_to_string("kit/error_summary.html", {"form": form})
    field = render_to_string("kit/field.html", {"field": form["due_on"]})

    assert 'role="alert"' in summary
    assert "data-focus-here" in summary
    assert summary.index("Nobody is named.") < summary.index('href="#id_due_on"') < summary.index('href="#id_agreed"')
    assert 'aria-describedby="id_due_on_helptext id_due_on_error"' in field
    assert 'id="id_due_on_helptext"' in field
    assert 'id="id_due_on_error"' in field
    assert 'aria-invalid="true"' in field


def test_a_form_without_errors_has_no_summary() -> None:
    assert not render_to_string("kit/error_summary.html", {"form": PromiseForm()}).strip()


def rendered(text: str) -> str:
    return Template("{% load kit %}" + text).render(Context({"mine": "<b>"}))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('{% chip "down" %}Falling{% endchip %}', ['class="chip chip-down"', "<svg", "Falling"]),
        ('{% state "late" %}4 days late{% endstate %}', ['class="state is-late"', "<svg", "4 days late"]),
        ("{% veil %}Hidden{% endveil %}", ['class="veil"', "<svg", "Hidden"]),
        ("{% unasked %}Not asked{% endunasked %}", ['class="unasked"', "Not asked"]),
        ('{% note kind="late" role="alert" %}<p>x</p>{% endnote %}', ["note-late", 'role="alert"', "<p>x</p>"]),
        ("{% veil %}{{ mine }}{% endveil %}", ["&lt;b&gt;"]),
    ],
)
def test_parts_carry_a_sign_and_words(text: str, parts: list[str]) -> None:
    for part in parts:
        assert part in rendered(text)


@pytest.mark.parametrize("text", ['{% icon "unicorn" %}', '{% sign "unicorn" %}', '{% chip "red" %}x{% endchip %}'])
def test_a_misspelt_part_fails_loudly(text: str) -> None:
    with pytest.raises((KeyError, TemplateSyntaxError)):
        rendered(text)


def test_every_icon_is_drawn_and_hidden_from_screen_readers() -> None:
    from callroom.kit import icons

    for name in icons.ICONS:
        assert 'aria-hidden="true"' in rendered(f'{{% icon "{name}" %}}')
    for name in icons.SIGNS:
        assert 'aria-hidden="true"' in rendered(f'{{% sign "{name}" %}}')


def test_the_short_ladder_has_five_rungs_and_skip_and_nothing_chosen() -> None:
    ladder = render_to_string(
        "kit/ladder.html", {"number": 1, "legend": "How?", "name": "workload", "options": list("abcde"), "skip": "Skip"}
    )

    assert ladder.count('type="radio"') == 6
    assert ladder.count('class="rung"') == 5
    assert "checked" not in ladder


def test_the_two_style_sheets_stay_small_together() -> None:
    """The promise to a phone on a hospital's network; tokens first, because it fixes the order of the layers."""
    folder = Path(views.__file__).parent / "static" / "kit" / "css"

    assert sum((folder / name).stat().st_size for name in ("tokens.css", "callroom.css")) < 25_000
