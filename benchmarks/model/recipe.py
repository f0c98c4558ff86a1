"""What the model's experiments share: folders of chosen photos, and the program's own commands as children."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

STEPS = ("--optimizer", "adamw", "--weight-decay", "0.01", "--schedule", "onecycle", "--warmup", "0.1")
"""What every run of the experiments has in common; the rest is named where it is used."""


@dataclass(frozen=True)
class Pair:
    """One photo and its mask."""

    photo: Path
    mask: Path


def pairs_of(folder: Path) -> list[Pair]:
    """The photos of FOLDER/images with their masks in FOLDER/masks, by name."""
    masks = {path.stem: path for path in (folder / "masks").iterdir()}
    return [Pair(path, masks[path.stem]) for path in sorted((folder / "images").iterdir())]


def folds(pairs: Sequence[Pair], count: int, seed: int = 0) -> list[list[Pair]]:
    """`count` disjoint parts of nearly equal size, drawn by `seed`."""
    order = np.random.default_rng(seed).permutation(len(pairs))
    return [[pairs[i] for i in sorted(order[part::count])] for part in range(count)]


def link(pairs: Iterable[Pair], folder: Path) -> tuple[str, str]:
    """FOLDER/images and FOLDER/masks with links to `pairs`; both paths, as the commands take them."""
    images, masks = folder / "images", folder / "masks"
    for place in (images, masks):
        place.mkdir(parents=True, exist_ok=True)
    for pair in pairs:
        for place, file in ((images, pair.photo), (masks, pair.mask)):
            if not (place / file.name).exists():
                (place / file.name).symlink_to(file.resolve())
    return str(images), str(masks)


def train(run: Path, *arguments: str) -> None:
    """`tongue-viewer train … -o RUN --resume`: a broken experiment is started again and goes on where it was."""
    command = [sys.executable, "-m", "tongue_viewer", "train", *arguments, "-o", str(run), "--resume"]
    print(" ".join(command), flush=True)
    subprocess.run(command, check=True)


def at_size(run: Path, size: int, folder: Path) -> Path:
    """The model of RUN, with links to its weights, that takes its last look at `size` pixels."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in (run / "model").iterdir():
        if file.suffix == ".safetensors" and not (folder / file.name).exists():
            (folder / file.name).symlink_to(file.resolve())
    card = json.loads((run / "model" / "card.json").read_text("utf-8"))
    (folder / "card.json").write_text(json.dumps({**card, "input_size": size}), encoding="utf-8")
    return folder


def evaluate(model: Path, folder: tuple[str, str], out: Path, *arguments: str) -> dict[str, Any]:
    """`tongue-viewer evaluate … --json` on PyTorch, kept in OUT; an OUT that exists is read."""
    if not out.exists():
        command = [
            sys.executable,
            "-m",
            "tongue_viewer",
            "evaluate",
            *folder,
            "--model",
            str(model),
            "--json",
        ]
        command += ["--engine", "torch", *arguments]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(done.stdout, encoding="utf-8")
    report: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return report
