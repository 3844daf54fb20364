"""What is filled in about the council: who is on it, what is proposed and why, and a signature made in the browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from callroom.core.anonymity.canonical import Encodable
from callroom.core.anonymity.promises import LEAST_NOISE_PERCENT
from callroom.core.disclosure.policy import Policy
from callroom.core.disclosure.rules import LONGEST_WORDS, MINIMUMS, MOST_NOISE_PERCENT, Kind, bands_from
from callroom.council.newcomers import Newcomer
from callroom.council.queries import Council
from callroom.council.wording import MODULES
from callroom.people.models import Institution, Person
from callroom.people.queries import people_by_id_or_address
from callroom.pulse.forms import Reason

LONGEST_KEY: Final = 100


class Appoint(forms.Form):
    """Two or three residents, each by their address or their number in the roster."""

    first = forms.CharField(label=_("First member"), max_length=254)
    second = forms.CharField(label=_("Second member"), max_length=254)
    third = forms.CharField(
        label=_("Third member"),
        max_length=254,
        required=False,
        help_text=_("Three are better: two of them can sign while one is away. Leave this empty for a council of two."),
    )

    def __init__(self, *args: Any, institution: Institution, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._institution = institution
        self.fields["first"].help_text = _("E-mail address, or number in the hospital's roster.")

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        found: list[Person] = []
        for name in ("first", "second", "third"):
            who = said.get(name, "").strip()
            people = people_by_id_or_address(self._institution, who) if who else ()
            if who and len(people) != 1:
                self.add_error(name, _("Nobody here has this address or number. Look it up in the roster."))
            elif who and people[0] in found:
                self.add_error(name, _("This is the same person again."))
            found += people
        said["persons"] = found
        return said


class NewKey(forms.Form):
    """A public key that the browser made, and a signature that shows that it can sign."""

    public_key = forms.CharField(widget=forms.HiddenInput, max_length=LONGEST_KEY)
    proof = forms.CharField(widget=forms.HiddenInput, max_length=LONGEST_KEY)


class Sign(forms.Form):
    """A signature that the browser made."""

    signature = forms.CharField(widget=forms.HiddenInput, max_length=LONGEST_KEY)


class Newcomers(forms.Form):
    """Of whom a member says that they exist: whole programmes, single people."""

    units = forms.MultipleChoiceField(required=False)
    people = forms.MultipleChoiceField(required=False)

    def __init__(self, data: Any, *, waiting: Sequence[Newcomer]) -> None:
        super().__init__(data)
        self._waiting = waiting
        self.fields["units"].choices = [(each.unit, each.unit) for each in waiting]  # type: ignore[attr-defined]
        self.fields["people"].choices = [(each.id, each.id) for each in waiting]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        units, single = set(said.get("units", ())), set(said.get("people", ()))
        said["chosen"] = {each.id for each in self._waiting if each.unit in units or each.id in single}
        if not said["chosen"] and not self.errors:
            raise forms.ValidationError(_("Mark at least one person whom you know."))
        return said


class SignNewcomers(Sign):
    """The signature, and what it is under."""

    text = forms.CharField(widget=forms.HiddenInput, strip=False)


class ConfirmRequest(forms.Form):
    """Which reason the second person has read who names another council."""

    reason_sha256 = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)


class Change(Reason):
    """A change that is proposed: its content, and the public words why."""

    kind: Kind

    def __init__(self, *args: Any, council: Council, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.council = council
        self.order_fields([name for name in self.fields if not name.startswith("reason")])

    def change(self) -> Mapping[str, Encodable]:
        """Return what is proposed, as it is signed (after ``is_valid``)."""
        return {"kind": self.kind.value, "reason": self.reason(), **self.content()}

    def content(self) -> Mapping[str, Encodable]:
        """Return the fields of this kind of change."""
        raise NotImplementedError


class Pause(Change):
    """What rests."""

    kind = Kind.PAUSE
    module = forms.ChoiceField(label=_("What rests"), choices=list(MODULES.items()))

    def content(self) -> Mapping[str, Encodable]:
        return {"module": self.cleaned_data["module"]}


class Resume(Pause):
    """What goes on."""

    kind = Kind.RESUME

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["module"].label = _("What goes on")


class NewPolicy(Change):
    """The fewest answers that are a number, and how much noise is added."""

    kind = Kind.POLICY
    minimum = forms.TypedChoiceField(
        label=_("A result appears from how many answers on?"),
        coerce=int,
        choices=[(each, str(each)) for each in MINIMUMS],
        help_text=_("Never fewer than eight. With a higher one, smaller groups have no figure more often."),
    )
    noise = forms.IntegerField(
        label=_("Noise, in percent of the scale"),
        min_value=LEAST_NOISE_PERCENT,
        max_value=MOST_NOISE_PERCENT,
        help_text=_("28 at least. More of it hides a single answer better, and changes are seen later."),
    )

    def __init__(self, *args: Any, council: Council, **kwargs: Any) -> None:
        now = {"minimum": council.policy.minimum, "noise": council.policy.noise_scale_percent}
        super().__init__(*args, council=council, initial=now, **kwargs)

    def content(self) -> Mapping[str, Encodable]:
        said: dict[str, Any] = self.cleaned_data
        policy: Policy = replace(
            self.council.policy,
            version=self.council.policy.version + 1,
            minimum=said["minimum"],
            noise_scale_percent=said["noise"],
            bands=bands_from(said["minimum"]),
        )
        return {"policy": policy.to_payload()}


class NewWords(Change):
    """Public words in both languages."""

    words_es = forms.CharField(label=_("The words, in Spanish"), max_length=LONGEST_WORDS, widget=forms.Textarea)
    words_en = forms.CharField(label=_("The words, in English"), max_length=LONGEST_WORDS, widget=forms.Textarea)

    def content(self) -> Mapping[str, Encodable]:
        said: dict[str, str] = self.cleaned_data
        # A form gives line ends as CR LF; what is signed has plain ones.
        words = {code: said[f"words_{code}"].replace("\r\n", "\n") for code in ("en", "es")}
        return {"words": words}


class Retention(NewWords):
    """How long what is kept."""

    kind = Kind.RETENTION


class Purpose(NewWords):
    """What results are used for."""

    kind = Kind.PURPOSE


class Successors(Change):
    """Who follows: two or three of those who hold the role and have made a key."""

    kind = Kind.COUNCIL
    members = forms.MultipleChoiceField(
        label=_("Who is on the council"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Two or three. Only people who were appointed and have made their key stand here."),
    )

    def __init__(self, *args: Any, council: Council, **kwargs: Any) -> None:
        super().__init__(*args, council=council, **kwargs)
        field = self.fields["members"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(str(each.person), each.name) for each in council.members if each.has_key]

    def clean_members(self) -> frozenset[UUID]:
        chosen: Sequence[str] = self.cleaned_data["members"]
        if len(chosen) not in (2, 3):
            raise forms.ValidationError(_("A council has two or three members."))
        return frozenset(UUID(each) for each in chosen)

    def content(self) -> Mapping[str, Encodable]:
        return {"keys": self.keys, "required": 2}

    keys: list[str] = []
    """Of the chosen members, in base64 and in order; set by whoever may look them up."""


CHANGES: Final[Mapping[Kind, type[Change]]] = {
    Kind.PAUSE: Pause,
    Kind.RESUME: Resume,
    Kind.POLICY: NewPolicy,
    Kind.RETENTION: Retention,
    Kind.PURPOSE: Purpose,
    Kind.COUNCIL: Successors,
}
