"""Looking through a folder of masks before anything is taken from it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.errors import MaskError, PhotoError
from tongue_viewer.core.events import JobEvent, Progress
from tongue_viewer.core.exports import FileResult
from tongue_viewer.core.imports import ImportScanned, MaskPair
from tongue_viewer.core.mask_polarity import mask_polarity
from tongue_viewer.jobs.import_masks import pair_masks
from tongue_viewer.jobs.library import Library
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.folder import list_photos
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photos import photo_size


def scan_folder(token: CancelToken, *, library: Library, folder: Path, masks: Path) -> Iterator[JobEvent]:
    """As `scan_masks`, for a folder of the library."""
    with library.use(folder) as store:
        photos = list_photos(store.folder)
        yield from scan_masks(token, photos=photos, masks=masks, by_hand=hand_made(store))


def hand_made(store: CaseStore) -> list[Path]:
    """The photos whose mask a person made, approved or set aside."""
    kept = {CaseStatus.EDITED, CaseStatus.REVIEWED, CaseStatus.FLAGGED}
    flagged = (summary for summary in store.stored_index() if summary.status in kept)
    return list(dict.fromkeys(summary.path for summary in (*store.stored_index("edited"), *flagged)))


def scan_masks(
    token: CancelToken, *, photos: Sequence[Path], masks: Path, by_hand: Sequence[Path] = ()
) -> Iterator[JobEvent]:
    """Pair photos and masks, read every mask and judge which way round it is; writes nothing.

    Args:
        token: stops between two masks.
        photos: the photos, in the order of the list.
        masks: the folder of masks.
        by_hand: photos whose mask a person made here.

    Yields:
        `Progress`, then `ImportScanned`.

    Raises:
        Cancelled: stopped.
        UsageError, PhotoUnreadableError: the folder of masks cannot be read.
    """
    begin = time.monotonic()
    paired, unpaired = pair_masks(photos, masks)
    problems = [FileResult(path, error=reason) for path, reason in unpaired.items()]
    protected = frozenset(by_hand)
    pairs: list[MaskPair] = []
    for done, (photo, path) in enumerate(paired.items()):
        token.check()
        left = (time.monotonic() - begin) / done * (len(paired) - done) if done else None
        yield Progress("Reading masks", done, len(paired), left)
        try:
            mask = read_mask(path, photo_size(photo))
        except (MaskError, PhotoError) as error:
            problems.append(FileResult(photo, error=str(error)))
            continue
        pairs.append(MaskPair(photo, path, mask_polarity(mask), photo in protected))
    yield Progress("Reading masks", len(paired), len(paired), 0.0)
    order = {photo: number for number, photo in enumerate(photos)}
    pairs.sort(key=lambda pair: order[pair.photo])
    without = tuple(photo for photo in photos if photo not in paired)
    yield ImportScanned(masks, tuple(pairs), tuple(problems), without)
