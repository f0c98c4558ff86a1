"""The settings as a JSON file that survives damage, newer versions and people's editors."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from tongue_viewer.core.settings import Settings
from tongue_viewer.storage.atomic import write_atomically
from tongue_viewer.storage.locations import ensure_folder, settings_path

_LOG = logging.getLogger(__name__)
_MAX_BYTES = 1 << 20


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings; the program starts whatever the file holds.

    No file gives the defaults. A file that is no JSON is kept aside with the suffix ".damaged", for a
    person to look at. What was replaced or ignored goes to the log.

    Args:
        path: the file; by default `settings_path()`.
    """
    path = settings_path() if path is None else path
    if path.exists() and not path.is_file():
        _LOG.warning("The settings %s cannot be read (no regular file): the defaults are used.", path)
        return Settings()
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES)
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        _LOG.warning("The settings %s cannot be read (%s): the defaults are used.", path, error)
        return Settings()
    try:
        values = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        _LOG.warning("The settings %s are damaged (%s): the defaults are used.", path, error)
        _keep_aside(path)
        return Settings()
    settings, warnings = Settings.from_json(values)
    for warning in warnings:
        _LOG.warning("%s: %s", path, warning)
    return settings


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write the settings, atomically; creates the folder.

    Raises:
        WriteError: nothing was written, and what stood there is intact.
    """
    path = settings_path() if path is None else path
    ensure_folder(path.parent)
    text = json.dumps(settings.to_json(), ensure_ascii=False, indent=2) + "\n"
    # A name of a folder that is no proper text on this disk is kept as JSON escapes it.
    write_atomically(path, text.encode("utf-8", "backslashreplace"))


def _keep_aside(path: Path) -> None:
    """Move a damaged file out of the way, so that the next save does not destroy what it holds."""
    try:
        path.replace(path.with_name(path.name + ".damaged"))
    except OSError as error:
        _LOG.warning("The damaged settings %s could not be kept aside (%s).", path, error)
