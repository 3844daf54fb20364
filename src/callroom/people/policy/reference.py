"""docs/reference/permissions.md, drawn from the table."""

from __future__ import annotations

from callroom.people.policy.table import POLICY, TWO_PEOPLE, WITH_SECOND_FACTOR, Scope
from callroom.people.states import HELPING, Role

MARKS = {Scope.OWN: "own", Scope.UNIT: "own unit", Scope.INSTITUTION: "all"}


def reference_table() -> str:
    """Return the page: a row for each action, a column for each role."""
    lines = [
        "# Permissions",
        "",
        "Who may do what, from the one table that the code asks (`people.policy`). *own*: about oneself. *own unit*: for the",
        "unit of the role and everything below it. *all*: for the whole institution. Empty: not at all; what is not yours",
        "looks like what is not there (404). A resident holds the role by home membership in a programme; everything else",
        "is granted with a unit and dates.",
        "",
        "| action | " + " | ".join(_name(role) for role in Role) + " |",
        "|---" * (len(Role) + 1) + "|",
    ]
    for action, scopes in POLICY.items():
        if scopes:
            lines.append(f"| {action} | " + " | ".join(_cell(scopes.get(role)) for role in Role) + " |")
        else:
            lines.append(f"| {action} | " + " | ".join("never" for _ in Role) + " |")
    lines += ["", "## Never one person alone", ""]
    for action, rule in TWO_PEOPLE.items():
        until_then = " or ".join(sorted(_name(role) for role in rule.until_then))
        lines.append(
            f"- **{action}**: a {_name(rule.first)} and a {_name(rule.second)}; while nobody is {_name(rule.second)}, "
            f"a {_name(rule.first)} and another {until_then}."
        )
    guarded = ", ".join(_name(role) for role in Role if role in WITH_SECOND_FACTOR)
    lines += [
        "",
        "## A second factor",
        "",
        "Whoever holds a role that sees more than its own opens nothing here without a second factor (a passkey, or a password",
        "and a code). The table says which: a role with something about others that not every resident has. Today these are:",
        f"{guarded}.",
    ]
    helping = ", ".join(_name(role) for role in Role if role in HELPING)
    lines += [
        "",
        "## Evaluators do not help",
        "",
        f"Helping roles are: {helping}. Who evaluates a person, by an imported assignment or as a leader, deputy or",
        "executive of a unit that holds them, has none of these roles towards that person. A unit holds who counts in it, and",
        "who rotates through it, on the days of the rotation.",
    ]
    return "\n".join([*lines, ""])


def _name(role: Role) -> str:
    return role.value.replace("-", " ")


def _cell(scope: Scope | None) -> str:
    return "" if scope is None else MARKS[scope]
