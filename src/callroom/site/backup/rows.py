"""
The rows that a backup holds: every table of ``default`` and ``issuing``, in the order of its keys.

JSON lines, the same from SQLite and from PostgreSQL, so that a backup of one can be restored into the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.apps import apps
from django.apps.registry import Apps
from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import StateApps
from django.db.models import Field, Model

from callroom.kit.stores import store_of

STORES: Final = ("default", "issuing")
"""``sealed`` is in no backup: an answer must not outlive its wave."""
MADE_BY_MIGRATIONS: Final = frozenset({"contenttypes", "auth"})
BATCH: Final = 500

Row = dict[str, Any]


class BadRow(Exception):
    """A line of the backup is no row of its table."""


def models_kept(store: str, registry: Apps | StateApps = apps) -> list[type[Model]]:
    """
    Return the models whose rows a backup holds, by label: whatever is stored, of whichever package.

    ``registry``: the models as they are, or as they were at the migrations that are applied.
    """
    kept = [
        model
        for model in registry.get_models(include_auto_created=True)
        if model._meta.managed
        and not model._meta.proxy
        and model._meta.app_label not in MADE_BY_MIGRATIONS
        and _store(model) == store
    ]
    return sorted(kept, key=lambda model: model._meta.label)


def rows_of(model: type[Model], store: str) -> Iterator[bytes]:
    """Yield a model's rows as JSON lines, in the order of their primary keys."""
    fields = _fields(model)
    order = [field.attname for field in model._meta.pk_fields]
    for row in model._base_manager.using(store).order_by(*order).iterator(chunk_size=2000):
        yield json.dumps({field.attname: _said(field, row) for field in fields}, ensure_ascii=False).encode() + b"\n"


def load(model: type[Model], store: str, lines: Iterable[bytes]) -> int:
    """
    Insert rows as they were; return how many. In the caller's transaction.

    :raises BadRow: if a line is no row of this model
    """
    fields = {field.attname: field for field in _fields(model)}
    count, batch = 0, []
    for line in lines:
        batch.append(_row(model, fields, line))
        if len(batch) == BATCH:
            count += _insert(model, store, batch)
            batch = []
    return count + _insert(model, store, batch)


def empty(store: str) -> None:
    """Remove what migrations put into the tables, so that the backup's rows take their place."""
    for model in models_kept(store):
        model._base_manager.using(store)._raw_delete(store)  # no signals, no cascades


def reset_sequences(store: str) -> None:
    """Let keys that the database counts go on after the highest that was loaded."""
    connection = connections[store]
    statements = connection.ops.sequence_reset_sql(no_style(), models_kept(store))
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def schema() -> dict[str, str]:
    """Return the last migration of each app: the shape of the tables that this version of Callroom knows."""
    return _last(MigrationLoader(None).graph.leaf_nodes())


def applied() -> tuple[dict[str, str], StateApps]:
    """Return the last migration of each app that is applied, and the models as they are in those tables."""
    loader = MigrationLoader(connections["default"])
    nodes = [node for node in loader.applied_migrations if node in loader.graph.nodes]
    last = [node for node in nodes if not any(child.key in nodes for child in loader.graph.node_map[node].children)]
    return _last(nodes), loader.project_state(last).apps


def _last(nodes: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {app: name for app, name in sorted(nodes) if app not in MADE_BY_MIGRATIONS}


def _store(model: type[Model]) -> str:
    # A model as it once was does not know its store: the table has not moved since.
    try:
        return store_of(apps.get_model(model._meta.label))
    except LookupError:
        return store_of(model)


def _fields(model: type[Model]) -> list[Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if field.column]


def _said(field: Field[Any, Any], row: Model) -> Any:
    return None if field.value_from_object(row) is None else field.value_to_string(row)


def _row(model: type[Model], fields: dict[str, Field[Any, Any]], line: bytes) -> Model:
    try:
        said: Row = json.loads(line)
        values = {name: None if value is None else fields[name].to_python(value) for name, value in said.items()}
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise BadRow(f"{model._meta.label}: {type(error).__name__}") from error
    if values.keys() != fields.keys():
        raise BadRow(f"{model._meta.label}: {sorted(values.keys() ^ fields.keys())}")
    return model(**values)


def _insert(model: type[Model], store: str, rows: list[Model]) -> int:
    model._base_manager.using(store).bulk_create(rows)
    return len(rows)
