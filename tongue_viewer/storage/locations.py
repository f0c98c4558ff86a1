"""Where things are: what comes with the program, and what the program writes.

One locator serves the source tree, the installed wheel and the frozen app. All that the program writes by
itself lives under one root, `user_data_folder()`; a folder is created when its first file is written.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs

from tongue_viewer.core.errors import WriteError
from tongue_viewer.storage.atomic import describe_failure

HOME_VARIABLE = "TONGUE_VIEWER_HOME"
"""The environment variable that moves `user_data_folder()`."""

_PACKAGE = Path(__file__).resolve().parents[1]


def bundled_candidates(name: str, package: Path = _PACKAGE, frozen: str | None = None) -> tuple[Path, ...]:
    """The places where a folder that comes with the program can stand, the likeliest first.

    Args:
        name: "models" or "resources".
        package: the folder of the package `tongue_viewer`.
        frozen: the folder that a frozen app unpacks itself into (`sys._MEIPASS`), if it is one.
    """
    wheel = package / "_bundled" / name
    if frozen is not None:
        root = Path(frozen)
        return root / name, root / "tongue_viewer" / "_bundled" / name, wheel
    return wheel, package.parent / name


def find_bundled(name: str) -> Path:
    """The folder "models" or "resources" that comes with the program; the last candidate if none exists."""
    candidates = bundled_candidates(name, frozen=getattr(sys, "_MEIPASS", None))
    return next((folder for folder in candidates if folder.is_dir()), candidates[-1])


def models_folder() -> Path:
    """The models that come with the program."""
    return find_bundled("models")


def resources_folder() -> Path:
    """Icons, translations and samples that come with the program."""
    return find_bundled("resources")


def samples_folder() -> Path:
    """The sample photos that come with the program."""
    return resources_folder() / "samples"


def user_data_folder() -> Path:
    """The one root of all that the program writes by itself; it need not exist yet."""
    override = os.environ.get(HOME_VARIABLE)
    if override:
        return Path(override).expanduser().absolute()
    return platformdirs.user_data_path("tongue-viewer", appauthor=False)


def user_models_folder() -> Path:
    """Models that the person trained or adopted."""
    return user_data_folder() / "models"


def user_cache_folder() -> Path:
    """What can be computed again: thumbnails, compiled networks."""
    return user_data_folder() / "cache"


def log_folder() -> Path:
    """The program's log files."""
    return user_data_folder() / "log"


def settings_path() -> Path:
    """The settings file."""
    return user_data_folder() / "settings.json"


def ensure_folder(folder: Path) -> Path:
    """Create a folder with its parents where it does not exist; returns it.

    Raises:
        WriteError: it cannot be created; the text names it and the remedy.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise WriteError(describe_failure(folder, error)) from error
    return folder
