"""The menu bar and the tool bar, built from the table of actions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar, QSizePolicy, QToolBar, QToolButton

from tongue_viewer.ui.action_table import MENUS, RECENT, SEPARATOR, SUBMENUS
from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.elided_label import ElidedLabel
from tongue_viewer.ui.icons import ICON_SIZE
from tongue_viewer.ui.parts import tool_button
from tongue_viewer.ui.theme import CONTROL_HEIGHT


class Menus(QObject):
    """Fills a menu bar; keeps the list of recent folders.

    Signals:
        recent_requested(Path): a recent folder was chosen.
    """

    recent_requested = Signal(object)

    def __init__(self, bar: QMenuBar, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self.recent = QMenu("&Recent folders")
        self._submenus = {RECENT: self.recent}
        for name, (text, entries) in SUBMENUS.items():
            submenu = self._submenus[name] = QMenu(text)
            for entry in entries:
                submenu.addAction(actions[entry])
        for text, names in MENUS.items():
            menu = bar.addMenu(text)
            for name in names:
                if name == SEPARATOR:
                    menu.addSeparator()
                elif name in self._submenus:
                    menu.addMenu(self._submenus[name])
                else:
                    menu.addAction(actions[name])
        self.recent.triggered.connect(self._on_recent)
        self.show_recent(())

    def show_recent(self, folders: Sequence[str]) -> None:
        """List the folders that were opened last."""
        self.recent.clear()
        for folder in folders:
            action = self.recent.addAction(folder.replace("&", "&&"))
            action.setData(folder)
        self.recent.setEnabled(bool(folders))

    @Slot(QAction)
    def _on_recent(self, action: QAction) -> None:
        self.recent_requested.emit(Path(action.data()))


class ToolBar(QToolBar):
    """[Open] │ Prev Next Next-to-do │ Undo Redo │ 17 / 300 · 041.bmp │ [Predict ▾] [Export ▾]."""

    def __init__(self, actions: Actions) -> None:
        super().__init__("Tools")
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setFloatable(False)
        self.setIconSize(ICON_SIZE)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        actions["open_folder"].setIconText("Open")
        self.addWidget(tool_button(actions["open_folder"], text=True))
        self.addSeparator()
        self.addWidget(tool_button(actions["previous"]))
        self.addWidget(tool_button(actions["next"]))
        actions["next_to_do"].setIconText("Next to do")
        self.addWidget(tool_button(actions["next_to_do"], text=True))
        self.addSeparator()
        self.addWidget(tool_button(actions["undo"]))
        self.addWidget(tool_button(actions["redo"]))
        self.addSeparator()
        self.place = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        self.place.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.place.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.place.setAccessibleName("Place in the folder")
        self.addWidget(self.place)
        self.addSeparator()
        self.predict = _menu_button("Predict", actions, ("predict_photo", "predict_folder"), "predict_folder")
        self.export = _menu_button("Export", actions, ("export_folder", "export_photo"), "export_folder")
        for button, action in ((self.predict, "predict_folder"), (self.export, "export_folder")):
            button.setEnabled(actions[action].isEnabled())
            actions[action].enabledChanged.connect(button.setEnabled)
        self.addWidget(self.predict)
        self.addWidget(self.export)


class _MenuButton(QToolButton):
    """A button that opens a menu, with the icon of one of its actions."""

    def __init__(self, text: str, actions: Actions, names: Sequence[str], like: str) -> None:
        super().__init__()
        self._like = actions[like]
        menu = QMenu(self)
        for name in names:
            menu.addAction(actions[name])
        self.setMenu(menu)
        self.setText(f"{text} ▾")
        self.setAccessibleName(text)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(ICON_SIZE)
        self.setFixedHeight(CONTROL_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._like.changed.connect(self._follow)
        self._follow()

    @Slot()
    def _follow(self) -> None:
        self.setIcon(self._like.icon())


def _menu_button(text: str, actions: Actions, names: Sequence[str], like: str) -> QToolButton:
    return _MenuButton(text, actions, names, like)
