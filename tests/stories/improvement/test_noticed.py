"""A promise that was kept is asked about in the check-in, once in each leaf that it was made to, and what came of it stands beside it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import translation

from callroom.core.anonymity.kept_promises import EFFECT, NOTICED, PromisesAsked
from callroom.core.anonymity.sealing import encode_answers
from callroom.core.disclosure.verification import Problem, VerificationError, verify_directory
from callroom.core.instruments import weekly
from callroom.improvement import aggregates as improvement
from callroom.improvement import pages, remeasuring
from callroom.improvement import queries as of_ledger
from callroom.improvement.actions import promises
from callroom.improvement.actions.answers import Words
from callroom.improvement.models import Promise
from callroom.improvement.states import PromiseState
from callroom.people.models import Institution, Person
from callroom.people.states import Role
from callroom.pulse import aggregates, jobs, queries
from callroom.pulse.actions import endings
from callroom.pulse.models import ChainPayload, Wave
from callroom.pulse.promises import Reading, ReadingState
from callroom.pulse.simulation import Reader, SimulatedResident
from callroom.pulse.upgrades import stranded_wave
from tests.world.people import person_in
from tests.world.waves import FINE, MONDAY, PUBLISHED, SUNDAY, WAVE, leaf_of

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
Answer = Callable[..., list[SimulatedResident]]
WEEK = timedelta(weeks=1)
KEPT = MONDAY - 2 * WEEK
TEXT = "A second resident is on call from Friday to Sunday."
MOST = 3


def tick(now: datetime) -> None:
    jobs.tick(now, promises_for=remeasuring.promises_for)


def promised(unit: str, by: Person, *, what: str = TEXT, kept: datetime | None = KEPT, language: str = "en") -> Promise:
    """Make a promise three weeks before it is kept."""
    at = (kept or KEPT) - 3 * WEEK
    words = Words(language, "", what)
    made = promises.commit(unit=unit, by=by, words=words, who=by.name, due_on=at.date() + timedelta(weeks=9), now=at)
    if kept:
        promises.end(promise_id=made.pk, by=by, state=PromiseState.KEPT, outcome="", now=kept)
    return made


def sheet_of(wave: str = WAVE) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(queries.payload(Wave.objects.get(pk=wave).wave_sheet))
    return found


def texts_of(wave: str = WAVE) -> tuple[tuple[str, str, int], ...]:
    """Return what a wave asks about promises: leaf, item, promise; nothing where it asks nothing."""
    sha256 = Wave.objects.get(pk=wave).promises
    if not sha256:
        return ()
    return tuple(
        (each.leaf, each.item, each.promise) for each in PromisesAsked.from_bytes(queries.payload(sha256)).asked
    )


def readings(now: datetime) -> tuple[Reading, ...]:
    return remeasuring.readings(now=now)


@pytest.fixture
def director(hospital: Institution) -> Person:
    return person_in(hospital, "Dr. Julia Mora", role=Role.LEADER, unit="emergency", language="en")


@pytest.fixture
def asked_wave(announced: Residents, director: Person, at: Callable[[datetime], None]) -> Residents:
    """Open the wave in which Emergency Medicine is asked about a promise, and Surgery is not."""
    promised("emergency", director)
    tick(MONDAY)
    at(MONDAY + timedelta(hours=6))
    return announced


class TestTheSheet:
    def test_commits_to_the_text_and_names_the_item_beside_the_one_whose_turn_it_is(
        self, asked_wave: Residents, reader: Reader
    ) -> None:
        wave, said = Wave.objects.get(pk=WAVE), sheet_of()
        promise = Promise.objects.get()

        assert [item["id"] for item in said["items"]] == ["workload", "support", "voice", wave.rotating_item, NOTICED]
        assert said["core"] == ["workload", "support", "voice"]
        assert said["wording"] == f"{weekly.WORDING}+promises-{wave.promises}"
        assert texts_of() == (("emergency", NOTICED, promise.pk),)
        reply = reader.address.send("GET", f"/w/chain/{wave.promises}", {})
        assert json.loads(reply.body)["asked"][0] == {
            "leaf": "emergency",
            "item": NOTICED,
            "promise": promise.pk,
            "said": "2026-10",
            "language": "en",
            "text": TEXT.rstrip("."),
        }
        assert "Mora" not in reply.body.decode()
        assert stranded_wave() is None

    def test_is_as_ever_where_no_promise_is_due(self, announced: Residents, director: Person) -> None:
        promised("emergency", director, kept=None)

        tick(MONDAY)

        assert sheet_of()["wording"] == weekly.WORDING
        assert len(sheet_of()["items"]) == 4
        assert not ChainPayload.objects.filter(kind="promises").exists()

    def test_a_round_whose_text_was_deleted_is_left_to_no_earlier_version_and_ends_void(
        self, asked_wave: Residents
    ) -> None:
        ChainPayload.objects.filter(kind="promises").delete()

        assert stranded_wave() is None, "no version counts it: a server that did not start would keep its keys for ever"
        tick(SUNDAY)

        assert Wave.objects.get(pk=WAVE).state == "voided"


class TestWhichPromise:
    def test_one_that_was_kept_a_week_ago_or_more_the_first_kept_first(
        self, announced: Residents, director: Person
    ) -> None:
        promised("emergency", director, what="The second.", kept=MONDAY - 2 * WEEK)
        first = promised("emergency", director, what="The first.", kept=MONDAY - 3 * WEEK)

        tick(MONDAY)

        assert texts_of() == (("emergency", NOTICED, first.pk),)

    @pytest.mark.parametrize("kept", [MONDAY - timedelta(days=6), MONDAY - timedelta(days=121)])
    def test_none_that_was_kept_this_week_or_long_ago(
        self, announced: Residents, director: Person, kept: datetime
    ) -> None:
        promised("emergency", director, kept=kept)

        tick(MONDAY)

        assert texts_of() == ()

    def test_none_that_was_not_kept(self, announced: Residents, director: Person) -> None:
        made = promised("emergency", director, kept=None)
        promises.end(promise_id=made.pk, by=director, state=PromiseState.NOT_KEPT, outcome="No money.", now=KEPT)

        tick(MONDAY)

        assert texts_of() == ()

    def test_one_of_a_department_in_each_leaf_inside_it_and_nowhere_else(
        self, announced: Residents, elena: Person
    ) -> None:
        made = promised("medicine", elena)

        tick(MONDAY)

        asked_leaves = {leaf for leaf, _item, _promise in texts_of()}
        inside = {leaf["leaf"] for leaf in sheet_of()["leaves"] if leaf["leaf"] != "surgery"}
        assert asked_leaves == inside
        assert {promise for _leaf, _item, promise in texts_of()} == {made.pk}

    def test_none_of_a_programme_that_is_counted_together_with_another(
        self, announced: Residents, hospital: Institution
    ) -> None:
        """Its neighbours were promised nothing: what they noticed would say nothing."""
        chief = person_in(hospital, "Dr. Olga Paz", role=Role.LEADER, unit="dermatology")
        promised("dermatology", chief)

        for wave in Wave.objects.all():
            opening = remeasuring.Opening(
                wave.id, wave.weeks, MONDAY, {"dermatology+urology": ("dermatology", "urology")}
            )
            assert remeasuring.promises_for(opening) == ()
        alone = remeasuring.Opening("pulse-4/2026-W47", 4, MONDAY, {"dermatology": ("dermatology",)})
        assert len(remeasuring.promises_for(alone)) == 1

    def test_none_in_the_round_of_the_burnout_scale_nor_in_the_weeks_after(
        self, announced: Residents, director: Person
    ) -> None:
        promised("emergency", director)
        Wave.objects.filter(pk=WAVE).update(rotating_item="")

        tick(MONDAY)

        assert texts_of() == ()
        assert len(sheet_of()["items"]) == 3


def weeks_later(weeks: int) -> datetime:
    return MONDAY + weeks * WEEK


class TestOverTheWeeks:
    """Emergency is asked weekly: noticed, two weeks later the effect, and the next promise five rounds after the first."""

    def chosen(self, weeks: int, before: list[tuple[int, str, int]], kept: list[Promise]) -> list[tuple[str, int]]:
        """Return what is chosen so many weeks later; ``before``: week, item and promise of what was asked."""
        known = tuple(
            Reading(
                promise=promise, item=item, wave="pulse/2026-W47", weeks=1, leaf="emergency", units=("emergency",),
                label={"en": "E", "es": "E"}, opened_on=weeks_later(week).date(), last_day=weeks_later(week).date(),
                state=ReadingState.TOO_FEW,
            )
            for week, item, promise in before
        )  # fmt: skip
        rows = remeasuring.ledger.promises_in(
            Promise.objects.filter(pk__in=[each.pk for each in kept]).order_by("ended_on", "id"), MONDAY.date()
        )
        due = remeasuring._Chosen(rows, known, weeks_later(weeks).date(), 1)
        return [(each.item, each.promise) for each in due.of_leaf("emergency", ("emergency",))]

    def test_each_question_once_and_the_bank_between(self, staffed: Residents, director: Person) -> None:
        one, two = promised("emergency", director, kept=KEPT - WEEK), promised("emergency", director, what="Two.")
        before: list[tuple[int, str, int]] = []

        told = []
        for week in range(10):
            found = self.chosen(week, before, [one, two])
            told += [(week, *each) for each in found]
            before += [(week, *each) for each in found]

        assert told == [
            (0, NOTICED, one.pk), (2, EFFECT, one.pk), (5, NOTICED, two.pk), (7, EFFECT, two.pk),
        ]  # fmt: skip

    def test_a_second_question_that_is_twelve_weeks_late_is_not_asked(
        self, staffed: Residents, director: Person
    ) -> None:
        one = promised("emergency", director)

        assert self.chosen(12, [(0, NOTICED, one.pk)], [one]) == [(EFFECT, one.pk)]
        assert self.chosen(13, [(0, NOTICED, one.pk)], [one]) == []

    def test_whoever_is_counted_with_others_since_is_not_asked_the_second(
        self, staffed: Residents, director: Person
    ) -> None:
        one = promised("emergency", director)
        due = remeasuring._Chosen(
            remeasuring.ledger.promises_in(Promise.objects.filter(pk=one.pk), MONDAY.date()),
            (
                Reading(
                    promise=one.pk, item=NOTICED, wave=WAVE, weeks=1, leaf="emergency", units=("emergency",), label={},
                    opened_on=MONDAY.date(), last_day=MONDAY.date(), state=ReadingState.TOO_FEW,
                ),
            ),
            weeks_later(3).date(),
            1,
        )  # fmt: skip

        assert list(due.of_leaf("both", ("emergency", "surgery"))) == []

    def test_in_a_round_that_was_called_off_nobody_was_asked(
        self, asked_wave: Residents, director: Person, fernando: Person, hector: Person
    ) -> None:
        assert [(each.state, each.figure) for each in readings(MONDAY)] == [(ReadingState.ASKED, None)]

        endings.end_void(Wave.objects.get(pk=WAVE), reason={"en": "x", "es": "x"}, by=None, now=MONDAY)

        assert readings(MONDAY) == ()

    def test_a_restart_asks_the_same(self, asked_wave: Residents) -> None:
        before = texts_of()

        tick(MONDAY + timedelta(hours=1))

        assert texts_of() == before


class TestNobodyWillBeAsked:
    """A promise that was kept and about which no round will ask says so, with the reason, instead of nothing."""

    def told(self, unit: str, now: datetime) -> list[tuple[str, str]]:
        """Return what stands on the tickets of a unit's own page of promises."""
        reader = Person.objects.filter(memberships__isnull=False).first()
        assert reader
        page = pages.ledger(of_ledger.history(reader, unit, now=now), unit=unit)
        return [(line.label, line.words) for ticket in page.ended for line in ticket.noticed]

    def test_while_a_round_can_still_come_nothing_is_said(self, announced: Residents, director: Person) -> None:
        promised("emergency", director, kept=MONDAY - timedelta(days=120))

        assert self.told("emergency", MONDAY) == []
        assert self.told("emergency", MONDAY + timedelta(days=1)) == [
            ("Noticed by residents:", "not asked. No round came for it in time.")
        ]

    def test_nothing_about_one_that_is_open_or_was_not_kept(self, announced: Residents, director: Person) -> None:
        promised("emergency", director, kept=None)
        broken = promised("emergency", director, kept=None)
        promises.end(promise_id=broken.pk, by=director, state=PromiseState.NOT_KEPT, outcome="No money.", now=KEPT)

        assert self.told("emergency", MONDAY + timedelta(days=300)) == []

    def test_whose_residents_are_counted_with_others_who_were_not_promised_it(
        self, announced: Residents, hospital: Institution
    ) -> None:
        chief = person_in(hospital, "Dr. Olga Paz", role=Role.LEADER, unit="dermatology")
        promised("dermatology", chief)

        said = "not asked. They are counted together with others, to whom this was not promised."
        assert self.told("dermatology", MONDAY) == [("Noticed by residents:", said)]
        board = improvement.owed(improvement.ledger_now(now=MONDAY).about(["dermatology"]))
        (ticket,) = board.ended
        assert [line.words for line in ticket.noticed] == [said]
        assert (ticket.track[-1].word, ticket.track[-1].reader) == ("Noticed", "not asked")
        with translation.override("es"):
            assert self.told("dermatology", MONDAY)[0][1].startswith("no se les pregunta.")

    def test_the_second_question_when_its_weeks_are_over(self, asked_wave: Residents) -> None:
        assert self.told("emergency", MONDAY + 12 * WEEK) == [
            ("Noticed by residents:", "asked in the round until 22 November.")
        ]

        assert self.told("emergency", MONDAY + timedelta(weeks=12, days=1))[-1] == (
            "What it did to their work:",
            "not asked. No round came for it in time.",
        )

    def test_the_second_question_where_the_leaf_is_gone(self, asked_wave: Residents) -> None:
        plan = Wave.objects.get(pk=WAVE).plan
        for leaf in plan.payload["leaves"]:
            if leaf["leaf"] == "emergency":
                leaf["units"] = ["emergency", "geriatrics"]
        plan.save()

        assert self.told("emergency", MONDAY + WEEK)[-1][1].startswith("not asked. They are counted together")

    def test_a_round_that_was_called_off_leaves_time_for_another(self, asked_wave: Residents) -> None:
        endings.end_void(Wave.objects.get(pk=WAVE), reason={"en": "x", "es": "x"}, by=None, now=MONDAY)

        assert self.told("emergency", MONDAY + WEEK) == []


