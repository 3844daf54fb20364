"""Which of the three databases a model lives in: ``default``, ``issuing`` or ``sealed``.

A model names its store in a class attribute ``store``; without one it lives in ``default``. Nothing is ever joined
across stores, and no transaction spans two.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Model

DEFAULT = "default"


def store_of(model: type[Model]) -> str:
    """Return the alias of the database that holds this model's rows."""
    return getattr(model, "store", DEFAULT)


class Router:
    """Django's database router over ``store_of``."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return store_of(model)

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return store_of(model)

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return store_of(type(one)) == store_of(type(other))

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool | None:
        """Model operations run in the model's own store; ``RunPython`` and ``RunSQL`` name theirs in ``hints``."""
        if "store" in hints:
            return bool(hints["store"] == db)
        if model_name is None:
            return db == DEFAULT
        try:
            model = apps.get_model(app_label, model_name)
        except LookupError:
            return db == DEFAULT
        return store_of(model) == db
