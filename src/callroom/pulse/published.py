"""Release bodies as leaves' weeks, kept in memory: a body never changes, so it is read once per process.

The key is the body's hash, so nothing here depends on the clock; whether it may be read is decided by the caller.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, cast

from callroom.core.anonymity import kept_promises
from callroom.core.anonymity.kept_promises import PromiseAsked, PromisesAsked
from callroom.core.disclosure import release
from callroom.core.disclosure.policy import Band, Policy
from callroom.people.models import Institution
from callroom.pulse import payloads
from callroom.pulse.models import ChainPayload, Wave

KEPT: Final = 1024
"""Releases kept in memory: three series for six years."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A published mean and its range, in tenths (0-100)."""

    mean: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class AskedPromise:
    """What a leaf was asked about a kept promise; ``figure`` None: too few answered."""

    item: str
    promise: int
    text: str
    figure: Figure | None


@dataclass(frozen=True, slots=True)
class Leaf:
    """
    One leaf of one release; ``n`` None: too few answered. An item that too few answered is None.

    ``items``: what was asked of every leaf alike, so that a leaf which was asked about a promise has none of the bank's.
    """

    units: tuple[str, ...]
    label: Mapping[str, str]
    eligible: int
    n: tuple[int, int | None] | None
    index: Figure | None
    items: Mapping[str, Figure | None]
    promise: AskedPromise | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Tokens issued and replaced, answers redeemed, rounded down to five."""

    issued: int
    replaced: int
    redeemed: int


@dataclass(frozen=True, slots=True)
class Release:
    """One release: its leaves by id, and the institution's counts where enough leaves closed together."""

    leaves: Mapping[str, Leaf]
    counts: Counts | None


def releases(wanted: Iterable[tuple[str, str]]) -> dict[str, Release]:
    """Return releases by their hash, reading those that are not in memory; ``wanted``: (release, wave sheet) hashes."""
    pairs = dict(wanted)
    with _lock:
        known = {sha256: _kept[sha256] for sha256 in pairs if sha256 in _kept}
    missing = pairs.keys() - known.keys()
    if missing:
        known |= _read({sha256: pairs[sha256] for sha256 in missing})
        with _lock:
            _kept.update(known)
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
    return known


def without_a_round(institution: Institution, units: Iterable[str]) -> frozenset[str]:
    """Return those of these units that stand in no wave sheet: nobody there was ever asked."""
    left = set(units)
    sheets = Wave.objects.filter(institution=institution).exclude(wave_sheet="").order_by("-opens_at")
    for sha256 in sheets.values_list("wave_sheet", flat=True).iterator():
        if not left:
            break
        sheet = payloads.as_signed(sha256)
        # One that somebody changed, or for which a row names other signed bytes, says nothing; the others do.
        leaves = json.loads(sheet).get("leaves", ()) if sheet else ()
        left -= {unit for leaf in leaves for unit in leaf["units"]}
    return frozenset(left)


_kept: OrderedDict[str, Release] = OrderedDict()
_lock = Lock()


def _read(pairs: Mapping[str, str]) -> dict[str, Release]:
    stored = ChainPayload.objects.in_bulk([*pairs.keys(), *pairs.values()])
    sheets = {sha256: json.loads(bytes(stored[sha256].data)) for sha256 in set(pairs.values())}
    promises = _promises(sheets)
    found = {}
    for sha256, sheet_sha256 in pairs.items():
        # Our own bytes, checked when they were made: checking a hundred of them again would take seconds.
        body = json.loads(bytes(stored[sha256].data))
        asked = _asked(sheets[sheet_sha256])
        about = promises.get(sheet_sha256, {})
        leaves = {leaf["leaf"]: _leaf(leaf, asked, about.get(leaf["leaf"])) for leaf in body["leaves"]}
        found[sha256] = Release(leaves, _counts(body))
    return found


def _promises(sheets: Mapping[str, Any]) -> dict[str, dict[str, PromiseAsked]]:
    """Return what each of these sheets, by hash, asked about promises, by leaf; those that asked about none are absent."""
    named = {sha256: kept_promises.parts_of(sheet["wording"])[1] for sha256, sheet in sheets.items()}
    texts = ChainPayload.objects.in_bulk([promises for promises in named.values() if promises])
    return {
        sha256: {each.leaf: each for each in PromisesAsked.from_bytes(bytes(texts[promises].data)).asked}
        for sha256, promises in named.items()
        if promises
    }


def _counts(body: Mapping[str, Any]) -> Counts | None:
    return Counts(body["issued"], body["replaced"], body["redeemed"]) if "issued" in body else None


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a wave sheet says that is needed to read its release."""

    items: tuple[str, ...]
    core: tuple[str, ...]
    policy: Policy


def _asked(sheet: Mapping[str, Any]) -> _Asked:
    items = tuple(item["id"] for item in sheet["items"])
    return _Asked(items, tuple(sheet["core"]), Policy.from_payload(sheet["policy"]))


def _leaf(figures: Mapping[str, Any], asked: _Asked, about: PromiseAsked | None) -> Leaf:
    units, label, eligible = tuple(figures["units"]), figures["label"], figures["eligible"]
    if "n" not in figures:
        return Leaf(units, label, eligible, None, None, {}, _about(about, {}))
    low, high = figures["n"]
    items = {item: _figure(figures["items"][item]) for item in asked.items if item in figures["items"]}
    index = release.leaf_index(release.LeafFigures(Band(low, high), items), asked.core, asked.policy)
    everybodys = asked.core if about else [item for item in items if item not in kept_promises.ITEMS]
    shown = {item: _plain(items[item]) for item in everybodys}
    return Leaf(units, label, eligible, (low, high), _plain(index), shown, _about(about, items))


def _about(about: PromiseAsked | None, items: Mapping[str, release.Figure]) -> AskedPromise | None:
    if about is None:
        return None
    return AskedPromise(about.item, about.promise, about.text, _plain(items.get(about.item, release.TooFew())))


def _figure(value: Mapping[str, object]) -> release.Figure:
    if "mean_tenths" not in value:
        return release.TooFew()
    low, high = cast("list[int]", value["range_tenths"])
    return release.Shown(cast(int, value["mean_tenths"]), (low, high))


def _plain(figure: release.Figure) -> Figure | None:
    match figure:
        case release.Shown(mean, (low, high)):
            return Figure(mean, low, high)
        case release.TooFew():
            return None
