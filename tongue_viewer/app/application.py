"""Builds the objects of the window and connects them (docs/architecture.md, "The way of the data")."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication

from tongue_viewer.app.case_desk import CaseDesk
from tongue_viewer.app.closing import Closing
from tongue_viewer.app.export_desk import ExportDesk, failure_text
from tongue_viewer.app.help_desk import HelpDesk
from tongue_viewer.app.history_desk import HistoryDesk
from tongue_viewer.app.import_desk import ImportDesk
from tongue_viewer.app.import_shown import ImportShown
from tongue_viewer.app.live_desk import LiveDesk
from tongue_viewer.app.live_shown import LiveShown
from tongue_viewer.app.offer_desk import OfferDesk
from tongue_viewer.app.prediction_desk import PredictionDesk
from tongue_viewer.app.repair_desk import RepairDesk
from tongue_viewer.app.replace_desk import ReplaceDesk
from tongue_viewer.app.thumbnail_desk import ThumbnailDesk
from tongue_viewer.app.work_shown import WorkShown
from tongue_viewer.core.case_list import UNFINISHED
from tongue_viewer.core.cases import CaseState, CaseStatus, CaseSummary
from tongue_viewer.core.errors import WriteError
from tongue_viewer.core.events import CaseFailed, FolderListed, PredictionReady, ThumbnailReady
from tongue_viewer.core.settings import Settings
from tongue_viewer.editor.document import Document
from tongue_viewer.inference.source import PredictorSource
from tongue_viewer.jobs.library import Library
from tongue_viewer.storage.login_name import login_name
from tongue_viewer.storage.settings_file import load_settings, save_settings
from tongue_viewer.ui.main_window import MainWindow
from tongue_viewer.ui.status_line import Saved
from tongue_viewer.ui.theme import Theme
from tongue_viewer.workers.job_runner import JobFailure

log = logging.getLogger(__name__)

AHEAD = 3
"""So many photos after the open one are predicted by themselves."""


class TongueViewerApp(QObject):
    """The window with everything behind it.

    Attributes:
        window, document: what the person sees, and the open case.
        cases, predictions, thumbnails, exports, imports, live: each for a kind of work.
    """

    def __init__(
        self,
        application: QApplication,
        *,
        settings: Settings | None = None,
        models: PredictorSource | None = None,
        library: Library | None = None,
    ) -> None:
        """Build everything; nothing is shown and torch is not loaded.

        Args:
            application: the one of the process.
            settings: None: those of the settings file.
            models: None: the person's current model.
            library: None: a new one.
        """
        super().__init__(application)
        self.settings = settings or load_settings()
        self.library = library or Library()
        self.document = Document(self, undo_bytes=self.settings.undo_megabytes * 2**20)
        self.window = MainWindow(self.document, Theme(application, self.settings.theme))
        self.window.apply_settings(self.settings)
        self.window.preferences.set_login(login_name())
        self.cases = CaseDesk(self.library, self.document, self.window.preferences.signed, self)
        self.predictions = PredictionDesk(
            self.library, models or PredictorSource(self.settings.model or None), self
        )
        self.thumbnails = ThumbnailDesk(self)
        self.exports = ExportDesk(self.library, self.cases.runner, self)
        self._offers = OfferDesk(self.library, self.cases, self.document, self.window.messages)
        self._replace = ReplaceDesk(self.window, self.document, self.predictions)
        self._help = HelpDesk(self.window, self.predictions, self)
        self._history = HistoryDesk(self.library, self.cases, self.document, self.window)
        self.imports = ImportDesk(self.library, self.document, self.cases, self)
        self.live = LiveDesk(self.library, self.settings.live_folders, self)
        self._work = WorkShown(self.window, self.predictions, self.exports, self.imports, self)
        self._imports_shown = ImportShown(self.window, self.imports, self)
        self._closing = Closing(
            self.window, self.cases, self, exports=self.exports, imports=self.imports, live=self.live
        )
        self._live_shown = LiveShown(self.window, self.live, self.settings, self)
        self._folder: Path | None = None
        self._writable = True
        self._first: Path | None = None
        self._early: PredictionReady | None = None
        self._connect()
        # Behind the others: its message about a failure takes the place of theirs.
        self.repairs = RepairDesk(self.library, self.cases, self.predictions, self.window)
        self.repairs.watch(self.exports.runner)
        self.repairs.open_requested.connect(self.open)

    @Slot(object)
    def open(self, path: Path) -> None:
        """Open a folder, or a photo and its folder."""
        self._first = path
        self.cases.open_folder(path)

    def shutdown(self) -> None:
        """Save what waits, stop the rest, keep the settings; afterwards no thread runs."""
        self.window.notes.keep()
        self.imports.shutdown()
        for desk in (self.live, self.exports, self.predictions, self.thumbnails):
            desk.shutdown()
        self.cases.shutdown()  # last: a late answer of the model may have made a step
        self.document.close()  # its history would still speak to widgets while both are deleted
        self.library.close()
        self._keep_settings()

    def _connect(self) -> None:
        window, cases = self.window, self.cases
        window.folder_requested.connect(self.open)
        window.photo_requested.connect(cases.want)
        window.photos.thumbnails_requested.connect(self.thumbnails.want)
        window.messages.action_requested.connect(self._on_message_action)
        window.classes.classes_changed.connect(self._keep_settings)
        window.scale.scales_changed.connect(self._keep_settings)
        window.preferences.preferences_changed.connect(self._on_preferences)
        window.table["predict_folder"].triggered.connect(self._on_predict_folder)
        cases.folder_listed.connect(self._on_folder)
        for part in (self._imports_shown, self._live_shown, self.live):
            cases.folder_listed.connect(part.show_folder)
        for desk in (cases, self.predictions, self.imports):
            desk.summary_changed.connect(self.live.note)
        cases.case_loaded.connect(self.live.note_opened)
        self._live_shown.settings_changed.connect(self._keep_settings)
        cases.wanted_changed.connect(window.navigation.point_at)
        cases.case_loaded.connect(self._on_case)
        cases.case_failed.connect(self._on_case_failed)
        cases.reloaded.connect(self.document.open)
        cases.summary_changed.connect(self._on_summary)
        cases.saves.saving_changed.connect(self._on_saving)
        cases.saves.save_failed.connect(self._on_save_failed)
        cases.problem.connect(self._on_problem)
        self.imports.summary_changed.connect(self._on_summary)
        self.predictions.prediction_ready.connect(self._on_prediction)
        self.predictions.summary_changed.connect(self._on_summary)
        self.predictions.problem.connect(self._on_model_problem)
        self.thumbnails.thumbnail_ready.connect(self._on_thumbnail)

    @Slot()
    def _keep_settings(self) -> None:
        chosen = self.window.chosen_settings(self.settings)
        self.settings = replace(chosen, live_folders=dict(self.live.folders))
        try:
            save_settings(self.settings)
        except WriteError as error:
            log.warning("The settings could not be kept: %s", error)

    @Slot()
    def _on_preferences(self) -> None:
        self.cases.set_user_name(self.window.preferences.signed)
        self._keep_settings()

    @Slot(object)
    def _on_folder(self, listed: FolderListed) -> None:
        self.document.close()
        self._folder, self._writable, self._early = listed.folder, listed.writable, None
        self.predictions.set_folder(listed.folder)
        self.window.show_folder(listed)
        self._on_saving()
        self.settings = self.settings.with_recent_folder(str(listed.folder))
        self.window.show_recent(self.settings)
        self._keep_settings()
        paths = [summary.path for summary in listed.summaries]
        left = (summary.path for summary in listed.summaries if summary.status in UNFINISHED)
        asked = self._first if self.window.photos.model.row_of(self._first) >= 0 else None
        first = asked or next(left, paths[0] if paths else None)
        if first is not None:
            self.cases.want(first)
            self.window.photos.view.setFocus()

    @Slot(object)
    def _on_case(self, state: CaseState) -> None:
        path = state.summary.path
        self.document.open(state)
        self.window.messages.withdraw("photo")
        self._on_summary(state.summary)
        if self._early is not None and self._early.summary.path == path:
            self.document.accept_prediction(self._early)
        self._early = None
        self._look_ahead(path)

    def _look_ahead(self, path: Path) -> None:
        model = self.window.photos.model
        ahead = self.window.photos.following(path, AHEAD)
        if ahead:
            self.cases.decode_ahead(ahead[0])
        if not self.settings.predict_ahead:
            return
        wanted = [p for p in ahead if model.summary_at(model.row_of(p)).status is CaseStatus.TO_DO]
        here = [path] if self.document.prediction is None else []
        self.predictions.look_ahead([*here, *wanted])

    @Slot(object)
    def _on_case_failed(self, failed: CaseFailed) -> None:
        self.document.close()
        self.window.messages.show_message(failed.message, "problem", word="photo")

    @Slot(object)
    def _on_summary(self, summary: CaseSummary) -> None:
        self.window.photos.model.update_summary(summary)

    @Slot(object)
    def _on_prediction(self, event: PredictionReady) -> None:
        # A case of a read-only folder has no identity, so the path is asked as well.
        if event.summary.path == self.document.path:
            self.document.accept_prediction(event)
            self._replace.take(event)
        elif event.summary.path == self.cases.wanted:
            self._early = event  # its case is being read at this moment, perhaps without this answer

    @Slot(object)
    def _on_thumbnail(self, event: ThumbnailReady) -> None:
        self.window.photos.model.set_thumbnail(event.path, event.rgb)

    @Slot()
    def _on_saving(self) -> None:
        saves = self.cases.saves
        if not saves.unsaved:
            self.window.messages.withdraw("retry_save")
        self.window.status_line.show_saved(
            Saved(saves.saved_at, saves.waiting, failed=bool(saves.unsaved), writable=self._writable)
        )

    @Slot(str)
    def _on_save_failed(self, reason: str) -> None:
        self.window.messages.show_message(reason, "problem", "Try again", word="retry_save")

    @Slot(str)
    def _on_message_action(self, word: str) -> None:
        if word == "retry_save":
            self.cases.saves.retry()

    @Slot(object)
    def _on_problem(self, failure: JobFailure) -> None:
        self.window.messages.show_message(failure_text(failure), "problem", word="job")

    @Slot(str, bool)
    def _on_model_problem(self, reason: str, missing: bool) -> None:
        self.window.messages.show_message(reason, "info" if missing else "problem", word="model")

    @Slot()
    def _on_predict_folder(self) -> None:
        self.predictions.predict_folder([s.path for s in self.window.photos.model.summaries])
