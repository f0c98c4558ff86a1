"""What to export, in which form, and where to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tongue_viewer.core.exports import ExportFormat, ExportPlan, ImageFormat, MaskValues
from tongue_viewer.ui.parts import ComboBox, quiet
from tongue_viewer.ui.theme import CONTROL_HEIGHT, SPACE, WIDE

Only = Literal["all", "edited", "reviewed", "photo"]

_FORMATS: tuple[tuple[ExportFormat, str], ...] = (
    ("mask", "Mask"),
    ("overlay", "Photo with outline"),
    ("cutout", "Cut-out of the tongue"),
    ("csv", "Table of areas (CSV)"),
)
_IMAGES: tuple[tuple[ImageFormat, str], ...] = (
    ("same", "As the photo (JPEG and WebP: PNG)"),
    ("png", "PNG"),
    ("bmp", "BMP"),
    ("tiff", "TIFF"),
)
_VALUES: tuple[tuple[MaskValues, str, str], ...] = (
    ("0/255", "0 and 255 (black and white)", "Looks as you expect in every viewer."),
    (
        "0/1",
        "0 and 1 (for programs)",
        "Looks black in most viewers: 1 of 255 is almost black. The mask is in the file all the same.",
    ),
)


@dataclass(frozen=True)
class ExportRequest:
    """The person's choices.

    Attributes:
        plan: what to write and in which form.
        out: the folder to write to.
        only: which photos; "photo": the open one.
    """

    plan: ExportPlan
    out: Path
    only: Only


class ExportDialog(QDialog):
    """Asks for an `ExportRequest`; window-modal, never blocking.

    Signals:
        export_requested(ExportRequest): the person pressed Export.
    """

    export_requested = Signal(object)

    def __init__(
        self, plan: ExportPlan, out: Path, choices: Sequence[tuple[Only, str]], parent: QWidget | None = None
    ) -> None:
        """Make the dialog.

        Args:
            plan: what stands in it first.
            out: the folder that stands in it first.
            choices: which photos can be chosen, with the words for it; the first one is chosen.
            parent: the window.
        """
        super().__init__(parent)
        self.setWindowTitle("Export")
        self.setMinimumWidth(460)
        self.only = ComboBox("Photos")
        for key, text in choices:
            self.only.addItem(text, key)
        self.formats: dict[ExportFormat, QCheckBox] = {}
        self.images = ComboBox("File format")
        for image, text in _IMAGES:
            self.images.addItem(text, image)
        self.images.setCurrentIndex(self.images.findData(plan.image_format))
        self.values = ComboBox("Values in the mask files")
        for value, text, _ in _VALUES:
            self.values.addItem(text, value)
        self.explanation = quiet()
        self.explanation.setWordWrap(True)
        self.values.currentIndexChanged.connect(self._explain)
        self.folder = QLineEdit(str(out))
        self.folder.setAccessibleName("Folder to write to")
        self.overwrite = QCheckBox("Replace files that exist there")
        self.overwrite.setChecked(plan.overwrite)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export_button = QPushButton("Export")
        self.export_button.setDefault(True)
        self.buttons.addButton(self.export_button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)
        self._lay_out(plan)
        self.values.setCurrentIndex(self.values.findData(plan.values))
        self._explain()
        self._check()

    def request(self) -> ExportRequest:
        """What stands in the dialog now."""
        plan = ExportPlan(
            formats=tuple(name for name, box in self.formats.items() if box.isChecked()),
            image_format=self.images.currentData(),
            values=self.values.currentData(),
            overwrite=self.overwrite.isChecked(),
        )
        return ExportRequest(plan, Path(self.folder.text()).expanduser(), self.only.currentData())

    def _lay_out(self, plan: ExportPlan) -> None:
        boxes = QVBoxLayout()
        boxes.setSpacing(SPACE)
        for name, text in _FORMATS:
            box = QCheckBox(text)
            box.setChecked(name in plan.formats)
            box.toggled.connect(self._check)
            self.formats[name] = box
            boxes.addWidget(box)
        place = QHBoxLayout()
        place.setSpacing(SPACE)
        place.addWidget(self.folder, 1)
        browse = QPushButton("Choose…")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        place.addWidget(browse)
        self.folder.textChanged.connect(self._check)
        for control in (self.only, self.images, self.values, self.folder, browse, self.export_button):
            control.setFixedHeight(CONTROL_HEIGHT)
        form = QFormLayout()
        form.setHorizontalSpacing(WIDE)
        form.setVerticalSpacing(SPACE + 4)
        form.addRow("&Photos", self.only)
        form.addRow("Write", boxes)
        form.addRow("&File format", self.images)
        form.addRow("&Values", self.values)
        form.addRow("", self.explanation)
        form.addRow("Folder", place)
        form.addRow("", self.overwrite)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        layout.setSpacing(WIDE)
        layout.addLayout(form)
        layout.addWidget(self.buttons)

    @Slot()
    def _explain(self) -> None:
        self.explanation.setText(_VALUES[max(0, self.values.currentIndex())][2])

    @Slot()
    def _check(self) -> None:
        chosen = any(box.isChecked() for box in self.formats.values())
        self.export_button.setEnabled(chosen and bool(self.folder.text().strip()))

    @Slot()
    def _browse(self) -> None:
        dialog = QFileDialog(self, "Folder to write to", self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()

    @Slot()
    def _on_accepted(self) -> None:
        request = self.request()
        self.accept()
        self.export_requested.emit(request)
