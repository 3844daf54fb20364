"""An institution of any size with an open wave, and answers to it that are ready to be posted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA384

from callroom.core.anonymity import posts, sealing, tokens
from callroom.people import actions as people
from callroom.people.models import Institution, Membership, Person
from callroom.people.states import UnitKind
from callroom.pulse import planning, queries
from callroom.pulse.actions import plans, waves
from callroom.pulse.models import Wave
from callroom.pulse.stores.wave_keys import WaveKeys
from callroom.site import preparation
from callroom.site.cli import prepare_folders

MONDAY = date(2026, 11, 16)
SINCE = date(2024, 1, 1)
BEFORE = datetime(2026, 11, 15, 12, tzinfo=UTC)
DURING = datetime(2026, 11, 18, 12, tzinfo=UTC)
CLOSED = datetime(2026, 11, 22, 20, 0, 1, tzinfo=UTC)
PSS = padding.PSS(mgf=padding.MGF1(SHA384()), salt_length=48)


@dataclass(frozen=True)
class Opened:
    """A wave that takes answers now."""

    institution: Institution
    wave: Wave


def prepare() -> None:
    """Make folders, databases and static files, as the first ``callroom serve`` does."""
    prepare_folders()
    preparation.prepare(now=BEFORE)


def institution_with(programmes: int, residents: int, departments: int = 1) -> Institution:
    """Found an institution with so many programmes of so many residents each, spread over departments."""
    institution = people.found_institution(
        name="Bench", short_name="Bench", time_zone="UTC", languages=["en", "es"], root="bench", now=BEFORE
    )
    for number in range(departments):
        place = f"d{number:02}"
        people.place_unit(institution=institution, unit=place, name_en=f"Department {number}", kind=UnitKind.DEPARTMENT)
    for number in range(programmes):
        unit, parent = f"p{number:03}", f"d{number % departments:02}"
        name = f"Programme {number}"
        people.place_unit(institution=institution, unit=unit, name_en=name, kind=UnitKind.PROGRAMME, parent=parent)
        persons = Person.objects.bulk_create(
            Person(
                institution=institution,
                external_id=f"{unit}-{each}",
                email=f"{unit}-{each}@bench.example",
                name=f"Resident {unit} {each}",
                password="!",
            )
            for each in range(residents)
        )
        Membership.objects.bulk_create(
            Membership(institution=institution, person=person, unit_id=unit, from_on=SINCE) for person in persons
        )
    return institution


def opened_wave(institution: Institution) -> Opened:
    """Plan, announce and open this week's weekly wave."""
    calendar = planning.calendar_of(institution)
    year = calendar.academic_year_of(MONDAY)
    plan = plans.make_plan(institution=institution, academic_year=year, now=BEFORE)
    times = next(each for each in calendar.waves_of_year(year, "pulse") if each.monday == MONDAY)
    wave = waves.announce(institution=institution, plan=plan, times=times, now=BEFORE)
    assert wave is not None
    waves.open_wave(wave, now=times.opens_at + timedelta(seconds=1))
    wave.refresh_from_db()
    return Opened(institution, wave)


def group_keys(opened: Opened) -> list[RSAPrivateKey]:
    """Return the signing keys of the wave's groups, by index."""
    keys = WaveKeys(opened.wave.id)
    return [keys.group_key(group.index) for group in queries.key_sheet_of(opened.wave).groups]


def public_keys(opened: Opened) -> list[RSAPublicKey]:
    """Return the public keys of the wave's groups, by index."""
    return [key.public_key() for key in group_keys(opened)]


def group_of(opened: Opened, person: Person) -> int:
    """Return the index of the group in which this person counts."""
    offered = queries.waves_offered_to(person.pk, now=DURING)
    return next(each.group for each in offered if each.wave == opened.wave.id)


def bodies(opened: Opened, count: int) -> Iterator[bytes]:
    """
    Yield answers with different tokens, spread over the groups.

    Tokens are signed with the group's key at once: the same bytes as after blinding, without its cost.
    """
    sheet = queries.wave_sheet_of(opened.wave)
    keys = group_keys(opened)
    for number in range(count):
        group = number % len(keys)
        one_time_key = ec.generate_private_key(ec.SECP256R1())
        message = tokens.token_message(posts.point_of(one_time_key.public_key()))
        prefix = os.urandom(32)
        given = {item.id: (number * 7 + position) % item.options for position, item in enumerate(sheet.items)}
        info = sealing.answer_info(opened.institution.id.bytes, opened.wave.id, group, message, 1)
        yield posts.pack(
            wave_id=opened.wave.id,
            group=group,
            prefix=prefix,
            one_time_key=one_time_key,
            token_signature=keys[group].sign(prefix + message, PSS, SHA384()),
            revision=1,
            sealed=sealing.seal(sheet.hpke_public_key, sealing.encode_answers(given, sheet.items), info),
        )
