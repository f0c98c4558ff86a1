"""Opening a folder of photos."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.events import FolderListed, JobEvent
from tongue_viewer.jobs.library import Library
from tongue_viewer.storage.folder import list_photos
from tongue_viewer.storage.photos import PHOTO_SUFFIXES


def open_folder(
    token: CancelToken, *, library: Library, folder: Path, user_name: str = ""
) -> Iterator[JobEvent]:
    """List a folder and make it the current one; until `FolderListed` everything stays as it was.

    Args:
        token: to stop it.
        library: gets the folder.
        folder: a folder, or a photo, whose folder is then opened.
        user_name: written into the edit log.

    Yields:
        `FolderListed`, also for a folder without photos.

    Raises:
        UsageError, PhotoUnreadableError, StoreError: it cannot be opened; the folder before stays open.
    """
    where = folder.parent if folder.is_file() else folder
    paths = tuple(list_photos(where))
    token.check()
    store = library.open(where, user_name, paths)
    notes = [store.note] if store.note else []
    if not paths:
        kinds = ", ".join(sorted(suffix.lstrip(".") for suffix in PHOTO_SUFFIXES))
        notes.append(f"There are no photos in {where} ({kinds}). Open another folder, or put photos into it.")
    yield FolderListed(where, store.summaries(paths), " ".join(notes), store.writable)
