"""`tongue-viewer train`: teach a model from photos and masks."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import Cancelled, UsageError
from tongue_viewer.core.training import (
    CHOICES,
    PRESETS,
    AugmentPlan,
    EpochDone,
    FolderPair,
    StepDone,
    TrainEvent,
    TrainFinished,
    TrainNotice,
    TrainPlan,
    TrainStarted,
    event_to_json,
)

EXIT_INTERRUPTED = 130
"""128 + SIGINT, what shells expect after Ctrl-C."""

_EXAMPLE = """example:
  tongue-viewer train photos masks -o runs/first --init models/tongue-base-1 --epochs 20
  tongue-viewer train --cases photos -o runs/corrected --only reviewed
  tongue-viewer train -o runs/first --resume --epochs 40
  tongue-viewer predict new -o out --model runs/first

Ctrl-C stops after the step under way and keeps everything; --resume goes on exactly there.
"""

_NUMBERS: tuple[tuple[str, type, str], ...] = (
    ("epochs", int, "rounds over all photos; with --resume the new total"),
    ("batch_size", int, "photos in one step"),
    ("size", int, "side of the network's input in pixels (default: that of the model, or 512)"),
    ("lr", float, "learning rate of the head"),
    ("backbone_lr", float, "learning rate of the backbone, as a part of --lr"),
    ("weight_decay", float, "weight decay"),
    ("warmup", float, "part of all steps in which the learning rate rises"),
    ("patience", int, "rounds without a better Dice after which training stops; 0: never"),
    ("ema", float, "decay of the moving average of the weights; 0: none"),
    ("seed", int, "of the split, the order and the variation of photos"),
    ("threads", int, "threads of one step; 0: as many as the machine has"),
)


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command `train` to the program's parser."""
    parser = subparsers.add_parser(
        "train",
        help="teach a model from photos and masks",
        description="Teach a model from photos and their masks (paired by file name), or from a folder's own cases.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "folders", nargs="*", metavar="IMAGES MASKS", help="folder of photos, folder of masks"
    )
    parser.add_argument(
        "-o", "--out", required=True, metavar="RUN", help="the run folder; serves as --model at once"
    )
    pair: dict[str, Any] = {"nargs": 2, "action": "append", "metavar": ("IMAGES", "MASKS"), "default": []}
    parser.add_argument("--also", **pair, help="another pair of folders to learn from; may be repeated")
    parser.add_argument("--val", **pair, help="a pair of folders to judge on; may be repeated")
    parser.add_argument(
        "--val-fraction", type=float, metavar="X", help="part that is held back to judge on (0.15)"
    )
    parser.add_argument(
        "--cases", default="", metavar="FOLDER", help="take the masks from a folder's case database"
    )
    parser.add_argument("--only", choices=CHOICES["only"], help="which of its cases (reviewed)")
    parser.add_argument(
        "--group-pattern", metavar="REGEX", help="its first group in the file name is the patient"
    )
    parser.add_argument("--preset", choices=tuple(PRESETS), default="default", help="a named set of numbers")
    parser.add_argument("--init", metavar="NAME|DIR|FILE|imagenet", help="what to start from")
    parser.add_argument("--name", help="name of the resulting model (that of the run folder)")
    for name in ("loss", "optimizer", "schedule", "precision", "device"):
        parser.add_argument(f"--{name}", choices=CHOICES[name])
    for name, kind, text in _NUMBERS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, metavar="N", help=text)
    parser.add_argument(
        "--scale", type=float, nargs=2, metavar=("LOW", "HIGH"), help="variation of size (0.5 2)"
    )
    parser.add_argument("--no-augment", action="store_true", help="do not vary the photos")
    parser.add_argument(
        "--resume", action="store_true", help="go on with the run in RUN, by its stored numbers"
    )
    parser.add_argument("--events", choices=("-",), help="write events as JSON lines to stdout")
    parser.set_defaults(run=run)


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
    names = ["val_fraction", "only", "group_pattern", "init", "name", "loss", "optimizer", "schedule"]
    names += ["precision", "device", *(name for name, _, _ in _NUMBERS)]
    given = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    pairs = [args.folders, *args.also] if args.folders else args.also
    plan = TrainPlan(
        run=args.out,
        sets=tuple(FolderPair(*pair) for pair in pairs),
        val_sets=tuple(FolderPair(*pair) for pair in args.val),
        cases=args.cases,
        **{**PRESETS[args.preset], **given},
    )
    if args.no_augment:
        return replace(plan, augment=None)
    if args.scale:
        return replace(plan, augment=replace(plan.augment or AugmentPlan(), scale=tuple(args.scale)))
    return plan


