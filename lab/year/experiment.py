"""A whole year on one store: it passes week by week, then everything is audited from receipts and published files."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from benches import world
from django.contrib.auth.hashers import make_password

from callroom.consent import actions as consent
from callroom.kit import clock
from callroom.people.models import Institution, Person
from callroom.pulse.simulation import session_cookie
from lab import doors
from lab.apart import tell_fault, tell_table
from lab.year import audit
from lab.year.accounts import PASSWORD
from lab.year.audit import Published
from lab.year.installation import Failed, Installation
from lab.year.leaders import Ended, Fate, Leaders
from lab.year.people import People
from lab.year.records import Kind, Nothing, Reason, Records, Way
from lab.year.roster import Roster
from lab.year.scale import ACADEMIC_YEAR, SIZES, ZONE, Scale
from lab.year.weeks import Year

AGREED = 0.6
MOST_QUIET_WEEKS = 4


def main(size: str, place: str) -> None:
    """Run it, and tell tables and faults."""
    scale, folder = SIZES[size], Path(place)
    world.prepare()
    year = _begin(scale, folder)
    try:
        for number in range(scale.weeks):
            began = time.monotonic()
            year.week(number)
            print(f"week {number}: {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
        number = scale.weeks
        while _is_open(year) and number < scale.weeks + MOST_QUIET_WEEKS:
            year.week(number, quiet=True)
            number += 1
        year.installation.passes(year.opening(number))
        year.installation.passes(year.publication(number))
        clocks = year.leaders.fates(year.day(), _some_resident())
        said = _verified(year)
    finally:
        if year.installation.running is not None:
            year.installation.stop()
    published = Published.read(folder / "export")
    _told(year, published, clocks, said)
    for fault in _faults(year, published, clocks):
        tell_fault(fault)


def _begin(scale: Scale, folder: Path) -> Year:
    """Found the institution with its people, publish the notice, give everybody a device; the server runs afterwards."""
    chance = random.Random(f"a year of {scale.weeks} weeks")
    records, installation, roster = Records(), Installation(folder), Roster(scale, chance)
    roster.begin()
    people = People(installation, roster, records, chance)
    leaders = Leaders(installation, scale, records, chance)
    year = Year(scale, folder, installation, roster, people, leaders, records, chance)
    clock.move_to(year.opening(0) - timedelta(hours=18))
    installation.calls(
        "roster", "institution", "--name", "Hospital of the lab", "--short-name", "Lab", "--unit", "lab",
        "--time-zone", ZONE, "--academic-year", ACADEMIC_YEAR,
    )  # fmt: skip
    installation.calls("roster", "import", str(roster.write_units(folder / "units.csv")))
    installation.calls("roster", "import", str(roster.write_people(folder / "people.csv")))
    Person.objects.update(password=make_password(PASSWORD))
    institution = Institution.objects.get()
    doors.publish_notice(institution)
    asked = Person.objects.filter(external_id__in=roster.residents).values_list("pk", flat=True)
    consent.agree_beforehand(institution, chance.sample(sorted(asked), round(AGREED * len(asked))))
    leaders.move_in()
    installation.start()
    people.move_in(roster.residents.values(), invited=False)
    leaders.commit(year.day())
    year.new_phone_weeks += [chance.randrange(1, max(2, scale.weeks - 2)) for _phone in range(scale.new_phones)]
    installation.works()
    return year


def _is_open(year: Year) -> bool:
    """Return whether something is still to be brought to its end: a round with answers, or somebody's way back."""
    if any(case.way is None for case in year.records.cases.values()):
        return True
    return bool({wave for wave, _message in year.records.receipts} & set(year.open_waves()))


def _some_resident() -> str:
    return session_cookie(Person.objects.filter(external_id__startswith="r", is_active=True).order_by("pk")[0])


def _verified(year: Year) -> list[str]:
    """Export the chain, and let ``release verify`` and ``audit verify`` say whether everything holds."""
    export = year.folder / "export"
    year.installation.calls("release", "export", str(export))
    said = []
    for words in (("release", "verify", str(export)), ("audit", "verify")):
        try:
            said += year.installation.calls(*words).splitlines()
        except Failed as failed:
            year.records.faults.append(str(failed))
    return said


