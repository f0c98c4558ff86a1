"""The cheat sheet: every key of the window, by menu, and what the mouse does."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from tongue_viewer.ui.action_table import CLASS, MENUS, SPECS, SUBMENUS, ActionSpec, key_text
from tongue_viewer.ui.parts import quiet, title
from tongue_viewer.ui.theme import GAP, WIDE

_MOUSE = (
    ("Left button", "paint, add"),
    ("Right button, Ctrl", "erase, take off"),
    ("Shift+click", "straight line (brush, scissors)"),
    ("Wheel", "zoom at the pointer"),
    ("Shift+wheel, Alt+drag", "size of the brush"),
    ("Space, middle button", "move the photo"),
    ("Q held", "the model's mask instead of yours"),
    ("Ctrl+1 … Ctrl+9", "class that is painted, if there are several"),
)
_IN_HAND = (
    ("Enter, double click", "finish polygon, scissors, clicks"),
    ("Backspace, Z", "take the last point back"),
    ("Esc", "drop what is in hand"),
    ("Alt+arrows", "move the pointer (Shift: by one pixel)"),
    ("K, Shift+K", "press or let go, left or right button"),
)
_KEYS_WIDTH = 150
_INNER = {name: entries for name, (_, entries) in SUBMENUS.items() if name != CLASS}
_COLUMNS: tuple[tuple[str, ...], ...] = (
    ("&File", "&Edit", "M&ask", "M&odel", "&Help"),
    ("&Tools",),
    ("&View",),
)


class KeysDialog(QDialog):
    """Three columns of keys."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keys")
        columns = QHBoxLayout()
        columns.setSpacing(WIDE * 2)
        specs = {spec.name: spec for spec in SPECS}
        for menus in _COLUMNS:
            column = QVBoxLayout()
            column.setSpacing(WIDE)
            for menu in menus:
                names = [n for name in MENUS[menu] for n in (_INNER.get(name) or (name,))]
                rows = [specs[name] for name in names if name in specs and specs[name].keys]
                column.addLayout(_section(menu.replace("&", ""), [_row(spec) for spec in rows]))
            if menus == ("&Tools",):
                column.addLayout(_section("Something in hand", _IN_HAND))
            if menus == ("&View",):
                column.addLayout(_section("Mouse", _MOUSE))
            column.addStretch()
            columns.addLayout(column)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(WIDE, WIDE, WIDE, WIDE)
        layout.setSpacing(WIDE)
        layout.addLayout(columns)
        layout.addWidget(buttons)


def _row(spec: ActionSpec) -> tuple[str, str]:
    return key_text(spec), spec.text.replace("&", "").rstrip("…")


def _section(heading: str, rows: Sequence[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(WIDE)
    grid.setVerticalSpacing(GAP)
    grid.addWidget(title(heading), 0, 0, 1, 2)
    for number, (keys, text) in enumerate(rows, 1):
        grid.addWidget(QLabel(keys), number, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(quiet(text), number, 1)
    grid.setColumnMinimumWidth(0, _KEYS_WIDTH)
    grid.setColumnStretch(1, 1)
    return grid
