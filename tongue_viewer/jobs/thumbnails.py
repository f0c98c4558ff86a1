"""Small pictures for the list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import PhotoError
from tongue_viewer.core.events import JobEvent, ThumbnailReady
from tongue_viewer.storage.thumbnails import load_thumbnail


def make_thumbnails(token: CancelToken, *, paths: Sequence[Path], size: int) -> Iterator[JobEvent]:
    """Read or make the small picture of each photo, in the order given.

    Args:
        token: to stop it; what was made stays in the cache.
        paths: the photos.
        size: longest side in pixels.

    Yields:
        One `ThumbnailReady` for each photo; its `rgb` is None where the photo cannot be read.
    """
    for path in paths:
        token.check()
        try:
            yield ThumbnailReady(path, load_thumbnail(path, size))
        except PhotoError:
            yield ThumbnailReady(path, None)
