"""Import of masks: which folder, what would come of it, and how; nothing is written before Import is pressed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.events import Progress
from tongue_viewer.core.exports import FileResult
from tongue_viewer.core.imports import ImportChoice, ImportScanned, MaskPair
from tongue_viewer.core.mask_polarity import Turning
from tongue_viewer.ui.parts import ComboBox, quiet
from tongue_viewer.ui.theme import CONTROL_HEIGHT, SPACE, STATUS_WORDS, WIDE

_FIRST = "Masks are black-and-white pictures with the names of their photos (041.png for 041.bmp)."
_LISTED, _ROWS = 500, 6
_TURNINGS = (
    (Turning.INVERTED, "Turn round the ones that look inverted"),
    (Turning.ALL, "Turn all of them round"),
    (Turning.NONE, "Take all of them as they are"),
)


@dataclass(frozen=True)
class ImportRequest:
    """The person's choices.

    Attributes:
        pairs: what to import.
        choice: how.
    """

    pairs: tuple[MaskPair, ...]
    choice: ImportChoice


class ImportDialog(QDialog):
    """Asks for an `ImportRequest`; window-modal, never blocking.

    Signals:
        scan_requested(Path): look through this folder of masks.
        scan_stopped(): the look is no longer wanted.
        import_requested(ImportRequest): the person pressed Import.
    """

    scan_requested = Signal(object)
    scan_stopped = Signal()
    import_requested = Signal(object)

    def __init__(self, start: Path, parent: QWidget | None = None) -> None:
        """Make the dialog; `start` is where the choice of a folder begins."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Import masks")
        self.setMinimumWidth(520)
        self._start, self._asked = start, ""
        self._scan: ImportScanned | None = None
        self.folder = QLineEdit()
        self.folder.setAccessibleName("Folder of masks")
        self.folder.editingFinished.connect(self._on_folder)
        self.browse = QPushButton("Choose…")
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._browse)
        self.told = quiet(_FIRST)
        self.told.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Reading the masks")
        self.stop = QPushButton("Stop")
        self.stop.setAutoDefault(False)
        self.stop.clicked.connect(self._on_stop)
        self.problems = QListWidget()
        self.problems.setAccessibleName("Files that cannot be imported")
        self.overwrite = QCheckBox()
        self.overwrite.toggled.connect(self._check)
        self.status = ComboBox("Status after it")
        for status in (CaseStatus.EDITED, CaseStatus.REVIEWED):
            self.status.addItem(STATUS_WORDS[status], status.value)
        self._make_question()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.import_button = QPushButton("Import")
        self.import_button.setDefault(True)
        self.buttons.addButton(self.import_button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)
        self._lay_out()
        self._show_scan(None)

    def look_at(self, folder: str) -> None:
        """Take a folder and have it looked through."""
        self.folder.setText(folder)
        self._on_folder()

    def show_progress(self, progress: Progress) -> None:
        """The look is this far."""
        if not self._asked:
            return  # it was stopped, and this was still on its way
        self.told.setText(f"{progress.text}: {progress.done} of {progress.total}")
        self.bar.setRange(0, max(1, progress.total))
        self.bar.setValue(progress.done)

    def show_failure(self, reason: str) -> None:
        """The folder cannot be looked through; it may be asked for again."""
        self._asked = ""
        self._show_scan(None)
        self.told.setText(reason)

    def show_scan(self, scan: ImportScanned) -> None:
        """The look is over."""
        if str(scan.masks) == self._asked:
            self._show_scan(scan)
            self.told.setText(scan_text(scan))

    def request(self) -> ImportRequest:
        """What stands in the dialog now."""
        overwrite = self.overwrite.isChecked()
        pairs = self._scan.pairs if self._scan else ()
        chosen = tuple(pair for pair in pairs if overwrite or not pair.by_hand)
        choice = ImportChoice(CaseStatus(self.status.currentData()), overwrite, self._turning())
        return ImportRequest(chosen, choice)

    def done(self, result: int) -> None:
        """Leaving ends the look."""
        self.scan_stopped.emit()
        super().done(result)

    def _make_question(self) -> None:
        self.question = QLabel()
        self.question.setWordWrap(True)
        self.turnings = {turning: QRadioButton(text) for turning, text in _TURNINGS}
        group = QButtonGroup(self)
        self.asks = QWidget()
        layout = QVBoxLayout(self.asks)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self.question)
        for button in self.turnings.values():
            group.addButton(button)
            button.toggled.connect(self._check)
            layout.addWidget(button)
        group.setExclusive(True)
        self._turning_group = group

    def _lay_out(self) -> None:
        place = QHBoxLayout()
        place.setSpacing(SPACE)
        place.addWidget(self.folder, 1)
        place.addWidget(self.browse)
        work = QHBoxLayout()
        work.setSpacing(SPACE)
        work.addWidget(self.bar, 1)
        work.addWidget(self.stop)
        for control in (self.folder, self.browse, self.stop, self.status, self.import_button):
            control.setFixedHeight(CONTROL_HEIGHT)
        form = QFormLayout()
        form.setHorizontalSpacing(WIDE)
        form.setVerticalSpacing(SPACE + 4)
        form.addRow("Folder of masks", place)
        form.addRow("&Status after it", self.status)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        layout.setSpacing(WIDE)
        layout.addLayout(form)
        layout.addWidget(self.told)
        layout.addLayout(work)
        for widget in (self.problems, self.asks, self.overwrite, self.buttons):
            layout.addWidget(widget)

    def _show_scan(self, scan: ImportScanned | None) -> None:
        """Show a result, or None: that there is none."""
        self._scan = scan
        self._show_work(running=False)
        counts = scan.counts if scan else None
        self.asks.setVisible(bool(counts and counts.asks))
        self.question.setText(counts.describe() if counts else "")
        self._turning_group.setExclusive(False)
        for button in self.turnings.values():
            with QSignalBlocker(button):
                button.setChecked(False)  # nothing is chosen for the person
        self._turning_group.setExclusive(True)
        # Where all look inverted it would be the same as turning all of them round.
        some = counts is not None and 0 < counts.inverted < counts.total
        self.turnings[Turning.INVERTED].setVisible(some)
        by_hand = scan.by_hand if scan else 0
        photos = "1 photo has a mask" if by_hand == 1 else f"{by_hand} photos have masks"
        self.overwrite.setText(f"{photos} made or approved by hand: replace, too (undo is in the edit log)")
        self.overwrite.setChecked(False)
        self.overwrite.setVisible(by_hand > 0)
        self._list(scan.problems if scan else ())
        self._check()
        self.adjustSize()

    def _list(self, problems: Sequence[FileResult]) -> None:
        self.problems.clear()
        for problem in problems[:_LISTED]:
            item = QListWidgetItem(f"{problem.source.name}: {problem.error}")
            item.setToolTip(problem.error)
            self.problems.addItem(item)
        if len(problems) > _LISTED:
            self.problems.addItem(f"and {len(problems) - _LISTED} more")
        self.problems.setVisible(bool(problems))
        rows = min(self.problems.count(), _ROWS)
        self.problems.setFixedHeight(max(1, rows) * self.problems.sizeHintForRow(0) + 2 * SPACE)

    def _show_work(self, *, running: bool) -> None:
        self.bar.setVisible(running)
        self.stop.setVisible(running)

    def _turning(self) -> Turning:
        return next(
            (turning for turning, button in self.turnings.items() if button.isChecked()), Turning.NONE
        )

    @Slot()
    def _check(self) -> None:
        answered = not (self._scan and self._scan.counts.asks) or any(
            button.isChecked() for button in self.turnings.values()
        )
        count = len(self.request().pairs)
        self.import_button.setEnabled(answered and count > 0)
        self.import_button.setText(f"Import {count}" if count else "Import")

    @Slot()
    def _on_folder(self) -> None:
        text = self.folder.text().strip()
        if not text or text == self._asked:
            return
        self._show_scan(None)
        self._asked = str(Path(text).expanduser())
        self.told.setText("Reading the masks …")
        self._show_work(running=True)
        self.scan_requested.emit(Path(self._asked))

    @Slot()
    def _on_stop(self) -> None:
        self.scan_stopped.emit()
        self.show_failure(
            "The masks were not all read. Nothing was written. Choose the folder again to start over."
        )

    @Slot()
    def _browse(self) -> None:
        dialog = QFileDialog(self, "Folder of masks", self.folder.text() or str(self._start))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.look_at)
        dialog.open()

    @Slot()
    def _on_accepted(self) -> None:
        request = self.request()
        self.accept()
        self.import_requested.emit(request)


def scan_text(scan: ImportScanned) -> str:
    """For example "20 masks can be imported. 3 photos have none. 2 files cannot be used:" in words for people."""
    count = len(scan.pairs)
    parts = [f"{count} {'mask' if count == 1 else 'masks'} can be imported."]
    if scan.without:
        parts.append(f"{len(scan.without)} {'photo has' if len(scan.without) == 1 else 'photos have'} none.")
    if scan.problems:
        parts.append(f"{len(scan.problems)} {'file' if len(scan.problems) == 1 else 'files'} cannot be used:")
    return " ".join(parts)
