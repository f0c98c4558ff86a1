"""What came of an export, an import or a repair: a table of the photos that something is to be said of."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tongue_viewer.core.exports import FileResult
from tongue_viewer.ui.theme import WIDE


class ResultDialog(QDialog):
    """Photo and reason, one line each; the text can be copied."""

    def __init__(
        self,
        heading: str,
        failed: Sequence[FileResult],
        parent: QWidget | None = None,
        title: str = "Export",
        *,
        named: str = "Files that failed",
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 360)
        label = QLabel(heading)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.table = QTableWidget(len(failed), 2)
        self.table.setAccessibleName(named)
        self.table.setHorizontalHeaderLabels(["Photo", "Reason"])
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setWordWrap(True)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for row, result in enumerate(failed):
            for column, text in enumerate((result.source.name, result.error)):
                item = QTableWidgetItem(text)
                item.setToolTip(str(result.source) if column == 0 else text)
                self.table.setItem(row, column, item)
        self.table.resizeColumnToContents(0)
        self.table.resizeRowsToContents()
        self.table.setVisible(bool(failed))
        if not failed:
            self.resize(480, 0)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        layout.setSpacing(WIDE)
        layout.addWidget(label)
        layout.addWidget(self.table)
        layout.addWidget(buttons)
