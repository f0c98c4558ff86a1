"""Small pieces that several panels are made of."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Slot
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QLabel,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)

from tongue_viewer.ui.icons import ICON_SIZE
from tongue_viewer.ui.theme import CONTROL_HEIGHT

_NUMBER_WIDTH = 68
_SLIDER_KEYS = frozenset(
    {
        Qt.Key.Key_Left,
        Qt.Key.Key_Right,
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
    }
)


class _CalmWheel(QObject):
    """Leaves the wheel to the panel unless its widget has the keyboard."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Stop a wheel event on its way to a widget; ignored, it goes on to the panel."""
        stray = event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus()
        if stray:
            event.ignore()
        return stray


def _calm(widget: QWidget) -> None:
    """A wheel that only scrolls the panel changes no value under the pointer, nor takes the keyboard."""
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(_CalmWheel(widget))


class Slider(QSlider):
    """A slider that keeps the arrow keys while it has the keyboard (else they change the photo).

    The wheel counts only then too: else it would change a number, or the mask, while the panel is scrolled.
    """

    def __init__(self, low: int, high: int, name: str) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(low, high)
        self.setAccessibleName(name)
        self.setMinimumHeight(CONTROL_HEIGHT)
        _calm(self)

    def event(self, event: QEvent) -> bool:
        """Claim the arrow keys before the window's shortcuts do."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
            if plain and event.key() in _SLIDER_KEYS:
                event.accept()
                return True
        return super().event(event)


class NumberBox(QSpinBox):
    """A number to type; Enter takes it (else it would accept the photo), and the wheel counts as in `Slider`."""

    def __init__(self, low: int, high: int, suffix: str, name: str) -> None:
        super().__init__()
        self.setRange(low, high)
        self.setSuffix(suffix)
        self.setFixedHeight(CONTROL_HEIGHT)
        self.setFixedWidth(_NUMBER_WIDTH)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAccessibleName(name)
        _calm(self)

    def event(self, event: QEvent) -> bool:
        """Claim Enter before the window's shortcuts do."""
        enter = isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)


class ComboBox(QComboBox):
    """A flat combo box; the style sheet takes the arrow away, so it is painted here.

    The wheel counts as in `Slider`.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFixedHeight(CONTROL_HEIGHT)
        _calm(self)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The box, then an arrow."""
        super().paintEvent(event)
        group = self.palette().ColorGroup.Active if self.isEnabled() else self.palette().ColorGroup.Disabled
        x, y = self.width() - 14.0, self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(group, self.palette().ColorRole.Text), 1.4))
        painter.drawPolyline(QPolygonF([QPointF(x - 4, y - 2), QPointF(x, y + 2), QPointF(x + 4, y - 2)]))
        painter.end()


_FOLD_HEAD = """
QToolButton, QToolButton:hover, QToolButton:checked, QToolButton:pressed {
    background: transparent; border: 1px solid transparent; padding: 0; margin-left: -4px; font-weight: 600; }
QToolButton:focus { border-color: palette(accent); }
"""


class FoldHead(QToolButton):
    """The heading of a section that can be folded away: like the others, in line with them, but it can be pressed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setText(text)
        self.setStyleSheet(_FOLD_HEAD)
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setArrowType(Qt.ArrowType.RightArrow)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.toggled.connect(self._on_toggled)

    @Slot(bool)
    def _on_toggled(self, shown: bool) -> None:
        self.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)


def title(text: str) -> QLabel:
    """The heading of a section."""
    label = QLabel(text)
    label.setProperty("title", True)  # noqa: FBT003 - Qt's signature
    return label


def quiet(text: str = "") -> QLabel:
    """Text that steps back."""
    label = QLabel(text)
    label.setProperty("quiet", True)  # noqa: FBT003 - Qt's signature
    return label


def hairline(*, vertical: bool = False) -> QFrame:
    """A line of one pixel between two areas."""
    line = QFrame()
    line.setFrameShape(QFrame.Shape.NoFrame)
    line.setAutoFillBackground(True)
    line.setBackgroundRole(line.palette().ColorRole.Mid)
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line


def tool_button(action: QAction, *, text: bool = False, wide: bool = False) -> QToolButton:
    """A flat button for an action: its icon, with text where there is room; `wide`: framed, filling."""
    button = QToolButton()
    if wide:
        button.setProperty("framed", True)  # noqa: FBT003 - Qt's signature
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    button.setDefaultAction(action)
    button.setIconSize(ICON_SIZE)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setFixedHeight(CONTROL_HEIGHT)
    button.setAccessibleName(action.text().replace("&", "").rstrip("…"))
    if text:
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    else:
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setFixedWidth(CONTROL_HEIGHT + 8)
    return button


def stretch() -> QWidget:
    """An empty widget that takes the room that is left."""
    filler = QWidget()
    filler.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return filler
