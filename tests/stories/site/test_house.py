"""The frame around signed-in pages: the doors that each person sees, from the policy table."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from django.utils import translation

from callroom.kit import pages
from callroom.kit.pages import House
from callroom.people.models import Person
from callroom.site.context import house

pytestmark = pytest.mark.django_db


def house_for(person: Person | None, path: str = "/in/", language: str = "en") -> House:
    request = RequestFactory().get(path)
    if person is not None:
        request.user = person
    with translation.override(language):
        return house(request)


def doors(person: Person) -> set[str]:
    return {door.address for door in house_for(person).doors}


def test_a_resident_reaches_the_check_in_with_the_thumb(ana: Person) -> None:
    dock = house_for(ana).dock

    assert [door.address for door in dock] == ["/in/", "/w/en/", "/in/results/"]
    assert [door.anonymous for door in dock] == [False, True, False]


def test_the_check_in_opens_in_the_language_of_the_page(ana: Person) -> None:
    assert "/w/es/" in {door.address for door in house_for(ana, language="es").doors}


def test_who_is_not_asked_sees_no_check_in(elena: Person) -> None:
    assert doors(elena) == {"/in/", "/in/results/", "/in/promises/", "/in/answers/", "/in/me/", "/in/chain/"}


def test_the_operator_sees_no_results(oscar: Person) -> None:
    assert doors(oscar) == {"/in/", "/in/me/", "/in/chain/", "/in/access/", "/in/roster/", "/in/trail/", "/in/check/"}


def test_an_outsider_sees_the_home_page_and_the_own_record(dario: Person) -> None:
    assert doors(dario) == {"/in/", "/in/me/"}


@pytest.mark.parametrize(("path", "here"), [("/in/", "/in/"), ("/in/results/medicine/", "/in/results/")])
def test_the_page_is_marked_in_the_navigation(elena: Person, path: str, here: str) -> None:
    assert [door.address for door in house_for(elena, path).doors if door.here] == [here]


def test_what_the_dock_and_the_bar_have_no_room_for_is_in_the_list_of_more(fernando: Person, elena: Person) -> None:
    busy, calm = house_for(fernando), house_for(elena)

    assert len(busy.bar) < pages.IN_BAR < len(busy.doors)
    assert (*busy.dock, *(door for door, _in_bar in busy.more)) == busy.doors
    assert (*busy.bar, *(door for door, in_bar in busy.more if not in_bar)) == busy.doors
    assert not busy.bar_has_all
    assert calm.bar == calm.doors
    assert calm.bar_has_all


def test_nobody_signed_in_sees_no_doors() -> None:
    assert house_for(None).doors == ()
