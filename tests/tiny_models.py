"""Model folders with a very small network, for tests that need a model but no good one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from tongue_viewer.core.models import ModelCard
from tongue_viewer.core.photo import RgbArray
from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.segmenter import build_network
from tongue_viewer.network.weights import save_model

SIZE = 64
"""Side of the tiny networks' input, in pixels."""


def save_tiny_model(
    folder: Path, *, name: str = "tiny", seed: int = 0, classes: tuple[str, ...] = ("tongue",)
) -> ModelCard:
    """Write a model whose answers are random but repeatable, and neither all background nor all tongue."""
    torch.manual_seed(seed)
    network = build_network(NetworkConfig.tiny(class_names=classes))
    torch.nn.init.normal_(network.decoder.classifier.weight, std=1.0)
    return save_model(folder, network, ModelCard(name=name, network={}, input_size=SIZE, threshold=0.5))


def random_photo(shape: tuple[int, int] = (48, 80), seed: int = 0) -> RgbArray:
    """A photo of smooth random colours."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    rows = np.linspace(0, 5, shape[0]).round().astype(int)
    columns = np.linspace(0, 7, shape[1]).round().astype(int)
    return np.ascontiguousarray(coarse[rows][:, columns])
