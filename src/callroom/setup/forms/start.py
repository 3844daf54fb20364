"""The forms of the first start, and of the institution's look."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callroom.directory.states import MEXICAN_ZONES, Place
from callroom.kit.contrast import Colour, colour
from callroom.people.models import Person
from callroom.setup import theme

YEAR_STARTS: Final = {"03-01": _("1 March"), "07-01": _("1 July"), "08-01": _("1 August"), "01-01": _("1 January")}
ZONES_OF_THE_STATES: Final = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico",
)  # fmt: skip
BAR: Final = "#12352f"
BUTTON: Final = "#0e4d47"
"""Our own ``--corridor`` and ``--scrub`` by day."""


class Code(forms.Form):
    """The code that the console shows."""

    code = forms.CharField(
        label=_("Code from the console"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class Founding(forms.Form):
    """What the institution is, where it is, and when its year begins."""

    name = forms.CharField(label=_("Name of the institution"), max_length=120)
    short_name = forms.CharField(label=_("Short name"), help_text=_("As people say it: San Rafael"), max_length=40)
    place = forms.ChoiceField(
        label=_("Country"), choices=Place.choices, help_text=_("Its crisis lines stand first on every page.")
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Rounds open and close by it."))
    language = forms.ChoiceField(
        label=_("First language"),
        choices=settings.LANGUAGES,
        help_text=_("Everybody may choose the other one for themselves."),
    )
    year_starts = forms.ChoiceField(label=_("The academic year starts on"), choices=list(YEAR_STARTS.items()))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = self.fields["time_zone"]
        if isinstance(zones, forms.ChoiceField):
            known = available_timezones()
            zones.choices = [
                ("", gettext("Choose")),  # chosen by nobody, the first of the alphabet would hold every round's hours
                *((label, [(zone, zone.rpartition("/")[2].replace("_", " ")) for zone in sorted(names) if zone in known])
                for label, names in (
                    (str(Place.MEXICO.label), MEXICAN_ZONES), (str(Place.UNITED_STATES.label), ZONES_OF_THE_STATES)
                )),
            ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("place") and said.get("time_zone"):
            is_mexican = said["time_zone"] in MEXICAN_ZONES
            if is_mexican != (said["place"] == Place.MEXICO):
                self.add_error("time_zone", _("This time zone is in another country."))
        return said

    def root(self) -> str:
        """Return the id of the top of the tree, made from the short name (after ``is_valid``)."""
        plain = unicodedata.normalize("NFKD", self.cleaned_data["short_name"]).encode("ascii", "ignore").decode()
        return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "institution"


class FirstCoordinator(forms.Form):
    """Who coordinates, and how they sign in."""

    name = forms.CharField(label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    external_id = forms.CharField(
        label=_("Your id in the hospital's roster"),
        help_text=_("Your employee number, for one. The roster knows you by it later."),
        max_length=64,
    )
    password = forms.CharField(
        label=_("New password"),
        help_text=_("At least 12 characters. Three or four words that do not belong together are good."),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New password, again"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if "password" in said:
            try:
                validate_password(said["password"], Person(name=said.get("name", ""), email=said.get("email", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        if said.get("password") and said.get("again", said["password"]) != said["password"]:
            self.add_error("again", _("The two are not the same. Type the new password twice."))
        return said


class Look(forms.Form):
    """Two colours, from which the others are made, and a logo."""

    bar = forms.CharField(label=_("Colour of the bar at the top"), widget=forms.TextInput(attrs={"type": "color"}))
    button = forms.CharField(label=_("Colour of buttons and links"), widget=forms.TextInput(attrs={"type": "color"}))
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG, JPEG or WebP, up to 1 MB. It stands in the bar beside the name."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )

    def clean_bar(self) -> Colour:
        return self._colour("bar")

    def clean_button(self) -> Colour:
        return self._colour("button")

    def clean_logo(self) -> bytes:
        file: UploadedFile[bytes] | None = self.cleaned_data["logo"]
        if not file:
            return b""
        if file.size is None or file.size > theme.LARGEST_LOGO:
            raise forms.ValidationError(_("The picture is larger than 1 MB. Save it smaller and choose it again."))
        try:
            return theme.logo(file.read())
        except theme.NotALogo as error:
            if error.drawing:
                raise forms.ValidationError(
                    _("An SVG drawing can hold a program, so none is taken. Save the logo as PNG.")
                ) from error
            raise forms.ValidationError(_("This is no PNG, JPEG or WebP picture of up to 4,000 pixels.")) from error

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if "bar" in said and "button" in said:
            for each in theme.problems(said["bar"], said["button"]):
                self.add_error(
                    each.part,
                    gettext("Too hard to read: its contrast is %(ratio)s and must be %(least)s. %(instead)s would do.")
                    % {"ratio": f"{each.ratio:.1f}", "least": f"{each.least:.1f}", "instead": each.instead},
                )
        return said

    def _colour(self, name: str) -> Colour:
        try:
            return colour(self.cleaned_data[name])
        except ValueError as error:
            raise forms.ValidationError(_("Write a colour as #0e4d47.")) from error
