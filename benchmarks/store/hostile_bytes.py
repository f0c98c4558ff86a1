"""Mutations of bytes that know where a format keeps its sizes and where its parts begin.

Each takes a `random.Random` and gives new bytes: one seed, one result.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Order = Literal["little", "big"]

_TIFF_UNITS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
_MOST_IFDS, _MOST_ENTRIES = 8, 64


@dataclass
class Landmarks:
    """Where a file keeps numbers, and where its parts begin.

    Attributes:
        fields: (offset, bytes, byte order) of numbers.
        cuts: offsets at which a part begins or ends.
    """

    fields: list[tuple[int, int, Order]] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)


def landmarks(data: bytes) -> Landmarks:
    """What is known of the structure of some bytes; for an unknown format, its ends."""
    marks = Landmarks(cuts=[0, len(data)])
    for magic, walk in _WALKS:
        if data.startswith(magic):
            walk(data, marks)
            break
    marks.fields = [item for item in marks.fields if item[0] + item[1] <= len(data)]
    marks.cuts = sorted({cut for cut in marks.cuts if 0 <= cut <= len(data)})
    return marks


def _walk_bmp(data: bytes, marks: Landmarks) -> None:
    sizes = {28: 2, 26: 2, 6: 2, 8: 2}
    places = (2, 6, 8, 10, 14, 18, 22, 26, 28, 30, 34, 38, 42, 46, 50, 54, 58, 62, 66)
    marks.fields += [(place, sizes.get(place, 4), "little") for place in places]
    (pixels, header) = struct.unpack_from("<II", data.ljust(18, b"\0"), 10)
    marks.cuts += [2, 14, 18, 26, 30, 14 + header, 14 + header + 12, pixels, pixels + 1]


def _walk_png(data: bytes, marks: Landmarks) -> None:
    for at, length, kind in png_chunks(data):
        marks.cuts += [at, at + 8, at + 8 + length, at + 12 + length]
        marks.fields += [(at, 4, "big"), (at + 4, 4, "big")]
        if kind == b"IHDR":
            marks.fields += [(at + 8, 4, "big"), (at + 12, 4, "big")] * 3
            marks.fields += [(at + 16 + index, 1, "big") for index in range(5)] * 2
        elif kind in {b"IDAT", b"tRNS", b"PLTE", b"eXIf", b"iCCP", b"zTXt"}:
            marks.fields += [(at + 8, 1, "big"), (at + 9, 1, "big"), (at + 12, 4, "big")]


def png_chunks(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(offset, length of the content, kind) of each whole chunk."""
    at = 8
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        if at + 12 + length > len(data):
            return
        yield at, length, data[at + 4 : at + 8]
        at += 12 + length


def with_checksums(data: bytes) -> bytes:
    """A PNG whose chunks have the checksums that fit them."""
    out = bytearray(data)
    for at, length, _ in png_chunks(data):
        struct.pack_into(">I", out, at + 8 + length, zlib.crc32(data[at + 4 : at + 8 + length]))
    return bytes(out)


def _walk_jpeg(data: bytes, marks: Landmarks) -> None:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        (length,) = struct.unpack_from(">H", data, at + 2)
        marks.cuts += [at, at + 4, at + 2 + length]
        marks.fields += [(at + 1, 1, "big"), (at + 2, 2, "big")]
        if 0xC0 <= kind <= 0xC2:
            marks.fields += [(at + 4, 1, "big"), (at + 5, 2, "big"), (at + 7, 2, "big"), (at + 9, 1, "big")]
            marks.fields += [(at + 10 + index, 1, "big") for index in range(9)]
        elif kind == 0xE1 and data[at + 4 : at + 8] == b"Exif":
            _walk_directories(data, marks, at + 10)
        elif kind in {0xC4, 0xDB, 0xDD, 0xDA, 0xEE}:
            marks.fields += [(at + 4 + index, 1, "big") for index in range(min(length, 20))]
        at += 2 + length
        if kind == 0xDA:
            following = data.find(b"\xff", at)
            while following >= 0 and data[following + 1 : following + 2] in (b"\0", b"\xff"):
                following = data.find(b"\xff", following + 2)
            at = following if following >= 0 else len(data)


