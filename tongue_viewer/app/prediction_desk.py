"""Asking the model: for the open photo and the next ones by itself, for the folder when asked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from tongue_viewer.core.errors import ModelError, ModelNotFoundError
from tongue_viewer.core.events import (
    CaseFailed,
    EngineReady,
    JobEvent,
    PredictionReady,
    Progress,
    SummaryChanged,
)
from tongue_viewer.inference.source import PredictorSource
from tongue_viewer.jobs.library import Library
from tongue_viewer.jobs.predict import predict_photos
from tongue_viewer.workers.job_runner import JobFailure, JobRunner, JobTicket, Policy

NO_MODEL = (
    "There is no model yet, so no mask is proposed. Viewing, painting, saving and export work without one. "
    "Train a model or put one into the models folder, then choose Model ▸ Predict."
)


class PredictionDesk(QObject):
    """Keeps two lists of photos: those around the open one come first, then the rest of the folder.

    Every change of the lists starts one new job over both, and the latest job wins; a photo that already has
    an answer of this model is passed over by the job itself.

    Signals:
        prediction_ready(PredictionReady): an answer, already kept in its own case.
        summary_changed(CaseSummary): a line of the list changed.
        progress_changed(object): `Progress` of the folder or of the model's loading, or None.
        engine_changed(EngineReady): which model runs, and on what.
        folder_done(int, int): the folder is predicted: photos with an answer, photos that failed.
        problem(str, bool): the model cannot be used: the reason; whether only a model is missing.
    """

    prediction_ready = Signal(object)
    summary_changed = Signal(object)
    progress_changed = Signal(object)
    engine_changed = Signal(object)
    folder_done = Signal(int, int)
    problem = Signal(str, bool)

    def __init__(self, library: Library, models: PredictorSource, parent: QObject) -> None:
        super().__init__(parent)
        self._library, self._models = library, models
        self.runner = JobRunner(Policy.LATEST_WINS, "inference", self)
        self.runner.reported.connect(self._on_event)
        self.runner.failed.connect(self._on_failed)
        self.runner.finished.connect(self._on_finished)
        self._folder: Path | None = None
        self._front: tuple[Path, ...] = ()
        self._batch: dict[Path, None] = {}  # in order, and found at once among thousands
        self._batch_total = self._batch_failed = 0
        self._job: JobTicket | None = None
        self._job_paths: tuple[Path, ...] = ()
        self._job_done = 0
        self._usable = True

    def model_name(self) -> str:
        """The model that would be used, "" for none; reads its card only."""
        try:
            return self._models.card().name
        except ModelError:
            return ""

    def set_folder(self, folder: Path) -> None:
        """Another folder is open; what was asked for in the one before is dropped."""
        self.cancel()
        self._folder = folder

    def look_ahead(self, paths: Sequence[Path]) -> None:
        """Predict these photos first; by itself, so a model that failed is not asked again and again."""
        if not self._usable or not paths:
            return
        self._front = tuple(paths)
        self._submit()

    def predict_now(self, path: Path) -> None:
        """Predict one photo again, whatever is known of it."""
        self._usable = True
        self._front = (path,)
        self._submit(again=True)

    def predict_folder(self, paths: Sequence[Path]) -> None:
        """Predict all these photos, after those that are wanted first."""
        self._usable = True
        self._batch = dict.fromkeys(paths)
        self._batch_total, self._batch_failed = len(self._batch), 0
        self._submit()

    @Slot()
    def cancel(self) -> None:
        """Stop; what is finished stays."""
        self._front, self._batch, self._batch_total = (), {}, 0
        self._job = None
        self.runner.cancel()
        self.progress_changed.emit(None)

    def shutdown(self) -> None:
        """Stop and end the thread."""
        self.cancel()
        self.runner.shutdown(finish=False)

    def _submit(self, *, again: bool = False) -> None:
        front = self._front
        paths = front if again else (*front, *(path for path in self._batch if path not in front))
        self._job_done = 0  # also where the same job goes on: what it did may be asked for anew
        if self._job is not None and paths == self._job_paths and not again:
            return
        self._job_paths = paths
        job = partial(
            predict_photos,
            library=self._library,
            models=self._models,
            paths=paths,
            again=again,
            folder=self._folder,
        )
        self._job = self.runner.submit(job, f"Predict {len(paths)} photos")
        self._show_progress(None)

    def _drop(self, path: Path) -> None:
        self._front = tuple(other for other in self._front if other != path)
        self._batch.pop(path, None)

    def _show_progress(self, seconds_left: float | None) -> None:
        if self._batch_total:
            done = self._batch_total - len(self._batch)
            self.progress_changed.emit(Progress("Predicting", done, self._batch_total, seconds_left))
        elif self._front and self._job is not None:
            self.progress_changed.emit(Progress("Predicting …", 0, 0))
        else:
            self.progress_changed.emit(None)

    @Slot(object)
    def _on_event(self, event: JobEvent) -> None:
        match event:
            case PredictionReady():
                self._drop(event.summary.path)
                self.summary_changed.emit(event.summary)
                self.prediction_ready.emit(event)
                if not self._batch_total:
                    self._show_progress(None)
            case CaseFailed():
                self._batch_failed += event.path in self._batch
                self._drop(event.path)
            case SummaryChanged():
                self.summary_changed.emit(event.summary)
            case EngineReady():
                self.engine_changed.emit(event)
            case Progress():
                if self._job is not None and event.total == len(self._job_paths):
                    for path in self._job_paths[self._job_done : event.done]:
                        self._drop(path)
                    self._job_done = max(self._job_done, event.done)
                    self._show_progress(event.seconds_left)

    @Slot(object)
    def _on_failed(self, failure: JobFailure) -> None:
        self._usable = False
        missing = isinstance(failure.error, ModelNotFoundError)
        self.cancel()
        self.problem.emit(NO_MODEL if missing else failure.message, missing)

    @Slot(object)
    def _on_finished(self, ticket: JobTicket) -> None:
        if ticket is not self._job:
            return
        self._job = None
        total, failed, rest = self._batch_total, self._batch_failed, self._batch
        self._front = ()
        if rest and set(rest) - set(self._job_paths):
            self._submit()  # a single photo was asked for again in between; the folder goes on
            return
        self._batch, self._batch_total = {}, 0
        self._show_progress(None)
        if total:
            self.folder_done.emit(total - failed, failed)
