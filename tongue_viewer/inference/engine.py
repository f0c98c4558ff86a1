"""What every engine offers, and which engines there are."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, get_args

from tongue_viewer.core.errors import EngineError, UsageError
from tongue_viewer.core.photo import ProbabilityArray, RgbArray
from tongue_viewer.core.settings import DeviceChoice, EngineChoice

PrecisionChoice = Literal["auto", "float32", "bfloat16", "float16"]


class Engine(Protocol):
    """Runs one model on one device."""

    @property
    def name(self) -> str:
        """For example "torch-cpu" or "torch-cuda"."""
        ...

    @property
    def note(self) -> str:
        """What the person should know, for example why CUDA is not used, or ""."""
        ...

    def run(self, batch: RgbArray) -> ProbabilityArray:
        """The probability of each class for photos on the network's grid.

        Args:
            batch: (B, h, w, 3) uint8, letterboxed photos, channels R, G, B.

        Returns:
            (B, N, h, w) float32 in 0..1.

        Raises:
            EngineError: the device or its driver failed, or there is not enough memory.
        """
        ...

    def close(self) -> None:
        """Give the memory back; the engine runs no more."""
        ...


@dataclass(frozen=True)
class EngineOptions:
    """How a model is to be run.

    Attributes:
        engine: "auto" takes the best engine that is there.
        device: "auto" takes CUDA where it works.
        precision: of convolutions; "auto" takes a shorter one only where it is faster and changes no mask.
        threads: of the CPU; None leaves the engine's own choice.
    """

    engine: EngineChoice = "auto"
    device: DeviceChoice = "auto"
    precision: PrecisionChoice = "auto"
    threads: int | None = None

    def __post_init__(self) -> None:
        for name, value, choices in (
            ("engine", self.engine, get_args(EngineChoice)),
            ("device", self.device, get_args(DeviceChoice)),
            ("precision", self.precision, get_args(PrecisionChoice)),
        ):
            if value not in choices:
                raise UsageError(f"{name} is {value!r}; use one of: {', '.join(choices)}")
        if self.threads is not None and self.threads < 1:
            raise UsageError(f"threads is {self.threads}; it must be at least 1")


def open_engine(folder: Path, options: EngineOptions) -> Engine:
    """Load the model of `folder` into the engine that `options` ask for.

    Raises:
        EngineError: the engine is not available here.
        ModelError: the model cannot be used.
    """
    return _OPENERS[options.engine](folder, options)


def let_threads_sleep() -> None:
    """Have OpenMP's threads sleep while they wait for each other; call before torch is first imported.

    By default they spin. Where another program computes too (training beside the window), a spinning thread
    keeps the core from the one that it waits for: a photo took 18 s instead of 1.3 s on two cores beside a
    training run. A value of OMP_WAIT_POLICY that the person has set is kept; child processes inherit it.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _open_torch(folder: Path, options: EngineOptions) -> Engine:
    let_threads_sleep()
    from tongue_viewer.inference.torch_engine import open_torch_engine

    return open_torch_engine(folder, options)


def _open_openvino(folder: Path, options: EngineOptions) -> Engine:  # noqa: ARG001 - as every opener
    raise EngineError(
        f"The engine {options.engine} is not part of this version. Use --engine torch, the default: it works."
    )


_OPENERS: dict[EngineChoice, Callable[[Path, EngineOptions], Engine]] = {
    "auto": _open_torch,
    "torch": _open_torch,
    "openvino": _open_openvino,
    "openvino-f32": _open_openvino,
}
