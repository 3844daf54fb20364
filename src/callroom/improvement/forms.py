"""What leaders and the coordinator write. Every word of it is read by the whole institution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from callroom.improvement.actions.answers import PassOn, Said, Will, WillNot, Words
from callroom.improvement.actions.promises import Ended, Later
from callroom.improvement.models import LONGEST_TEXT
from callroom.improvement.states import LONGEST_PROMISE, AnswerKind, PromiseState
from callroom.people.queries import UnitRow

LONGEST_NAME: Final = 120
A_FIRST_STEP: Final = timedelta(weeks=4)
"""The day that is suggested: before the next clock starts."""
NO_NAMES: Final = _("Everybody in the institution reads this. Name no resident and no patient.")


def _lines(label: Any, help_text: Any = "", *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


def _language() -> str:
    return (get_language() or "en")[:2]


class Dated(forms.Form):
    """A form with a day from today on, within a year."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["due_on"].widget.attrs |= {
            "min": today.isoformat(),
            "max": (today + LONGEST_PROMISE).isoformat(),
        }

    def clean_due_on(self) -> date:
        """:raises ValidationError: for a day that is over, or more than a year away"""
        due_on: date = self.cleaned_data["due_on"]
        if due_on < self.today:
            raise forms.ValidationError(_("This day is over. Choose today or a later one."))
        if due_on > self.today + LONGEST_PROMISE:
            raise forms.ValidationError(_("This day is more than a year away. Promise a first step that is nearer."))
        return due_on


class WeWill(Dated):
    """We will: what was heard, what, by when, who."""

    kind = AnswerKind.WILL

    heard = _lines(_("What we heard"), _("In one sentence, as the residents would say it."))
    what = _lines(_("What we will do"), _("Something that residents can notice in their work. A first step is enough."))
    due_on = _day(_("By when"), _("The day on which residents can notice it."))
    who = forms.CharField(
        label=_("Who sees to it"), help_text=_("A role, or a member of staff."), max_length=LONGEST_NAME
    )

    def said(self) -> Will:
        """Return the answer (after ``is_valid``)."""
        given = self.cleaned_data
        return Will(Words(_language(), given["heard"], given["what"]), given["who"], given["due_on"])


class WeWillNot(forms.Form):
    """We will not, because."""

    kind = AnswerKind.WILL_NOT

    heard = _lines(_("What we heard"), _("In one sentence, as the residents would say it."))
    because = _lines(_("Why we will not"), _("A reason that you would say to their faces."))

    def said(self) -> WillNot:
        """Return the answer (after ``is_valid``)."""
        given = self.cleaned_data
        return WillNot(Words(_language(), given["heard"], given["because"]))


