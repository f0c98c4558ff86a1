"""Masks of a model, or masks in files, against reference masks: one set of photos."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import MaskError, PhotoError, UsageError
from tongue_viewer.core.events import CaseFailed, EngineReady, JobEvent, Progress
from tongue_viewer.core.metrics import agreement
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.inference.engine import EngineOptions
from tongue_viewer.inference.predictor import Predictor
from tongue_viewer.jobs.evaluation_calibration import Calibration
from tongue_viewer.jobs.evaluation_scores import CaseScore, report_of
from tongue_viewer.jobs.predict import predict_mask
from tongue_viewer.jobs.report_svg import svg_path
from tongue_viewer.storage.folder import list_photos
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photos import read_photo

_PLAIN_NAMES = frozenset({"images", "photos"})


@dataclass(frozen=True)
class EvaluatePlan:
    """What `tongue-viewer evaluate` was asked for, for one set of photos.

    Attributes:
        images: folder of photos.
        masks: folder of reference masks, paired with the photos by file stem.
        predictions: folder of masks to judge; None: the model makes them.
        model: name, folder, or None for the current model.
        options: engine, device, threads.
        threshold: None for the model's own.
        tolerance_px: of the normalised surface Dice.
    """

    images: Path
    masks: Path
    predictions: Path | None = None
    model: str | None = None
    options: EngineOptions = field(default_factory=EngineOptions)
    threshold: float | None = None
    tolerance_px: float = 2.0

    @property
    def title(self) -> str:
        """The set's name, two folders long and without the rest of the path: "biohit/val"."""
        parts = self.images.resolve().parts[1:]
        if len(parts) > 1 and parts[-1].lower() in _PLAIN_NAMES:
            parts = parts[:-1]
        return "/".join(parts[-2:])


@dataclass(frozen=True, eq=False)
class EvaluationFinished(JobEvent):
    """All pairs were tried.

    Attributes:
        report: the document of `evaluate --json`: plain JSON values.
        scores: one for each pair that could be judged, in the order of the folder.
    """

    report: dict[str, Any]
    scores: tuple[CaseScore, ...]


@dataclass(frozen=True)
class Pairs:
    """Photos and reference masks of the same file stem.

    Attributes:
        found: photo and mask.
        orphans: a file without its partner, and the reason.
    """

    found: tuple[tuple[Path, Path], ...]
    orphans: tuple[tuple[Path, str], ...]


@dataclass(frozen=True)
class _Answer:
    """The mask to judge, the seconds that it took, and its expected Dice, where a model made it."""

    mask: MaskArray
    seconds: float | None = None
    quality: float | None = None


_Judged = Callable[[Path, MaskArray], _Answer]
"""From a photo and its reference mask to what is compared with the reference."""


def pair_by_stem(images: Path, masks: Path) -> Pairs:
    """Pair two folders by file stem.

    Raises:
        UsageError: a folder does not exist, or nothing pairs.
    """
    photos, references = _by_stem(images), _by_stem(masks)
    found, orphans = [], []
    for stem, paths in photos.items():
        partners = references.get(stem, [])
        if len(paths) > 1 or len(partners) > 1:
            names = ", ".join(path.name for path in (*paths, *partners))
            orphans.append((paths[0], f"the name is not unique: {names}"))
        elif not partners:
            orphans.append((paths[0], f"there is no mask named {stem} in {masks}"))
        else:
            found.append((paths[0], partners[0]))
    for stem, paths in references.items():
        if stem not in photos:
            orphans.append((paths[0], f"there is no photo named {stem} in {images}"))
    if not found:
        raise UsageError(
            f"No photo of {images} has a mask of the same name in {masks}: there is nothing to compare. "
            "Names must be equal up to the suffix (a.jpg and a.png)."
        )
    return Pairs(tuple(found), tuple(orphans))


