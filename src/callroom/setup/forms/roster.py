"""A roster file to take in, and the number that confirms that many people leave."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

LARGEST = 8 * 1024 * 1024


class RosterFile(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("Roster file"),
        help_text=_(
            "CSV or Excel (.xlsx): people, units, evaluators or rotations. Callroom sees by its columns which it is."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.ods,.txt"}),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty."),
        },
    )

    def clean_file(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if file.size is not None and file.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than 8 MB. A roster of 20,000 people is smaller."))
        return file


class Apply(forms.Form):
    """What was read, and how many people leave or rotations end where that has to be confirmed."""

    seen = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
    leavers = forms.IntegerField(label=_("How many people leave"), required=False, min_value=0)
    ended = forms.IntegerField(label=_("How many rotations end"), required=False, min_value=0)
