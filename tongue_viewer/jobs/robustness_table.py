"""From the scores of single photos to the document of `robustness --json`."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tongue_viewer.core.conditions import FAMILIES, UNCHANGED, Condition
from tongue_viewer.core.grid_ceiling import SHIFT_PX
from tongue_viewer.core.metrics import bootstrap_interval


@dataclass(frozen=True)
class CellScore:
    """One photo under one condition.

    Attributes:
        name: of the photo's file.
        dice: with the reference, at the size that the condition gives.
        ceiling: `shift_ceiling` of that reference.
        tongue_part: of the frame's area, 0..1.
    """

    name: str
    dice: float
    ceiling: float
    tongue_part: float


@dataclass(frozen=True)
class PictureScore:
    """One picture without a tongue: the part of its frame that the model takes for tongue, 0..1."""

    name: str
    part: float


@dataclass(frozen=True, eq=False)
class SetScores:
    """One set of photos.

    Attributes:
        name: short, unique.
        cells: condition key → one score for each photo that the condition could be made of.
        orphans: file without partner, and why.
    """

    name: str
    cells: dict[str, list[CellScore]]
    orphans: tuple[tuple[str, str], ...] = ()


def robustness_report(
    conditions: Sequence[Condition],
    sets: Sequence[SetScores],
    pictures: Mapping[str, Sequence[PictureScore]],
    failed: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    """The document after the model; null where there is nothing to average.

    Differences are in Dice, 0..1 (0.01 = one point). The best cell of a family is its highest mean, "unchanged"
    being a member of every family.
    """
    return {
        "ceiling_shift_px": SHIFT_PX,
        "conditions": [{"key": c.key, "family": c.family, "label": c.label} for c in conditions],
        "families": {
            family: text for family, text in FAMILIES.items() if family in {c.family for c in conditions}
        },
        "failed": [{"name": name, "reason": reason} for name, reason in failed],
        "sets": [_set(conditions, one) for one in sets],
        "tongue_free": {
            "groups": [{"name": name, **_areas(scores)} for name, scores in pictures.items()],
            "all": _areas([score for scores in pictures.values() for score in scores], listed=False),
        },
    }


def _set(conditions: Sequence[Condition], one: SetScores) -> dict[str, Any]:
    cells = [_cell(c, one.cells[c.key], one.cells[UNCHANGED]) for c in conditions]
    families = {}
    for family in dict.fromkeys(c.family for c in conditions):
        means = {
            cell["condition"]: cell["dice"]["mean"]
            for cell in cells
            if cell["family"] in (family, UNCHANGED) and cell["n"]
        }
        families[family] = _spread(means)
        for cell in cells:
            if cell["family"] == family:
                best = families[family]["best_mean"]
                cell["to_best"] = cell["dice"]["mean"] - best if cell["n"] else None
    return {
        "name": one.name,
        "n": len(one.cells[UNCHANGED]),
        "orphans": [{"name": name, "reason": reason} for name, reason in one.orphans],
        "cells": cells,
        "families": families,
    }


def _cell(
    condition: Condition, scores: Sequence[CellScore], unchanged: Sequence[CellScore]
) -> dict[str, Any]:
    head: dict[str, Any] = {"condition": condition.key, "family": condition.family, "n": len(scores)}
    if not scores:
        nothing = dict.fromkeys(("mean", "ci95"))
        return head | {
            "dice": dict.fromkeys(("mean", "ci95", "median", "min")),
            "lowest": None,
            "difference": nothing,
            "ceiling": None,
            "tongue_part": None,
            "photos": [],
        }
    dice = [score.dice for score in scores]
    before = {score.name: score.dice for score in unchanged}
    changes = [score.dice - before[score.name] for score in scores]
    lowest = min(scores, key=lambda score: score.dice)
    return head | {
        "dice": {**_mean(dice), "median": statistics.median(dice), "min": lowest.dice},
        "lowest": lowest.name,
        "difference": _mean(changes),
        "ceiling": statistics.fmean(score.ceiling for score in scores),
        "tongue_part": statistics.fmean(score.tongue_part for score in scores),
        "photos": [{"name": score.name, "dice": score.dice} for score in scores],
    }


def _mean(values: Sequence[float]) -> dict[str, Any]:
    return {"mean": statistics.fmean(values), "ci95": list(bootstrap_interval(values))}


def _spread(means: Mapping[str, float]) -> dict[str, Any]:
    """The best and the worst cell of a family, and the distance between them."""
    if not means:
        return dict.fromkeys(("best", "best_mean", "worst", "gap"))
    best, worst = max(means, key=means.__getitem__), min(means, key=means.__getitem__)
    return {"best": best, "best_mean": means[best], "worst": worst, "gap": means[best] - means[worst]}


def _areas(scores: Sequence[PictureScore], *, listed: bool = True) -> dict[str, Any]:
    """Mean, largest and how many of the false areas, parts of the frame 0..1."""
    largest = max(scores, key=lambda score: score.part, default=None)
    table: dict[str, Any] = {
        "n": len(scores),
        "mean": statistics.fmean(score.part for score in scores) if scores else None,
        "max": largest.part if largest else None,
        "largest": largest.name if largest else None,
        "with_any": sum(score.part > 0 for score in scores),
    }
    if listed:
        table["pictures"] = [{"name": score.name, "part": score.part} for score in scores]
    return table
