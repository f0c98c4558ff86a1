"""Masks as image files: read exactly or refused, written without loss."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tongue_viewer.core.classes import MOST_CLASSES, usual_colour
from tongue_viewer.core.errors import MaskError, PhotoError
from tongue_viewer.core.exports import MaskValues
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.storage.atomic import write_atomically
from tongue_viewer.storage.bmp import decode_bmp_index
from tongue_viewer.storage.photos import decode_photo, naming, photo_size, read_bytes, sniff_format
from tongue_viewer.storage.pillow_photos import DEEP_GREY_MODES, decode_unconverted

MASK_SUFFIXES = frozenset({".png", ".bmp", ".tif", ".tiff"})
"""Suffixes, in lower case, that `write_mask` takes."""

_PILLOW_FORMAT = {".png": "PNG", ".bmp": "BMP", ".tif": "TIFF", ".tiff": "TIFF"}
_FOREGROUND = {1, 255, 65_535}
_PALETTE = bytes(3) + bytes(part for index in range(1, MOST_CLASSES + 1) for part in usual_colour(index))
_NAMED_VALUES = 6
_MANY_VALUES = 1000
_BLOCK_PIXELS = 1 << 20
_ONE_CHANNEL = {"1", "L", "P"}
_WITH_ALPHA = {"LA", "PA", "RGBA"}


def read_mask(path: Path, shape: tuple[int, int] | None = None) -> MaskArray:
    """Read a mask of one class: (H, W) uint8, 0 = background, 1 = tongue.

    Taken are files whose pixels are 0 and one of 1, 255 or 65535: grey, equal channels, 1 bit, or palette
    indices. Nothing is rounded: a JPEG with its grey fringes is refused.

    Args:
        path: PNG, BMP, TIFF or any other photo format.
        shape: (H, W) that it must have, if given.

    Raises:
        MaskError: unreadable, other values (the text names them), or another size (the text names both).
    """
    try:
        if shape is not None:
            # From the header, so that a file of another size takes neither time nor memory.
            _check_shape(path, photo_size(path), shape)
        values = _read_values(path)
    except PhotoError as error:
        raise MaskError(str(error).replace("The photo ", "The mask ", 1)) from error
    if shape is not None:
        _check_shape(path, values.shape, shape)
    found = _values_in(values)
    foreground = found[found != 0]
    if len(foreground) > 1 or (len(foreground) == 1 and int(foreground[0]) not in _FOREGROUND):
        raise MaskError(_describe_values(path, found))
    return (values > 0).astype(np.uint8)


def _check_shape(path: Path, found: tuple[int, ...], wanted: tuple[int, int]) -> None:
    if tuple(found) != tuple(wanted):
        raise MaskError(
            f"The mask {path.name} has {found[1]}×{found[0]} pixels, "
            f"its photo has {wanted[1]}×{wanted[0]}. Nothing was changed. Export it at the photo's own size."
        )


def write_mask(path: Path, mask: MaskArray, *, values: MaskValues = "0/255") -> None:
    """Write a mask as 8-bit grey PNG, BMP or TIFF by the suffix; atomic and without loss.

    Several classes: see `encode_mask`.

    Args:
        path: the new file; its folder exists.
        mask: (H, W) uint8 or bool, 0 = background, 1 = tongue.
        values: how the two classes are written. "0/1" looks black in most viewers.

    Raises:
        MaskError: the suffix is of no lossless format, or the array is no such mask.
        WriteError: nothing was written; what stood there is intact.
    """
    write_atomically(path, encode_mask(mask, path.suffix, values=values))


def encode_mask(mask: MaskArray, suffix: str, *, values: MaskValues = "0/255") -> bytes:
    """The bytes that `write_mask` writes for a suffix such as ".png".

    A mask of several classes keeps their numbers, whatever `values` says, in a coloured palette, so that it is no
    black picture.

    Raises:
        MaskError: the suffix is of no lossless format, or the array is no mask.
    """
    kind = _PILLOW_FORMAT.get(suffix.lower())
    if kind is None:
        raise MaskError(
            f"A mask cannot be written as {suffix or 'a file without a suffix'}. "
            "Choose .png, .bmp or .tif: they lose nothing."
        )
    if mask.ndim != 2 or mask.size == 0 or mask.dtype not in (np.uint8, np.bool_):
        raise MaskError(f"A mask is (H, W) uint8 or bool, got {mask.dtype} of shape {mask.shape}.")
    if mask.max() > MOST_CLASSES:
        raise MaskError(f"A mask holds the classes 0 to {MOST_CLASSES}, got values up to {mask.max()}.")
    if mask.max() > 1:
        picture = Image.fromarray(mask)
        picture.putpalette(_PALETTE)
    else:
        picture = Image.fromarray(mask.astype(np.uint8) * np.uint8(255 if values == "0/255" else 1))
    buffer = io.BytesIO()
    options = {"TIFF": {"compression": "tiff_adobe_deflate"}}.get(kind, {})
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _read_values(path: Path) -> NDArray[np.integer[Any]]:
    """(H, W): what the pixels mean as numbers: grey values, or indices where the palette is coloured."""
    data = read_bytes(path)
    with naming(path):
        kind = sniff_format(data)
        values = _read_bmp_values(data) if kind == "BMP" else _read_pillow_values(data, kind, path)
    if values is not None:
        return values
    return _grey_of(decode_photo(data, path), path)


def _grey_of(rgb: NDArray[np.uint8], path: Path) -> NDArray[np.uint8]:
    """(H, W) values of three equal channels."""
    grey = rgb[:, :, 0]
    if np.array_equal(grey, rgb[:, :, 1]) and np.array_equal(grey, rgb[:, :, 2]):
        return grey
    raise MaskError(
        f"The mask {path.name} is a colour picture. Nothing was changed. "
        "Export masks as grey or black-and-white pictures with two values."
    )


def _read_bmp_values(data: bytes) -> NDArray[np.uint8] | None:
    """The values of a BMP of up to 8 bits; None for others."""
    indexed = decode_bmp_index(data)
    return _through_palette(*indexed) if indexed else None


def _read_pillow_values(data: bytes, kind: str, path: Path) -> NDArray[np.integer[Any]] | None:
    """The values of a file of one channel, with or without alpha; None for a picture of three or more."""
    mode, palette, raw = decode_unconverted(data, kind, _ONE_CHANNEL | _WITH_ALPHA | DEEP_GREY_MODES)
    if mode == "CMYK":
        raise MaskError(
            f"The mask {path.name} is in the colours of print (CMYK), which are no values of a mask. "
            "Nothing was changed. Export it as a grey or black-and-white picture with two values."
        )
    if raw is None:
        return None
    if mode in _WITH_ALPHA:
        if raw[:, :, -1].min() < 255:
            raise MaskError(
                f"The mask {path.name} is partly transparent, so that its values are not certain. "
                "Nothing was changed. Export it without transparency."
            )
        if mode == "RGBA":
            return _grey_of(raw[:, :, :3], path)
        return raw[:, :, 0] if mode == "LA" else None
    return raw if palette is None else _through_palette(raw, palette)


def _through_palette(index: NDArray[np.uint8], palette: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W) indices and (256, 3) colours → grey values if all colours in use are grey, else indices."""
    used = palette[_values_in(index)]
    if (used == used[:, :1]).all():
        return np.asarray(cv2.LUT(index, np.ascontiguousarray(palette[:, 0])), np.uint8)
    return index


def _values_in(values: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
    """The different values, ascending, or `_MANY_VALUES` and more of them; block by block, as counting widens."""
    step = max(1, _BLOCK_PIXELS // values.shape[1])
    found: NDArray[np.integer[Any]] = np.empty(0, values.dtype)
    for top in range(0, len(values), step):
        found = np.union1d(found, _values_of_block(values[top : top + step]))
        if len(found) >= _MANY_VALUES:
            break
    return found


def _values_of_block(values: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
    if values.min() >= 0 and values.max() <= 65_535:
        return np.flatnonzero(np.bincount(values.ravel()))
    return np.unique(values)


def _describe_values(path: Path, found: NDArray[np.integer[Any]]) -> str:
    shown = ", ".join(str(value) for value in found[:_NAMED_VALUES])
    if len(found) > _NAMED_VALUES:
        shown += f" … {found[-1]}"
    count = f"at least {_MANY_VALUES}" if len(found) >= _MANY_VALUES else len(found)
    return (
        f"The mask {path.name} holds {count} values ({shown}), not 0 and 1, or 0 and 255. "
        "Nothing was changed. Export it without grey fringes, as PNG, BMP or TIFF."
    )
