"""Learn the click corrector's small network from training photos: `python -m benchmarks.click_training DATA`.

Wrong masks are drawn (`benchmarks.click_samples`), clicked and corrected click by click; each click's window gives a
sample of its cells, half of them near the true outline. The first round corrects by the truth itself, each later
one with what was learned before, so that the network meets the masks that it makes; a fit takes the samples of all
rounds so far. The photo is the only witness: no model's probability is used.
Writes `tongue_viewer/core/click_weights.py`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.click_samples import Subject, click_on_error, wrong_mask
from benchmarks.damage import dice
from benchmarks.model.recipe import Pair, pairs_of
from tongue_viewer.core.click_colour import PhotoColours
from tongue_viewer.core.click_features import FEATURES, features_of
from tongue_viewer.core.click_repair import repaired
from tongue_viewer.core.click_window import ClickWindow
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photos import read_photo

HIDDEN = (24, 16)
CELLS, NEAR_CELLS = 250, 150  # of each window: anywhere, and near the true outline
GOOD = 0.985  # a mask of this Dice is not corrected further

Features = NDArray[np.float32]
Scorer = Callable[[Features], NDArray[np.float32]]
Samples = tuple[NDArray[np.float16], NDArray[np.bool_]]

TARGET = Path(__file__).resolve().parents[1] / "tongue_viewer" / "core" / "click_weights.py"


def main() -> None:
    """Rounds of drawing and fitting."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with SET/images and SET/masks")
    parser.add_argument("--sets", nargs="+", default=["biohit/train", "clinic400/train"])
    parser.add_argument("--every", type=int, nargs="+", default=[1, 2], help="every n-th photo of each set")
    parser.add_argument("--held", type=int, default=10, help="every n-th of those is held back to look at")
    parser.add_argument("--windows", type=int, default=12, help="of each photo and round")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--out", type=Path, default=TARGET)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    torch.manual_seed(arguments.seed)
    photos = [
        pair
        for name, step in zip(arguments.sets, arguments.every, strict=True)
        for pair in pairs_of(arguments.data / name)[::step]
    ]
    held, taught = photos[:: arguments.held], [p for i, p in enumerate(photos) if i % arguments.held]
    collected: list[Samples] = []
    scorer: Scorer | None = None
    for number in range(arguments.rounds):
        collected.append(_collect(taught, arguments.windows, scorer, arguments.seed + number))
        judged = _collect(held, arguments.windows, scorer, arguments.seed + 100)
        network = _fit(collected, judged)
        scorer = _scorer(network)
    _write(arguments.out, network)


def _collect(pairs: list[Pair], windows: int, scorer: Scorer | None, seed: int) -> Samples:
    features, truths = [], []
    for number, pair in enumerate(pairs):
        rng = np.random.default_rng([seed, number])
        photo = read_photo(pair.photo)
        subject = Subject.of(photo.rgb, read_mask(pair.mask, photo.shape))
        for some, truth in _windows(subject, windows, scorer, rng):
            features.append(some)
            truths.append(truth)
    print(f"{len(pairs)} photos, {len(features)} windows", flush=True)
    return np.concatenate(features).astype(np.float16), np.concatenate(truths)


def _windows(
    subject: Subject, count: int, scorer: Scorer | None, rng: np.random.Generator
) -> Iterator[tuple[Features, NDArray[np.bool_]]]:
    """Features and truth of sampled cells, window by window."""
    colours = PhotoColours(subject.rgb)
    for _ in range(3 * count):
        mask = wrong_mask(subject, rng)
        for _ in range(int(rng.integers(1, 7))):
            asked = click_on_error(mask, subject.reference, rng)
            if asked is None or dice(mask, subject.reference) > GOOD:
                break
            click, piece = asked
            pixel = (int(click.y), int(click.x))
            window = ClickWindow.around(subject.rgb, mask, pixel, click.positive, 1)
            features = features_of(window, colours.evidence(mask, 1))
            truth = _coarse(window, (subject.reference == 1) == click.positive)
            if rng.random() < 0.6:
                # Another error's cells are neither to be taken nor to be left by this click.
                known = window.open & (window.apart <= window.reach) & (~truth | _coarse(window, piece))
                chosen = _sample(known, truth, rng)
                yield features.reshape(-1, len(FEATURES))[chosen], truth.ravel()[chosen]
                count -= 1
            score = np.where(truth, 8, -8).astype(np.float32) if scorer is None else scorer(features)
            changed = repaired(window, score)
            mask[window.window][changed] = int(click.positive)
        if count <= 0:
            return


