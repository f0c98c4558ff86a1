"""`tongue-viewer export`: what a folder's case database holds, as files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import get_args

from tongue_viewer.cli.output import (
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_SOME_FAILED,
    ProgressReporter,
    ctrl_c_cancels,
    result,
    say,
    write_json,
)
from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import UsageError
from tongue_viewer.core.events import ExportFinished, Progress
from tongue_viewer.core.exports import ExportFormat, ExportPlan, FileResult
from tongue_viewer.jobs.export import NO_MASK, export_cases
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.case_store_place import existing_database

_EXAMPLE = """example:
  tongue-viewer export photos -o out --formats mask,overlay,csv --only reviewed

formats:
  mask         the mask at the photo's own size, bit for bit
  overlay      the photo with fill and outline
  cutout       the tongue alone on a transparent ground
  probability  the model's probability as a grey picture
  csv          cases.csv: name, status, area, centre and box in pixels
  coco         coco.json: one file with run lengths (exact, holes included)
  labelme      NAME.json beside each mask, shape type "mask" (exact, holes included; labelme 5.3 or later)
  html         report.html: a page with small pictures
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `export` to the command line."""
    parser = subparsers.add_parser(
        "export",
        help="write the masks of a folder's case database as files",
        description="Write what the case database of FOLDER holds. Photos are never written.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the folder of photos")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="where to write")
    parser.add_argument(
        "--formats", default="mask", help="what to write, separated by commas (default: mask)"
    )
    parser.add_argument("--only", choices=("reviewed", "edited", "all"), default="all", help="which cases")
    parser.add_argument(
        "--format",
        choices=("same", "png", "bmp", "tiff"),
        default="same",
        help="of mask files (default: the photo's own where that is lossless, else png)",
    )
    parser.add_argument(
        "--values",
        choices=("0/255", "0/1"),
        default="0/255",
        help="of mask files; 0/1 looks black in most viewers",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace files in OUT")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the command; returns its exit code."""
    plan = ExportPlan(_formats(args.formats), args.format, args.values, args.overwrite)
    if not args.folder.is_dir():
        raise UsageError(f"There is no folder {args.folder}.")
    if existing_database(args.folder) is None:
        raise UsageError(
            f"{args.folder} has no case database yet. Open it in the window, or take masks in with"
            " 'tongue-viewer cases import'. For masks straight from the model use 'tongue-viewer predict'."
        )
    token, progress = CancelToken(), ProgressReporter()
    finished: ExportFinished | None = None
    with CaseStore.open(args.folder, read_only=True) as store, ctrl_c_cancels(token):
        for event in export_cases(token, store=store, out=args.out, plan=plan, only=args.only):
            if isinstance(event, Progress):
                progress.show(event)
            elif isinstance(event, ExportFinished):
                finished = event
    progress.close()
    if finished is None:
        return EXIT_SOME_FAILED
    return _report(finished, as_json=args.json)


def _formats(text: str) -> tuple[ExportFormat, ...]:
    known: tuple[ExportFormat, ...] = get_args(ExportFormat)
    asked = [part.strip() for part in text.split(",") if part.strip()]
    unknown = [name for name in asked if name not in known]
    if unknown or not asked:
        raise UsageError(f"--formats {text!r}: use some of {', '.join(known)}, separated by commas.")
    return tuple(name for name in known if name in asked)


def _report(finished: ExportFinished, *, as_json: bool) -> int:
    failed = [item for item in finished.results if item.error and item.error != NO_MASK]
    without = [item for item in finished.results if item.error == NO_MASK]
    written = [path for item in finished.results for path in item.written]
    if as_json:
        document = {
            "out": str(finished.out),
            "cancelled": finished.cancelled,
            "written": [str(path) for path in written],
            "results": [_as_json(item) for item in finished.results],
            "without_mask": [item.source.name for item in without],
            "failed": [{"name": item.source.name, "error": item.error} for item in failed],
        }
        write_json(document)
    else:
        for path in written:
            result(str(path))
    for item in failed:
        say(f"{item.source.name}: {item.error}")
    if without:
        say(f"{len(without)} photos have no mask yet: {_shortened([item.source.name for item in without])}")
    say(
        f"{len(written)} files written, {len(failed)} photos or tables failed, {len(without)} without a mask."
    )
    if finished.cancelled:
        return EXIT_INTERRUPTED
    return EXIT_SOME_FAILED if failed or not written else EXIT_OK


def _as_json(item: FileResult) -> dict[str, object]:
    return {"name": item.source.name, "written": [str(path) for path in item.written], "error": item.error}


def _shortened(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
