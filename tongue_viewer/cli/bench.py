"""`tongue-viewer bench`: how fast the parts are on this machine."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from tongue_viewer.cli.display import missing_display
from tongue_viewer.cli.output import EXIT_OK, EXIT_SOME_FAILED, result, say, write_json
from tongue_viewer.core.errors import EngineError, UsageError

_EXAMPLE = """example:
  tongue-viewer bench inference --json
  tongue-viewer bench canvas --megapixels 12
  tongue-viewer bench all

inference: seconds for one photo at 512×512, median, all engines and a peer interleaved. The ratios are
the time of torch-f32 or of the peer ÷ the time of the engine that is used: so many times faster.

canvas: milliseconds from an event to its picture, for a photo of 1 and one of 12 megapixels; it opens a window
for half a minute. Without a display it is measured offscreen; for a real window on a server:
  xvfb-run -a -s "-screen 0 1920x1200x24" tongue-viewer bench canvas

folder: seconds from the request to open 10,000 photos (1.5 GB of temporary files) to the painted list and first photo,
milliseconds from an event to its picture while the list is scrolled and from photo to photo, memory, and the start of
the program. No model is asked.

train: photos a second of a training step (256×256, 8 photos, float32 and what training chooses here), beside
segmentation_models_pytorch's DeepLabV3+ where that package is installed."""

CHILDREN: Mapping[str, str] = MappingProxyType(
    {
        "canvas": "tongue_viewer.ui.bench_canvas",
        "folder": "tongue_viewer.app.bench_folder",
        "train": "tongue_viewer.training.bench_train",
    }
)
"""Measured in a child process, `python -m MODULE --json`: what needs Qt never enters this process."""

_FEWEST_RUNS = 7
_FEWEST_PHOTOS = 2
_LEAST_MEGAPIXELS, _MOST_MEGAPIXELS = 0.05, 200.0


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "bench",
        help="how fast the parts are on this machine",
        description="Measure on this machine. Close other programs first.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="?", choices=("inference", *CHILDREN, "all"), default="inference")
    parser.add_argument("--model", metavar="NAME|DIR", help="inference: the model (current)")
    parser.add_argument(
        "--runs", type=int, default=9, metavar="N", help="inference: runs of each, at least 7 (9)"
    )
    parser.add_argument(
        "--size", type=int, default=512, metavar="PX", help="inference: side of the input (512)"
    )
    parser.add_argument("--threads", type=int, metavar="N", help="inference: threads of the CPU (all)")
    parser.add_argument("--no-peers", action="store_true", help="inference: only this program's engines")
    parser.add_argument(
        "--megapixels",
        type=float,
        action="append",
        metavar="N",
        help="canvas: size of the photo; may be repeated",
    )
    parser.add_argument("--moves", type=int, metavar="N", help="canvas: pointer events of a stroke (500)")
    parser.add_argument(
        "--whole-window", action="store_true", help="canvas: inside the program's window, not alone"
    )
    parser.add_argument("--photos", type=int, metavar="N", help="folder: number of photos (10000)")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure; 0 if everything asked for was measured, 1 if something could not be."""
    if args.what != "all":
        report = _one(args.what, args)
        _show(args.what, report, args)
        return EXIT_OK
    reports: dict[str, Any] = {}
    missing: dict[str, str] = {}
    for what in ("inference", *CHILDREN):
        try:
            reports[what] = _one(what, args)
        except EngineError as error:
            missing[what] = str(error)
            say(f"{what}: {error}")
        else:
            if not args.json:
                _show(what, reports[what], args)
    if args.json:
        write_json({**reports, "missing": missing})
    return EXIT_SOME_FAILED if missing else EXIT_OK


def _one(what: str, args: argparse.Namespace) -> dict[str, Any]:
    if what == "canvas":
        return _child(what, _canvas_words(args))
    if what == "folder":
        return _child(what, _folder_words(args))
    if what != "inference":
        return _child(what)
    if args.runs < _FEWEST_RUNS or args.size < 1:
        raise UsageError(
            f"--runs is {args.runs} and --size {args.size}; at least {_FEWEST_RUNS} and 1 are needed"
        )
    from tongue_viewer.cli.bench_inference import measure

    return measure(
        model=args.model, runs=args.runs, size=args.size, threads=args.threads, with_peers=not args.no_peers
    )


def _canvas_words(args: argparse.Namespace) -> list[str]:
    """The arguments of the canvas' child process."""
    sizes: list[float] = args.megapixels or []
    if any(not _LEAST_MEGAPIXELS <= size <= _MOST_MEGAPIXELS for size in sizes):
        raise UsageError(f"--megapixels is {sizes}; use {_LEAST_MEGAPIXELS} to {_MOST_MEGAPIXELS}")
    if args.moves is not None and args.moves < 1:
        raise UsageError(f"--moves is {args.moves}; at least 1 is needed")
    words = [f"--megapixels={size}" for size in sizes]
    words += [] if args.moves is None else [f"--moves={args.moves}"]
    return words + ["--whole-window"] * args.whole_window


def _folder_words(args: argparse.Namespace) -> list[str]:
    """The arguments of the folder's child process."""
    if args.photos is not None and args.photos < _FEWEST_PHOTOS:
        raise UsageError(f"--photos is {args.photos}; at least {_FEWEST_PHOTOS} are needed")
    return [] if args.photos is None else [f"--photos={args.photos}"]


def _child(what: str, words: Sequence[str] = ()) -> dict[str, Any]:
    """The document that the child process of a measurement prints.

    Raises:
        EngineError: it failed.
    """
    environment = dict(os.environ)
    missing = missing_display()
    if missing:
        environment["QT_QPA_PLATFORM"] = "offscreen"
        say(f"{what}: {missing}; what a window needs is measured offscreen")
    command = [sys.executable, "-m", CHILDREN[what], "--json", *words]
    child = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, env=environment)
    if child.returncode != 0:
        raise EngineError(f"`bench {what}` ended with code {child.returncode}; its messages stand above.")
    document: dict[str, Any] = json.loads(child.stdout)
    return document


def _show(what: str, report: Mapping[str, Any], args: argparse.Namespace) -> None:
    if args.json:
        write_json(report)
        return
    result(f"{what}:")
    if what == "canvas":
        _show_canvas(report)
        return
    for key, value in report.items():
        if not isinstance(value, Mapping):
            result(f"  {key}: {value}")
            continue
        result(f"  {key}:")
        for name, item in value.items():
            result(f"    {name}: {_words(item)}")


def _show_canvas(report: Mapping[str, Any]) -> None:
    """Each photo's figures as a small table; milliseconds."""
    about = {key: value for key, value in report.items() if key not in report["photos"][-1]}
    for key, value in about.items():
        if key != "photos":
            result(f"  {key}: {value}")
    for photo in report["photos"]:
        result(f"  {photo['megapixels']:g} megapixels, peak of memory {photo['peak_mb']} MiB")
        result(f"    {'milliseconds':22s}{'p50':>8s}{'p95':>8s}{'max':>8s}{'events':>8s}")
        for key, value in photo.items():
            if isinstance(value, Mapping):
                figures = "".join(f"{value[name]:8.1f}" for name in ("p50", "p95", "max"))
                result(f"    {key.removesuffix('_ms'):22s}{figures}{value['n']:8d}")


def _words(item: Any) -> str:
    if isinstance(item, Mapping) and "seconds" in item:
        seconds = item["seconds"]
        return f"not measured ({item.get('note', '')})" if seconds is None else f"{seconds:.3f} s"
    return str(item)