def _faults(year: Year, published: Published, clocks: list[Ended]) -> Iterable[str]:
    records, scale = year.records, year.scale
    yield from records.faults
    yield from (f"the worker: {trouble}" for trouble in year.installation.trouble)
    yield from audit.lost(records, published)
    yield from audit.twice(published)
    yield from audit.locked_out(list(records.cases.values()))
    yield from audit.not_asked(records, published)
    yield from audit.without_fate(clocks)
    yield from audit.went_as_planned(records, published, scale)


def _told(year: Year, published: Published, clocks: list[Ended], said: list[str]) -> None:
    records = year.records
    tell_table(
        "The year",
        ("what", "how many"),
        [(name, f"{count:,}") for name, count in _counts(year, published)],
    )
    tell_table("What happened to the machine", ("week", "what"), records.diary)
    kinds = list(Kind)
    by_reason = Counter((case.reason, case.kind) for case in records.cases.values())
    by_way = Counter((case.way, case.kind) for case in records.cases.values())
    tell_table(
        "Wanted to answer and found no ticket: why, by kind of device",
        ("why", *kinds, "all"),
        _rows(list(Reason), kinds, by_reason),
    )
    tell_table(
        "The way back of each of them", ("way back", *kinds, "all"), _rows([*Way, None], kinds, by_way, none="NONE")
    )
    tell_table(
        "Visits that found no round to answer, which is as it should be",
        ("why", *kinds, "all"),
        _rows(list(Nothing), kinds, Counter({(why, kind): n for (kind, why), n in records.found_nothing.items()})),
    )
    fates = Counter(clock.fate for clock in clocks)
    tell_table(
        "Clocks: what became of them",
        ("fate", "clocks", "of them late", "units"),
        [_fate(fate, clocks) for fate in Fate if fates[fate]],
    )
    tell_table("What the verifier said", ("",), [(line,) for line in said if line.strip()])


def _counts(year: Year, published: Published) -> Iterable[tuple[str, int]]:
    records, roster = year.records, year.roster
    yield "weeks", year.scale.weeks
    yield "residents at the beginning", year.scale.residents
    yield "who came", roster.came
    yield "who left", roster.left
    yield "who moved to another programme", roster.moved
    yield "leaves", roster.leaves
    yield "plans of an academic year", len(published.plans)
    yield "rounds opened", len(published.sheets)
    yield "rounds published", sum(bool(bodies) for bodies in published.releases.values())
    yield "rounds void", sum(bool(said) for said in published.voids.values())
    yield "rounds withdrawn before they opened", sum(published.withdrawn.values())
    for kind in Kind:
        yield f"visits by {kind}", records.visits[kind]
        yield f"answers acknowledged by {kind}", records.answers[kind]
    yield "tickets that were used (receipts)", len(records.receipts)
    void = {wave for wave, said in published.voids.items() if said}
    yield "... of them in rounds that were announced void", sum(wave in void for wave, _message in records.receipts)
    yield from sorted(records.events.items())


def _rows(
    names: Iterable[Reason | Way | Nothing | None], kinds: list[Kind], counts: Counter[object], none: str = ""
) -> list[list[str]]:
    rows = []
    for name in names:
        row = [counts[name, kind] for kind in kinds]
        if name is not None or any(row):
            rows.append([str(name) if name else none, *map(str, row), str(sum(row))])
    totals = [sum(int(row[place]) for row in rows) for place in range(1, len(kinds) + 2)]
    return [*rows, ["all", *map(str, totals)]]


def _fate(fate: Fate, clocks: list[Ended]) -> tuple[str, str, str, str]:
    mine = [clock for clock in clocks if clock.fate is fate]
    units = Counter(clock.unit for clock in mine)
    return (
        fate,
        str(len(mine)),
        str(sum(clock.days_late > 0 for clock in mine)),
        ", ".join(f"{unit} {count}" for unit, count in sorted(units.items())),
    )
