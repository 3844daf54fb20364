"""The council's pages: the same for everybody, forms for whom the table lets, and a second factor before any of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from callroom.council import actions
from callroom.council.models import CouncilKey, CouncilRequest, Proposal
from callroom.people.models import Institution, Person, RoleGrant
from callroom.people.states import Role
from callroom.pulse import jobs, rules
from tests.world.council import CHOSEN, PAUSE, make_key, propose, sign, signature_of
from tests.world.waves import BEFORE, MONDAY

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

SignIn = Callable[[Person], Client]
REASONS = {"reason_es": CHOSEN["es"], "reason_en": CHOSEN["en"]}


@pytest.fixture(autouse=True)
def _friday(at: Callable[[object], None]) -> None:
    at(BEFORE)


@pytest.fixture
def council(folders: object, ines: Person, marta: Person, noe: Person, fernando: Person) -> list[Person]:
    people = [ines, marta, noe]
    actions.appoint(by=fernando, persons=people, now=BEFORE)
    for person in people:
        make_key(person, now=BEFORE)
    actions.found(by=fernando, reason=CHOSEN, now=BEFORE)
    return people


def page(client: Client, address: str = "/in/council/", language: str = "en") -> str:
    client.cookies["__Secure-callroom-language"] = language
    answer = client.get(address)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_the_coordinator_appoints_and_names_through_the_pages(
    folders: object, ines: Person, marta: Person, fernando: Person, hospital: Institution, sign_in: SignIn
) -> None:
    client = sign_in(fernando)
    wrong = client.post("/in/council/members/", {"first": "ines@hospital.example", "second": "nobody@hospital.example"})
    assert wrong.status_code == 400
    assert "Nobody here" in wrong.content.decode()
    done = client.post("/in/council/members/", {"first": "ines@hospital.example", "second": "marta"})
    assert done.headers["Location"] == "/in/council/"
    assert "Name this council" not in page(client)
    for person in (ines, marta):
        make_key(person, now=BEFORE)
    assert "Name this council" in page(client)

    assert client.post("/in/council/name/", {"reason_es": "x"}).status_code == 400
    client.post("/in/council/name/", REASONS)

    assert rules.council(hospital, now=BEFORE) is not None
    assert "Ines Park and Marta Vega" in page(client)


def test_a_leader_cannot_be_appointed_and_the_page_says_who(
    folders: object, ines: Person, elena: Person, fernando: Person, sign_in: SignIn
) -> None:
    answer = sign_in(fernando).post("/in/council/members/", {"first": "ines", "second": "elena"})

    assert answer.status_code == 400
    assert "Dr. Elena Robles" in answer.content.decode()
    assert not RoleGrant.objects.filter(person=elena, role=Role.KEY_HOLDER).exists()


@pytest.mark.parametrize("language", ["en", "es"])
def test_everybody_reads_the_same_about_what_holds(
    council: list[Person], ana: Person, elena: Person, sign_in: SignIn, language: str
) -> None:
    made = propose(council[0], PAUSE, now=BEFORE)
    sign(council[0], made, now=BEFORE)
    sign(council[1], made, now=BEFORE)

    pages = [page(sign_in(person), language=language) for person in (ana, elena)]
    for each in pages:
        assert ("The check-in rests." if language == "en" else "está en suspenso") in each
        assert ("The assembly asks for it." if language == "en" else "La asamblea lo pide.") in each
        assert "Ines Park" in each
    assert 'action="/in/council' not in pages[0]
    home = page(sign_in(elena), "/in/", language=language)
    assert ("The assembly asks for it." if language == "en" else "La asamblea lo pide.") in home


def test_no_page_says_whose_key_is_which(council: list[Person], fernando: Person, sign_in: SignIn) -> None:
    """Names and keys stand apart, each in an order of its own."""
    text = page(sign_in(fernando))
    keys = [key[:8] for key in CouncilKey.objects.values_list("public_key", flat=True)]

    assert not [key for key in keys if key in text]
    assert text.index("Ines Park") < text.index("Their keys")


def test_a_member_signs_by_the_page_and_words_never_have_a_name(council: list[Person], sign_in: SignIn) -> None:
    made = propose(council[0], PAUSE, now=BEFORE)
    client = sign_in(council[0])
    text = page(client, f"/in/council/proposal/{made}/")
    assert 'name="signature"' in text
    assert "<textarea" in text
    assert 'textarea name="' not in text
    assert Proposal.objects.get(pk=made).said().text().replace('"', "&quot;") in text

    refused = client.post(f"/in/council/proposal/{made}/sign/", {"signature": "nonsense"}, follow=True)
    assert "did not arrive whole" in refused.content.decode()
    client.post(f"/in/council/proposal/{made}/sign/", {"signature": signature_of(council[0], made)})
    again = client.post(
        f"/in/council/proposal/{made}/sign/", {"signature": signature_of(council[0], made)}, follow=True
    )
    assert "signed this already" in again.content.decode()
    other = sign_in(council[1])
    done = other.post(f"/in/council/proposal/{made}/sign/", {"signature": signature_of(council[1], made)}, follow=True)
    assert "Decided." in done.content.decode()
    assert client.get(f"/in/council/proposal/{made}/").status_code == 404


def test_without_a_second_factor_a_member_signs_nothing(council: list[Person]) -> None:
    made = propose(council[0], PAUSE, now=BEFORE)
    client = Client(headers={"host": "localhost"})
    client.force_login(council[0])

    answer = client.post(f"/in/council/proposal/{made}/sign/", {"signature": signature_of(council[0], made)})

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/in/second-factors/")
    assert not Proposal.objects.get(pk=made).approvals.exists()


def test_each_kind_of_change_is_proposed_by_its_form(council: list[Person], fernando: Person, sign_in: SignIn) -> None:
    client = sign_in(fernando)
    ines, marta, noe = council
    changes: dict[str, dict[str, object]] = {
        "pause": {"module": "check-in"},
        "policy": {"minimum": "12", "noise": "30"},
        "purpose": {"words_es": "Para ayudar.\r\nY nada más.", "words_en": "To help.\r\nNothing else."},
        "retention": {"words_es": "Un año.", "words_en": "One year."},
        "council": {"members": [str(ines.pk), str(marta.pk)]},
    }
    for kind, said in changes.items():
        answer = client.post(f"/in/council/propose/{kind}/", {**said, **REASONS})
        assert answer.status_code == 302, (kind, answer.content.decode())
        assert Proposal.objects.filter(kind=kind).exists()
    assert "\r" not in Proposal.objects.get(kind="purpose").said().text()
    for kind, said in {
        "resume": {"module": "check-in"},
        "policy": {"minimum": "8", "noise": "28"},
        "council": {"members": [str(noe.pk)]},
        "retention": {"words_es": "", "words_en": "x"},
    }.items():
        assert client.post(f"/in/council/propose/{kind}/", {**said, **REASONS}).status_code == 400, kind
    for low in ({"minimum": "5", "noise": "30"}, {"minimum": "8", "noise": "27"}):
        assert client.post("/in/council/propose/policy/", {**low, **REASONS}).status_code == 400
    assert client.get("/in/council/propose/anything/").status_code == 404


def test_a_broken_key_is_refused_in_words(ines: Person, folders: object, sign_in: SignIn) -> None:
    client = sign_in(ines)
    answer = client.post("/in/council/key/", {"public_key": "x", "proof": "y"}, follow=True)

    assert "cannot be kept" in answer.content.decode()
    assert not CouncilKey.objects.exists()


def test_two_people_name_another_through_the_page(
    council: list[Person], ana: Person, bruno: Person, fernando: Person, hector: Person, sign_in: SignIn
) -> None:
    first, second = sign_in(fernando), sign_in(hector)
    assert first.post("/in/council/another/", {"reason_es": "x"}).status_code == 400
    first.post("/in/council/another/", REASONS)
    assert "You asked for it" in page(first)
    asked = CouncilRequest.objects.get()
    text = page(second)
    assert "Name the appointed people" in text

    refused = second.post("/in/council/another/", {"confirm": "1", "reason_sha256": "0" * 64}, follow=True)
    assert "Read it again" in refused.content.decode()
    digest = text.split('name="reason_sha256" value="')[1][:64]
    same = second.post("/in/council/another/", {"confirm": "1", "reason_sha256": digest}, follow=True)
    assert "Not yet" in same.content.decode()  # the very members that act
    asked.refresh_from_db()
    assert not asked.done


def test_words_that_wait_are_shown_as_waiting(
    council: list[Person], staffed: object, fernando: Person, sign_in: SignIn, at: Callable[[object], None]
) -> None:
    words = {"en": "To help, and for nothing else.", "es": "Para ayudar, y para nada más."}
    made = propose(council[0], {"kind": "purpose", "words": words}, now=BEFORE)
    for member in council[:2]:
        sign(member, made, now=BEFORE)
    assert "From the next round that is announced" in page(sign_in(fernando))
    jobs.tick(BEFORE + timedelta(minutes=1))
    assert "From Monday 16 November, 06:00" in page(sign_in(fernando))
    at(MONDAY)
    assert "From Monday 16 November, 06:00" not in page(sign_in(fernando))
    known = page(sign_in(fernando), "/in/known/")
    assert words["en"] in known


def test_the_home_page_of_a_member_says_that_something_waits_and_of_nobody_else(
    council: list[Person], ana: Person, fernando: Person, sign_in: SignIn
) -> None:
    waits = "waits for your signature"
    assert waits not in page(sign_in(council[0]), "/in/")
    made = propose(fernando, PAUSE, now=BEFORE)

    assert waits in page(sign_in(council[0]), "/in/")
    assert waits in page(sign_in(council[1]), "/in/")
    for other in (ana, fernando):
        assert waits not in page(sign_in(other), "/in/")
    sign(council[0], made, now=BEFORE)
    assert waits not in page(sign_in(council[0]), "/in/")
