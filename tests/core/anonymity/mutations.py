"""Sheets that must be refused: one change to a sound one each, and the code both languages refuse it with."""

from typing import Any

#: name, path to the changed field, new value (absent: the field is taken away), code
Mutation = tuple[Any, ...]

KEY_SHEET: tuple[Mutation, ...] = (
    ("an unknown field", ["note"], "hello", "fields"),
    ("a missing field", ["weeks"], "fields"),
    ("demo that is not true", ["demo"], 1, "fields"),
    ("demo that is false", ["demo"], False, "fields"),
    ("no wave id", ["wave"], "pulse-2026-W47", "wave"),
    ("a week that no year has", ["wave"], "pulse/2026-W54", "wave"),
    ("a wave of three weeks", ["wave"], "pulse-3/2026-W47", "wave"),
    ("another length", ["weeks"], 2, "wave"),
    ("no groups", ["groups"], [], "group"),
    ("numbered from one", ["groups", 0, "index"], 1, "group"),
    ("a group without units", ["groups", 0, "units"], [], "group"),
    ("a group id with a space", ["groups", 0, "id"], "em north", "group"),
    ("ten people", ["groups", 1, "eligible"], 10, "too few"),
    ("the same group twice", ["groups", 1, "id"], "em-north+em-south", "duplicate"),
    ("a unit in two groups", ["groups", 1, "units"], ["dermatology", "em-north"], "duplicate"),
    ("a unit twice in its group", ["groups", 0, "units"], ["em-north", "em-north"], "duplicate"),
    ("no hash of the members", ["groups", 0, "members_sha256"], "AB" * 32, "members"),
    ("a short hash of the members", ["groups", 0, "members_sha256"], "ab" * 31, "members"),
    ("a key in other base64", ["groups", 0, "public_key"], "MIIB-_==", "key"),
    ("an empty key", ["groups", 0, "public_key"], "", "key"),
)

CHANGED_PLAN: tuple[Mutation, ...] = (
    (
        "a plan that has changed twice",
        ["plan", "changes"],
        [
            {"after": 12, "added": []},
            {
                "after": 36,
                "added": [
                    {"id": "child", "parent": "hospital", "kind": "department", "eligible": 0},
                    {"id": "mother", "parent": "child", "kind": "programme", "eligible": 4},
                ],
            },
        ],
        "",
    ),
)
"""Changes of the wave sheet after which it still keeps its promises."""

NEW_UNIT = {"id": "sports", "parent": "hospital", "kind": "programme", "eligible": 4}

