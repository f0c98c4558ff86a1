"""`tongue-viewer train`: teach a model from photos and masks."""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import Any

from tongue_viewer.cli.output import (
    EXIT_INTERRUPTED,
    EXIT_OK,
    ProgressReporter,
    ctrl_c_cancels,
    duration,
    say,
)
from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import Cancelled, UsageError
from tongue_viewer.core.events import Progress
from tongue_viewer.core.train_events import (
    EpochDone,
    StepDone,
    TrainEvent,
    TrainFinished,
    TrainNotice,
    TrainStarted,
    event_to_json,
)
from tongue_viewer.core.training import CHOICES, PRESETS, AugmentPlan, FolderPair, TrainPlan

_EXAMPLE = """example:
  tongue-viewer train photos masks -o runs/first --epochs 20
  tongue-viewer train --cases photos -o runs/corrected --only reviewed
  tongue-viewer train -o runs/first --resume --epochs 40
  tongue-viewer predict new -o out --model runs/first

Ctrl-C stops after the step under way and keeps everything; --resume goes on exactly there.
With --events - the line "stop" on standard input does the same.
"""

_NUMBERS: tuple[tuple[str, type, str], ...] = (
    ("epochs", int, "rounds over all photos; with --resume the new total"),
    ("batch_size", int, "photos in one step"),
    ("size", int, "side of the network's input in pixels (that of the model it starts from, or 512)"),
    ("coarse_size", int, "side of the first of two looks in pixels (that of the model it starts from)"),
    ("focus_margin", float, "window of the second look, in sizes of the tongue (that of the model)"),
    ("freeze", int, "parts of the backbone that are not trained: 1 the stem, 2 and layer1 … 5 all"),
    ("lr", float, "learning rate of the head"),
    ("backbone_lr", float, "learning rate of the backbone, as a part of --lr"),
    ("weight_decay", float, "weight decay"),
    ("warmup", float, "part of all steps in which the learning rate rises"),
    ("patience", int, "rounds without a better Dice after which training stops; 0: never"),
    ("ema", float, "decay of the moving average of the weights; 0: none"),
    ("seed", int, "of the split, the order and the variation of photos"),
    ("threads", int, "threads of one step; 0: as many as the machine has"),
)
_WORDS = ("loss", "optimizer", "schedule", "precision", "device")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command `train` to the program's parser."""
    parser = subparsers.add_parser(
        "train",
        help="teach a model from photos and masks",
        description="Teach a model from photos and masks of the same names, or from a case database.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "folders", nargs="*", metavar="IMAGES MASKS", help="folder of photos, folder of masks"
    )
    parser.add_argument("-o", "--out", required=True, metavar="RUN", help="the run folder; serves as --model")
    _add_data_options(parser)
    parser.add_argument("--preset", choices=tuple(PRESETS), default="default", help="a named set of numbers")
    parser.add_argument(
        "--init",
        metavar="NAME|DIR|FILE|imagenet",
        help="start from a model, a run or a file of backbone weights (the current model)",
    )
    parser.add_argument("--name", help="name of the resulting model (that of the run folder)")
    for name in _WORDS:
        parser.add_argument(f"--{name}", choices=CHOICES[name])
    for name, kind, text in _NUMBERS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, metavar="N", help=text)
    parser.add_argument(
        "--scale", type=float, nargs=2, metavar=("LOW", "HIGH"), help="variation of size (0.5 2)"
    )
    parser.add_argument(
        "--network",
        action="append",
        default=[],
        metavar="PART=VALUE",
        help="build a network that differs, for example se=false; only where --init is no model; may be repeated",
    )
    parser.add_argument("--no-augment", action="store_true", help="do not vary the photos")
    parser.add_argument(
        "--resume", action="store_true", help="go on with the run in RUN, by its stored numbers"
    )
    parser.add_argument("--events", choices=("-",), help="write events as JSON lines to standard output")
    parser.set_defaults(run=run)


def _add_data_options(parser: argparse.ArgumentParser) -> None:
    pair: dict[str, Any] = {"nargs": 2, "action": "append", "metavar": ("IMAGES", "MASKS"), "default": []}
    parser.add_argument("--also", **pair, help="another pair of folders to learn from; may be repeated")
    parser.add_argument("--val", **pair, help="a pair of folders to judge on; may be repeated")
    parser.add_argument("--val-fraction", type=float, metavar="X", help="part held back to judge on (0.15)")
    parser.add_argument("--cases", default="", metavar="FOLDER", help="take the masks from its case database")
    parser.add_argument("--only", choices=CHOICES["only"], help="which of its cases (reviewed)")
    parser.add_argument("--group-pattern", metavar="REGEX", help="its first group in the name is the patient")


