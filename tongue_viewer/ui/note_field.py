"""The note of a flagged case, typed while the work goes on."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QWidget

from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.editor.document import Document
from tongue_viewer.ui.action_table import SPECS
from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.text_field import TextField

MOST_CHARACTERS = 500


class NoteField(TextField):
    """One line, shown while the open case is flagged."""

    def __init__(self) -> None:
        super().__init__("Note of the flag", "Note: why it is set aside")
        self.setMaxLength(MOST_CHARACTERS)
        self.setToolTip("Enter or Esc goes back to the photo; the note is kept in any case")
        self.hide()


class NoteKeeper(QObject):
    """Writes the note into the case on which it was typed, however the field or the case is left."""

    def __init__(
        self, document: Document, actions: Actions, field: NoteField, elsewhere: QWidget, parent: QObject
    ) -> None:
        """Connect everything; made before all others that listen to the actions, so that it hears of them first.

        Args:
            document: the open case.
            actions: whatever is done next, the note is stored before it.
            field: where it is typed.
            elsewhere: gets the keyboard after it.
            parent: owner.
        """
        super().__init__(parent)
        self._document, self._field, self._elsewhere = document, field, elsewhere
        self._before: QWidget | None = None
        field.editingFinished.connect(self.keep)  # the keyboard went elsewhere
        field.entered.connect(self._on_left)
        field.escaped.connect(self._on_left)
        document.leaving.connect(self.keep)
        for spec in SPECS:
            actions[spec.name].triggered.connect(self.keep)
        document.opened.connect(self._show)
        document.closed.connect(self._show)
        document.status_changed.connect(self._show)

    def ask(self) -> None:
        """Give the keyboard to the field, if it can be seen."""
        if self._field.isVisible():
            self._before = QApplication.focusWidget()
            self._field.setFocus()
            self._field.selectAll()

    @Slot()
    def keep(self) -> None:
        """Store what was typed; nothing happens where that is stored already, or the case is not flagged."""
        if self._document.status is CaseStatus.FLAGGED and self._field.isModified():
            self._field.setModified(False)
            self._document.set_status(CaseStatus.FLAGGED, self._field.text().strip())

    @Slot()
    def _show(self) -> None:
        flagged = self._document.is_open and self._document.status is CaseStatus.FLAGGED
        if not self._field.isModified() or not flagged:
            self._field.setText(self._document.note if flagged else "")
            self._field.setCursorPosition(0)
        had_keyboard = self._field.hasFocus()
        self._field.setVisible(flagged)
        if had_keyboard and not flagged:
            self._elsewhere.setFocus()

    @Slot()
    def _on_left(self) -> None:
        self.keep()
        before, self._before = self._before, None
        (before if before is not None and before.isVisible() else self._elsewhere).setFocus()
