"""What is published, what is in work, and what one person said: the last for that person alone, and for nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import get_language

from callroom.consent import register, texts
from callroom.consent.models import Agreement, Notice, NoticeDraft
from callroom.consent.states import Law, Part, Said, Standing
from callroom.people.models import Institution, Person


@dataclass(frozen=True, slots=True)
class Version:
    """One published version, for a list."""

    number: int
    on: date


@dataclass(frozen=True, slots=True)
class NoticePage:
    """
    A notice in one language. ``parts``: how each of its texts is laid out. ``reviewed_by``: empty, nobody has yet.

    ``others``: the other versions, newest first; ``newest``: is this the one that holds?
    """

    number: int
    on: date
    law: Law
    language: str
    reviewed_by: str
    parts: Mapping[str, tuple[texts.Block, ...]]
    others: tuple[Version, ...]
    newest: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """The next version while it is being written."""

    law: Law
    address: str
    contact: str
    texts: texts.Texts


def in_force(institution: Institution) -> Notice | None:
    """Return the notice that holds: the newest."""
    return Notice.objects.filter(institution=institution).order_by("-number").first()


def notice_page(institution: Institution, *, number: int | None = None) -> NoticePage | None:
    """Return a version (without a number: the one in force) in the language that is active, or in its own first one."""
    versions = list(Notice.objects.filter(institution=institution).order_by("-number"))
    found = next((each for each in versions if number in (None, each.number)), None)
    if found is None:
        return None
    others = tuple(Version(each.number, each.published_on) for each in versions if each is not found)
    return _page(found, others, newest=found is versions[0])


def speaks_of_scale(institution: Institution) -> Mapping[str, texts.Speaks]:
    """Return for each language of the notice in force whether it speaks of the quarterly burnout scale; empty without one."""
    found = in_force(institution)
    written: texts.Texts = found.texts if found else {}
    return {
        language: texts.speaks_of_scale(parts, language)
        for language, parts in written.items()
        if language in texts.SCALE_WORDS
    }


def draft_page(institution: Institution, language: str, *, today: date) -> NoticePage | None:
    """Return the draft in one language as it would look if it were published today."""
    draft = NoticeDraft.objects.filter(institution=institution).first()
    if draft is None:
        return None
    newest = in_force(institution)
    as_if = Notice(
        institution=institution,
        number=newest.number + 1 if newest else 1,
        published_on=today,
        law=draft.law,
        name=institution.name,
        address=draft.address or "{address}",
        contact=draft.contact or "{contact}",
        texts={language: draft.texts.get(language, {})},
    )
    return _page(as_if, (), newest=True)


def draft_of(institution: Institution) -> Draft | None:
    """Return the notice in work."""
    found = NoticeDraft.objects.filter(institution=institution).first()
    return Draft(Law(found.law), found.address, found.contact, found.texts) if found else None


def gaps_in(draft: Draft, languages: list[str]) -> tuple[tuple[str, str], ...]:
    """Return what is missing before a draft can be published: pairs of a part (or address, contact) and a language."""
    missing = [(name, "") for name in ("address", "contact") if not getattr(draft, name).strip()]
    missing += [
        (part.value, language)
        for language in languages
        for part in Part
        if not draft.texts.get(language, {}).get(part.value, "").strip()
    ]
    return tuple(missing)


def standing_of(person: Person) -> Standing:
    """
    Return where this person is with the check-in. Asked for the person's own sake only: nobody else's page calls it.

    :raises OSError: if the register cannot be read
    """
    notice = in_force(person.institution)
    if notice is None:
        return Standing.NO_NOTICE
    said, purpose = said_by(person.pk)
    if purpose != notice.purpose or said is Said.NOTHING:
        return Standing.OPEN
    return Standing.AGREED if said is Said.YES else Standing.DECLINED


def said_by(person: UUID) -> tuple[Said, int]:
    """Return what this person said last, and to which purpose; NOTHING and 0 for nothing."""
    slot = register.of(person)
    if slot is not None:
        return slot.said, slot.purpose
    row = Agreement.objects.filter(pk=person).first()
    return (Said(row.said), row.purpose) if row else (Said.NOTHING, 0)


def own_decision(person: Person) -> dict[str, str | int]:
    """
    Return what this person said to the check-in, for their own copy of what is stored.

    Of who has left nothing: such a copy is handed over by somebody else, who must not read it.
    """
    if not person.is_active:
        return {}
    try:
        said, purpose = said_by(person.pk)
    except OSError:
        return {"said": "cannot be read just now"}
    return {"said": said.name.lower(), "purpose": purpose}


def register_is_damaged() -> bool:
    """Return whether what people said since the last round closed cannot be read: then nobody is given a ticket."""
    return register.is_damaged()


def may_be_given_tokens(person: Person) -> bool:
    """
    Return whether nothing stands in the way of a token: this person said yes to the purpose in force.

    Before an institution publishes its first notice there is nothing to say yes to, and ``callroom check`` is red.
    """
    return standing_of(person) in {Standing.AGREED, Standing.NO_NOTICE}


def _page(notice: Notice, others: tuple[Version, ...], *, newest: bool) -> NoticePage:
    own = (get_language() or "")[:2]
    language = own if own in notice.texts else next(iter(notice.texts))
    written = notice.texts[language]
    parts = {
        part.value: texts.blocks(
            texts.filled(
                written.get(part.value, ""),
                name=notice.name,
                address=notice.address,
                contact=notice.contact,
                on=notice.published_on,
                language=language,
            )
        )
        for part in Part
    }
    law = Law(notice.law)
    return NoticePage(
        notice.number, notice.published_on, law, language, notice.reviewed_by, parts, others, newest=newest
    )
