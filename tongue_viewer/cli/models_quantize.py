"""`tongue-viewer models quantize`: make a model's int8 form, and keep it if its masks are as good."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

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
from tongue_viewer.core.events import Progress
from tongue_viewer.core.training import FolderPair
from tongue_viewer.jobs.form_check import FormCheck
from tongue_viewer.jobs.quantize import QuantizeFinished, QuantizePlan, RecipeTried, quantize


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `models quantize`."""
    group = parser.add_argument_group("quantize")
    pair = {"nargs": 2, "action": "append", "default": [], "metavar": ("IMAGES", "MASKS")}
    group.add_argument("--photos", **pair, help="photos and masks to measure on; may be repeated")  # type: ignore[arg-type]  # one table for two options
    group.add_argument(
        "--check",
        **pair,  # type: ignore[arg-type]  # as above
        help="other photos and masks to judge the result on (every third of --photos)",
    )
    group.add_argument("--limit", type=int, default=128, metavar="N", help="photos to measure on (128)")
    group.add_argument("--threads", type=int, metavar="N", help="threads of the CPU (all)")


def run_quantize(args: argparse.Namespace) -> int:
    """Quantise; 0 if the form is kept, 1 if it is not good enough and the model is as before."""
    if not args.name:
        raise UsageError(
            "models quantize needs the NAME of a model, since it changes its folder; "
            "`tongue-viewer models list` shows them"
        )
    plan = QuantizePlan(args.name, _sets(args.photos), _sets(args.check), args.limit, args.threads)
    token = CancelToken()
    with ctrl_c_cancels(token):
        finished = _follow(token, plan)
    if args.json:
        write_json(_document(finished))
    elif finished.recipe:
        result(f"The model {finished.folder.name} has an int8 form now ({finished.recipe}).")
        result(_figures(finished.check))
    else:
        result(f"The model {finished.folder.name} is unchanged: no int8 form was good enough.")
    return EXIT_OK if finished.recipe else EXIT_SOME_FAILED


def _sets(pairs: list[list[str]]) -> tuple[FolderPair, ...]:
    return tuple(
        FolderPair(str(Path(images).absolute()), str(Path(masks).absolute())) for images, masks in pairs
    )


def _follow(token: CancelToken, plan: QuantizePlan) -> QuantizeFinished:
    progress = ProgressReporter()
    finished: QuantizeFinished | None = None
    try:
        for event in quantize(token, plan=plan):
            if isinstance(event, Progress):
                progress.show(event)
            elif isinstance(event, RecipeTried):
                progress.close()
                verdict = " ".join(event.check.reasons()) or "Good enough."
                say(f"{event.recipe}: {_figures(event.check)}. {verdict}")
            elif isinstance(event, QuantizeFinished):
                finished = event
    finally:
        progress.close()
    if finished is None:
        raise RuntimeError("the quantisation ended without a result")
    return finished


def _figures(check: FormCheck) -> str:
    return (
        f"{check.photos} photos, mean Dice {check.dice:.5f} (float32 {check.dice_float32:.5f}), "
        f"largest loss {check.worst_loss:.5f}, agreement with float32 {check.agreement:.5f} "
        f"(least {check.least_agreement:.4f}), {check.seconds:.2f} s a photo (PyTorch {check.seconds_float32:.2f} s)"
    )


def _document(finished: QuantizeFinished) -> dict[str, Any]:
    return {
        "name": finished.folder.name,
        "folder": str(finished.folder),
        "kept": bool(finished.recipe),
        "recipe": finished.recipe or None,
        "checks": finished.check.to_json(),
        "reasons": list(finished.check.reasons()),
    }
