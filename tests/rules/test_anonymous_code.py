"""Statements about the code that answers without a name: it cannot reach a session, a person, an address, an order or a log.

Our own rules over the syntax tree, since they need the house's lists of addresses and modules. ``PLANTED`` are faults that
each rule must find.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.rules.house import ROOT, SOURCE, routes

# Modules that run between the socket and the sealed store. A view's module is found through the list of addresses.
ON_THE_WAY = {
    "kit/anonymous.py", "kit/bodies.py", "kit/headers.py", "core/anonymity/posts.py", "core/anonymity/sealing.py",
    "core/anonymity/tokens.py", "pulse/actions/answers.py", "pulse/stores/writer.py", "pulse/stores/sealed.py",
    "pulse/stores/doorkeeper.py",
}  # fmt: skip
# Attributes of a request that say, or can be made to say, who sends it.
WHO = {
    "session", "user", "COOKIES", "META", "headers", "get_host", "get_signed_cookie", "auser", "build_absolute_uri",
    "get_full_path", "REMOTE_ADDR", "set_cookie", "set_signed_cookie", "client_ip",
}  # fmt: skip
# Why somebody may touch one of these after all.
MAY_TOUCH = {
    ("kit/anonymous.py", "META"): "takes the cookie out unread, and refuses",
    ("kit/anonymous.py", "headers"): "of the response",
    ("kit/headers.py", "headers"): "of the response",
    ("pulse/views/answers.py", "headers"): "the length of the body, which is the same for everybody",
}
CLOCKS = {"now", "today", "utcnow", "time", "monotonic", "perf_counter", "time_ns", "localtime", "gmtime"}
# A clock that decides (is the window open? how long to collect?) and is written nowhere.
MAY_READ_A_CLOCK = {
    "pulse/views/answers.py": {"now"},
    "pulse/views/chain.py": {"now"},
    "pulse/actions/answers.py": {"monotonic"},
    "pulse/stores/writer.py": {"monotonic"},
    "pulse/stores/doorkeeper.py": {"monotonic"},
    "directory/views.py": {"now"},
    "prompts/views.py": {"now"},
}
ORDER = {
    "auto_now",
    "auto_now_add",
    "AutoField",
    "BigAutoField",
    "lastrowid",
    "rowid",
    "last_insert_id",
    "count_of_answers",
}
LOGS = {"logging", "getLogger", "log_response", "print", "warn", "capture_exception"}


def anonymous_views() -> set[str]:
    """Return the modules whose views answer without a name."""
    modules = {route.view.__module__ for route in routes(settings.ANONYMOUS_URLCONF)}
    return {f"{module.removeprefix('callroom.').replace('.', '/')}.py" for module in modules}


FILES = sorted(ON_THE_WAY | anonymous_views())


def called(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield the name of each attribute, name and text used as a key, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr, node.lineno
        elif isinstance(node, ast.Name):
            yield node.id, node.lineno
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg, node.value.lineno
        elif isinstance(node, ast.alias):
            yield node.name.rsplit(".", 1)[-1], node.lineno


def touched(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield the same without arguments that are given by name: ``headers=…`` of a response says nothing about a request."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr, node.lineno
        elif isinstance(node, ast.Name):
            yield node.id, node.lineno


def functions_of_anonymous_views(path: str) -> ast.AST:
    """Return what of a file runs without a name: of a view's module only the views there, of any other file all of it."""
    tree = ast.parse((SOURCE / path).read_text(encoding="utf-8"))
    if path in ON_THE_WAY:
        return tree
    names = {
        getattr(route.view, "__name__", "")
        for route in routes(settings.ANONYMOUS_URLCONF)
        if route.view.__module__ == f"callroom.{path.removesuffix('.py').replace('/', '.')}"
    }
    mine = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in names]
    assert {node.name for node in mine} == names, path
    helpers = {name for node in mine for name, _line in called(node)}
    mine += [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in helpers and node not in mine
    ]
    return ast.Module(body=list(mine), type_ignores=[])


def says_who(tree: ast.AST, path: str) -> list[str]:
    return [f"{name}:{line}" for name, line in touched(tree) if name in WHO and (path, name) not in MAY_TOUCH]


def reads_a_clock(tree: ast.AST, path: str) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            found.append(f"{node.func.attr}:{node.lineno}")
    return [each for each in found if each.split(":")[0] not in MAY_READ_A_CLOCK.get(path, set())]


def keeps_an_order(tree: ast.AST, _path: str) -> list[str]:
    return [f"{name}:{line}" for name, line in called(tree) if name in ORDER]


def writes_a_log(tree: ast.AST, _path: str) -> list[str]:
    return [f"{name}:{line}" for name, line in called(tree) if name in LOGS]


RULES = (says_who, reads_a_clock, keeps_an_order, writes_a_log)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", FILES)
def test_the_way_of_an_answer_knows_nothing_of_who_when_or_in_which_order(path: str, rule: object) -> None:
    assert callable(rule)
    assert rule(functions_of_anonymous_views(path), path) == []


@pytest.mark.parametrize("path", FILES)
def test_it_imports_nothing_that_keeps_persons_sessions_or_a_trail(path: str) -> None:
    """Of view modules that also serve the signed-in side, what the anonymous views use is looked at above."""
    if path not in ON_THE_WAY:
        return
    tree = ast.parse((SOURCE / path).read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}

    forbidden = (
        "callroom.people.models",
        "callroom.audit",
        "django.contrib",
        "allauth",
        "callroom.council",
        "callroom.setup",
    )
    assert sorted(module for module in imported if module.startswith(forbidden)) == []


PLANTED = {
    "a session": ("def view(request):\n    request.session['seen'] = 1\n", says_who),
    "the signed-in person": ("def view(request):\n    return request.user.pk\n", says_who),
    "an address": ("def view(request):\n    return request.META['REMOTE_ADDR']\n", says_who),
    "a referrer": ("def view(request):\n    return request.headers['Referer']\n", says_who),
    "a cookie set": ("def view(request):\n    response.set_cookie('x', 'y')\n", says_who),
    "an instant": ("def view(request):\n    row.at = timezone.now()\n", reads_a_clock),
    "a clock of its own": ("def view(request):\n    row.at = time.time()\n", reads_a_clock),
    "a date that fills itself": ("class Row:\n    at = models.DateTimeField(auto_now_add=True)\n", keeps_an_order),
    "an order of arrival": ("def keep(cursor):\n    return cursor.lastrowid\n", keeps_an_order),
    "a log line": ("import logging\n", writes_a_log),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_each_rule_finds_what_it_is_there_for(fault: str) -> None:
    source, rule = PLANTED[fault]

    assert rule(ast.parse(source), "pulse/actions/answers.py")


def test_every_file_on_the_way_exists_and_each_exception_is_used() -> None:
    assert [path for path in FILES if not (SOURCE / path).exists()] == []
    for (path, name), why in MAY_TOUCH.items():
        assert why
        assert name in {found for found, _line in called(ast.parse((SOURCE / path).read_text(encoding="utf-8")))}
    assert Path(ROOT / "src" / "callroom" / "pulse" / "actions" / "answers.py").exists()
