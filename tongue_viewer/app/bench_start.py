"""How long the program takes from its start to its window: `python -m tongue_viewer.app.bench_start`.

Each start is a new process that runs what `tongue-viewer` runs, in a fresh user folder, without photos. Its time begins
before the process is asked for and ends when the window was painted and the window system has answered.

The document on stdout:
    cold_s: the first start after the files that the program maps and imports were put out of the system's memory
        (Linux only, else null). What another running program holds in memory stays there.
    warm_s: median of 3 starts after that; warm_runs_s: each of them; processor_s: median of the processor's time, which
        tells a slow program from a busy machine.
    torch_imported: whether the window's process has loaded torch by then.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tongue_viewer.storage.locations import HOME_VARIABLE

WARM_STARTS = 3

_PROGRAM = """
from tongue_viewer.cli.main import main
answer = main([])
if isinstance(answer, int):
    raise SystemExit(answer)
from tongue_viewer.app.bench_start import open_and_tell
open_and_tell(answer.folder)
"""
"""What `tongue_viewer.__main__` does, up to the painted window."""


def measure() -> dict[str, Any]:
    """The document; the processes that it starts have the display of this one."""
    with tempfile.TemporaryDirectory() as home:
        files = start(home)["files"]  # the first one also writes Python's own cache
        cold = start(home)["seconds"] if _put_out_of_memory(files) else None
        warm = [start(home) for _ in range(WARM_STARTS)]
    seconds = [run["seconds"] for run in warm]
    return {
        "cold_s": cold,
        "warm_s": statistics.median(seconds),
        "warm_runs_s": seconds,
        "processor_s": statistics.median(run["processor"] for run in warm),
        "torch_imported": any(run["torch"] for run in warm),
    }


def start(home: str) -> dict[str, Any]:
    """One start of the program; what its process tells, and `seconds`."""
    environment = {**os.environ, HOME_VARIABLE: home}
    begin = time.time()
    command = [sys.executable, "-c", _PROGRAM]
    child = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    told: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    return told | {"seconds": round(told["painted"] - begin, 3)}


def _put_out_of_memory(files: list[str]) -> bool:
    """Ask the system to read these files from the disk the next time; False where it cannot be asked."""
    if not hasattr(os, "posix_fadvise"):
        return False
    for file in files:
        handle = os.open(file, os.O_RDONLY)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)
    return True


def open_and_tell(folder: Path | None) -> None:
    """In a process of its own: open the window, tell when it was painted, and end."""
    from PySide6.QtCore import QCoreApplication
    from PySide6.QtGui import QGuiApplication

    from tongue_viewer.app.start import open_window
    from tongue_viewer.ui.bench_clock import PaintWatch

    _, app = open_window(folder)
    marks: list[float] = []
    PaintWatch(app.window.workbench).painted.connect(lambda: marks.append(time.time()))
    while not marks:
        QCoreApplication.processEvents()
    QGuiApplication.sync()
    told = {"painted": time.time(), "processor": round(time.process_time(), 3)}
    print(json.dumps(told | {"torch": "torch" in sys.modules, "files": _files_in_use()}), flush=True)
    app.window.let_close()
    app.shutdown()


def _files_in_use() -> list[str]:
    """What this process has mapped or imported."""
    files = {str(getattr(module, "__cached__", None) or "") for module in list(sys.modules.values())}
    files |= {str(getattr(module, "__file__", None) or "") for module in list(sys.modules.values())}
    maps = Path("/proc/self/maps")
    if maps.exists():
        files |= {line.split(maxsplit=5)[5] for line in maps.read_text().splitlines() if "/" in line}
    return sorted(file for file in files if Path(file).is_file())


def main(arguments: list[str] | None = None) -> int:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(
        prog="bench_start", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args(arguments)
    print(json.dumps(measure()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