WAVE_SHEET: tuple[Mutation, ...] = (
    ("an unknown field", ["note"], "hello", "fields"),
    ("a missing field", ["clients"], "fields"),
    ("demo that is not true", ["demo"], "yes", "fields"),
    ("another length", ["weeks"], 4, "wave"),
    ("another questionnaire", ["questionnaire"], "burnout", "wave"),
    ("no hash of the key sheet", ["key_sheet"], "abc", "key sheet"),
    ("no items", ["items"], [], "items"),
    ("seventeen items", ["items"], [{"id": f"item-{number}", "options": 5} for number in range(17)], "items"),
    ("the same item twice", ["items", 3, "id"], "voice", "items"),
    ("an item with one option", ["items", 3, "options"], 1, "items"),
    ("an item with twelve options", ["items", 3, "options"], 12, "items"),
    ("an item with a capital", ["items", 3, "id"], "Learning", "items"),
    ("no wording", ["wording"], "", "items"),
    ("a promise without its text", ["items", 3, "id"], "promise-noticed", "items"),
    ("the text of a promise that is not asked about", ["wording"], f"2026-1+promises-{'ab' * 32}", "items"),
    ("a core item that is not asked", ["core"], ["workload", "support", "respect"], "core"),
    ("no core items", ["core"], [], "core"),
    ("a core item twice", ["core"], ["workload", "workload"], "core"),
    ("figures from seven answers", ["policy", "minimum"], 7, "policy"),
    ("less noise", ["policy", "noise_scale_percent"], 27, "policy"),
    ("bands from six", ["policy", "bands", 0], [6, 11], "policy"),
    ("bands with a gap", ["policy", "bands", 1], [13, 15], "policy"),
    ("bands that overlap", ["policy", "bands", 1], [11, 15], "policy"),
    ("bands with an end", ["policy", "bands", 3], [24, 99], "policy"),
    ("a middle band without an end", ["policy", "bands", 1], [12, None], "policy"),
    ("no bands", ["policy", "bands"], [], "policy"),
    ("a policy without noise", ["policy", "noise_scale_percent"], "fields"),
    ("a short HPKE key", ["hpke_public_key"], "AAAA", "hpke key"),
    ("no leaves", ["leaves"], [], "leaves"),
    ("a leaf without units", ["leaves", 0, "units"], [], "leaves"),
    ("a leaf without a name", ["leaves", 0, "label", "es"], " ", "leaves"),
    ("a leaf in one language", ["leaves", 0, "label", "es"], "fields"),
    ("ten people", ["leaves", 1, "eligible"], 10, "too few"),
    ("two leaves of one group", ["leaves", 1, "group"], 0, "duplicate"),
    ("the same leaf twice", ["leaves", 1, "leaf"], "em-north+em-south", "duplicate"),
    ("a unit in two leaves", ["leaves", 1, "units"], ["em-north"], "duplicate"),
    ("no change among the changes", ["plan", "changes"], [], "plan"),
    ("a change in between", ["plan", "changes"], [{"after": 13, "added": []}], "plan"),
    ("two changes at once", ["plan", "changes"], [{"after": 12, "added": []}, {"after": 12, "added": []}], "plan"),
    ("a change that says more", ["plan", "changes"], [{"after": 12, "added": [], "why": "gaps"}], "fields"),
    (
        "an added unit under nobody",
        ["plan", "changes"],
        [{"after": 12, "added": [NEW_UNIT | {"parent": "moon"}]}],
        "plan",
    ),
    ("an added unit twice", ["plan", "changes"], [{"after": 12, "added": [NEW_UNIT, NEW_UNIT]}], "plan"),
    ("changes as an object", ["plan", "changes"], {"after": 12}, "fields"),
    ("a plan without a day", ["plan", "academic_year"], "2026", "plan"),
    ("a plan from the thirteenth month", ["plan", "academic_year"], "2026-13-01", "plan"),
    ("a plan without dashes", ["plan", "academic_year"], "20260701", "plan"),
    ("a unit without its parent", ["plan", "units", 1, "parent"], "clinic", "plan"),
    ("a unit that is its own parent", ["plan", "units", 1, "parent"], "em-north", "plan"),
    ("a unit twice", ["plan", "units", 1, "id"], "em-south", "plan"),
    ("a rate without a denominator", ["plan", "rates", "dermatology", "1"], [1, 0], "plan"),
    ("a rate of three weeks", ["plan", "rates", "dermatology", "3"], [1, 2], "plan"),
    ("rates of an unknown unit", ["plan", "rates", "clinic"], {}, "plan"),
    ("a leaf that was not planned", ["plan", "leaves", 1, "leaf"], "skin", "plan"),
    ("a leaf planned with other units", ["plan", "leaves", 0, "units"], ["em-north"], "plan"),
    ("a leaf planned for another length", ["plan", "leaves", 1, "weeks"], 2, "plan"),
    ("a leaf planned for three weeks", ["plan", "leaves", 1, "weeks"], 3, "plan"),
    ("a planned leaf of unknown units", ["plan", "leaves", 1, "units"], ["skin"], "plan"),
    ("closing before opening", ["closes_at"], 1, "window"),
    ("closing at opening", ["closes_at"], 1794830400, "window"),
    ("publishing at closing", ["publishes_at"], 1794830400 + 568800, "window"),
    ("no client versions", ["clients"], [], "clients"),
    ("client version zero", ["clients"], [0], "clients"),
    ("a client version twice", ["clients"], [1, 1], "clients"),
)

PAIR: tuple[Mutation, ...] = (
    ("another key sheet", ["key_sheet"], "ab" * 32, "key sheet"),
    ("a leaf without a group", ["leaves", 1, "group"], 2, "group"),
    ("a leaf of another group's people", ["leaves", 1, "group"], 7, "group"),
)


def apply(payload: Any, path: list[str | int], *value: Any) -> Any:
    """Return the payload with one field changed, or taken away where no value is given."""
    key, *rest = path
    changed = dict(payload) if isinstance(payload, dict) else list(payload)
    if rest:
        changed[key] = apply(changed[key], rest, *value)
    elif value:
        changed[key] = value[0]
    else:
        del changed[key]
    return changed


#: Of what is asked about promises: name, path, new value (absent: the field is taken away)
PROMISES: tuple[Mutation, ...] = (
    ("another wave", ["wave"], "pulse/2026-W48"),
    ("an unknown field", ["note"], "hello"),
    ("nothing asked", ["asked"], []),
    ("no list", ["asked"], "all"),
    ("a field more", ["asked", 0, "who"], "Dr. Julia Mora"),
    ("a missing field", ["asked", 0, "said"]),
    ("a leaf that is not asked", ["asked", 1, "leaf"], "radiology"),
    ("the same leaf twice", ["asked", 1, "leaf"], "dermatology"),
    ("not in order", ["asked", 0, "leaf"], "zoology"),
    ("an item of the bank", ["asked", 0, "item"], "learning-time"),
    ("an item that the sheet does not name", ["asked", 0, "item"], "promise-noticed"),
    ("a negative number", ["asked", 0, "promise"], -1),
    ("a number in words", ["asked", 0, "promise"], "12"),
    ("no month", ["asked", 0, "said"], "2026-13"),
    ("a day", ["asked", 0, "said"], "2026-10-01"),
    ("a language that nobody reads here", ["asked", 0, "language"], "fr"),
    ("no text", ["asked", 0, "text"], ""),
    ("a text of 401 letters", ["asked", 0, "text"], "x" * 401),
    ("a text that is a number", ["asked", 0, "text"], 7),
)
