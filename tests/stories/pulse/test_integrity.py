"""Somebody writes into the stores, or makes answers: what the tally and ``release verify`` find, and what nobody can find.

What is refused at the door (replay, forged tokens, other sheets) is in ``test_answers``, ``test_tokens`` and the journeys of
the check-in; docs/explanation/integrity.md lists all of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.world.waves import FINE, PUBLISHED, SUNDAY, WAVE, headers, leaf_of

from callroom.audit.models import AuditRow
from callroom.core.anonymity import posts, tokens
from callroom.core.disclosure.verification import VerificationError, verify_directory
from callroom.people.models import Institution, Person
from callroom.pulse import exports, jobs, queries
from callroom.pulse.actions import closing
from callroom.pulse.models import ChainHeader, ChainPayload, Issued, SealedAnswer, Wave
from callroom.pulse.simulation import SimulatedResident, Token, seal_answer
from callroom.pulse.states import WaveState
from callroom.pulse.stores.sealed import SealedStore
from callroom.pulse.stores.wave_keys import WaveKeys

pytestmark = pytest.mark.django_db(databases=["default", "issuing", "sealed"])

Residents = dict[str, list[Person]]
Device = Callable[[Person], SimulatedResident]


@pytest.fixture
def answered(opened: Residents, device: Device) -> Residents:
    """Let nine people of Emergency answer."""
    for person in opened["emergency"][:9]:
        device(person).answer(WAVE, FINE)
    return opened


def count() -> closing.Tally:
    return closing.count(Wave.objects.get(pk=WAVE))


def written_by_hand(*rows: tuple[bytes, int, bytes]) -> None:
    """Write rows into the sealed store as somebody with the database's password can."""
    store = SealedStore(WAVE)
    with store.connected():
        for message, revision, body in rows:
            SealedAnswer.objects.using(store.alias).update_or_create(
                message=message, defaults={"revision": revision, "body": body}
            )


def odd_in_the_trail() -> dict[str, int]:
    details = AuditRow.objects.get(tag="wave-tallied", about=WAVE).details
    return {name: details[name] for name in ("forged", "overfull", "unreadable")}


def made_by_the_host(device: SimulatedResident, group: int) -> bytes:
    """Return an answer with a token that nobody fetched: signed by whoever holds the group's key."""
    public_key = WaveKeys(WAVE).group_key(group).public_key()
    own = SimulatedResident(device.institution, device.cookie, device.reader)
    begun = own.begin(WAVE, public_key)
    signed = tokens.blind_sign(WaveKeys(WAVE).group_key(group), begun.blinded)
    signature = tokens.finalize(public_key, begun.prepared, signed, begun.inverse)
    token = Token(group, begun.one_time_key, begun.prepared[: -tokens.MESSAGE_LENGTH], signature)
    sheet = queries.wave_sheet_of(Wave.objects.get(pk=WAVE))
    return seal_answer(device.institution, sheet, token, FINE)


def test_a_good_answer_copied_under_another_key_counts_once(answered: Residents) -> None:
    body = SealedStore(WAVE).bodies()[0]
    written_by_hand((b"x" * 32, 1, body), (b"y" * 32, 1, body))

    tally = count()
    jobs.tick(SUNDAY)

    assert (tally.forged, tally.counts.redeemed) == (2, 9)
    assert odd_in_the_trail() == {"forged": 1, "overfull": 0, "unreadable": 0}


def test_a_row_with_another_revision_than_its_answer_counts_nowhere(answered: Residents) -> None:
    body = SealedStore(WAVE).bodies()[0]
    written_by_hand((posts.parse(body).message, 9, body))

    assert (count().forged, count().counts.redeemed) == (1, 8)


def test_more_answers_than_tokens_of_a_group_are_noticed(answered: Residents, device: Device) -> None:
    ana = device(answered["emergency"][0])
    group = ana._entry(WAVE)["group"]
    assert ana.post(made_by_the_host(ana, group)).status == 200, "whoever holds the group's key can make a good answer"

    tally = count()
    jobs.tick(SUNDAY)

    assert (tally.overfull, tally.counts.redeemed) == (True, 10)
    assert odd_in_the_trail()["overfull"] == 1


def test_stuffing_within_the_tokens_that_were_fetched_and_not_used_is_not_noticed(
    answered: Residents, device: Device
) -> None:
    """What nobody but a second operator could find; the pages say so."""
    for person in answered["emergency"][9:12]:
        device(person).fetch_token(WAVE)
    ana = device(answered["emergency"][0])
    assert ana.post(made_by_the_host(ana, ana._entry(WAVE)["group"])).status == 200

    tally = count()

    assert (tally.overfull, tally.forged, tally.counts.redeemed) == (False, 0, 10)


def test_a_deleted_answer_and_an_earlier_one_put_back_are_not_noticed(answered: Residents, device: Device) -> None:
    """The same: only whoever kept the acknowledged bytes elsewhere could tell."""
    first = SealedStore(WAVE).bodies()
    store = SealedStore(WAVE)
    with store.connected():
        SealedAnswer.objects.using(store.alias).filter(message=posts.parse(first[0]).message).delete()

    assert (count().forged, count().counts.redeemed) == (0, 8)


def test_rows_written_into_issuing_change_nothing_that_is_published(answered: Residents) -> None:
    for person in answered["emergency"][9:26]:
        Issued.objects.create(wave=WAVE, person=person.pk)

    assert count().counts.issued == 9
    jobs.tick(SUNDAY)
    assert leaf_of(WAVE, "emergency")["n"] == [8, 11]


def exported(hospital: Institution, folder: Path) -> str:
    return exports.export(hospital, folder).head or ""


def test_what_was_changed_in_default_is_refused_by_verify(
    answered: Residents, hospital: Institution, tmp_path: Path
) -> None:
    jobs.tick(SUNDAY)
    jobs.tick(PUBLISHED)
    head = exported(hospital, tmp_path / "whole")
    assert verify_directory(tmp_path / "whole", head).head == head

    release = ChainPayload.objects.get(pk=Wave.objects.get(pk=WAVE).release)
    body = json.loads(bytes(release.data))
    leaf = next(leaf for leaf in body["leaves"] if leaf["leaf"] == "emergency")
    leaf["items"]["workload"]["mean_tenths"] += 1
    release.data = json.dumps(body, separators=(",", ":"), sort_keys=True).encode()
    release.save()
    exported(hospital, tmp_path / "changed")

    with pytest.raises(VerificationError):
        verify_directory(tmp_path / "changed", head)


def test_a_bad_week_that_is_dropped_from_the_end_is_refused_with_the_head_that_people_kept(
    answered: Residents, hospital: Institution, tmp_path: Path
) -> None:
    jobs.tick(SUNDAY)
    jobs.tick(PUBLISHED)
    head = exported(hospital, tmp_path / "whole")
    last = ChainHeader.objects.order_by("-seq").first()
    assert last
    last.delete()
    exported(hospital, tmp_path / "cut")

    assert verify_directory(tmp_path / "cut").head != head, "without the head, a shorter chain looks whole"
    with pytest.raises(VerificationError):
        verify_directory(tmp_path / "cut", head)


def test_a_bad_week_whose_answers_are_made_to_vanish_stands_in_the_chain_as_void(answered: Residents) -> None:
    SealedStore(WAVE).destroy()

    jobs.tick(SUNDAY)

    assert Wave.objects.get(pk=WAVE).state == WaveState.VOIDED
    assert headers()[-2:] == [("void", WAVE), ("burn", WAVE)]
