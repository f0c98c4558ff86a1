"""Small phantoms for the training tests: a reddish ellipse on a skin-coloured ground, with its mask."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.training import AugmentPlan, FolderPair, TrainPlan
from tongue_viewer.network.config import NetworkConfig

TINY_NETWORK = NetworkConfig.tiny().to_json()
"""The smallest network, as a plan stores it."""


def phantom(seed: int, height: int = 48, width: int = 64) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(H, W, 3) uint8 photo and (H, W) uint8 mask 0/1."""
    rng = np.random.default_rng(seed)
    mask = np.zeros((height, width), np.uint8)
    centre = (int(width * rng.uniform(0.4, 0.6)), int(height * rng.uniform(0.45, 0.6)))
    axes = (int(width * rng.uniform(0.15, 0.25)), int(height * rng.uniform(0.2, 0.32)))
    cv2.ellipse(mask, centre, axes, float(rng.uniform(-15, 15)), 0, 360, 1, -1)
    rgb = np.where(mask[..., None] > 0, np.array([170, 60, 70]), np.array([205, 175, 150]))
    rgb = rgb + rng.normal(0, 6, rgb.shape)
    return np.clip(rgb, 0, 255).astype(np.uint8), mask


def write_png(path: Path, array: NDArray[np.uint8]) -> None:
    """Write (H, W) or (H, W, 3) RGB, also to a path that is not ASCII."""
    stored = array if array.ndim == 2 else cv2.cvtColor(array, cv2.COLOR_RGB2BGR)
    path.write_bytes(cv2.imencode(".png", stored)[1].tobytes())


def write_set(root: Path, count: int, first: int = 0, foreground: int = 255) -> FolderPair:
    """A folder of photos and one of masks under `root`."""
    images, masks = root / "images", root / "masks"
    images.mkdir(parents=True)
    masks.mkdir()
    for number in range(first, first + count):
        rgb, mask = phantom(number)
        write_png(images / f"p{number:02d}.png", rgb)
        write_png(masks / f"p{number:02d}.png", mask * np.uint8(foreground))
    return FolderPair(str(images), str(masks))


def tiny_plan(run: Path, *sets: FolderPair, **changes: object) -> TrainPlan:
    """A plan that trains in a second or two on one thread, in float32."""
    values: dict[str, object] = {
        "sets": sets,
        "init": "scratch",
        "network": TINY_NETWORK,
        "size": 64,
        "batch_size": 4,
        "epochs": 2,
        "val_fraction": 0.25,
        "precision": "float32",
        "device": "cpu",
        "threads": 1,
        "augment": AugmentPlan(),
    }
    return TrainPlan(str(run), **{**values, **changes})  # type: ignore[arg-type]