def _walk_tiff(data: bytes, marks: Landmarks) -> None:
    _walk_directories(data, marks, 0)


def _walk_directories(data: bytes, marks: Landmarks, base: int) -> None:
    little = data[base : base + 2] == b"II"
    order: Order = "little" if little else "big"
    sign = "<" if little else ">"
    if base + 8 > len(data):
        return
    marks.fields += [(base + 2, 2, order), (base + 4, 4, order)]
    (start,) = struct.unpack_from(sign + "I", data, base + 4)
    for _ in range(_MOST_IFDS):
        at = base + start
        if not start or at + 2 > len(data):
            return
        (count,) = struct.unpack_from(sign + "H", data, at)
        marks.fields.append((at, 2, order))
        for index in range(min(count, _MOST_ENTRIES)):
            entry = at + 2 + 12 * index
            if entry + 12 > len(data):
                return
            _, kind, items, value = struct.unpack_from(sign + "HHII", data, entry)
            marks.fields += [(entry, 2, order), (entry + 2, 2, order), (entry + 4, 4, order)]
            marks.fields += [(entry + 8, 4, order), (entry + 8, 2, order)] * 2
            if _TIFF_UNITS.get(kind, 1) * items > 4:
                marks.cuts.append(base + value)
                marks.fields.append((base + value, 4, order))
        marks.cuts += [at, at + 2 + 12 * count, at + 6 + 12 * count]
        marks.fields += [(at + 2 + 12 * count, 4, order)] * 3
        if at + 6 + 12 * count > len(data):
            return
        (start,) = struct.unpack_from(sign + "I", data, at + 2 + 12 * count)


def _walk_riff(data: bytes, marks: Landmarks) -> None:
    marks.fields.append((4, 4, "little"))
    at = 12
    while at + 8 <= len(data):
        (length,) = struct.unpack_from("<I", data, at + 4)
        marks.cuts += [at, at + 8, at + 8 + length]
        marks.fields += [(at, 4, "little"), (at + 4, 4, "little")]
        marks.fields += [(at + 8 + index, size, "little") for index, size in ((0, 4), (4, 3), (6, 4), (7, 3))]
        at += 8 + length + length % 2


def _walk_gif(_data: bytes, marks: Landmarks) -> None:
    marks.fields += [(6, 2, "little"), (8, 2, "little"), (10, 1, "little")]
    marks.cuts += [6, 13, 13 + 768]


def _walk_sqlite(data: bytes, marks: Landmarks) -> None:
    sizes = {16: 2, **dict.fromkeys(range(18, 24), 1)}
    places = (16, *range(18, 24), *range(24, 100, 4))
    marks.fields += [(place, sizes.get(place, 4), "big") for place in places]
    (page,) = struct.unpack_from(">H", data.ljust(18, b"\0"), 16)
    page = 65_536 if page == 1 else max(page, 512)
    for start in range(0, len(data), page):
        at = 100 if start == 0 else start
        marks.cuts += [start, at, at + 8]
        marks.fields += [(at, 1, "big"), (at + 1, 2, "big"), (at + 3, 2, "big"), (at + 5, 2, "big")]
        marks.fields += [(at + 7, 1, "big"), (at + 8, 4, "big"), (at + 8, 2, "big"), (at + 12, 2, "big")]
        content = int.from_bytes(data[at + 5 : at + 7], "big")
        marks.fields += [(start + content + index, 1, "big") for index in range(0, 40, 3)]