def run(args: argparse.Namespace) -> int:
    """Train; 0 when it ended, 130 when it was stopped (everything is kept)."""
    from tongue_viewer.jobs.train import train

    plan = plan_of(args)
    show = _Reporter(sys.stderr, sys.stdout if args.events else None)
    token = CancelToken()
    with _stop_on_signals(token):
        try:
            for event in train(plan, token, resume=args.resume, epochs=args.epochs if args.resume else None):
                show(event)
        except Cancelled:
            show.line(f"stopped; everything is kept in {plan.run}, --resume goes on there")
            return EXIT_INTERRUPTED
    return 0


@contextmanager
def _stop_on_signals(token: CancelToken) -> Iterator[None]:
    """The first Ctrl-C (or SIGTERM) asks to stop at the next step; a second Ctrl-C breaks off at once."""

    def ask(number: int, frame: FrameType | None) -> None:
        if token.cancelled and number == signal.SIGINT:
            raise KeyboardInterrupt
        token.cancel()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Reporter:
    """A bar on a terminal, plain lines elsewhere, JSON lines where they were asked for."""

    def __init__(self, stream: TextIO, events: TextIO | None) -> None:
        self._stream = stream
        self._events = events
        self._bar = stream.isatty()
        self._open = False
        self._next = 0.0

    def __call__(self, event: TrainEvent) -> None:
        """Show one event."""
        if self._events is not None:
            self._events.write(event_to_json(event) + "\n")
            self._events.flush()
        if isinstance(event, StepDone):
            self._step(event)
        else:
            self.line(_sentence(event))

    def line(self, text: str) -> None:
        """A line of its own, below the bar."""
        self._stream.write(("\n" if self._open else "") + text + "\n")
        self._stream.flush()
        self._open = False

    def _step(self, event: StepDone) -> None:
        now = time.monotonic()
        last = event.step == event.steps
        if now < self._next and not (last and self._bar):
            return
        self._next = now + (0.2 if self._bar else 30.0)
        text = (
            f"round {event.epoch}/{event.epochs} step {event.step}/{event.steps}  loss {event.loss:.4f}  "
            f"{time_left(event.seconds_left)} left"
        )
        if self._bar:
            filled = round(24 * event.step / event.steps)
            self._stream.write(f"\r[{'█' * filled}{'·' * (24 - filled)}] {text}\x1b[K")
            self._stream.flush()
            self._open = True
        else:
            self.line(text)


def time_left(seconds: float) -> str:
    """ "12 s", "4 min", "1 h 20 min"."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _sentence(event: TrainEvent) -> str:
    match event:
        case TrainStarted():
            return (
                f"{event.photos} photos to learn from, {event.val_photos} held back; rounds {event.first_epoch} to "
                f"{event.epochs} of {event.steps_per_epoch} steps on {event.device} in {event.precision}"
            )
        case TrainNotice():
            return event.text
        case EpochDone():
            judged = "" if event.dice is None else f"  Dice {event.dice:.4f}  IoU {event.iou:.4f}"
            best = "  (best)" if event.is_best else ""
            return (
                f"round {event.epoch}/{event.epochs} done in {time_left(event.seconds)}: loss {event.loss:.4f}{judged}"
                f"{best}, {time_left(event.seconds_left)} left"
            )
        case TrainFinished():
            dice = "" if event.best_dice is None else f", Dice {event.best_dice:.4f}"
            return f"{event.reason}: the model of round {event.best_epoch}{dice} is in {event.model}"
        case _:
            return str(event)
