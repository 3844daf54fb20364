"""What somebody writes who skips a week or voids a wave: a reason in both languages, because everybody reads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from callroom.kit.wording import day_and_year

LONGEST_REASON = 200


class Reason(forms.Form):
    """A reason in public words."""

    reason_es = forms.CharField(label=_("Reason, in Spanish"), max_length=LONGEST_REASON)
    reason_en = forms.CharField(label=_("Reason, in English"), max_length=LONGEST_REASON)

    def reason(self) -> dict[str, str]:
        """Return the reason by language (after ``is_valid``)."""
        return {"en": self.cleaned_data["reason_en"], "es": self.cleaned_data["reason_es"]}


class SkipWeek(Reason):
    """Which week is skipped, and why."""

    monday = forms.TypedChoiceField(label=_("Week of Monday"), coerce=date.fromisoformat)
    field_order = ("monday", "reason_es", "reason_en")

    def __init__(self, *args: Any, mondays: Sequence[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["monday"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(monday.isoformat(), day_and_year(monday)) for monday in mondays]


class AskToVoid(Reason):
    """Which wave is to be voided, and why."""

    wave = forms.CharField(widget=forms.HiddenInput, max_length=24)


class ConfirmFreeze(forms.Form):
    """Which reason the second person has read who freezes the rounds."""

    reason_sha256 = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)


class ConfirmVoid(forms.Form):
    """Which wave the second person voids, and which reason they read."""

    wave = forms.CharField(widget=forms.HiddenInput, max_length=24)
    reason_sha256 = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)


class ApproveReplacement(forms.Form):
    """Who may fetch a second token, and for which wave."""

    wave = forms.CharField(max_length=24)
    person = forms.UUIDField()
