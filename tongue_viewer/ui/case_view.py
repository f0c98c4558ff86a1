"""Joins the open case with the actions and the panel that show its status."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot

from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.editor.document import Document
from tongue_viewer.ui.action_table import TIDY_ACTIONS
from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.case_panel import CasePanel, Facts
from tongue_viewer.ui.in_hand import InHand
from tongue_viewer.ui.note_field import NoteKeeper
from tongue_viewer.ui.replace_question import ReplaceQuestion

_NEEDS_CASE = (
    *("reviewed", "flag", "accept_next", "predict_photo", "export_photo", "fit", "one_to_one", "zoom_in"),
    *("zoom_out", *TIDY_ACTIONS),
)


class CaseView(QObject):
    """Follows the document; its actions change it by the document's own doors."""

    def __init__(
        self,
        document: Document,
        actions: Actions,
        panel: CasePanel,
        parent: QObject,
        *,
        in_hand: InHand,
        notes: NoteKeeper,
        question: ReplaceQuestion,
    ) -> None:
        super().__init__(parent)
        self._in_hand, self._notes, self._question = in_hand, notes, question
        self._document, self._actions, self._panel = document, actions, panel
        self._settle = QTimer(self, singleShot=True, interval=120)
        self._settle.timeout.connect(self.refresh)
        stack = document.undo_stack
        for name, can, text, do in (
            ("undo", stack.canUndoChanged, stack.undoTextChanged, self._on_undo),
            ("redo", stack.canRedoChanged, stack.redoTextChanged, self._on_redo),
        ):
            can.connect(actions[name].setEnabled)
            text.connect(self._on_undo_text)
            actions[name].triggered.connect(do)
            actions[name].setEnabled(False)
        for signal in (
            document.opened,
            document.closed,
            document.status_changed,
            document.prediction_changed,
        ):
            signal.connect(self.refresh)
        document.mask_changed.connect(self._on_mask_changed)
        actions["reviewed"].triggered.connect(self._on_reviewed)
        actions["flag"].triggered.connect(self._on_flag)
        actions["reset"].triggered.connect(self._on_reset)
        question.agreed.connect(self._on_agreed)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what the document is now."""
        document, actions = self._document, self._actions
        actions.enable(document.is_open, *_NEEDS_CASE)
        actions.enable(document.prediction is not None, "reset", "next_doubt", "previous_doubt")
        actions["reviewed"].setChecked(document.status is CaseStatus.REVIEWED)
        actions["flag"].setChecked(document.status is CaseStatus.FLAGGED)
        self._panel.show_facts(self._facts() if document.is_open else None)

    @property
    def working_status(self) -> CaseStatus:
        """What the case falls back to when a review or a flag is taken away."""
        document = self._document
        if document.origin is None:
            return CaseStatus.TO_DO
        return CaseStatus.EDITED if document.origin.value == "human" else CaseStatus.PREDICTED

    def _facts(self) -> Facts:
        document = self._document
        height, width = document.mask.shape
        covered = np.count_nonzero(document.mask) / max(1, document.mask.size)
        prediction = document.prediction
        return Facts(
            status=document.status,
            note=document.note,
            size=f"{width} × {height}",
            area=f"{covered:.1%}".replace("%", " %"),
            model=prediction.model_name if prediction else "",
            threshold=f"{prediction.threshold:.2f}" if prediction else "",
        )

    @Slot()
    def _on_mask_changed(self) -> None:
        self._settle.start()

    @Slot(str)
    def _on_undo_text(self, _text: str) -> None:
        stack = self._document.undo_stack
        for name, text in (("undo", stack.undoText()), ("redo", stack.redoText())):
            self._actions[name].setText(f"&{name.capitalize()} {text}".rstrip())

    @Slot()
    def _on_undo(self) -> None:
        """What is not a step yet is taken back first, and alone."""
        if not self._in_hand.take_back():
            self._document.undo_stack.undo()

    @Slot()
    def _on_redo(self) -> None:
        if not self._in_hand.leaves_past():
            self._document.undo_stack.redo()

    @Slot(bool)
    def _on_reviewed(self, checked: bool) -> None:
        if not (checked and self._in_hand.refuses()):
            self._document.set_status(CaseStatus.REVIEWED if checked else self.working_status)
        self.refresh()

    @Slot(bool)
    def _on_flag(self, checked: bool) -> None:
        self._document.set_status(CaseStatus.FLAGGED if checked else self.working_status)
        self.refresh()
        if checked:
            self._notes.ask()

    @Slot()
    def _on_reset(self) -> None:
        if not self._in_hand.leaves_past():
            self._question.ask("reset")

    @Slot(str)
    def _on_agreed(self, word: str) -> None:
        prediction = self._document.prediction
        if word == "reset" and prediction is not None:
            self._document.reset_to_prediction(prediction.threshold)
