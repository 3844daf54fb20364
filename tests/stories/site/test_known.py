"""What can be known about you: the page says what the schema, the policy table and the lab say."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from callroom.audit.models import AuditRow, Look
from callroom.core.disclosure import ledger
from callroom.core.disclosure.policy import DEFAULT_POLICY
from callroom.core.instruments import weekly
from callroom.kit.privacy import FieldPrivacy
from callroom.people.models import Person
from callroom.people.policy import POLICY, Action, Role
from callroom.site import known, measured
from callroom.site.reference import own_models

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]


def words_of(client: Client, language: str = "en") -> str:
    """Return the words in <main>."""
    response = client.get(reverse("known"), headers={"accept-language": language})
    assert response.status_code == 200
    main = re.search(r"<main.*</main>", response.content.decode(), re.DOTALL)
    assert main
    return " ".join(re.sub(r"<[^>]+>", " ", main.group()).split())


def test_everybody_reads_the_same(
    sign_in: SignIn, ana: Person, elena: Person, fernando: Person, oscar: Person, dario: Person
) -> None:
    as_resident = words_of(sign_in(ana))

    for person in (elena, fernando, oscar, dario):
        assert words_of(sign_in(person)) == as_resident


def test_signed_out_it_leads_to_the_door(client: Client, ana: Person) -> None:
    response = client.get(reverse("known"))

    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("account_login"))


def test_reading_it_leaves_no_trace(sign_in: SignIn, elena: Person) -> None:
    client = sign_in(elena)
    before = Look.objects.count(), AuditRow.objects.count()

    words_of(client)

    assert (Look.objects.count(), AuditRow.objects.count()) == before


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_lab_is_quoted_as_it_measured(sign_in: SignIn, ana: Person, language: str) -> None:
    found = measured.measured()

    words = words_of(sign_in(ana), language)

    group = next(grid for grid in found.all_but_one if grid.options == weekly.OPTION_COUNT)
    for number in (group.guessed_percent, group.waves, *(each.left_percent for each in found.leavers)):
        assert re.search(rf"\b{number}\b", words)
    assert f"{found.answers:,}" in words


def test_the_figures_belong_to_the_constants_that_are_in_force() -> None:
    """A changed policy or leaf size needs `make lab`: figures of another one must not be shown."""
    assert measured.measured().constants == ledger.constants(DEFAULT_POLICY)


def test_the_figures_that_ship_are_those_of_an_attack_that_failed() -> None:
    found = measured.measured()

    assert found.pinned == found.narrowed == found.pinned_by_two == 0
    assert found.faults_found == found.planted_faults >= 18
    assert found.weeks >= 52
    assert found.answers > 100_000


def test_figures_of_another_version_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "measured.json"
    other.write_text(json.dumps({"version": 99}), encoding="utf-8")
    monkeypatch.setattr(measured, "FILE", other)

    with pytest.raises(measured.OtherVersion):
        measured.measured.__wrapped__()


def test_every_privacy_class_of_the_schema_has_its_words_and_its_count(hospital: object) -> None:
    counted = Counter(FieldPrivacy(name) for model in own_models() for name in getattr(model, "privacy", {}).values())

    shown = known.kept()

    assert set(known.WHAT) == set(FieldPrivacy)
    assert sum(each.fields for each in shown) == sum(counted.values())
    assert len(shown) == len(counted)


def test_who_can_read_comes_from_the_policy_table() -> None:
    roster = known._who(FieldPrivacy.ROSTER)

    for role in POLICY[Action.SEE_ROSTER]:
        assert role is Role.RESIDENT or str(role.label) in roster
    assert str(Role.COUNSELLOR.label) not in roster
    assert "of your own unit" in roster


def test_the_ledger_adds_up() -> None:
    weekly_row, two_weekly, four_weekly = ledger.spent(DEFAULT_POLICY, items=4)

    assert float(ledger.epsilon(DEFAULT_POLICY)) == pytest.approx(3.571, abs=0.001)
    assert float(weekly_row.per_wave) == pytest.approx(14.286, abs=0.001)
    assert float(weekly_row.per_year) == pytest.approx(742.857, abs=0.001)
    assert (two_weekly.waves, four_weekly.waves) == (26, 13)


@pytest.mark.parametrize("page", ["home", "people:me"])
def test_pages_about_oneself_lead_to_it(sign_in: SignIn, ana: Person, page: str) -> None:
    assert f'href="{reverse("known")}"' in sign_in(ana).get(reverse(page)).content.decode()
