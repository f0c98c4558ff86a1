"""The scans of a JPEG: libjpeg goes over the whole picture once for each, and a few bytes are enough for one."""

from __future__ import annotations

import re
import struct

from tongue_viewer.core.errors import PhotoDamagedError
from tongue_viewer.storage.photo_limits import check_size

_MAX_SCANNED_PIXELS = 3_000_000_000
"""About two seconds. A progressive JPEG has 6 to 12 scans, and at most 100 megapixels are taken."""

_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd8\xff])")


def check_scans(data: bytes, height: int, width: int) -> None:
    """Refuse a JPEG whose scans cover its pixels too often; several scans have a limit of pixels of their own.

    Args:
        data: the whole file.
        height: of the picture, pixels.
        width: of the picture, pixels.

    Raises:
        PhotoDamagedError: far more scans than any program writes.
        PhotoTooLargeError: more pixels than may come in several scans.
    """
    most = max(30, _MAX_SCANNED_PIXELS // (height * width))
    scans = count_scans(data, most + 1)
    if scans > most:
        raise PhotoDamagedError(f"it goes over its {width}×{height} pixels more than {most} times")
    if scans > 1:
        check_size(height, width, "JPEG progressive")


def count_scans(data: bytes, most: int) -> int:
    """The scans of the first picture of a file; counting stops at `most`.

    Segments are skipped by their length, for a small picture inside of one has scans of its own.
    """
    scans, at = 0, 2
    while scans < most:
        found = _MARKER.search(data, at)
        if found is None or found[1][0] == _END_OF_IMAGE or found.end() + 2 > len(data):
            break
        (length,) = struct.unpack_from(">H", data, found.end())
        scans += found[1][0] == _START_OF_SCAN
        at = found.end() + max(2, length)
    return scans
