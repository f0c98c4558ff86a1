"""The options of every command that runs a model."""

from __future__ import annotations

import argparse

from tongue_viewer.core.errors import UsageError
from tongue_viewer.inference.engine import EngineOptions


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Add --model, --engine, --device, --precision, --threads and --threshold."""
    group = parser.add_argument_group("model")
    group.add_argument(
        "--model",
        metavar="NAME|DIR",
        help="a name of `models list`, a model's folder or a training run (current)",
    )
    group.add_argument(
        "--engine",
        choices=("auto", "torch", "openvino", "openvino-f32"),
        default="auto",
        help="what computes",
    )
    group.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="where it is computed"
    )
    group.add_argument(
        "--precision",
        choices=("auto", "float32", "bfloat16", "float16"),
        default="auto",
        help="of convolutions; auto takes a shorter one only where it is faster and changes no mask",
    )
    group.add_argument("--threads", type=int, metavar="N", help="threads of the CPU (all)")
    group.add_argument(
        "--threshold",
        type=float,
        metavar="P",
        help="probability from which a pixel is tongue (the model's: 0.5)",
    )


def engine_options(args: argparse.Namespace) -> EngineOptions:
    """What `add_model_options` parsed.

    Raises:
        UsageError: a number is out of range.
    """
    if args.threshold is not None and not 0 <= args.threshold <= 1:
        raise UsageError(f"--threshold is {args.threshold}; it must be in 0 … 1")
    return EngineOptions(args.engine, args.device, args.precision, args.threads)
