"""The table of actions as QActions of one window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

from tongue_viewer.ui.action_table import SPECS, ActionSpec, key_text
from tongue_viewer.ui.icons import icon


class Actions:
    """The table as QActions of one window."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._actions: dict[str, QAction] = {}
        self._groups: dict[str, QActionGroup] = {}
        for spec in SPECS:
            self._actions[spec.name] = self._make(spec)
        self.refresh_icons()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def enable(self, enabled: bool, *names: str) -> None:
        """Enable or disable several actions."""
        for name in names:
            self._actions[name].setEnabled(enabled)

    def refresh_icons(self) -> None:
        """Make the icons again after the palette has changed."""
        palette = self._window.palette()
        for spec in SPECS:
            self._actions[spec.name].setIcon(icon(spec.icon, palette))

    def _make(self, spec: ActionSpec) -> QAction:
        action = QAction(spec.text, self._window)
        action.setObjectName(spec.name)
        action.setCheckable(spec.checkable)
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        keys = key_text(spec)
        action.setToolTip(f"{spec.tip}  ({keys})" if keys else spec.tip)
        action.setStatusTip(spec.tip)
        action.setIconVisibleInMenu(False)
        if spec.where == "canvas":
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        else:
            self._window.addAction(action)
        if spec.group:
            group = self._groups.setdefault(spec.group, QActionGroup(self._window))
            group.addAction(action)
        return action
