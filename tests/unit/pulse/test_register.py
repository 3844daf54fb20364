"""The issue register as a file: what survives, what it refuses, what it never grows by."""

from __future__ import annotations

import time
from pathlib import Path
from uuid import UUID

import pytest

from callroom.pulse.stores.register import (
    HEADER,
    SLOT,
    SPARE_SLOTS,
    AlreadyFetched,
    Fetched,
    NotInRegister,
    NotReplaceable,
    Register,
    RegisterShut,
)

ANA, BRUNO, CARMEN = (UUID(int=number) for number in (1, 2, 3))


@pytest.fixture
def register(tmp_path: Path) -> Register:
    """Return a register with Ana and Bruno, in groups 0 and 1."""
    register = Register(tmp_path / "register", "pulse/2026-W47")
    register.create({ANA: 0, BRUNO: 1})
    return register


def test_every_slot_has_its_place_before_the_first_token(register: Register) -> None:
    assert register.file.stat().st_size == HEADER.size + (2 + SPARE_SLOTS) * SLOT.size
    assert [slot.fetched for slot in register.slots()] == [Fetched.NO, Fetched.NO]


def test_making_it_again_changes_nothing(register: Register) -> None:
    register.issue(ANA, b"blinded", may_replace=True)
    register.create({CARMEN: 0})

    assert register.fetchers() == [ANA]


def test_who_is_not_in_it_is_refused(register: Register) -> None:
    with pytest.raises(NotInRegister):
        register.issue(CARMEN, b"blinded", may_replace=True)
    with pytest.raises(NotInRegister):
        register.issue(UUID(int=0), b"blinded", may_replace=True)  # a free slot belongs to nobody


def test_fetching_again_replacing_and_no_more(register: Register) -> None:
    assert register.issue(BRUNO, b"one", may_replace=True) == 1
    assert register.issue(BRUNO, b"one", may_replace=False) == 1
    with pytest.raises(AlreadyFetched):
        register.issue(BRUNO, b"two", may_replace=False)
    register.issue(BRUNO, b"two", may_replace=True)
    with pytest.raises(AlreadyFetched):
        register.issue(BRUNO, b"three", may_replace=True)
    assert register.counts().issued == {0: 0, 1: 1}
    assert register.counts().replaced == {0: 0, 1: 1}


def test_newcomers_get_spare_slots_at_random_until_it_is_opened(register: Register) -> None:
    places = set()
    for number in range(8):
        register.enrol({UUID(int=100 + number): 0})
    for slot in register.slots():
        places.add(slot.person)
    assert len(places) == 10

    register.mark_opened({ANA, BRUNO})
    register.enrol({CARMEN: 0})

    with pytest.raises(NotInRegister):
        register.group_of(CARMEN)


def test_who_is_not_asked_at_the_opening_fetches_no_token_but_an_old_one_is_signed_again(register: Register) -> None:
    register.issue(ANA, b"ahead", may_replace=True)
    register.mark_opened(set())

    assert register.issue(ANA, b"ahead", may_replace=False) == 0
    with pytest.raises(NotInRegister):
        register.issue(BRUNO, b"late", may_replace=False)


def test_once_shut_it_issues_nothing_and_still_counts(register: Register) -> None:
    register.issue(ANA, b"one", may_replace=True)
    register.shut()

    with pytest.raises(RegisterShut):
        register.issue(ANA, b"one", may_replace=True)
    with pytest.raises(RegisterShut):
        register.group_of(BRUNO)
    assert register.fetchers() == [ANA]


@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"CALLREG1" + b"\0" * 56])
def test_a_burned_or_foreign_file_is_shut(register: Register, content: bytes) -> None:
    register.file.write_bytes(content)

    with pytest.raises(RegisterShut):
        register.issue(ANA, b"one", may_replace=True)


def test_a_missing_file_is_shut_and_is_not_made(register: Register) -> None:
    register.file.unlink()

    with pytest.raises(RegisterShut):
        register.slots()
    assert not register.file.exists()


def test_the_register_of_another_wave_is_refused(register: Register) -> None:
    with pytest.raises(RegisterShut):
        Register(register.file, "pulse/2026-W48").slots()


def test_touching_moves_the_time_of_change_and_nothing_else(register: Register) -> None:
    register.issue(ANA, b"blinded", may_replace=True)
    before, content = register.file.stat(), register.file.read_bytes()
    time.sleep(0.02)

    register.touch()

    after = register.file.stat()
    assert after.st_ctime_ns > before.st_ctime_ns
    assert (after.st_mtime_ns, after.st_atime_ns) == (0, 0)
    assert register.file.read_bytes() == content


def test_a_register_that_is_gone_is_not_touched(tmp_path: Path) -> None:
    Register(tmp_path / "register", "pulse/2026-W47").touch()

    assert not (tmp_path / "register").exists()


def test_in_an_open_wave_a_token_is_replaced_once_and_only_after_asking_and_approval(register: Register) -> None:
    register.issue(ANA, b"one", may_replace=False)
    with pytest.raises(NotReplaceable):
        register.ask_for_replacement(ANA)  # before the opening nobody needs to approve anything
    register.mark_opened({ANA, BRUNO})
    for refused in (register.approve_replacement, register.ask_for_replacement):
        with pytest.raises(NotReplaceable):
            refused(BRUNO)  # he has fetched none
        with pytest.raises(NotInRegister):
            refused(CARMEN)
    with pytest.raises(NotReplaceable):
        register.approve_replacement(ANA)  # she has not asked

    register.ask_for_replacement(ANA)
    assert (register.replacement_of(ANA), register.asking()) == ("asked", [ANA])
    with pytest.raises(AlreadyFetched):
        register.issue(ANA, b"two", may_replace=True)
    for _twice in range(2):
        register.approve_replacement(ANA)
    assert (register.replacement_of(ANA), register.asking()) == ("approved", [])
    with pytest.raises(AlreadyFetched):
        register.issue(ANA, b"two", may_replace=False)
    register.issue(ANA, b"two", may_replace=True)

    register.issue(ANA, b"two", may_replace=False)  # a lost reply
    assert register.counts().replaced == {0: 1, 1: 0}
    assert register.replacement_of(ANA) == ""
    with pytest.raises(NotReplaceable):
        register.ask_for_replacement(ANA)
    with pytest.raises(AlreadyFetched):
        register.issue(ANA, b"three", may_replace=True)


def test_asking_again_does_not_undo_an_approval(register: Register) -> None:
    register.issue(ANA, b"one", may_replace=False)
    register.mark_opened({ANA, BRUNO})
    register.ask_for_replacement(ANA)
    register.approve_replacement(ANA)

    register.ask_for_replacement(ANA)

    assert register.replacement_of(ANA) == "approved"


def test_asking_and_approving_leave_no_time_and_no_size(register: Register) -> None:
    register.issue(ANA, b"one", may_replace=False)
    register.mark_opened({ANA, BRUNO})
    before = register.file.stat().st_size

    register.ask_for_replacement(ANA)
    register.approve_replacement(ANA)

    after = register.file.stat()
    assert (after.st_size, after.st_atime_ns, after.st_mtime_ns) == (before, 0, 0)


def test_nothing_is_asked_for_once_the_wave_is_over(register: Register) -> None:
    register.issue(ANA, b"one", may_replace=False)
    register.mark_opened({ANA, BRUNO})
    register.shut()

    for refused in (register.ask_for_replacement, register.approve_replacement):
        with pytest.raises(RegisterShut):
            refused(ANA)
