"""Reading photos: from a path to a `Photo`, whatever the file claims to be.

The format is told by the first bytes, never by the suffix. Every failure is a `PhotoError` that names the
file, the reason and the remedy. Originals are only ever opened for reading.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import cv2

from tongue_viewer.core.errors import (
    PhotoDamagedError,
    PhotoError,
    PhotoTooLargeError,
    PhotoUnreadableError,
    PhotoUnsupportedError,
)
from tongue_viewer.core.photo import MAX_PIXELS, Photo, RgbArray
from tongue_viewer.storage.bmp import decode_bmp, sample_bmp
from tongue_viewer.storage.bmp_header import HEADER_READ_BYTES, read_header
from tongue_viewer.storage.photo_limits import MAX_FILE_BYTES, check_size
from tongue_viewer.storage.pillow_photos import decode_with_pillow, seen_size

__all__ = [
    "MAX_PIXELS",
    "PHOTO_SUFFIXES",
    "decode_photo",
    "naming",
    "open_regular",
    "photo_size",
    "read_bytes",
    "read_photo",
    "read_reduced",
    "sniff_format",
]

PHOTO_SUFFIXES = frozenset(
    {".bmp", ".dib", ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".webp"}
)
"""Suffixes, in lower case, by which a folder's photos are found."""

_FOREIGN = (
    (0, b"GIF8", "a GIF animation"),
    (4, b"ftyphei", "a HEIC photo"),
    (4, b"ftyphev", "a HEIC photo"),
    (4, b"ftypmsf1", "a HEIF photo"),
    (4, b"ftypmif1", "a HEIF photo"),
    (4, b"ftypavif", "an AVIF photo"),
    (0, b"%PDF", "a PDF document"),
    (128, b"DICM", "a DICOM file"),
    (0, b"8BPS", "a Photoshop document"),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000 photo"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"\0\0\x01\0", "a Windows icon"),
)
_REMEDIES: dict[type[PhotoError], str] = {
    PhotoDamagedError: "Copy it again from the camera or a backup.",
    PhotoUnsupportedError: "Save it as PNG, JPEG or a 24-bit BMP in the program that made it.",
    PhotoTooLargeError: f"Save a smaller copy: a PNG or a plain JPEG may have {MAX_PIXELS // 1_000_000} megapixels.",
    PhotoUnreadableError: "Check that it is still there and that you may read it.",
}


def read_photo(path: Path) -> Photo:
    """Read and decode one photo.

    Returns:
        The photo; `rgb` is (H, W, 3) uint8, read-only, C-contiguous, EXIF orientation applied once;
        `sha256` is that of the file's bytes.

    Raises:
        PhotoUnreadableError: no such file, no access, or no regular file.
        PhotoDamagedError: empty, truncated or contradictory bytes.
        PhotoUnsupportedError: not a photo, or of a layout that is not decoded.
        PhotoTooLargeError: more than `MAX_PIXELS`.
    """
    with naming(path):
        data = _read(path)
        return Photo(path, _decode(data), hashlib.sha256(data).hexdigest())


def read_bytes(path: Path) -> bytes:
    """The bytes of a regular file of at most `MAX_FILE_BYTES`.

    Raises:
        PhotoUnreadableError: no such file, no access, or no regular file.
        PhotoTooLargeError: more bytes than that.
    """
    with naming(path):
        return _read(path)


def decode_photo(data: bytes, path: Path) -> RgbArray:
    """The pixels of a photo's bytes, (H, W, 3) uint8, read-only, C-contiguous, orientation applied.

    Args:
        data: the whole file.
        path: named in messages only.

    Raises:
        PhotoDamagedError: empty, truncated or contradictory bytes.
        PhotoUnsupportedError: not a photo, or of a layout that is not decoded.
        PhotoTooLargeError: more than `MAX_PIXELS`.
    """
    with naming(path):
        return _decode(data)


