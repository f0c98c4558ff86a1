"""Neutral greys around the photo, dark and light, and the few colours that carry a meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from tongue_viewer.core.cases import CaseStatus

ThemeChoice = Literal["system", "dark", "light"]

CONTROL_HEIGHT = 28
"""Height of buttons, combo boxes and fields, in logical pixels."""

GAP, SPACE, WIDE = 4, 8, 16
"""The three distances that are used."""


@dataclass(frozen=True)
class Greys:
    """Grey levels 0..255 of one theme; R = G = B everywhere, since a doctor judges colour beside them."""

    window: int
    base: int
    surround: int
    button: int
    line: int
    text: int
    quiet: int
    disabled: int
    highlight: int
    accent: int


# CIE L* 20 and 90 of the photo's surround are the grey levels 48 and 226 of sRGB.
DARK = Greys(
    window=38,
    base=32,
    surround=48,
    button=56,
    line=24,
    text=222,
    quiet=158,
    disabled=104,
    highlight=74,
    accent=190,
)
LIGHT = Greys(
    window=240,
    base=248,
    surround=226,
    button=252,
    line=204,
    text=28,
    quiet=98,
    disabled=160,
    highlight=212,
    accent=82,
)

_STATUS_DARK = {
    CaseStatus.TO_DO: "#9a9a9a",
    CaseStatus.PREDICTED: "#6aa9f0",
    CaseStatus.EDITED: "#f0b13c",
    CaseStatus.REVIEWED: "#62c173",
    CaseStatus.FLAGGED: "#f27a6b",
    CaseStatus.FAILED: "#f27a6b",
}
_STATUS_LIGHT = {
    CaseStatus.TO_DO: "#6e6e6e",
    CaseStatus.PREDICTED: "#1b66b8",
    CaseStatus.EDITED: "#a06400",
    CaseStatus.REVIEWED: "#1f7a34",
    CaseStatus.FLAGGED: "#c0301f",
    CaseStatus.FAILED: "#c0301f",
}

STATUS_WORDS: Mapping[CaseStatus, str] = MappingProxyType(
    {
        CaseStatus.TO_DO: "To do",
        CaseStatus.PREDICTED: "Predicted",
        CaseStatus.EDITED: "Edited",
        CaseStatus.REVIEWED: "Reviewed",
        CaseStatus.FLAGGED: "Flagged",
        CaseStatus.FAILED: "Failed",
    }
)


def is_dark(palette: QPalette) -> bool:
    """Whether a palette is the dark one."""
    return palette.color(QPalette.ColorRole.Window).lightness() < 128


def greys(palette: QPalette) -> Greys:
    """The grey levels that belong to a palette."""
    return DARK if is_dark(palette) else LIGHT


def grey(level: int) -> QColor:
    """A neutral colour."""
    return QColor(level, level, level)


def status_colour(status: CaseStatus, palette: QPalette) -> QColor:
    """The colour of a status; contrast at least 4.5:1 against the list of its theme."""
    return QColor((_STATUS_DARK if is_dark(palette) else _STATUS_LIGHT)[status])


def make_palette(levels: Greys) -> QPalette:
    """The palette of one theme."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    palette = QPalette(grey(levels.button), grey(levels.window))
    normal = {
        role.Window: levels.window,
        role.WindowText: levels.text,
        role.Base: levels.base,
        role.AlternateBase: levels.window,
        role.Text: levels.text,
        role.PlaceholderText: levels.quiet,
        role.Button: levels.button,
        role.ButtonText: levels.text,
        role.BrightText: 255,
        role.Light: min(255, levels.button + 24),
        role.Midlight: min(255, levels.button + 12),
        role.Mid: levels.line,
        role.Dark: levels.line,
        role.Highlight: levels.highlight,
        role.HighlightedText: levels.text,
        role.Accent: levels.accent,
        role.ToolTipBase: levels.button,
        role.ToolTipText: levels.text,
        role.Link: levels.text,
        role.LinkVisited: levels.text,
    }
    for key, level in normal.items():
        palette.setColor(key, grey(level))
    for key in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(group.Disabled, key, grey(levels.disabled))
    palette.setColor(group.Disabled, role.Highlight, grey(levels.button))
    palette.setColor(group.Disabled, role.Accent, grey(levels.disabled))
    return palette