def _coarse(window: ClickWindow, pixels: NDArray[np.bool_]) -> NDArray[np.bool_]:
    part = np.ascontiguousarray(pixels[window.window]).view(np.uint8) * np.uint8(255)
    return cv2.resize(part, window.open.shape[::-1], interpolation=cv2.INTER_AREA) > 127


def _sample(known: NDArray[np.bool_], truth: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.intp]:
    edge = cv2.morphologyEx(truth.view(np.uint8), cv2.MORPH_GRADIENT, np.ones((7, 7), np.uint8)) > 0
    chosen = []
    for where, count in ((known, CELLS), (known & edge, NEAR_CELLS)):
        places = np.flatnonzero(where)
        chosen.append(rng.choice(places, min(count, len(places)), replace=False) if len(places) else places)
    return np.concatenate(chosen)


def _fit(
    collected: list[Samples], judged: Samples, rounds: int = 8, batch: int = 4096
) -> torch.nn.Sequential:
    torch.set_num_threads(1)
    x, y = (torch.tensor(np.concatenate([s[i] for s in collected]), dtype=torch.float32) for i in (0, 1))
    sizes = (len(FEATURES), *HIDDEN, 1)
    layers: list[torch.nn.Module] = []
    for count_in, count_out in pairwise(sizes):
        layers += [torch.nn.Linear(count_in, count_out), torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, len(x) // batch * rounds)
    loss_of = torch.nn.functional.binary_cross_entropy_with_logits
    for _ in range(rounds):
        order = torch.randperm(len(x))
        for start in range(0, len(x) - batch + 1, batch):
            chosen = order[start : start + batch]
            loss = loss_of(network(x[chosen])[:, 0], y[chosen])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            optimizer.step()
            schedule.step()
    with torch.no_grad():
        score = network(torch.tensor(judged[0], dtype=torch.float32))[:, 0]
        truth = torch.tensor(judged[1], dtype=torch.float32)
        right = ((score > 0) == (truth > 0)).float().mean()
        print(f"held back: cross-entropy {loss_of(score, truth):.4f}, cells right {right:.4f}", flush=True)
    return network


def _scorer(network: torch.nn.Sequential) -> Scorer:
    def score(features: Features) -> NDArray[np.float32]:
        with torch.no_grad():
            return np.asarray(network(torch.from_numpy(features))[..., 0].numpy(), np.float32)

    return score


def _write(path: Path, network: torch.nn.Sequential) -> None:
    """Four significant digits do: the score is cut into steps of 1/12 anyway."""
    numbers: list[str] = []
    for layer in network:
        if isinstance(layer, torch.nn.Linear):
            for values in (layer.weight.detach().T, layer.bias.detach()):
                numbers += [f"{value:.4g}" for value in values.flatten().tolist()]
    lines, line = [], ""
    for number in numbers:
        if len(line) + len(number) + 1 > 105:
            lines.append(line)
            line = ""
        line = f"{line} {number}".strip()
    body = "\n".join([*lines, line])
    path.write_text(
        '"""Weights of `click_prior`, written by `benchmarks.click_training`; not to be edited by hand."""\n\n'
        f"LAYERS = {HIDDEN}\n"
        '"""Widths of the hidden layers."""\n\n'
        f'WEIGHTS = """\n{body}\n"""\n',
        "utf-8",
    )


if __name__ == "__main__":
    main()
