"""The person's name, and how patient and visit are read from the names of the photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tongue_viewer.core.patients import LONGEST_PATTERN, NOBODY, PatientId, ids_of
from tongue_viewer.ui.parts import ComboBox, quiet, title
from tongue_viewer.ui.theme import CONTROL_HEIGHT, SPACE, WIDE

_NAME_EXPLAINED = "Written into the history of every step from now on, and into a review."
_PATTERN_EXPLAINED = (
    "A regular expression on a photo's name without its ending. (?P<patient>…) is the patient, (?P<visit>…) the visit. "
    "Empty: patients are not told apart."
)
EXAMPLES = (
    ("Up to the first underscore: 0123_2", r"^(?P<patient>[^_]+)_(?P<visit>[^_]+)"),
    ("Digits, then perhaps a visit: 2018101-3", r"^(?P<patient>\d+)(?:[-_ ](?P<visit>\d+))?"),
    ("P and V with numbers: P012_V2_left", r"(?P<patient>P\d+)[-_ ]?(?P<visit>V\d+)?"),
)
_SHOWN = 6
_SETTLE_MS = 150


@dataclass(frozen=True)
class Preferences:
    """What the dialog is about; see `core.settings.Settings`."""

    user_name: str = ""
    patient_pattern: str = ""


class SettingsDialog(QDialog):
    """Two fields, with a preview of the second on the names of the open folder.

    Signals:
        preferences_chosen(Preferences): confirmed; the pattern can be used.
    """

    preferences_chosen = Signal(object)

    def __init__(self, chosen: Preferences, stems: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Settings")
        self._stems = tuple(stems)
        self.name = _field("Your name", chosen.user_name, 100)
        self.pattern = _field("Pattern for patient and visit", chosen.patient_pattern, LONGEST_PATTERN)
        self.examples = ComboBox("Examples of patterns")
        self.examples.addItem("Take an example …")
        for text, pattern in EXAMPLES:
            self.examples.addItem(text, pattern)
        self.examples.activated.connect(self._on_example)
        self.preview = QTableWidget(0, 3)
        self.preview.setAccessibleName("What the pattern finds in the first names")
        self.preview.setHorizontalHeaderLabels(["Name", "Patient", "Visit"])
        self.preview.verticalHeader().hide()
        self.preview.horizontalHeader().setSectionResizeMode(
            0, self.preview.horizontalHeader().ResizeMode.Stretch
        )
        self.preview.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.preview.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.preview.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.preview.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.preview.setFixedHeight(
            self.preview.horizontalHeader().sizeHint().height() + _SHOWN * CONTROL_HEIGHT + 4
        )
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.told.setMinimumHeight(2 * self.told.fontMetrics().lineSpacing())
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self._on_accept)
        self.buttons.rejected.connect(self.reject)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        self.pattern.textChanged.connect(self._on_text)
        self._place()
        self.refresh()

    def _place(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        layout.setSpacing(SPACE)
        for widget in (title("Your name"), self.name, _explained(_NAME_EXPLAINED)):
            layout.addWidget(widget)
        layout.addSpacing(WIDE)
        layout.addWidget(title("Patient and visit from the photos' names"))
        layout.addWidget(self.pattern)
        layout.addWidget(self.examples)
        layout.addWidget(_explained(_PATTERN_EXPLAINED))
        layout.addWidget(self.preview)
        layout.addWidget(self.told)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(560)

    @Slot()
    def refresh(self) -> None:
        """Show what the pattern finds; a pattern that cannot be used cannot be confirmed."""
        self._settle.stop()
        pattern = self.pattern.text()
        ids: tuple[PatientId, ...] = ()
        try:
            ids = ids_of(pattern, self._stems)
            told = _counted(ids, self._stems) if pattern else ""
        except ValueError as error:
            told = f"This pattern cannot be used: it {error}."
            ids = tuple(NOBODY for _ in self._stems)
            self._allow(allowed=False)
        else:
            self._allow(allowed=True)
        self.told.setText(told)
        self.preview.setRowCount(min(_SHOWN, len(self._stems)))
        for row, (stem, whose) in enumerate(zip(self._stems[:_SHOWN], ids, strict=False)):
            self.preview.setRowHeight(row, CONTROL_HEIGHT)
            for column, text in enumerate((stem, whose.patient or "–", whose.visit or "–")):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.preview.setItem(row, column, item)

    def _allow(self, *, allowed: bool) -> None:
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(allowed)

    @Slot()
    def _on_text(self) -> None:
        self._settle.start()

    @Slot(int)
    def _on_example(self, row: int) -> None:
        self.examples.setCurrentIndex(0)
        if row > 0:
            self.pattern.setText(self.examples.itemData(row))
            self.refresh()

    @Slot()
    def _on_accept(self) -> None:
        self.refresh()
        if self.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled():
            self.preferences_chosen.emit(Preferences(self.name.text().strip(), self.pattern.text()))
            self.accept()


def _counted(ids: Sequence[PatientId], stems: Sequence[str]) -> str:
    """For example "12 patients in 40 photos; 3 names do not match, the first is IMG_4."."""
    if not ids:
        return "No folder is open, so there are no names to try it on."
    patients = {whose.patient for whose in ids if whose.patient}
    without = [stem for stem, whose in zip(stems, ids, strict=True) if not whose.patient]
    many = "1 patient" if len(patients) == 1 else f"{len(patients)} patients"
    if not without:
        rest = "every name matches"
    elif len(without) == 1:
        rest = f"1 name does not match: {without[0]}"
    else:
        rest = f"{len(without)} names do not match, the first is {without[0]}"
    return f"{many} in {len(ids)} photos; {rest}."


def _field(name: str, text: str, longest: int) -> QLineEdit:
    field = QLineEdit(text)
    field.setAccessibleName(name)
    field.setMaxLength(longest)
    field.setFixedHeight(CONTROL_HEIGHT)
    return field


def _explained(text: str) -> QLabel:
    label = quiet(text)
    label.setWordWrap(True)
    return label
