"""Masks for photos as files; no case database is read or written."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import Prediction
from tongue_viewer.core.errors import MaskError, PhotoError, WriteError
from tongue_viewer.core.events import EngineReady, JobEvent, Progress
from tongue_viewer.core.exports import ExportPlan, FileResult
from tongue_viewer.core.masks import mask_from_probability
from tongue_viewer.core.photo import Photo
from tongue_viewer.core.quality import expected_dice
from tongue_viewer.inference.engine import EngineOptions
from tongue_viewer.inference.predictor import Predictor
from tongue_viewer.storage.exports import export_case, output_names, plan_names, real_paths
from tongue_viewer.storage.photos import read_photo

_AHEAD = 2  # decoded photos that wait for the network, and answers that wait for the disk


@dataclass(frozen=True)
class PredictPlan:
    """What `tongue-viewer predict` was asked for.

    Attributes:
        photos: the files, in their order.
        root: the folder below which subfolders are kept.
        out: where masks are written; created where it does not exist.
        model: name, folder, or None for the current model.
        options: engine, device, threads.
        threshold: None for the model's own.
        export: which files, in which format.
    """

    photos: tuple[Path, ...]
    root: Path
    out: Path
    model: str | None = None
    options: EngineOptions = field(default_factory=EngineOptions)
    threshold: float | None = None
    export: ExportPlan = field(default_factory=ExportPlan)


@dataclass(frozen=True)
class FilePredicted(JobEvent):
    """One photo is finished.

    Attributes:
        result: the files written, or the reason why not.
        seconds: from the decoded photo to the probability on the network's grid; 0 where it was not
            predicted.
        foreground: part of the photo's pixels that the mask covers, 0..1.
        quality: expected Dice of the mask, 0..1; None where there is none.
    """

    result: FileResult
    seconds: float = 0.0
    foreground: float = 0.0
    quality: float | None = None


def predict_files(token: CancelToken, *, plan: PredictPlan) -> Iterator[JobEvent]:
    """Write a mask for every photo; while one is predicted, the next is decoded and the last is written.

    Args:
        token: checked before each photo; what is under way is finished and reported.
        plan: what to do.

    Yields:
        EngineReady, Progress, and FilePredicted for each photo, failed ones with the reason.

    Raises:
        ModelError, EngineError: the model cannot be used.
        Cancelled: stopped; what was reported is finished.
    """
    predictor = Predictor.with_options(plan.model, plan.options)
    yield EngineReady(predictor.card.name, predictor.engine_name, predictor.note)
    with closing(predictor), ThreadPoolExecutor(_AHEAD, "files") as pool:
        yield from _predict_all(token, pool, plan, predictor)
    token.check()
    yield Progress("Predicting", len(plan.photos), len(plan.photos), 0.0)


def _predict_all(
    token: CancelToken, pool: ThreadPoolExecutor, plan: PredictPlan, predictor: Predictor
) -> Iterator[JobEvent]:
    names = plan_names(plan.photos, plan.export, plan.root)
    originals = real_paths(plan.photos)
    engine = predictor.engine_name
    writing: deque[Future[FilePredicted]] = deque()
    begin = time.monotonic()
    for done, (path, photo) in enumerate(_decoded(token, pool, plan, names)):
        left = (time.monotonic() - begin) / done * (len(plan.photos) - done) if done else None
        yield Progress("Predicting", done, len(plan.photos), left)
        if isinstance(photo, str):
            writing.append(pool.submit(_failed, path, photo))
        else:
            prediction = predictor.predict_grid(photo.rgb)
            writing.append(pool.submit(_write, plan, photo, prediction, names[path], originals))
        if predictor.engine_name != engine:
            engine = predictor.engine_name
            yield EngineReady(predictor.card.name, engine, predictor.note)
        while len(writing) > _AHEAD:
            yield writing.popleft().result()
    for future in writing:
        yield future.result()


def _decoded(
    token: CancelToken, pool: ThreadPoolExecutor, plan: PredictPlan, names: dict[Path, str]
) -> Iterator[tuple[Path, Photo | str]]:
    """Each photo, decoded ahead, or the reason why it cannot be used; ends where stopping is asked for."""
    waiting: deque[tuple[Path, Future[Photo | str]]] = deque()
    for path in (*plan.photos, *(None for _ in range(_AHEAD))):
        if token.cancelled:
            return
        if path is not None:
            waiting.append((path, pool.submit(_read, plan, path, names[path])))
        if waiting and (path is None or len(waiting) > _AHEAD):
            first, future = waiting.popleft()
            yield first, future.result()


def _read(plan: PredictPlan, path: Path, name: str) -> Photo | str:
    """The photo, or why it is not predicted: checked before the network is asked, which takes the longest."""
    if not plan.export.overwrite:
        for file in output_names(name, path.suffix, plan.export).values():
            if (plan.out / file).exists():
                return f"{plan.out / file} exists already; it is intact. Use --overwrite, or another folder."
    try:
        return read_photo(path)
    except PhotoError as error:
        return str(error)


def _failed(path: Path, reason: str) -> FilePredicted:
    return FilePredicted(FileResult(path, error=reason))


def _write(
    plan: PredictPlan, photo: Photo, prediction: Prediction, name: str, originals: frozenset[str]
) -> FilePredicted:
    probability = prediction.probability()
    threshold = prediction.threshold if plan.threshold is None else plan.threshold
    mask = mask_from_probability(probability, threshold)
    foreground = float(np.count_nonzero(mask)) / mask.size
    quality = expected_dice(probability.max(axis=0), mask)
    try:
        written = export_case(
            plan.out, photo, mask, plan.export, name=name, probability=probability, originals=originals
        )
    except (WriteError, MaskError) as error:
        return FilePredicted(FileResult(photo.path, error=str(error)), prediction.seconds, foreground)
    return FilePredicted(FileResult(photo.path, written), prediction.seconds, foreground, quality)