class TestTheResult:
    @pytest.fixture
    def published(self, asked_wave: Residents, everyone_answers: Answer) -> Residents:
        everyone_answers(asked_wave["emergency"][:14], {**FINE, NOTICED: MOST})
        everyone_answers(asked_wave["surgery"][:12], {**FINE, Wave.objects.get(pk=WAVE).rotating_item: 1})
        tick(SUNDAY)
        tick(PUBLISHED)
        return asked_wave

    def test_is_one_figure_of_the_leaf_that_was_asked_and_anybody_checks_it(
        self, published: Residents, tmp_path: Path
    ) -> None:
        emergency, surgery = leaf_of(WAVE, "emergency")["items"], leaf_of(WAVE, "surgery")["items"]
        turn = Wave.objects.get(pk=WAVE).rotating_item

        # Fourteen at 75 with noise of scale 2: thirty points away is a chance of three in ten million.
        assert emergency[NOTICED]["mean_tenths"] >= 45
        assert emergency[turn] == {"state": "too few"}
        assert surgery[NOTICED] == {"state": "too few"}
        assert "mean_tenths" in surgery[turn]
        call_command("release", "export", str(tmp_path / "out"))
        report = verify_directory(tmp_path / "out")
        assert {each.wave: each.figures for each in report.waves}[WAVE] == 4 + 4
        assert not [note for note in report.notes if "file" in note.code.value]

    def test_cannot_be_checked_without_the_text_or_with_another(self, published: Residents, tmp_path: Path) -> None:
        call_command("release", "export", str(tmp_path / "out"))
        file = tmp_path / "out" / "payloads" / f"{Wave.objects.get(pk=WAVE).promises}.json"
        file.write_text(file.read_text().replace("second resident", "third resident"))
        with pytest.raises(VerificationError) as refused:
            verify_directory(tmp_path / "out")
        assert refused.value.problem is Problem.PAYLOAD
        file.unlink()
        with pytest.raises(VerificationError) as missing:
            verify_directory(tmp_path / "out")
        assert missing.value.problem is Problem.PAYLOAD

    def test_never_mixes_with_the_questions_that_take_turns(self, published: Residents) -> None:
        turn = Wave.objects.get(pk=WAVE).rotating_item
        series = aggregates.series_of(["emergency", "surgery"], now=PUBLISHED)
        emergency, surgery = series["emergency"].points[-1], series["surgery"].points[-1]

        assert set(emergency.items or {}) == {"workload", "support", "voice"}
        assert emergency.promise
        assert (emergency.promise.item, emergency.promise.text) == (NOTICED, TEXT.rstrip("."))
        assert set(surgery.items or {}) == {"workload", "support", "voice", turn}
        assert surgery.promise is None

    def test_stands_beside_the_promise_for_the_leader_and_for_residents(
        self,
        published: Residents,
        director: Person,
        at: Callable[[datetime], None],
        sign_in: Callable[[Person], Client],
    ) -> None:
        at(PUBLISHED + timedelta(hours=1))
        (reading,) = readings(PUBLISHED)
        assert reading.figure
        words = f"{reading.figure.mean / 10:.1f} of 10, range {reading.figure.low / 10:.1f} to {reading.figure.high / 10:.1f}"

        leaders, residents = sign_in(director), sign_in(published["emergency"][0])
        pages = {
            "/in/answers/": leaders,
            "/in/": residents,
            "/in/results/emergency/": residents,
            "/in/promises/": residents,
            "/in/promises/emergency/": residents,
        }
        for address, client in pages.items():
            page = client.get(address, secure=True, headers={"accept-language": "en"}).content.decode()
            assert "Noticed by residents:" in page, address
            assert words in page, address
        spanish = residents.get(
            "/in/results/emergency/", secure=True, headers={"accept-language": "es"}
        ).content.decode()
        assert "Lo que notaron los residentes:" in spanish
        others = sign_in(published["surgery"][0]).get("/in/results/surgery/", secure=True).content.decode()
        assert TEXT not in others

    def test_stands_there_also_when_three_other_promises_ended_since(
        self,
        published: Residents,
        director: Person,
        at: Callable[[datetime], None],
        sign_in: Callable[[Person], Client],
    ) -> None:
        for number in range(4):
            promised("emergency", director, what=f"Later {number}.", kept=SUNDAY)
        at(PUBLISHED + timedelta(hours=1))

        for address, person in (("/in/", published["emergency"][0]), ("/in/answers/", director)):
            page = sign_in(person).get(address, secure=True, headers={"accept-language": "en"}).content.decode()
            assert TEXT in page
            assert "Noticed by residents:" in page

    def test_stands_in_the_file_in_columns_of_its_own(
        self, published: Residents, at: Callable[[datetime], None], sign_in: Callable[[Person], Client]
    ) -> None:
        at(PUBLISHED + timedelta(hours=1))
        (reading,) = readings(PUBLISHED)
        assert reading.figure
        client = sign_in(published["emergency"][0])

        lines = list(csv.DictReader(client.get("/in/results/emergency.csv", secure=True).content.decode().splitlines()))
        (line,) = (each for each in lines if each["wave"] == WAVE)

        assert (line["promise_item"], line["promise"]) == (NOTICED, TEXT.rstrip("."))
        assert line["promise_answer"] == f"{reading.figure.mean / 10:.1f}"
        assert (line["rotating_item"], line["rotating"]) == ("", "")


