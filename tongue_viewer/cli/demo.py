"""`tongue-viewer demo`: the main job on bundled sample photos, in the window or, without a display, on disk."""

from __future__ import annotations

import argparse
from pathlib import Path

from tongue_viewer.cli.display import window_problem_by_trial
from tongue_viewer.cli.output import DISCLAIMER, result, say
from tongue_viewer.cli.window import OpenWindow
from tongue_viewer.jobs.samples import sample_photos
from tongue_viewer.storage.locations import samples_folder


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "demo",
        help="the window on bundled sample photos (rendered, of no patient)",
        description="Open the window on sample photos that this project renders itself. Without a display, "
        "the same job is done on disk: masks and overlays of the samples.",
        epilog="example: tongue-viewer demo --no-window -o demo-out",
    )
    parser.add_argument(
        "--no-window", action="store_true", help="do the job on disk even where a window could open"
    )
    parser.add_argument(
        "-o", "--out", type=Path, default=Path("tongue-viewer-demo"), metavar="OUT",
        help="folder for masks and overlays when there is no window (default: %(default)s)",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int | OpenWindow:
    """Prepare the samples, then ask for the window or do the job on disk."""
    problem = "--no-window was given" if args.no_window else window_problem_by_trial()
    if problem is None:
        return OpenWindow(sample_photos())
    say(f"No window: {problem}. The same job is done on disk.")
    return _on_disk(args.out)


def _on_disk(out: Path) -> int:
    """Masks and overlays of the samples in `out`, through the command that does it for any folder."""
    from tongue_viewer.cli import predict

    parser = argparse.ArgumentParser()
    predict.add_parser(parser.add_subparsers())
    samples = samples_folder()
    arguments = parser.parse_args(["predict", str(samples), "-o", str(out), "--overlay", "--overwrite"])
    code = int(predict.run(arguments))
    result(f"Masks and overlays of {len(list(samples.glob('*.bmp')))} sample photos are in {out.resolve()}")
    result(DISCLAIMER)
    return code
