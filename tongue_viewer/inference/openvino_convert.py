"""From the weights of a model to a network of OpenVINO."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from tongue_viewer.core.errors import EngineError
from tongue_viewer.inference.openvino_runtime import openvino
from tongue_viewer.network.segmenter import SIZE_MULTIPLE, TongueNet
from tongue_viewer.network.weights import load_model


class _Answer(nn.Module):
    """From a photo's bytes to the probability: what an engine adds to the network, in one graph."""

    mean: Tensor
    std: Tensor

    def __init__(self, network: TongueNet) -> None:
        super().__init__()
        self.network = network
        mean, std = (torch.tensor(values) * 255 for values in (network.config.mean, network.config.std))
        self.register_buffer("mean", mean[:, None, None])
        self.register_buffer("std", std[:, None, None])

    def forward(self, pixels: Tensor) -> Tensor:
        """(B, h, w, 3) uint8, h and w multiples of 32 → (B, N, h, w) float32 in 0..1."""
        x = (pixels.permute(0, 3, 1, 2).float() - self.mean) / self.std
        return self.network.forward_aligned(x).sigmoid()


def convert_model(folder: Path) -> openvino.Model:
    """The network of a model folder: (1, h, w, 3) uint8 RGB → (1, N, h, w) float32 in 0..1, float32 weights.

    h and w are free, in multiples of 32.

    Raises:
        ModelError: the model cannot be used.
        EngineError: OpenVINO does not know a part of the network.
    """
    network, _ = load_model(folder)
    _fold_normalisations(network)
    example = torch.zeros(1, 2 * SIZE_MULTIPLE, 2 * SIZE_MULTIPLE, 3, dtype=torch.uint8)
    try:
        with warnings.catch_warnings(), torch.inference_mode():
            warnings.simplefilter("ignore")  # OpenVINO traces the network in a way that torch is giving up
            return openvino.convert_model(
                _Answer(network).eval(),
                example_input=example,
                input=[openvino.PartialShape([1, -1, -1, 3])],
            )
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1]
        raise EngineError(
            f"OpenVINO cannot convert the model in {folder}: {reason} Use --engine torch."
        ) from error


def _fold_normalisations(module: nn.Module) -> None:
    """Put each batch normalisation into the convolution that stands before it; the answers stay the same.

    OpenVINO does so itself, but leaves the convolution without its name, by which a recipe finds it.
    """
    before: tuple[str, nn.Module] = ("", module)
    for name, child in list(module.named_children()):
        if isinstance(child, nn.BatchNorm2d) and isinstance(before[1], nn.Conv2d):
            setattr(module, before[0], fuse_conv_bn_eval(before[1], child))
            setattr(module, name, nn.Identity())
        _fold_normalisations(child)
        before = (name, child)