class NotOurs(forms.Form):
    """Not ours to fix: passed to another unit, which then has two weeks."""

    kind = AnswerKind.PASSED

    heard = _lines(_("What we heard"), _("In one sentence, as the residents would say it."))
    to_unit = forms.ChoiceField(label=_("Passed to"))
    because = _lines(_("Why it is theirs"))
    from_unit = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, units: Iterable[UnitRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to_unit"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "—"), *((row.id, row.name) for row in units)]

    def said(self) -> PassOn:
        """Return the answer (after ``is_valid``)."""
        given = self.cleaned_data
        return PassOn(Words(_language(), given["heard"], given["because"]), given["from_unit"], given["to_unit"])


class AnswerSheet:
    """The three answers side by side; what was posted is the one that is filled in."""

    def __init__(
        self,
        posted: Mapping[str, Any] | None,
        *,
        today: date,
        units: Iterable[UnitRow],
        holder: str,
        who: str,
        what: str = "",
    ) -> None:
        kind = posted.get("kind", "") if posted is not None else ""
        self.will = WeWill(
            posted if kind == AnswerKind.WILL else None,
            today=today, initial={"who": who, "what": what, "due_on": today + A_FIRST_STEP}, prefix="will",
        )  # fmt: skip
        self.will_not = WeWillNot(posted if kind == AnswerKind.WILL_NOT else None, prefix="not")
        self.passed = NotOurs(
            posted if kind == AnswerKind.PASSED else None,
            units=units, initial={"from_unit": holder}, prefix="passed",
        )  # fmt: skip
        known: dict[str, WeWill | WeWillNot | NotOurs] = {
            form.kind.value: form for form in (self.will, self.will_not, self.passed)
        }
        self.sent = known.get(kind)

    def is_valid(self) -> bool:
        """Was one of the three sent, and is it complete?"""
        return self.sent is not None and self.sent.is_valid()

    def said(self) -> Said:
        """
        Return the answer (after ``is_valid``).

        :raises ValueError: before
        """
        if self.sent is None:
            raise ValueError("nothing was sent")
        return self.sent.said()

    def refuse(self, sentence: Any) -> None:
        """Keep what was written and say why it was not taken."""
        if self.sent is not None:
            self.sent.add_error(None, sentence)


class Commitment(WeWill):
    """A first commitment: a promise without a clock, for one of the leader's units."""

    unit = forms.ChoiceField(label=_("For which unit"))
    heard = _lines(
        _("What we have heard so far"),
        _("In rounds, in meetings, in last year's survey. May stay empty."),
        required=False,
    )
    field_order = ("unit", "heard", "what", "due_on", "who")

    def __init__(self, *args: Any, units: Iterable[UnitRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(row.id, row.name) for row in units]


class Kept(forms.Form):
    """A promise was kept."""

    kind = "kept"

    outcome = _lines(_("What is there now"), _("May stay empty."), required=False)

    def said(self) -> Ended:
        """Return what became of it (after ``is_valid``)."""
        return Ended(PromiseState.KEPT, self.cleaned_data["outcome"], _language())


class NotKept(forms.Form):
    """A promise was not kept, and why."""

    kind = "not-kept"

    outcome = _lines(_("Why it was not kept"))

    def said(self) -> Ended:
        """Return what became of it (after ``is_valid``)."""
        return Ended(PromiseState.NOT_KEPT, self.cleaned_data["outcome"], _language())


class NewDay(Dated):
    """A promise gets a later day, and why."""

    kind = "later"

    due_on = _day(_("New date"))
    reason = _lines(
        _("What held it up"), _("The new date and this reason stay beside the promise, also once it is kept.")
    )

    def said(self) -> Later:
        """Return the later day and the reason (after ``is_valid``)."""
        return Later(Words(_language(), "", self.cleaned_data["reason"]), self.cleaned_data["due_on"])


class KeepSheet:
    """What can become of a promise, side by side; what was posted is the one that is filled in."""

    def __init__(self, posted: Mapping[str, Any] | None, *, today: date) -> None:
        kind = posted.get("kind", "") if posted is not None else ""
        self.kept = Kept(posted if kind == Kept.kind else None, prefix="kept")
        self.later = NewDay(posted if kind == NewDay.kind else None, today=today, prefix="later")
        self.not_kept = NotKept(posted if kind == NotKept.kind else None, prefix="not")
        known: dict[str, Kept | NewDay | NotKept] = {form.kind: form for form in (self.kept, self.later, self.not_kept)}
        self.sent = known.get(kind)

    def is_valid(self) -> bool:
        """Was one of the three sent, and is it complete?"""
        return self.sent is not None and self.sent.is_valid()

    def said(self) -> Ended | Later:
        """
        Return what became of it (after ``is_valid``).

        :raises ValueError: before
        """
        if self.sent is None:
            raise ValueError("nothing was sent")
        return self.sent.said()

    def refuse(self, sentence: Any) -> None:
        """Keep what was written and say why it was not taken."""
        if self.sent is not None:
            self.sent.add_error(None, sentence)


class Waive(forms.Form):
    """Let units be asked before their first commitment, and why."""

    units = forms.MultipleChoiceField(label=_("Units"), widget=forms.CheckboxSelectMultiple)
    reason_es = forms.CharField(label=_("Reason, in Spanish"), max_length=200)
    reason_en = forms.CharField(label=_("Reason, in English"), max_length=200)

    def __init__(self, *args: Any, units: Iterable[UnitRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["units"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(row.id, row.name) for row in units]
