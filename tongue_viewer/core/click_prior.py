"""How likely it is that a cell has the label of a click: a small network over `click_features`."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.click_features import FEATURES
from tongue_viewer.core.click_weights import LAYERS, WEIGHTS

_ROWS = 256  # so small a product is not spread over threads, which wait long for each other on busy cores

Layers = list[tuple[NDArray[np.float32], NDArray[np.float32]]]
"""(in, out) weight and (out,) bias of each layer; ReLU between them."""


def layers_of(text: str, sizes: tuple[int, ...]) -> Layers:
    """The layers that numbers separated by white space mean: for each, its weight row by row, then its bias.

    Raises:
        ValueError: too few or too many numbers.
    """
    numbers = np.array(text.split(), np.float32)
    layers, start = [], 0
    for count_in, count_out in pairwise(sizes):
        middle, end = start + count_in * count_out, start + (count_in + 1) * count_out
        layers.append((numbers[start:middle].reshape(count_in, count_out), numbers[middle:end]))
        start = end
    if start != len(numbers):
        raise ValueError(f"layers of {sizes} have {start} numbers, got {len(numbers)}")
    return layers


def score_of(features: NDArray[np.float32], layers: Layers) -> NDArray[np.float32]:
    """(n, len(FEATURES)) float32 → (n,) float32: logarithm of the odds for the clicked label."""
    out = np.empty(len(features), np.float32)
    for start in range(0, len(features), _ROWS):
        values = features[start : start + _ROWS]
        for number, (weight, bias) in enumerate(layers):
            values = values @ weight + bias
            if number < len(layers) - 1:
                values = np.maximum(values, 0)
        out[start : start + _ROWS] = values[:, 0]
    return out


_LEARNED = layers_of(WEIGHTS, (len(FEATURES), *LAYERS, 1))


def learned_score(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """`score_of` with the weights that come with the program (`benchmarks.click_training`)."""
    return score_of(features, _LEARNED)
