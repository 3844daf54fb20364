"""How forms are shown: one summary of errors that takes the focus, and each error beside its field."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.forms import BaseForm, BoundField


@dataclass(frozen=True, slots=True)
class Mistake:
    """One error: the sentence, and the id of the field it is about (empty: about the whole form)."""

    sentence: str
    field_id: str


def mistakes(form: BaseForm) -> tuple[Mistake, ...]:
    """Return all errors of a form, those of the whole form first, in the order of its fields."""
    return tuple(_mistakes(form))


def _mistakes(form: BaseForm) -> Iterator[Mistake]:
    for sentence in form.non_field_errors():
        yield Mistake(str(sentence), "")
    for field in form:
        for sentence in field.errors:
            yield Mistake(str(sentence), field.id_for_label or field.auto_id)


def dressed(field: BoundField) -> str:
    """Return the field's control with our class; Django adds the ARIA attributes that kit/field.html answers."""
    choices = field.field.widget.__class__.__name__ in {"CheckboxInput", "RadioSelect", "CheckboxSelectMultiple"}
    attributes: dict[str, str | bool] = {} if choices else {"class": "field"}
    return str(field.as_widget(attrs=attributes))
