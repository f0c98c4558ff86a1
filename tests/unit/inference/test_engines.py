"""What happens when a device fails, and how precision is chosen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.tiny_models import SIZE, random_photo, save_tiny_model
from tongue_viewer.core.errors import EngineError
from tongue_viewer.core.photo import ProbabilityArray, RgbArray
from tongue_viewer.inference.engine import EngineOptions, open_engine
from tongue_viewer.inference.fallback import FallbackEngine
from tongue_viewer.inference.torch_engine import TorchEngine, choose_precision, cuda_problem
from tongue_viewer.network.config import NetworkConfig


class FailingDevice:
    """An engine whose device works for some batches and then fails, as a GPU that another program fills."""

    name = "torch-cuda"
    note = ""

    def __init__(self, good_batches: int) -> None:
        self.left = good_batches
        self.calls = 0
        self.closed = False

    def run(self, batch: RgbArray) -> ProbabilityArray:
        self.calls += 1
        if self.left == 0:
            raise EngineError("torch-cuda: not enough memory for the model.")
        self.left -= 1
        return np.full((len(batch), 1, SIZE, SIZE), 0.25, np.float32)

    def close(self) -> None:
        self.closed = True


class FailingNetwork(nn.Module):
    """A network that fails as torch does: with an error of its own at the first convolution."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def forward(self, x: Tensor) -> Tensor:
        raise self.error


BATCH = random_photo((SIZE, SIZE))[None]


def test_the_cpu_goes_on_where_the_device_fails(tmp_path: Path) -> None:
    save_tiny_model(tmp_path / "tiny")
    cpu = EngineOptions(device="cpu", precision="float32")
    device = FailingDevice(good_batches=1)
    engine = FallbackEngine(device, lambda: open_engine(tmp_path / "tiny", cpu))
    assert engine.run(BATCH).max() == 0.25
    assert (engine.name, engine.note) == ("torch-cuda", "")
    answer = engine.run(BATCH)  # the batch that failed is not lost
    np.testing.assert_array_equal(answer, open_engine(tmp_path / "tiny", cpu).run(BATCH))
    assert engine.name == "torch-cpu"
    assert "not enough memory" in engine.note
    assert "torch-cpu goes on" in engine.note
    assert device.closed
    engine.run(BATCH)
    assert device.calls == 2  # it is not asked again


def test_the_spares_own_failure_is_told() -> None:
    engine = FallbackEngine(FailingDevice(0), lambda: FailingDevice(0))
    with pytest.raises(EngineError, match="not enough memory"):
        engine.run(BATCH)


def test_a_spare_that_cannot_be_made_is_tried_again_for_the_next_photo() -> None:
    tries = []

    def spare() -> FailingDevice:
        tries.append(1)
        if len(tries) == 1:
            raise EngineError("torch-cpu: not enough memory for the model.")
        return FailingDevice(good_batches=1)

    engine = FallbackEngine(FailingDevice(0), spare)
    with pytest.raises(EngineError, match="torch-cpu: not enough memory"):
        engine.run(BATCH)
    assert engine.run(BATCH).max() == 0.25


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"), "not enough memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: 2 GB"), "not enough memory"),
        (
            RuntimeError("CUDA error: unspecified launch failure\nCompile with …"),
            "unspecified launch failure$",
        ),
    ],
)
def test_what_torch_raises_becomes_an_engine_error(error: Exception, text: str) -> None:
    engine = TorchEngine(FailingNetwork(error), NetworkConfig.tiny(), "cpu", torch.float32)
    with pytest.raises(EngineError, match=text):
        engine.run(BATCH)


def test_a_fault_of_the_program_is_not_taken_for_a_device_failure() -> None:
    engine = TorchEngine(FailingNetwork(ValueError("a bug")), NetworkConfig.tiny(), "cpu", torch.float32)
    with pytest.raises(ValueError, match="a bug"):
        engine.run(BATCH)


def test_precision_is_as_asked_for() -> None:
    assert choose_precision("cpu", EngineOptions(precision="bfloat16")) == torch.bfloat16
    assert choose_precision("cpu", EngineOptions(precision="float32")) == torch.float32


@pytest.mark.skipif(cuda_problem() == "", reason="a CUDA device is here: nothing to fall back from")
def test_cuda_asked_for_and_absent_runs_on_the_cpu_and_says_so(tmp_path: Path) -> None:
    save_tiny_model(tmp_path / "tiny")
    engine = open_engine(tmp_path / "tiny", EngineOptions(device="cuda"))
    assert engine.name == "torch-cpu"
    assert "CUDA cannot be used" in engine.note
    assert engine.run(BATCH).shape == (1, 1, SIZE, SIZE)
    assert open_engine(tmp_path / "tiny", EngineOptions(device="auto")).name == "torch-cpu"


@pytest.mark.skipif(cuda_problem() != "", reason="needs a CUDA device")
def test_cuda_gives_the_masks_of_the_cpu(tmp_path: Path) -> None:
    save_tiny_model(tmp_path / "tiny")
    on_cuda = open_engine(tmp_path / "tiny", EngineOptions(device="cuda", precision="float32"))
    on_cpu = open_engine(tmp_path / "tiny", EngineOptions(device="cpu", precision="float32"))
    assert on_cuda.name == "torch-cuda"
    np.testing.assert_allclose(on_cuda.run(BATCH), on_cpu.run(BATCH), atol=5e-3)