def evaluate(token: CancelToken, *, plan: EvaluatePlan) -> Iterator[JobEvent]:
    """Judge every pair; a pair that cannot be read is named and the others go on.

    Args:
        token: checked before each photo.
        plan: what to do.

    Yields:
        EngineReady (with a model), Progress, CaseFailed, at the end EvaluationFinished.

    Raises:
        UsageError: nothing to compare.
        ModelError, EngineError: the model cannot be used.
        Cancelled: stopped; there is no report of a part.
    """
    pairs = pair_by_stem(plan.images, plan.masks)
    failed: list[tuple[str, str]] = []
    scores: list[CaseScore] = []
    predictor, calibration = None, None
    with ExitStack() as stack:
        if plan.predictions is None:
            predictor = stack.enter_context(closing(Predictor.with_options(plan.model, plan.options)))
            yield EngineReady(predictor.card.name, predictor.engine_name, predictor.note)
            calibration = Calibration(predictor.card.temperature)
            judged = _from_model(predictor, plan.threshold, calibration)
        else:
            judged = _from_files(plan.predictions)
        begin = time.monotonic()
        for done, (photo, mask) in enumerate(pairs.found):
            token.check()
            left = (time.monotonic() - begin) / done * (len(pairs.found) - done) if done else None
            yield Progress("Evaluating", done, len(pairs.found), left)
            try:
                scores.append(_score(photo, mask, judged, plan.tolerance_px))
            except (PhotoError, MaskError) as error:
                failed.append((photo.name, str(error)))
                yield CaseFailed(photo, str(error))
        head = _head(plan, predictor)
    yield Progress("Evaluating", len(pairs.found), len(pairs.found), 0.0)
    report = report_of(
        scores,
        failed,
        pairs.orphans,
        tolerance_px=plan.tolerance_px,
        calibration=calibration.report() if calibration else None,
    )
    yield EvaluationFinished(head | report, tuple(scores))


def _head(plan: EvaluatePlan, predictor: Predictor | None) -> dict[str, Any]:
    """What was judged, and on which photos."""
    if predictor is None:
        model = {"name": str(plan.predictions), "sha256": ""}
        return {"model": model, "engine": "files", "set": plan.title}
    model = {"name": predictor.card.name, "sha256": predictor.card.sha256}
    return {"model": model, "engine": predictor.engine_name, "set": plan.title}


def _by_stem(folder: Path) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in list_photos(folder):
        found.setdefault(path.stem, []).append(path)
    return found


def _from_model(predictor: Predictor, threshold: float | None, calibration: Calibration) -> _Judged:
    def answer(path: Path, reference: MaskArray) -> _Answer:
        photo = read_photo(path)
        if photo.shape != reference.shape:
            raise MaskError(
                f"The reference mask of {path.name} has {reference.shape[1]}×{reference.shape[0]} pixels, "
                f"the photo {photo.shape[1]}×{photo.shape[0]}: they do not belong together."
            )
        begin = time.perf_counter()
        prediction, mask = predict_mask(predictor, photo, threshold)
        seconds = time.perf_counter() - begin
        calibration.add(prediction.probability().max(axis=0), reference)
        return _Answer(mask, seconds, prediction.quality)

    return answer


def _from_files(folder: Path) -> _Judged:
    known = _by_stem(folder)

    def answer(path: Path, reference: MaskArray) -> _Answer:
        files = known.get(path.stem, [])
        if len(files) != 1:
            raise MaskError(f"There are {len(files)} masks named {path.stem} in {folder}; there must be one.")
        return _Answer(read_mask(files[0], (int(reference.shape[0]), int(reference.shape[1]))))

    return answer


def _score(photo: Path, reference_file: Path, judged: _Judged, tolerance_px: float) -> CaseScore:
    reference = read_mask(reference_file)
    answer = judged(photo, reference)
    measures = agreement(answer.mask, reference, tolerance_px=tolerance_px)
    shape = (int(reference.shape[0]), int(reference.shape[1]))
    outlines = (svg_path(reference), svg_path(answer.mask))
    return CaseScore(photo.name, measures, answer.seconds, shape, outlines, answer.quality)
