"""One key with two meanings: a tap, and a hold for as long as it is down."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

HOLD_MS = 180
"""A key that is down for longer is held."""

REPEAT_MS = 25
"""A press within this time after a release is the same key still down."""


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
        self._hold = QTimer(self, singleShot=True, interval=HOLD_MS)
        self._hold.timeout.connect(self._on_hold)
        # Some X servers send a held key as releases and presses in turn, and Qt does not always tell: a release
        # counts only when no press follows at once.
        self._end = QTimer(self, singleShot=True, interval=REPEAT_MS)
        self._end.timeout.connect(self._on_end)
        self._holding = False

    def press(self) -> None:
        """The key went down, or repeats itself."""
        if self._end.isActive():
            self._end.stop()
        elif not self._holding:
            self._hold.start()

    def release(self) -> None:
        """The key went up, or repeats itself."""
        if self._holding or self._hold.isActive():
            self._end.start()

    def drop(self) -> None:
        """The keyboard went elsewhere: neither a tap nor a hold."""
        self._hold.stop()
        self._end.stop()
        if self._holding:
            self._holding = False
            self.held.emit(False)  # noqa: FBT003 - Qt's signature

    @Slot()
    def _on_hold(self) -> None:
        self._holding = True
        self.held.emit(True)  # noqa: FBT003 - Qt's signature

    @Slot()
    def _on_end(self) -> None:
        tapped = not self._holding
        self.drop()
        if tapped:
            self.tapped.emit()
