"""Which folders may hold the masks of a folder of photos: none that holds anything else."""

from __future__ import annotations

import os
from pathlib import Path

from tongue_viewer.core.errors import UsageError, WriteError
from tongue_viewer.core.exports import ExportPlan
from tongue_viewer.storage.atomic import Disk
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.exports import mark_exports
from tongue_viewer.storage.folder import DATA_FOLDER
from tongue_viewer.storage.live_manifest import MANIFEST_NAME, LiveManifest, read_manifest
from tongue_viewer.storage.locations import ensure_folder


def open_place(store: CaseStore, out: Path, plan: ExportPlan, disk: Disk, *, new: bool) -> LiveManifest:
    """The list of a folder of masks, for the photos of a case database.

    Args:
        store: the database.
        out: the folder of masks.
        plan: format and values for a new one.
        disk: the calls that write.
        new: whether it may be made; it must be empty then, or have been used for these photos before.

    Raises:
        UsageError: it may not hold these masks; nothing was changed.
        WriteError: it is gone, or cannot be written.
    """
    check_place(store.folder, out)
    manifest = read_manifest(out)
    if manifest is not None:
        _check_source(manifest, store, out)
        manifest.source = str(store.folder)
        return manifest
    if not new:
        raise gone(out)
    ensure_folder(out)
    _check_empty(out)
    mark_exports(out, store.folder)
    manifest = LiveManifest(str(store.folder), plan)
    manifest.save(out, disk)
    return manifest


def check_place(folder: Path, out: Path) -> None:
    """Refuse folders of photos.

    Raises:
        UsageError: `out` is the folder itself, or another folder of photos, or the program's own.
    """
    real, photos = Path(os.path.realpath(out)), Path(os.path.realpath(folder))
    if real == photos or DATA_FOLDER in real.parts or (real / DATA_FOLDER).exists():
        raise UsageError(
            f"{out} holds photos or their database, so no masks are written there. Nothing was changed. Choose an empty "
            "folder for the masks."
        )


def is_there(out: Path) -> bool:
    """Whether a folder of masks that was in use is still there."""
    return (out / MANIFEST_NAME).exists()


def gone(out: Path) -> WriteError:
    """The error for a folder of masks that was in use and is not there."""
    return WriteError(
        f"The folder of masks {out} is gone, or its drive is not connected. All masks are safe in the case database. "
        "Connect the drive, or choose File ▸ Keep a folder of masks in step again."
    )


def _check_empty(out: Path) -> None:
    try:
        names = sorted(entry.name for entry in os.scandir(out) if not entry.name.startswith("."))
    except OSError as error:
        raise WriteError(
            f"{out} cannot be read ({error.strerror or error}). Choose another folder."
        ) from error
    if names:
        raise UsageError(
            f"{out} is not empty ({names[0]}). Nothing in it was changed. Choose an empty folder, or name a new one, for "
            "the masks."
        )


def _check_source(manifest: LiveManifest, store: CaseStore, out: Path) -> None:
    """Two folders of photos never share a folder of masks; one that was moved takes its own along."""
    before = Path(manifest.source)
    if os.path.realpath(before) == os.path.realpath(store.folder):
        return
    there = os.path.isdir(before)  # noqa: PTH112 - False, and no error, for a name that is too long
    if there or not manifest.files.keys() & store.names().keys():
        raise UsageError(
            f"{out} holds the masks of another folder of photos, {str(before)[:300]}. Nothing in it was changed. "
            "Choose an empty folder for the masks of this one."
        )
