"""Where and how precisely a training step is computed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from tongue_viewer.core.errors import TrainingError
from tongue_viewer.core.training import TrainPlan
from tongue_viewer.inference.torch_engine import cpu_gains_by_bfloat16


@dataclass(frozen=True)
class Compute:
    """A device and the precision of convolutions there; weights, norms' statistics and losses stay float32.

    Attributes:
        device: "cpu" or "cuda".
        bfloat16: whether convolutions run in bfloat16 (autocast).
    """

    device: torch.device
    bfloat16: bool

    @property
    def precision(self) -> str:
        """The name of the precision: "bfloat16" or "float32"."""
        return "bfloat16" if self.bfloat16 else "float32"

    @contextlib.contextmanager
    def autocast(self) -> Iterator[None]:
        """The context of one forward pass."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
            yield


def choose_compute(plan: TrainPlan) -> Compute:
    """The device and precision that `plan` names, or the fastest ones for "auto".

    One step of the whole network at 256 px, batch 8, on two cores: with AMX 2.2 s in bfloat16, on an EPYC
    with AVX512-BF16 3.1 s (6.0 s in float32). A Xeon with AVX512-BF16 was twice as slow in bfloat16, so it is tried.

    Raises:
        TrainingError: the named device or precision does not exist here.
    """
    has_cuda = torch.cuda.is_available()
    if plan.device == "cuda" and not has_cuda:
        raise TrainingError("no CUDA device is usable here; use --device auto or --device cpu")
    device = "cuda" if has_cuda and plan.device != "cpu" else "cpu"
    can = torch.cuda.is_bf16_supported() if device == "cuda" else cpu_gains_by_bfloat16()
    return Compute(torch.device(device), plan.precision == "bfloat16" or (plan.precision == "auto" and can))
