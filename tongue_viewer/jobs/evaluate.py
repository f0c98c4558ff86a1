"""Masks of a model, or masks in files, against reference masks."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import MaskError, PhotoError, UsageError
from tongue_viewer.core.events import CaseFailed, EngineReady, JobEvent, Progress
from tongue_viewer.core.metrics import Agreement, agreement, bootstrap_interval
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.inference.engine import EngineOptions
from tongue_viewer.inference.predictor import Predictor
from tongue_viewer.jobs.predict import predict_mask
from tongue_viewer.storage.folder import list_photos
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photos import read_photo

_MEASURES = tuple(f.name for f in fields(Agreement))


@dataclass(frozen=True)
class EvaluatePlan:
    """What `tongue-viewer evaluate` was asked for.

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


@dataclass(frozen=True)
class CaseScore:
    """How one photo's mask agrees with its reference, both at the photo's own size.

    Attributes:
        name: of the photo's file.
        agreement: the measures.
        seconds: from the decoded photo to the mask at its own size; None where the mask came from a file.
        shape: (H, W).
        outlines: of the reference and of the mask, as SVG path data in pixels.
    """

    name: str
    agreement: Agreement
    seconds: float | None
    shape: tuple[int, int]
    outlines: tuple[str, str]


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


_Answer = Callable[[Path, tuple[int, int]], tuple[MaskArray, float | None]]
"""The mask to judge for a photo of a shape, and the seconds that it took."""


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
    with ExitStack() as stack:
        if plan.predictions is None:
            predictor = stack.enter_context(closing(Predictor.with_options(plan.model, plan.options)))
            yield EngineReady(predictor.card.name, predictor.engine_name, predictor.note)
            judged = {"name": predictor.card.name, "sha256": predictor.card.sha256}
            answer = _from_model(predictor, plan.threshold)
        else:
            predictor = None
            judged = {"name": str(plan.predictions), "sha256": ""}
            answer = _from_files(plan.predictions)
        begin = time.monotonic()
        for done, (photo, mask) in enumerate(pairs.found):
            token.check()
            left = (time.monotonic() - begin) / done * (len(pairs.found) - done) if done else None
            yield Progress("Evaluating", done, len(pairs.found), left)
            try:
                scores.append(_score(photo, mask, answer, plan.tolerance_px))
            except (PhotoError, MaskError) as error:
                failed.append((photo.name, str(error)))
                yield CaseFailed(photo, str(error))
        engine = "files" if predictor is None else predictor.engine_name
    yield Progress("Evaluating", len(pairs.found), len(pairs.found), 0.0)
    head = {"model": judged, "engine": engine}
    yield EvaluationFinished(head | _report(plan, scores, failed, pairs), tuple(scores))


def _by_stem(folder: Path) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in list_photos(folder):
        found.setdefault(path.stem, []).append(path)
    return found


def _from_model(predictor: Predictor, threshold: float | None) -> _Answer:
    def answer(path: Path, shape: tuple[int, int]) -> tuple[MaskArray, float | None]:
        photo = read_photo(path)
        if photo.shape != shape:
            raise MaskError(
                f"The reference mask of {path.name} has {shape[1]}×{shape[0]} pixels, "
                f"the photo {photo.shape[1]}×{photo.shape[0]}: they do not belong together."
            )
        begin = time.perf_counter()
        _, mask = predict_mask(predictor, photo, threshold)
        return mask, time.perf_counter() - begin

    return answer


def _from_files(folder: Path) -> _Answer:
    known = _by_stem(folder)

    def answer(path: Path, shape: tuple[int, int]) -> tuple[MaskArray, float | None]:
        files = known.get(path.stem, [])
        if len(files) != 1:
            raise MaskError(f"There are {len(files)} masks named {path.stem} in {folder}; there must be one.")
        return read_mask(files[0], shape), None

    return answer


def _score(photo: Path, reference_file: Path, answer: _Answer, tolerance_px: float) -> CaseScore:
    reference = read_mask(reference_file)
    shape = (int(reference.shape[0]), int(reference.shape[1]))
    mask, seconds = answer(photo, shape)
    measures = agreement(mask, reference, tolerance_px=tolerance_px)
    return CaseScore(photo.name, measures, seconds, shape, (svg_path(reference), svg_path(mask)))


def svg_path(mask: MaskArray) -> str:
    """The outlines of a mask as SVG path data, in pixels, to half a pixel."""
    contours, _ = cv2.findContours((mask != 0).view(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    parts = []
    for contour in contours:
        points = cv2.approxPolyDP(contour, 0.5, closed=True)[:, 0]
        parts.append("M" + "L".join(f"{x} {y}" for x, y in points.tolist()) + "Z")
    return "".join(parts)


def _report(
    plan: EvaluatePlan, scores: Sequence[CaseScore], failed: Sequence[tuple[str, str]], pairs: Pairs
) -> dict[str, Any]:
    """The document of `evaluate --json` after the model; null where there is nothing to average."""
    tables: dict[str, Any] = {
        name: _summary([getattr(s.agreement, name) for s in scores]) for name in _MEASURES
    }
    tables["nsd"] = {"tolerance_px": plan.tolerance_px, **tables["nsd"]}
    seconds = [s.seconds for s in scores if s.seconds is not None]
    return {
        "n": len(scores),
        "failed": [{"name": name, "reason": reason} for name, reason in failed],
        "orphans": [{"name": path.name, "reason": reason} for path, reason in pairs.orphans],
        **tables,
        "seconds": {"predict_median": statistics.median(seconds) if seconds else None},
        "cases": [{"name": s.name, **{m: getattr(s.agreement, m) for m in _MEASURES}} for s in scores],
    }


def _summary(values: Sequence[float]) -> dict[str, Any]:
    if not values:
        return dict.fromkeys(("mean", "ci95", "median", "min", "max"))
    return {
        "mean": statistics.fmean(values),
        "ci95": list(bootstrap_interval(values)),
        "median": statistics.median(values),
        "min": min(values),
        "max": max(values),
    }
