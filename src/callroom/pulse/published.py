"""Release bodies as leaves' weeks, kept in memory: a body never changes, so it is read once per process.

The key is the body's hash, so nothing here depends on the clock; whether it may be read is decided by the caller.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final, cast

from callroom.core.anonymity import canonical
from callroom.core.anonymity.sheets import WaveSheet
from callroom.core.disclosure import release
from callroom.core.disclosure.policy import Band, Policy
from callroom.pulse.models import ChainPayload, LeafFigure

KEPT: Final = 1024
"""Releases kept in memory: three series for six years."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A published mean and its range, in tenths (0-100)."""

    mean: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf of one release; ``n`` None: too few answered. An item that too few answered is None."""

    units: tuple[str, ...]
    label: Mapping[str, str]
    eligible: int
    n: tuple[int, int | None] | None
    index: Figure | None
    items: Mapping[str, Figure | None]


@dataclass(frozen=True, slots=True)
class Release:
    """One release: its leaves by id, and the institution's counts."""

    leaves: Mapping[str, Leaf]
    issued: int
    replaced: int
    redeemed: int


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


_kept: OrderedDict[str, Release] = OrderedDict()
_lock = Lock()


def _read(pairs: Mapping[str, str]) -> dict[str, Release]:
    payloads = ChainPayload.objects.in_bulk([*pairs.keys(), *pairs.values()])
    figures: dict[str, list[LeafFigure]] = {}
    rows = LeafFigure.objects.filter(wave__release__in=pairs.keys())
    for row, sha256 in ((row, row.wave.release) for row in rows.select_related("wave")):
        figures.setdefault(sha256, []).append(row)
    found = {}
    for sha256, sheet_sha256 in pairs.items():
        body = cast("dict[str, int]", canonical.decode(bytes(payloads[sha256].data)))
        sheet = WaveSheet.from_bytes(bytes(payloads[sheet_sha256].data))
        leaves = {row.leaf: _leaf(row.figures, sheet) for row in figures.get(sha256, ())}
        found[sha256] = Release(leaves, body["issued"], body["replaced"], body["redeemed"])
    return found


def _leaf(figures: dict[str, object], sheet: WaveSheet) -> Leaf:
    policy = Policy.from_payload(sheet.policy)
    units, label = cast("list[str]", figures["units"]), cast("dict[str, str]", figures["label"])
    eligible = cast(int, figures["eligible"])
    if "n" not in figures:
        return Leaf(tuple(units), label, eligible, None, None, {})
    low, high = cast("list[int | None]", figures["n"])
    items = {item: _figure(value) for item, value in cast("dict[str, dict[str, object]]", figures["items"]).items()}
    ordered = {item.id: items[item.id] for item in sheet.items if item.id in items}
    index = release.leaf_index(release.LeafFigures(Band(low or 0, high), ordered), sheet.core, policy)
    shown = {item: _plain(figure) for item, figure in ordered.items()}
    return Leaf(tuple(units), label, eligible, (low or 0, high), _plain(index), shown)


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
