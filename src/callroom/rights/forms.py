"""The forms: a request of one's own, one that came on paper, an answer, and what of the trail to read."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callroom.audit.states import Tag
from callroom.rights.models import MOST_WORDS
from callroom.rights.states import ANSWERS, RequestKind, RequestState

NOBODY: Final = _("Nobody here has this id or address.")
TOO_MANY: Final = _("Five requests wait already. Withdraw one, or wait for an answer.")


class Ask(forms.Form):
    """A request in one's own name."""

    kind = forms.ChoiceField(label=_("I want"), choices=RequestKind)
    words = forms.CharField(
        label=_("In my words"),
        help_text=_("What is it about? No reason is needed for a copy. The people at the desk read this."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=MOST_WORDS,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Ask what is wrong, where that has to be known."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("kind", RequestKind.ACCESS) != RequestKind.ACCESS and not cleaned.get("words", "").strip():
            self.add_error("words", gettext("Say what it is about: otherwise nobody knows what to do."))
        return cleaned

    def asked(self) -> RequestKind:
        """Return what is wanted."""
        return RequestKind(self.cleaned_data["kind"])


class TakeIn(Ask):
    """A request that came on paper or by word of mouth."""

    who = forms.CharField(label=_("Of whom"), help_text=_("Id in the roster, or e-mail address"), max_length=254)
    received_on = forms.DateField(
        label=_("It came on"), widget=forms.DateInput(attrs={"type": "date"}), help_text=_("The days count from here.")
    )
    field_order = ("who", "received_on", "kind", "words")

    def __init__(self, *args: Any, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.today = today

    def clean_received_on(self) -> date:
        """Refuse a day that has not come."""
        day: date = self.cleaned_data["received_on"]
        if day > self.today:
            raise forms.ValidationError(gettext("This day has not come yet."))
        return day


class Answer(forms.Form):
    """An answer to a request."""

    state = forms.ChoiceField(
        label=_("Answer"), choices=[("", _("choose")), *((state.value, state.label) for state in ANSWERS)]
    )
    words = forms.CharField(
        label=_("What was done, or why not"),
        help_text=_("The person reads this on their own page. A refusal names the law's reason and how to complain."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=MOST_WORDS,
    )

    def said(self) -> RequestState:
        """Return which answer it is."""
        return RequestState(self.cleaned_data["state"])


class TrailChoice(forms.Form):
    """What of the trail to read."""

    tag = forms.ChoiceField(label=_("What"), choices=[("", _("everything")), *Tag.choices], required=False)
    since = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}), required=False)
    below = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    def chosen(self) -> dict[str, Any]:
        """Return the choice for ``queries.trail_page``; what cannot be read counts as not chosen."""
        cleaned = self.cleaned_data if self.is_valid() else {}
        return {
            "tag": Tag(cleaned["tag"]) if cleaned.get("tag") else None,
            "since": cleaned.get("since"),
            "below": cleaned.get("below"),
        }


class LooksChoice(forms.Form):
    """Of which day to read who looked at what."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
