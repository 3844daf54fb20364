"""Template tags of the kit: icons, signs and the small parts that many pages share."""

from typing import Final

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from callroom.kit import forms, icons, wording

register = template.Library()

CHIPS: Final = {"up": "chip chip-up", "down": "chip chip-down", "early": "chip chip-early", "flat": "chip"}
CHIP_SIGNS: Final = {"up": "up", "down": "down", "early": "unsure", "flat": "flat"}
NOTES: Final = {"": "note", "late": "note note-late", "ok": "note note-ok"}


@register.simple_tag
def icon(name: str) -> SafeString:
    """
    Return a line icon, hidden from screen readers: words stand beside it.

    :raises KeyError: for a name that is not in ``icons.ICONS``
    """
    drawing = mark_safe(icons.ICONS[name])  # noqa: S308 - our own constant
    return format_html('<svg class="ico" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', drawing)


@register.simple_tag
def sign(name: str) -> SafeString:
    """
    Return a filled 16 x 16 sign (flat, up, down, unsure, kept, late, due), hidden from screen readers.

    :raises KeyError: for a name that is not in ``icons.SIGNS``
    """
    drawing = mark_safe(icons.SIGNS[name])  # noqa: S308 - our own constant
    return format_html('<svg viewBox="0 0 16 16" aria-hidden="true">{}</svg>', drawing)


@register.simple_tag
def mark() -> SafeString:
    """Return Callroom's mark, a door ajar."""
    drawing = mark_safe(icons.MARK)  # noqa: S308 - our own constant
    return format_html('<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">{}</svg>', drawing)


@register.simple_tag
def anonymous_static(path: str) -> str:
    """Return the address of a static file under ``/w/static/``, which takes no cookies."""
    return str(settings.ANONYMOUS_STATIC_URL) + static(path).removeprefix(settings.STATIC_URL)


@register.simple_tag
def page_language() -> str:
    """Return the two letters of the language of this page: ``en`` or ``es``."""
    return (get_language() or settings.LANGUAGE_CODE)[:2]


@register.simple_tag
def other_language() -> str:
    """Return the two letters of the other language."""
    return "en" if page_language() == "es" else "es"


@register.simple_tag
def other_language_name() -> str:
    """Return the other language's name in that language."""
    return "English" if page_language() == "es" else "Español"


@register.simple_tag
def in_other_language(path: str) -> str:
    """
    Return the address of an anonymous page in the other language.

    >>> in_other_language("/help/en/")  # doctest: +SKIP
    '/help/es/'
    """
    door, _, rest = path.lstrip("/").partition("/")
    _, _, rest = rest.partition("/")
    return f"/{door}/{other_language()}/{rest}"


@register.simple_tag
def is_demo() -> bool:
    """Is this installation a demonstration?"""
    return bool(settings.DEMO)


@register.simple_block_tag
def chip(content: str, kind: str = "flat") -> SafeString:
    """Show an alarm in words; kind: flat, up, down or early. The sign comes before the colour."""
    return format_html('<span class="{}">{}{}</span>', CHIPS[kind], sign(CHIP_SIGNS[kind]), content)


@register.simple_block_tag
def state(content: str, kind: str) -> SafeString:
    """Show where a promise stands; kind: kept, due or late."""
    return format_html('<span class="state is-{}">{}{}</span>', kind, sign(kind), content)


@register.simple_block_tag
def veil(content: str) -> SafeString:
    """Show that something is hidden to protect privacy; the content says why."""
    return format_html('<span class="veil">{}<span>{}</span></span>', icon("lock"), content)


@register.simple_block_tag
def unasked(content: str) -> SafeString:
    """Show that nobody was asked, or nobody has answered yet; the content says which."""
    return format_html('<span class="unasked">{}</span>', content)


@register.simple_block_tag
def note(content: str, kind: str = "", role: str = "") -> SafeString:
    """Show a message in place; kind: empty, late or ok; role: empty, status or alert."""
    attribute = format_html(' role="{}"', role) if role else ""
    return format_html('<div class="{} stack stack-s"{}>{}</div>', NOTES[kind], attribute, content)


@register.simple_tag
def meter(used: int, total: int, label: str, late: bool = False) -> SafeString:
    """Show how much of a time is used, in equal parts; all of them stand out once it is over. Words stand beside it."""
    step = 20
    kind = "c-over" if late else "c-used"
    parts = format_html_join(
        "",
        '<rect class="{}" x="{}" y="1" width="{}" height="10"/>',
        ((kind if place < used else "c-free", place * step + 1, step - 3) for place in range(total)),
    )
    return format_html(
        '<svg class="meter" viewBox="0 0 {} 12" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        max(1, total) * step,
        label,
        parts,
    )


register.filter("day", wording.day)
register.filter("day_and_year", wording.day_and_year)
register.filter("joined", wording.joined)
register.simple_tag(wording.written_in)
register.simple_tag(forms.mistakes, name="mistakes")
register.simple_tag(forms.dressed, name="dressed")
