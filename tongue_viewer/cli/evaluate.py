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
from tongue_viewer.core.events import CaseFailed, EngineReady, Progress
from tongue_viewer.jobs.evaluate import EvaluatePlan, EvaluationFinished, evaluate
from tongue_viewer.jobs.evaluation_page import evaluation_page
from tongue_viewer.storage.atomic import write_atomically

_EXAMPLE = """example:
  tongue-viewer evaluate photos masks
  tongue-viewer evaluate photos masks --json --html report.html
  tongue-viewer evaluate photos masks --predictions out

Photos and masks are paired by file name up to the suffix."""

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
    parser.add_argument("--html", type=Path, metavar="FILE", help="also a report that a browser shows")
    add_model_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Evaluate; 0 if every pair could be judged, 1 if some failed."""
    plan = EvaluatePlan(
        images=args.images,
        masks=args.masks,
        predictions=args.predictions,
        model=args.model,
        options=engine_options(args),
        threshold=args.threshold,
        tolerance_px=args.tolerance,
    )
    token = CancelToken()
    with ctrl_c_cancels(token):
        finished = _follow(token, plan)
    report = finished.report
    for orphan in report["orphans"]:
        say(f"not compared: {orphan['name']}: {orphan['reason']}")
    if args.html is not None:
        write_atomically(args.html, evaluation_page(report, finished.scores).encode())
        say(f"report: {args.html}")
    if args.json:
        write_json(report)
    else:
        _print(report)
    return EXIT_SOME_FAILED if report["failed"] else EXIT_OK


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
    result(f"{report['model']['name']}, {report['n']} photos, engine {report['engine']}")
    if not report["n"]:
        return
    result(f"{'':<18}{'mean':>9}{'95 % interval':>20}{'median':>9}{'min':>9}{'max':>9}")
    for key, label in _MEASURES:
        table = report[key]
        digits = 2 if key.endswith("_px") else 4
        interval = f"{table['ci95'][0]:.{digits}f} – {table['ci95'][1]:.{digits}f}"
        numbers = "".join(f"{table[name]:>9.{digits}f}" for name in ("median", "min", "max"))
        result(f"{label:<18}{table['mean']:>9.{digits}f}{interval:>20}{numbers}")
    worst = sorted(report["cases"], key=lambda case: float(case["dice"]))[:_WORST]
    result("lowest Dice: " + ", ".join(f"{case['name']} {case['dice']:.4f}" for case in worst))
