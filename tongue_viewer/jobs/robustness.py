"""The robustness table: the model under every condition, and on pictures without a tongue."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.conditions import Condition, choose_conditions
from tongue_viewer.core.errors import MaskError, PhotoError, UsageError
from tongue_viewer.core.events import CaseFailed, EngineReady, JobEvent, Progress
from tongue_viewer.core.grid_ceiling import shift_ceiling
from tongue_viewer.core.metrics import agreement
from tongue_viewer.core.photo import MaskArray, Photo, RgbArray
from tongue_viewer.core.tongue_free import MOST_CROPS, foreground_part, tongue_free_squares
from tongue_viewer.inference.engine import EngineOptions
from tongue_viewer.inference.predictor import Predictor
from tongue_viewer.jobs.evaluate import pair_by_stem
from tongue_viewer.jobs.predict import predict_mask
from tongue_viewer.jobs.robustness_table import CellScore, PictureScore, SetScores, robustness_report
from tongue_viewer.storage.folder import list_photos
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photos import read_photo

_Item = TypeVar("_Item")


@dataclass(frozen=True)
class RobustnessPlan:
    """What `tongue-viewer robustness` was asked for.

    Attributes:
        sets: folders of photos, each with the folder of its reference masks.
        tongue_free: folders of pictures that show no tongue.
        crops: also judge crops of the sets' photos that hold no tongue.
        conditions: families or keys; none: all.
        limit: at most this many photos of each folder, evenly chosen; None: all.
        model: name, folder, or None for the current model.
        options: engine, device, threads.
        threshold: None for the model's own.
        seed: of noise and reflections.
    """

    sets: tuple[tuple[Path, Path], ...] = ()
    tongue_free: tuple[Path, ...] = ()
    crops: bool = False
    conditions: tuple[str, ...] = ()
    limit: int | None = None
    model: str | None = None
    options: EngineOptions = field(default_factory=EngineOptions)
    threshold: float | None = None
    seed: int = 0


@dataclass(frozen=True, eq=False)
class RobustnessFinished(JobEvent):
    """All photos were tried.

    Attributes:
        report: the document of `robustness --json`: plain JSON values.
    """

    report: dict[str, Any]


def robustness(token: CancelToken, *, plan: RobustnessPlan) -> Iterator[JobEvent]:
    """Judge every photo under every condition; a photo that cannot be used is named and the others go on.

    A photo is decoded once. Every prediction goes the way of `predict` from decoded pixels to mask.

    Args:
        token: checked before each prediction.
        plan: what to do.

    Yields:
        EngineReady, Progress, CaseFailed, at the end RobustnessFinished.

    Raises:
        UsageError: nothing to judge, or an unknown condition.
        ModelError, EngineError: the model cannot be used.
        Cancelled: stopped; there is no report of a part.
    """
    conditions = choose_conditions(plan.conditions)
    sets = _sets(plan)
    groups = {name: _evenly(list_photos(folder), plan.limit) for name, folder in _named(plan.tongue_free)}
    if not sets and not any(groups.values()):
        raise UsageError("There is nothing to judge: give IMAGES and MASKS, or --tongue-free with photos.")
    total = _per_photo(plan, conditions) * sum(len(one.pairs) for one in sets) + sum(
        map(len, groups.values())
    )
    with closing(Predictor.with_options(plan.model, plan.options)) as predictor:
        yield EngineReady(predictor.card.name, predictor.engine_name, predictor.note)
        bench = _Bench(token, plan, conditions, predictor, _Clock(total))
        for one in sets:
            yield from bench.judge_set(one)
        for name, files in groups.items():
            yield from bench.judge_group(name, files)
        head = {
            "model": {"name": predictor.card.name, "sha256": predictor.card.sha256},
            "engine": predictor.engine_name,
            "seed": plan.seed,
            "limit": plan.limit,
        }
    yield Progress("Testing robustness", total, total, 0.0)
    scores = [one.scores for one in sets]
    yield RobustnessFinished(head | robustness_report(conditions, scores, bench.pictures, bench.failed))


class _Clock:
    """Counts predictions and guesses how long the rest takes."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self._begin = time.monotonic()

    def progress(self) -> Progress:
        rest = self.total - self.done
        left = (time.monotonic() - self._begin) / self.done * rest if self.done else None
        return Progress("Testing robustness", self.done, self.total, left)


@dataclass(frozen=True, eq=False)
class _Set:
    """One pair of folders: the files, and the scores as they come in."""

    pairs: tuple[tuple[Path, Path], ...]
    scores: SetScores


