"""Predicting the open photo again: a mask that a person made is only replaced after a question."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from tongue_viewer.app.prediction_desk import PredictionDesk
from tongue_viewer.core.events import PredictionReady
from tongue_viewer.editor.document import Document
from tongue_viewer.ui.main_window import MainWindow

_WORD = "predict"


class ReplaceDesk(QObject):
    """Joins the action, the question and the answer of the model.

    Where the person keeps the mask, the model is asked all the same: its answer serves the threshold, the uncertain
    stretches and the difference.
    """

    def __init__(self, window: MainWindow, document: Document, predictions: PredictionDesk) -> None:
        super().__init__(predictions)
        self._question, self._document, self._predictions = window.replace_question, document, predictions
        self._replaced: Path | None = None
        window.table["predict_photo"].triggered.connect(self._on_predict)
        self._question.agreed.connect(self._on_agreed)
        self._question.refused.connect(self._on_refused)
        document.opened.connect(self._forget)
        document.step_made.connect(self._forget)  # what is painted while the model computes stays
        predictions.problem.connect(self._forget)
        predictions.runner.finished.connect(self._on_finished)

    def take(self, event: PredictionReady) -> None:
        """Show the model's mask where the person wanted it in the place of theirs: a step that can be undone.

        Args:
            event: an answer for the open photo, which the document has taken note of.
        """
        if event.summary.path == self._replaced:
            self._replaced = None
            self._document.reset_to_prediction(event.prediction.threshold)

    @Slot()
    def _on_predict(self) -> None:
        self._question.ask(_WORD)

    @Slot(str)
    def _on_agreed(self, word: str) -> None:
        self._predict(word, self._document.path)

    @Slot(str)
    def _on_refused(self, word: str) -> None:
        self._predict(word, None)

    def _predict(self, word: str, replaced: Path | None) -> None:
        if word == _WORD and self._document.path is not None:
            self._replaced = replaced
            self._predictions.predict_now(self._document.path)

    @Slot()
    def _on_finished(self) -> None:
        if self._predictions.runner.idle:  # an earlier job that was displaced ends as well
            self._forget()

    @Slot()
    def _forget(self) -> None:
        self._replaced = None
