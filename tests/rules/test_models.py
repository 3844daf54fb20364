"""Statements about all models: privacy classes, the order of keys, and no way from an answer to a person."""

from __future__ import annotations

import pytest
from django.db import models

from callroom.kit.privacy import FieldPrivacy
from callroom.kit.stores import store_of
from callroom.rights.retention import RULES
from tests.rules.house import our_models, package_of_model, place_of

OURS = our_models()


def own_fields(model: type[models.Model]) -> set[str]:
    """Return the names of what a model stores: columns and many-to-many tables."""
    stored = (*model._meta.concrete_fields, *model._meta.many_to_many)
    return {field.name for field in stored if not isinstance(field, models.CompositePrimaryKey)}


def keys(model: type[models.Model]) -> list[models.Field]:
    return [f for f in (*model._meta.concrete_fields, *model._meta.many_to_many) if f.is_relation]


@pytest.mark.parametrize("model", OURS, ids=str)
def test_every_stored_field_has_a_privacy_class(model: type[models.Model]) -> None:
    said = getattr(model, "privacy", {})

    assert set(said) - {"pk"} == own_fields(model)
    assert all(isinstance(value, FieldPrivacy) for value in said.values())


def test_every_table_is_in_exactly_one_rule_of_how_long_it_is_kept() -> None:
    named = [table for rule in RULES for table in rule.tables]

    assert sorted(named) == sorted(model._meta.label for model in OURS)


@pytest.mark.parametrize("model", OURS, ids=str)
def test_keys_follow_the_order_of_packages(model: type[models.Model]) -> None:
    """A key written as a string imports nothing, so import-linter cannot see it."""
    mine = place_of(package_of_model(model))
    for key in keys(model):
        target = key.related_model
        if isinstance(target, type) and target.__module__.startswith("callroom."):
            assert place_of(package_of_model(target)) >= mine, f"{key} points up"


@pytest.mark.parametrize("model", OURS, ids=str)
def test_no_key_leaves_its_store(model: type[models.Model]) -> None:
    for key in keys(model):
        assert isinstance(key.related_model, type)
        assert store_of(key.related_model) == store_of(model), f"{key} leads into another database"


@pytest.mark.parametrize("model", [m for m in OURS if store_of(m) == "sealed"], ids=str)
def test_nothing_in_the_sealed_store_names_a_person_or_an_instant_of_arrival(model: type[models.Model]) -> None:
    allowed = {FieldPrivacy.ANONYMOUS, FieldPrivacy.SEALED, FieldPrivacy.PUBLIC}

    assert not keys(model)
    assert {FieldPrivacy(value) for value in model.privacy.values()} <= allowed  # type: ignore[attr-defined]
    for field in model._meta.concrete_fields:
        assert not getattr(field, "auto_now", False), field
        assert not getattr(field, "auto_now_add", False), field


def test_an_answer_is_kept_with_what_its_check_needs_and_nothing_else() -> None:
    """Whoever adds a field here changes a promise: a time, a number or a name would tell answers apart."""
    sealed = {model.__name__: own_fields(model) for model in OURS if store_of(model) == "sealed"}

    assert sealed == {
        "SealedAnswer": {"message", "revision", "body"},
        "Window": {"wave", "opens_at", "closes_at", "is_open", "keys", "asked"},
    }


def test_the_issuing_store_says_who_fetched_for_which_wave_and_who_said_yes_and_nothing_else() -> None:
    issuing = {model.__name__: own_fields(model) for model in OURS if store_of(model) == "issuing"}

    assert issuing == {"Issued": {"wave", "person"}, "Agreement": {"person", "purpose", "said"}}


@pytest.mark.parametrize("model", [m for m in OURS if store_of(m) == "issuing"], ids=str)
def test_the_issue_register_holds_no_time_and_nothing_about_an_answer(model: type[models.Model]) -> None:
    for field in model._meta.concrete_fields:
        assert not isinstance(field, models.DateField | models.TimeField), field
    assert FieldPrivacy.SEALED not in set(model.privacy.values())  # type: ignore[attr-defined]


@pytest.mark.parametrize("model", OURS, ids=str)
def test_nothing_is_deleted_along_with_something_else_by_accident(model: type[models.Model]) -> None:
    """PROTECT by default; a row that lives and dies with its person says so by CASCADE in its own package only."""
    for key in keys(model):
        on_delete = getattr(key.remote_field, "on_delete", models.PROTECT)
        if on_delete is models.CASCADE and isinstance(key.related_model, type):
            assert package_of_model(key.related_model) == package_of_model(model), key


@pytest.mark.parametrize("model", OURS, ids=str)
def test_constraints_have_readable_names(model: type[models.Model]) -> None:
    for constraint in model._meta.constraints:
        assert "_" in constraint.name, constraint.name
        assert not constraint.name.startswith(model._meta.db_table), constraint.name