class _Bench:
    """One model, with all that was measured of it so far."""

    def __init__(
        self,
        token: CancelToken,
        plan: RobustnessPlan,
        conditions: Sequence[Condition],
        predictor: Predictor,
        clock: _Clock,
    ) -> None:
        self._token = token
        self._plan = plan
        self._conditions = conditions
        self._predictor = predictor
        self._clock = clock
        self.pictures: dict[str, list[PictureScore]] = {}
        self.failed: list[tuple[str, str]] = []

    def judge_set(self, one: _Set) -> Iterator[JobEvent]:
        """Every photo of a set under every condition, and its crops without tongue.

        A photo whose reference is empty is a picture without a tongue.
        """
        group = f"crops of {one.scores.name}"
        if self._plan.crops:
            self.pictures[group] = []
        for file, mask_file in one.pairs:
            until = self._clock.done + _per_photo(self._plan, self._conditions)
            try:
                photo, reference = _read_pair(file, mask_file)
            except (PhotoError, MaskError) as error:
                yield self._fail(file, str(error))
            else:
                if reference.any():
                    yield from self._judge_photo(one.scores, photo, reference)
                else:
                    self._judge_free(f"{one.scores.name}, empty masks", photo)
                if self._plan.crops:
                    yield from self._judge_crops(group, photo, reference)
            self._clock.done = until

    def judge_group(self, name: str, files: Sequence[Path]) -> Iterator[JobEvent]:
        """Every picture of a folder without tongues."""
        self.pictures[name] = []
        for file in files:
            self._token.check()
            yield self._clock.progress()
            try:
                photo = read_photo(file)
            except PhotoError as error:
                yield self._fail(file, str(error))
            else:
                self._judge_free(name, photo)
            self._clock.done += 1

    def _judge_photo(self, scores: SetScores, photo: Photo, reference: MaskArray) -> Iterator[JobEvent]:
        unchanged: CellScore | None = None
        for condition in self._conditions:
            self._token.check()
            yield self._clock.progress()
            if condition.fits(reference):
                rng = condition.generator(photo.sha256, self._plan.seed)
                rgb, moved = condition.apply(photo.rgb, reference, rng)
                # The same pixels are not asked again: the first condition is "unchanged".
                known = unchanged if rgb is photo.rgb else None
                score = known or self._score(photo, rgb, moved)
                unchanged = unchanged or score
                scores.cells[condition.key].append(score)
            self._clock.done += 1

    def _judge_free(self, group: str, photo: Photo) -> None:
        """A whole picture that shows no tongue."""
        part = foreground_part(self._mask(photo.rgb, photo.path))
        self.pictures.setdefault(group, []).append(PictureScore(photo.path.name, part))

    def _judge_crops(self, group: str, photo: Photo, reference: MaskArray) -> Iterator[JobEvent]:
        for square in tongue_free_squares(reference):
            self._token.check()
            yield self._clock.progress()
            mask = self._mask(photo.rgb[square.window].copy(), photo.path)
            name = f"{photo.path.name} x{square.left} y{square.top} {square.side} px"
            self.pictures[group].append(PictureScore(name, foreground_part(mask)))
            self._clock.done += 1

    def _score(self, photo: Photo, rgb: RgbArray, reference: MaskArray) -> CellScore:
        mask = self._mask(rgb, photo.path)
        dice = agreement(mask, reference).dice
        return CellScore(photo.path.name, dice, shift_ceiling(reference), foreground_part(reference))

    def _mask(self, rgb: RgbArray, path: Path) -> MaskArray:
        return predict_mask(self._predictor, Photo(path, rgb, ""), self._plan.threshold)[1]

    def _fail(self, path: Path, reason: str) -> CaseFailed:
        self.failed.append((path.name, reason))
        return CaseFailed(path, reason)


def _per_photo(plan: RobustnessPlan, conditions: Sequence[Condition]) -> int:
    """Predictions for one photo of a set, at most."""
    return len(conditions) + (MOST_CROPS if plan.crops else 0)


def _sets(plan: RobustnessPlan) -> list[_Set]:
    keys = [condition.key for condition in choose_conditions(plan.conditions)]
    masks = dict(plan.sets)
    found = []
    for name, images in _named([images for images, _ in plan.sets]):
        pairs = pair_by_stem(images, masks[images])
        orphans = tuple((path.name, reason) for path, reason in pairs.orphans)
        found.append(_Set(_evenly(pairs.found, plan.limit), SetScores(name, {k: [] for k in keys}, orphans)))
    return found


def _read_pair(file: Path, mask_file: Path) -> tuple[Photo, MaskArray]:
    """Photo and reference mask, of one size."""
    photo = read_photo(file)
    return photo, read_mask(mask_file, photo.shape)


def _named(folders: Sequence[Path]) -> list[tuple[str, Path]]:
    """A short, unique name for each folder: its last two parts, a last "images" left out."""
    names: dict[str, Path] = {}
    for folder in folders:
        if folder in names.values():
            raise UsageError(f"{folder} is given twice.")
        parts = [part for part in folder.absolute().parts if part != folder.anchor]
        parts = parts[:-1] if len(parts) > 1 and parts[-1].lower() in ("images", "photos") else parts
        name, number = "/".join(parts[-2:]), 1
        while name in names:
            number += 1
            name = f"{'/'.join(parts[-2:])} ({number})"
        names[name] = folder
    return list(names.items())


def _evenly(items: Sequence[_Item], limit: int | None) -> tuple[_Item, ...]:
    """At most `limit` items, as far apart in the sequence as can be, the first among them."""
    if limit is None or len(items) <= limit:
        return tuple(items)
    return tuple(items[number * len(items) // limit] for number in range(limit))
