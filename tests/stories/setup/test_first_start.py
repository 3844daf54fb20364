"""The first start: a code on the console, an institution, its first coordinator, and then a door that is not there."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from callroom.audit.models import AuditRow
from callroom.improvement.actions import promises
from callroom.people import actions as people
from callroom.people.models import Institution, Person, RoleGrant
from callroom.people.policy import NotYours
from callroom.setup import actions, opening, queries
from callroom.setup.models import StartCode, Theme

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])
NOW = datetime(2026, 11, 25, 16, tzinfo=UTC)
SignIn = Callable[[Person], Client]

HOSPITAL = {
    "name": "Hospital General San Rafael", "short_name": "San Rafael", "place": "mx",
    "time_zone": "America/Monterrey", "language": "es", "year_starts": "03-01",
}  # fmt: skip
FERNANDO = {
    "name": "Fernando Ruiz", "email": "fernando@hospital.example", "external_id": "s-1",
    "password": "una hamaca en el corredor", "again": "una hamaca en el corredor",
}  # fmt: skip


@pytest.fixture
def browser() -> Client:
    return Client(headers={"host": "localhost"})


@pytest.fixture
def inside(browser: Client) -> Client:
    """Return a browser into which the right code was typed."""
    code = actions.issue_code()
    assert browser.post("/in/start/", {"code": code}).headers["Location"] == "/in/start/institution/"
    return browser


def test_an_empty_installation_leads_to_the_start(browser: Client) -> None:
    assert browser.get("/").headers["Location"] == "/in/start/"
    assert browser.get("/in/start/").status_code == 200


def test_from_the_code_to_a_coordinator_and_the_door_is_gone(inside: Client) -> None:
    assert inside.post("/in/start/institution/", HOSPITAL).headers["Location"] == "/in/start/coordinator/"
    assert inside.post("/in/start/coordinator/", FERNANDO).headers["Location"] == "/in/setup/"

    institution = Institution.objects.get()
    assert (institution.languages, institution.academic_year_month) == (["es", "en"], 3)
    assert institution.units.get().pk == "san-rafael"
    grant = RoleGrant.objects.get()
    assert (grant.role, grant.person.email, grant.unit_id) == ("coordinator", "fernando@hospital.example", "san-rafael")
    assert Person.objects.get().check_password(FERNANDO["password"])
    assert not StartCode.objects.exists()
    assert actions.issue_code() is None
    for address in ("/in/start/", "/in/start/institution/", "/in/start/coordinator/"):
        assert inside.get(address).status_code == 404
        assert Client(headers={"host": "localhost"}).get(address).status_code == 404
    assert inside.get("/").headers["Location"] == "/in/"


def test_without_the_code_nothing_is_founded(browser: Client) -> None:
    actions.issue_code()

    assert browser.post("/in/start/institution/", HOSPITAL).headers["Location"] == "/in/start/"
    assert browser.post("/in/start/coordinator/", FERNANDO).headers["Location"] == "/in/start/"

    assert not Institution.objects.exists()
    assert not Person.objects.exists()


def test_a_code_may_be_typed_in_small_letters_without_hyphens(browser: Client) -> None:
    code = actions.issue_code()
    assert code

    assert browser.post("/in/start/", {"code": f" {code.lower().replace('-', ' ')}"}).status_code == 302


def test_the_code_is_not_kept_in_clear() -> None:
    code = actions.issue_code()
    assert code

    assert code.replace("-", "") not in str(StartCode.objects.values())


def test_wrong_codes_are_limited_and_the_right_one_has_to_wait_too() -> None:
    code = actions.issue_code()
    assert code
    for _try in range(5):
        with pytest.raises(actions.WrongCode):
            actions.enter(code="AAAA-BBBB-CCCC", now=NOW)

    with pytest.raises(actions.TooManyTries):
        actions.enter(code=code, now=NOW + timedelta(minutes=14))

    assert actions.enter(code=code, now=NOW + timedelta(minutes=15))


def test_a_wrong_code_says_so(browser: Client) -> None:
    actions.issue_code()

    answer = browser.post("/in/start/", {"code": "AAAA-BBBB-CCCC"})

    assert answer.status_code == 400
    assert "not the code" in answer.content.decode()


def test_a_newer_code_ends_what_the_older_one_opened(inside: Client) -> None:
    actions.issue_code()

    assert inside.get("/in/start/institution/").headers["Location"] == "/in/start/"


def test_two_people_at_once_found_one_institution_and_one_becomes_coordinator(inside: Client) -> None:
    second = Client(headers={"host": "localhost"})
    second.cookies = inside.cookies
    inside.post("/in/start/institution/", HOSPITAL)

    late = second.post("/in/start/institution/", {**HOSPITAL, "name": "Otro"})
    assert late.headers["Location"] == "/in/start/coordinator/"
    assert Institution.objects.get().name == HOSPITAL["name"]

    inside.post("/in/start/coordinator/", FERNANDO)
    with pytest.raises(actions.DoorClosed):
        actions.first_coordinator(
            name="Elena Robles",
            email="elena@hospital.example",
            external_id="s-2",
            password="otra hamaca verde",
            now=NOW,
        )
    assert Person.objects.count() == 1


def test_it_can_be_left_and_resumed_with_the_code(inside: Client) -> None:
    code = actions.issue_code()
    again = Client(headers={"host": "localhost"})
    again.post("/in/start/", {"code": code})
    again.post("/in/start/institution/", HOSPITAL)

    later = Client(headers={"host": "localhost"})
    later.post("/in/start/", {"code": code})

    assert later.get("/in/start/institution/").headers["Location"] == "/in/start/coordinator/"


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_zone": "America/Chicago"},
        {"time_zone": ""},
        {"time_zone": "Mars/Olympus"},
        {"name": ""},
        {"year_starts": "02-30"},
        {"language": "fr"},
    ],
)
def test_a_wrong_institution_is_not_founded_and_nothing_typed_is_lost(inside: Client, wrong: dict[str, str]) -> None:
    answer = inside.post("/in/start/institution/", {**HOSPITAL, **wrong})

    assert answer.status_code == 400
    assert 'value="San Rafael"' in answer.content.decode()
    assert not Institution.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"password": "kurz", "again": "kurz"}, {"again": "andere"}, {"email": "x"}, {"external_id": ""}]
)
def test_a_wrong_coordinator_is_not_added(inside: Client, wrong: dict[str, str]) -> None:
    inside.post("/in/start/institution/", HOSPITAL)

    answer = inside.post("/in/start/coordinator/", {**FERNANDO, **wrong})

    assert answer.status_code == 400
    assert not Person.objects.exists()
    assert queries.door_is_open()


def test_the_guide_shows_what_is_next(fernando: Person, sign_in: SignIn) -> None:
    page = sign_in(fernando).get("/in/setup/").content.decode()

    assert page.count('class="btn" href="/in/roster/"') == 1


def test_a_settled_step_leads_to_the_next_one_while_guided(fernando: Person, sign_in: SignIn) -> None:
    client = sign_in(fernando)
    said = {
        "made_by": "others",
        "where": "x",
        "every": "day",
        "opened_by": "y",
        "without_waves": "on",
        "tried": "on",
        "name": "Fernando Ruiz",
    }
    assert client.post("/in/check/backups/", said).headers["Location"] == "/in/check/"

    client.get("/in/setup/")

    assert client.post("/in/check/backups/", said).headers["Location"] == "/in/roster/"


class TestTheLastSteps:
    """Everybody's way in, and what leaders promise first: led to like every other step, and no line of the check."""

    def test_whoever_has_no_way_in_is_counted_until_a_link_is_on_its_way(
        self, hospital: Institution, fernando: Person, ana: Person
    ) -> None:
        people.add_person(
            institution=hospital, external_id="nuria", name="Nuria Solís", email="nuria@hospital.example", language="es"
        )  # fmt: skip
        invitations, _promises = opening.last_steps(hospital, now=NOW)
        assert not invitations.settled
        assert invitations.says == "1 person has neither a password nor a link to set one."

        people.invite(by=fernando, person=Person.objects.get(external_id="nuria"), now=NOW)

        assert opening.last_steps(hospital, now=NOW)[0].settled
        assert not opening.last_steps(hospital, now=NOW + timedelta(days=15))[0].settled

    def test_with_a_hospital_account_nobody_needs_a_link(
        self, hospital: Institution, settings: LazySettings, ana: Person
    ) -> None:
        Person.objects.filter(pk=ana.pk).update(password="!")
        assert not opening.last_steps(hospital, now=NOW)[0].settled

        settings.PROVIDER = "oidc"

        assert opening.last_steps(hospital, now=NOW)[0].settled

    def test_units_that_are_left_out_are_named_until_somebody_promises_or_it_is_waived(
        self, hospital: Institution, fernando: Person, ana: Person
    ) -> None:
        _invitations, first = opening.last_steps(hospital, now=NOW)
        assert not first.settled
        assert first.says.endswith(": Emergency Medicine.")
        assert first.address == "/in/answers/waiting/"

        promises.waive_all(units=["emergency"], by=fernando, reason_en="vacant", reason_es="vacante", now=NOW)

        assert opening.last_steps(hospital, now=NOW)[1].settled

    def test_the_pages_lead_back_to_the_steps_only_who_came_from_them(
        self, fernando: Person, ana: Person, sign_in: SignIn, settings: LazySettings
    ) -> None:
        settings.MAIL_IS_SET_UP = True
        said = {"units": ["emergency"], "reason_en": "vacant", "reason_es": "vacante"}
        client = sign_in(fernando)
        assert client.post("/in/access/invite/", {"who": "ana"}).headers["Location"] == "/in/access/"

        page = client.get("/in/setup/").content.decode()

        assert 'href="/in/access/">Look again: Invitations' in page
        assert 'href="/in/answers/waiting/">Settle: First promises' in page
        assert client.post("/in/access/invite/", {"who": "ana"}).headers["Location"] == "/in/setup/"
        assert client.post("/in/answers/waiting/waive/", said).headers["Location"] == "/in/setup/"


