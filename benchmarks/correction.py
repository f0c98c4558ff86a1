"""How many clicks mend a wrong mask: `python -m benchmarks.correction DATA [--set biohit/val] [--limit N] [--model NAME]`.

Masks are damaged in known ways (`benchmarks.damage`) and clicked on by a simulated person: in the middle of the largest
connected error (the point farthest from its rim), left or right by its sign, until the Dice against the reference
reaches 0.98, twenty clicks at most. Three protocols:

1. The model is right: the corrector knows the model's own probability of the photo.
2. The model made this very error: the corrector is given the damaged mask itself as the probability (on the network's
   grid of 512, blurred by 3 cells), so that only the photo can help.
3. The model's own errors: from its masks on the photos where its Dice is lowest; five clicks each.

Prints Markdown tables. The mean counts a failure as twenty clicks.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from benchmarks.damage import KINDS, damage, dice
from benchmarks.model.recipe import pairs_of
from tongue_viewer.core.cases import Prediction
from tongue_viewer.core.click_correct import ClickCorrector
from tongue_viewer.core.click_window import Click
from tongue_viewer.core.letterbox import Letterbox
from tongue_viewer.core.masks import mask_from_probability
from tongue_viewer.core.metrics import agreement
from tongue_viewer.core.photo import MaskArray, RgbArray
from tongue_viewer.core.raster import Box
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photos import read_photo

ENOUGH = 0.98
MOST_CLICKS = 20
SHOWN = (0, 1, 2, 3, 5)
LOWEST = 10
"""Photos of the third protocol."""


class Corrector(Protocol):
    """What is judged."""

    def correct(
        self, mask: MaskArray, clicks: list[Click], kept: list[Click]
    ) -> tuple[Box, MaskArray] | None:
        """As `ClickCorrector.correct`."""
        ...


Make = Callable[[RgbArray, Prediction | None], Corrector]


@dataclass(frozen=True, eq=False)
class Subject:
    """One photo, its reference, and what the model said."""

    name: str
    rgb: RgbArray
    reference: MaskArray
    prediction: Prediction


@dataclass(frozen=True)
class Course:
    """One simulated correction: the masks' agreement before the first click and after each, and seconds a click."""

    dice: tuple[float, ...]
    seconds: tuple[float, ...]

    @property
    def done(self) -> bool:
        """Whether the aim was reached."""
        return self.dice[-1] >= ENOUGH

    @property
    def clicks(self) -> int:
        """Clicks that were made; all of them where the aim was missed."""
        return len(self.seconds) if self.done else MOST_CLICKS


class Disc:
    """The floor, blind to the photo: each click paints a disc of 1.6 times its depth."""

    def __init__(self, rgb: RgbArray, prediction: Prediction | None) -> None:
        """As every `Corrector` is made."""

    def correct(self, mask: MaskArray, clicks: list[Click], kept: list[Click]) -> tuple[Box, MaskArray]:
        """One disc for each click; what was clicked before is not looked at."""
        del kept
        out = mask.copy()
        for x, y, positive in clicks:
            wrong = (out != positive).astype(np.uint8)
            depth = cv2.distanceTransform(wrong, cv2.DIST_L2, cv2.DIST_MASK_5)[int(y), int(x)]
            cv2.circle(out, (int(x), int(y)), int(1.6 * min(float(depth), 100)), int(positive), cv2.FILLED)
        return (0, 0, *mask.shape), out


METHODS: dict[str, Make] = {"click": ClickCorrector, "disc": Disc}


def main() -> int:
    """Run the protocols and print their tables."""
    arguments = _parser().parse_args()
    cv2.setNumThreads(1)
    subjects = list(_subjects(arguments))
    make = METHODS[arguments.method]
    for number in arguments.protocols:
        if number == 3:
            _real_errors(make, subjects, arguments.lowest)
        else:
            print(f"\nProtocol {number}, {len(subjects)} photos of {arguments.set}\n")
            _damages(make, subjects, own=number == 2, seed=arguments.seed, wobble=arguments.wobble)
    return 0


def simulate(
    corrector: Corrector, mask: MaskArray, reference: MaskArray, wobble: float, rng: np.random.Generator
) -> Course:
    """Click until the mask is good enough, or twenty times; `mask` is changed in place."""
    scores = [dice(mask, reference)]
    seconds: list[float] = []
    kept: list[Click] = []
    while scores[-1] < ENOUGH and len(seconds) < MOST_CLICKS:
        click = ideal_click(mask, reference, wobble, rng)
        begin = time.perf_counter()
        answer = corrector.correct(mask, [click], kept)
        seconds.append(time.perf_counter() - begin)
        _put(mask, answer)
        kept.append(click)
        scores.append(dice(mask, reference))
    return Course(tuple(scores), tuple(seconds))


def ideal_click(mask: MaskArray, reference: MaskArray, wobble: float, rng: np.random.Generator) -> Click:
    """In the largest error's middle, or up to `wobble` of the way from there to its rim."""
    wrong = (mask != reference).astype(np.uint8)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(wrong, connectivity=8)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    piece = np.pad((pieces == largest).view(np.uint8), 1)
    depth = cv2.distanceTransform(piece, cv2.DIST_L2, cv2.DIST_MASK_5)[1:-1, 1:-1]
    row, column = (int(i) for i in np.unravel_index(int(np.argmax(depth)), depth.shape))
    away, angle = wobble * float(depth[row, column]) * rng.random(), rng.uniform(0, 2 * np.pi)
    to = (round(row + away * np.sin(angle)), round(column + away * np.cos(angle)))
    if 0 <= to[0] < depth.shape[0] and 0 <= to[1] < depth.shape[1] and depth[to] > 0:
        row, column = to
    return Click(column + 0.5, row + 0.5, bool(reference[row, column]))


