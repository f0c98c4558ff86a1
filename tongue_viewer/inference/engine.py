"""What every engine offers, and which engines there are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, get_args

from tongue_viewer.core.errors import EngineError, ModelDamagedError, UsageError
from tongue_viewer.core.photo import ProbabilityArray, RgbArray
from tongue_viewer.core.settings import DeviceChoice, EngineChoice
from tongue_viewer.inference.cuda_driver import cuda_device_count
from tongue_viewer.inference.forms import INT8
from tongue_viewer.inference.registry import read_card

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


def _open_auto(folder: Path, options: EngineOptions) -> Engine:
    """CUDA where it works, else the int8 form where the model has one, else torch on the CPU."""
    from tongue_viewer.inference.fallback import FallbackEngine, NotedEngine

    card = read_card(folder)
    if INT8 not in card.forms or options.device == "cuda" or options.precision != "auto":
        return _open_torch(folder, options)
    if options.device == "auto" and _cuda_works():
        return _open_torch(folder, options)
    try:
        with _openvino_is_needed():
            from tongue_viewer.inference.openvino_engine import open_int8
        first = open_int8(folder, card, options)
    except (EngineError, ModelDamagedError) as error:
        return NotedEngine(_open_torch(folder, options), f"{error} PyTorch computes instead.")
    return FallbackEngine(first, lambda: _open_torch(folder, options))


def _open_openvino(folder: Path, options: EngineOptions) -> Engine:
    """The int8 form where the model has a good one, else float32."""
    with _openvino_is_needed():
        from tongue_viewer.inference.openvino_engine import open_float32, open_int8

    card = read_card(folder)
    _refuse_precision(options)
    if INT8 not in card.forms:
        note = f"The model {card.name} has no int8 form; float32 is computed."
        return open_float32(folder, options, note)
    try:
        return open_int8(folder, card, options)
    except ModelDamagedError as error:
        return open_float32(folder, options, f"{error} Float32 is computed instead.")


def _open_openvino_float32(folder: Path, options: EngineOptions) -> Engine:
    with _openvino_is_needed():
        from tongue_viewer.inference.openvino_engine import open_float32

    if options.precision != "float32":
        _refuse_precision(options)
    return open_float32(folder, options)


@contextmanager
def _openvino_is_needed() -> Iterator[None]:
    """Say what to do where the import inside fails."""
    try:
        yield
    except (ImportError, OSError) as error:  # OSError: a library of OpenVINO's own does not load
        raise EngineError(
            f"OpenVINO cannot be loaded ({error}). Install the program again, or use --engine torch."
        ) from error


def _refuse_precision(options: EngineOptions) -> None:
    if options.precision != "auto":
        raise UsageError(
            f"precision {options.precision} is for the engine torch; OpenVINO has int8 (--engine openvino) "
            "and float32 (--engine openvino-f32)"
        )


def _cuda_works() -> bool:
    """Whether torch can use CUDA; torch is only loaded where the driver names a device."""
    if cuda_device_count() == 0:
        return False
    let_threads_sleep()
    try:
        from tongue_viewer.inference.torch_engine import cuda_problem
    except (
        ImportError,
        OSError,
        RuntimeError,
    ):  # a broken torch: what needs none goes on, the rest will say so
        return False
    return cuda_problem() == ""


_OPENERS: dict[EngineChoice, Callable[[Path, EngineOptions], Engine]] = {
    "auto": _open_auto,
    "torch": _open_torch,
    "openvino": _open_openvino,
    "openvino-f32": _open_openvino_float32,
}
