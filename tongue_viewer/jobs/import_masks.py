"""Taking masks that were made elsewhere into the case database."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseStatus, CaseSummary, EditStep, Origin
from tongue_viewer.core.errors import MaskError, PhotoError, StoreError
from tongue_viewer.core.events import CaseFailed, JobEvent, Progress, SummaryChanged
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.folder import list_photos
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photos import read_photo


def pair_masks(photos: Sequence[Path], masks: Path) -> tuple[dict[Path, Path], dict[Path, str]]:
    """Pair photos and masks by file stem ("a.bmp" and "a.png"), or the photo's whole name ("a.bmp.png").

    Args:
        photos: the photos.
        masks: a folder of mask files.

    Returns:
        Photo → mask, and file → reason for each mask that cannot be paired.
    """
    by_stem: dict[str, list[Path]] = {}
    for photo in photos:
        by_stem.setdefault(photo.stem, []).append(photo)
    by_name = {photo.name: photo for photo in photos}
    pairs: dict[Path, Path] = {}
    problems: dict[Path, str] = {}
    for mask in list_photos(masks):
        found = [by_name[mask.stem]] if mask.stem in by_name else by_stem.get(mask.stem, [])
        if len(found) != 1:
            names = ", ".join(photo.name for photo in found)
            problems[mask] = (
                f"It could belong to {names}. Name it after one of them, with its suffix:"
                f" {found[0].name}.png."
                if found
                else f"No photo has the stem {mask.stem!r}. Rename the mask after its photo."
            )
        elif found[0] in pairs:
            problems[mask] = f"{pairs[found[0]].name} is also a mask of {found[0].name}. Keep one of the two."
        else:
            pairs[found[0]] = mask
    return pairs, problems


def import_masks(
    token: CancelToken,
    *,
    store: CaseStore,
    pairs: Mapping[Path, Path],
    status: CaseStatus = CaseStatus.EDITED,
    overwrite: bool = False,
) -> Iterator[JobEvent]:
    """Store masks as if a person had painted them, so that no prediction replaces them.

    Args:
        token: stops between two photos; what is stored stays.
        store: the case database.
        pairs: photo → mask file of 0 and 1 or 0 and 255, at the photo's own size.
        status: of the cases after it, EDITED or REVIEWED.
        overwrite: replace masks that a person made here; the edit log keeps them.

    Yields:
        `Progress`; for each photo `SummaryChanged`, or `CaseFailed` with the reason.

    Raises:
        Cancelled: stopped.
        StoreError: the database cannot be written at all.
    """
    begin = time.monotonic()
    for done, (path, mask_path) in enumerate(pairs.items()):
        token.check()
        left = (time.monotonic() - begin) / done * (len(pairs) - done) if done else None
        yield Progress("Importing", done, len(pairs), left)
        try:
            yield SummaryChanged(_import_one(store, path, mask_path, status, overwrite=overwrite))
        except (PhotoError, MaskError) as error:
            yield CaseFailed(path, str(error))
    yield Progress("Importing", len(pairs), len(pairs), 0.0)


def _import_one(
    store: CaseStore, path: Path, mask_path: Path, status: CaseStatus, *, overwrite: bool
) -> CaseSummary:
    photo = read_photo(path)
    mask = read_mask(mask_path, photo.shape)
    mask.flags.writeable = False
    state = store.load(photo)
    if state.origin is Origin.HUMAN and not overwrite:
        raise MaskError(
            f"{path.name} already has a mask that a person made here; it was kept. Allow overwriting"
            " to replace it."
        )
    if not state.summary.case_id:
        raise StoreError(f"{store.database} is open read-only: nothing was imported. {store.note}")
    action = f"Import {mask_path.name}"
    step = EditStep(
        state.summary.case_id, action, "import", Origin.HUMAN, mask, b"", status, revision=0, made=time.time()
    )
    return store.save_step(step)