def own_error(mask: MaskArray) -> Prediction:
    """The prediction of a model that says just this mask."""
    box = Letterbox.fit((mask.shape[0], mask.shape[1]), 512)
    grid = box.mask_to_grid(mask).astype(np.float32)
    soft = cv2.GaussianBlur(grid, (0, 0), 3)
    return Prediction(np.rint(soft * 255).astype(np.uint8)[None], box.shape, 0.5, "the damaged mask", "")


def _damages(make: Make, subjects: list[Subject], *, own: bool, seed: int, wobble: float) -> None:
    print(
        "| damage | Dice before | clicks, mean | 90th percentile | failed | ms a click, median | 90th percentile |"
    )
    print("|---|---|---|---|---|---|---|", flush=True)
    every: list[Course] = []
    for kind in KINDS:
        courses = []
        for number, subject in enumerate(subjects):
            mask = damage(subject.reference, kind, seed + number)
            corrector = make(subject.rgb, own_error(mask) if own else subject.prediction)
            rng = np.random.default_rng([seed, number])
            courses.append(simulate(corrector, mask, subject.reference, wobble, rng))
        _row(kind, courses)
        every += courses
    _row("all", every)


def _row(name: str, courses: list[Course]) -> None:
    clicks = [course.clicks for course in courses]
    milliseconds = [1000 * s for course in courses for s in course.seconds]
    print(
        f"| {name} | {np.mean([c.dice[0] for c in courses]):.3f} | {np.mean(clicks):.2f} "
        f"| {np.percentile(clicks, 90):.1f} | {sum(not c.done for c in courses)} of {len(courses)} "
        f"| {np.median(milliseconds):.0f} | {np.percentile(milliseconds, 90):.0f} |",
        flush=True,
    )


def _real_errors(make: Make, subjects: list[Subject], count: int) -> None:
    """Five clicks from the model's own mask, wherever its Dice is lowest."""
    starts = []
    for subject in subjects:
        mask = mask_from_probability(subject.prediction.probability(), subject.prediction.threshold)
        starts.append((dice(mask, subject.reference), subject, mask))
    starts.sort(key=lambda start: start[0])
    values: dict[int, list[tuple[float, float, float]]] = {clicks: [] for clicks in SHOWN}
    for _, subject, mask in starts[:count]:
        corrector = make(subject.rgb, subject.prediction)
        kept: list[Click] = []
        for clicks in range(max(SHOWN) + 1):
            if clicks in values:
                found = agreement(mask, subject.reference)
                values[clicks].append((found.dice, found.hd95_px, found.nsd))
            if (mask != subject.reference).any():
                click = ideal_click(mask, subject.reference, 0, np.random.default_rng(0))
                _put(mask, corrector.correct(mask, [click], kept))
                kept.append(click)
    print(f"\nProtocol 3, the {len(starts[:count])} photos of lowest Dice\n")
    print("| clicks | Dice, mean | lowest | HD95 in px, mean | highest | surface within 2 px, mean |")
    print("|---|---|---|---|---|---|")
    for clicks, measured in values.items():
        columns = np.array(measured).T
        print(
            f"| {clicks} | {columns[0].mean():.4f} | {columns[0].min():.4f} | {columns[1].mean():.1f} "
            f"| {columns[1].max():.1f} | {columns[2].mean():.3f} |"
        )


def _put(mask: MaskArray, answer: tuple[Box, MaskArray] | None) -> None:
    if answer is not None:
        (row, column, height, width), pixels = answer
        mask[row : row + height, column : column + width] = pixels


def _subjects(arguments: argparse.Namespace) -> Iterable[Subject]:
    """Read the photos and ask the model."""
    from tongue_viewer import Predictor

    predictor = Predictor(arguments.model)
    pairs = pairs_of(arguments.data / arguments.set)[:: arguments.every][: arguments.limit]
    print(f"model {predictor.card.name}, engine {predictor.engine_name}", file=sys.stderr)
    for pair in pairs:
        photo = read_photo(pair.photo)
        reference = read_mask(pair.mask, photo.shape)
        yield Subject(pair.photo.stem, photo.rgb, reference, predictor.predict_grid(photo.rgb))
    predictor.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, metavar="DATA", help="folder with SET/images and SET/masks")
    parser.add_argument("--set", default="biohit/val")
    parser.add_argument("--limit", type=int, help="the first N photos")
    parser.add_argument("--every", type=int, default=1, help="every n-th photo")
    parser.add_argument("--model", help="name or folder; the current model if not given")
    parser.add_argument("--method", choices=tuple(METHODS), default="click")
    parser.add_argument("--protocols", type=int, nargs="+", choices=(1, 2, 3), default=[1, 2, 3])
    parser.add_argument("--lowest", type=int, default=LOWEST, help="photos of the third protocol")
    parser.add_argument("--seed", type=int, default=0, help="of the damages")
    parser.add_argument(
        "--wobble",
        type=float,
        default=0.0,
        help="clicks miss the middle by up to this part of the way to the rim",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
