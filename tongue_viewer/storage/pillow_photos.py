"""JPEG, PNG, TIFF and WebP pixels through Pillow, brought to 8-bit RGB.

Conventions: the first page or frame; 16-bit channels by their high byte; CMYK without a profile; transparency
on white; no colour profile is applied, so that what is shown is the file. 32-bit integers and floats have no
agreed range: refused.
"""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from tongue_viewer.core.errors import PhotoDamagedError, PhotoError, PhotoTooLargeError, PhotoUnsupportedError
from tongue_viewer.core.photo import RgbArray
from tongue_viewer.storage.exif import apply_orientation, parse_orientation, read_png_exif, swaps_sides
from tongue_viewer.storage.jpeg_scans import check_scans
from tongue_viewer.storage.photo_limits import MAX_KIND_PIXELS, check_density, check_size

# Pillow warns from 89 megapixels and refuses from 179; `check_size` guards here, before memory is taken.
Image.MAX_IMAGE_PIXELS = None

_MAX_PIXELS_PER_BYTE = {
    "JPEG": 1024,
    "PNG": 16_384,
    "WEBP": 16_384,
    "TIFF raw": 8,
    "TIFF tiff_lzw": 32_768,
    "TIFF tiff_adobe_deflate": 16_384,
}
"""Upper bounds of what the compression reaches: JPEG takes a bit for 64 pixels, zlib packs 1032 to 1.
WebP has none; a picture of fewer bytes than this holds nothing to see."""

_BAND_PIXELS = 1 << 20
"""Pixels are taken over from Pillow in bands of about so many: beside its own picture and ours there is no third."""

_BITS_TAG, _PHOTOMETRIC_TAG, _PLANAR_TAG = 258, 262, 284
_WHITE_IS_ZERO = 0

_PLAIN_MODES = {"1", "L", "P", "RGB", "RGBX", "CMYK", "YCbCr"}
DEEP_GREY_MODES = frozenset({"I", "I;16", "I;16L", "I;16B", "I;16N"})
"""Pillow's modes of one channel with more than 8 bits."""
_ALPHA_MODES = {"LA", "La", "PA", "RGBA", "RGBa"}


class _Quiet:
    """Silences Pillow's warnings of odd metadata around sound pixels, for as long as any thread is inside.

    `warnings.catch_warnings` alone restores the wrong filters when two threads overlap.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._filters = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._filters = warnings.catch_warnings()
                self._filters.__enter__()
                warnings.filterwarnings("ignore", module=r"PIL\.")
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._filters.__exit__(None, None, None)


_QUIET = _Quiet()


def open_image(file: BinaryIO, kind: str) -> Image.Image:
    """The header of an image of the named Pillow format, its size checked.

    Raises:
        PhotoError: damaged or too large; the text is the bare reason.
    """
    try:
        with _QUIET:
            image = Image.open(file, formats=(kind,))
        if isinstance(image, TiffImageFile):
            _check_planes(image)
    except PhotoError:
        raise
    except Exception as error:  # a foreign parser on damaged bytes raises anything
        raise _header_error(file, kind, error) from error
    detail = "progressive" if image.info.get("progressive") else image.mode
    check_size(
        image.height, image.width, f"{kind} {detail}" if f"{kind} {detail}" in MAX_KIND_PIXELS else kind
    )
    return image


def _check_planes(image: TiffImageFile) -> None:
    """Refuse planes of more than 8 bits: Pillow reads them as if they had 8, and says nothing."""
    planes = image.tag_v2.get(_PLANAR_TAG) == 2
    if planes and max(image.tag_v2.get(_BITS_TAG, ()), default=8) > 8:
        raise PhotoUnsupportedError("it is a TIFF whose channels of more than 8 bits lie one after another")


def _header_error(file: BinaryIO, kind: str, error: Exception) -> PhotoError:
    """What it means that Pillow cannot make sense of a header of the right kind."""
    if isinstance(error, UnidentifiedImageError):
        file.seek(0)
        head = file.read(8)
        end = file.seek(0, io.SEEK_END)
        # Pillow says the same of a TIFF that is cut off before its directory and of an unknown layout.
        start = int.from_bytes(head[4:8], "little" if head[:1] == b"I" else "big")
        if kind == "TIFF" and start + 2 < end:
            return PhotoUnsupportedError("it is a TIFF of a layout that is not decoded")
        return PhotoDamagedError(f"its {kind} header cannot be read")
    return PhotoDamagedError(f"its {kind} header cannot be read ({_describe(error)})")


def decode_with_pillow(data: bytes, kind: str, *, side: int | None = None) -> RgbArray:
    """All pixels of a file of the named Pillow format, (H, W, 3) uint8, EXIF orientation applied.

    Args:
        data: the whole file.
        kind: Pillow's name of the format.
        side: a JPEG may be decoded at 1/2, 1/4 or 1/8 as long as its longer side stays at `side` or above.

    Raises:
        PhotoError: damaged, not supported or too large; the text is the bare reason.
    """
    return _decode(data, kind, _to_rgb, side)


def decode_unconverted(
    data: bytes, kind: str, modes: AbstractSet[str]
) -> tuple[str, NDArray[np.uint8] | None, NDArray[Any] | None]:
    """The pixels as the file numbers them (palette indices, 16-bit grey, alpha), if its mode is in `modes`.

    Returns:
        Pillow's mode; the palette, (256, 3) uint8 RGB, None without one; the oriented pixels, (H, W) or
        (H, W, C). Both are None for another mode.

    Raises:
        PhotoError: as `decode_with_pillow`.
    """
    with open_image(io.BytesIO(data), kind) as image:
        mode = image.mode
    if mode not in modes:
        return mode, None, None
    palettes: list[NDArray[np.uint8]] = []

    def convert(image: Image.Image) -> NDArray[Any]:
        palettes.extend(_palette(image))
        return _in_bands(image, np.asarray)

    pixels = _decode(data, kind, convert)
    return mode, palettes[0] if palettes else None, pixels


def _palette(image: Image.Image) -> Iterator[NDArray[np.uint8]]:
    """The palette of a decoded picture, if it has one: (256, 3) uint8 RGB, black where the file has no entry."""
    palette = image.getpalette("RGB")
    if palette is not None:
        colours = np.zeros(3 * 256, np.uint8)
        stored = palette[: 3 * 256]
        colours[: len(stored)] = stored
        yield colours.reshape(256, 3)


def _decode(
    data: bytes, kind: str, convert: Callable[[Image.Image], NDArray[Any]], side: int | None = None
) -> NDArray[Any]:
    pixels, orientation = _decode_stored(data, kind, convert, side)
    return np.ascontiguousarray(apply_orientation(pixels, orientation))


def _decode_stored(
    data: bytes, kind: str, convert: Callable[[Image.Image], NDArray[Any]], side: int | None
) -> tuple[NDArray[Any], int]:
    """The pixels as they are stored, and their orientation; Pillow's own picture is freed on return."""
    with open_image(io.BytesIO(data), kind) as image:
        packing = f"TIFF {image.info.get('compression')}" if kind == "TIFF" else kind
        if kind == "JPEG":
            check_scans(data, image.height, image.width)
        if packing in _MAX_PIXELS_PER_BYTE:
            check_density(image.height, image.width, len(data), _MAX_PIXELS_PER_BYTE[packing])
        try:
            orientation = read_orientation(image, io.BytesIO(data), kind)
            if side is not None:
                # Pillow takes the smallest scale at which neither side falls below the size asked for.
                scale = side / max(image.size)
                image.draft(None, (max(1, int(image.width * scale)), max(1, int(image.height * scale))))
            with _QUIET:
                image.load()
                return convert(image), orientation
        except PhotoError:
            raise
        except MemoryError as error:
            raise PhotoTooLargeError("there is not enough memory for its pixels") from error
        except Exception as error:  # a foreign decoder on damaged bytes raises anything
            raise PhotoDamagedError(f"its pixels cannot be decoded ({_describe(error)})") from error


