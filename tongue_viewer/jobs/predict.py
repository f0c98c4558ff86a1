"""Asking the model: for cases of the open folder, or for files on the command line."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import Prediction
from tongue_viewer.core.errors import PhotoError
from tongue_viewer.core.events import (
    CaseFailed,
    EngineReady,
    JobEvent,
    PredictionReady,
    Progress,
    SummaryChanged,
)
from tongue_viewer.core.masks import mask_from_probability
from tongue_viewer.core.photo import MaskArray, Photo
from tongue_viewer.core.quality import expected_dice
from tongue_viewer.inference.predictor import Predictor
from tongue_viewer.inference.source import PredictorSource
from tongue_viewer.jobs.cases import note_failure
from tongue_viewer.jobs.library import Library
from tongue_viewer.storage.case_store import CaseStore


def predict_photos(
    token: CancelToken,
    *,
    library: Library,
    models: PredictorSource,
    paths: Sequence[Path],
    threshold: float | None = None,
    again: bool = False,
    folder: Path | None = None,
) -> Iterator[JobEvent]:
    """Predict photos of a folder and keep each answer in its case database before it is reported.

    A photo that already has a prediction of this very model is passed over. A mask that a person has
    worked on is never
    replaced: the store sees to that.

    Args:
        token: checked before each photo.
        library: photos and databases.
        models: the model.
        paths: photos, the most wanted first.
        threshold: probability from which a pixel belongs to the class; None: the model's own.
        again: predict also what has a prediction of this model.
        folder: whose database is used; None: the current one.

    Yields:
        EngineReady when a model was loaded or another engine took over; for each photo PredictionReady,
        or CaseFailed and SummaryChanged; Progress where there are several photos.

    Raises:
        ModelError, EngineError: the model cannot be used at all.
        StoreError: an answer could not be kept.
    """
    begin, worked = time.monotonic(), 0
    with library.use(folder) as store:
        sha256 = models.card().sha256
        for done, path in enumerate(paths):
            token.check()
            if len(paths) > 1:
                left = (time.monotonic() - begin) / worked * (len(paths) - done) if worked else None
                yield Progress("Predicting", done, len(paths), left)
            try:
                photo = library.photo(path)
            except PhotoError as error:
                yield CaseFailed(path, str(error))
                yield SummaryChanged(note_failure(store, path, str(error)))
                continue
            if not again and _has_prediction(store, photo, sha256):
                continue
            token.check()
            yield from _predict_one(store, photo, models, threshold)
            worked += 1
        if len(paths) > 1:
            yield Progress("Predicting", len(paths), len(paths), 0.0)


def predict_mask(
    predictor: Predictor, photo: Photo, threshold: float | None = None
) -> tuple[Prediction, MaskArray]:
    """The model's answer for one photo with its quality, and the mask made from it, (H, W) uint8, read-only.

    The mask is made from the probability as it is stored, so that the window, the command line and a
    later change of the threshold give the same mask.
    """
    prediction = predictor.predict_grid(photo.rgb)
    if threshold is not None:
        prediction = replace(prediction, threshold=threshold)
    probability = prediction.probability()
    mask = mask_from_probability(probability, prediction.threshold)
    mask.setflags(write=False)
    return replace(prediction, quality=expected_dice(probability.max(axis=0), mask)), mask


def _has_prediction(store: CaseStore, photo: Photo, sha256: str) -> bool:
    """Whether this model has answered; an answer of version 0.1 without a quality is asked for again."""
    case = store.load(photo)
    kept = case.prediction
    return kept is not None and kept.model_sha256 == sha256 and case.summary.quality is not None


def _predict_one(
    store: CaseStore, photo: Photo, models: PredictorSource, threshold: float | None
) -> Iterator[JobEvent]:
    predictor, fresh = models.get()
    if fresh:
        yield EngineReady(predictor.card.name, predictor.engine_name, predictor.note)
    before = predictor.engine_name
    prediction, mask = predict_mask(predictor, photo, threshold)
    if predictor.engine_name != before:
        yield EngineReady(predictor.card.name, predictor.engine_name, predictor.note)
    summary, replaced = store.save_prediction(photo, prediction, mask)
    yield PredictionReady(summary, prediction, mask, replaced)
