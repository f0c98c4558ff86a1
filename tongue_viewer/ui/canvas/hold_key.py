"""One key with two meanings: a tap, and a hold for as long as it is down."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

HOLD_MS = 180
"""A key that is down for longer is held."""


class HoldKey(QObject):
    """Tells taps from holds.

    Signals:
        tapped(): the key was pressed and let go at once.
        held(bool): it is held now, or no longer.
    """

    tapped = Signal()
    held = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True, interval=HOLD_MS)
        self._timer.timeout.connect(self._on_hold)
        self._holding = False

    def press(self) -> None:
        """The key went down."""
        if not self._holding:
            self._timer.start()

    def release(self) -> None:
        """The key went up."""
        if self._timer.isActive():
            self._timer.stop()
            self.tapped.emit()
        self.drop()

    def drop(self) -> None:
        """The keyboard went elsewhere: neither a tap nor a hold."""
        self._timer.stop()
        if self._holding:
            self._holding = False
            self.held.emit(False)  # noqa: FBT003 - Qt's signature

    @Slot()
    def _on_hold(self) -> None:
        self._holding = True
        self.held.emit(True)  # noqa: FBT003 - Qt's signature
