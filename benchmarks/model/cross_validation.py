"""Five-fold cross-validation on BioHit, and the transfer between both sets: `python -m benchmarks.model.cross_validation`.

The folds start from a network that saw no photo of BioHit: ImageNet, then clinic400. That start, judged on
BioHit, is one direction of the transfer; a network trained on BioHit alone is the other.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.model.recipe import STEPS, Pair, evaluate, folds, link, pairs_of, train
from tongue_viewer.core.metrics import bootstrap_interval

FOLDS = 5


def main() -> None:
    """Run what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with biohit/ and clinic400/, each train/ and val/")
    parser.add_argument("imagenet", help="file of ImageNet weights of ResNet50")
    parser.add_argument("out", type=Path, help="folder of the runs; a second call goes on where it was")
    parser.add_argument("--start-epochs", default="5")
    parser.add_argument("--fold-epochs", default="5")
    parser.add_argument("--alone-epochs", default="10")
    parser.add_argument(
        "--negatives", type=Path, help="pairs without a tongue, images/ and masks/, learned too"
    )
    arguments = parser.parse_args()
    out: Path = arguments.out
    also = ["--also", *link(pairs_of(arguments.negatives), out / "negatives")] if arguments.negatives else []
    biohit = pairs_of(arguments.data / "biohit" / "train") + pairs_of(arguments.data / "biohit" / "val")
    clinic = pairs_of(arguments.data / "clinic400" / "train")
    start = out / "clinic400"
    first = ("--init", arguments.imagenet, "--size", "192", "--coarse-size", "192", *_RATES)
    held = ("--val-fraction", "0.03", "--patience", "0", "--batch-size", "8", *STEPS)
    train(
        start,
        *link(clinic, out / "pairs" / "clinic400"),
        *also,
        *first,
        *held,
        "--epochs",
        arguments.start_epochs,
    )
    evaluate(start, link(biohit, out / "pairs" / "biohit"), out / "clinic400-on-biohit.json")
    _folds(out, biohit, start, arguments.fold_epochs)
    alone = out / "biohit"
    train(alone, *link(pairs_of(arguments.data / "biohit" / "train"), out / "pairs" / "biohit-train"), *also, *first,
          *held, "--epochs", arguments.alone_epochs)  # fmt: skip
    both = clinic + pairs_of(arguments.data / "clinic400" / "val")
    evaluate(alone, link(both, out / "pairs" / "clinic400-all"), out / "biohit-on-clinic400.json")
    print(_table(out))


_RATES = ("--lr", "5e-4", "--backbone-lr", "0.2")


def _folds(out: Path, biohit: list[Pair], start: Path, epochs: str) -> None:
    parts = folds(biohit, FOLDS)
    for number, held in enumerate(parts):
        learned = [pair for other in parts if other is not held for pair in other]
        run, judged = out / f"fold{number}", link(held, out / "pairs" / f"fold{number}-held")
        # The held-back fold chooses nothing: the last round is taken, and it is judged only then.
        train(
            run, *link(learned, out / "pairs" / f"fold{number}"), "--init", str(start), "--size", "256",
            "--coarse-size", "192", "--lr", "3e-4", "--backbone-lr", "0.33", "--val-fraction", "0",
            "--patience", "0", "--batch-size", "8", *STEPS, "--epochs", epochs,
        )  # fmt: skip
        report = evaluate(run, judged, out / f"fold{number}.json")
        print(
            f"fold {number}: Dice {report['dice']['mean']:.4f}, lowest {report['dice']['min']:.4f}",
            flush=True,
        )


def _table(out: Path) -> str:
    """Mean, interval and lowest Dice over all photos of the folds, and of both transfers, as Markdown."""
    held = [json.loads((out / f"fold{n}.json").read_text("utf-8")) for n in range(FOLDS)]
    rows = {
        "BioHit, five folds": [case["dice"] for report in held for case in report["cases"]],
        **{
            name: [case["dice"] for case in json.loads((out / file).read_text("utf-8"))["cases"]]
            for name, file in (
                ("clinic400 → BioHit", "clinic400-on-biohit.json"),
                ("BioHit → clinic400", "biohit-on-clinic400.json"),
            )
        },
    }
    lines = ["| judged on | photos | mean Dice | 95 % interval | lowest |", "|---|---|---|---|---|"]
    for name, dice in rows.items():
        low, high = bootstrap_interval(dice)
        lines.append(
            f"| {name} | {len(dice)} | {sum(dice) / len(dice):.4f} | {low:.4f} – {high:.4f} | {min(dice):.4f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
