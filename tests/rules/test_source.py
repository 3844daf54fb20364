"""Statements about all source files: time and chance are arguments, core is pure, files stay short."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rules.house import ROOT, SOURCE, package_of, python_files

CLOCKS = {"timezone.now", "clock.now", "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}
CHANCE = {"random", "secrets", "uuid.uuid4", "os.urandom"}
FRAMEWORKS = {"django", "sqlite3", "psycopg", "huey", "allauth", "granian", "whitenoise"}

# The one that is the clock; what starts or watches processes; and what stands around views: the guard of every
# permission, allauth's adapter, the frame of a page.
MAY_READ_THE_CLOCK = {
    "kit/clock.py", "site/supervisor.py", "site/schedule.py", "people/policy/routes.py", "people/adapters.py",
    "site/context.py", "site/health.py",
}  # fmt: skip

# Blinds the private key's arithmetic against timing; no byte of a signature depends on it.
MAY_DRAW = {"core/anonymity/tokens.py": {"os.urandom"}}

# Long because it is one list, each with its reason.
LONG: dict[str, str] = {}

FILES = [path for path in python_files() if "migrations" not in path.parts]


def short(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def names_used(path: Path) -> Iterator[str]:
    """Yield each dotted name of two parts that a file uses, and what it imports under its full name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def is_a_door(path: Path) -> bool:
    """Views, jobs, commands and the demo's console read the clock; nothing else does."""
    parts = path.relative_to(SOURCE).parts
    return short(path) in MAY_READ_THE_CLOCK or bool(
        {"views", "views.py", "jobs", "jobs.py", "commands"} & set(parts) or path.stem.endswith("views")
    )


@pytest.mark.parametrize("path", [p for p in FILES if not is_a_door(p)], ids=short)
def test_only_doors_read_the_clock(path: Path) -> None:
    used = {name for name in names_used(path) if name.split(".", 1)[-1] and ".".join(name.split(".")[-2:]) in CLOCKS}

    assert not used


@pytest.mark.parametrize("path", python_files("core"), ids=short)
def test_core_knows_no_framework_no_chance_and_no_file_of_its_own(path: Path) -> None:
    used = set(names_used(path))

    assert not {name for name in used if name.split(".")[0] in FRAMEWORKS}
    drawn = {name for name in used if name in CHANCE or name.split(".")[0] in {"random", "secrets"}}
    assert drawn <= MAY_DRAW.get(short(path), set())


@pytest.mark.parametrize("path", FILES, ids=short)
def test_nobody_listens_to_signals_of_the_framework(path: Path) -> None:
    """A write is an action; nothing happens behind its back."""
    used = set(names_used(path))

    assert not {name for name in used if name.startswith(("django.db.models.signals", "django.dispatch"))}


@pytest.mark.parametrize("path", FILES, ids=short)
def test_files_are_short_enough_to_read(path: Path) -> None:
    """300 lines is the aim and 400 the end of it."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400 or short(path) in LONG


@pytest.mark.parametrize("path", FILES, ids=short)
def test_every_file_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))

    assert not tree.body or ast.get_docstring(tree), "a first line that says what this is"


@pytest.mark.parametrize("path", FILES, ids=short)
def test_rows_about_answers_stay_in_their_package(path: Path) -> None:
    """import-linter holds this for imports; this holds it for names written as text."""
    if package_of(path) == "pulse":
        return
    text = path.read_text(encoding="utf-8")

    assert "pulse_sealedanswer" not in text
    assert "sealedanswer" not in text.lower() or package_of(path) in {"site"}


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("test_*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_two_tests_of_a_file_share_a_name(path: Path) -> None:
    """The second would silently replace the first."""
    for scope in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(scope, ast.Module | ast.ClassDef):
            named = [node.name for node in scope.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
            assert len(named) == len(set(named)), sorted(name for name in named if named.count(name) > 1)


def test_no_two_test_files_are_one_module_to_pytest() -> None:
    """Where a folder has no ``__init__.py`` a file is known by its last name: with another one of it a run collects one."""
    found: dict[str, Path] = {}
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        name, folder = file.stem, file.parent
        while (folder / "__init__.py").exists():
            name, folder = f"{folder.name}.{name}", folder.parent
        assert found.setdefault(name, file) == file, (found[name], file)
