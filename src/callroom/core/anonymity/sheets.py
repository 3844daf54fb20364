"""
Sheets: what an institution promises about one wave before anybody answers (PROTOCOL, section 1).

A *key sheet* names the groups and the one key each group's tokens are signed with; a *wave sheet* the questions,
the policy, the leaves and the instants. Both check themselves when they are made: a sheet that must not be used
cannot exist. ``demo`` marks seeded history, whose groups have no keys any more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from typing import Final, Self

from callroom.core.anonymity import canonical, kept_promises
from callroom.core.anonymity.canonical import Encodable, Json
from callroom.core.anonymity.chain import sha256_hex
from callroom.core.anonymity.fields import (
    Fields,
    SheetError,
    are_names,
    is_name,
    must,
    natural,
    parts_of_wave,
)
from callroom.core.anonymity.kept_promises import PromisesAsked
from callroom.core.anonymity.promises import check_plan, check_policy
from callroom.core.anonymity.sealing import PUBLIC_KEY_LENGTH
from callroom.core.anonymity.spelling import is_hash, to_base64
from callroom.core.anonymity.tokens import BlindError, load_public_key, public_bytes
from callroom.core.instruments import scale

__all__ = ["Group", "KeySheet", "SheetError", "SheetItem", "SheetLeaf", "WaveSheet", "check_against", "parts_of_wave"]

#: PROTOCOL, sections 1 and 2: nobody answers in a group of fewer.
FEWEST_ELIGIBLE: Final = 11
MOST_ITEMS: Final = 16
MOST_OPTIONS: Final = 11
LABEL_LANGUAGES: Final = ("en", "es")


@dataclass(frozen=True, slots=True)
class Group:
    """The people of one leaf. ``id``: the leaf's; ``public_key``: SubjectPublicKeyInfo (DER) of an RSA-3072 key."""

    index: int
    id: str
    units: tuple[str, ...]
    eligible: int
    public_key: bytes
    members_sha256: str

    def __post_init__(self) -> None:
        must(is_name(self.id) and are_names(self.units), "group", f"group {self.index} has no proper id or units")
        must(is_hash(self.members_sha256), "members", f"group {self.id} has no hash of its members")
        must(_is_group_key(self.public_key), "key", f"the key of {self.id} is not RSA, 3,072 bits, e = 65537")

    @classmethod
    def from_payload(cls, value: Json) -> Self:
        """:raises SheetError: if it is no sound group"""
        fields = Fields(value, "index", "id", "units", "eligible", "public_key", "members_sha256")
        return cls(
            index=fields.number("index"),
            id=fields.text("id"),
            units=fields.texts("units"),
            eligible=fields.number("eligible"),
            public_key=fields.blob("public_key", "key"),
            members_sha256=fields.text("members_sha256"),
        )

    def to_payload(self) -> dict[str, Encodable]:
        """Return the JSON object in the key sheet."""
        return {
            "index": self.index,
            "id": self.id,
            "units": self.units,
            "eligible": self.eligible,
            "public_key": to_base64(self.public_key),
            "members_sha256": self.members_sha256,
        }


