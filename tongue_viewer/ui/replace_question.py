"""Asks before a mask that a person made is replaced by the model's."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QWidget

from tongue_viewer.core.cases import CaseStatus, Origin
from tongue_viewer.editor.document import Document


class ReplaceQuestion(QObject):
    """Names what would be replaced; the safe answer is the default one. A mask of the model is replaced unasked.

    Signals:
        agreed(str): replace the mask; the word that `ask` was given.
        refused(str): keep the mask.
    """

    agreed = Signal(str)
    refused = Signal(str)

    def __init__(self, document: Document, window: QWidget) -> None:
        super().__init__(window)
        self._document, self._window = document, window
        self._box: QMessageBox | None = None
        self._word = ""
        self._path: Path | None = None
        self._yes: QAbstractButton | None = None

    @property
    def box(self) -> QMessageBox | None:
        """The question that is on the screen."""
        return self._box

    def ask(self, word: str) -> None:
        """Ask about the open photo, or agree at once where no person's work is at stake."""
        document = self._document
        if self._box is not None or document.path is None:
            return
        if document.origin is not Origin.HUMAN and document.status is not CaseStatus.REVIEWED:
            self.agreed.emit(word)
            return
        self._word, self._path = word, document.path
        last = document.undo_stack.undoText()
        made = f"the work by hand (last step: {last})" if last else "the work by hand"
        reviewed = " and the review" if document.status is CaseStatus.REVIEWED else ""
        box = QMessageBox(
            QMessageBox.Icon.Question,
            "tongue-viewer",
            f"Replace the mask of {document.path.name} by the model's?",
            parent=self._window,
        )
        box.setInformativeText(
            f"The mask would lose {made}{reviewed}. Nothing is lost for good: Undo brings it back, and it stays in the"
            " photo's history."
        )
        self._yes = box.addButton("Replace the mask", QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton("Keep the mask", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        box.buttonClicked.connect(self._on_answer)
        box.finished.connect(self._on_finished)
        self._box = box
        box.open()

    @Slot(QAbstractButton)
    def _on_answer(self, button: QAbstractButton) -> None:
        same = self._document.path == self._path  # the question blocks the window, not what jobs deliver
        (self.agreed if same and button is self._yes else self.refused).emit(self._word)

    @Slot()
    def _on_finished(self) -> None:
        if self._box is not None:
            self._box.deleteLater()
        self._box = None
