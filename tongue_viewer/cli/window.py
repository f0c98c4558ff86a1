"""`tongue-viewer [FOLDER]`: the window."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from tongue_viewer.cli.display import window_problem
from tongue_viewer.core.errors import UsageError


@dataclass(frozen=True)
class OpenWindow:
    """A command's answer that the window is wanted; `__main__` opens it, since this room never loads Qt.

    Attributes:
        folder: what to open in it, or None.
    """

    folder: Path | None


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "window",
        help="open the window (the same as naming no command: tongue-viewer FOLDER)",
        description="Open the window, on FOLDER if one is given.",
        epilog="example: tongue-viewer window photos/2026-05",
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, metavar="FOLDER", help="folder of photos, or one photo"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> OpenWindow:
    """Check that a window can open; the caller opens it.

    Raises:
        UsageError: the folder does not exist, or no window can open here.
    """
    folder: Path | None = args.folder
    if folder is not None and not folder.exists():
        raise UsageError(
            f"{folder} does not exist. Name a folder of photos, or start without one and choose it."
        )
    problem = window_problem()
    if problem:
        raise UsageError(
            f"the window cannot open: {problem} Nothing was changed. "
            "Masks can be made without a window: tongue-viewer predict FOLDER -o OUT"
        )
    return OpenWindow(folder.resolve() if folder else None)
