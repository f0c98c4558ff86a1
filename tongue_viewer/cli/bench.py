"""`tongue-viewer bench`: how fast the parts are on this machine."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tongue_viewer.cli.display import missing_display
from tongue_viewer.cli.output import EXIT_OK, EXIT_SOME_FAILED, result, say, write_json
from tongue_viewer.core.errors import EngineError, UsageError

_EXAMPLE = """example:
  tongue-viewer bench inference --json
  tongue-viewer bench all

inference: seconds for one photo at 512×512, median, all engines and a peer interleaved. The ratios are
the time of torch-f32 or of the peer ÷ the time of the engine that is used: so many times faster."""

CHILDREN: Mapping[str, str] = MappingProxyType(
    {
        "canvas": "tongue_viewer.ui.bench_canvas",
        "folder": "tongue_viewer.app.bench_folder",
        "train": "tongue_viewer.training.bench_train",
    }
)
"""Measured in a child process, `python -m MODULE --json`: what needs Qt never enters this process."""

_FEWEST_RUNS = 7


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
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure; 0 if everything asked for was measured, 1 if something is not part of this version."""
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


def _child(what: str) -> dict[str, Any]:
    """The document that the child process of a measurement prints.

    Raises:
        EngineError: it is not part of this version, or it failed.
    """
    module = CHILDREN[what]
    parent = importlib.util.find_spec(module.rpartition(".")[0])
    where = [Path(place) for place in (parent.submodule_search_locations or ())] if parent else []
    if not any((place / f"{module.rpartition('.')[2]}.py").is_file() for place in where):
        raise EngineError(f"`bench {what}` is not part of this version; `bench inference` is.")
    environment = dict(os.environ)
    if missing_display():
        environment["QT_QPA_PLATFORM"] = "offscreen"
    command = [sys.executable, "-m", module, "--json"]
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
    for key, value in report.items():
        if not isinstance(value, Mapping):
            result(f"  {key}: {value}")
            continue
        result(f"  {key}:")
        for name, item in value.items():
            result(f"    {name}: {_words(item)}")


def _words(item: Any) -> str:
    if isinstance(item, Mapping) and "seconds" in item:
        seconds = item["seconds"]
        return f"not measured ({item.get('note', '')})" if seconds is None else f"{seconds:.3f} s"
    return str(item)
