"""The photos of a folder, in the order in which people count."""

from __future__ import annotations

import os
from pathlib import Path

from tongue_viewer.core.case_list import natural_key
from tongue_viewer.core.errors import PhotoUnreadableError, UsageError
from tongue_viewer.storage.photos import PHOTO_SUFFIXES

DATA_FOLDER = ".tongue-viewer"
"""The program's own folder inside a folder of photos (hidden, so that it is never listed)."""

EXPORT_MARKER = ".tongue-viewer-export"
"""A folder that holds a file of this name has exports inside, not photos."""


def list_photos(folder: Path, *, recursive: bool = False) -> list[Path]:
    """The files of a folder whose suffix is one of `PHOTO_SUFFIXES`, naturally sorted.

    Hidden files and folders are skipped, also the program's own; with `recursive`, so are folders of exports
    and links to folders (which can lead in a circle). A folder's own photos come before its subfolders'.

    Raises:
        UsageError: no such folder, or a file.
        PhotoUnreadableError: no access.
    """
    photos: list[Path] = []
    pending = [folder]
    while pending:
        here = pending.pop()
        names, folders = _scan(here)
        if here != folder and EXPORT_MARKER in names:
            continue
        chosen = [name for name in names if _is_photo_name(name)]
        chosen.sort(key=lambda name: (natural_key(name), name))
        photos.extend(here / name for name in chosen)
        if recursive:
            folders.sort(key=lambda name: (natural_key(name), name), reverse=True)
            pending.extend(here / name for name in folders)
    return photos


def _is_photo_name(name: str) -> bool:
    stem, dot, suffix = name.rpartition(".")
    return bool(dot and stem) and not name.startswith(".") and f".{suffix.lower()}" in PHOTO_SUFFIXES


def _scan(folder: Path) -> tuple[list[str], list[str]]:
    """The names of the files, and of the folders that are neither hidden nor links."""
    files: list[str] = []
    folders: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith("."):
                        folders.append(entry.name)
                elif entry.is_file():
                    files.append(entry.name)
    except FileNotFoundError as error:
        raise UsageError(
            f"There is no folder {folder}. Check the name, or whether its disk is connected."
        ) from error
    except NotADirectoryError as error:
        raise UsageError(f"{folder} is a file, not a folder. Give the folder that it is in.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PhotoUnreadableError(
            f"The folder {folder} cannot be read ({reason}). "
            "Check that you may open it, and that its disk is connected."
        ) from error
    return files, folders