def test_until_it_is_published_the_page_says_that_it_is_asked_and_no_figure(
    asked_wave: Residents, everyone_answers: Answer, sign_in: Callable[[Person], Client], at: Callable[[datetime], None]
) -> None:
    everyone_answers(asked_wave["emergency"][:12], {**FINE, NOTICED: MOST})
    tick(SUNDAY)
    at(SUNDAY + timedelta(hours=1))

    page = sign_in(asked_wave["emergency"][0]).get("/in/", secure=True, headers={"accept-language": "en"})

    assert "asked in the round until 22 November." in page.content.decode()
    assert [(each.state, each.figure) for each in readings(SUNDAY + timedelta(hours=1))] == [(ReadingState.ASKED, None)]


def test_from_seven_people_nothing_is_shown_and_the_page_says_so(
    asked_wave: Residents, everyone_answers: Answer, sign_in: Callable[[Person], Client], at: Callable[[datetime], None]
) -> None:
    everyone_answers(asked_wave["emergency"][:7], {**FINE, NOTICED: MOST})
    everyone_answers(asked_wave["emergency"][7:14], FINE)
    tick(SUNDAY)
    tick(PUBLISHED)
    at(PUBLISHED + timedelta(hours=1))

    assert [(each.state, each.figure) for each in readings(PUBLISHED)] == [(ReadingState.TOO_FEW, None)]
    page = sign_in(asked_wave["emergency"][0]).get("/in/", secure=True, headers={"accept-language": "en"})
    assert "too few answered." in page.content.decode()


