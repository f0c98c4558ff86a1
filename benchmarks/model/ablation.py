"""What each part of the network, and the loss, is worth: `python -m benchmarks.model.ablation`.

Small on purpose, so that it ends on two CPU cores: 160 px, few rounds, stem to layer2 frozen, one look. Every
row learns the same photos in the same order from the same seed as the row above it.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path

from benchmarks.model.recipe import STEPS, evaluate, folds, link, pairs_of, train

ROWS: tuple[tuple[str, dict[str, bool], str], ...] = (
    ("plain DeepLabV3+", {"eca": False, "se": False, "fpn": False, "two_step": False}, "dice+ce"),
    ("+ ECA", {"se": False, "fpn": False, "two_step": False}, "dice+ce"),
    ("+ SE", {"fpn": False, "two_step": False}, "dice+ce"),
    ("+ FPN", {"two_step": False}, "dice+ce"),
    ("+ two 2-fold up-samplings (the network)", {}, "dice+ce"),
    ("the network, Dice alone", {}, "dice"),
)
FOLDS = 3


def main() -> None:
    """Run what is missing, fold by fold, and print the table after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with biohit/train")
    parser.add_argument("imagenet", help="file of ImageNet weights of ResNet50")
    parser.add_argument("out", type=Path, help="folder of the runs; a second call goes on where it was")
    parser.add_argument("--size", default="160")
    parser.add_argument("--epochs", default="4")
    arguments = parser.parse_args()
    parts = folds(pairs_of(arguments.data / "biohit" / "train"), FOLDS)
    for number, held in enumerate(parts):
        learned = [pair for other in parts if other is not held for pair in other]
        pairs = link(learned, arguments.out / "pairs" / f"fold{number}")
        judged = link(held, arguments.out / "pairs" / f"fold{number}-held")
        for row, (_, switches, loss) in enumerate(ROWS):
            report = arguments.out / f"row{row}-fold{number}.json"
            if report.exists():
                continue
            run = arguments.out / f"row{row}-fold{number}"
            switched = [
                word for name, on in switches.items() for word in ("--network", f"{name}={str(on).lower()}")
            ]
            train(
                run, *pairs, *switched, "--init", arguments.imagenet, "--size", arguments.size, "--freeze", "3",
                "--epochs", arguments.epochs, "--lr", "1e-3", "--backbone-lr", "0.3", "--loss", loss,
                "--batch-size", "8", "--val-fraction", "0", "--patience", "0", "--seed", str(number),
                "--precision", "float32", *STEPS,
            )  # fmt: skip
            evaluate(run, judged, report)
            (run / "last.safetensors").unlink()
            print(_table(arguments.out), flush=True)


def _table(out: Path) -> str:
    """Mean Dice of each fold, their mean and spread, as Markdown; what is not done is empty."""
    head = " | ".join(f"fold {n + 1}" for n in range(FOLDS))
    lines = [f"| | {head} | mean | spread (s.d.) |", "|---|" + "---|" * (FOLDS + 2)]
    for row, (name, _, _) in enumerate(ROWS):
        files = [out / f"row{row}-fold{n}.json" for n in range(FOLDS)]
        done = [json.loads(f.read_text("utf-8"))["dice"]["mean"] if f.exists() else None for f in files]
        found = [value for value in done if value is not None]
        cells = [f"{value:.4f}" if value is not None else "" for value in done]
        cells.append(f"{statistics.fmean(found):.4f}" if found else "")
        cells.append(f"{statistics.stdev(found):.4f}" if len(found) > 1 else "")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
