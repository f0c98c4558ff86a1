"""The card of a model that a run writes."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from tongue_viewer.core.metrics import bootstrap_interval
from tongue_viewer.core.models import ModelCard
from tongue_viewer.core.training import TrainPlan
from tongue_viewer.training.judge import Overlap

_PRIVATE = ("run", "sets", "val_sets", "cases", "init", "network")
"""Fields of the plan that the card leaves out: folders may bear names of people, and a model is passed on."""


@dataclass(frozen=True)
class Facts:
    """What a card says of how the model came about.

    Attributes:
        plan: with everything filled in.
        epoch: the one whose weights these are, from 1.
        minutes: spent so far.
        photos: number of photos by role.
        digests: sha256 over the photos and masks by role.
        results: of the held-back photos.
    """

    plan: TrainPlan
    epoch: int
    minutes: float
    photos: Mapping[str, int] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    results: Sequence[Overlap] = ()


def versions() -> dict[str, str]:
    """The libraries that a result depends on."""
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
    }


def run_card(facts: Facts) -> ModelCard:
    """The card of a run's model, naming no file; `save_model` adds what follows from the weights."""
    plan = facts.plan
    stored = {key: value for key, value in plan.to_json().items() if key not in _PRIVATE}
    started = Path(plan.init).name or "the current model"
    return ModelCard(
        name=plan.name or Path(plan.run).absolute().name,
        network=plan.network,
        input_size=plan.size,
        coarse_size=plan.coarse_size,
        focus_margin=plan.focus_margin,
        description=f"Trained from {started}, round {facts.epoch} of {plan.epochs}.",
        training={
            "plan": stored,
            "started_from": started,
            "epoch": facts.epoch,
            "minutes": round(facts.minutes, 1),
            "photos": dict(facts.photos),
            "data_sha256": dict(facts.digests),
            "versions": versions(),
        },
        data={"licence": "That of the photos it was trained on; not checked by the program."},
        scores={"held back": _scores(facts.results)} if facts.results else {},
        limits=("Judged on the photos that were held back from this training, and on nothing else.",),
    )


def _scores(results: Sequence[Overlap]) -> dict[str, Any]:
    """Mean, 95 % bootstrap interval and minimum over photos at their own size."""
    table: dict[str, Any] = {"n": len(results)}
    for name in ("dice", "iou"):
        values = [float(getattr(result, name)) for result in results]
        interval = list(bootstrap_interval(values))
        table[name] = {"mean": sum(values) / len(values), "ci95": interval, "min": min(values)}
    return table
