"""A past: published waves with chosen figures, as the closing leaves them behind, without keys and answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from callroom.core.anonymity import canonical
from callroom.core.anonymity.canonical import Encodable
from callroom.core.anonymity.chain import sha256_hex
from callroom.core.anonymity.sheets import SheetItem, SheetLeaf, WaveSheet
from callroom.core.disclosure import plan_payload
from callroom.core.disclosure.policy import DEFAULT_POLICY
from callroom.core.instruments import weekly
from callroom.core.timetable.waves import WEEKS_SERIES, WaveTimes, rotating_item
from callroom.people import queries as people
from callroom.people.models import Institution
from callroom.pulse.actions.plans import plan_units
from callroom.pulse.models import ChainPayload, Plan, Wave
from callroom.pulse.planning import calendar_of, label_of, leaves_of
from callroom.pulse.states import PayloadKind, WaveState

CORE = tuple(item.id for item in weekly.CORE)
BANK = tuple(item.id for item in weekly.ROTATING)
ELIGIBLE = 13

Means = Callable[[str, date], int | None]
"""What a leaf published in the week of a Monday, in tenths; None: too few."""


def plan_for(institution: Institution, academic_year: date, *, on: date) -> Plan:
    """Make the plan of an academic year from the roster of a day, as if it had been made on the year's first day."""
    contents = plan_payload.Plan.of(academic_year, plan_units(on), {})
    return Plan.objects.create(
        institution=institution, academic_year=academic_year, made_on=academic_year, payload=contents.to_payload()
    )


def publish_past(institution: Institution, plan: Plan, means: Means, *, until: datetime) -> list[Wave]:
    """Publish all waves of the plan's year whose moment is not after ``until``; return them in order of closing."""
    calendar = calendar_of(institution)
    waves = []
    for weeks in sorted({leaf.weeks for leaf in leaves_of(plan).leaves}):
        for number, times in enumerate(calendar.waves_of_year(plan.academic_year, WEEKS_SERIES[weeks])):
            if times.publishes_at <= until and not times.skipped:
                waves.append(_published(institution, plan, times, rotating_item(BANK, number), means))
    return sorted(waves, key=lambda wave: (wave.closes_at, wave.id))


def wave_in(institution: Institution, plan: Plan, times: WaveTimes, state: WaveState, rotating: str = BANK[0]) -> Wave:
    """Keep a wave in this state, without figures."""
    return Wave.objects.create(
        id=times.wave,
        institution=institution,
        plan=plan,
        weeks=times.weeks,
        rotating_item=rotating,
        state=state,
        opens_at=times.opens_at,
        closes_at=times.closes_at,
        publishes_at=times.publishes_at,
        members_salt=bytes(32),
        key_sheet="0" * 64,
    )


def _published(institution: Institution, plan: Plan, times: WaveTimes, rotating: str, means: Means) -> Wave:
    wave = wave_in(institution, plan, times, WaveState.RELEASED, rotating)
    sheet = _sheet(plan, wave)
    wave.wave_sheet = _kept(institution, PayloadKind.WAVE_SHEET, sheet.to_payload())
    leaves: list[Mapping[str, Encodable]] = [
        _leaf(leaf, sheet, means(leaf.leaf, times.last_monday)) for leaf in sheet.leaves
    ]
    body = {
        "wave": wave.id, "weeks": wave.weeks, "wave_sheet": wave.wave_sheet, "leaves": leaves, "commitment": "0" * 64,
        "issued": 230, "replaced": 5, "redeemed": 200,
    }  # fmt: skip
    wave.release = _kept(institution, PayloadKind.RELEASE, body)
    wave.burned_at = times.closes_at + timedelta(seconds=1)
    wave.save()
    return wave


def _sheet(plan: Plan, wave: Wave) -> WaveSheet:
    names = {row.id: row for row in people.units_tree()}
    leaves = leaves_of(plan).leaves_of(wave.weeks)
    return WaveSheet(
        wave=wave.id,
        weeks=wave.weeks,
        key_sheet=wave.key_sheet,
        questionnaire="pulse",
        wording=weekly.WORDING,
        items=tuple(SheetItem(item, weekly.OPTION_COUNT) for item in (*CORE, wave.rotating_item)),
        core=CORE,
        policy=DEFAULT_POLICY.to_payload(),
        hpke_public_key=bytes(32),
        leaves=tuple(
            SheetLeaf(leaf.id, number, leaf.units, label_of(leaf.units, names), ELIGIBLE)
            for number, leaf in enumerate(leaves)
        ),
        plan=plan.payload,
        opens_at=int(wave.opens_at.timestamp()),
        closes_at=int(wave.closes_at.timestamp()),
        publishes_at=int(wave.publishes_at.timestamp()),
    )


def _leaf(leaf: SheetLeaf, sheet: WaveSheet, mean: int | None) -> dict[str, Encodable]:
    known = {"leaf": leaf.leaf, "units": list(leaf.units), "label": dict(leaf.label), "eligible": leaf.eligible}
    if mean is None:
        return {**known, "state": "too few"}
    figure = {"mean_tenths": mean, "range_tenths": [max(0, mean - 20), min(100, mean + 20)]}
    return {**known, "n": [8, 11], "items": {item.id: figure for item in sheet.items}}


def _kept(institution: Institution, kind: PayloadKind, value: Mapping[str, Encodable]) -> str:
    data = canonical.encode(value)
    sha256 = sha256_hex(data)
    ChainPayload.objects.get_or_create(sha256=sha256, defaults={"institution": institution, "kind": kind, "data": data})
    return sha256
