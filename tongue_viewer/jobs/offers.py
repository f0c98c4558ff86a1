"""Masks that a photo could have: of an earlier content of the same file, or of the same photo in another folder."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseState, CaseStatus, Origin
from tongue_viewer.core.errors import StoreError
from tongue_viewer.core.events import JobEvent, MaskOffer, MaskTaken
from tongue_viewer.jobs.library import Library
from tongue_viewer.storage.case_store import CaseStore, StoredCase
from tongue_viewer.storage.case_store_place import existing_database

log = logging.getLogger(__name__)


def find_offer(library: Library, store: CaseStore, state: CaseState) -> MaskOffer | None:
    """The mask that the person should be asked about, or None.

    Nothing is offered for a case that a person has worked on, or for which an offer was declined.
    """
    summary = state.summary
    untouched = state.origin is not Origin.HUMAN and summary.status in (
        CaseStatus.TO_DO,
        CaseStatus.PREDICTED,
    )
    if not (store.writable and summary.case_id and untouched):
        return None
    if state.earlier:
        other = _stored(store, state.earlier, state.photo.shape)
        if other is None:
            return None
        text = (
            f"{summary.path.name} was changed since its mask was made ({_described(other)}). That mask is kept with the"
            " earlier photo. It can be put onto the changed photo as well."
        )
        return MaskOffer(summary.path, summary.case_id, store.folder, other.case_id, text)
    if store.declined(summary.case_id):
        return None
    for known in library.index.find(state.photo.sha256, besides=store.folder):
        other = _elsewhere(library, known.folder, known.case_id, state)
        if other is not None:
            text = (
                f"This very photo has a mask in {known.folder} ({other.name}, {_described(other)})."
                " It can be taken over; it stays there as well."
            )
            return MaskOffer(summary.path, summary.case_id, known.folder, known.case_id, text)
    return None


def take_over(token: CancelToken, *, library: Library, folder: Path, offer: MaskOffer) -> Iterator[JobEvent]:
    """Give a case the mask that was offered, as an undoable step of its history.

    Args:
        token: to stop it before it begins.
        library: databases.
        folder: of the photo.
        offer: what `find_offer` found.

    Yields:
        `MaskTaken`.

    Raises:
        StoreError: the mask is gone, or the case was edited meanwhile; nothing was changed.
    """
    token.check()
    with library.use(folder) as store:
        photo = library.photo(offer.path)
        state = store.load(photo)
        if state.origin is Origin.HUMAN or state.summary.case_id != offer.case_id:
            raise StoreError(
                f"{offer.path.name} was edited meanwhile, so the other mask was not taken over. Nothing was changed."
                " Undo the edits and open the photo again to be asked once more."
            )
        if offer.folder == store.folder:
            other, source = _stored(store, offer.source, photo.shape), "the earlier photo"
        else:
            other, source = _elsewhere(library, offer.folder, offer.source, state), str(offer.folder)
        if other is None:
            raise StoreError(
                f"The mask for {offer.path.name} in {offer.folder} is not there any more. Nothing was changed."
                " Paint the mask, or let the model propose one."
            )
        yield MaskTaken(store.take_over(photo, other, f"Taken over from {source}"))


def decline_offer(_token: CancelToken, *, library: Library, folder: Path, case_id: str) -> Iterator[JobEvent]:
    """Do not ask about the mask again.

    Raises:
        StoreError: that could not be noted.
    """
    with library.use(folder) as store:
        store.decline(case_id)
    yield from ()


def _elsewhere(library: Library, folder: Path, case_id: str, state: CaseState) -> StoredCase | None:
    """The case of the same photo in another folder, if it is still there and was worked on.

    What is kept apart from its folder is found also when that folder was renamed or has another drive letter by now.
    """
    opened = library.peek(folder)
    try:
        if opened is not None:
            other = _stored(opened, case_id, state.photo.shape)
        elif existing_database(folder) is None:
            return None
        else:
            with CaseStore.open_to_read(folder) as store:
                other = _stored(store, case_id, state.photo.shape)
    except (StoreError, OSError) as error:
        log.info("%s: %s; its masks are not offered", folder, error)
        return None
    return other if other is not None and other.sha256 == state.photo.sha256 else None


def _stored(store: CaseStore, case_id: str, shape: tuple[int, int]) -> StoredCase | None:
    try:
        other = store.stored_case(case_id)
    except StoreError as error:
        log.info("%s: %s; it is not offered", store.folder, error)
        return None
    return other if other.mask.shape == shape else None


def _described(other: StoredCase) -> str:
    day = time.strftime("%Y-%m-%d", time.localtime(other.changed))
    who = f" by {other.reviewed_by}" if other.reviewed_by else ""
    return f"{other.status.value}{who}, {day}"
