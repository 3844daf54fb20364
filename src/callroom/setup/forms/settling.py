"""The forms under each line of the check: statements to confirm one by one, and the name of whoever confirms them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callroom.kit.wording import day_and_year
from callroom.setup.states import MadeBy

NOT_CONFIRMED = _("Confirm each statement. If one is not true, make it true first; the page waits.")

TIME_TO_INVITE: Final = timedelta(days=14)
"""Before the first round; a coordinator may choose less."""


class Signed(forms.Form):
    """Statements that must all be confirmed, with a name under them."""

    name = forms.CharField(
        label=_("Your name, as a signature"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.BooleanField):
                field.error_messages["required"] = NOT_CONFIRMED
        self.order_fields([*(name for name in self.fields if name != "name"), "name"])

    def said(self) -> dict[str, str]:
        """Return what was confirmed, by field (after ``is_valid``)."""
        values: dict[str, Any] = self.cleaned_data
        return {field: str(value) for field, value in values.items() if field != "name" and value is not True} | {
            field: "confirmed" for field, value in values.items() if value is True
        }


class ClockCompared(Signed):
    """The machine's clock was compared with a watch."""

    agrees = forms.BooleanField(label=_("The time above agrees with a telephone's or a radio clock's, to the minute."))


class KeysVolume(Signed):
    """What must be true of the volume on which the keys of the rounds lie."""

    encrypted = forms.BooleanField(label=_("The volume is encrypted, and unlocked by a person after a restart."))
    no_backup = forms.BooleanField(label=_("No backup and no snapshot of the machine, the disk or the host holds it."))
    own_user = forms.BooleanField(label=_("Only the user that Callroom runs as can read it."))
    not_shared = forms.BooleanField(label=_("It is no network folder and is not synchronised anywhere."))
    renewed = forms.BooleanField(label=_("It will be encrypted anew every three months, between two rounds."))


class BackupPlan(Signed):
    """What is backed up, where to, how often, and who can open it."""

    made_by = forms.ChoiceField(label=_("Who makes them"), choices=[("", _("Choose")), *MadeBy.choices])
    where = forms.CharField(
        label=_("Where the backups go"),
        help_text=_("Another machine or building: “the university's backup server”."),
        max_length=200,
    )
    every = forms.ChoiceField(
        label=_("How often"), choices=[("day", _("every night")), ("week", _("every week"))], initial="day"
    )
    opened_by = forms.CharField(
        label=_("Who keeps the key that opens them"),
        help_text=_("Two people, and not on this machine."),
        max_length=200,
    )
    without_waves = forms.BooleanField(label=_("The folder of the rounds' keys (keys/waves) is in no backup."))
    tried = forms.BooleanField(label=_("Somebody will try once a year whether a backup can be restored."))


class NoCouncilYet(Signed):
    """Why there is no residents' council yet."""

    why = forms.CharField(
        label=_("Why there is none yet, and when the residents choose one"),
        help_text=_("“The new year begins in March; the assembly of 14 March chooses.”"),
        max_length=200,
    )
    asked = forms.BooleanField(label=_("The residents, or their representatives, were asked."))


class LookedInto(Signed):
    """What somebody found who looked into rounds that ended by themselves. ``seen``: up to which row of the trail."""

    found = forms.CharField(
        label=_("What you found, and what you did"),
        help_text=_("“The database's password stood in an old script; it was changed on 24 November.”"),
        max_length=400,
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, latest: int, **kwargs: Any) -> None:
        super().__init__(*args, initial={"seen": latest}, **kwargs)
        self.latest = latest

    def clean_seen(self) -> int:
        """Nobody looks into what has not happened yet."""
        seen: int = self.cleaned_data["seen"]
        return min(seen, self.latest)


class LinesTried(Signed):
    """Each crisis line was tried or read at its source."""

    def __init__(self, *args: Any, lines: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, label in lines.items():
            self.fields[code] = forms.BooleanField(label=label, error_messages={"required": NOT_CONFIRMED})
        self.order_fields([*lines, "name"])


class Schedule(forms.Form):
    """The Monday on which the first round opens."""

    monday = forms.TypedChoiceField(label=_("The first round opens on Monday"), coerce=date.fromisoformat)

    def __init__(self, *args: Any, mondays: Mapping[date, str], today: date, **kwargs: Any) -> None:
        """``mondays``: each with what is celebrated in its week, empty as a rule. The first that is far enough is offered."""
        super().__init__(*args, **kwargs)
        field = self.fields["monday"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(monday.isoformat(), self._said(monday, days)) for monday, days in mondays.items()]
            field.initial = next((day.isoformat() for day in mondays if day - today >= TIME_TO_INVITE), None)

    @staticmethod
    def _said(monday: date, days: str) -> str:
        day = day_and_year(monday)
        return gettext("%(day)s (holidays: %(names)s)") % {"day": day, "names": days} if days else day


class Arrived(forms.Form):
    """The number that stood in the test letter."""

    code = forms.CharField(
        label=_("The number in the letter"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
