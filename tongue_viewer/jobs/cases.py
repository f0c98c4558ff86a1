"""Loading one case, and writing what was done to it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseStatus, CaseSummary, EditStep
from tongue_viewer.core.errors import PhotoError, StoreCorruptError, StoreError
from tongue_viewer.core.events import CaseFailed, CaseLoaded, EditSaved, JobEvent, SummaryChanged
from tongue_viewer.jobs.library import Library
from tongue_viewer.jobs.offers import find_offer
from tongue_viewer.storage.case_store import CaseStore


def load_case(
    token: CancelToken, *, library: Library, path: Path, folder: Path | None = None
) -> Iterator[JobEvent]:
    """Decode a photo and read its case.

    Args:
        token: to stop it.
        library: photos and databases.
        path: the photo.
        folder: whose database is asked; None: the current one.

    Yields:
        `CaseLoaded`; or `CaseFailed`, and `SummaryChanged` with FAILED where it is the photo that failed.
    """
    token.check()
    with library.use(folder) as store:
        try:
            photo = library.photo(path)
        except PhotoError as error:
            yield CaseFailed(path, str(error))
            yield SummaryChanged(note_failure(store, path, str(error)))
            return
        token.check()
        try:
            state = store.load(photo)
            offer = find_offer(library, store, state)
        except StoreError as error:
            damaged = store.folder if isinstance(error, StoreCorruptError) else None
            yield CaseFailed(path, str(error), damaged)
            return
        yield CaseLoaded(state, store.folder, offer)


def note_failure(store: CaseStore, path: Path, message: str) -> CaseSummary:
    """FAILED for a photo; kept in the database where that is possible, shown in any case."""
    try:
        return store.set_failed(path, message)
    except StoreError:
        # The photo's own error is the one that the person has to know of; the next save tells of the
        # database.
        known = store.summaries([path])[0]
        return CaseSummary(path, known.case_id, CaseStatus.FAILED, message, known.changed)


def save_steps(
    _token: CancelToken, *, library: Library, folder: Path, steps: Sequence[EditStep]
) -> Iterator[JobEvent]:
    """Write steps of one case into the database of the folder that it was loaded from; it cannot be cancelled.

    Args:
        library: databases.
        folder: `CaseLoaded.folder` of the case.
        steps: what was done, in order.

    Yields:
        `EditSaved` for each step, when it is durable.

    Raises:
        StoreError: the step after the last one that was reported was not saved; the text says what is safe and what
            to do.
    """
    with library.use(folder) as store:
        for step in steps:
            yield EditSaved(store.save_step(step), step.revision, time.time(), folder)
            library.note_work(store, step.case_id)


def set_status(
    _token: CancelToken, *, library: Library, folder: Path, case_id: str, status: CaseStatus, note: str = ""
) -> Iterator[JobEvent]:
    """Set the status of a case; it cannot be cancelled.

    Yields:
        `SummaryChanged`.

    Raises:
        StoreError: it was not saved.
    """
    with library.use(folder) as store:
        summary = store.set_status(case_id, status, note)
    yield SummaryChanged(summary)
