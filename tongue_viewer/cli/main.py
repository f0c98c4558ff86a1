"""The entry point of the command line: `tongue-viewer COMMAND …`, or the window when no command is named."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import metadata

from tongue_viewer.cli import window
from tongue_viewer.cli.output import DISCLAIMER, EXIT_INTERRUPTED, EXIT_SOME_FAILED, EXIT_USAGE, say
from tongue_viewer.cli.window import OpenWindow
from tongue_viewer.core.errors import Cancelled, TongueViewerError, UsageError

NAMES = (
    "window",
    "demo",
    "predict",
    "evaluate",
    "robustness",
    "train",
    "export",
    "cases",
    "models",
    "bench",
    "doctor",
)


def build_parser(*, window_only: bool = False) -> argparse.ArgumentParser:
    """The whole command line, or what the window needs of it: the commands' imports are a tenth of its start."""
    parser = argparse.ArgumentParser(
        prog="tongue-viewer",
        description="Masks for folders of tongue photographs: predict, correct by hand, export, teach the model.",
        epilog=f"Without a command the window opens: tongue-viewer FOLDER. {DISCLAIMER}",
    )
    parser.add_argument(
        "--version", action="version", version=f"tongue-viewer {metadata.version('tongue-viewer')}"
    )
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    window.add_parser(subparsers)
    if not window_only:
        _add_commands(subparsers)
    return parser


def _add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from tongue_viewer.cli import (
        bench,
        cases,
        demo,
        doctor,
        evaluate,
        export,
        models,
        predict,
        robustness,
        train,
    )

    for module in (demo, predict, evaluate, robustness, train, export, cases, models, bench, doctor):
        module.add_parser(subparsers)


def main(argv: Sequence[str] | None = None) -> int | OpenWindow:
    """Run one command.

    Returns:
        Its exit code (0 done, 1 some files failed, 2 wrong usage, 130 stopped), or that the window is wanted.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or (not arguments[0].startswith("-") and arguments[0] not in NAMES):
        arguments.insert(0, "window")
    parsed = build_parser(window_only=arguments[0] == "window").parse_args(arguments)
    try:
        answer: int | OpenWindow = parsed.run(parsed)
    except UsageError as error:
        say(f"tongue-viewer: {error}")
        return EXIT_USAGE
    except (Cancelled, KeyboardInterrupt):
        say("Stopped; what was finished is kept.")
        return EXIT_INTERRUPTED
    except TongueViewerError as error:
        say(f"tongue-viewer: {error}")
        return EXIT_SOME_FAILED
    return answer
