"""One family of icons (Material Design Icons by QtAwesome), coloured from the palette."""

from __future__ import annotations

import os

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPalette

os.environ.setdefault("QT_API", "pyside6")  # QtAwesome reads it when it is imported

import qtawesome

ICON_SIZE = QSize(20, 20)


def icon(name: str, palette: QPalette, colour: QColor | None = None) -> QIcon:
    """The icon `name` of the family, in the text colour of `palette` or in `colour`; "" gives none."""
    if not name:
        return QIcon()
    disabled = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
    made: QIcon = qtawesome.icon(
        f"mdi6.{name}",
        color=colour or palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.ButtonText),
        color_disabled=disabled,
    )
    return made
