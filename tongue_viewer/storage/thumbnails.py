"""Small pictures for the list of a folder: fast from any format, kept on disk where decoding is dear.

Uncompressed BMPs are sampled row by row, which is as fast as any cache; JPEGs are decoded at a fraction
of their size by their own transform; what is left is decoded whole, once, and kept in a bounded cache. A
cache that is damaged, full or not writable only costs time.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from tongue_viewer.core.photo import RgbArray
from tongue_viewer.storage.locations import user_cache_folder
from tongue_viewer.storage.photos import read_reduced

_LOG = logging.getLogger(__name__)
DEFAULT_SIZE = 96
CACHE_BYTES = 256 << 20
_CHEAP_SUFFIXES = {".bmp", ".dib"}
_MOST_SIDE = 4096
"""Of any thumbnail: one of a large window is a tenth of it."""
_OVERSAMPLING = 2
"""A sampled BMP is read at twice the size and averaged, so that fine texture does not turn to noise."""


def make_thumbnail(rgb: RgbArray, size: int = DEFAULT_SIZE) -> RgbArray:
    """(H, W, 3) uint8 → (h, w, 3) uint8 whose longer side is `size`; a smaller photo stays as it is."""
    height, width = rgb.shape[:2]
    scale = size / max(height, width)
    if scale >= 1:
        return rgb.copy()
    shape = max(1, round(height * scale)), max(1, round(width * scale))
    return np.asarray(cv2.resize(rgb, shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)


def load_thumbnail(path: Path, size: int = DEFAULT_SIZE, cache: ThumbnailCache | None = None) -> RgbArray:
    """The small picture of a photo's file, (h, w, 3) uint8, its longer side at most `size`.

    Args:
        path: the photo.
        size: pixels.
        cache: by default the one below `user_cache_folder()`.

    Raises:
        PhotoError: the photo cannot be read or decoded.
    """
    if path.suffix.lower() in _CHEAP_SUFFIXES:
        return make_thumbnail(read_reduced(path, _OVERSAMPLING * size), size)
    cache = cache or ThumbnailCache(user_cache_folder() / "thumbnails")
    key = _identity(path, size)
    kept = cache.get(key) if key else None
    if kept is not None and max(kept.shape) <= size:
        return kept
    thumbnail = make_thumbnail(read_reduced(path, _OVERSAMPLING * size), size)
    if key:
        cache.put(key, thumbnail)
    return thumbnail


def _identity(path: Path, size: int) -> str:
    """A name that changes with the file; "" where the file cannot be asked (reading it will say why)."""
    try:
        info = path.stat()
    except (OSError, ValueError):
        return ""
    text = f"{path.absolute()}\0{info.st_mtime_ns}\0{info.st_size}\0{size}"
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


class ThumbnailCache:
    """A folder of small pictures whose total stays below a limit; safe from several threads and processes."""

    def __init__(self, folder: Path, limit_bytes: int = CACHE_BYTES) -> None:
        self._folder = folder
        self._limit = limit_bytes

    def get(self, key: str) -> RgbArray | None:
        """The picture kept under `key`, None if there is none or it is damaged."""
        try:
            data = self._path(key).read_bytes()
            if not _is_small_png(data):
                return None
            bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        except (OSError, cv2.error):
            return None
        return None if bgr is None else np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)

    def put(self, key: str, rgb: RgbArray) -> None:
        """Keep a picture; a failure goes to the log only, for what is lost is time."""
        _, data = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
        path = self._path(key)
        temporary = path.with_name(f"{key}.{secrets.token_hex(4)}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(data.tobytes())
            temporary.replace(path)
        except OSError as error:
            _LOG.info("The thumbnail %s was not kept (%s).", path, error)
            return
        # One in 256 keys: a look at the whole folder is dear, and a little above the limit does no harm.
        if key.startswith("00"):
            self.prune()

    def prune(self) -> None:
        """Delete the oldest pictures until four fifths of the limit are left."""
        files = sorted(_files_by_age(self._folder))
        total = sum(n_bytes for _, n_bytes, _ in files)
        if total <= self._limit:
            return
        for _, n_bytes, path in files:
            if total <= self._limit * 4 // 5:
                break
            # Another window may have deleted it already.
            Path(path).unlink(missing_ok=True)
            total -= n_bytes

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.png"


def _is_small_png(data: bytes) -> bool:
    """Whether bytes begin as those that `ThumbnailCache.put` writes, so that no other file is decoded in their place."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n") or len(data) < 24:
        return False
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    return 0 < width <= _MOST_SIDE and 0 < height <= _MOST_SIDE


def _files_by_age(folder: Path) -> Iterator[tuple[int, int, str]]:
    """(time of writing, bytes, path) of every file of the cache."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place) / name
            try:
                info = path.stat()
            except FileNotFoundError:
                continue
            yield info.st_mtime_ns, info.st_size, str(path)
