"""The menu entry of the folder of masks that is kept in step, its dialog, its messages, and its state."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from tongue_viewer.app.live_desk import LiveDesk
from tongue_viewer.core.events import FolderListed
from tongue_viewer.core.exports import ExportPlan
from tongue_viewer.core.live import ForeignFile, LiveState, live_text
from tongue_viewer.core.settings import Settings
from tongue_viewer.ui.dialogs.live_dialog import LiveDialog
from tongue_viewer.ui.main_window import MainWindow

_RETRY, _REPLACE, _REFUSED = "live_retry", "live_replace", "live_refused"
_NAMED = 3
READ_ONLY = (
    "Changes of this folder cannot be kept, so no folder of masks is kept in step with it. Nothing was changed. The note "
    "that came up when the folder was opened says why."
)


class LiveShown(QObject):
    """Switches a folder of masks on and off, and says what is in step and what is not.

    Signals:
        settings_changed(): another folder is to be remembered.
    """

    settings_changed = Signal()

    def __init__(self, window: MainWindow, desk: LiveDesk, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._window, self._desk = window, desk
        self._plan = ExportPlan(image_format=settings.export_format, values=settings.export_values)
        self._folder: Path | None = None
        self._writable = True
        self._action = window.table["live_export"]
        self._action.triggered.connect(self._on_triggered)
        window.messages.action_requested.connect(self._on_message_action)
        desk.state_changed.connect(self._on_state)
        desk.folders_changed.connect(self.settings_changed)
        desk.failed.connect(self._on_failed)
        desk.recovered.connect(self._on_recovered)
        desk.foreign_found.connect(self._on_foreign)
        desk.refused.connect(self._on_refused)

    @Slot(object)
    def show_folder(self, listed: FolderListed) -> None:
        """Another folder is open."""
        self._folder, self._writable = listed.folder, listed.writable

    @Slot(bool)
    def _on_triggered(self, checked: bool) -> None:
        self._action.setChecked(not checked)  # it follows what is, not what was clicked
        messages = self._window.messages
        if not checked:
            self._desk.switch_off()
            messages.show_message("The files stay as they are from now on.", word="live", brief=True)
        elif not self._writable:
            messages.show_message(READ_ONLY, "problem", word=_REFUSED)
        elif self._folder is not None:
            dialog = LiveDialog(self._folder.parent / f"{self._folder.name}-live-masks", self._window)
            dialog.folder_chosen.connect(self._on_chosen)
            dialog.open()

    @Slot(object)
    def _on_chosen(self, out: Path) -> None:
        self._window.messages.withdraw(_REFUSED)
        self._desk.switch_on(out, self._plan)

    @Slot(object)
    def _on_state(self, state: LiveState) -> None:
        self._action.setChecked(state.out is not None)
        place = f"{state.out}\n{state.reason}".strip() if state.out else ""
        self._window.status_line.show_live(live_text(state), place)

    @Slot(str)
    def _on_failed(self, reason: str) -> None:
        self._window.messages.show_message(reason, "problem", "Try again", _RETRY)

    @Slot()
    def _on_recovered(self) -> None:
        self._window.messages.withdraw(_RETRY)

    @Slot(object)
    def _on_foreign(self, files: tuple[ForeignFile, ...]) -> None:
        names = ", ".join(file.path.name for file in files[:_NAMED])
        more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
        count = "A file" if len(files) == 1 else f"{len(files)} files"
        text = (
            f"{count} in the folder of masks did not come from here or was changed by somebody else ({names}{more}), "
            "so it was left as it is. Your masks are safe in the case database."
        )
        ours = any(file.ours for file in files)
        remedy = (
            "Replace what was changed, or move it away." if ours else "Move it away to have the mask there."
        )
        self._window.messages.show_message(f"{text} {remedy}", "problem", "Replace" if ours else "", _REPLACE)

    @Slot(str)
    def _on_refused(self, reason: str) -> None:
        self._window.messages.show_message(reason, "problem", word=_REFUSED)

    @Slot(str)
    def _on_message_action(self, word: str) -> None:
        if word == _RETRY:
            self._desk.retry()
        elif word == _REPLACE:
            self._desk.replace_foreign()
