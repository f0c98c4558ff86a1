"""The limits that a photo must keep before any memory is taken for its pixels."""

from __future__ import annotations

from tongue_viewer.core.errors import PhotoDamagedError, PhotoTooLargeError
from tongue_viewer.core.photo import MAX_PIXELS

MAX_KIND_PIXELS = {"WEBP": 64_000_000, "JPEG progressive": 100_000_000, "TIFF CMYK": 150_000_000}
"""Less than `MAX_PIXELS` where a decoder holds the picture several times over: libwebp six times with four bytes a
pixel, a progressive JPEG all its coefficients beside the pixels; or takes long: four inks are inflated and mixed."""

MAX_FILE_BYTES = 2**31
"""The largest file that is read: 16-bit RGBA of `MAX_PIXELS` uncompressed fits."""


def check_size(height: int, width: int, kind: str = "") -> None:
    """Refuse a photo of no pixels or of too many.

    Args:
        height: of the photo, pixels.
        width: of the photo, pixels.
        kind: format, where `MAX_KIND_PIXELS` may name a lower limit.

    Raises:
        PhotoDamagedError: a side below 1.
        PhotoTooLargeError: more than `MAX_PIXELS`, or than the limit of its kind.
    """
    if height < 1 or width < 1:
        raise PhotoDamagedError(f"its header gives a size of {width}×{height} pixels")
    limit = MAX_KIND_PIXELS.get(kind, MAX_PIXELS)
    if height * width > limit:
        of_kind = f" for {kind}" if kind in MAX_KIND_PIXELS else ""
        raise PhotoTooLargeError(
            f"its header gives {width}×{height} = {height * width / 1e6:.0f} megapixels, "
            f"and the limit{of_kind} is {limit // 1_000_000}"
        )


def check_density(height: int, width: int, n_bytes: int, pixels_per_byte: int) -> None:
    """Refuse a header that promises more pixels than so few bytes can hold, before memory is taken for them.

    Args:
        height: of the photo, pixels.
        width: of the photo, pixels.
        n_bytes: length of the file.
        pixels_per_byte: the most that the format's compression can reach.

    Raises:
        PhotoDamagedError: the header and the length of the file contradict each other.
    """
    if height * width > 65_536 + pixels_per_byte * n_bytes:
        raise PhotoDamagedError(
            f"its header gives {width}×{height} pixels, more than its {n_bytes} bytes can hold"
        )
