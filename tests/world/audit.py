"""Emptying a test's database: the trail's triggers refuse that, so they are lifted for the moment of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from callroom.audit import triggers


@pytest.fixture(scope="session", autouse=True)
def _tests_may_empty_the_trail() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    operations = type(connection.ops)
    patch.setattr(operations, "sql_flush", _lifting(operations.sql_flush, connection.vendor))
    yield
    patch.undo()


def _lifting(sql_flush: Any, vendor: str) -> Any:
    def lifted(self: Any, style: Any, tables: Any, **options: Any) -> list[str]:
        statements: list[str] = sql_flush(self, style, tables, **options)
        if not set(triggers.TABLES) & set(tables):
            return statements
        return [*triggers.remove(vendor), *statements, *triggers.install(vendor)]

    return lifted
