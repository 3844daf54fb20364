"""Safe messaging: words that must not stand on any page, in either language.

After the Action Alliance's framework and the 988 messaging framework: no false reassurance, no blame, no sensation, no
word about how. The list is short on purpose; a person reads the pages as well.
"""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]

UNSAFE = {
    "false reassurance": r"no risk|risk.free|without risk|you are safe now|sin (?:ningún )?riesgo|ningún riesgo|"
    r"no (?:hay|tienes|corres|existe) riesgo|cero riesgo|estás a salvo",
    "blame": r"commit(?:s|ted|ting)? suicide|comet(?:er|e|ió|ido) suicidio|acto (?:cobarde|egoísta)|attention.seeking|"
    r"llamar la atención",
    "success and failure": r"(?:failed|unsuccessful|successful|completed) (?:suicide|attempt)|"
    r"(?:intento|suicidio) (?:fallido|frustrado|exitoso|consumado)|failed suicide",
    "sensation": r"epidemic|skyrocket|epidemia|ola de suicidios|alarming rate|cifras alarmantes",
    "how": r"overdos\w*|hang(?:ed|ing) (?:your|him|her|them)\w*|sobredosis|ahorc\w+|lethal|letal(?:es)?\b",
    "labels": r"crazy|insane|psycho\b|loco de remate|desquiciad[oa]|the mentally ill|enfermos mentales",
}
PATTERNS = {why: re.compile(pattern, re.IGNORECASE) for why, pattern in UNSAFE.items()}


def texts() -> list[tuple[str, str]]:
    """Return every text a person may read, with the file it stands in."""
    found = [(str(file.relative_to(ROOT)), file.read_text(encoding="utf-8")) for file in _files()]
    for catalogue in sorted(ROOT.glob("src/callroom/*/locale/*/LC_MESSAGES/django.po")):
        where = str(catalogue.relative_to(ROOT))
        for entry in polib.pofile(str(catalogue)):
            said = [entry.msgid, entry.msgid_plural, entry.msgstr, *entry.msgstr_plural.values()]
            found += [(where, text) for text in said if text]
    return found


def _files() -> list[Path]:
    pages = [*ROOT.glob("src/callroom/*/templates/**/*.html"), *ROOT.glob("browser/**/*.js")]
    pages.append(ROOT / "src/callroom/directory/seed.py")
    # The lists of the ten words are BIP-39's, taken as they are.
    return sorted(page for page in pages if not page.name.startswith("words-") and "test" not in page.parts)


@pytest.mark.parametrize("why", sorted(PATTERNS))
def test_no_page_and_no_translation_says_it(why: str) -> None:
    assert [(where, text[:80]) for where, text in texts() if PATTERNS[why].search(text)] == []


@pytest.mark.parametrize(
    ("why", "text"),
    [
        ("false reassurance", "Your answers show no risk."),
        ("false reassurance", "Tus respuestas no tienen riesgo: sin ningún riesgo."),
        ("blame", "se cometió suicidio; cometió suicidio"),
        ("success and failure", "un intento fallido"),
        ("sensation", "an epidemic of burnout"),
        ("how", "sobredosis"),
        ("labels", "this is crazy"),
    ],
)
def test_the_list_would_catch_it(why: str, text: str) -> None:
    assert PATTERNS[why].search(text)


def test_there_is_something_to_read() -> None:
    places = {where.split("/")[2] for where, _text in texts() if where.startswith("src/callroom/")}

    assert {"directory", "kit", "pulse"} <= places
