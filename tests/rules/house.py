"""What the rules walk over: packages in their order, files, models, routes. No rule is in here."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "callroom"


def layers() -> tuple[str, ...]:
    """Return the packages from top to bottom, as pyproject.toml orders them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (order,) = [c for c in settings["tool"]["importlinter"]["contracts"] if c["id"] == "order"]
    names = [name.strip(" ()") for line in order["layers"] for name in line.split("|")]
    return tuple(name for name in names if name != "__main__")


def place_of(package: str) -> int:
    """Return how far from the top a package stands."""
    return layers().index(package)


def package_of(path: Path) -> str:
    """Return the package that a file of the source tree belongs to."""
    return path.relative_to(SOURCE).parts[0]


def python_files(*below: str) -> list[Path]:
    """Return the Python files of the source tree, or of some packages."""
    folders = [SOURCE / name for name in below] or [SOURCE]
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def templates() -> list[Path]:
    """Return every template."""
    return sorted(path for path in SOURCE.rglob("templates/**/*") if path.is_file())


def name_of(template: Path) -> str:
    """Return the name by which a template is asked for: "kit/field.html"."""
    parts = template.parts
    return "/".join(parts[parts.index("templates") + 1 :])


def committed() -> list[Path]:
    """Return the files that belong to the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0:
        return sorted(path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())
    skipped = {".venv", "node_modules", "var", ".git"}
    return sorted(p for p in ROOT.rglob("*") if p.is_file() and not skipped & set(p.relative_to(ROOT).parts))


def text_of(path: Path) -> str | None:
    """Return a file's text, ``None`` if it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def our_models() -> list[type[models.Model]]:
    """Return the models of our own packages, those without a table of Django's making included."""
    return [model for model in apps.get_models() if model.__module__.startswith("callroom.")]


def package_of_model(model: type[models.Model]) -> str:
    """Return the package in which a model is written."""
    return model.__module__.split(".")[1]


@dataclass(frozen=True, slots=True)
class Route:
    """One address: its name with its namespaces, its pattern from the root, its view."""

    name: str
    path: str
    view: Any

    @property
    def ours(self) -> bool:
        """Is the view written here, and not in a library?"""
        return str(getattr(self.view, "__module__", "")).startswith("callroom.")

    def __str__(self) -> str:
        return self.name or self.path


def routes(urlconf: str) -> list[Route]:
    """Return every route of a URL list."""
    return list(_walk(get_resolver(urlconf).url_patterns, "/", ""))


def _walk(patterns: list[Any], path: str, namespace: str) -> Iterator[Route]:
    for pattern in patterns:
        here = path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, here, inner)
        elif isinstance(pattern, URLPattern):
            yield Route(f"{namespace}{pattern.name}" if pattern.name else "", here, pattern.callback)