def test_whoever_answers_what_their_leaf_was_not_asked_gets_no_further_than_skipping(
    asked_wave: Residents, everyone_answers: Answer
) -> None:
    turn = Wave.objects.get(pk=WAVE).rotating_item
    everyone_answers(asked_wave["surgery"][:12], {**FINE, turn: 2, NOTICED: MOST})
    everyone_answers(asked_wave["emergency"][:12], {**FINE, turn: 2, NOTICED: MOST})

    tick(SUNDAY)

    assert leaf_of(WAVE, "surgery")["items"][NOTICED] == {"state": "too few"}
    assert leaf_of(WAVE, "emergency")["items"][turn] == {"state": "too few"}


def test_all_answers_to_such_a_round_have_the_length_of_any_other(asked_wave: Residents) -> None:
    items = queries.wave_sheet_of(Wave.objects.get(pk=WAVE)).items

    assert len(encode_answers({**FINE, NOTICED: 4}, items)) == len(encode_answers(FINE, items)) == 256


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_has_the_questions_without_any_promise_in_them(
    asked_wave: Residents, reader: Reader, language: str
) -> None:
    page = reader.address.send("GET", f"/w/{language}/", {}).body.decode()

    for item in (weekly.PROMISE_NOTICED, weekly.PROMISE_EFFECT):
        assert f'<template data-item="{item.id}" data-options="5">' in page
        assert all(option in page for option in item.options[language])
    assert "{promise}" not in page
    assert "{month}" not in page
    assert TEXT.rstrip(".") not in page


def test_a_promise_of_two_lines_becomes_one_and_one_without_words_is_not_asked(
    announced: Residents, director: Person
) -> None:
    promised("emergency", director, what="One.\r\nTwo.", language="es")
    tick(MONDAY)
    (found,) = PromisesAsked.from_bytes(queries.payload(Wave.objects.get(pk=WAVE).promises)).asked
    assert (found.text, found.language) == ("One. Two", "es")

    Promise.objects.update(what="...")
    Wave.objects.all().update(promises="")
    opening = remeasuring.Opening(WAVE, 1, MONDAY, {"emergency": ("emergency",)})
    assert remeasuring.promises_for(opening) == ()
