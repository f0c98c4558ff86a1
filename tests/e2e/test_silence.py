"""No network, and no file outside the person's data folder, from start to exit, in a home that is empty.

A child process runs the window on a folder and then the command line, without the variables that a test or CI sets, because
libraries keep quiet when they see those. Python's audit hook sees every socket; the file system is compared afterwards,
which also sees what compiled code writes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tongue_viewer.storage.locations import samples_folder

ROOT = Path(__file__).resolve().parents[2]

WATCHED = """
import json, sys
seen = []
def watch(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind", "socket.sendto"):
        seen.append([event, repr(args)])
sys.addaudithook(watch)
"""

WINDOW = (
    WATCHED
    + """
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from tongue_viewer.app.application import TongueViewerApp
from tongue_viewer.app.start import start_log
start_log()
application = QApplication(["tongue-viewer"])
app = TongueViewerApp(application)
app.window.show()
application.processEvents()
facts = {"torch_when_shown": "torch" in sys.modules, "shown": app.window.isVisible()}
app.open(Path(sys.argv[1]))
timer = QTimer()
def look():
    if app.document.is_open and app.document.prediction is not None:
        facts["predicted"] = True
        app.window.close()
timer.timeout.connect(look)
timer.start(50)
application.lastWindowClosed.connect(application.quit)
QTimer.singleShot(90_000, application.quit)
application.exec()
app.shutdown()
talkative = ("PySide6.QtNetwork", "openvino_telemetry", "requests")
facts["network_modules"] = sorted(m for m, loaded in sys.modules.items() if loaded and m in talkative)
print(json.dumps(facts | {"seen": seen}))
"""
)

COMMAND = (
    WATCHED
    + """
from tongue_viewer.cli.main import main
code = main(["predict", sys.argv[1], "-o", sys.argv[2]])
print(json.dumps({"code": code, "seen": seen}), file=sys.stderr)
"""
)


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def run_child(script: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python code with nothing in the environment but what the system needs, in an empty working folder."""
    keep = {
        name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ
    }
    work = home.parent / "work"
    work.mkdir(exist_ok=True)
    temporary = home.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    environment = keep | {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "TMPDIR": str(temporary),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=work, env=environment, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


def test_window_and_command_line_are_silent(tmp_path: Path) -> None:
    home, photos, out = tmp_path / "home", tmp_path / "photos", tmp_path / "out"
    home.mkdir()
    photos.mkdir()
    shutil.copyfile(samples_folder() / "s08_phone_small.bmp", photos / "a.bmp")

    window = run_child(WINDOW, home, str(photos))
    assert window.returncode == 0, window.stderr
    facts = json.loads(window.stdout.splitlines()[-1])
    assert facts["shown"]
    assert not facts["torch_when_shown"], "torch was loaded before the window was on the screen"
    assert facts.get("predicted"), window.stderr
    assert facts["seen"] == []
    assert facts["network_modules"] == []

    command = run_child(COMMAND, home, str(photos), str(out))
    assert command.returncode == 0, command.stderr
    facts = json.loads(command.stderr.splitlines()[-1])
    assert facts == {"code": 0, "seen": []}

    data = {name for name in files_below(home) if not name.startswith(user_data_prefix())}
    assert data == set(), "files outside the user's data folder"
    assert files_below(tmp_path / "work") == set()
    assert files_below(tmp_path / "tmp") == set()
    assert files_below(out) == {"a.bmp"}
    beside = {name for name in files_below(photos) if not name.startswith(".tongue-viewer/")}
    assert beside == {"a.bmp"}


def user_data_prefix() -> str:
    """Where the platform keeps a program's data, below the home folder."""
    if sys.platform == "darwin":
        return "Library/Application Support/tongue-viewer/"
    if sys.platform == "win32":
        return "AppData/"
    return ".local/share/tongue-viewer/"
