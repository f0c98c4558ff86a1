"""`tongue-viewer evaluate`: masks against reference masks."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tongue_viewer.cli.model_options import add_model_options, engine_options
from tongue_viewer.cli.output import (
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
from tongue_viewer.core.events import CaseFailed, EngineReady, Progress
from tongue_viewer.jobs.evaluate import EvaluatePlan, EvaluationFinished, evaluate
from tongue_viewer.jobs.report_blocks import report_blocks
from tongue_viewer.jobs.report_files import write_blocks

_EXAMPLE = """example:
  tongue-viewer evaluate photos masks
  tongue-viewer evaluate photos masks --json --html report.html
  tongue-viewer evaluate photos masks --predictions out
  tongue-viewer evaluate photos masks --also photos2 masks2 --html docs/evaluation.md

Photos and masks are paired by file name up to the suffix. No photo is in a report, only outlines."""

_MEASURES = (
    ("dice", "Dice"),
    ("iou", "IoU (foreground)"),
    ("boundary_iou", "boundary IoU"),
    ("nsd", "surface Dice"),
    ("hd95_px", "HD95, px"),
    ("assd_px", "ASSD, px"),
)
_WORST = 5


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "evaluate",
        help="masks of the model against reference masks",
        description="Compare masks with reference masks at the photos' own size: overlap and distances.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("images", type=Path, metavar="IMAGES", help="folder of photos")
    parser.add_argument("masks", type=Path, metavar="MASKS", help="folder of reference masks")
    parser.add_argument(
        "--predictions", type=Path, metavar="DIR", help="judge the masks of this folder instead of a model"
    )
    parser.add_argument(
        "--tolerance", type=float, default=2.0, metavar="PX", help="of the surface Dice (default: 2)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument(
        "--also",
        nargs=2,
        type=Path,
        action="append",
        default=[],
        metavar=("IMAGES", "MASKS"),
        help="another set of photos with its masks, for the same report; may be given several times",
    )
    parser.add_argument(
        "--html",
        type=Path,
        metavar="FILE",
        help="also a report that a browser shows; FILE.md: as Markdown, with its drawings in FILE_files/",
    )
    add_model_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Evaluate; 0 if every pair could be judged, 1 if some failed."""
    if args.also and args.predictions is not None:
        raise UsageError(
            "--predictions holds the masks of one set of photos; evaluate other sets on their own."
        )
    token, sets = CancelToken(), []
    with ctrl_c_cancels(token):
        for images, masks in ((args.images, args.masks), *args.also):
            sets.append(_follow(token, _plan(args, images, masks)))
    reports = [finished.report for finished in sets]
    for report in reports:
        for orphan in report["orphans"]:
            say(f"not compared: {orphan['name']}: {orphan['reason']}")
    if args.html is not None:
        write_blocks(args.html, report_blocks(sets))
        say(f"report: {args.html}")
    if args.json:
        write_json({**reports[0], "also": reports[1:]})
    else:
        for report in reports:
            _print(report)
    return EXIT_SOME_FAILED if any(report["failed"] for report in reports) else EXIT_OK


def _plan(args: argparse.Namespace, images: Path, masks: Path) -> EvaluatePlan:
    return EvaluatePlan(
        images=images,
        masks=masks,
        predictions=args.predictions,
        model=args.model,
        options=engine_options(args),
        threshold=args.threshold,
        tolerance_px=args.tolerance,
    )


def _follow(token: CancelToken, plan: EvaluatePlan) -> EvaluationFinished:
    """Run the job and tell the person how far it is."""
    progress = ProgressReporter()
    finished: EvaluationFinished | None = None
    try:
        for event in evaluate(token, plan=plan):
            if isinstance(event, Progress):
                progress.show(event)
            elif isinstance(event, EngineReady):
                say(f"model {event.model}, engine {event.engine}. {event.note}".rstrip())
            elif isinstance(event, CaseFailed):
                progress.close()
                say(f"failed: {event.path}: {event.message}")
            elif isinstance(event, EvaluationFinished):
                finished = event
    finally:
        progress.close()
    if finished is None:
        raise RuntimeError("the evaluation ended without a report")
    return finished


def _print(report: Mapping[str, Any]) -> None:
    result(f"{report['model']['name']} on {report['set']}, {report['n']} photos, engine {report['engine']}")
    if not report["n"]:
        return
    result(f"{'':<18}{'mean':>9}{'95 % interval':>20}{'median':>9}{'min':>9}{'max':>9}")
    for key, label in _MEASURES:
        table = report[key]
        digits = 2 if key.endswith("_px") else 4
        interval = f"{table['ci95'][0]:.{digits}f} – {table['ci95'][1]:.{digits}f}"
        numbers = "".join(f"{table[name]:>9.{digits}f}" for name in ("median", "min", "max"))
        result(f"{label:<18}{table['mean']:>9.{digits}f}{interval:>20}{numbers}")
    if report["calibration"]:
        outline = report["calibration"]["outline"] or report["calibration"]
        before, after = outline["ece_before"], outline["ece_after"]
        result(
            f"calibration error along the outline: {after:.4f}, {before:.4f} without temperature scaling"
            f" ({report['calibration']['temperature']:.3f})"
        )
    if report["quality"] and report["quality"]["spearman"] is not None:
        low, high = report["quality"]["ci95"]
        result(
            f"rank correlation of expected and true Dice: {report['quality']['spearman']:.3f}"
            f" ({low:.3f} – {high:.3f})"
        )
    worst = sorted(report["cases"], key=lambda case: float(case["dice"]))[:_WORST]
    result("lowest Dice: " + ", ".join(f"{case['name']} {case['dice']:.4f}" for case in worst))
