"""The window opens before torch is loaded, and the program ends cleanly; in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.window_driver import make_folder

PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from tongue_viewer.app import run

application = QApplication([])

def the_window():
    return next(w for w in application.topLevelWidgets() if w.objectName() == "main_window")

def first():
    # The event loop's first round: the window is there, and nothing that the folder asks for has been answered.
    print("shown", the_window().isVisible(), "torch" in sys.modules)
    QTimer.singleShot(20, look)

def look():
    window = the_window()
    if window.photos.model.rowCount() != 2 or window.toolbar.place.text() == "":
        QTimer.singleShot(20, look)
        return
    window.close()

QTimer.singleShot(0, first)
code = run(Path(sys.argv[1]))
print("end", code)
"""


def test_a_folder_on_the_command_line_opens_without_torch_and_the_program_ends(
    tmp_path: Path, user_home: Path
) -> None:
    make_folder(tmp_path, 2)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        capture_output=True, text=True, timeout=90, check=False, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["shown", "True", "False", "end", "0"]
    assert "Traceback" not in done.stderr
    assert "QThread" not in done.stderr
    assert (user_home / "log" / "tongue-viewer.log").exists()