def read_reduced(path: Path, side: int) -> RgbArray:
    """A photo at any size whose longer side is `side` or more, the cheapest that its format gives.

    Returns:
        (h, w, 3) uint8, orientation applied; the shape follows the photo's to a few pixels.

    Raises:
        PhotoError: as `read_photo`, as far as the pixels that were read show it.
    """
    with naming(path):
        with open_regular(path) as file:
            kind = sniff_format(file.read(HEADER_READ_BYTES))
            file.seek(0)
            sample = sample_bmp(file, side) if kind == "BMP" else None
        if sample is not None:
            return sample
        data = _read(path)
        return decode_with_pillow(data, kind, side=side) if kind == "JPEG" else _decode(data)


def photo_size(path: Path) -> tuple[int, int]:
    """(H, W) of a photo after orientation, from its header alone.

    Raises:
        PhotoError: as `read_photo`, as far as the header shows it.
    """
    with naming(path), open_regular(path) as file:
        head = file.read(HEADER_READ_BYTES)
        kind = sniff_format(head)
        file.seek(0)
        if kind != "BMP":
            return seen_size(file, kind)
        shape = read_header(head).shape
        check_size(*shape)
        return shape


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn the bare reasons from inside into errors that name the file, say that it is safe, what to do."""
    try:
        yield
    except PhotoError as error:
        raise type(error)(_message(path, error)) from error
    except OSError as error:
        bare: PhotoError = PhotoUnreadableError(f"it cannot be read ({error.strerror or error})")
        raise PhotoUnreadableError(_message(path, bare)) from error
    except (MemoryError, cv2.error) as error:
        # Beside the limit of pixels there is the machine's; OpenCV reports it as an error of its own.
        bare = PhotoTooLargeError("there is not enough memory for it")
        raise PhotoTooLargeError(_message(path, bare)) from error


def sniff_format(head: bytes) -> str:
    """The format ("BMP" or Pillow's name) that the first bytes of a file tell.

    Raises:
        PhotoDamagedError: no bytes.
        PhotoUnsupportedError: not one of the formats; the text names the one it is, if known.
    """
    if not head:
        raise PhotoDamagedError("it is empty (0 bytes)")
    if head.startswith(b"BM"):
        return "BMP"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "TIFF"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    for at, magic, name in _FOREIGN:
        if head[at : at + len(magic)] == magic:
            raise PhotoUnsupportedError(f"it is {name}, whatever its suffix says")
    if not any(head[:64]):
        raise PhotoDamagedError("it begins with zeros only, as after a copy that was cut short")
    raise PhotoUnsupportedError("its bytes are not those of a BMP, JPEG, PNG, TIFF or WebP photo")


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading; a pipe or a device would block for ever.

    Raises:
        PhotoError: no regular file, or too many bytes; the text is the bare reason.
        OSError: no such file, or no access.
    """
    try:
        info = path.stat()
    except ValueError as error:  # a name with a null character
        raise PhotoUnreadableError(f"it cannot be read ({error})") from error
    if not stat.S_ISREG(info.st_mode):
        kind = "a folder" if stat.S_ISDIR(info.st_mode) else "not a regular file"
        raise PhotoUnreadableError(f"it is {kind}")
    if info.st_size > MAX_FILE_BYTES:
        raise PhotoTooLargeError(f"it has {info.st_size} bytes, and the limit is {MAX_FILE_BYTES}")
    return path.open("rb")


def _read(path: Path) -> bytes:
    with open_regular(path) as file:
        return file.read()


def _decode(data: bytes) -> RgbArray:
    kind = sniff_format(data)
    rgb = decode_bmp(data) if kind == "BMP" else decode_with_pillow(data, kind)
    rgb.setflags(write=False)
    return rgb


def _message(path: Path, reason: PhotoError) -> str:
    remedy = _REMEDIES.get(type(reason), "")
    # No disk has a name of more than 255 characters; a path from elsewhere can be of any length.
    name = path.name if len(path.name) <= 255 else f"{path.name[:80]}…"
    return f"The photo {name} cannot be used: {reason}. The file was not changed. {remedy}".rstrip()
