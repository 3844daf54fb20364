"""From which template a notice begins, its texts, and what has to be said when it is published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from callroom.consent.states import Law, Part
from callroom.consent.texts import Texts

FROM_PRESENT: Final = "present"
"""Begin from the version in force."""
LONGEST_TEXT: Final = 20_000

LABELS: Final = {
    "es": {
        Part.SHORT: _("Short notice, in Spanish"),
        Part.FULL: _("Full notice, in Spanish"),
        Part.NECESSARY: _("Purposes that are necessary, in Spanish"),
        Part.VOLUNTARY: _("Purpose that is voluntary: the check-in, in Spanish"),
    },
    "en": {
        Part.SHORT: _("Short notice, in English"),
        Part.FULL: _("Full notice, in English"),
        Part.NECESSARY: _("Purposes that are necessary, in English"),
        Part.VOLUNTARY: _("Purpose that is voluntary: the check-in, in English"),
    },
}
ROWS: Final = {Part.SHORT: 8, Part.FULL: 24, Part.NECESSARY: 8, Part.VOLUNTARY: 5}


class Begin(forms.Form):
    """From what the next version begins."""

    source = forms.ChoiceField(label=_("Begin from"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, has_present: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["source"]
        if isinstance(field, forms.ChoiceField):
            present = [(FROM_PRESENT, _("the version in force"))] if has_present else []
            field.choices = [*present, *Law.choices]

    def law(self) -> Law | None:
        """Return the law whose template is meant, None for the version in force (after ``is_valid``)."""
        source: str = self.cleaned_data["source"]
        return None if source == FROM_PRESENT else Law(source)


class Draft(forms.Form):
    """The texts of a notice; an empty one is kept, and refused only when it is published."""

    address = forms.CharField(
        label=_("Address of the institution"),
        max_length=300,
        required=False,
        help_text=_("Stands where {address} does."),
    )
    contact = forms.CharField(
        label=_("Whom to ask about personal data, and how"),
        max_length=300,
        required=False,
        help_text=_("An office with an e-mail address or telephone. Stands where {contact} does."),
    )

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._languages = [language for language in languages if language in LABELS]
        for language in self._languages:
            for part in Part:
                self.fields[f"{part.value}_{language}"] = forms.CharField(
                    label=LABELS[language][part],
                    max_length=LONGEST_TEXT,
                    required=False,
                    widget=forms.Textarea(attrs={"rows": ROWS[part], "lang": language}),
                )

    def texts(self) -> Texts:
        """Return the texts by language and part (after ``is_valid``)."""
        return {
            language: {part.value: self.cleaned_data[f"{part.value}_{language}"] for part in Part}
            for language in self._languages
        }


class Publish(forms.Form):
    """What publishing says: who has read it, and whether everybody is asked anew."""

    change = forms.ChoiceField(
        label=_("What has changed?"),
        widget=forms.RadioSelect,
        choices=[
            ("wording", _("Only words: whoever said yes or no is not asked again.")),
            ("purpose", _("What the check-in is for: everybody is asked again, and gets no ticket before a new yes.")),
        ],
        error_messages={"required": _("Say what has changed. When in doubt, it is the purpose.")},
    )
    reviewed_by = forms.CharField(
        label=_("Counsel who reviewed this text"),
        max_length=200,
        required=False,
        help_text=_(
            "Name and office. Left empty, the page says that nobody has reviewed it yet, and the check stays red."
        ),
    )

    def __init__(self, *args: Any, first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if first:
            del self.fields["change"]

    def asks_again(self) -> bool:
        """Return whether the purpose has changed (after ``is_valid``)."""
        return bool(self.cleaned_data.get("change") == "purpose")
