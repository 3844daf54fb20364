"""Pages that were worked out already. What is published never changes, so neither does a page, until the next edition."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Final, Generic, TypeVar

Page = TypeVar("Page")

PAGES_KEPT: Final = 256
"""Pages of each kind in memory, about 60 kB each; the least recently used are forgotten."""


class Memory(Generic[Page]):
    """Keeps the latest pages of one kind under whatever they depend on. Nothing about readers may be part of a key."""

    def __init__(self, size: int = PAGES_KEPT) -> None:
        self._pages: OrderedDict[Hashable, Page] = OrderedDict()
        self._size = size
        self._lock = Lock()

    def page(self, key: Hashable, make: Callable[[], Page]) -> Page:
        """Return the page that is kept under this key, made now if it is not."""
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
                return self._pages[key]
        made = make()
        with self._lock:
            self._pages[key] = made
            while len(self._pages) > self._size:
                self._pages.popitem(last=False)
        return made
