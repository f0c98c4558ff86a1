"""What an evaluation found, photo by photo, and the document of `evaluate --json` made from it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from tongue_viewer.core.metrics import Agreement, bootstrap_interval
from tongue_viewer.core.quality import Correlation, Ranking

_MEASURES = tuple(f.name for f in fields(Agreement))


@dataclass(frozen=True)
class CaseScore:
    """How one photo's mask agrees with its reference, both at the photo's own size.

    Attributes:
        name: of the photo's file.
        agreement: the measures.
        seconds: from the decoded photo to the mask at its own size; None where the mask came from a file.
        shape: (H, W).
        outlines: of the reference and of the mask, as SVG path data in pixels.
        quality: expected Dice of the mask (`core.quality`), 0..1; None where the mask came from a file.
    """

    name: str
    agreement: Agreement
    seconds: float | None
    shape: tuple[int, int]
    outlines: tuple[str, str]
    quality: float | None = None


def report_of(
    scores: Sequence[CaseScore],
    failed: Sequence[tuple[str, str]],
    orphans: Sequence[tuple[Path, str]],
    *,
    tolerance_px: float,
    calibration: dict[str, Any] | None,
) -> dict[str, Any]:
    """The document after the model; null where there is nothing to average.

    Args:
        scores: of the photos that could be judged.
        failed: name and reason of the others.
        orphans: files without a partner, and the reason.
        tolerance_px: of the normalised surface Dice.
        calibration: of `Calibration.report`.
    """
    tables: dict[str, Any] = {
        name: _summary([getattr(s.agreement, name) for s in scores]) for name in _MEASURES
    }
    tables["nsd"] = {"tolerance_px": tolerance_px, **tables["nsd"]}
    seconds = [s.seconds for s in scores if s.seconds is not None]
    return {
        "n": len(scores),
        "failed": [{"name": name, "reason": reason} for name, reason in failed],
        "orphans": [{"name": path.name, "reason": reason} for path, reason in orphans],
        **tables,
        "calibration": calibration,
        "quality": _ranking(scores),
        "seconds": {"predict_median": statistics.median(seconds) if seconds else None},
        "cases": [
            {"name": s.name, **{m: getattr(s.agreement, m) for m in _MEASURES}, "quality": s.quality}
            for s in scores
        ],
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


def _ranking(scores: Sequence[CaseScore]) -> dict[str, Any] | None:
    """Whether the quality orders the photos as their true Dice does; None where no mask has a quality."""
    pairs = [(s.quality, s.agreement.dice) for s in scores if s.quality is not None]
    if not pairs:
        return None
    quality, dice = zip(*pairs, strict=True)
    ranking = Ranking.of(quality, dice)
    return {
        "n": ranking.n,
        **_correlation("spearman", ranking.spearman),
        "ci95": list(ranking.spearman.ci95) if ranking.spearman else None,
        **_correlation("kendall", ranking.kendall),
        "kendall_ci95": list(ranking.kendall.ci95) if ranking.kendall else None,
        "mean_quality": statistics.fmean(quality),
        "mean_dice": statistics.fmean(dice),
    }


def _correlation(name: str, found: Correlation | None) -> dict[str, float | None]:
    return {name: found.value if found else None}
