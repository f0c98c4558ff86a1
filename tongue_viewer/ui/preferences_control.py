"""Joins the settings dialog with the list, and keeps what was chosen."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from tongue_viewer.ui.actions import Actions
from tongue_viewer.ui.dialogs.settings_dialog import Preferences, SettingsDialog
from tongue_viewer.ui.photo_list import PhotoList


class PreferencesControl(QObject):
    """Asks for name and pattern, and tells the list of the pattern.

    Signals:
        preferences_changed(): the person changed one.
    """

    preferences_changed = Signal()

    def __init__(self, actions: Actions, photos: PhotoList, parent: QWidget) -> None:
        super().__init__(parent)
        self._photos, self._window = photos, parent
        self._login = ""
        self._chosen = Preferences()
        actions["settings"].triggered.connect(self._on_ask)

    @property
    def chosen(self) -> Preferences:
        """What is kept."""
        return self._chosen

    @property
    def signed(self) -> str:
        """The name for the history: the person's own, else that of the account."""
        return self._chosen.user_name or self._login

    def set_login(self, name: str) -> None:
        """The name of the account, which is proposed."""
        self._login = name

    def set_preferences(self, preferences: Preferences) -> None:
        """Take over what was kept."""
        self._chosen = preferences
        self._photos.set_pattern(preferences.patient_pattern)

    @Slot()
    def _on_ask(self) -> None:
        stems = [summary.path.stem for summary in self._photos.model.summaries]
        dialog = SettingsDialog(replace(self._chosen, user_name=self.signed), stems, self._window)
        dialog.preferences_chosen.connect(self._on_chosen)
        dialog.open()

    @Slot(object)
    def _on_chosen(self, preferences: Preferences) -> None:
        self.set_preferences(preferences)
        self.preferences_changed.emit()
