"""The open photo: its status, and a few facts about it and its mask."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.elided_label import ElidedLabel
from tongue_viewer.ui.note_field import NoteField
from tongue_viewer.ui.parts import quiet, title, tool_button
from tongue_viewer.ui.status_mark import MARK_SIZE, paint_status_mark
from tongue_viewer.ui.theme import CONTROL_HEIGHT, GAP, SPACE, STATUS_WORDS, status_colour


@dataclass(frozen=True)
class Facts:
    """What the panel says of the open case; texts, "" for unknown."""

    status: CaseStatus
    note: str = ""
    size: str = ""
    area: str = ""
    model: str = ""
    threshold: str = ""


_ROWS = (("size", "Photo"), ("area", "Tongue"), ("model", "Model"), ("threshold", "Threshold"))


class CasePanel(QWidget):
    """Shows `Facts`; its buttons are actions."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = _StatusMark()
        self.status = QLabel()
        self.note = quiet()
        self.note.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(title("This photo"))
        line = QHBoxLayout()
        line.setSpacing(SPACE)
        line.addWidget(self._mark)
        line.addWidget(self.status, 1)
        layout.addLayout(line)
        layout.addWidget(self.note)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        for name in ("reviewed", "flag"):
            buttons.addWidget(tool_button(actions[name], text=True, wide=True), 1)
        layout.addLayout(buttons)
        self.note_field = NoteField()
        layout.addWidget(self.note_field)
        self.accept_button = QPushButton("Accept and next")
        self.accept_button.setProperty("primary", True)  # noqa: FBT003 - Qt's signature
        self.accept_button.setToolTip(actions["accept_next"].toolTip())
        self.accept_button.setFixedHeight(CONTROL_HEIGHT + GAP)
        self.accept_button.clicked.connect(actions["accept_next"].trigger)
        actions["accept_next"].enabledChanged.connect(self.accept_button.setEnabled)
        layout.addWidget(self.accept_button)
        layout.addSpacing(GAP)
        self._values: dict[str, ElidedLabel] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(GAP)
        grid.setColumnStretch(1, 1)
        for row, (name, text) in enumerate(_ROWS):
            value = ElidedLabel(Qt.TextElideMode.ElideMiddle)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._values[name] = value
            grid.addWidget(quiet(text), row, 0)
            grid.addWidget(value, row, 1)
        layout.addLayout(grid)
        self.reset_button = tool_button(actions["reset"], text=True, wide=True)
        layout.addWidget(self.reset_button)

    def show_facts(self, facts: Facts | None) -> None:
        """Show them; None: no photo is open."""
        self.setEnabled(facts is not None)
        self._mark.setVisible(facts is not None)
        self.status.setText("No photo is open" if facts is None else STATUS_WORDS[facts.status])
        facts = facts or Facts(CaseStatus.TO_DO)
        self._mark.show_status(facts.status)
        self.note.setText(facts.note)
        self.note.setVisible(
            bool(facts.note) and facts.status is not CaseStatus.FLAGGED
        )  # that one has its field
        for name, label in self._values.items():
            label.setText(getattr(facts, name) or "–")

    def value(self, name: str) -> str:
        """The text that is shown for one fact."""
        return self._values[name].text()


class _StatusMark(QWidget):
    """The shape of a status."""

    def __init__(self) -> None:
        super().__init__()
        self._status = CaseStatus.TO_DO
        self.setFixedSize(QSize(int(MARK_SIZE), int(MARK_SIZE)))

    def show_status(self, status: CaseStatus) -> None:
        self._status = status
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's signature
        painter = QPainter(self)
        paint_status_mark(painter, QPointF(0, 0), self._status, status_colour(self._status, self.palette()))
        painter.end()
