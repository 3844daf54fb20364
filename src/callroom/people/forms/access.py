"""Forms about the ways in of others."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

NOT_YET = _("Not approved yet, or these are other words. Nothing was changed.")
OTHER_WORDS = _("These are other words than this person was shown. After five times they must ask again.")
NOBODY = _("Nobody here has this id or address.")


class ResetWords(forms.Form):
    """The three words that belong to asking for new second factors."""

    words = forms.CharField(
        label=_("The three words"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )


class Invite(forms.Form):
    """Whom to send a link."""

    who = forms.CharField(
        label=_("Id in the roster, or e-mail address"),
        help_text=_("Empty: everybody who has neither a password nor a link that still works."),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