def test_the_empty_file_of_people_holds_ones_own_row(fernando: Person, sign_in: SignIn) -> None:
    said = sign_in(fernando).get("/in/roster/people.csv").content.decode("utf-8-sig")

    assert said.splitlines()[1].startswith("fernando,Fernando Ruiz,fernando@hospital.example,coordinator")
    assert sign_in(fernando).get("/in/roster/secrets.csv").status_code == 404


def logo(form: str = "PNG", size: tuple[int, int] = (200, 80)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (20, 90, 80)).save(out, form)
    return out.getvalue()


def test_colours_and_logo_are_served_under_addresses_that_change_with_them(fernando: Person, sign_in: SignIn) -> None:
    client = sign_in(fernando)
    file = SimpleUploadedFile("logo.png", logo())

    assert client.post("/in/setup/look/", {"bar": "#3a0ca3", "button": "#3a0ca3", "logo": file}).status_code == 302

    version = Theme.objects.get().version
    page = client.get("/in/setup/look/").content.decode()
    assert f'href="/in/look/{version}.css"' in page
    assert f'src="/in/look/{version}.png"' in page
    stranger = Client(headers={"host": "localhost"})
    sheet = stranger.get(f"/in/look/{version}.css")
    assert "--corridor: #3a0ca3" in sheet.content.decode()
    assert sheet.headers["Content-Type"].startswith("text/css")
    assert "immutable" in sheet.headers["Cache-Control"]
    assert stranger.get(f"/in/look/{version}.png").headers["Content-Type"] == "image/png"
    assert stranger.get("/in/look/another.css").status_code == 404
    assert f"/in/look/{version}.css" in stranger.get("/in/sign-in/").content.decode()
    assert AuditRow.objects.filter(tag="look-changed").count() == 1