def read_orientation(image: Image.Image, file: BinaryIO, kind: str) -> int:
    """The EXIF orientation that the pixels from Pillow still need; 1 for TIFF: Pillow applies it."""
    if kind == "TIFF":
        return 1
    exif = read_png_exif(file) if kind == "PNG" else image.info.get("exif", b"")
    return parse_orientation(exif)


def seen_size(file: BinaryIO, kind: str) -> tuple[int, int]:
    """(H, W) after orientation, from the header alone.

    Raises:
        PhotoError: damaged or too large; the text is the bare reason.
    """
    with open_image(file, kind) as image:
        swapped = swaps_sides(read_orientation(image, file, kind))
        return (image.width, image.height) if swapped else (image.height, image.width)


def _describe(error: Exception) -> str:
    """One line of what a foreign decoder says."""
    text = " ".join(str(error).split())
    return text[:120] or type(error).__name__


def _in_bands(image: Image.Image, convert: Callable[[Image.Image], NDArray[Any]]) -> NDArray[Any]:
    """What `convert` gives for all rows, a band of rows at a time."""
    step = max(1, _BAND_PIXELS // image.width)
    out: NDArray[Any] | None = None
    for top in range(0, image.height, step):
        bottom = min(top + step, image.height)
        band = convert(image.crop((0, top, image.width, bottom)))
        if out is None:
            out = np.empty((image.height, *band.shape[1:]), band.dtype)
        out[top:bottom] = band
    assert out is not None  # noqa: S101 - a size of no rows was refused by its header
    return out


def _to_rgb(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode in DEEP_GREY_MODES - {"I"} or (image.mode == "I" and image.format == "PNG"):
        inverted = isinstance(image, TiffImageFile) and image.tag_v2.get(_PHOTOMETRIC_TAG) == _WHITE_IS_ZERO
        return _in_bands(image, _inverted_high_byte if inverted else _high_byte)
    if image.mode in _ALPHA_MODES or "transparency" in image.info:
        return _in_bands(image, _on_white)
    if image.mode in _PLAIN_MODES:
        return _in_bands(image, _as_rgb)
    raise PhotoUnsupportedError(
        f"its pixels have the layout {image.mode}, which has no agreed range of values"
    )


def _high_byte(image: Image.Image) -> NDArray[np.uint8]:
    """(H, W) 16-bit grey → (H, W, 3) uint8."""
    high = (np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8)
    return np.repeat(high[:, :, None], 3, axis=2)


def _inverted_high_byte(image: Image.Image) -> NDArray[np.uint8]:
    return 255 - _high_byte(image)


def _as_rgb(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(image.convert("RGB"))


def _on_white(image: Image.Image) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 of pixels with straight alpha over white, rounded; opaque pixels stay."""
    rgba = image.convert("RGBA")
    page = Image.new("RGB", image.size, (255, 255, 255))
    # Pillow's own mixing is exact, and several times as fast as NumPy with a channel axis of three.
    page.paste(rgba.convert("RGB"), mask=rgba.getchannel("A"))
    return np.asarray(page)
