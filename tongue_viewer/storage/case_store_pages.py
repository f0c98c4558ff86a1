"""The rows of an SQLite file, read page by page without SQLite: what is damaged costs its own page only.

SQLite reaches a row by way of other pages, and refuses the whole table where one of those is damaged. Here every page that
looks like a leaf is read for itself, whatever points to it. What comes out is not trusted: `case_store_salvage` looks at it.
Format: <https://www.sqlite.org/fileformat2.html>, sections 1.5 to 2.3.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tongue_viewer.storage.schema import MAGIC

Value: TypeAlias = int | float | str | bytes | None

_PAGE_BYTES = 4096
"""What SQLite makes by itself; counts where the header does not say."""
_LARGEST_ROW = 2**28
_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER = 0x0D, 0x0A, 0x02
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_DAMAGE = (IndexError, ValueError, struct.error, OverflowError)


@dataclass(frozen=True)
class Cell:
    """One row of a table or of an index.

    Attributes:
        kind: where it stands.
        rowid: of a table's row; 0 in an index.
        columns: how many values it has.
        payload: the record, as SQLite writes it.
    """

    kind: Literal["table", "index"]
    rowid: int
    columns: int
    payload: bytes

    def values(self) -> tuple[Value, ...] | None:
        """The values, or None where the record contradicts itself."""
        try:
            types, at = _types(self.payload)
            found = []
            for code in types:
                value, at = _value(self.payload, at, code)
                found.append(value)
        except _DAMAGE:
            return None
        return tuple(found) if at == len(self.payload) else None


def cells(data: bytes) -> Iterator[Cell]:
    """Every row of the file that can be read, in the order of the pages; pages that are free are left out."""
    size = page_bytes(data)
    free = _free_pages(data, size)
    for number in range(1, len(data) // size + 1):
        if number not in free:
            yield from _page(data, size, number)


def page_bytes(data: bytes) -> int:
    """The size of a page, from the header where that is possible."""
    stated = int.from_bytes(data[16:18], "big")
    stated = 65536 if stated == 1 else stated
    return stated if stated >= 512 and stated & (stated - 1) == 0 else _PAGE_BYTES


def _free_pages(data: bytes, size: int) -> frozenset[int]:
    """Pages that hold nothing any more, or only what was deleted."""
    free: set[int] = set()
    trunk = int.from_bytes(data[32:36], "big") if data.startswith(MAGIC) else 0
    while 1 < trunk <= len(data) // size and trunk not in free:
        free.add(trunk)
        start = (trunk - 1) * size
        following, count = struct.unpack_from(">II", data, start)
        if count > size // 4 - 2:
            break
        leaves = struct.unpack_from(f">{count}I", data, start + 8)
        free.update(leaf for leaf in leaves if 1 < leaf <= len(data) // size)
        trunk = following
    return frozenset(free)


def _page(data: bytes, size: int, number: int) -> Iterator[Cell]:
    start = (number - 1) * size
    head = start + (100 if number == 1 else 0)
    kind = data[head]
    if kind not in (_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER):
        return
    count = int.from_bytes(data[head + 3 : head + 5], "big")
    pointers = head + (12 if kind == _INDEX_INNER else 8)
    if pointers + 2 * count > start + size:
        return
    for (offset,) in struct.iter_unpack(">H", data[pointers : pointers + 2 * count]):
        try:
            cell = _cell(data, size, start + offset, kind)
        except _DAMAGE:
            continue
        if cell is not None:
            yield cell


def _cell(data: bytes, size: int, at: int, kind: int) -> Cell | None:
    if kind == _INDEX_INNER:
        at += 4
    length, at = _varint(data, at)
    rowid = 0
    if kind == _TABLE_LEAF:
        rowid, at = _varint(data, at)
        rowid -= (rowid >> 63) << 64
    if length > min(_LARGEST_ROW, len(data)):
        return None
    payload = _payload(data, size, at, length, _local(size, length, table=kind == _TABLE_LEAF))
    if payload is None:
        return None
    columns = len(_types(payload)[0])
    return Cell("table" if kind == _TABLE_LEAF else "index", rowid, columns, payload)


def _local(size: int, length: int, *, table: bool) -> int:
    """How many bytes of a record stand on the page itself."""
    most = size - 35 if table else (size - 12) * 64 // 255 - 23
    if length <= most:
        return length
    least = (size - 12) * 32 // 255 - 23
    kept = least + (length - least) % (size - 4)
    return kept if kept <= most else least


def _payload(data: bytes, size: int, at: int, length: int, local: int) -> bytes | None:
    if local == length:
        whole = data[at : at + length]
        return whole if len(whole) == length else None
    parts, rest = [data[at : at + local]], length - local
    page = int.from_bytes(data[at + local : at + local + 4], "big")
    while rest > 0:
        if not 1 < page <= len(data) // size:
            return None
        start = (page - 1) * size
        taken = min(rest, size - 4)
        parts.append(data[start + 4 : start + 4 + taken])
        page, rest = int.from_bytes(data[start : start + 4], "big"), rest - taken
    return b"".join(parts)


def _types(payload: bytes) -> tuple[list[int], int]:
    """The serial types of a record, and where its values begin."""
    end, at = _varint(payload, 0)
    if not 0 < end <= len(payload):
        raise ValueError("no record")
    types = []
    while at < end:
        code, at = _varint(payload, at)
        types.append(code)
    if at != end:
        raise ValueError("no record")
    return types, at


def _value(payload: bytes, at: int, code: int) -> tuple[Value, int]:
    if code == 0:
        return None, at
    if code in (8, 9):
        return code - 8, at
    if code in (10, 11):
        raise ValueError("a reserved type")
    length = _INTEGER_BYTES.get(code, 8 if code == 7 else (code - 12) // 2)
    raw = payload[at : at + length]
    if len(raw) != length:
        raise ValueError("too short")
    at += length
    if code == 7:
        return float(struct.unpack(">d", raw)[0]), at
    if code < 7:
        return int.from_bytes(raw, "big", signed=True), at
    return (raw.decode("utf-8") if code % 2 else raw), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(8):
        byte = data[at + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    return value << 8 | data[at + 8], at + 9
