"""Taking masks that were made elsewhere into the case database."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseStatus, EditStep, Origin
from tongue_viewer.core.errors import MaskError, PhotoError, StoreError, StoreReadOnlyError
from tongue_viewer.core.events import JobEvent, Progress
from tongue_viewer.core.imports import ImportChoice, MaskImported, MaskPair, MaskRefused
from tongue_viewer.core.mask_polarity import turn_round
from tongue_viewer.jobs.library import Library
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.folder import list_photos
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photos import read_photo

KEPT = "{name} already has a mask that a person made or approved here; it was kept. Allow overwriting to replace it."
_BY_HAND = frozenset({CaseStatus.EDITED, CaseStatus.REVIEWED, CaseStatus.FLAGGED})


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
    pairs: Sequence[MaskPair],
    choice: ImportChoice | None = None,
) -> Iterator[JobEvent]:
    """Store masks as if a person had painted them, so that no prediction replaces them.

    Args:
        token: stops between two photos; what is stored stays.
        store: the case database.
        pairs: photos and mask files of 0 and 1 or 0 and 255, at the photo's own size.
        choice: how; None: as edited ones, as they are, without replacing what a person made here.

    Yields:
        `Progress`; for each photo `MaskImported`, or `MaskRefused` with the reason.

    Raises:
        Cancelled: stopped.
        StoreError: the database cannot be written at all.
    """
    begin = time.monotonic()
    for done, pair in enumerate(pairs):
        token.check()
        left = (time.monotonic() - begin) / done * (len(pairs) - done) if done else None
        yield Progress("Importing", done, len(pairs), left)
        yield _import_one(store, pair, choice or ImportChoice())
    yield Progress("Importing", len(pairs), len(pairs), 0.0)


def import_mask(
    token: CancelToken, *, library: Library, folder: Path, pair: MaskPair, choice: ImportChoice
) -> Iterator[JobEvent]:
    """Store one mask in the database of a folder.

    Yields:
        `MaskImported`, when it is durable, or `MaskRefused`.
    """
    token.check()
    try:
        with library.use(folder) as store:
            event = _import_one(store, pair, choice)
    except StoreError as error:
        # A plain one is about this case alone, for example a mask of another size in the database.
        event = MaskRefused(pair.photo, str(error), fatal=type(error) is not StoreError)
    yield event


def _import_one(store: CaseStore, pair: MaskPair, choice: ImportChoice) -> MaskImported | MaskRefused:
    path = pair.photo
    try:
        photo = read_photo(path)
        mask = read_mask(pair.mask, photo.shape)
    except (PhotoError, MaskError) as error:
        return MaskRefused(path, str(error))
    if choice.turning.applies_to(pair.polarity):
        mask = turn_round(mask)
    mask.flags.writeable = False
    state = store.load(photo)
    if not choice.overwrite and (state.origin is Origin.HUMAN or state.summary.status in _BY_HAND):
        return MaskRefused(path, KEPT.format(name=path.name), kept=True)
    if not state.summary.case_id:
        raise StoreReadOnlyError(f"{store.database} is open read-only: nothing was imported. {store.note}")
    action = f"Import {pair.mask.name}"
    step = EditStep(
        case_id=state.summary.case_id,
        action=action,
        tool="import",
        origin=Origin.HUMAN,
        mask=mask,
        patch=b"",
        status=choice.status,
        revision=0,
        made=time.time(),
    )
    return MaskImported(store.save_step(step), mask, action)
