"""Photos, masks, predictions and steps for the tests of the case database."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from tongue_viewer.core.cases import CaseStatus, EditStep, Origin, Prediction
from tongue_viewer.core.photo import MaskArray, Photo

SHAPE = (40, 50)


def make_photo(path: Path, content: bytes = b"one", shape: tuple[int, int] = SHAPE) -> Photo:
    """A photo whose file is there; the store never decodes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Photo(path, np.zeros((*shape, 3), np.uint8), hashlib.sha256(content).hexdigest())


def make_mask(seed: int = 0, shape: tuple[int, int] = SHAPE, classes: int = 1) -> MaskArray:
    mask = np.random.default_rng(seed).integers(0, classes + 1, shape).astype(np.uint8)
    mask.flags.writeable = False
    return mask


def make_prediction(shape: tuple[int, int] = SHAPE, model: str = "base") -> Prediction:
    grid = np.random.default_rng(5).integers(0, 256, (1, 16, 16)).astype(np.uint8)
    return Prediction(grid, shape, 0.4, model, "f" * 64, "torch-cpu", 0.7)


def make_step(case_id: str, mask: MaskArray, revision: int = 1, **changes: object) -> EditStep:
    values: dict[str, object] = {
        "case_id": case_id,
        "action": "Brush",
        "tool": "brush",
        "origin": Origin.HUMAN,
        "mask": mask,
        "patch": b"",
        "status": CaseStatus.EDITED,
        "revision": revision,
        "made": 1_700_000_000.0 + revision,
    }
    return EditStep(**{**values, **changes})  # type: ignore[arg-type]
