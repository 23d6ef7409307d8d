"""Which open page belongs to which visitor. The id of a page is made up by the page, so knowing one proves nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict

MAX_PAGES = 20_000  # of all visitors


class OpenPages:
    """The visitors that own pages, by the ids of the pages. Safe to use from any thread.

    Each visitor may have a number of pages, and all of them together `MAX_PAGES`; beyond that the one is forgotten that
    was used least recently.
    """

    def __init__(self, limit: int) -> None:
        """Know no page yet.

        Args:
            limit: The most pages of one visitor.
        """
        self._limit = limit
        self._lock = threading.Lock()  # guards the others
        self._owners: OrderedDict[str, str] = OrderedDict()  # visitor by page, the least recently used first
        self._of: dict[str, OrderedDict[str, None]] = {}  # the pages of each visitor, in the same order

    def owner(self, page: str) -> str | None:
        """Return the visitor whose page that is; None where nobody knows it."""
        with self._lock:
            return self._owners.get(page)

    def register(self, page: str, visitor: str) -> list[str] | None:
        """Note that a visitor uses a page, which becomes theirs if nobody knows it.

        Returns:
            Pages that are forgotten for it; None where the page is that of somebody else.
        """
        with self._lock:
            if self._owners.setdefault(page, visitor) != visitor:
                return None
            self._owners.move_to_end(page)
            own = self._of.setdefault(visitor, OrderedDict())
            own[page] = None
            own.move_to_end(page)
            forgotten = []
            while len(own) > self._limit:
                forgotten.append(next(iter(own)))
                self._forget(forgotten[-1])
            while len(self._owners) > MAX_PAGES:
                forgotten.append(next(iter(self._owners)))
                self._forget(forgotten[-1])
            return forgotten

    def _forget(self, page: str) -> None:
        visitor = self._owners.pop(page)
        del self._of[visitor][page]
        if not self._of[visitor]:
            del self._of[visitor]
