"""The card of a model that a run writes."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from tongue_viewer.core.models import ModelCard
from tongue_viewer.core.training import TrainPlan
from tongue_viewer.training.judge import Overlap


def versions() -> dict[str, str]:
    """The libraries that a result depends on."""
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
    }


def run_card(
    plan: TrainPlan,
    epoch: int,
    minutes: float,
    counts: Mapping[str, int],
    digests: Mapping[str, str],
    results: Sequence[Overlap],
) -> ModelCard:
    """What is known of the model after `epoch`; `save_model` adds the files and their sha256."""
    scores: dict[str, Any] = {}
    if results:
        dice = sorted((r.dice, r.name) for r in results)
        scores["held back"] = {
            "n": len(results),
            "dice": {"mean": sum(d for d, _ in dice) / len(dice), "min": dice[0][0]},
            "iou": {"mean": sum(r.iou for r in results) / len(results)},
            "worst": [{"name": name, "dice": value} for value, name in dice[:5]],
        }
    return ModelCard(
        name=plan.name or Path(plan.run).resolve().name,
        network=plan.network,
        input_size=plan.size,
        description=f"trained from {Path(plan.init).name or plan.init}, round {epoch} of {plan.epochs}",
        training={
            "plan": plan.to_json(),
            "epoch": epoch,
            "minutes": round(minutes, 1),
            "photos": dict(counts),
            "data_sha256": dict(digests),
            "versions": versions(),
        },
        data={
            "source": "the photos named in the plan",
            "licence": "as the photos; not checked by the program",
        },
        scores=scores,
        limits=("Judged on the photos that were held back from this training, and on nothing else.",),
    )
