"""From a photo to a probability at its own size."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Self

import numpy as np

from tongue_viewer.core.cases import Prediction
from tongue_viewer.core.letterbox import Letterbox
from tongue_viewer.core.models import ModelCard
from tongue_viewer.core.photo import ProbabilityArray, RgbArray
from tongue_viewer.core.settings import DeviceChoice, EngineChoice
from tongue_viewer.inference.engine import Engine, EngineOptions, PrecisionChoice, open_engine
from tongue_viewer.inference.looks import Looks
from tongue_viewer.inference.registry import find_model, read_card


class Predictor:
    """One loaded model. Safe to use from several threads, one photo at a time.

    Example:
        >>> from tongue_viewer import Predictor  # doctest: +SKIP
        >>> probability = Predictor().predict(rgb)  # doctest: +SKIP
    """

    def __init__(
        self,
        model: str | Path | None = None,
        *,
        engine: EngineChoice = "auto",
        device: DeviceChoice = "auto",
        precision: PrecisionChoice = "auto",
        threads: int | None = None,
    ) -> None:
        """Load a model.

        Args:
            model: name of the registry, model folder, training run, or None for the current model.
            engine: see `EngineOptions`, as the rest.
            device: where to run.
            precision: of convolutions.
            threads: of the CPU.

        Raises:
            ModelError: no such model, or it is damaged.
            EngineError: the engine is not available, or there is not enough memory.
            UsageError: an unknown word.
        """
        folder = find_model(model)
        self.card: ModelCard = read_card(folder)
        options = EngineOptions(engine, device, precision, threads)
        self._engine: Engine = open_engine(folder, options)
        self._lock = threading.Lock()

    @classmethod
    def with_options(cls, model: str | Path | None, options: EngineOptions) -> Self:
        """As `Predictor(model, …)`, with the options as one value."""
        return cls(
            model,
            engine=options.engine,
            device=options.device,
            precision=options.precision,
            threads=options.threads,
        )

    @property
    def engine_name(self) -> str:
        """For example "torch-cpu"; another one after a fall-back."""
        return self._engine.name

    @property
    def note(self) -> str:
        """What the person should know of the engine, for example why CUDA is not used, or ""."""
        return self._engine.note

    def predict(self, rgb: RgbArray) -> ProbabilityArray:
        """The probability of each class at the photo's own size.

        Args:
            rgb: (H, W, 3) uint8, any size.

        Returns:
            (N, H, W) float32 in 0..1.

        Raises:
            ValueError: another shape or dtype.
            EngineError: the engine failed and no other could take over.
        """
        grid = self._run(rgb)
        box = Letterbox.fit((rgb.shape[0], rgb.shape[1]), (grid.shape[1], grid.shape[2]))
        return box.probability_to_photo(grid)

    def predict_grid(self, rgb: RgbArray) -> Prediction:
        """As `predict`, kept on a grid of the whole photo as uint8: what the case store holds."""
        begin = time.perf_counter()
        grid = np.rint(self._run(rgb) * 255).astype(np.uint8)
        grid.setflags(write=False)
        return Prediction(
            grid=grid,
            shape=(int(rgb.shape[0]), int(rgb.shape[1])),
            threshold=self.card.threshold,
            model_name=self.card.name,
            model_sha256=self.card.sha256,
            engine=self.engine_name,
            seconds=time.perf_counter() - begin,
        )

    def close(self) -> None:
        """Give the memory back; waits for a photo in hand."""
        with self._lock:
            self._engine.close()

    def _run(self, rgb: RgbArray) -> ProbabilityArray:
        """(N, h, w) float32 on a grid of the whole photo."""
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
            raise ValueError(f"a photo is (H, W, 3) uint8, got {rgb.shape} {rgb.dtype}")
        with self._lock:
            return Looks.of(self.card).grid(self._engine.run, rgb)