def test_a_colour_in_which_nothing_can_be_read_is_refused_with_one_that_works(
    fernando: Person, sign_in: SignIn
) -> None:
    answer = sign_in(fernando).post("/in/setup/look/", {"bar": "#12352f", "button": "#ffe08a"})

    assert answer.status_code == 400
    assert "contrast" in answer.content.decode() or "contraste" in answer.content.decode()
    assert not Theme.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("logo.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG"),
        ("logo.png", b"<svg><script>alert(1)</script></svg>", "SVG"),
        ("logo.png", b"x" * (1024 * 1024 + 1), "1 MB"),
        ("logo.png", b"not a picture", "PNG"),
    ],
)
def test_a_logo_that_is_none_is_refused_in_plain_words(
    name: str, content: bytes, says: str, fernando: Person, sign_in: SignIn
) -> None:
    file = SimpleUploadedFile(name, content)

    answer = sign_in(fernando).post("/in/setup/look/", {"bar": "#12352f", "button": "#0e4d47", "logo": file})

    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert not Theme.objects.exists()


def test_who_may_not_set_up_changes_no_colours(ana: Person) -> None:
    from callroom.kit.contrast import Colour

    with pytest.raises(NotYours):
        actions.choose_look(by=ana, bar=Colour("#12352f"), button=Colour("#0e4d47"), logo=b"", now=NOW)
