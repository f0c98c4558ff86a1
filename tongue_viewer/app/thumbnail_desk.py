"""Small pictures for the visible lines of the list."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from tongue_viewer.core.events import JobEvent, ThumbnailReady
from tongue_viewer.jobs.thumbnails import make_thumbnails
from tongue_viewer.workers.job_runner import JobRunner, Policy

SIZE = 160
"""Longest side in pixels: the list's 64 logical pixels at up to 250 %."""


class ThumbnailDesk(QObject):
    """The latest lines win: what was scrolled away is not worth the work.

    Signals:
        thumbnail_ready(ThumbnailReady): one picture.
    """

    thumbnail_ready = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.runner = JobRunner(Policy.LATEST_WINS, "thumbnails", self)
        self.runner.reported.connect(self._on_event)

    @Slot(object)
    def want(self, paths: tuple[Path, ...]) -> None:
        """Ask for the pictures of these photos, in this order."""
        if self.runner.closed:
            return  # the list's timer may ring once more while the window goes
        self.runner.submit(partial(make_thumbnails, paths=paths, size=SIZE), "Thumbnails")

    def shutdown(self) -> None:
        """Stop and end the thread."""
        self.runner.shutdown(finish=False)

    @Slot(object)
    def _on_event(self, event: JobEvent) -> None:
        if isinstance(event, ThumbnailReady):
            self.thumbnail_ready.emit(event)
