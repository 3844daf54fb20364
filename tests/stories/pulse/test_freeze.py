"""After a death in the house: two people let everybody rest from being asked; what was open is shown as not asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from tests.world.people import person_in
from tests.world.waves import FINE, MONDAY, PUBLISHED, SUNDAY, WAVE, headers

from callroom.audit.models import AuditRow
from callroom.core.disclosure.verification import verify_directory
from callroom.people.models import Institution, Person
from callroom.people.policy import NotYours
from callroom.people.states import Role
from callroom.pulse import aggregates, exports, jobs, queries
from callroom.pulse.actions import endings, freezes
from callroom.pulse.models import Freeze, Wave
from callroom.pulse.simulation import Refused, SimulatedResident
from callroom.pulse.states import WaveState, WeekState
from callroom.pulse.stores.sealed import SealedStore
from callroom.pulse.stores.wave_keys import WaveKeys
from callroom.pulse.views.pages import shell_in

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
Device = Callable[[Person], SimulatedResident]
SetClock = Callable[[object], None]
SignIn = Callable[[Person], Client]
REASON = {"en": "A colleague has died. We rest this week.", "es": "Murió una compañera. Esta semana descansamos."}
READ = queries.reason_sha256(REASON)
TUESDAY = MONDAY + timedelta(days=1)
WEEK = timedelta(weeks=1)


@pytest.fixture
def lucia(hospital: Institution) -> Person:
    """Return a second coordinator."""
    return person_in(hospital, "Lucia Mora", role=Role.COORDINATOR)


@pytest.fixture
def frozen(opened: Residents, fernando: Person, lucia: Person) -> Residents:
    """Freeze the open round on Tuesday; return the residents."""
    freezes.ask_to_freeze(by=fernando, reason=REASON, now=TUESDAY)
    freezes.freeze(by=lucia, reason_sha256=READ, now=TUESDAY)
    return opened


def weeks_of(unit: str, now: object) -> dict[str, aggregates.LeafWeek]:
    series = aggregates.leaf_series(unit, now=now)  # type: ignore[arg-type]
    assert series is not None
    return {week.wave: week for week in series.points}


def test_open_rounds_end_and_are_shown_as_not_asked(frozen: Residents, hospital: Institution, tmp_path: Path) -> None:
    wave = Wave.objects.get(pk=WAVE)

    assert wave.state == WaveState.VOIDED
    assert not WaveKeys(WAVE).exist()
    assert not SealedStore(WAVE).exists()
    week = weeks_of("emergency", PUBLISHED)[WAVE]
    assert (week.state, week.reason) == (WeekState.NOT_ASKED, REASON)
    written = exports.export(hospital, tmp_path / "out")
    assert verify_directory(tmp_path / "out", written.head).headers == written.headers
    tags = AuditRow.objects.order_by("seq").values_list("tag", flat=True)
    assert [tag for tag in tags if tag.startswith("freeze")] == ["freeze-asked", "freeze-begun"]


def test_one_person_alone_freezes_nothing(opened: Residents, fernando: Person, ana: Person) -> None:
    freezes.ask_to_freeze(by=fernando, reason=REASON, now=TUESDAY)

    for second in (fernando, ana):
        with pytest.raises(NotYours):
            freezes.freeze(by=second, reason_sha256=READ, now=TUESDAY)
    with pytest.raises(NotYours):
        freezes.ask_to_freeze(by=ana, reason=REASON, now=TUESDAY)
    assert Wave.objects.get(pk=WAVE).state == WaveState.OPEN
    assert queries.why_nobody_is_asked(fernando.institution) is None


def test_the_second_confirms_what_they_have_read(opened: Residents, fernando: Person, lucia: Person) -> None:
    freezes.ask_to_freeze(by=fernando, reason=REASON, now=TUESDAY)
    freezes.ask_to_freeze(by=fernando, reason=REASON | {"en": "Something else."}, now=TUESDAY)

    with pytest.raises(endings.ReasonChanged):
        freezes.freeze(by=lucia, reason_sha256=READ, now=TUESDAY)

    assert Wave.objects.get(pk=WAVE).state == WaveState.OPEN


def test_nothing_opens_until_somebody_resumes(frozen: Residents, hospital: Institution, lucia: Person) -> None:
    jobs.tick(SUNDAY - timedelta(days=1))
    jobs.tick(MONDAY + WEEK)

    assert Wave.objects.get(pk="pulse/2026-W48").state == WaveState.WITHDRAWN
    assert ("supersede", "pulse/2026-W48") in headers()
    week = weeks_of("emergency", MONDAY + WEEK)["pulse/2026-W48"]
    assert (week.state, week.reason) == (WeekState.NOT_ASKED, REASON)

    freezes.resume(by=lucia, now=MONDAY + WEEK + timedelta(hours=5))
    jobs.tick(MONDAY + WEEK + timedelta(days=5))
    jobs.tick(MONDAY + 2 * WEEK)

    assert Wave.objects.get(pk="pulse/2026-W49").state == WaveState.OPEN
    with pytest.raises(freezes.NotFrozen):
        freezes.resume(by=lucia, now=MONDAY + 2 * WEEK)


def test_what_a_crash_left_open_is_voided_at_the_next_tick(opened: Residents, fernando: Person) -> None:
    Freeze.objects.create(
        institution=fernando.institution,
        reason_en=REASON["en"],
        reason_es=REASON["es"],
        asked_by=fernando.pk,
        begun_at=TUESDAY,
    )

    jobs.tick(TUESDAY)

    assert Wave.objects.get(pk=WAVE).state == WaveState.VOIDED
    assert Wave.objects.get(pk=WAVE).frozen


def test_a_round_that_is_over_is_counted(opened: Residents, fernando: Person, lucia: Person) -> None:
    after = SUNDAY + timedelta(hours=1)
    freezes.ask_to_freeze(by=fernando, reason=REASON, now=after)
    freezes.freeze(by=lucia, reason_sha256=READ, now=after)
    assert Wave.objects.get(pk=WAVE).state == WaveState.OPEN

    jobs.tick(after)

    assert Wave.objects.get(pk=WAVE).state == WaveState.TALLIED


def test_an_answer_comes_too_late(
    opened: Residents, device: Device, at: SetClock, fernando: Person, lucia: Person
) -> None:
    at(TUESDAY)
    phone = device(opened["emergency"][0])
    phone.fetch_token(WAVE)
    freezes.ask_to_freeze(by=fernando, reason=REASON, now=TUESDAY)
    freezes.freeze(by=lucia, reason_sha256=READ, now=TUESDAY)

    with pytest.raises((Refused, StopIteration)):
        phone.answer(WAVE, FINE)


def test_home_and_check_in_show_the_words_and_the_crisis_line(frozen: Residents, sign_in: SignIn, at: SetClock) -> None:
    at(TUESDAY)
    english = {"accept-language": "en"}

    home = sign_in(frozen["emergency"][0]).get("/in/", secure=True, headers=english).content.decode()
    check_in = shell_in("es")

    assert "Nobody is asked at the moment, Residente." in home
    assert REASON["en"] in home
    assert REASON["es"] in check_in
    for page in (home, check_in):
        assert 'href="tel:' in page
    assert REASON["en"] not in check_in


def test_two_people_freeze_and_resume_in_the_browser(
    opened: Residents, sign_in: SignIn, at: SetClock, fernando: Person, lucia: Person, ana: Person
) -> None:
    at(TUESDAY)
    words = {"reason_en": REASON["en"], "reason_es": REASON["es"]}
    assert sign_in(ana).post("/in/waves/freeze/", words, secure=True).status_code == 404

    empty = sign_in(fernando).post("/in/waves/freeze/", {"reason_en": "A death."}, secure=True)
    assert empty.status_code == 400
    assert "A death." in empty.content.decode()
    sign_in(fernando).post("/in/waves/freeze/", words, secure=True)
    sign_in(fernando).post("/in/waves/freeze/", {"confirm": "1", "reason_sha256": READ}, secure=True)
    assert queries.why_nobody_is_asked(fernando.institution) is None
    page = sign_in(lucia).get("/in/waves/", secure=True).content.decode()
    assert READ in page
    sign_in(lucia).post("/in/waves/freeze/", {"confirm": "1", "reason_sha256": READ}, secure=True)
    assert queries.why_nobody_is_asked(fernando.institution) == REASON

    sign_in(fernando).post("/in/waves/resume/", secure=True)

    assert queries.why_nobody_is_asked(fernando.institution) is None
