"""Joins the classes with the tools, the canvas, their panel, their keys and their dialog."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from tongue_viewer.core.classes import DEFAULT_CLASSES, MOST_CLASSES, MaskClass
from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.canvas.canvas_view import CanvasView
from tongue_viewer.ui.class_panel import ClassPanel
from tongue_viewer.ui.dialogs.classes_dialog import ClassesDialog
from tongue_viewer.ui.tool_box import ToolBox


class ClassControl(QObject):
    """Keeps the chosen class and the list of classes in step everywhere.

    Signals:
        classes_changed(): the person changed the list.
        class_chosen(int): another class is painted.
    """

    classes_changed = Signal()
    class_chosen = Signal(int)

    def __init__(
        self, actions: Actions, tools: ToolBox, canvas: CanvasView, panel: ClassPanel, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._actions, self._tools, self._canvas, self._panel = actions, tools, canvas, panel
        self._window = parent
        self._classes: tuple[MaskClass, ...] = DEFAULT_CLASSES
        self._chosen = 1
        panel.class_chosen.connect(self.choose)
        panel.edit_wanted.connect(self._on_edit)
        actions["classes"].triggered.connect(self._on_edit)
        for index in range(1, MOST_CLASSES + 1):
            actions[f"class_{index}"].triggered.connect(self._on_key)
        self.set_classes(DEFAULT_CLASSES)

    @property
    def classes(self) -> tuple[MaskClass, ...]:
        """All of them, in the order of their numbers."""
        return self._classes

    @property
    def chosen(self) -> int:
        """The class that is painted."""
        return self._chosen

    def set_classes(self, classes: tuple[MaskClass, ...]) -> None:
        """Use these classes; the first one is painted where the chosen one is gone."""
        self._classes = classes
        self._chosen = min(self._chosen, len(classes))
        several = len(classes) > 1
        self._panel.show_classes(classes, self._chosen)
        self._panel.setVisible(several)
        for index in range(1, MOST_CLASSES + 1):
            self._actions[f"class_{index}"].setEnabled(several and index <= len(classes))
        self._canvas.set_class_colours([known.colour for known in classes])
        self.choose(self._chosen)

    @Slot(int)
    def choose(self, index: int) -> None:
        """Paint this class from now on."""
        if 1 <= index <= len(self._classes):
            self._chosen = index
            self._panel.show_chosen(index)
            self._tools.set_class(index)
            self.class_chosen.emit(index)

    @Slot()
    def _on_key(self) -> None:
        self.choose(int(self.sender().objectName().removeprefix("class_")))

    @Slot()
    def _on_edit(self) -> None:
        dialog = ClassesDialog(self._classes, self._window)
        dialog.classes_chosen.connect(self._on_chosen)
        dialog.open()

    @Slot(object)
    def _on_chosen(self, classes: tuple[MaskClass, ...]) -> None:
        self.set_classes(classes)
        self.classes_changed.emit()
