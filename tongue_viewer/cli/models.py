"""`tongue-viewer models`: which models there are, what they are, and which one is used."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tongue_viewer.cli.models_quantize import add_options, run_quantize
from tongue_viewer.cli.output import EXIT_OK, EXIT_SOME_FAILED, result, say, write_json
from tongue_viewer.core.errors import ModelError, UsageError
from tongue_viewer.core.models import ModelCard
from tongue_viewer.inference.adoption import adopt, remove, rollback
from tongue_viewer.inference.forms import verify_forms
from tongue_viewer.inference.registry import ModelEntry, find_model, list_models, read_card

_EXAMPLE = """example:
  tongue-viewer models list
  tongue-viewer models show --layers
  tongue-viewer models adopt runs/corrected
  tongue-viewer models rollback
  tongue-viewer models quantize mine --photos train/images train/masks --check val/images val/masks

NAME may also be a model's folder or a training run. A model that comes with the program is never removed."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "models",
        help="which models there are, and which one is used",
        description="List, show, verify, adopt or remove models; go back to the one before; make an int8 form.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("action", choices=tuple(_ACTIONS), help="what to do")
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="the model (show, verify: the current one, or all)"
    )
    parser.add_argument(
        "--layers", action="store_true", help="show: every layer with its size and operations"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    add_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do what was asked for; 0 if it worked, 1 if a model is damaged or an int8 form not good enough."""
    return _ACTIONS[args.action](args)


def _list(args: argparse.Namespace) -> int:
    entries = list_models()
    if args.json:
        write_json({"models": [_entry_json(entry) for entry in entries]})
        return EXIT_OK
    for entry in entries:
        result(_line(entry))
    if not entries:
        say("There are no models: install the program again, or adopt one: tongue-viewer models adopt FOLDER")
    return EXIT_OK


def _show(args: argparse.Namespace) -> int:
    folder = find_model(args.name)
    card = read_card(folder)
    layers = _layers(card) if args.layers else None
    if args.json:
        document: dict[str, Any] = {"name": card.name, "folder": str(folder), "card": card.to_json()}
        write_json(document if layers is None else {**document, "layers": layers})
        return EXIT_OK
    for key, value in card.to_json().items():
        if isinstance(value, Mapping):
            result(f"{key}:")
            for inner, item in value.items():
                result(f"  {inner}: {item}")
        elif value not in ("", ()):
            result(f"{key}: {value}")
    for row in layers or ():
        shape = "×".join(str(n) for n in row["output_shape"][1:])
        size = f"{row['parameters']:>11,} {row['flop'] / 1e9:>9.3f}"
        result(f"{row['name']:<44} {row['kind']:<22} {shape:>14} {size}")
    return EXIT_OK


def _verify(args: argparse.Namespace) -> int:
    """Check the named model, or all of them, against their cards."""
    from tongue_viewer.network.weights import verify_model

    folders = [find_model(args.name)] if args.name else [entry.folder for entry in list_models()]
    reports = []
    for folder in folders:
        reason = ""
        try:
            verify_model(folder)
            verify_forms(folder, read_card(folder))
        except ModelError as error:
            reason = str(error)
        reports.append({"name": folder.name, "folder": str(folder), "ok": not reason, "reason": reason})
        if not args.json:
            result(f"{folder.name}: {reason or 'complete and unchanged'}")
    if args.json:
        write_json({"models": reports})
    return EXIT_OK if all(report["ok"] for report in reports) else EXIT_SOME_FAILED


def _adopt(args: argparse.Namespace) -> int:
    return _changed(args, adopt(_required(args)), "is used now")


def _rollback(args: argparse.Namespace) -> int:
    return _changed(args, rollback(), "is used again")


def _remove(args: argparse.Namespace) -> int:
    return _changed(args, remove(_required(args)), "is removed")


_ACTIONS: Mapping[str, Callable[[argparse.Namespace], int]] = MappingProxyType(
    {
        "list": _list,
        "show": _show,
        "verify": _verify,
        "adopt": _adopt,
        "rollback": _rollback,
        "remove": _remove,
        "quantize": run_quantize,
    }
)


def _required(args: argparse.Namespace) -> str:
    if not args.name:
        raise UsageError(
            f"models {args.action} needs the NAME of a model; `tongue-viewer models list` shows them"
        )
    return str(args.name)


def _changed(args: argparse.Namespace, folder: Path, what: str) -> int:
    if args.json:
        current = next((entry.name for entry in list_models() if entry.current), None)
        write_json({"action": args.action, "name": folder.name, "folder": str(folder), "current": current})
    else:
        result(f"The model {folder.name} {what}.")
    return EXIT_OK


def _entry_json(entry: ModelEntry) -> dict[str, Any]:
    card = entry.card
    return {
        "name": entry.name,
        "folder": str(entry.folder),
        "bundled": entry.bundled,
        "current": entry.current,
        "problem": entry.problem,
        "sha256": card.sha256 if card else None,
        "created": card.created if card else None,
        "parameters": card.parameters if card else None,
        "gflop": card.gflop if card else None,
        "input_size": card.input_size if card else None,
        "classes": list(card.class_names) if card else None,
        "description": card.description if card else None,
        "forms": list(card.forms) if card else None,
    }


def _line(entry: ModelEntry) -> str:
    mark = "*" if entry.current else " "
    origin = "comes with the program" if entry.bundled else "your own"
    if entry.card is None:
        return f"{mark} {entry.name:<24} damaged: {entry.problem}"
    card = entry.card
    side = card.input_size
    size = f"{card.parameters / 1e6:.1f} M parameters, {card.gflop:.0f} GFLOP at {side}×{side}"
    return f"{mark} {entry.name:<24} {card.created[:10]:<10}  {size}, {origin}"


def _layers(card: ModelCard) -> list[dict[str, Any]]:
    from tongue_viewer.network.config import NetworkConfig
    from tongue_viewer.network.summary import summarise, total

    rows = summarise(NetworkConfig.from_json(card.network), card.input_size)
    return [
        {
            "name": row.name,
            "kind": row.kind,
            "output_shape": list(row.output_shape),
            "parameters": row.parameters,
            "flop": row.flop,
        }
        for row in (*rows, total(rows))
    ]
