"""Sound files of every kind that the program reads, small, from rendered phantoms: what the mutations start from."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.phantoms import render, sample_specs
from tests.unit.storage import bmp_builder as build

Pixels = NDArray[np.uint8]


def phantom(height: int = 48, width: int = 64) -> tuple[Pixels, Pixels]:
    """A rendered photo (H, W, 3) uint8 and its mask (H, W) uint8 0/1, made small."""
    pixels, tongue = render(sample_specs()[2])
    rgb = Image.fromarray(pixels).resize((width, height), Image.Resampling.BOX)
    mask = Image.fromarray((tongue > 0).astype(np.uint8)).resize((width, height), Image.Resampling.NEAREST)
    return np.array(rgb), np.array(mask)


def photo_seeds() -> dict[str, bytes]:
    """File name → bytes, sound photos of all kinds, and two that are refused by their format."""
    rgb, _ = phantom()
    return {**_bmps(rgb), **_pngs(rgb), **_jpegs(rgb), **_others(rgb)}


def _picture(rgb: Pixels) -> build.Picture:
    return [[(int(r), int(g), int(b)) for r, g, b in row] for row in rgb]


def _bmps(rgb: Pixels) -> dict[str, bytes]:
    small = _picture(rgb[:24, :31])
    height, width = len(small), len(small[0])
    files: dict[str, bytes] = {}
    for bits in (1, 2, 4, 8):
        index = build.indices(height, width, 1 << bits)
        rows = build.stored([build.pack_bits(row, bits) for row in index])
        colours = build.palette_bytes(build.colours(1 << bits))
        files[f"windows{bits}.bmp"] = build.bmp_file(build.info_header(width, height, bits), rows, colours)
        if bits != 2:
            narrow = build.palette_bytes(build.colours(1 << bits), 3)
            files[f"os2-{bits}.bmp"] = build.bmp_file(build.core_header(width, height, bits), rows, narrow)
    rows24 = [build.pack_colours(row, 3, build.join_888) for row in small]
    rows32 = [build.pack_colours(row, 4, build.join_888) for row in small]
    rows16 = [
        build.pack_colours(row, 2, lambda r, g, b: r >> 3 << 11 | g >> 2 << 5 | b >> 3) for row in small
    ]
    masks = struct.pack("<IIII", 0xF800, 0x7E0, 0x1F, 0)
    for size in (16, 40, 52, 56, 64, 108, 124):
        files[f"head{size}.bmp"] = build.bmp_file(
            build.info_header(width, height, 24, size=size), build.stored(rows24)
        )
    plain = build.info_header(width, -height, 32)
    files["topdown32.bmp"] = build.bmp_file(plain, build.stored(rows32, top_down=True))
    fields = build.info_header(width, height, 16, compression=3, tail=masks[:12])
    files["fields16.bmp"] = build.bmp_file(fields, build.stored(rows16))
    wide = struct.pack("<III", 0x3FF00000, 0xFFC00, 0x3FF)
    fields = build.info_header(width, height, 32, compression=3, size=108, tail=wide)
    files["fields32v4.bmp"] = build.bmp_file(fields, build.stored(rows32))
    files["plain16.bmp"] = build.bmp_file(build.info_header(width, height, 16), build.stored(rows16))
    for bits, code in ((8, 1), (4, 2)):
        content = (
            bytes([width, 3, 0, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 2, 2, 1, 4, 4, 0, 0]) * (height // 3) + b"\0\1"
        )
        header = build.info_header(width, height, bits, compression=code)
        files[f"rle{bits}.bmp"] = build.bmp_file(
            header, content, build.palette_bytes(build.colours(1 << bits))
        )
    return files


def _save(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _pngs(rgb: Pixels) -> dict[str, bytes]:
    picture = Image.fromarray(rgb)
    alpha = picture.copy()
    alpha.putalpha(Image.fromarray(rgb[:, :, 0]))
    exif = Image.Exif()
    exif[0x0112] = 6
    deep = Image.fromarray(rgb[:, :, 0].astype(np.uint16) * 257)
    files = {
        "rgb.png": _save(picture, "PNG", exif=exif),
        "grey.png": _save(picture.convert("L"), "PNG"),
        "bit.png": _save(picture.convert("1"), "PNG"),
        "palette.png": _save(picture.convert("P"), "PNG", transparency=3),
        "rgba.png": _save(alpha, "PNG"),
        "la.png": _save(alpha.convert("LA"), "PNG"),
        "grey16.png": _save(deep, "PNG"),
        "text.png": _save(picture, "PNG", icc_profile=bytes(500)),
    }
    height, width = 9, 11
    raw = b"".join(b"\0" + bytes(6 * width) for _ in range(height))
    files["rgb16.png"] = _png(width, height, 16, 2, raw)
    passes = _interlaced_rows(height, width)
    files["interlaced.png"] = _png(width, height, 8, 0, passes, interlace=1)
    return files


def _interlaced_rows(height: int, width: int) -> bytes:
    """The seven passes of a grey picture of zeros."""
    out = b""
    for x, y, step_x, step_y in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        columns, rows = len(range(x, width, step_x)), len(range(y, height, step_y))
        out += (b"\0" + bytes(columns)) * rows if columns else b""
    return out


def _png(width: int, height: int, depth: int, colour: int, raw: bytes, *, interlace: int = 0) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    )


def _jpegs(rgb: Pixels) -> dict[str, bytes]:
    picture = Image.fromarray(rgb)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "camera"
    exif.get_ifd(0x8769)[0x9003] = "2026:01:01 00:00:00"
    return {
        "plain.jpg": _save(picture, "JPEG"),
        "progressive.jpg": _save(picture, "JPEG", progressive=True),
        "turned.jpg": _save(picture, "JPEG", exif=exif, dpi=(300, 300)),
        "cmyk.jpg": _save(picture.convert("CMYK"), "JPEG"),
        "grey.jpg": _save(picture.convert("L"), "JPEG"),
        "restart.jpg": _save(picture, "JPEG", restart_marker_blocks=2, subsampling=2, comment=b"x" * 50),
    }


def _others(rgb: Pixels) -> dict[str, bytes]:
    picture = Image.fromarray(rgb)
    grey, bit = picture.convert("L"), picture.convert("1")
    deep = Image.fromarray(rgb[:, :, 0].astype(np.uint16) * 257)
    alpha = picture.convert("RGBA")
    files = {
        "strips.tif": _save(picture, "TIFF"),
        "big-endian.tif": _save(deep, "TIFF"),
        "pages.tif": _save(picture, "TIFF", save_all=True, append_images=[grey, picture]),
        "tiles.tif": _tiled_tiff(rgb[:, :, 0]),
        "alpha.tif": _save(alpha, "TIFF"),
        "palette.tif": _save(picture.convert("P"), "TIFF"),
        "float.tif": _save(Image.fromarray(rgb[:, :, 0].astype(np.float32)), "TIFF"),
        "big.tif": _save(grey, "TIFF", big_tiff=True),
        "plain.webp": _save(picture, "WEBP"),
        "lossless.webp": _save(alpha, "WEBP", lossless=True, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0"),
        "moving.webp": _save(picture, "WEBP", save_all=True, append_images=[picture.rotate(90)]),
        "picture.gif": _save(picture.convert("P"), "GIF"),
    }
    for name in ("tiff_lzw", "packbits", "tiff_deflate", "jpeg", "lzma", "zstd"):
        try:
            files[f"{name}.tif"] = _save(picture, "TIFF", compression=name)
        except OSError:
            continue  # this build of libtiff does not have it
    for name in ("group3", "group4", "tiff_ccitt"):
        files[f"{name}.tif"] = _save(bit, "TIFF", compression=name)
    return files


def _tiled_tiff(grey: Pixels, side: int = 16) -> bytes:
    """A grey picture in tiles, which Pillow reads and does not write; its sides are multiples of `side`."""
    height, width = grey.shape
    corners = [(top, left) for top in range(0, height, side) for left in range(0, width, side)]
    tiles = b"".join(grey[top : top + side, left : left + side].tobytes() for top, left in corners)
    count, start = len(corners), 8 + 2 + 12 * 10 + 4
    first = start + 8 * count
    numbers = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 277: 1, 322: side, 323: side}
    entries = [struct.pack("<HHII", tag, 4, 1, value) for tag, value in numbers.items()]
    entries += [
        struct.pack("<HHII", 324, 4, count, start),
        struct.pack("<HHII", 325, 4, count, start + 4 * count),
    ]
    offsets = struct.pack(f"<{count}I", *(first + side * side * index for index in range(count)))
    lengths = struct.pack(f"<{count}I", *[side * side] * count)
    head = b"II*\0" + struct.pack("<IH", 8, len(entries))
    return head + b"".join(entries) + bytes(4) + offsets + lengths + tiles


def mask_seeds() -> dict[str, bytes]:
    """File name → bytes of sound masks of 48 × 64 pixels in every form that is taken."""
    _, mask = phantom()
    one, full = Image.fromarray(mask), Image.fromarray(mask * np.uint8(255))
    palette = one.copy()
    palette.putpalette(bytes(3) + b"\x00\xd5\xe0" + bytes(762))
    deep = Image.fromarray(mask.astype(np.uint16) * 65_535)
    return {
        "ones.png": _save(one, "PNG"),
        "full.png": _save(full, "PNG"),
        "bit.png": _save(full.convert("1"), "PNG"),
        "palette.png": _save(palette, "PNG"),
        "deep.png": _save(deep, "PNG"),
        "rgb.png": _save(full.convert("RGB"), "PNG"),
        "rgba.png": _save(full.convert("RGBA"), "PNG"),
        "la.png": _save(full.convert("LA"), "PNG"),
        "grey.bmp": _save(full, "BMP"),
        "bit.bmp": _save(full.convert("1"), "BMP"),
        "rgb.bmp": _save(full.convert("RGB"), "BMP"),
        "lzw.tif": _save(full, "TIFF", compression="tiff_lzw"),
        "deflate.tif": _save(one, "TIFF", compression="tiff_adobe_deflate"),
        "fax.tif": _save(full.convert("1"), "TIFF", compression="group4"),
        "deep.tif": _save(deep, "TIFF"),
        "integer.tif": _save(Image.fromarray(mask.astype(np.int32)), "TIFF"),
        "lossless.webp": _save(full.convert("RGB"), "WEBP", lossless=True),
        "fringes.jpg": _save(full, "JPEG"),
    }


def bombs() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """File name → what makes a small file of as many pixels as are allowed, or more; dear to decode."""
    yield "rgba.png", lambda: _flat_png(14_000, 14_200, 8, 6, b"\x01\x02\x03\x80")
    yield "rgb16.png", lambda: _flat_png(14_000, 14_200, 16, 2, bytes(range(6)))
    yield "rgba16.png", lambda: _flat_png(14_000, 14_200, 16, 6, bytes(range(8)))
    yield "grey16.png", lambda: _flat_png(14_000, 14_200, 16, 0, b"\xff\xff")
    yield "grey.png", lambda: _flat_png(14_000, 14_200, 8, 0, b"\xff")
    yield "beyond.png", lambda: _flat_png(15_000, 14_200, 8, 0, b"\xff")
    yield "flat.jpg", lambda: _save(Image.new("RGB", (14_000, 14_200), (9, 8, 7)), "JPEG")
    yield "progressive.jpg", lambda: _save(Image.new("RGB", (9_900, 10_000)), "JPEG", progressive=True)
    yield "cmyk.jpg", lambda: _save(Image.new("CMYK", (14_000, 14_200)), "JPEG")
    yield "flat.webp", lambda: _save(Image.new("RGB", (8_000, 7_900), (9, 8, 7)), "WEBP", method=0)
    yield "alpha.webp", lambda: _save(Image.new("RGBA", (8_000, 7_900)), "WEBP", lossless=True, method=0)
    yield "lzw.tif", lambda: _save(Image.new("RGB", (14_000, 14_200)), "TIFF", compression="tiff_lzw")
    yield (
        "deflate.tif",
        lambda: _save(Image.new("CMYK", (12_000, 12_400)), "TIFF", compression="tiff_deflate"),
    )
    yield "packbits.tif", lambda: _save(Image.new("L", (14_000, 14_200)), "TIFF", compression="packbits")
    yield "fax.tif", lambda: _save(Image.new("1", (14_000, 14_200)), "TIFF", compression="group4")
    yield "integer.tif", lambda: _save(Image.new("I", (14_000, 14_200)), "TIFF", compression="tiff_deflate")
    yield "float.tif", lambda: _save(Image.new("F", (14_000, 14_200)), "TIFF", compression="tiff_deflate")
    yield "runs.bmp", lambda: _runs_bmp(14_000, 14_200, b"\xff\x07" * 54 + b"\0\0")
    yield "overrun.bmp", lambda: _runs_bmp(14_000, 14_200, b"\xff\x07" * 30_000_000)
    yield "standing.bmp", lambda: _runs_bmp(14_000, 14_200, b"\0\2\0\0" * 10_000_000)
    yield "single.bmp", lambda: _runs_bmp(6_000, 6_000, b"\1\7" * 6_000 + b"\0\0")
    yield (
        "bit.bmp",
        lambda: build.bmp_file(build.info_header(14_000, 14_200, 1), bytes(1752 * 14_200), bytes(8)),
    )
    yield (
        "four.bmp",
        lambda: build.bmp_file(build.info_header(14_000, 14_200, 4), bytes(7000 * 14_200), bytes(64)),
    )
    yield "scans.jpg", _scans_jpeg


def _flat_png(width: int, height: int, depth: int, colour: int, pixel: bytes) -> bytes:
    packer = zlib.compressobj(1)
    row = b"\0" + pixel * width
    raw = b"".join(packer.compress(row * 100) for _ in range(height // 100)) + packer.flush()

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", raw) + chunk(b"IEND", b"")


def _runs_bmp(width: int, height: int, row: bytes) -> bytes:
    """A run-length coded BMP: `row` for each row, or once where it is long by itself."""
    header = build.info_header(width, height, 8, compression=1)
    times = height if len(row) < 100_000 else 1
    return build.bmp_file(header, row * times + b"\0\1", build.palette_bytes(build.colours(256)))


def _scans_jpeg() -> bytes:
    """A progressive JPEG in which the last scan comes a thousand times."""
    data = _save(Image.new("RGB", (6000, 6000), (200, 100, 50)), "JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    return data[:start] + data[start:-2] * 1000 + data[-2:]
