"""The loaded model, kept between jobs."""

from __future__ import annotations

import threading
from pathlib import Path

from tongue_viewer.core.models import ModelCard
from tongue_viewer.inference.engine import EngineOptions
from tongue_viewer.inference.predictor import Predictor
from tongue_viewer.inference.registry import find_model, read_card


class PredictorSource:
    """Loads the chosen model when it is first needed, and again when the choice or the files change.

    Safe to use from several threads; making one loads nothing.
    """

    def __init__(self, model: str | Path | None = None, options: EngineOptions | None = None) -> None:
        """Choose a model.

        Args:
            model: as for `Predictor`; None is the model that is current at the time of each job.
            options: how to run it; None: the best way here.
        """
        self._choice = (model, options or EngineOptions())  # replaced as a whole, so reading needs no lock
        self._loading = threading.RLock()
        self._loaded: tuple[Path, str, EngineOptions] | None = None
        self._predictor: Predictor | None = None

    def choose(self, model: str | Path | None, options: EngineOptions | None = None) -> None:
        """Use another model, or run it in another way, from the next job on; `options` None: as before.

        Never waits for a model that is being loaded, so the window may call it.
        """
        self._choice = (model, options or self._choice[1])

    def card(self) -> ModelCard:
        """The card of the chosen model; does not load it, nor torch.

        Raises:
            ModelError: there is no such model, or its card is damaged.
        """
        return read_card(find_model(self._choice[0]))

    def get(self) -> tuple[Predictor, bool]:
        """The predictor of the chosen model, and whether it was loaded just now.

        Raises:
            ModelError: the model cannot be used.
            EngineError: the engine is not available, or there is not enough memory.
        """
        with self._loading:
            model, options = self._choice
            folder = find_model(model)
            wanted = (folder, read_card(folder).sha256, options)
            if self._predictor is not None and self._loaded == wanted:
                return self._predictor, False
            self.close()  # first: two models at once may be more than the memory holds
            self._predictor = Predictor.with_options(folder, options)
            self._loaded = wanted
            return self._predictor, True

    def close(self) -> None:
        """Give the memory back; the next job loads again."""
        with self._loading:
            if self._predictor is not None:
                self._predictor.close()
            self._predictor, self._loaded = None, None
