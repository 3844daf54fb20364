"""Exported files are accepted as they were published, and refused after any change that matters."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from callroom.core.anonymity import canonical, chain
from callroom.core.anonymity.chain import HeaderType
from callroom.core.disclosure.plan_payload import Plan
from callroom.core.disclosure.policy import DEFAULT_POLICY
from callroom.core.disclosure.rates import Rates
from callroom.core.disclosure.release import commitment, range_tenths
from callroom.core.disclosure.verification import (
    Note,
    NoteCode,
    Problem,
    VerificationError,
    WaveState,
    verify_directory,
)
from callroom.core.timetable.waves import wave_times
from tests.core.disclosure.published import CALENDAR, KEY, PLAN, REASON, Institution, unchanged
from tests.core.disclosure.strategies import SEED

SHOWN = "pulse/2026-W29"
LATER = wave_times(CALENDAR, "pulse/2026-W31").opens_at


@pytest.fixture(scope="module")
def hospital() -> Institution:
    return Institution()


@pytest.fixture(scope="module")
def written(hospital, tmp_path_factory) -> Path:
    return hospital.write(tmp_path_factory.mktemp("chain") / "export")


@pytest.fixture
def export(written, tmp_path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(written, tmp_path / "export"))


def problem(directory: Path, head: str | None = None) -> Problem:
    with pytest.raises(VerificationError) as caught:
        verify_directory(directory, head)
    return caught.value.problem


# Accepted


def test_what_was_published_is_accepted(hospital, export):
    report = verify_directory(export, hospital.head)

    assert report.institution == "San Rafael"
    assert report.fingerprint == chain.sha256_hex(KEY.public_key().public_bytes_raw())
    assert (report.headers, report.head, report.head_checked) == (len(hospital.lines), hospital.head, True)
    assert {wave.wave: wave.state for wave in report.waves} == {
        "pulse/2026-W27": WaveState.PUBLISHED,
        "pulse/2026-W28": WaveState.PUBLISHED,
        "pulse-2/2026-W28": WaveState.PUBLISHED,
        "pulse/2026-W29": WaveState.PUBLISHED,
        "pulse/2026-W30": WaveState.VOID,
        "pulse/2026-W31": WaveState.ANNOUNCED,
    }
    assert report.figures == 12
    assert report.notes == (Note(NoteCode.DEMO, "pulse/2026-W27"),)


def test_without_a_head_the_end_was_not_checked(export):
    assert Note(NoteCode.END_NOT_CHECKED) in verify_directory(export).notes


def test_a_chain_that_went_on_still_passes_through_an_earlier_head(hospital, export):
    assert verify_directory(export, chain.head_of(hospital.lines[5])).head_checked


def test_an_empty_chain_is_a_beginning(export):
    (export / "headers.jsonl").write_bytes(b"")
    shutil.rmtree(export / "payloads")

    assert verify_directory(export).headers == 0


def test_what_is_not_finished_is_said(hospital, export):
    """Cut after the closing of W28: neither burned nor published yet."""
    cut = next(place for place, line in enumerate(hospital.lines) if HeaderType.BURN in line.decode())
    hospital.write_lines(export, hospital.lines[:cut])

    notes = verify_directory(export).notes

    assert Note(NoteCode.NOT_BURNED, "pulse/2026-W28") in notes
    assert Note(NoteCode.NOT_PUBLISHED, "pulse/2026-W28") in notes
    assert any(note.code is NoteCode.STRAY_FILE for note in notes)


def test_a_leaf_of_the_plan_that_was_not_asked_is_named(tmp_path):
    def without_trauma(kind, wave, payload):
        if wave == SHOWN and kind in {"key-sheet", "wave-sheet", "release"}:
            payload["groups" if kind == "key-sheet" else "leaves"].pop()
        if kind == "release":  # two leaves are left on every Sunday
            for name in ("issued", "replaced", "redeemed"):
                payload.pop(name, None)

    report = verify_directory(Institution(without_trauma).write(tmp_path / "export"))

    assert Note(NoteCode.LEAF_NOT_ASKED, f"{SHOWN} trauma") in report.notes


# Refused: changed files


def test_one_changed_digit_in_a_release_is_refused(export):
    release = next(path for path in (export / "payloads").iterdir() if b"mean_tenths" in path.read_bytes())
    data = release.read_bytes()
    place = data.index(b'"mean_tenths":') + len(b'"mean_tenths":')
    digit = b"1" if data[place : place + 1] != b"1" else b"2"
    release.write_bytes(data[:place] + digit + data[place + 1 :])

    with pytest.raises(VerificationError) as caught:
        verify_directory(export)

    assert caught.value.problem is Problem.PAYLOAD
    assert caught.value.file == f"payloads/{release.name}"
    assert caught.value.seq is not None


def test_one_changed_digit_in_a_header_is_refused(hospital, export):
    line = hospital.lines[3]
    at = str(chain.parse_line(line).at).encode()
    later = str(chain.parse_line(line).at + 1).encode()
    hospital.write_lines(export, [*hospital.lines[:3], line.replace(at, later), *hospital.lines[4:]])

    assert problem(export) is Problem.CHAIN


@pytest.mark.parametrize("place", [0, 4, -2])
def test_a_removed_header_is_refused(hospital, export, place):
    lines = list(hospital.lines)
    del lines[place]
    hospital.write_lines(export, lines)

    assert problem(export) is Problem.CHAIN


def test_a_swapped_order_is_refused(hospital, export):
    lines = list(hospital.lines)
    lines[4], lines[5] = lines[5], lines[4]
    hospital.write_lines(export, lines)

    assert problem(export) is Problem.CHAIN


def test_a_wrong_key_is_refused(hospital, tmp_path):
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))

    assert problem(hospital.write(tmp_path / "export", key=other)) is Problem.CHAIN


def test_a_cut_end_is_seen_only_with_the_head(hospital, export):
    hospital.write_lines(export, hospital.lines[:-1])

    assert not verify_directory(export).head_checked
    assert problem(export, hospital.head) is Problem.HEAD


def test_a_line_that_is_no_header_is_refused(hospital, export):
    hospital.write_lines(export, [*hospital.lines[:3], b"{}", *hospital.lines[4:]])

    assert problem(export) is Problem.CHAIN


@settings(max_examples=60, deadline=None)
@given(chance=st.randoms(use_true_random=False))
def test_any_changed_byte_is_refused(written, tmp_path_factory, chance):
    """In headers and payloads; of institution.json only the key is proved, not the name."""
    files = sorted(path for path in written.rglob("*") if path.is_file() and path.name != "institution.json")
    file = chance.choice(files)
    data = bytearray(file.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    export = Path(shutil.copytree(written, tmp_path_factory.mktemp("changed") / "export"))
    (export / file.relative_to(written)).write_bytes(data)

    with pytest.raises(VerificationError):
        verify_directory(export)


def test_a_cut_last_line_is_refused(export):
    headers = export / "headers.jsonl"
    headers.write_bytes(headers.read_bytes()[:-1])

    assert problem(export) is Problem.UNREADABLE


def test_a_missing_payload_is_refused(hospital, export):
    (export / "payloads" / f"{chain.parse_line(hospital.lines[2]).payload_sha256}.json").unlink()

    assert problem(export) is Problem.PAYLOAD


@pytest.mark.parametrize("file", ["institution.json", "headers.jsonl"])
def test_a_missing_file_is_refused(export, file):
    (export / file).unlink()

    assert problem(export) is Problem.UNREADABLE


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"name": "x", "public_key": "AAAA"}', '{"name": "x", "public_key": 1}']
)
def test_an_institution_without_a_key_is_refused(export, content):
    (export / "institution.json").write_text(content)

    assert problem(export) is Problem.UNREADABLE


def test_a_payload_that_is_not_canonical_is_refused(tmp_path):
    institution = Institution()
    institution.add(HeaderType.BURN, b'{"wave": "pulse/2026-W28"}', LATER)

    assert problem(institution.write(tmp_path / "export")) is Problem.PAYLOAD


# Refused: signed by the institution itself, but against the rules


def altered(tmp_path: Path, change) -> Problem:
    return problem(Institution(change).write(tmp_path / "export"))


def on(kind: str, wave: str, change):
    """Return a change of one payload."""

    def changed(found_kind, found_wave, payload):
        if (found_kind, found_wave) == (kind, wave):
            change(payload)

    return changed


def leaf(body):
    return body["leaves"][0]


def figure(body, item="workload"):
    return leaf(body)["items"][item]


RELEASES = {
    "another mean": lambda body: figure(body).update(mean_tenths=figure(body)["mean_tenths"] + 1),
    "another range": lambda body: figure(body)["range_tenths"].reverse(),
    "a mean beyond the clip": lambda body: figure(body).update(
        mean_tenths=3, range_tenths=list(range_tenths(3, 24, DEFAULT_POLICY))
    ),
    "an exact band": lambda body: leaf(body).update(n=[25, 25]),
    "a higher band": lambda body: leaf(body).update(n=[16, 23]),
    "an open band as a closed one": lambda body: leaf(body).update(n=[24, 30]),
    "no band": lambda body: leaf(body).pop("n"),
    "few and shown": lambda body: leaf(body).update(state="too few"),
    "another state": lambda body: leaf(body).update(state="lost"),
    "another size": lambda body: leaf(body).update(eligible=31),
    "other units": lambda body: leaf(body).update(units=["surgery", "toxicology"]),
    "another name": lambda body: leaf(body).update(label={"en": "x", "es": "y"}),
    "an item less": lambda body: leaf(body)["items"].pop("voice"),
    "an item more": lambda body: leaf(body)["items"].update(sleep=figure(body)),
    "a core item too few": lambda body: leaf(body)["items"].update(voice={"state": "too few"}),
    "a figure and more": lambda body: figure(body).update(count=25),
    "a leaf less": lambda body: body["leaves"].pop(),
    "a leaf twice": lambda body: body["leaves"].append(leaf(body)),
    "an exact count": lambda body: body.update(redeemed=41),
    "more redeemed than issued": lambda body: body.update(redeemed=80),
    "counts per series": lambda body: body.update(issued=50),
    "a count less": lambda body: body.pop("replaced"),
    "no counts of three leaves": lambda body: [body.pop(name) for name in ("issued", "replaced", "redeemed")],
    "no commitment": lambda body: body.pop("commitment"),
    "a short commitment": lambda body: body.update(commitment="ab" * 31),
    "a commitment that is no hex": lambda body: body.update(commitment="x" * 64),
    "another wave sheet": lambda body: body.update(wave_sheet="0" * 64),
    "another length": lambda body: body.update(weeks=2),
    "something beside it": lambda body: body.update(response_percent=83),
}


@pytest.mark.parametrize("name", RELEASES)
def test_a_release_that_breaks_a_rule_is_refused(tmp_path, name):
    assert altered(tmp_path, on("release", SHOWN, RELEASES[name])) is Problem.FIGURE


def test_counts_of_two_leaves_are_refused(tmp_path):
    change = on("release", "pulse/2026-W28", lambda body: body.update(issued=45, replaced=0, redeemed=40))

    assert altered(tmp_path, change) is Problem.FIGURE


def test_a_commitment_that_was_published_before_hides_nothing(tmp_path):
    again = on("release", SHOWN, lambda body: body.update(commitment=commitment(SEED, "pulse/2026-W28")))

    assert altered(tmp_path, again) is Problem.KEY


def test_a_figure_from_a_wider_band_is_accepted_for_the_rotating_item(tmp_path):
    """The rotating item has its own n: 9 answers in a leaf of 24 and more have the range of the lowest band."""

    def fewer(body):
        figure(body, "learning-time").update(mean_tenths=50, range_tenths=[30, 70])

    institution = Institution(on("release", SHOWN, fewer))

    assert verify_directory(institution.write(tmp_path / "export")).figures == 12


def test_a_release_need_not_repeat_a_leafs_name(tmp_path):
    institution = Institution(on("release", SHOWN, lambda body: leaf(body).pop("label")))

    assert verify_directory(institution.write(tmp_path / "export")).figures == 12


def test_an_invented_wave_under_an_unknown_key_sheet_is_refused(tmp_path):
    def another(kind, wave, payload):
        if kind == "wave-sheet" and wave == "pulse/2026-W27":
            payload["key_sheet"] = "0" * 64

    made = Institution(demo_history=False, real=False)
    made.change = another
    made.announce = lambda wave, *, demo: "0" * 64  # type: ignore[method-assign]
    made.open("pulse/2026-W27", demo=True)

    assert altered(tmp_path / "one", another) is Problem.SHEET
    assert problem(made.write(tmp_path / "two")) is Problem.DEMO


def test_a_demo_mark_on_a_real_release_is_refused(tmp_path):
    assert altered(tmp_path, on("release", SHOWN, lambda body: body.update(demo=True))) is Problem.DEMO


def test_an_invented_release_without_its_mark_is_refused(tmp_path):
    assert altered(tmp_path, on("release", "pulse/2026-W27", lambda body: body.pop("demo"))) is Problem.DEMO


def test_an_invented_sheet_with_keys_is_refused(tmp_path):
    assert altered(tmp_path, on("key-sheet", SHOWN, lambda sheet: sheet.update(demo=True))) is Problem.DEMO


def test_a_real_key_sheet_for_an_invented_wave_is_refused(tmp_path):
    assert altered(tmp_path, on("wave-sheet", SHOWN, lambda sheet: sheet.update(demo=True))) is Problem.DEMO


def test_a_closing_of_another_release_is_refused(tmp_path):
    change = on("closing", SHOWN, lambda closing: closing.update(release_sha256="0" * 64))

    assert altered(tmp_path, change) is Problem.RELEASE


@pytest.mark.parametrize("kind", ["closing", "wave-sheet"])
def test_what_was_signed_at_the_wrong_time_is_refused(tmp_path, kind):
    wrong = {"closing": 1_784_000_000, "wave-sheet": 1_800_000_000}[kind]

    assert altered(tmp_path, on(kind, SHOWN, lambda payload: payload.update(at=wrong))) is Problem.TIME


def test_a_window_of_other_hours_is_refused(tmp_path):
    change = on("wave-sheet", SHOWN, lambda sheet: sheet.update(closes_at=sheet["closes_at"] + 3 * 3600))

    assert altered(tmp_path, change) is Problem.TIME


PLANS = {
    "apart": lambda plan: plan.update(
        leaves=[
            {"leaf": "critical-care", "units": ["critical-care"], "weeks": 4},
            {"leaf": "surgery", "units": ["surgery"], "weeks": 1},
            {"leaf": "toxicology", "units": ["toxicology"], "weeks": 4},
            {"leaf": "trauma", "units": ["trauma"], "weeks": 1},
        ]
    ),
    "longer": lambda plan: plan["leaves"][0].update(weeks=4),
    "other people": lambda plan: next(unit for unit in plan["units"] if unit["id"] == "toxicology").update(eligible=20),
    "other rates": lambda plan: plan["rates"].update(toxicology={"1": [1, 1]}, surgery={"1": [1, 2]}),
    "another year": lambda plan: plan.update(academic_year="2025-07-01"),
    "no tree": lambda plan: plan["units"][0].update(eligible=400, kind="programme", parent="surgery"),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_that_does_not_follow_is_refused(tmp_path, name):
    assert altered(tmp_path, on("wave-sheet", SHOWN, lambda sheet: PLANS[name](sheet["plan"]))) is Problem.PLAN


def quarter(tmp_path: Path, change=unchanged) -> Path:
    """Publish twelve weeks in which Trauma has too few answers each time, and open the thirteenth."""
    hospital = Institution(change, demo_history=False, real=False)
    for week in range(28, 40):
        hospital.run(f"pulse/2026-W{week}", demo=True)
    hospital.open("pulse/2026-W40", demo=True)
    return hospital.write(tmp_path / "export")


def changed_leaves(sheet: dict[str, Any]) -> None:
    """Ask only Surgery every week from now on."""
    sheet["leaves"] = [leaf for leaf in sheet["leaves"] if leaf["leaf"] == "surgery"]
    sheet["plan"]["leaves"] = [leaf | {"weeks": {"trauma": 2}.get(leaf["leaf"], leaf["weeks"])} for leaf in PRINTED]
    sheet["plan"]["changes"] = [{"after": 12, "added": []}]


PRINTED = PLAN.to_payload()["leaves"]


def test_a_plan_that_had_to_change_is_refused_unless_it_did(tmp_path):
    verify_directory(quarter(tmp_path / "changed", on("wave-sheet", "pulse/2026-W40", changed_leaves)))

    assert problem(quarter(tmp_path / "same")) is Problem.PLAN


@pytest.mark.parametrize(
    "spoil",
    [
        lambda plan: plan["changes"].append({"after": 24, "added": []}),
        lambda plan: plan.update(changes=[{"after": 24, "added": []}]),
        lambda plan: plan["leaves"][-1].update(weeks=4),
        lambda plan: plan["changes"][0].update(
            added=[{"id": "sports", "parent": "medicine", "kind": "programme", "eligible": 4}]
        ),
    ],
)
def test_a_change_that_does_not_follow_is_refused(tmp_path, spoil):
    def change(sheet: dict[str, Any]) -> None:
        changed_leaves(sheet)
        spoil(sheet["plan"])

    assert problem(quarter(tmp_path, on("wave-sheet", "pulse/2026-W40", change))) is Problem.PLAN


def test_a_plan_does_not_change_a_week_early(tmp_path):
    assert problem(quarter(tmp_path, on("wave-sheet", "pulse/2026-W39", changed_leaves))) is Problem.PLAN


RATES = {"surgery": {"1": [4, 5]}, "trauma": {"1": [6, 25]}}


@pytest.mark.parametrize("rates", [{}, RATES, RATES | {"trauma": {"1": [1, 2]}}, {"surgery": {"1": [4, 5]}}])
def test_a_new_year_is_planned_from_the_published_bands_of_the_last(tmp_path, rates):
    def change(sheet: dict[str, Any]) -> None:
        plan = Plan.of(PLAN.academic_year, PLAN.units, {unit: Rates.from_payload(rates[unit]) for unit in rates})
        sheet["plan"] = plan.to_payload()
        weekly = {leaf.id for leaf in plan.leaves_of(1)}
        sheet["leaves"] = [leaf for leaf in sheet["leaves"] if leaf["leaf"] in weekly]

    hospital = Institution(on("wave-sheet", "pulse/2026-W28", change), demo_history=False, real=False)
    hospital.run("pulse/2026-W25", demo=True)
    hospital.open("pulse/2026-W28", demo=True)
    directory = hospital.write(tmp_path / "export")

    if rates == RATES:
        verify_directory(directory)
    else:
        assert problem(directory) is Problem.PLAN


SHEETS = {
    "another key sheet": lambda sheet: sheet.update(key_sheet="0" * 64),
    "a leaf of another group": lambda sheet: sheet["leaves"][0].update(group=3),
    "a field more": lambda sheet: sheet.update(note="x"),
}


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_that_must_not_be_used_is_refused(tmp_path, name):
    assert altered(tmp_path, on("wave-sheet", SHOWN, SHEETS[name])) is Problem.SHEET


@pytest.mark.parametrize("change", [{"minimum": 5}, {"noise_scale_percent": 40}, {"version": 2}])
def test_a_policy_of_ones_own_is_refused(tmp_path, change):
    own = {**DEFAULT_POLICY.to_payload(), **change}

    assert altered(tmp_path, on("wave-sheet", SHOWN, lambda sheet: sheet.update(policy=own))) is Problem.POLICY


def test_a_group_key_that_serves_twice_is_refused(tmp_path):
    keys: list[str] = []

    def same_key(kind, wave, payload):
        if kind == "key-sheet" and payload["groups"]:
            keys.append(payload["groups"][0]["public_key"])
            payload["groups"][0]["public_key"] = keys[0]

    assert altered(tmp_path, same_key) is Problem.KEY


def test_a_sealing_key_that_serves_twice_is_refused(tmp_path):
    def same_key(kind, wave, payload):
        if kind == "wave-sheet":
            payload["hpke_public_key"] = "A" * 43 + "="

    assert altered(tmp_path, same_key) is Problem.KEY


# Refused: the order of headers


ORDERS = {
    "a second wave sheet": lambda made: made.open("pulse/2026-W28"),
    "a closing of an unknown wave": lambda made: _sign(made, "closing", wave="pulse/2026-W40", release_sha256="0" * 64),
    "a closing before the wave sheet": lambda made: _sign(
        made, "closing", wave="pulse/2026-W31", release_sha256="0" * 64
    ),
    "a second closing": lambda made: _sign(made, "closing", wave=SHOWN, release_sha256="0" * 64),
    "a second burn": lambda made: _sign(made, "burn", wave=SHOWN),
    "a burn of an announced wave": lambda made: _sign(made, "burn", wave="pulse/2026-W31"),
    "a second release": lambda made: made.publish(SHOWN),
    "a tallied wave voided": lambda made: _sign(made, "void", wave=SHOWN, reason=REASON),
    "an open wave superseded": lambda made: _sign(made, "supersede", wave=SHOWN, key_sheet="0" * 64, reason=REASON),
    "a release of nothing": lambda made: made.add(HeaderType.RELEASE, b"[]", LATER),
}


def _sign(made: Institution, kind: str, **payload) -> None:
    made.add(HeaderType(kind), canonical.encode(payload), LATER)


@pytest.mark.parametrize("name", ORDERS)
def test_headers_in_an_order_that_cannot_be_are_refused(tmp_path, name):
    institution = Institution()
    ORDERS[name](institution)

    assert problem(institution.write(tmp_path / "export")) is Problem.ORDER


def test_another_key_sheet_than_the_announced_one_cannot_be_superseded(tmp_path):
    institution = Institution()
    _sign(institution, "supersede", wave="pulse/2026-W31", key_sheet="0" * 64, reason=REASON)

    assert problem(institution.write(tmp_path / "export")) is Problem.SHEET


def test_a_void_gives_its_reason(tmp_path):
    change = on("void", "pulse/2026-W30", lambda void: void.update(reason={"en": " ", "es": "x"}))

    assert altered(tmp_path, change) is Problem.SHEET


def test_one_invented_key_sheet_may_stand_for_a_whole_history(tmp_path):
    made = Institution(demo_history=False, real=False)
    shared = made.announce("pulse/2026-W24", demo=True)
    made.announce = lambda wave, *, demo: shared  # type: ignore[method-assign]
    for wave in ("pulse/2026-W24", "pulse/2026-W25"):
        made.run(wave, demo=True)

    report = verify_directory(made.write(tmp_path / "export"))

    assert [wave.state for wave in report.waves] == [WaveState.PUBLISHED] * 2


def test_a_rotated_key_is_followed(tmp_path):
    institution = Institution()
    new_key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    institution.add(HeaderType.KEY_ROTATION, chain.rotation_payload(new_key, KEY.public_key()), LATER)
    export = institution.write(tmp_path / "export")

    assert verify_directory(export).headers == len(institution.lines)


def test_errors_name_file_and_header(export):
    (export / "institution.json").write_text(json.dumps({}))

    with pytest.raises(VerificationError, match=r"^institution\.json: a file is missing"):
        verify_directory(export)
