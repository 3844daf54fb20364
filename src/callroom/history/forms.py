"""The wizard's forms: a file, then what its columns hold. The file travels with the form; the server keeps nothing."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from callroom.core.disclosure.imported import Scale
from callroom.core.instruments import registry
from callroom.core.instruments.definitions import Direction
from callroom.history.actions import Questionnaire
from callroom.history.reading import Columns
from callroom.history.states import Shape

MOST_BYTES: Final = 1_000_000
"""Of a file in the browser; the command line takes any."""
MOST_PACKED: Final = 200_000
"""Letters that a packed file may take in the next step's form, whose body may have 256 kB; CSV packs to a fifth or less."""
OWN: Final = "own"
GROUPS: Final = (
    (_("What was asked"), ("name", "instrument", "lowest", "highest", "worse")),
    (_("Rows, units and periods"), ("shape", "unit", "period", "one_period", "eligible")),
    (_("Where a row is one person"), ("score",)),
    (_("Where a row is a unit in a period"), ("count", "mean", "spread")),
    (_("Names that are different here"), ("units", "periods")),
)
"""The questions of the second step, in the order in which they are asked."""
COLUMN_NEEDED: Final = {
    "score": _("Say which column holds the score."),
    "count": _("Say which column holds the number of people."),
    "mean": _("Say which column holds the mean."),
}


class File(forms.Form):
    """Which file."""

    file = forms.FileField(
        label=_("CSV file or spreadsheet"),
        help_text=_("CSV in UTF-8 or XLSX, at most 1 MB, with a header. Rows are read and not kept."),
    )

    def clean_file(self) -> UploadedFile[bytes]:
        """Refuse what would not fit the next step."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if file.size is None or file.size > MOST_BYTES:
            raise forms.ValidationError(gettext("The file is larger than 1 MB. Use the command line for it."))
        if len(packed(file.read())) > MOST_PACKED:
            raise forms.ValidationError(gettext("The file is too large for these pages. Use the command line for it."))
        file.seek(0)
        return file


class Mapped(forms.Form):
    """What the columns hold, and what was asked."""

    content = forms.CharField(widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name of the survey, as it is shown"), max_length=120)
    instrument = forms.ChoiceField(label=_("Questionnaire"))
    lowest = forms.DecimalField(
        label=_("Lowest score"),
        required=False,
        max_digits=8,
        decimal_places=2,
        help_text=_("Only for a scale of your own."),
    )
    highest = forms.DecimalField(
        label=_("Highest score"),
        required=False,
        max_digits=8,
        decimal_places=2,
        help_text=_("Only for a scale of your own."),
    )
    worse = forms.ChoiceField(
        label=_("What a higher score means"),
        choices=[("higher", _("worse")), ("lower", _("better"))],
        help_text=_("Only for a scale of your own."),
    )
    shape = forms.ChoiceField(
        label=_("What a row is"),
        choices=[(Shape.ROWS.value, _("one person's score")), (Shape.AGGREGATES.value, _("a unit in a period"))],
    )
    unit = forms.ChoiceField(label=_("Column of the unit"))
    period = forms.ChoiceField(label=_("Column of the period"), required=False)
    one_period = forms.CharField(
        label=_("Or one period for the whole file"),
        required=False,
        max_length=10,
        help_text=_("2024, 2024-03 or 2024-03-31"),
    )
    score = forms.ChoiceField(label=_("Column of the score"), required=False)
    count = forms.ChoiceField(label=_("Column of the number of people"), required=False)
    mean = forms.ChoiceField(label=_("Column of the mean"), required=False)
    spread = forms.ChoiceField(
        label=_("Column of the standard deviation"), required=False, help_text=_("Only if the file knows it.")
    )
    eligible = forms.ChoiceField(
        label=_("Column of how many were asked"), required=False, help_text=_("Only if the file knows it.")
    )
    units = forms.CharField(
        label=_("Which units are meant"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line: 3 = surgery"),
    )
    periods = forms.CharField(
        label=_("Which periods are meant"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line: 1 = 2021-03"),
    )

    def __init__(self, *args: Any, header: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = (get_language() or "en")[:2]
        known = [(each.id, each.name.get(language, each.name["en"])) for each in registry.all_instruments()]
        self._choose("instrument", [*known, (OWN, gettext("A scale of our own"))])
        for name in ("unit", "period", "score", "count", "mean", "spread", "eligible"):
            none = [] if name == "unit" else [("", "–")]
            self._choose(name, [*none, *((column, column) for column in header)])

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """Yield what is asked together, with its heading."""
        for heading, names in GROUPS:
            yield str(heading), [self[name] for name in names]

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def clean_units(self) -> dict[str, str]:
        """Return what stands for which unit."""
        return _pairs(self.cleaned_data["units"])

    def clean_periods(self) -> dict[str, str]:
        """Return what stands for which period."""
        return _pairs(self.cleaned_data["periods"])

    def clean(self) -> None:
        """Ask for what the other answers make necessary."""
        given = self.cleaned_data
        rows = given.get("shape") == Shape.ROWS.value
        for name in ("score",) if rows else ("count", "mean"):
            if not given.get(name):
                self.add_error(name, COLUMN_NEEDED[name])
        if not given.get("period") and not given.get("one_period"):
            self.add_error(
                "period", gettext("Say which column holds the period, or write one period for the whole file.")
            )
        if given.get("instrument") == OWN:
            low, high = given.get("lowest"), given.get("highest")
            if low is None or high is None or high <= low:
                self.add_error("highest", gettext("Write the lowest and the highest score that is possible."))

    def columns(self) -> Columns:
        """Return the mapping (after ``is_valid``)."""
        given = self.cleaned_data
        rows = given["shape"] == Shape.ROWS.value
        return Columns(
            unit=given["unit"],
            period=given["period"],
            one_period="" if given["period"] else given["one_period"].strip(),
            score=given["score"] if rows else "",
            count="" if rows else given["count"],
            mean="" if rows else given["mean"],
            spread="" if rows else given["spread"],
            eligible=given["eligible"],
            units=given["units"],
            periods=given["periods"],
        )

    def questionnaire(self) -> Questionnaire:
        """Return what was asked (after ``is_valid``)."""
        given = self.cleaned_data
        if given["instrument"] == OWN:
            scale = Scale(Fraction(given["lowest"]), Fraction(given["highest"]))
            return own_questionnaire(given["name"], scale, higher_is_worse=given["worse"] == "higher")
        return known_questionnaire(given["instrument"], given["name"])


def known_questionnaire(instrument: str, name: str = "") -> Questionnaire:
    """
    Return an instrument of the registry as what was asked.

    :raises UnknownInstrument: when there is none
    """
    known = registry.get(instrument)
    return Questionnaire(
        id=known.id,
        name=name or known.name["en"],
        scale=Scale(known.lowest(), known.highest()),
        higher_is_worse=known.direction is Direction.HIGHER_IS_WORSE,
    )


def own_questionnaire(name: str, scale: Scale, *, higher_is_worse: bool) -> Questionnaire:
    """Return a scale of the institution's own as what was asked."""
    words = "-".join("".join(letter if letter.isalnum() else " " for letter in name.casefold()).split())
    return Questionnaire(f"own-{words}"[:60], name, scale, higher_is_worse)


