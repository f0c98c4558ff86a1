"""`tongue-viewer predict`: a mask for every photo of a folder."""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tongue_viewer.cli.model_options import add_model_options, engine_options
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
from tongue_viewer.core.errors import Cancelled, UsageError
from tongue_viewer.core.events import EngineReady, Progress
from tongue_viewer.core.exports import ExportFormat, ExportPlan
from tongue_viewer.inference.registry import find_model, read_card
from tongue_viewer.jobs.predict_files import FilePredicted, PredictPlan, predict_files
from tongue_viewer.storage.folder import list_photos

_EXAMPLE = """example:
  tongue-viewer predict photos -o masks
  tongue-viewer predict photos -o masks --format png --overlay --recursive

Works on files alone: no case database is read or written. Photos are never changed."""


@dataclass
class _Outcome:
    """What the events told so far."""

    engine: EngineReady | None = None
    files: list[FilePredicted] = field(default_factory=list)
    cancelled: bool = False

    @property
    def failed(self) -> list[FilePredicted]:
        return [file for file in self.files if file.result.error]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "predict",
        help="a mask for every photo of a folder",
        description="Write a mask of the photo's own size for every photo: OUT/NAME.EXT, 0 and 255.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder of photos, or one photo")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="folder for the masks")
    parser.add_argument(
        "--format",
        choices=("same", "png", "bmp", "tiff"),
        default="same",
        help="of the masks; same: the photo's own where that loses nothing, else PNG (default)",
    )
    parser.add_argument("--probability", action="store_true", help="also OUT/NAME_probability.png, 0 … 255")
    parser.add_argument("--overlay", action="store_true", help="also OUT/NAME_overlay.png")
    parser.add_argument("--recursive", action="store_true", help="photos of subfolders too")
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist in OUT")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    add_model_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Predict; 0 if every photo has its mask, 1 if some failed."""
    plan = _plan(args)
    token, outcome = CancelToken(), _Outcome()
    begin = time.monotonic()
    with ctrl_c_cancels(token):
        _follow(token, plan, outcome)
    if args.json:
        write_json(_document(plan, outcome, time.monotonic() - begin))
    else:
        done = len(outcome.files) - len(outcome.failed)
        result(f"{done} of {len(plan.photos)} photos have their mask in {plan.out}")
    if outcome.cancelled:
        return EXIT_INTERRUPTED
    return EXIT_SOME_FAILED if outcome.failed else EXIT_OK


def _plan(args: argparse.Namespace) -> PredictPlan:
    folder: Path = args.folder
    options = engine_options(args)
    photos = [folder] if folder.is_file() else list_photos(folder, recursive=args.recursive)
    root = folder.parent if folder.is_file() else folder
    if not photos:
        hint = "" if args.recursive else " Photos of subfolders are taken with --recursive."
        raise UsageError(f"There are no photos in {folder}.{hint}")
    if args.out.resolve() == root.resolve():
        raise UsageError(
            f"OUT is the folder of the photos ({root}); give another one, so that both stay apart."
        )
    formats: list[ExportFormat] = ["mask"]
    if args.overlay:
        formats.append("overlay")
    if args.probability:
        formats.append("probability")
    export = ExportPlan(tuple(formats), args.format, "0/255", args.overwrite)
    return PredictPlan(tuple(photos), root, args.out, args.model, options, args.threshold, export)


def _follow(token: CancelToken, plan: PredictPlan, outcome: _Outcome) -> None:
    """Run the job, tell the person how far it is, and keep what came of it."""
    progress = ProgressReporter()
    try:
        for event in predict_files(token, plan=plan):
            if isinstance(event, Progress):
                progress.show(event)
            elif isinstance(event, EngineReady):
                outcome.engine = event
                say(f"model {event.model}, engine {event.engine}. {event.note}".rstrip())
            elif isinstance(event, FilePredicted):
                outcome.files.append(event)
                if event.result.error:
                    progress.close()
                    say(f"failed: {event.result.source}: {event.result.error}")
    except Cancelled:
        outcome.cancelled = True
    finally:
        progress.close()


def _document(plan: PredictPlan, outcome: _Outcome, seconds: float) -> dict[str, Any]:
    engine, card = outcome.engine, read_card(find_model(plan.model))
    times = [file.seconds for file in outcome.files if file.seconds > 0]
    return {
        "model": {"name": card.name, "sha256": card.sha256},
        "engine": engine.engine if engine else None,
        "note": engine.note if engine else "",
        "out": str(plan.out),
        "n": len(outcome.files) - len(outcome.failed),
        "failed": [{"name": str(f.result.source), "reason": f.result.error} for f in outcome.failed],
        "cancelled": outcome.cancelled,
        "seconds": {"total": seconds, "predict_median": statistics.median(times) if times else None},
        "files": [
            {
                "photo": str(file.result.source),
                "written": [str(path) for path in file.result.written],
                "foreground": file.foreground,
                "quality": file.quality,
                "seconds": file.seconds,
            }
            for file in outcome.files
            if not file.result.error
        ],
    }
