"""Joins the theme with its actions and with what has to be coloured anew."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.theme import Theme, ThemeChoice
from tongue_viewer.ui.workbench import Workbench

_CHOICES: tuple[ThemeChoice, ...] = ("system", "dark", "light")


class ThemeControl(QObject):
    """Three actions, one theme."""

    def __init__(self, theme: Theme, actions: Actions, workbench: Workbench, parent: QObject) -> None:
        super().__init__(parent)
        self._theme, self._actions, self._workbench = theme, actions, workbench
        for choice in _CHOICES:
            actions[f"theme_{choice}"].triggered.connect(self._on_action)
        theme.changed.connect(self._on_changed)

    @property
    def choice(self) -> ThemeChoice:
        """What the person chose."""
        return self._theme.choice

    def choose(self, choice: ThemeChoice) -> None:
        """Take a theme, or the system's."""
        self._actions[f"theme_{choice}"].setChecked(True)
        self._theme.choose(choice)

    @Slot()
    def _on_action(self) -> None:
        self._theme.choose(next(c for c in _CHOICES if self._actions[f"theme_{c}"].isChecked()))

    @Slot()
    def _on_changed(self) -> None:
        self._actions.refresh_icons()
        self._workbench.refresh_icons()