def packed(content: bytes) -> str:
    """Return a file as text that travels in a form."""
    return base64.b64encode(zlib.compress(content, 9)).decode()


def unpacked(text: str) -> bytes | None:
    """Return the file that travelled in a form; None if it was changed on the way."""
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(base64.b64decode(text, validate=True), MOST_BYTES + 1)
    except (ValueError, zlib.error):  # ValueError: no base64, or letters beyond ASCII
        return None
    whole = unpacking.eof and len(content) <= MOST_BYTES  # neither cut off nor more than any file that was taken
    return content if whole else None


def _pairs(text: str) -> dict[str, str]:
    """
    Return "3 = surgery" line by line as a mapping.

    :raises ValidationError: for a line without an equals sign
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        left, equals, right = (part.strip() for part in line.partition("="))
        if not line.strip():
            continue
        if not equals or not left or not right:
            raise forms.ValidationError(
                gettext("“%(line)s” has no two sides. Write: 3 = surgery") % {"line": line[:40]}
            )
        found[left] = right
    return found


def guessed(header: Sequence[str]) -> Mapping[str, str]:
    """Return a first guess of which column holds what, by common names in both languages."""
    names = {
        "unit": {"unit", "unidad", "department", "departamento", "programme", "program", "programa"},
        "period": {"period", "periodo", "período", "wave", "date", "fecha", "month", "mes", "year"},
        "score": {"score", "puntaje", "puntuacion", "puntuación", "total"},
        "count": {"n", "count", "respondents"},
        "mean": {"mean", "media", "average", "promedio"},
        "spread": {"sd", "de", "stdev"},
        "eligible": {"eligible", "asked", "convocados"},
    }
    return {
        what: next((column for column in header if column.casefold() in known), "") for what, known in names.items()
    }
