"""Joins the history panel, the bar over the pane and the canvas with the document."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QWidget

from tongue_viewer.core.events import HistoryRead, RevisionRead
from tongue_viewer.core.history import LogEntry
from tongue_viewer.editor.document import Document
from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.canvas.canvas_view import CanvasView
from tongue_viewer.ui.history_bar import HistoryBar
from tongue_viewer.ui.history_rows import HistoryRow, deed, when
from tongue_viewer.ui.in_hand import InHand
from tongue_viewer.ui.inspector import Inspector


class HistoryControl(QObject):
    """Shows earlier masks, which nothing can change, and brings one back as an undoable step.

    Any change of the mask of now, and any press on the panes with a tool that paints, shows the mask of now again;
    that press does nothing else.

    Signals:
        log_wanted(): the panel is shown and knows no log of the open photo.
        revision_wanted(LogEntry): the mask after this entry is to be shown; an earlier wish is outdated.
        export_wanted(Path): the log of the open photo is to be written there.
    """

    log_wanted = Signal()
    revision_wanted = Signal(object)
    export_wanted = Signal(object)

    def __init__(
        self,
        document: Document,
        actions: Actions,
        inspector: Inspector,
        canvas: CanvasView,
        window: QWidget,
        *,
        in_hand: InHand,
    ) -> None:
        super().__init__(window)
        self._document, self._actions, self._inspector = document, actions, inspector
        self._canvas, self._in_hand, self._window = canvas, in_hand, window
        self._panel = panel = inspector.history
        self.bar = HistoryBar(canvas.mask_pane)
        self._wanted: LogEntry | None = None
        self._shown: RevisionRead | None = None
        self._keys = self._make_keys(window)
        self._bring = QTimer(
            self, singleShot=True, interval=0
        )  # what has just been shown has no place before
        self._bring.timeout.connect(self._on_bring)
        self._brought = False
        actions["history"].toggled.connect(self._on_toggled)
        panel.head.toggled.connect(actions["history"].setChecked)
        panel.entry_chosen.connect(self.choose)
        panel.export_wanted.connect(self._on_export)
        canvas.past_left.connect(self._on_past_left)
        document.mask_changed.connect(self._on_past_left)
        document.opened.connect(self._on_other)
        document.closed.connect(self._on_other)
        self.bar.back_wanted.connect(self.go_back)
        self.bar.compare_changed.connect(self._on_compare)
        self.bar.close_wanted.connect(self.close)

    @property
    def is_open(self) -> bool:
        """Whether the log is shown."""
        return self._actions["history"].isChecked()

    def show_log(self, event: HistoryRead) -> None:
        """Show the log of the open photo; that of another one is dropped."""
        if event.case_id == self._document.case_id:
            self._panel.show_log(event.entries, event.figures)
            if not self._brought:
                self._brought = True
                self._bring.start()

    def show_revision(self, event: RevisionRead) -> None:
        """Show an earlier mask, if it is the one that was chosen last, and of the open photo."""
        wanted = self._wanted
        if wanted is None or (event.case_id, event.number) != (wanted.case_id, wanted.number):
            return
        if self._in_hand.refuses_to_leave():  # begun since the mask was asked for
            self.close()
            return
        self._shown = event
        self._canvas.show_past(event.mask, compared=self.bar.compare_button.isChecked())
        differs = not np.array_equal(event.mask, self._document.mask)
        moment = f"Mask of {_when(wanted)}, {deed(HistoryRow(wanted))}"
        self.bar.show_text(
            f"{moment} — as it was." if differs else f"{moment} — as it is now.", differs=differs
        )
        self._let_edit(edit=False)

    @Slot(object)
    def choose(self, entry: LogEntry) -> None:
        """Ask for the mask after an entry of the log."""
        if self._in_hand.refuses_to_leave():
            self._panel.point_at(None)
            return
        self._wanted = entry
        self.revision_wanted.emit(entry)

    @Slot()
    def close(self) -> None:
        """Show the mask of now again."""
        if not self._canvas.leave_past():
            self._on_past_left()

    @Slot()
    def go_back(self) -> None:
        """Make the mask that is shown the mask of now: one undoable step."""
        entry, shown = self._wanted, self._shown
        self.close()
        if entry is not None and shown is not None:
            self._document.set_mask(shown.mask, f"Back to {_when(entry)}", "restore")

    def _make_keys(self, window: QWidget) -> tuple[QShortcut, ...]:
        """Keys that count only while an earlier mask is shown."""
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), window)
        escape.activated.connect(self.close)
        up, down = (QShortcut(QKeySequence(key), self._canvas) for key in (Qt.Key.Key_Up, Qt.Key.Key_Down))
        for key, slot in ((up, self._on_up), (down, self._on_down)):
            key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            key.activated.connect(slot)
        for shortcut in (escape, up, down):
            shortcut.setEnabled(False)
        return escape, up, down

    def _let_edit(self, *, edit: bool) -> None:
        """Panels that change the mask rest while it is not the one that is seen."""
        self._inspector.tidy.setEnabled(edit and self._document.is_open)
        self._inspector.threshold.setEnabled(edit and self._document.prediction is not None)
        for key in self._keys:
            key.setEnabled(not edit)

    @Slot()
    def _on_bring(self) -> None:
        self._inspector.bring(self._panel)

    @Slot(bool)
    def _on_toggled(self, shown: bool) -> None:
        self._panel.head.setChecked(shown)
        if shown:
            self._actions["panels"].setChecked(True)
            self._panel.view.setFocus()
            self._bring.start()
            self.log_wanted.emit()
        else:
            self._brought = False
            self.close()

    @Slot()
    def _on_past_left(self) -> None:
        """The mask of now is shown, or has changed before another one could be."""
        if self._wanted is None:
            return
        self._wanted = self._shown = None
        if any(button.hasFocus() for button in self.bar.buttons):
            self._canvas.setFocus()
        self.bar.hide()
        self.bar.compare_button.setChecked(False)
        self._panel.point_at(None)
        self._let_edit(edit=True)

    @Slot()
    def _on_other(self) -> None:
        self._on_past_left()
        self._panel.show_log((), None)
        self._panel.setEnabled(self._document.is_open)

    @Slot(bool)
    def _on_compare(self, compared: bool) -> None:
        if self._shown is not None:
            self._canvas.show_past(self._shown.mask, compared=compared)

    @Slot()
    def _on_up(self) -> None:
        self._panel.step(-1)

    @Slot()
    def _on_down(self) -> None:
        self._panel.step(1)

    @Slot()
    def _on_export(self) -> None:
        path = self._document.path
        if path is None:
            return
        suggested = path.parent.parent / f"{path.stem}-history.csv"
        dialog = QFileDialog(self._window, "Export the history", str(suggested), "Table (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(self._on_export_file)
        dialog.open()

    @Slot(str)
    def _on_export_file(self, file: str) -> None:
        self.export_wanted.emit(Path(file))


def _when(entry: LogEntry) -> str:
    return when(entry, date.today())  # noqa: DTZ011 - what people read is local
