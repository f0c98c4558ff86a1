"""The sample photos, copied to where masks can be saved beside them."""

from __future__ import annotations

import shutil
from pathlib import Path

from tongue_viewer.core.errors import WriteError
from tongue_viewer.storage.atomic import describe_failure
from tongue_viewer.storage.locations import ensure_folder, samples_folder, user_data_folder


def sample_photos() -> Path:
    """A writable folder with the sample photos; masks that were painted there before are kept.

    Raises:
        WriteError: they cannot be copied.
    """
    folder = ensure_folder(user_data_folder() / "samples")
    for photo in sorted(samples_folder().glob("*.bmp")):
        target = folder / photo.name
        if not target.exists():
            try:
                shutil.copyfile(photo, target)
            except OSError as error:
                raise WriteError(describe_failure(target, error)) from error
    return folder