_SHEET = """
QToolBar {{ border: 0; border-bottom: 1px solid {line}; spacing: 4px; padding: 4px 8px; }}
QToolBar::separator {{ background: {line}; width: 1px; margin: 4px 8px; }}
QToolButton {{ border: 1px solid transparent; border-radius: 4px; padding: 2px 6px; min-height: 22px; }}
QToolButton[framed="true"], QPushButton, QComboBox, QSpinBox, QLineEdit {{
    border: 1px solid {line}; border-radius: 4px; background: {button}; min-height: 22px; }}
QPushButton {{ padding: 2px 12px; }}
QPushButton:flat {{ border-color: transparent; background: transparent; }}
QComboBox, QSpinBox, QLineEdit {{ padding: 2px 4px 2px 8px; selection-background-color: {hover}; }}
QSpinBox, QLineEdit {{ background: {base}; }}
QToolButton:hover, QPushButton:hover, QComboBox:hover {{ background: {hover}; }}
QToolButton:checked, QToolButton:pressed, QPushButton:checked, QPushButton:pressed {{
    background: {hover}; border-color: {quiet}; }}
QToolButton:focus, QPushButton:focus, QComboBox:focus, QSpinBox:focus, QLineEdit:focus {{
    border-color: {accent}; }}
QPushButton:default, QPushButton[primary="true"] {{ border-color: {quiet}; }}
QPushButton[primary="true"]:disabled {{ border-color: {line}; }}
QToolButton:disabled, QPushButton:disabled, QComboBox:disabled {{ color: {disabled}; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
QSpinBox::up-button, QSpinBox::down-button {{ width: 0; border: 0; }}
QComboBox::drop-down {{ border: 0; width: 20px; }}
QCheckBox::indicator:unchecked {{ border: 1px solid {quiet}; border-radius: 3px; background: {base};
    width: 12px; height: 12px; }}
QRadioButton::indicator:unchecked {{ border: 1px solid {quiet}; border-radius: 7px; background: {base};
    width: 12px; height: 12px; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QMenuBar {{ border: 0; background: transparent; }}
QMenuBar::item {{ padding: 4px 8px; background: transparent; }}
QMenuBar::item:selected {{ background: {hover}; }}
QAbstractScrollArea {{ border: 0; }}
QListView {{ background: {base}; border-top: 1px solid {line}; }}
QListView:focus {{ border-top: 1px solid {accent}; }}
QTableWidget {{ border: 1px solid {line}; gridline-color: {line}; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {hover}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 24px; }}
QScrollBar::handle:hover {{ background: {quiet}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSplitter::handle {{ background: {line}; }}
QToolTip {{ border: 1px solid {line}; padding: 4px; color: {text}; background: {button}; }}
QProgressBar {{ border: 0; border-radius: 2px; background: {hover}; max-height: 4px; min-height: 4px; }}
QProgressBar::chunk {{ border-radius: 2px; background: {accent}; }}
ToolStrip QToolButton {{ padding: 2px 0; }}
StatusLine QPushButton {{ min-height: 18px; padding: 1px 10px; }}
MessageBar, HistoryBar {{ background: {button}; border: 1px solid {line}; border-radius: 6px; }}
*[quiet="true"] {{ color: {quiet}; }}
*[title="true"] {{ font-weight: 600; }}
"""


def style_sheet(levels: Greys) -> str:
    """What Fusion and a palette cannot say: flat controls of one height, hairlines, slim scroll bars."""
    return _SHEET.format(
        line=grey(levels.line).name(),
        hover=grey(levels.highlight).name(),
        quiet=grey(levels.quiet).name(),
        accent=grey(levels.accent).name(),
        base=grey(levels.base).name(),
        button=grey(levels.button).name(),
        disabled=grey(levels.disabled).name(),
        text=grey(levels.text).name(),
    )


class Theme(QObject):
    """Keeps the application's palette and style sheet; follows the system unless the person chose.

    Signals:
        changed(): palette and style sheet are new; icons have to be made again.
    """

    changed = Signal()

    def __init__(self, application: QApplication, choice: ThemeChoice = "system") -> None:
        super().__init__(application)
        self._application = application
        self._choice: ThemeChoice = choice
        self._levels: Greys | None = None
        application.setStyle(QStyleFactory.create("Fusion"))
        application.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self._apply()

    @property
    def choice(self) -> ThemeChoice:
        """What the person chose."""
        return self._choice

    def choose(self, choice: ThemeChoice) -> None:
        """Take a theme, or the system's again."""
        self._choice = choice
        self._apply()

    @Slot()
    def _on_system_changed(self) -> None:
        if self._choice == "system":
            self._apply()

    def _apply(self) -> None:
        scheme = self._application.styleHints().colorScheme()
        # A system that names no scheme gets the dark one: the photo is then the brightest thing there.
        light = self._choice == "light" or (self._choice == "system" and scheme == Qt.ColorScheme.Light)
        levels = LIGHT if light else DARK
        if levels is self._levels:
            return  # a style sheet is dear: Qt goes through every widget
        self._levels = levels
        self._application.setPalette(make_palette(levels))
        self._application.setStyleSheet(style_sheet(levels))
        self.changed.emit()
