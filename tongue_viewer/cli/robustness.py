"""`tongue-viewer robustness`: the model under other sizes, frames, light and files, and without a tongue."""

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
from tongue_viewer.core.conditions import FAMILIES, UNCHANGED
from tongue_viewer.core.errors import UsageError
from tongue_viewer.core.events import CaseFailed, EngineReady, Progress
from tongue_viewer.jobs.report_files import write_blocks
from tongue_viewer.jobs.robustness import RobustnessFinished, RobustnessPlan, robustness
from tongue_viewer.jobs.robustness_blocks import robustness_blocks

_EXAMPLE = f"""example:
  tongue-viewer robustness photos masks --html table.md
  tongue-viewer robustness photos masks --also more more_masks --conditions size,blur,framing --limit 10
  tongue-viewer robustness photos masks --tongue-free-crops --tongue-free landscapes --json
  tongue-viewer robustness --tongue-free landscapes

Photos and masks are paired by file name up to the suffix. Families of conditions:
  {", ".join(name for name in FAMILIES if name != UNCHANGED)}"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "robustness",
        help="the model on photos that are smaller, blurred, framed or lit otherwise, or show no tongue",
        description="Change photos in known ways, and compare the model's masks with the reference masks changed "
        "alike; and measure what it sees in pictures without a tongue.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("images", type=Path, nargs="?", metavar="IMAGES", help="folder of photos")
    parser.add_argument("masks", type=Path, nargs="?", metavar="MASKS", help="folder of reference masks")
    parser.add_argument(
        "--also",
        type=Path,
        nargs=2,
        action="append",
        default=[],
        metavar=("IMAGES", "MASKS"),
        help="another set, judged on its own; may be repeated",
    )
    parser.add_argument(
        "--tongue-free",
        type=Path,
        nargs="+",
        action="extend",
        default=[],
        metavar="FOLDER",
        help="folders of pictures that show no tongue",
    )
    parser.add_argument(
        "--tongue-free-crops",
        action="store_true",
        help="also crops of IMAGES that hold no tongue, the ones near the mouth first",
    )
    parser.add_argument(
        "--conditions", default="", metavar="NAME,…", help="families, or single ones as size-0.5 (all)"
    )
    parser.add_argument(
        "--limit", type=int, metavar="N", help="at most N photos of each folder, evenly chosen"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of noise and reflections (0)")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument(
        "--html",
        type=Path,
        metavar="FILE",
        help="also a report that a browser shows; FILE.md: as Markdown, with its charts in FILE_files/",
    )
    add_model_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Judge; 0 if every photo could be used, 1 if some failed."""
    plan = _plan(args)
    token = CancelToken()
    with ctrl_c_cancels(token):
        report = _follow(token, plan)
    for one in report["sets"]:
        for orphan in one["orphans"]:
            say(f"not compared: {orphan['name']}: {orphan['reason']}")
    if args.html is not None:
        write_blocks(args.html, robustness_blocks(report))
        say(f"report: {args.html}")
    if args.json:
        write_json(report)
    else:
        _print(report)
    return EXIT_SOME_FAILED if report["failed"] else EXIT_OK


def _plan(args: argparse.Namespace) -> RobustnessPlan:
    if (args.images is None) != (args.masks is None):
        raise UsageError("IMAGES needs MASKS: give the folder of photos, then that of their reference masks.")
    if args.limit is not None and args.limit < 1:
        raise UsageError(f"--limit is {args.limit}; it must be 1 or more")
    if args.seed < 0:
        raise UsageError(f"--seed is {args.seed}; it must be 0 or more")
    sets = [] if args.images is None else [(args.images, args.masks)]
    sets += [(images, masks) for images, masks in args.also]
    if args.tongue_free_crops and not sets:
        raise UsageError("--tongue-free-crops cuts IMAGES: give IMAGES and MASKS.")
    return RobustnessPlan(
        sets=tuple(sets),
        tongue_free=tuple(args.tongue_free),
        crops=args.tongue_free_crops,
        conditions=tuple(name.strip() for name in args.conditions.split(",") if name.strip()),
        limit=args.limit,
        model=args.model,
        options=engine_options(args),
        threshold=args.threshold,
        seed=args.seed,
    )


def _follow(token: CancelToken, plan: RobustnessPlan) -> dict[str, Any]:
    """Run the job and tell the person how far it is."""
    progress = ProgressReporter()
    report: dict[str, Any] | None = None
    try:
        for event in robustness(token, plan=plan):
            if isinstance(event, Progress):
                progress.show(event)
            elif isinstance(event, EngineReady):
                say(f"model {event.model}, engine {event.engine}. {event.note}".rstrip())
            elif isinstance(event, CaseFailed):
                progress.close()
                say(f"failed: {event.path}: {event.message}")
            elif isinstance(event, RobustnessFinished):
                report = event.report
    finally:
        progress.close()
    if report is None:
        raise RuntimeError("the robustness job ended without a report")
    return report


def _print(report: Mapping[str, Any]) -> None:
    labels = {c["key"]: f"{c['family']} {c['label']}" for c in report["conditions"]}
    for one in report["sets"]:
        result(f"{one['name']}: {one['n']} photos, {report['model']['name']}, engine {report['engine']}")
        head = ("mean Dice", "lowest", "points to as it is", "points to the best", "ceiling")
        result(f"{'':<30}" + "".join(f"{text:>20}" for text in head))
        for cell in one["cells"]:
            label = f"{labels[cell['condition']]:<30}"
            if not cell["n"]:
                result(f"{label}{'no photo':>20}")
                continue
            dice, change = cell["dice"], cell["difference"]
            numbers = (f"{dice['mean']:.4f}", f"{dice['min']:.4f}", f"{100 * change['mean']:+.2f}")
            rest = (f"{100 * cell['to_best']:+.2f}", f"{cell['ceiling']:.4f}")
            result(label + "".join(f"{text:>20}" for text in (*numbers, *rest)))
    for group in report["tongue_free"]["groups"]:
        if group["n"]:
            result(
                f"without tongue, {group['name']}: {group['n']} pictures, "
                f"mean {100 * group['mean']:.3f} % of the frame, largest {100 * group['max']:.3f} %, "
                f"{group['with_any']} with any pixel"
            )
