"""Repairing the case database of a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.events import JobEvent, RescueFinished
from tongue_viewer.jobs.library import Library
from tongue_viewer.storage.case_store_rescue import rescue


def rescue_folder(
    _token: CancelToken, *, library: Library, folder: Path, user_name: str = ""
) -> Iterator[JobEvent]:
    """Put what can be read of a damaged case database into a new one; the damaged file is kept. It cannot be cancelled.

    No other job can use the database meanwhile; the list of the folder has to be read again afterwards.

    Args:
        library: closes the folder.
        folder: the folder of photos.
        user_name: for the log.

    Yields:
        `RescueFinished`.

    Raises:
        StoreError: it could not be done; everything is as it was.
    """
    with library.barred(folder):
        report = rescue(folder, user_name)
    yield RescueFinished(folder, report)
