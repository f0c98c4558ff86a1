"""Rows of a table in the order of a key, some of them shown."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import cast

from tongue_viewer.core.case_list import SortKey


class SortedRows:
    """One key for each row, its last part the row itself; a place counts the rows that are shown.

    All keys are sorted at once by Python's own sort; a single row is found by halving.
    """

    def __init__(self) -> None:
        self._keys: list[SortKey] = []
        self._all: list[SortKey] = []
        self._shown: list[SortKey] = []

    def __len__(self) -> int:
        return len(self._shown)

    def set_keys(self, keys: Sequence[SortKey]) -> None:
        """Take new rows, or another order; nothing is shown."""
        self._keys, self._all, self._shown = list(keys), sorted(keys), []

    def choose(self, wanted: AbstractSet[int] | None = None) -> None:
        """Show the rows that are wanted; None: all of them."""
        self._shown = list(self._all) if wanted is None else [key for key in self._all if key[-1] in wanted]

    def row_at(self, place: int) -> int:
        """The row that is shown at a place."""
        return cast("int", self._shown[place][-1])

    def key_of(self, row: int) -> SortKey:
        """The key of a row."""
        return self._keys[row]

    def place_of(self, row: int) -> int | None:
        """Where a row is shown; None: it is not."""
        key = self._keys[row]
        place = bisect_left(self._shown, key)
        return place if place < len(self._shown) and self._shown[place] == key else None

    def place_for(self, key: SortKey) -> int:
        """Before which of the shown rows a key belongs."""
        return bisect_left(self._shown, key)

    def hide(self, row: int) -> None:
        """Show a row no longer that is shown."""
        del self._shown[bisect_left(self._shown, self._keys[row])]

    def show(self, row: int) -> None:
        """Show a row that is not."""
        insort(self._shown, self._keys[row])

    def change_key(self, row: int, key: SortKey) -> None:
        """Another key for a row that is not shown."""
        del self._all[bisect_left(self._all, self._keys[row])]
        insort(self._all, key)
        self._keys[row] = key

    def following(self, row: int) -> Iterator[int]:
        """All other rows, shown or not, in order from the one after `row` round to the one before it; −1: all rows."""
        here = bisect_left(self._all, self._keys[row]) if row >= 0 else len(self._all)
        for place in (*range(here + 1, len(self._all)), *range(here)):
            yield cast("int", self._all[place][-1])

    def after(self, row: int, count: int) -> list[int]:
        """Up to `count` rows after `row`, shown or not."""
        start = bisect_left(self._all, self._keys[row]) + 1
        return [cast("int", key[-1]) for key in self._all[start : start + count]]
