"""The check compares the notice in force with whether rounds carry the quarterly burnout scale."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import translation

from callroom.consent import texts
from callroom.consent.states import Law
from callroom.consent.texts import Speaks
from callroom.core.instruments import scale
from callroom.people.models import Institution, Person
from callroom.pulse.models import Wave
from callroom.setup import checks
from tests.world.consent import Publish
from tests.world.waves import BEFORE, MONDAY, WAVE

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
SILENT = "We ask how the week was."
ASKS = "Four times a year we ask about burnout."


def line() -> checks.Finding:
    return checks.notices.notice(checks.look(now=MONDAY))


def in_full(text: str, **others: str) -> dict[str, dict[str, str]]:
    """Return texts of both languages that say this, and nothing of our templates."""
    said = {"en": text, "es": text, **others}
    return {language: dict.fromkeys(("short", "full", "necessary", "voluntary"), said[language]) for language in said}


@pytest.mark.parametrize("law", Law)
@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_template_speaks_of_the_scale_in_a_sentence_that_holds_either_way(law: Law, language: str) -> None:
    assert texts.speaks_of_scale(texts.template(law)[language], language) is Speaks.IF_IT_IS_ON


@pytest.mark.parametrize("switch", [True, False])
def test_our_templates_fit_whether_it_is_on_or_off(
    hospital: Institution, publish: Publish, settings: LazySettings, switch: bool
) -> None:
    settings.BURNOUT_SCALE = switch
    publish(reviewed_by="Lic. Prieto")

    assert (line().settled, line().warns) == (True, False)


def test_on_and_not_in_the_notice_is_red_and_says_what_to_do(
    hospital: Institution, publish: Publish, settings: LazySettings
) -> None:
    settings.BURNOUT_SCALE = True
    publish(reviewed_by="Lic. Prieto", written=in_full(SILENT))

    found = line()
    assert not found.settled
    assert found.address == "/in/notice/edit/"
    assert "change of what the check-in is for" in found.says
    with translation.override("es"):
        assert "escala trimestral de desgaste" in line().says


def test_one_language_that_is_silent_is_named(hospital: Institution, publish: Publish, settings: LazySettings) -> None:
    settings.BURNOUT_SCALE = True
    publish(reviewed_by="Lic. Prieto", written=in_full(ASKS, es=SILENT))

    assert "(español)" in line().says


def test_off_and_in_the_notice_is_said_and_not_red(
    hospital: Institution, publish: Publish, settings: LazySettings
) -> None:
    settings.BURNOUT_SCALE = False
    publish(reviewed_by="Lic. Prieto", written=in_full(ASKS))

    found = line()
    assert (found.settled, found.warns) == (True, True)
    assert "nobody is asked it" in found.says


def test_off_and_silent_is_settled(hospital: Institution, publish: Publish, settings: LazySettings) -> None:
    settings.BURNOUT_SCALE = False
    publish(reviewed_by="Lic. Prieto", written=in_full(SILENT))

    assert (line().settled, line().warns) == (True, False)


def test_switched_off_while_a_round_carries_it_the_notice_must_still_say_so(
    announced: Residents, publish: Publish, settings: LazySettings
) -> None:
    settings.BURNOUT_SCALE = False
    publish(reviewed_by="Lic. Prieto", written=in_full(SILENT), now=BEFORE + timedelta(hours=1))
    assert line().settled

    Wave.objects.filter(pk=WAVE).update(rotating_item=scale.SCALE.id)

    assert not line().settled
