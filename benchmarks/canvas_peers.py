"""The canvas beside napari's Labels painting, on one machine in one run: `python benchmarks/canvas_peers.py`.

Linux, with Xvfb and Mesa's software renderer (Debian: xvfb, libgl1-mesa-dri). The first run installs napari into an
environment of its own in the user's cache folder (`--install` does only that). Both programs open a window of 1600×1000
on a virtual screen, show the same photo with the same mask at the same scale, and get the same events at the same places:
a brush of 64 px on the screen, the same stroke, undo and redo of it, the same drag, the same turns of the wheel. So the
brush paints the same pixels of the photo; the painted areas are printed with the times. `napari_painting.py` tells where
a lap ends.

What differs: this program draws two panes (photo, and mask with fill and outline), napari one (photo with the mask over
it) of nearly the same number of pixels in all; a notch of the wheel is a factor of 1.2 here and 1.23 there.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from PySide6 import __version__ as pyside_version

from tongue_viewer.cli.doctor import cpu_name
from tongue_viewer.ui import bench_canvas
from tongue_viewer.ui.bench_case import stroke, synthetic_case
from tongue_viewer.ui.bench_clock import PERIOD

NAPARI = "napari[pyqt6,optional-numba]"  # with the compiler that its own guide recommends for speed
SCREEN = "1920x1200x24"
PATIENCE = 900
"""Seconds after which a program that does not end is given up."""
DISTURBED = 0.05
"""Processors used by other programs above which a measurement is taken again, if it may be."""
ROWS = (
    ("brush", "brush_ms", 8),
    ("undo, redo", "undo_ms", 16),
    ("pan, at 3 × fit", "pan_ms", 16),
    ("zoom", "zoom_ms", 16),
    ("brush at 400 %", "brush_400_ms", None),
    ("pan at 400 %", "pan_400_ms", None),
    ("zoom from 400 %", "zoom_400_ms", None),
)
"""What is done, its key in the reports, the target of the 95th percentile in milliseconds."""
COLUMNS = {"canvas": "canvas alone", "window": "whole window", "napari": "napari"}

Figures = dict[str, Any]


class Machine:
    """How busy other programs keep the machine from now on: figures from a busy machine prove nothing."""

    def __init__(self) -> None:
        self._clock, self._busy, self._own = time.perf_counter(), _busy_seconds(), _own_seconds()

    def others(self) -> float:
        """Processors that other programs have used on average, 0 … number of processors."""
        used = (_busy_seconds() - self._busy) - (_own_seconds() - self._own)
        return max(0.0, round(used / (time.perf_counter() - self._clock), 2))


def install(environment: Path) -> Path:
    """The interpreter of an environment with napari, made where it is not there yet."""
    python = environment / "bin" / "python"
    if python.exists() and subprocess.run([python, "-c", "import napari"], check=False).returncode == 0:
        return python
    print(f"installing {NAPARI} into {environment}", file=sys.stderr)
    shutil.rmtree(environment, ignore_errors=True)
    uv = shutil.which("uv")
    make = [uv, "venv", "--no-project", "--python", sys.executable] if uv else [sys.executable, "-m", "venv"]
    fill = [uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install"]
    subprocess.run([*make, environment], check=True, stdout=sys.stderr)
    subprocess.run([*fill, NAPARI], check=True, stdout=sys.stderr)
    return python


@contextmanager
def virtual_screen() -> Iterator[str]:
    """The name of a display that nobody else uses, ended afterwards."""
    server = shutil.which("Xvfb")
    if server is None:
        raise SystemExit("Xvfb is missing. On Debian or Ubuntu: sudo apt-get install xvfb libgl1-mesa-dri")
    read, write = os.pipe()
    command = [server, "-displayfd", str(write), "-screen", "0", SCREEN, "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
        if not number:
            raise SystemExit("Xvfb ended before it had a screen")
        yield f":{number}"
    finally:
        process.terminate()
        process.wait()


def measure(command: list[str | Path], extra: dict[str, str], tries: int) -> Figures:
    """Run a program on a screen of its own; the JSON document that it prints at last, and `others`.

    `others` is how many processors other programs used meanwhile. While that is too much the program is run again,
    `tries` times in all, and the least disturbed run counts, whatever its figures are.
    """
    runs: list[Figures] = []
    while len(runs) < tries and (not runs or runs[-1]["others"] > DISTURBED):
        machine = Machine()
        with virtual_screen() as display:
            screen = {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "LIBGL_ALWAYS_SOFTWARE": "1"}
            environment = {**os.environ, **screen, **extra}
            child = subprocess.run(
                command, env=environment, stdout=subprocess.PIPE, text=True, check=False, timeout=PATIENCE
            )
        if child.returncode != 0:
            raise SystemExit(f"{command[0]} ended with code {child.returncode}; its messages stand above")
        runs.append(json.loads(child.stdout.strip().splitlines()[-1]) | {"others": machine.others()})
    return min(runs, key=lambda figures: float(figures["others"]))


def measure_own(megapixels: float, moves: int, tries: int, *, whole_window: bool) -> Figures:
    """This program's figures for one photo."""
    words = ["--json", "--megapixels", str(megapixels), "--moves", str(moves)]
    words += ["--whole-window"] if whole_window else []
    return measure([sys.executable, "-m", "tongue_viewer.ui.bench_canvas", *words], {}, tries)


