"""The interface without a name does what its description says, whatever is sent: generated requests against the real entry."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as generated
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from tests.rules.house import routes
from tests.world.waves import FINE, WAVE

from callroom.core.anonymity.posts import POST_LENGTH
from callroom.people.models import Person
from callroom.pulse import interface, queries
from callroom.pulse.models import Wave
from callroom.pulse.simulation import SimulatedResident
from callroom.pulse.states import WaveState
from callroom.pulse.stores.sealed import SealedStore
from callroom.site.wsgi import application

pytestmark = [
    pytest.mark.django_db(databases=["default", "issuing", "sealed"]),
    pytest.mark.one_store,
    pytest.mark.usefixtures("reader"),  # the real entry, whose requests must not close the connection of the test
]

Residents = dict[str, list[Person]]
Device = Callable[[Person], SimulatedResident]
SCHEMA = schemathesis.openapi.from_dict(interface.openapi())
ANSWERS = SCHEMA["/w/answers"]["POST"]
READ = {path: SCHEMA[path]["GET"] for path, how in interface.openapi()["paths"].items() if "get" in how}
WORDS_CANNOT_SAY = ["positive_data_acceptance", "negative_data_rejection"]
"""Only a signature makes an answer good, and only the chain knows which payloads there are."""
PAGES = {"pulse:check-in", "pulse:manifest", "pulse:service-worker"}
a_few = generated(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def held_to_the_description(case: Case) -> Any:
    """Send a request, hold the answer to the description, and return it."""
    answer = case.call(app=application)
    excluded = CHECKS.get_by_names(WORDS_CANNOT_SAY)
    case.validate_response(answer, excluded_checks=excluded, transport_kwargs={"app": application})
    assert "set-cookie" not in answer.headers
    return answer


def test_every_address_for_machines_is_described() -> None:
    ours = [route for route in routes(settings.ANONYMOUS_URLCONF) if route.name.startswith("pulse:")]
    written = {re.sub(r"<\w+:(\w+)>", r"{\1}", route.path) for route in ours if route.name not in PAGES}

    assert written == set(interface.openapi()["paths"])


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("path", [path for path in READ if "{" in path])
def test_whatever_is_asked_for(opened: Residents, path: str, mode: GenerationMode) -> None:
    @given(case=READ[path].as_strategy(generation_mode=mode))
    @a_few
    def asked(case: Case) -> None:
        assert held_to_the_description(case).status_code in {200, 404}

    asked()


def test_what_there_is(opened: Residents) -> None:
    wave = Wave.objects.get(pk=WAVE)
    payloads = {json.loads(header)["payload_sha256"] for header in queries.all_headers()}

    listed = held_to_the_description(READ["/w/waves.json"].Case())
    assert WAVE in {each["wave"] for each in listed.json()}
    assert held_to_the_description(_of("/w/chain/headers/{segment}.jsonl", segment=0)).status_code == 200
    assert held_to_the_description(_of("/w/chain/{sha256}", sha256=wave.wave_sheet)).status_code == 200
    found = [held_to_the_description(_of("/w/chain/{sha256}", sha256=each)).status_code for each in payloads]
    assert set(found) == {200}


def test_whatever_is_posted(opened: Residents, device: Device) -> None:
    good = device(opened["emergency"][0]).body(WAVE, FINE)

    @given(body=st.binary(max_size=40) | st.binary(min_size=POST_LENGTH, max_size=POST_LENGTH) | nearly(good))
    @a_few
    def posted(body: bytes) -> None:
        answer = held_to_the_description(ANSWERS.Case(body=body, media_type="application/octet-stream"))
        assert answer.status_code in {400, 403, 404, 429}

    posted()

    assert SealedStore(WAVE).bodies() == []
    assert Wave.objects.get(pk=WAVE).state == WaveState.OPEN


def test_a_good_one_is_taken_once(opened: Residents, device: Device) -> None:
    good = device(opened["emergency"][0]).body(WAVE, FINE)

    first, again = (
        held_to_the_description(ANSWERS.Case(body=good, media_type="application/octet-stream")) for _ in range(2)
    )

    assert (first.status_code, first.json()) == (200, {"revision": 1})
    assert again.status_code in {200, 409}
    assert SealedStore(WAVE).bodies() == [good]


def test_an_answer_that_the_description_does_not_know_is_noticed() -> None:
    def elsewhere(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("418 I'm a teapot", [("Content-Type", "application/json")])
        return [b'{"error": "tea"}']

    case = ANSWERS.Case(body=b"", media_type="application/octet-stream")

    with pytest.raises(schemathesis.core.failures.FailureGroup, match="Undocumented status code"):
        case.validate_response(case.call(app=elsewhere), checks=CHECKS.get_by_names(["status_code_conformance"]))


def nearly(good: bytes) -> st.SearchStrategy[bytes]:
    """Return posts that differ from a good one in one byte."""
    changed = st.tuples(st.integers(0, len(good) - 1), st.integers(1, 255))
    return changed.map(lambda each: good[: each[0]] + bytes([good[each[0]] ^ each[1]]) + good[each[0] + 1 :])


def _of(path: str, **parameters: Any) -> Case:
    return READ[path].Case(path_parameters=parameters)
