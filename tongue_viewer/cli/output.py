"""What all commands share: progress on stderr, one JSON document on stdout, exit codes, a clean Ctrl-C."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.events import Progress

EXIT_OK = 0
EXIT_SOME_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

DISCLAIMER = "Research use; not a medical device."

_BAR_WIDTH = 28
_SECONDS_BETWEEN_LINES = 5.0


def say(text: str) -> None:
    """Write one line for a person to stderr."""
    print(text, file=sys.stderr, flush=True)


def result(text: str) -> None:
    """Write one line of result to stdout."""
    print(text, flush=True)


def write_json(value: object) -> None:
    """Write the one JSON document of a `--json` command to stdout."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=_plain)
    sys.stdout.write("\n")
    sys.stdout.flush()


def _plain(value: Any) -> Any:
    """Numpy scalars and paths as JSON values."""
    if hasattr(value, "item"):
        return value.item()
    return str(value)


def duration(seconds: float) -> str:
    """Seconds in words: "42 s", "3 min 05 s" or "1 h 20 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


class ProgressReporter:
    """A bar that redraws itself on a terminal, plain lines every few seconds elsewhere (pipes, logs)."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._last = 0.0
        self._open = False

    def show(self, progress: Progress) -> None:
        """Show how far the work is."""
        left = "" if progress.seconds_left is None else f" · {duration(progress.seconds_left)} left"
        text = f"{progress.text} {progress.done}/{progress.total}{left}"
        if self._terminal:
            filled = _BAR_WIDTH * progress.done // max(1, progress.total)
            sys.stderr.write(f"\r\033[K[{'█' * filled}{'·' * (_BAR_WIDTH - filled)}] {text}")
            sys.stderr.flush()
            self._open = True
            return
        now = time.monotonic()
        if progress.done in (0, progress.total) or now - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = now
            say(text)

    def close(self) -> None:
        """End the bar's line."""
        if self._open:
            sys.stderr.write("\n")
            sys.stderr.flush()
            self._open = False


@contextmanager
def ctrl_c_cancels(token: CancelToken) -> Iterator[None]:
    """The first Ctrl-C asks the job to stop after the unit in hand; a second one interrupts at once."""

    def stop(_signum: int, _frame: FrameType | None) -> None:
        if token.cancelled:
            raise KeyboardInterrupt
        say("\nStopping after the photo in hand; what is finished stays. Ctrl-C again stops at once.")
        token.cancel()

    try:
        previous = signal.signal(signal.SIGINT, stop)
    except ValueError:  # not in the main thread: the caller owns the signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
