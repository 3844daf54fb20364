"""The generated page of permissions says what the table says."""

from __future__ import annotations

from callroom.people.policy import ACTIONS_OF_ROLES, POLICY, Action, Role, reference_table


def test_every_action_has_its_row_and_every_role_its_column() -> None:
    rows = [line for line in reference_table().splitlines() if line.startswith("|")]

    assert len(rows) == len(Action) + 2
    assert all(row.count("|") == len(Role) + 2 for row in rows)


def test_what_nobody_may_is_written_out() -> None:
    row = next(line for line in reference_table().splitlines() if line.startswith(f"| {Action.SEE_WHO_ANSWERED} "))

    assert row.count("never") == len(Role)


def test_both_readings_of_the_table_agree() -> None:
    pairs = {(action, role) for action, scopes in POLICY.items() for role in scopes}

    assert pairs == {(action, role) for role, actions in ACTIONS_OF_ROLES.items() for action in actions}


def test_every_action_is_in_the_table() -> None:
    assert set(POLICY) == set(Action)