def measure_napari(python: Path, megapixels: float, moves: int, tries: int, scale: float) -> Figures:
    """The figures of napari for the same photo at the same scale."""
    case = synthetic_case(megapixels)
    job = {
        "scale": scale,
        "brush": bench_canvas.BRUSH,
        "panned": bench_canvas.PANNED * scale,
        "close": bench_canvas.CLOSE,
        "window": bench_canvas.WINDOW,
        "notches": bench_canvas.NOTCHES,
        "close_notches": bench_canvas.CLOSE_NOTCHES,
        "rounds": bench_canvas.ROUNDS,
        "undos": bench_canvas.UNDOS,
        "period": PERIOD,
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / "photo.npy", case.photo.rgb)
        np.save(folder / "mask.npy", case.mask)
        np.save(folder / "stroke.npy", stroke(moves + 1, scale * case.photo.shape[0]))
        (folder / "job.json").write_text(json.dumps(job))
        # A home of its own: napari starts with its defaults, and the person's settings stay as they are.
        home = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"), name)
        home |= {"NAPARI_CONFIG": str(folder / "settings.yaml"), "QT_API": "pyqt6"}
        script = Path(__file__).with_name("napari_painting.py")
        return measure([python, script, folder], home, tries)


def run(python: Path, megapixels: list[float], moves: int, tries: int) -> list[dict[str, Figures]]:
    """For each photo the figures by the keys of `COLUMNS`."""
    results = []
    for size in sorted(megapixels):
        print(f"measuring at {size:g} megapixels", file=sys.stderr)
        canvas = measure_own(size, moves, tries, whole_window=False)
        window = measure_own(size, moves, tries, whole_window=True)
        napari = measure_napari(python, size, moves, tries, canvas["scale"])
        results.append({"canvas": canvas, "window": window, "napari": napari})
    return results


def table(results: list[dict[str, Figures]]) -> str:
    """Milliseconds as Markdown: median / 95th percentile / maximum."""
    version = results[0]["napari"]["napari"]
    heads = ["photo", "action (events)", "target, 95 %", "canvas alone", "whole window"]
    heads += [f"napari {version}", "napari ÷ canvas, 95 %"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for columns in results:
        photo = f"{columns['canvas']['megapixels']:g} MP"
        for label, key, target in ROWS:
            cells = [_cell(columns[name][key]) for name in COLUMNS]
            ratio = columns["napari"][key]["p95"] / columns["canvas"][key]["p95"]
            wanted = f"< {target}" if target else ""
            events = columns["canvas"][key]["n"]
            lines.append(f"| {photo} | {label} ({events}) | {wanted} | {' | '.join(cells)} | {ratio:.1f} |")
        memory = [f"{columns[name]['peak_mb']:.0f}" for name in COLUMNS]
        lines.append(f"| {photo} | peak memory, MiB | | {' | '.join(memory)} | |")
        others = [f"{columns[name]['others']:.2f}" for name in COLUMNS]
        lines.append(f"| {photo} | processors that other programs used | | {' | '.join(others)} | |")
    return "\n".join(lines)


def conditions(results: list[dict[str, Figures]]) -> str:
    """What it was measured on, and how far both programs did the same."""
    napari = results[0]["napari"]
    platforms = f"{results[0]['canvas']['platform']} here, {napari['platform']} there"
    lines = [
        f"{cpu_name()}, {os.cpu_count()} cores",
        f"Xvfb {SCREEN}, window 1600×1000, platform {platforms}",
        f"PySide6 {pyside_version} here, PyQt6 {napari['qt']} and {napari['gl']} there",
    ]
    for columns in results:
        here, there = columns["canvas"]["painted_px"], columns["napari"]["painted_px"]
        lines.append(
            f"{columns['canvas']['megapixels']:g} MP: mask after the stroke {here} px here, {there} px in napari "
            f"({100 * (there / here - 1):+.2f} %); processor's time, 95 % of the brush: "
            + ", ".join(f"{COLUMNS[name]} {columns[name]['brush_ms']['cpu_p95']:.1f} ms" for name in COLUMNS)
        )
    return "\n".join(f"- {line}" for line in lines)


def _busy_seconds() -> float:
    """Seconds of all processors together that were not idle, since the machine started."""
    words = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    idle = int(words[3]) + int(words[4])  # idle, and waiting for a disk
    return (sum(int(word) for word in words[:8]) - idle) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    """Seconds of the processors for this process and all programs that it has started and that have ended."""
    return sum(os.times()[:4])


def _cell(figures: Figures) -> str:
    return " / ".join(f"{figures[key]:.1f}" for key in ("p50", "p95", "max"))


def main() -> int:
    """Install, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megapixels", type=float, action="append", help="may be repeated (1 and 12)")
    parser.add_argument("--moves", type=int, default=200, help="pointer events of a stroke (200)")
    parser.add_argument("--tries", type=int, default=1, help="most runs of a program that others disturb (1)")
    parser.add_argument("--install", action="store_true", help="make napari's environment and end")
    parser.add_argument("--json", action="store_true", help="print all figures instead of the table")
    parser.add_argument(
        "--environment",
        type=Path,
        default=platformdirs.user_cache_path("tongue-viewer") / "peers" / "napari",
        help="folder of napari's environment (%(default)s)",
    )
    chosen = parser.parse_args()
    python = install(chosen.environment)
    if chosen.install:
        return 0
    results = run(python, chosen.megapixels or [1.0, 12.0], chosen.moves, chosen.tries)
    print(json.dumps(results) if chosen.json else f"{table(results)}\n\n{conditions(results)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