@dataclass(frozen=True, slots=True)
class KeySheet:
    """The groups of one wave; ``groups[i].index == i``."""

    wave: str
    weeks: int
    groups: tuple[Group, ...]
    demo: bool = False

    def __post_init__(self) -> None:
        must(parts_of_wave(self.wave)[1] == self.weeks, "wave", f"{self.wave} does not last {self.weeks} weeks")
        must(self.demo or self.groups, "group", "no groups")
        for index, group in enumerate(self.groups):
            must(group.index == index, "group", f"group {group.id} is not numbered {index}")
            must(self.demo or group.eligible >= FEWEST_ELIGIBLE, "too few", f"{group.id} has {group.eligible} people")
        _must_be_unique("group", (group.id for group in self.groups))
        _must_be_unique("unit", (unit for group in self.groups for unit in group.units))
        _must_be_unique("key", (group.public_key for group in self.groups))

    @classmethod
    def from_payload(cls, value: Json) -> Self:
        """:raises SheetError: if it is no sound key sheet"""
        fields = Fields(value, "wave", "weeks", "groups", optional=("demo",))
        return cls(
            wave=fields.text("wave"),
            weeks=fields.number("weeks"),
            groups=tuple(Group.from_payload(group) for group in fields.entries("groups")),
            demo=_demo(fields),
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """:raises SheetError: if these are not the canonical bytes of a sound key sheet"""
        return cls.from_payload(_decode(data))

    def to_payload(self) -> dict[str, Encodable]:
        """Return the payload of the ``key-sheet`` header."""
        groups = [group.to_payload() for group in self.groups]
        return _marked({"wave": self.wave, "weeks": self.weeks, "groups": groups}, demo=self.demo)

    def to_bytes(self) -> bytes:
        """Return the payload's canonical bytes."""
        return canonical.encode(self.to_payload())

    @property
    def sha256(self) -> str:
        """Return the hash its header and its wave sheet name."""
        return sha256_hex(self.to_bytes())


@dataclass(frozen=True, slots=True)
class SheetItem:
    """One question, its id and how many options it has; or a scale (``core.instruments.scale``) and those of each of its questions."""

    id: str
    options: int

    def __post_init__(self) -> None:
        must(is_name(self.id) and 2 <= self.options <= MOST_OPTIONS, "items", f"{self.id} is no proper item")

    @classmethod
    def from_payload(cls, value: Json) -> Self:
        """:raises SheetError: if it is no sound item"""
        fields = Fields(value, "id", "options")
        return cls(fields.text("id"), fields.number("options"))

    @property
    def values(self) -> int:
        """Return how many answers can be sealed: 0 for the first option; for a scale its steps."""
        return scale.values(self.id, self.options)

    def to_payload(self) -> dict[str, Encodable]:
        """Return the JSON object in the wave sheet."""
        return {"id": self.id, "options": self.options}


@dataclass(frozen=True, slots=True)
class SheetLeaf:
    """Where answers of one group count. ``label``: its name in English and Spanish; ``eligible``: at opening."""

    leaf: str
    group: int
    units: tuple[str, ...]
    label: Mapping[str, str]
    eligible: int

    def __post_init__(self) -> None:
        must(is_name(self.leaf) and are_names(self.units), "leaves", f"leaf {self.leaf} has no proper id or units")
        labelled = self.label.keys() == set(LABEL_LANGUAGES) and all(text.strip() for text in self.label.values())
        must(labelled, "leaves", f"leaf {self.leaf} has no name in each language")

    @classmethod
    def from_payload(cls, value: Json) -> Self:
        """:raises SheetError: if it is no sound leaf"""
        fields = Fields(value, "leaf", "group", "units", "label", "eligible")
        label = Fields(fields.value("label"), *LABEL_LANGUAGES)
        return cls(
            leaf=fields.text("leaf"),
            group=fields.number("group"),
            units=fields.texts("units"),
            label={language: label.text(language) for language in LABEL_LANGUAGES},
            eligible=fields.number("eligible"),
        )

    def to_payload(self) -> dict[str, Encodable]:
        """Return the JSON object in the wave sheet."""
        return {
            "leaf": self.leaf,
            "group": self.group,
            "units": self.units,
            "label": self.label,
            "eligible": self.eligible,
        }


@dataclass(frozen=True, slots=True)
class WaveSheet:
    """
    Everything that is fixed when a wave opens. Its hash is what people compare.

    ``policy`` and ``plan`` are JSON whose shape is checked here and whose meaning belongs to ``core.disclosure``;
    the three instants are epoch seconds.
    """

    wave: str
    weeks: int
    key_sheet: str
    questionnaire: str
    wording: str
    items: tuple[SheetItem, ...]
    core: tuple[str, ...]
    policy: Mapping[str, Encodable]
    hpke_public_key: bytes
    leaves: tuple[SheetLeaf, ...]
    plan: Mapping[str, Encodable]
    opens_at: int
    closes_at: int
    publishes_at: int
    clients: tuple[int, ...] = (1,)
    demo: bool = False

    def __post_init__(self) -> None:
        parts = parts_of_wave(self.wave)
        must(parts == (self.questionnaire, self.weeks), "wave", f"{self.wave} has another questionnaire or length")
        must(is_hash(self.key_sheet), "key sheet", "the key sheet is not named by its hash")
        must(is_name(self.wording), "items", "no wording")
        self._check_items()
        check_policy(self.policy)
        must(len(self.hpke_public_key) == PUBLIC_KEY_LENGTH, "hpke key", "the HPKE key is not 32 bytes")
        self._check_leaves()
        check_plan(self.plan, {leaf.leaf: leaf.units for leaf in self.leaves}, self.weeks)
        in_order = 0 <= self.opens_at < self.closes_at < self.publishes_at
        must(in_order, "window", "does not open, close and publish in this order")
        sound = bool(self.clients) and min(self.clients) > 0 and len(set(self.clients)) == len(self.clients)
        must(sound, "clients", "no proper list of client versions")

    def _check_items(self) -> None:
        ids = [item.id for item in self.items]
        must(0 < len(ids) <= MOST_ITEMS and len(set(ids)) == len(ids), "items", "no items, too many, or one twice")
        sound = bool(self.core) and len(set(self.core)) == len(self.core) and set(self.core) <= set(ids)
        must(sound, "core", "the core items are not among the items")
        # A scale runs the other way: an index with it would be about nothing.
        must(scale.SCALE.id not in self.core, "core", "a scale is no core item")
        kept_promises.check_named(self.wording, ids, self.core)

    def _check_leaves(self) -> None:
        must(self.leaves, "leaves", "no leaves")
        for leaf in self.leaves:
            must(self.demo or leaf.eligible >= FEWEST_ELIGIBLE, "too few", f"{leaf.leaf} has {leaf.eligible} people")
        _must_be_unique("leaf", (leaf.leaf for leaf in self.leaves))
        _must_be_unique("group", (leaf.group for leaf in self.leaves))
        _must_be_unique("unit", (unit for leaf in self.leaves for unit in leaf.units))

    @classmethod
    def from_payload(cls, value: Json) -> Self:
        """:raises SheetError: if it is no sound wave sheet"""
        fields = Fields(value, *_WAVE_SHEET_FIELDS, optional=("demo",))
        return cls(
            wave=fields.text("wave"),
            weeks=fields.number("weeks"),
            key_sheet=fields.text("key_sheet"),
            questionnaire=fields.text("questionnaire"),
            wording=fields.text("wording"),
            items=tuple(SheetItem.from_payload(item) for item in fields.entries("items")),
            core=fields.texts("core"),
            policy=fields.members("policy"),
            hpke_public_key=fields.blob("hpke_public_key", "hpke key"),
            leaves=tuple(SheetLeaf.from_payload(leaf) for leaf in fields.entries("leaves")),
            plan=fields.members("plan"),
            opens_at=fields.number("opens_at"),
            closes_at=fields.number("closes_at"),
            publishes_at=fields.number("publishes_at"),
            clients=tuple(natural(version, "clients") for version in fields.entries("clients")),
            demo=_demo(fields),
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """:raises SheetError: if these are not the canonical bytes of a sound wave sheet"""
        return cls.from_payload(_decode(data))

    def to_payload(self) -> dict[str, Encodable]:
        """Return the payload of the ``wave-sheet`` header."""
        payload: dict[str, Encodable] = {
            "wave": self.wave,
            "weeks": self.weeks,
            "key_sheet": self.key_sheet,
            "questionnaire": self.questionnaire,
            "wording": self.wording,
            "items": [item.to_payload() for item in self.items],
            "core": self.core,
            "policy": self.policy,
            "hpke_public_key": to_base64(self.hpke_public_key),
            "leaves": [leaf.to_payload() for leaf in self.leaves],
            "plan": self.plan,
            "opens_at": self.opens_at,
            "closes_at": self.closes_at,
            "publishes_at": self.publishes_at,
            "clients": self.clients,
        }
        return _marked(payload, demo=self.demo)

    def to_bytes(self) -> bytes:
        """Return the payload's canonical bytes."""
        return canonical.encode(self.to_payload())

    @property
    def sha256(self) -> str:
        """Return what people compare: the SHA-256 of the payload, 64 hexadecimal digits."""
        return sha256_hex(self.to_bytes())

    @property
    def promises_sha256(self) -> str:
        """Return the hash of what is asked about kept promises; empty where nothing is."""
        return kept_promises.parts_of(self.wording)[1]

    def asked_of(self, leaf: str, promises: PromisesAsked | None) -> frozenset[str]:
        """Return the items that one leaf is asked; ``promises``: those whose hash the sheet names."""
        return kept_promises.asked_of(leaf, [item.id for item in self.items], self.core, promises)

    def leaf_of(self, group: int) -> SheetLeaf | None:
        """Return the leaf in which a group counts, None if it has none any more."""
        return next((leaf for leaf in self.leaves if leaf.group == group), None)


_WAVE_SHEET_FIELDS: Final = tuple(field.name for field in dataclass_fields(WaveSheet) if field.name != "demo")


def check_against(sheet: WaveSheet, keys: KeySheet) -> None:
    """
    Check that a wave sheet keeps what its key sheet announced.

    A group may have no leaf any more (too few people at opening); a leaf always has its group, with the same id
    and units.

    :raises SheetError: with code "key sheet", "wave" or "group"
    """
    must(sheet.key_sheet == keys.sha256, "key sheet", "the wave sheet names another key sheet")
    must((sheet.wave, sheet.demo) == (keys.wave, keys.demo), "wave", "the sheets are about different waves")
    for leaf in () if sheet.demo else sheet.leaves:
        must(leaf.group < len(keys.groups), "group", f"leaf {leaf.leaf} has no group")
        group = keys.groups[leaf.group]
        must((leaf.leaf, leaf.units) == (group.id, group.units), "group", f"leaf {leaf.leaf} is not its group")


def check_promises(sheet: WaveSheet, promises: PromisesAsked) -> None:
    """
    Check that what is asked about promises belongs to a wave sheet.

    :raises SheetError: with code "promises"
    """
    must(sheet.promises_sha256 == promises.sha256, "promises", "the wave sheet names other texts")
    leaves, items = (leaf.leaf for leaf in sheet.leaves), (item.id for item in sheet.items)
    kept_promises.check_against(promises, wave=sheet.wave, leaves=leaves, items=items)


def _is_group_key(spki: bytes) -> bool:
    """Say whether these are the one DER spelling of an RSA-3072 key with e = 65537."""
    try:
        return public_bytes(load_public_key(spki)) == spki
    except BlindError:
        return False


def _must_be_unique(what: str, values: Iterable[str | int | bytes]) -> None:
    values = list(values)
    must(len(set(values)) == len(values), "duplicate", f"a {what} stands there twice")


def _demo(fields: Fields) -> bool:
    must(not fields.has("demo") or fields.value("demo") is True, "fields", "demo is true or absent")
    return fields.has("demo")


def _marked(payload: dict[str, Encodable], *, demo: bool) -> dict[str, Encodable]:
    return {**payload, "demo": True} if demo else payload


def _decode(data: bytes) -> Json:
    try:
        return canonical.decode(data)
    except canonical.CanonicalError as error:
        raise SheetError("fields", "not canonical JSON") from error
