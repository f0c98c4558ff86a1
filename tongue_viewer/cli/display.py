"""Whether a window can be opened here, found out without loading Qt into this process."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

_PROBE = "from PySide6.QtWidgets import QApplication; QApplication([])"
_PROBE_SECONDS = 30
_OFFSCREEN = {"offscreen", "minimal", "vnc"}
_APT_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
}


def missing_display() -> str | None:
    """Why no window can appear on this Linux session (no screen), or None; other systems always have one."""
    if (
        not sys.platform.startswith("linux")
        or os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in _OFFSCREEN
    ):
        return None
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return None
    return "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"


def missing_library() -> str | None:
    """The system library that Qt lacks on Linux, with the remedy, or None."""
    spec = importlib.util.find_spec("PySide6")
    if spec is None or not spec.submodule_search_locations:
        return "PySide6 is not installed. Install the program again: python3 -m pip install uv && uv run tongue-viewer"
    if not sys.platform.startswith("linux"):
        return None
    qt = Path(next(iter(spec.submodule_search_locations))) / "Qt"
    wanted = [qt / "lib" / "libQt6Widgets.so.6"]
    if os.environ.get("DISPLAY"):
        wanted.append(qt / "plugins" / "platforms" / "libqxcb.so")
    for library in wanted:
        try:
            ctypes.CDLL(str(library))
        except OSError as error:
            return _explain(str(error))
    return None


def missing_libraries() -> dict[str, str]:
    """All system libraries that Qt commonly needs on Linux and that are not here: library → Debian package."""
    if not sys.platform.startswith("linux"):
        return {}
    missing = {}
    for name, package in _APT_PACKAGES.items():
        try:
            ctypes.CDLL(name)
        except OSError:
            missing[name] = package
    return missing


def _explain(text: str) -> str:
    """The loader's message as a sentence with the remedy."""
    name = text.split(":", 1)[0].strip()
    package = _APT_PACKAGES.get(name)
    remedy = (
        f"On Debian or Ubuntu: sudo apt-get install {package}"
        if package
        else "Install it with the system's packages"
    )
    return f"Qt needs the system library {name}, which is missing. {remedy}, then start again."


def window_problem() -> str | None:
    """Why the window cannot open, in words for a person, or None."""
    return missing_display() or missing_library()


def window_problem_by_trial() -> str | None:
    """As `window_problem`, and Qt really started once in a child process (a display may be named but dead)."""
    problem = window_problem()
    if problem:
        return problem
    try:
        trial = subprocess.run(
            [sys.executable, "-c", _PROBE],
            capture_output=True,
            text=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"Qt did not start within {_PROBE_SECONDS} s"
    if trial.returncode == 0:
        return None
    lines = [line for line in trial.stderr.splitlines() if line.strip()]
    return f"Qt cannot open a window here ({lines[0] if lines else 'no reason given'})"
