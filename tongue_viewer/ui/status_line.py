"""The line at the bottom: hint, running work with Cancel, the pixel under the pointer, and what is saved."""

from __future__ import annotations

import time
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from tongue_viewer.core.events import Progress
from tongue_viewer.ui.elided_label import ElidedLabel
from tongue_viewer.ui.parts import quiet
from tongue_viewer.ui.theme import CONTROL_HEIGHT, GAP, SPACE, WIDE


@dataclass(frozen=True)
class Saved:
    """What is known of the last change.

    Attributes:
        at: seconds since the epoch at which it was on disk; 0: nothing was changed yet.
        waiting: steps on their way to the disk.
        failed: whether the last attempt failed.
        writable: False where changes of this folder cannot be kept.
    """

    at: float = 0.0
    waiting: int = 0
    failed: bool = False
    writable: bool = True


def saved_text(saved: Saved, now: float) -> str:
    """The words for it; a fact, never a button that must be remembered."""
    if not saved.writable:
        return "△ read-only: changes are not kept"
    if saved.failed:
        return "△ not saved"
    if saved.waiting:
        return "saving …"
    if not saved.at:
        return ""
    seconds = max(0, int(now - saved.at))
    if seconds < 2:
        return "✓ saved"
    if seconds < 60:
        return f"✓ saved {seconds} s ago"
    if seconds < 3600:
        return f"✓ saved {seconds // 60} min ago"
    return f"✓ saved {seconds // 3600} h ago"


def left_text(seconds: float | None) -> str:
    """A time left in words, "" while unknown."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{max(1, round(seconds))} s left"
    if seconds < 3600:
        return f"{round(seconds / 60)} min left"
    return f"{seconds / 3600:.1f} h left"


class StatusLine(QWidget):
    """The bottom line of the window.

    Signals:
        cancel_requested(): stop the work that is shown.
    """

    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hint = ElidedLabel(Qt.TextElideMode.ElideRight)
        self.hint.setProperty("quiet", True)  # noqa: FBT003 - Qt's signature
        self.work = QLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(120)
        self.bar.setAccessibleName("Progress")
        self.left = quiet()
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setAccessibleName("Cancel the running work")
        self.cancel_button.setFixedHeight(24)
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.pixel = quiet()
        self.live = quiet()
        self.saved = quiet()
        self._saved = Saved()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE + GAP, 0, SPACE + GAP, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self.hint, 1)
        for widget in (self.work, self.bar, self.left, self.cancel_button):
            layout.addWidget(widget)
        layout.addSpacing(WIDE)
        layout.addWidget(self.pixel)
        layout.addSpacing(WIDE)
        layout.addWidget(self.live)
        layout.addSpacing(WIDE)
        layout.addWidget(self.saved)
        self.setFixedHeight(CONTROL_HEIGHT + 4)
        self.show_progress(None)
        self.show_live("", "")
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._tick)
        self._clock.start()

    def show_hint(self, text: str) -> None:
        """What the current tool does."""
        self.hint.setText(text)

    def show_pixel(self, text: str) -> None:
        """What is under the pointer."""
        self.pixel.setText(text)
        # It only ever grows: what stands beside it keeps its place when the pointer leaves the photo.
        self.pixel.setMinimumWidth(max(self.pixel.minimumWidth(), self.pixel.sizeHint().width()))

    def show_saved(self, saved: Saved) -> None:
        """Whether all is on disk."""
        self._saved = saved
        self._tick()

    def show_live(self, text: str, place: str) -> None:
        """Whether the folder of masks is in step, and where it is; "": there is none."""
        self.live.setText(text)
        self.live.setToolTip(place)
        self.live.setVisible(bool(text))

    def show_progress(self, progress: Progress | None) -> None:
        """Show running work, or none."""
        shown = progress is not None
        for widget in (self.work, self.bar, self.left, self.cancel_button):
            widget.setVisible(shown)
        if progress is not None:
            # A bar without a total would move by itself; nothing moves but what the person moves.
            for widget in (self.bar, self.cancel_button):
                widget.setVisible(progress.total > 0)
            self.bar.setRange(0, max(1, progress.total))
            self.bar.setValue(progress.done)
            count = f" {progress.done} / {progress.total}" if progress.total else ""
            self.work.setText(f"{progress.text}{count}")
            self.left.setText(left_text(progress.seconds_left))
            self.left.setVisible(progress.seconds_left is not None)

    @Slot()
    def _tick(self) -> None:
        text = saved_text(self._saved, time.time())
        if text != self.saved.text():
            self.saved.setText(text)
