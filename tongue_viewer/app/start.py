"""From the command line to the window: log, Qt, and the end of both."""

from __future__ import annotations

import ctypes
import importlib.util
import logging
import logging.handlers
import platform
import sys
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt
from PySide6.QtWidgets import QApplication, QMainWindow

from tongue_viewer.app.application import TongueViewerApp
from tongue_viewer.core.errors import WriteError
from tongue_viewer.storage.locations import ensure_folder, log_folder, user_data_folder

log = logging.getLogger("tongue_viewer")

_GEOMETRY = "geometry"
_GOOD_SIZE = QSize(1440, 900)
_FRAME = 48


def run(folder: Path | None = None) -> int:
    """Open the window, on a folder or a photo if one is given; returns the exit code when it is closed."""
    application, app = open_window(folder)
    try:
        return application.exec()
    finally:
        _window_place().setValue(_GEOMETRY, app.window.saveGeometry())
        app.shutdown()


def open_window(folder: Path | None = None) -> tuple[QApplication, TongueViewerApp]:
    """All that `run` does before the first event is worked off: log, Qt, window, request for the folder."""
    start_log()
    preload_torch_library()
    sys.excepthook = _tell_log
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(sys.argv[:1])
    application.setApplicationName("tongue-viewer")
    application.setApplicationDisplayName("tongue-viewer")
    app = TongueViewerApp(application)
    _put_back(app.window, _window_place())
    app.window.show()
    if folder is not None:
        app.open(folder)
    return application, app


def _window_place() -> QSettings:
    """Where the window stood; the only thing that is kept by Qt's own settings."""
    return QSettings(str(user_data_folder() / "window.ini"), QSettings.Format.IniFormat)


def _put_back(window: QMainWindow, place: QSettings) -> None:
    """The last place, or a good size, or on a small screen all of it."""
    kept = place.value(_GEOMETRY)
    if isinstance(kept, QByteArray) and window.restoreGeometry(kept):
        return
    window.resize(_GOOD_SIZE)
    room = window.screen().availableGeometry().size()
    if room.width() < _GOOD_SIZE.width() + _FRAME or room.height() < _GOOD_SIZE.height() + _FRAME:
        # The window manager knows how high its title bar is; a size of ours would leave the status line below the screen.
        window.setWindowState(Qt.WindowState.WindowMaximized)


def start_log() -> None:
    """Write the log to the user's log folder; three files of 1 MB at most."""
    log.setLevel(logging.INFO)
    try:
        path = ensure_folder(log_folder()) / "tongue-viewer.log"
        handler = logging.handlers.RotatingFileHandler(path, maxBytes=2**20, backupCount=2, encoding="utf-8")
    except (OSError, WriteError) as error:
        log.warning("There is no log file: %s", error)
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)


def preload_torch_library() -> None:
    """On Windows torch's DLLs fail when Qt's were loaded first (PyTorch issue 169429): load one now.

    Untested on Windows; elsewhere nothing is done. Torch itself is not imported.
    """
    if platform.system() != "Windows":
        return
    spec = importlib.util.find_spec("torch")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        library = Path(place) / "lib" / "c10.dll"
        if library.exists():
            ctypes.CDLL(str(library))


def _tell_log(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An exception in a slot would only be printed; people start the program without a terminal."""
    log.error("fault of the program", exc_info=(kind, error, trace))
    sys.__excepthook__(kind, error, trace)