_WALKS: tuple[tuple[bytes, Callable[[bytes, Landmarks], None]], ...] = (
    (b"BM", _walk_bmp),
    (b"\x89PNG", _walk_png),
    (b"\xff\xd8", _walk_jpeg),
    (b"II", _walk_tiff),
    (b"MM", _walk_tiff),
    (b"RIFF", _walk_riff),
    (b"GIF", _walk_gif),
    (b"SQLite format 3", _walk_sqlite),
)


def hostile_number(rng: random.Random, size: int, old: int) -> int:
    """A number that breaks programs, as `size` bytes hold it."""
    most = (1 << 8 * size) - 1
    half = 1 << (8 * size - 1)
    number = rng.choice(
        (
            *(0, 1, 2, 3, 4, 7, 8, 12, 16, 24, 31, 32, 33, 64, 255, 256, 14_000, 16_383, 20_000, 65_535),
            *(most, most - 1, half - 1, half, half + 1),
            *(old + 1, old - 1, old * 2, old // 2, old * 256, -old, old ^ 1),
            *(rng.getrandbits(8 * size), rng.getrandbits(max(1, 4 * size))),
        )
    )
    return number & most


def edit_fields(rng: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Hostile numbers at one to four meaningful places."""
    marks = landmarks(data)
    if not marks.fields:
        return flip_bits(rng, data, others)
    out = bytearray(data)
    for at, size, order in rng.choices(marks.fields, k=rng.choice([1, 1, 1, 2, 2, 4])):
        old = int.from_bytes(out[at : at + size], order)
        out[at : at + size] = hostile_number(rng, size, old).to_bytes(size, order)
    return bytes(out)


def flip_bits(rng: random.Random, data: bytes, _others: list[bytes]) -> bytes:
    """One to forty bits of the whole file, or of its first 200 bytes."""
    if not data:
        return rng.randbytes(8)
    out = bytearray(data)
    span = rng.choice([len(data), len(data), min(200, len(data))])
    for _ in range(rng.choice([1, 2, 4, 12, 40])):
        out[rng.randrange(span)] ^= 1 << rng.randrange(8)
    return bytes(out)


def truncate(rng: random.Random, data: bytes, _others: list[bytes]) -> bytes:
    """Cut off at a border of its parts, or a byte beside it, or anywhere."""
    at = rng.choice([*landmarks(data).cuts, rng.randint(0, len(data))]) + rng.choice([-1, 0, 0, 1])
    return data[: max(0, at)]


def _block(rng: random.Random, data: bytes) -> tuple[int, int]:
    cuts = landmarks(data).cuts
    if len(cuts) > 2 and rng.random() < 0.7:
        index = rng.randrange(len(cuts) - 1)
        return cuts[index], cuts[min(len(cuts) - 1, index + rng.choice([1, 1, 2]))]
    start = rng.randint(0, len(data))
    return start, min(len(data), start + rng.choice([1, 16, 256, 4096]))


def duplicate(rng: random.Random, data: bytes, _others: list[bytes]) -> bytes:
    """One part two, five or two hundred times."""
    start, end = _block(rng, data)
    part = data[start:end]
    times = rng.choice([1, 4, 199]) if len(part) < 2000 else 1
    return data[:end] + part * times + data[end:]


def delete(rng: random.Random, data: bytes, _others: list[bytes]) -> bytes:
    """One part is gone."""
    start, end = _block(rng, data)
    return data[:start] + data[end:]


def swap(rng: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Two parts change places."""
    (a, b), (c, d) = sorted([_block(rng, data), _block(rng, data)])
    if b > c:
        return delete(rng, data, others)
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def overwrite(rng: random.Random, data: bytes, _others: list[bytes]) -> bytes:
    """One part becomes zeros, ones or noise."""
    start, end = _block(rng, data)
    size = end - start
    return data[:start] + rng.choice([bytes(size), b"\xff" * size, rng.randbytes(size)]) + data[end:]


def splice(rng: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """The beginning of this file, and the end of another one, often of another format."""
    other = rng.choice(others)
    return data[: rng.choice(landmarks(data).cuts)] + other[rng.choice(landmarks(other).cuts) :]


def append(rng: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """Junk, zeros or another file behind it."""
    return data + rng.choice([rng.randbytes(100), bytes(70_000), rng.choice(others), data])


def insert(rng: random.Random, data: bytes, _others: list[bytes]) -> bytes:
    """Junk at a border of its parts."""
    at = rng.choice(landmarks(data).cuts)
    return data[:at] + rng.choice([rng.randbytes(rng.choice([1, 4, 300])), bytes(4096)]) + data[at:]


def replace_all(rng: random.Random, data: bytes, _others: list[bytes]) -> bytes:
    """Nothing, its first bytes with noise behind, or noise."""
    return rng.choice([b"", data[:8] + rng.randbytes(300), rng.randbytes(500), bytes(2000), data[:4]])


def loop_directories(rng: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """A TIFF whose directories follow each other in a circle, or in a chain of thousands."""
    if data[:2] not in (b"II", b"MM") or len(data) < 8:
        return edit_fields(rng, data, others)
    sign = "<" if data[:2] == b"II" else ">"
    (start,) = struct.unpack_from(sign + "I", data, 4)
    if start + 2 > len(data):
        return edit_fields(rng, data, others)
    (count,) = struct.unpack_from(sign + "H", data, start)
    link = start + 2 + 12 * count
    if link + 4 > len(data):
        return edit_fields(rng, data, others)
    out = bytearray(data)
    if rng.random() < 0.5:
        struct.pack_into(sign + "I", out, link, rng.choice([start, 4, link]))
        return bytes(out)
    place = len(out)
    struct.pack_into(sign + "I", out, link, place)
    chain = rng.choice([50, 5000])
    for index in range(chain):
        entry = struct.pack(sign + "HHHII", 1, 256, 4, 1, 1)
        out += entry + struct.pack(sign + "I", place + 18 * (index + 1) if index < chain - 1 else start)
    return bytes(out)


def repack_png(rng: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """A sound PNG container around pixels or texts that inflate to far more or less than they should."""
    if not data.startswith(b"\x89PNG"):
        return edit_fields(rng, data, others)
    out = data[:8]
    done = False
    for at, length, kind in png_chunks(data):
        content = data[at + 8 : at + 8 + length]
        if kind == b"IDAT" and not done:
            done = True
            raw = (
                bytes(rng.choice([0, 3, 50_000_000, 200_000_000]))
                if rng.random() < 0.1
                else rng.randbytes(99)
            )
            name = rng.choice([b"zTXt", b"iCCP", b"iTXt", b"IDAT", b"IDAT"])
            packed = zlib.compress(raw, 9)
            extra = {b"zTXt": b"a\0\0", b"iCCP": b"a\0\0", b"iTXt": b"a\0\1\0\0\0"}.get(name, b"")
            out += _chunk(name, extra + packed)
            if name == b"IDAT":
                continue
        out += _chunk(kind, content)
    return out


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


Mutation = Callable[[random.Random, bytes, list[bytes]], bytes]

_WEIGHTED: dict[Mutation, int] = {
    edit_fields: 40,
    flip_bits: 14,
    truncate: 10,
    duplicate: 5,
    delete: 5,
    swap: 4,
    overwrite: 5,
    splice: 5,
    append: 3,
    insert: 4,
    replace_all: 2,
    loop_directories: 3,
    repack_png: 3,
}


def mutate(rng: random.Random, data: bytes, others: list[bytes]) -> tuple[bytes, str]:
    """One to three mutations one after another; returns the bytes and the names of what was done."""
    chosen = rng.choices(list(_WEIGHTED), list(_WEIGHTED.values()), k=rng.choice([1, 1, 1, 1, 2, 3]))
    for mutation in chosen:
        data = mutation(rng, data, others)
    if data.startswith(b"\x89PNG") and rng.random() < 0.8:
        data = with_checksums(data)
    return data, "+".join(mutation.__name__ for mutation in chosen)
