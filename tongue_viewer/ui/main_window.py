"""The window: places the panels, owns the actions, and passes on what the person asks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QMainWindow, QSplitter, QVBoxLayout, QWidget

from tongue_viewer.core.classes import parse_classes
from tongue_viewer.core.events import FolderListed
from tongue_viewer.core.settings import Settings
from tongue_viewer.editor.document import Document
from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.case_view import CaseView
from tongue_viewer.ui.class_control import ClassControl
from tongue_viewer.ui.dialogs.settings_dialog import Preferences
from tongue_viewer.ui.doubt_control import DoubtControl
from tongue_viewer.ui.history_control import HistoryControl
from tongue_viewer.ui.in_hand import InHand
from tongue_viewer.ui.inspector import Inspector
from tongue_viewer.ui.menus import Menus, ToolBar
from tongue_viewer.ui.navigation import Navigation
from tongue_viewer.ui.note_field import NoteKeeper
from tongue_viewer.ui.parts import hairline
from tongue_viewer.ui.photo_list import PhotoList
from tongue_viewer.ui.pixel_text import pixel_text
from tongue_viewer.ui.preferences_control import PreferencesControl
from tongue_viewer.ui.replace_question import ReplaceQuestion
from tongue_viewer.ui.scale_control import ScaleControl
from tongue_viewer.ui.status_line import StatusLine
from tongue_viewer.ui.theme import Theme
from tongue_viewer.ui.theme_control import ThemeControl
from tongue_viewer.ui.threshold_control import ThresholdControl
from tongue_viewer.ui.tidy_control import TidyControl
from tongue_viewer.ui.tool_box import HINTS, SIZED, ToolBox
from tongue_viewer.ui.view_control import ViewControl
from tongue_viewer.ui.workbench import Workbench

_LIST_WIDTH, _INSPECTOR_WIDTH = 256, 264


class MainWindow(QMainWindow):
    """Panels around the photo.

    Signals (all requests):
        folder_requested(Path): open a folder, or the folder of a photo and that photo.
        photo_requested(Path): open a photo of the folder.
        close_requested(): the person wants to leave; `let_close` does it.

    Other requests are actions of `table`, and signals of `photos`, `status_line` and `messages`.
    """

    folder_requested = Signal(object)
    photo_requested = Signal(object)
    close_requested = Signal()

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._closing = False
        self._folder: Path | None = None
        self.setObjectName("main_window")
        self.setWindowTitle("tongue-viewer")
        self.setAcceptDrops(True)
        self.table = table = Actions(self)
        self.photos = PhotoList()
        self.workbench = Workbench(document, table)
        self.inspector = Inspector(table)
        self.status_line = StatusLine()
        self.messages = self.workbench.messages
        self.menus = Menus(self.menuBar(), table, self)
        self.toolbar = ToolBar(table)
        self.addToolBar(self.toolbar)
        canvas = self.workbench.canvas
        self.notes = NoteKeeper(document, table, self.inspector.case.note_field, canvas, self)
        self.tools = ToolBox(document, table, canvas, self.inspector, self)
        self.classes = ClassControl(table, self.tools, canvas, self.inspector.classes, self)
        self.in_hand = InHand(document, canvas, self)
        self._tidy = TidyControl(document, table, self.inspector, self.in_hand, self)
        self._threshold = ThresholdControl(document, self.inspector.threshold, self)
        self.view = ViewControl(table, canvas, self.inspector, self.workbench.bar, self)
        self.scale = ScaleControl(table, canvas, self)
        self._doubts = DoubtControl(document, table, canvas, self)
        self.history = HistoryControl(document, table, self.inspector, canvas, self, in_hand=self.in_hand)
        self.replace_question = ReplaceQuestion(document, self)
        self.case = CaseView(
            document,
            table,
            self.inspector.case,
            self,
            in_hand=self.in_hand,
            notes=self.notes,
            question=self.replace_question,
        )
        self.preferences = PreferencesControl(table, self.photos, self)
        self.navigation = Navigation(
            document, table, self.photos, self.toolbar.place, self, in_hand=self.in_hand
        )
        self._theme = ThemeControl(theme, table, self.workbench, self)
        self._place_panels()
        self._connect()
        self.tools.choose("brush")

    @property
    def folder(self) -> Path | None:
        """The folder that is shown."""
        return self._folder

    def apply_settings(self, settings: Settings) -> None:
        """Take over what the person chose last time."""
        self._theme.choose(settings.theme)
        self.tools.set_diameter(settings.brush_size)
        self.classes.set_classes(parse_classes(settings.classes))
        self.scale.set_scales(settings.scales)
        self.preferences.set_preferences(Preferences(settings.user_name, settings.patient_pattern))
        self.view.set_mode(settings.overlay_mode)
        self.view.set_opacity(settings.overlay_opacity)
        self.table["two_panes"].setChecked(settings.two_panes)
        self.workbench.canvas.set_two_panes(settings.two_panes)
        self.table["panels"].setChecked(settings.show_list)
        self._show_panels()
        self.show_recent(settings)

    def show_recent(self, settings: Settings) -> None:
        """List the folders that were opened last."""
        self.menus.show_recent(settings.recent_folders)
        self.workbench.empty.show_recent(settings.recent_folders)

    def chosen_settings(self, settings: Settings) -> Settings:
        """`settings` with what the person chose in this window."""
        shown = self.table["panels"].isChecked()
        return replace(
            settings,
            theme=self._theme.choice,
            brush_size=self.tools.diameter,
            scales=self.scale.scales,
            user_name=self.preferences.chosen.user_name,
            patient_pattern=self.preferences.chosen.patient_pattern,
            classes=tuple(known.text for known in self.classes.classes),
            overlay_mode=self.view.mode,
            overlay_opacity=self.view.opacity,
            two_panes=self.table["two_panes"].isChecked(),
            show_list=shown,
            show_inspector=shown,
        )

    def show_folder(self, listed: FolderListed) -> None:
        """Show the photos of another folder; none is open yet."""
        self._folder = listed.folder
        self.scale.show_folder(str(listed.folder))
        self.photos.set_summaries(listed.summaries)
        self.workbench.show_photo(bool(listed.summaries))
        self._show_panels()
        self.setWindowTitle(f"{listed.folder.name or listed.folder} – tongue-viewer")
        self.messages.clear_but("retry_save")  # what is not saved is so in any folder
        if listed.note:
            self.messages.show_message(listed.note, "info" if listed.writable else "problem", word="folder")
        self.navigation.show_place()

    def let_close(self) -> None:
        """Close without asking again."""
        self._closing = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Ask first: work may be on its way to the disk."""
        if not self._closing:
            self.notes.keep()
            self.close_requested.emit()
        # `let_close` may have been called meanwhile; Qt ignores a `close` inside of `closeEvent`.
        event.setAccepted(self._closing)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take files and folders of this computer."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Open what was dropped."""
        local = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if local:
            event.acceptProposedAction()
            self.folder_requested.emit(Path(local[0]))

    def _place_panels(self) -> None:
        panels = QSplitter(Qt.Orientation.Horizontal)
        panels.setHandleWidth(1)
        panels.setChildrenCollapsible(False)
        for widget, least in ((self.photos, 180), (self.workbench, 320), (self.inspector, _INSPECTOR_WIDTH)):
            widget.setMinimumWidth(least)
            panels.addWidget(widget)
        panels.setStretchFactor(1, 1)
        panels.setSizes([_LIST_WIDTH, 800, _INSPECTOR_WIDTH])
        self.inspector.setMaximumWidth(360)
        self.photos.setMaximumWidth(480)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(panels, 1)
        layout.addWidget(hairline())
        layout.addWidget(self.status_line)
        self.setCentralWidget(centre)

    def _connect(self) -> None:
        self.table["open_folder"].triggered.connect(self._choose_folder)
        self.table["quit"].triggered.connect(self.close)
        self.table["panels"].toggled.connect(self._show_panels)
        self.table["next_area"].triggered.connect(self._on_next_area)
        self.menus.recent_requested.connect(self.folder_requested)
        self.workbench.empty.folder_requested.connect(self.folder_requested)
        self.navigation.photo_requested.connect(self.photo_requested)
        self.navigation.nothing_left.connect(self._on_nothing_left)
        self.classes.class_chosen.connect(self._tidy.set_class)
        self.tools.tool_changed.connect(self._on_tool)
        self.tools.refused.connect(self._on_refused)
        self._doubts.counted.connect(self.inspector.overlay.show_doubts)
        self._doubts.refused.connect(self._on_refused)
        self.in_hand.refused.connect(self._on_refused)
        self.workbench.canvas.cursor_moved.connect(self._on_cursor)

    @Slot()
    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, "Open a folder of photos", str(self._folder or Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._on_folder_chosen)
        dialog.open()

    @Slot(str)
    def _on_folder_chosen(self, folder: str) -> None:
        self.folder_requested.emit(Path(folder))

    @Slot()
    def _show_panels(self) -> None:
        # Without a folder there is nothing that they could show.
        shown = self.table["panels"].isChecked() and self.photos.model.rowCount() > 0
        self.photos.setVisible(shown)
        self.inspector.setVisible(shown)
        self.status_line.hint.setVisible(self.photos.model.rowCount() > 0)
        if not shown:
            self.workbench.take_focus()

    @Slot()
    def _on_next_area(self) -> None:
        areas = (self.photos.view, self.workbench.canvas, self.inspector.case.accept_button)
        shown: list[QWidget] = [area for area in areas if area.isVisible()]
        here = next((n for n, area in enumerate(shown) if area.hasFocus()), -1)
        if shown:
            shown[(here + 1) % len(shown)].setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_nothing_left(self) -> None:
        self.messages.show_message("No other photo is left to do.", word="done", brief=True)

    @Slot(str)
    def _on_tool(self, name: str) -> None:
        self.status_line.show_hint(HINTS[name])
        self.inspector.show_tool(name, sized=name in SIZED)

    @Slot(str)
    def _on_refused(self, reason: str) -> None:
        self.messages.show_message(reason, word="tool", brief=True)

    @Slot(float, float, bool)
    def _on_cursor(self, x: float, y: float, inside: bool) -> None:
        photo = self._document.photo
        text = pixel_text(photo.rgb, self._document.prediction, int(x), int(y)) if photo and inside else ""
        self.status_line.show_pixel(text)
