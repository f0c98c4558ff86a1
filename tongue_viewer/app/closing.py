"""Leaving the window: what was painted is on the disk, or the person knows that it is not."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QAbstractButton, QMessageBox

from tongue_viewer.app.case_desk import CaseDesk
from tongue_viewer.app.export_desk import ExportDesk
from tongue_viewer.app.import_desk import ImportDesk
from tongue_viewer.app.live_desk import LiveDesk
from tongue_viewer.ui.main_window import MainWindow


class Closing(QObject):
    """Finishes the saves; asks only where something would be lost. The safe answer is the default one."""

    def __init__(
        self,
        window: MainWindow,
        cases: CaseDesk,
        parent: QObject,
        *,
        exports: ExportDesk,
        imports: ImportDesk,
        live: LiveDesk,
    ) -> None:
        super().__init__(parent)
        self._window, self._cases, self._exports, self._imports = window, cases, exports, imports
        self._live = live
        self._question: QMessageBox | None = None
        self._leave: QAbstractButton | None = None
        window.close_requested.connect(self.ask)

    @property
    def question(self) -> QMessageBox | None:
        """The question that is on the screen."""
        return self._question

    @Slot()
    def ask(self) -> None:
        """Close, or ask."""
        if self._question is not None:
            return
        self._cases.saves.retry()  # the disk may be well again: what it takes now needs no question
        self._cases.finish()
        unsaved = self._cases.saves.unsaved
        written = self._live.finish()
        if unsaved:
            names = ", ".join(path.name for path in list(unsaved)[:5])
            more = f" and {len(unsaved) - 5} more" if len(unsaved) > 5 else ""
            self._show(
                f"The last changes to {names}{more} could not be saved.",
                "Everything else is saved. Keep the window open and try again, for example after freeing "
                "space; if you close now, these changes are lost.",
                "Close and lose the changes",
            )
        elif self._exports.busy:
            self._show(
                "An export is still running.",
                "The masks themselves are saved. If you close now, the files not yet written are missing.",
                "Stop the export and close",
            )
        elif self._imports.busy:
            self._show(
                "An import of masks is still running.",
                "What it has taken in is saved. If you close now, the other masks are not taken in; you can "
                "import them again.",
                "Stop the import and close",
            )
        elif not written:
            self._show(
                "The folder of masks is not in step yet.",
                "The masks themselves are saved in the case database. If you close now, the missing files are written "
                "when you open the folder the next time.",
                "Close all the same",
            )
        else:
            self._window.let_close()

    def _show(self, text: str, explanation: str, leave: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Warning, "tongue-viewer", text, parent=self._window)
        box.setInformativeText(explanation)
        self._leave = box.addButton(leave, QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton("Keep the window open", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        box.buttonClicked.connect(self._on_answer)
        box.finished.connect(self._on_finished)
        self._question = box
        box.open()

    @Slot(QAbstractButton)
    def _on_answer(self, button: QAbstractButton) -> None:
        if button is self._leave:
            self._window.let_close()
        else:
            self._cases.saves.retry()
            self._live.retry()

    @Slot()
    def _on_finished(self) -> None:
        if self._question is not None:
            self._question.deleteLater()
        self._question = None
