"""Stopping long work from another thread."""

from __future__ import annotations

import threading

from tongue_viewer.core.errors import Cancelled


class CancelToken:
    """One request to stop, for one job; safe to set from any thread, never reset."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the job to stop at its next check."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether stopping was asked for."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if stopping was asked for; called between two units of work."""
        if self._event.is_set():
            raise Cancelled("stopped on request")
