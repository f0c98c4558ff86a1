"""The model on PyTorch: CPU or CUDA."""

from __future__ import annotations

import functools
import gc
import math
import time
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from tongue_viewer.core.errors import EngineError
from tongue_viewer.core.photo import ProbabilityArray, RgbArray
from tongue_viewer.inference.engine import Engine, EngineOptions
from tongue_viewer.inference.fallback import FallbackEngine
from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.weights import load_model

NO_CUDA_DEVICE = "no CUDA device was found"
"""The usual reason for a CPU, of which nobody needs to be told."""

_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


class TorchEngine:
    """One network on one torch device.

    Convolutions run channels_last, which is a third faster than the default layout on a CPU, and under
    autocast where `precision` is not float32; the sigmoid is always computed in float32.
    """

    def __init__(
        self, network: nn.Module, config: NetworkConfig, device: str, precision: torch.dtype, note: str = ""
    ) -> None:
        """Take over `network` (evaluation mode, moved to `device`).

        Raises:
            EngineError: the device or its driver failed, or it has too little memory.
        """
        self._device, self._precision, self._note = torch.device(device), precision, note
        self._network: nn.Module | None = None
        try:
            self._network = network.eval().to(self._device).to(memory_format=torch.channels_last)
            self._mean = torch.tensor(config.mean, device=self._device)[:, None, None]
            self._std = torch.tensor(config.std, device=self._device)[:, None, None]
        except RuntimeError as error:
            raise _engine_error(self.name, error) from error

    @property
    def name(self) -> str:
        """Engine and device: "torch-cpu" or "torch-cuda"."""
        return f"torch-{self._device.type}"

    @property
    def note(self) -> str:
        """Why CUDA is not used although it was looked for, or ""."""
        return self._note

    @property
    def precision(self) -> torch.dtype:
        """Of the convolutions."""
        return self._precision

    def run(self, batch: RgbArray) -> ProbabilityArray:
        """As `Engine.run`."""
        if self._network is None:
            raise EngineError(f"{self.name} was closed; load the model again.")
        try:
            with torch.inference_mode():
                return self._forward(self._network, batch)
        except RuntimeError as error:  # torch's errors of memory, device and driver are all RuntimeErrors
            raise _engine_error(self.name, error) from error

    def close(self) -> None:
        """Drop the network, and give CUDA's memory back."""
        self._network = None
        if self._device.type == "cuda":
            gc.collect()
            torch.cuda.empty_cache()

    def _forward(self, network: nn.Module, batch: RgbArray) -> ProbabilityArray:
        pixels = torch.from_numpy(np.array(batch, order="C")).to(
            self._device
        )  # (B, h, w, 3) uint8, an own copy
        x = pixels.permute(0, 3, 1, 2).float()  # (B, 3, h, w), channels_last without a copy
        x = x.div_(255).sub_(self._mean).div_(self._std)
        with torch.autocast(self._device.type, self._precision, enabled=self._precision != torch.float32):
            logits: Tensor = network(x)  # (B, N, h, w)
        probability: ProbabilityArray = logits.float().sigmoid().cpu().numpy()
        return np.ascontiguousarray(probability)


def open_torch_engine(folder: Path, options: EngineOptions) -> Engine:
    """The model of `folder` on CUDA with the CPU as spare, or on the CPU.

    Raises:
        ModelError: the model cannot be used.
        EngineError: there is not enough memory for it.
    """
    if options.threads is not None:
        torch.set_num_threads(options.threads)

    def on(device: str, note: str = "") -> TorchEngine:
        network, _ = load_model(folder)
        return TorchEngine(network, network.config, device, choose_precision(device, options), note)

    problem = cuda_problem()
    if options.device == "cpu" or (problem == NO_CUDA_DEVICE and options.device == "auto"):
        return on("cpu")
    if problem:
        return on("cpu", f"CUDA cannot be used ({problem}); the CPU is used instead.")
    try:
        return FallbackEngine(on("cuda"), lambda: on("cpu"))
    except EngineError as error:
        return on("cpu", f"{error} The CPU is used instead.")


def choose_precision(device: str, options: EngineOptions) -> torch.dtype:
    """The precision of convolutions that `options` mean on `device`.

    "auto" on a CPU is bfloat16 only where the processor multiplies in it (AMX, AVX512-BF16); on others
    autocast is slower than float32. Measured on a Xeon with AMX: the whole network at 512×512 takes 0.55 s of
    one core's time against 1.23 s; on an EPYC with AVX512-BF16 it takes about half as long too. Masks
    of a trained model (256×256) in both precisions agreed with a Dice of
    at least 0.9995 on 30 photos, and the mean Dice against the reference differed by less than 0.0001. On
    CUDA "auto" is bfloat16 from compute capability 8.0 (Ampere), float16 from 7.0 (Volta); not measured.
    """
    if options.precision != "auto":
        return _DTYPES[options.precision]
    if device == "cpu":
        return torch.bfloat16 if cpu_gains_by_bfloat16() else torch.float32
    capability = torch.cuda.get_device_capability()
    if capability >= (8, 0):
        return torch.bfloat16
    return torch.float16 if capability >= (7, 0) else torch.float32


def cpu_multiplies_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 in tiles (AMX) or vectors (AVX512-BF16): servers from 2022 on."""
    read = getattr(torch.cpu, "get_capabilities", None)  # older versions of torch cannot tell
    found = read() if read is not None else {}
    return bool(found.get("amx_bf16")) or bool(found.get("avx512_bf16"))


@functools.cache
def cpu_gains_by_bfloat16() -> bool:
    """Whether a convolution is faster in bfloat16 here: tried once, about 50 ms.

    The processor's word alone does not tell: of two with AVX512-BF16 one halved the time of a step, the other doubled it.
    """
    if not cpu_multiplies_bfloat16():
        return False
    layer = torch.nn.Conv2d(128, 128, 3, padding=1).to(memory_format=torch.channels_last)
    features = torch.rand(4, 128, 48, 48).to(memory_format=torch.channels_last)
    best = {False: math.inf, True: math.inf}
    with torch.inference_mode():
        for _ in range(4):  # in turns, so that a busy moment hits both
            for bfloat16 in (False, True):
                start = time.perf_counter()
                with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
                    layer(features)
                best[bfloat16] = min(best[bfloat16], time.perf_counter() - start)
    return best[True] < 0.9 * best[False]


def cuda_problem() -> str:
    """Why CUDA cannot be used, in one line, or "" where it can."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")  # torch reports a driver that is too old as a warning only
        if torch.cuda.is_available():
            return ""
    return str(caught[0].message).splitlines()[0] if caught else NO_CUDA_DEVICE


def _engine_error(name: str, error: RuntimeError) -> EngineError:
    lines = str(error).splitlines() or [type(error).__name__]
    if isinstance(error, torch.OutOfMemoryError) or "not enough memory" in lines[0]:
        return EngineError(
            f"{name}: not enough memory for the model. Close other programs, or use --device cpu."
        )
    return EngineError(f"{name}: {lines[0]}")
