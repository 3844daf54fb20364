"""When letters go out, on which days they wait, and the link of a test letter as it arrived."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callroom.prompts.holidays import COUNTRIES, Where, regions
from callroom.prompts.queries import QUIET_FROM, QUIET_UNTIL
from callroom.prompts.states import Weekday

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

NO_REMINDER = ("", _("no reminder"))


def _clock(label: StrPromise, *, required: bool = False) -> forms.TimeField:
    return forms.TimeField(
        label=label, required=required, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )


def _day(label: StrPromise) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, required=False, coerce=int, empty_value=None, choices=[NO_REMINDER, *Weekday.choices]
    )


class Times(forms.Form):
    """The time of the invitation, and day and time of two reminders at most."""

    opening_at = _clock(_("On the day on which a round opens, at"), required=True)
    first_day = _day(_("First reminder, in the last week of a round"))
    first_at = _clock(_("First reminder, at"))
    second_day = _day(_("Second reminder"))
    second_at = _clock(_("Second reminder, at"))

    def clean(self) -> dict[str, Any]:
        """Refuse letters at night, half a reminder, and a second one that does not come on a later day."""
        said: dict[str, Any] = super().clean() or {}
        for name in ("opening_at", "first_at", "second_at"):
            at = said.get(name)
            if isinstance(at, time) and not QUIET_UNTIL <= at < QUIET_FROM:
                self.add_error(name, gettext("Letters go out between 07:00 and 21:00."))
        for name in ("first", "second"):
            if (said.get(f"{name}_day") is None) != (
                said.get(f"{name}_at") is None
            ) and f"{name}_at" not in self.errors:
                self.add_error(f"{name}_at", gettext("A reminder needs a day and a time, or neither."))
        first, second = said.get("first_day"), said.get("second_day")
        if second is not None and (first is None or second <= first):
            self.add_error("second_day", gettext("The second reminder comes on a later day than the first."))
        return said

    def reminders(self) -> tuple[tuple[int, time], ...]:
        """Return day and time of each reminder (after ``is_valid``)."""
        said = self.cleaned_data
        names = ("first", "second")
        return tuple((said[f"{name}_day"], said[f"{name}_at"]) for name in names if said[f"{name}_day"] is not None)


class Link(forms.Form):
    """The link as it arrived."""

    link = forms.CharField(
        label=_("The link in the letter, as it arrived"),
        max_length=4000,
        help_text=_("Do not open it: press and hold it, or use the right button, then copy its address."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )


def _places() -> list[tuple[str | StrPromise, object]]:
    """Return the countries, those with regions as a group, and last the way to none."""
    found: list[tuple[str | StrPromise, object]] = []
    for country, name in COUNTRIES.items():
        apart = [(f"{country}-{code}", called) for code, called in regions(country).items()]
        whole = gettext("%(country)s: what holds everywhere") % {"country": name}
        found.append((name, [(country, whole), *apart]) if apart else (country, name))
    return [*found, ("", _("another country: only our own days"))]


class Place(forms.Form):
    """Whose public holidays hold."""

    place = forms.ChoiceField(label=_("Public holidays of"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["place"]
        if isinstance(field, forms.ChoiceField):
            field.choices = _places()

    def where(self) -> Where:
        """Return the country and region (after ``is_valid``)."""
        country, _dash, region = self.cleaned_data["place"].partition("-")
        return Where(country, region)


class OwnDay(forms.Form):
    """A day of the institution's own."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    every_year = forms.TypedChoiceField(
        label=_("How often"), choices=[("once", _("this once")), ("yearly", _("every year"))],
        coerce=lambda said: said == "yearly",
    )  # fmt: skip
    name_es = forms.CharField(label=_("Name, in Spanish"), help_text=_("For one: Día de San Rafael"), max_length=80)
    name_en = forms.CharField(label=_("Name, in English"), max_length=80)

    def name(self) -> dict[str, str]:
        """Return the name by language (after ``is_valid``)."""
        return {"en": self.cleaned_data["name_en"], "es": self.cleaned_data["name_es"]}


class Offered(forms.Form):
    """The week that is skipped."""

    monday = forms.DateField(widget=forms.HiddenInput)

    def week(self) -> date:
        """Return its Monday (after ``is_valid``)."""
        monday: date = self.cleaned_data["monday"]
        return monday
