"""The privacy notice: written from a template, published as a version, read by everybody, never changed afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from callroom.audit.models import AuditRow
from callroom.consent import actions, queries, texts
from callroom.consent.models import Notice
from callroom.consent.states import Law, Part
from callroom.people.models import Institution, Person
from callroom.people.policy import NotYours
from callroom.people.states import Role
from callroom.setup import checks
from callroom.setup.states import Topic
from tests.world.consent import Publish
from tests.world.people import person_in
from tests.world.waves import BEFORE

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])
SignIn = Callable[[Person], Client]


def visitor(language: str) -> Client:
    """Return a client in which nobody is signed in."""
    client = Client(headers={"host": "localhost"})
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


@pytest.mark.parametrize("law", list(Law))
def test_every_template_has_all_parts_in_both_languages_and_a_place_for_what_differs(law: Law) -> None:
    template = texts.template(law)

    assert set(template) == {"es", "en"}
    for language, parts in template.items():
        assert set(parts) == {part.value for part in Part}
        assert all(parts.values()), language
        whole = "\n".join(parts.values())
        assert all(place in whole for place in texts.PLACES), language
        assert parts["necessary"] != parts["voluntary"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_templates_name_pages_as_they_are_called_and_leave_none_out(
    hospital: Institution, sign_in: SignIn, language: str
) -> None:
    resident = person_in(hospital, "Ana Gil", home="surgery", language=language)
    client = sign_in(resident)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    pages = [client.get(reverse(name)) for name in ("consent:mine", "pulse:device", "people:me", "rights:mine")]
    titles = {re.findall(r"<title>(.*?) · Callroom</title>", page.content.decode())[0] for page in pages}

    for law in Law:
        named = re.findall(r'"([^"]+)"', texts.template(law)[language]["full"])
        assert set(named) == titles, law


def test_places_are_filled_and_other_braces_stay() -> None:
    said = texts.filled(
        "{institution} {address} {contact} {date} {x}",
        name="H",
        address="A",
        contact="C",
        on=BEFORE.date(),
        language="es",
    )

    assert said == "H A C 13 de noviembre de 2026 {x}"


def test_a_text_is_laid_out_in_headings_paragraphs_and_points() -> None:
    found = texts.blocks("## Quién\n\nUna línea\ny otra.\r\n\r\n- uno\n- dos\n\n## Solo\n- tres\n\n   ")

    assert [(block.kind, block.lines) for block in found] == [
        ("heading", ("Quién",)),
        ("text", ("Una línea y otra.",)),
        ("list", ("uno", "dos")),
        ("heading", ("Solo",)),
        ("list", ("tres",)),
    ]


def test_before_anything_is_published_the_page_says_so_and_the_check_is_red(hospital: Institution) -> None:
    page = visitor("en").get("/in/notice/")

    assert page.status_code == 200
    assert "No privacy notice has been published yet." in page.content.decode()
    assert not notice_line().settled


def test_everybody_reads_it_in_their_language_signed_out_too(hospital: Institution, publish: Publish) -> None:
    publish()

    spanish = visitor("es").get("/in/notice/").content.decode()
    english = visitor("en").get("/in/notice/").content.decode()

    assert "Versión 1, publicada el 13 de noviembre de 2026." in spanish
    assert "Calle 1, Monterrey" in spanish
    assert "Finalidades necesarias" in spanish
    assert "Finalidad voluntaria" in spanish
    assert "Debe revisarlo el área jurídica" in spanish
    assert "Version 1, published on 13 November 2026." in english
    assert "To be reviewed by your counsel" in english
    assert "{contact}" not in spanish + english


def test_a_reviewed_notice_says_by_whom_and_settles_the_check(hospital: Institution, publish: Publish) -> None:
    publish()
    assert not notice_line().settled

    publish(law=None, reviewed_by="Lic. Rosa Ibarra, jurídico")

    assert notice_line().settled
    page = visitor("en").get("/in/notice/").content.decode()
    assert "Reviewed by Lic. Rosa Ibarra, jurídico." in page
    assert "To be reviewed by your counsel" not in page


def test_a_version_stays_as_it_was_and_can_be_read_for_ever(hospital: Institution, publish: Publish) -> None:
    publish(written={"es": {**texts.template(Law.MEXICO)["es"], "short": "Primera versión."}})
    hospital.name = "Hospital con otro nombre"
    hospital.save()
    publish(
        written={"es": {**texts.template(Law.MEXICO)["es"], "short": "Segunda versión."}},
        now=BEFORE + timedelta(days=3),
    )

    first = visitor("es").get("/in/notice/version/1/").content.decode()
    newest = visitor("es").get("/in/notice/").content.decode()

    assert "Primera versión." in first
    assert "Ya no está vigente." in first
    assert "Hospital con otro nombre" not in first.partition("<main")[2].partition("<footer")[0]
    assert "Segunda versión." in newest
    assert "/in/notice/version/1/" in newest
    assert visitor("es").get("/in/notice/version/3/").status_code == 404


def test_the_trail_keeps_a_hash_of_what_was_published(publish: Publish) -> None:
    publish()
    (row,) = AuditRow.objects.filter(tag="notice-published")
    Notice.objects.update(address="elsewhere")

    assert row.details["sha256"] != actions._digest(Notice.objects.get())


def test_an_incomplete_notice_is_kept_and_not_published(fernando: Person) -> None:
    actions.begin_draft(by=fernando, law=Law.MEXICO, now=BEFORE)
    actions.save_draft(by=fernando, address=" ", contact="x", written={"en": {"short": ""}}, now=BEFORE)

    with pytest.raises(actions.Incomplete) as refused:
        actions.publish(by=fernando, asks_again=False, reviewed_by="", now=BEFORE)

    assert ("address", "") in refused.value.gaps
    assert ("short", "en") in refused.value.gaps
    assert queries.draft_of(fernando.institution) is not None
    assert not Notice.objects.exists()


def test_the_privacy_officer_publishes_too(hospital: Institution) -> None:
    officer = person_in(hospital, "Paz Olmo", role=Role.PRIVACY_OFFICER)
    actions.begin_draft(by=officer, law=Law.EUROPE, now=BEFORE)
    actions.save_draft(by=officer, address="Street 1", contact="me", written={}, now=BEFORE)

    assert actions.publish(by=officer, asks_again=False, reviewed_by="", now=BEFORE) == 1


@pytest.mark.parametrize("who", ["ana", "elena", "hector", "oscar", "carmen", "dario"])
def test_only_the_coordinator_writes_and_publishes(who: str, everybody: dict[str, Person], fernando: Person) -> None:
    actions.begin_draft(by=fernando, law=Law.MEXICO, now=BEFORE)
    other = everybody[who]

    with pytest.raises(NotYours):
        actions.begin_draft(by=other, law=Law.EUROPE, now=BEFORE)
    with pytest.raises(NotYours):
        actions.save_draft(by=other, address="", contact="", written={}, now=BEFORE)
    with pytest.raises(NotYours):
        actions.publish(by=other, asks_again=False, reviewed_by="", now=BEFORE)


def test_the_desk_takes_a_notice_from_template_to_publication(
    fernando: Person, sign_in: SignIn, at: Callable[[datetime], None]
) -> None:
    at(BEFORE)
    client = sign_in(fernando)
    assert client.get("/in/notice/preview/").status_code == 302
    assert client.post("/in/notice/begin/", {"source": "xx"}).status_code == 400

    client.post("/in/notice/begin/", {"source": "us"})
    form = client.get("/in/notice/edit/").context["draft_form"]
    written = {**form.initial, "address": "", "contact": "Privacy office"}
    assert client.post("/in/notice/edit/", {**written, "look": "1"})["Location"] == "/in/notice/preview/"
    refused = client.post("/in/notice/preview/", {"csrf": "x"})
    assert refused.status_code == 400
    assert "Address of the institution" in refused.content.decode()

    client.post("/in/notice/edit/", {**written, "address": "Main Street 1"})
    published = client.post("/in/notice/preview/", {"csrf": "x", "reviewed_by": "Counsel"})

    assert published["Location"] == "/in/notice/"
    assert "Main Street 1" in visitor("en").get("/in/notice/").content.decode()
    assert queries.draft_of(fernando.institution) is None


def test_the_next_version_has_to_say_what_has_changed(
    fernando: Person, publish: Publish, sign_in: SignIn, at: Callable[[datetime], None]
) -> None:
    at(BEFORE)
    publish()
    client = sign_in(fernando)
    client.post("/in/notice/begin/", {"source": "present"})

    silent = client.post("/in/notice/preview/", {"csrf": "x"})
    client.post("/in/notice/preview/", {"csrf": "x", "change": "purpose"})

    assert silent.status_code == 400
    assert list(Notice.objects.values_list("number", "purpose")) == [(2, 2), (1, 1)]


def test_what_somebody_wrote_while_another_published_is_shown_again(
    fernando: Person, publish: Publish, sign_in: SignIn, at: Callable[[datetime], None]
) -> None:
    at(BEFORE)
    publish()

    answer = sign_in(fernando).post("/in/notice/edit/", {"address": "A long street 7", "contact": "x"})

    assert answer.status_code == 400
    assert "A long street 7" in answer.content.decode()


def notice_line() -> checks.Finding:
    (found,) = (each for each in checks.findings(now=BEFORE) if each.topic is Topic.NOTICE)
    return found
