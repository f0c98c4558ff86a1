"""`tongue-viewer cases rescue`: repair the case database of a folder."""

from __future__ import annotations

import argparse
import getpass
from pathlib import Path

from tongue_viewer.cli.output import EXIT_OK, EXIT_SOME_FAILED, result, say, write_json
from tongue_viewer.core.errors import UsageError
from tongue_viewer.storage.case_store_rescue import rescue

_EXAMPLE = """example:
  tongue-viewer cases verify photos
  tongue-viewer cases rescue photos
"""


def add_parser(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `rescue` to the actions of `cases`."""
    parser = kinds.add_parser(
        "rescue",
        help="repair a damaged or missing database; the damaged file is kept",
        description=(
            "Put what can be read of a damaged case database, and of its copy, into a new one. The damaged file gets"
            " another name and is never changed. Exit code 1: some masks are earlier ones, or gone."
        ),
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the folder of photos")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.set_defaults(run=run_rescue)


def run_rescue(args: argparse.Namespace) -> int:
    """Repair, and say what came of it."""
    if not args.folder.is_dir():
        raise UsageError(f"There is no folder {args.folder}.")
    report = rescue(args.folder, _user())
    if args.json:
        write_json(
            {
                "folder": str(args.folder),
                "database": str(report.database),
                "kept": None if report.kept is None else str(report.kept),
                "changed": not report.whole,
                "foreign": report.foreign,
                "with_copy": report.with_copy,
                "cases": report.found,
                "newest": report.newest,
                "older": report.older,
                "lost": report.lost,
                "log_kept": report.log_kept,
                "log_lost": report.log_lost,
            }
        )
    else:
        for name in report.older:
            result(f"{name}\tearlier, or not certainly the last one")
        for name in report.lost:
            result(f"{name}\tlost")
    say(report.text)
    return EXIT_SOME_FAILED if report.older or report.lost else EXIT_OK


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no such account: containers, some Windows services
        return ""
