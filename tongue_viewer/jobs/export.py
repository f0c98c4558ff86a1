"""Writing the masks of a folder's case database as files."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import PhotoDamagedError, PhotoError, TongueViewerError
from tongue_viewer.core.events import ExportFinished, JobEvent, Progress
from tongue_viewer.core.exports import ExportPlan, FileResult
from tongue_viewer.core.photo import Photo
from tongue_viewer.jobs.export_tables import ExportTables, refuse_existing
from tongue_viewer.jobs.library import Library
from tongue_viewer.storage.annotations import labelme_document, relative_path
from tongue_viewer.storage.atomic import write_atomically
from tongue_viewer.storage.case_store import CaseStore, Only, StoredCase
from tongue_viewer.storage.exports import export_case, output_names, plan_names, real_paths
from tongue_viewer.storage.folder import list_photos
from tongue_viewer.storage.locations import ensure_folder
from tongue_viewer.storage.photos import read_photo

NO_MASK = "There is no mask for this photo yet. Segment it or paint one, then export again."
_NEED_PHOTO = frozenset({"overlay", "cutout", "html"})


@dataclass(frozen=True)
class _Item:
    """One photo of an export; no case_id: it has no mask."""

    path: Path
    case_id: str


def export_folder(
    token: CancelToken,
    *,
    library: Library,
    folder: Path | None = None,
    out: Path,
    plan: ExportPlan,
    only: Only | Sequence[Path] = "all",
) -> Iterator[JobEvent]:
    """As `export_cases`, for a folder of the library (None: the current one)."""
    with library.use(folder) as store:
        yield from export_cases(token, store=store, out=out, plan=plan, only=only)


def export_cases(
    token: CancelToken,
    *,
    store: CaseStore,
    out: Path,
    plan: ExportPlan,
    only: Only | Sequence[Path] = "all",
) -> Iterator[JobEvent]:
    """Write the stored masks at full size, bit for bit, and what else the plan names.

    Args:
        token: stops between two photos; what is finished stays.
        store: the case database.
        out: the folder to write to; created.
        plan: the kinds of files.
        only: "all" photos of the folder, those with an "edited" or "reviewed" mask, or certain photos.

    Yields:
        `Progress`, then `ExportFinished` with one result for each photo (its error is `NO_MASK` where there
        is none) and one for each table.

    Raises:
        UsageError, PhotoUnreadableError, StoreError: the folder or its database cannot be read.
        WriteError: `out` cannot be created.
    """
    begin = time.monotonic()
    items = _choose(store, only)
    names = plan_names([item.path for item in items], plan, store.folder)
    originals = real_paths([item.path for item in items])
    tables = ExportTables(plan, store.folder)
    ensure_folder(out)
    results: list[FileResult] = []
    for done, item in enumerate(items):
        if token.cancelled:
            break
        left = (time.monotonic() - begin) / done * (len(items) - done) if done else None
        yield Progress("Exporting", done, len(items), left)
        writer = _Writer(store, out, plan, names[item.path], originals)
        results.append(_export_one(writer, item, tables))
    finished = len(results)
    results += tables.write(out, results)
    yield Progress("Exporting", finished, len(items), 0.0)
    yield ExportFinished(out, tuple(results), cancelled=finished < len(items))


def _choose(store: CaseStore, only: Only | Sequence[Path]) -> list[_Item]:
    """The folder's photos in its order, then cases of subfolders and of photos that are gone."""
    wanted = None if isinstance(only, str) else [Path(path) for path in only]
    photos = list_photos(store.folder)
    moved = follow_renamed(store, photos)
    index = store.stored_index(only if isinstance(only, str) else "all")
    cases = {moved.get(summary.case_id, summary.path): summary.case_id for summary in index}
    if wanted is not None:
        return [_Item(path, cases.get(path, "")) for path in wanted]
    if only != "all":
        photos = [path for path in photos if path in cases]
    listed = set(photos)
    rest = [path for path in cases if path not in listed]
    return [_Item(path, cases.get(path, "")) for path in (*photos, *rest)]


def follow_renamed(store: CaseStore, photos: Sequence[Path]) -> dict[str, Path]:
    """case_id → photo for cases whose photo was renamed since; looked for only where a photo is gone."""
    if all(summary.path.exists() for summary in store.stored_index()):
        return {}
    moved: dict[str, Path] = {}
    for summary in store.summaries(photos):
        if not summary.case_id:
            try:
                state = store.load(read_photo(summary.path))
            except PhotoError:
                continue  # it has no mask, and is reported for that
            if state.summary.case_id:
                moved[state.summary.case_id] = summary.path
    return moved


@dataclass(frozen=True)
class _Writer:
    """Writes the files of one photo under `name`."""

    store: CaseStore
    out: Path
    plan: ExportPlan
    name: str
    originals: frozenset[str]

    def write(self, case: StoredCase, photo: Photo) -> tuple[Path, ...]:
        """The picture files of the plan, and labelme's; returns them."""
        written: list[Path] = []
        if output_names(self.name, photo.path.suffix, self.plan):
            asks = "probability" in self.plan.formats and case.prediction is not None
            probability = case.prediction.probability() if asks and case.prediction else None
            written += export_case(
                self.out,
                photo,
                case.mask,
                self.plan,
                name=self.name,
                probability=probability,
                originals=self.originals,
            )
        if "labelme" in self.plan.formats:
            target = self.out / f"{self.name}.json"
            refuse_existing(target, self.plan, self.store.folder)
            ensure_folder(target.parent)
            write_atomically(target, labelme_document(relative_path(photo.path, target.parent), case.mask))
            written.append(target)
        return tuple(written)


def _export_one(writer: _Writer, item: _Item, tables: ExportTables) -> FileResult:
    if not item.case_id:
        return FileResult(item.path, error=NO_MASK)
    try:
        case = writer.store.stored_case(item.case_id)
        decoded = bool(_NEED_PHOTO & set(writer.plan.formats))
        photo = read_photo(item.path) if decoded else undecoded_photo(item.path, case)
        check_unchanged(photo, case)
        written = writer.write(case, photo)
        name = Path(os.path.relpath(item.path, writer.store.folder)).as_posix()
        tables.add(case, name, photo if decoded else None)
    except TongueViewerError as error:
        return FileResult(item.path, error=str(error))
    return FileResult(item.path, written)


def check_unchanged(photo: Photo, case: StoredCase) -> None:
    """Refuse a photo that is not the one that its mask was made for.

    Raises:
        PhotoDamagedError: its content is another one.
    """
    if photo.sha256 != case.sha256:
        raise PhotoDamagedError(
            f"{photo.path} was changed since its mask was made, so the mask was not exported. It is kept in the"
            " case database. Put the earlier photo back, or open the photo to make a new mask."
        )


def undecoded_photo(path: Path, case: StoredCase, *, hashed: bool = True) -> Photo:
    """A stand-in without pixels, for files that need only the photo's name, size and identity.

    `hashed`: read the file for its identity; False: the file is known to be the case's own.
    """
    pixels = np.broadcast_to(np.zeros(3, np.uint8), (*case.mask.shape, 3))
    if not hashed:
        return Photo(path, pixels, case.sha256)
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        digest = case.sha256  # the mask is there without its photo
    except OSError as error:
        raise PhotoError(f"{path} cannot be read ({error.strerror or error}); check its drive.") from error
    return Photo(path, pixels, digest)