def plan_of(args: argparse.Namespace) -> TrainPlan:
    """The plan that the arguments describe: the preset, then what was given on top.

    Raises:
        UsageError: the folders do not come in pairs, or a number is out of range.
    """
    if len(args.folders) not in (0, 2):
        raise UsageError(f"train takes two folders, IMAGES MASKS; got {len(args.folders)}")
    if args.folders and args.cases:
        raise UsageError("give either IMAGES MASKS or --cases FOLDER, not both")
    if not args.folders and not args.cases and not args.resume:
        raise UsageError("nothing to learn from: give IMAGES MASKS, or --cases FOLDER")
    names = [
        "val_fraction",
        "only",
        "group_pattern",
        "init",
        "name",
        *_WORDS,
        *(name for name, _, _ in _NUMBERS),
    ]
    given = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    pairs = [args.folders, *args.also] if args.folders else args.also
    plan = TrainPlan(
        run=args.out,
        sets=tuple(FolderPair(*pair) for pair in pairs),
        val_sets=tuple(FolderPair(*pair) for pair in args.val),
        cases=args.cases,
        network=dict(_network_part(text) for text in args.network),
        **{**PRESETS[args.preset], **given},
    )
    if args.no_augment:
        return replace(plan, augment=None)
    if args.scale:
        return replace(plan, augment=replace(plan.augment or AugmentPlan(), scale=tuple(args.scale)))
    return plan


def _network_part(text: str) -> tuple[str, Any]:
    """("se", False) from "se=false"; `NetworkConfig` checks the name and the value."""
    name, separator, value = text.partition("=")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError as error:
        wanted = "PART=VALUE with true, false, a number or a list, for example se=false"
        given = text if separator else f"{text} (without =)"
        raise UsageError(f"--network takes {wanted}; got {given}") from error


def run(args: argparse.Namespace) -> int:
    """Train; 0 when it ended, 130 when it was stopped (everything is kept)."""
    from tongue_viewer.jobs.train import train

    plan = plan_of(args)
    token = CancelToken()
    if args.events:
        threading.Thread(target=_stop_on_line, args=(token,), daemon=True).start()
    reporter = ProgressReporter()
    with ctrl_c_cancels(token), _sigterm_cancels(token):
        try:
            for event in train(plan, token, resume=args.resume, epochs=args.epochs if args.resume else None):
                if args.events:
                    print(event_to_json(event), flush=True)
                _show(event, reporter)
        except Cancelled:
            reporter.close()
            say(f"Stopped. Everything is kept in {plan.run}; --resume goes on there.")
            return EXIT_INTERRUPTED
    return EXIT_OK


def _stop_on_line(token: CancelToken) -> None:
    """Set `token` at the line "stop" on standard input, for windows that cannot send a signal (Windows)."""
    waiting = b""
    while read := os.read(0, 64):
        waiting = (waiting + read)[-64:]
        if b"stop\n" in waiting.replace(b"\r", b""):
            token.cancel()
            return


@contextmanager
def _sigterm_cancels(token: CancelToken) -> Iterator[None]:
    """A polite kill stops as Ctrl-C does: the window's process wrapper sends it."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        token.cancel()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _show(event: TrainEvent, reporter: ProgressReporter) -> None:
    if isinstance(event, StepDone):
        text = f"round {event.epoch}/{event.epochs}, loss {event.loss:.3f}, step"
        reporter.show(Progress(text, event.step, event.steps, event.seconds_left))
        return
    reporter.close()
    say(_sentence(event))


def _sentence(event: TrainEvent) -> str:
    match event:
        case TrainStarted():
            return (
                f"{event.photos} photos to learn from, {event.val_photos} held back; "
                f"rounds {event.first_epoch} to {event.epochs} of {event.steps_per_epoch} steps, "
                f"on {event.device} in {event.precision}"
            )
        case TrainNotice():
            return event.text
        case EpochDone():
            judged = "" if event.dice is None else f", Dice {event.dice:.4f}, IoU {event.iou:.4f}"
            best = " (best)" if event.is_best else ""
            return (
                f"round {event.epoch}/{event.epochs} took {duration(event.seconds)}: "
                f"loss {event.loss:.4f}{judged}{best}; {duration(event.seconds_left)} left"
            )
        case TrainFinished():
            dice = "" if event.best_dice is None else f", Dice {event.best_dice:.4f}"
            return f"{event.reason}: the model of round {event.best_epoch}{dice} is in {event.model}"
        case _:
            return str(event)
