"""Starting the driver as a child process, following its journal, and ending it."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from benchmarks.store.journal import Line, read_journal

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180.0


class Server:
    """Starts drivers: a process that has loaded the program and forks, since loading takes longer than a run.

    Args:
        environment: for all drivers, for example those of the failing file layer.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        own = {
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.store.driver", "--serve"],
            cwd=ROOT,
            env=os.environ | own | dict(environment or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._in = cast("IO[bytes]", self._process.stdin)
        self._out = cast("IO[bytes]", self._process.stdout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._in.close()
        self._process.wait()
        self._out.close()

    def start(self, arguments: list[str], home: Path, errors: Path) -> int:
        """Fork a driver; its process id."""
        order = {"arguments": arguments, "home": str(home), "errors": str(errors)}
        self._in.write(json.dumps(order).encode() + b"\n")
        self._in.flush()
        return int(self._out.readline())

    def ended(self, seconds: float) -> int | None:
        """The exit code of the driver (negative: the signal), or None if it still runs after this time."""
        ready, _, _ = select.select([self._out], [], [], max(0.0, seconds))
        return int(self._out.readline()) if ready else None


class Child:
    """One run of the driver.

    Attributes:
        folder: of photos; the program's own folder stands beside it.
        journal: the file of its lines.
    """

    def __init__(
        self, server: Server, folder: Path, journal: Path, seed: int, *, exports: Path | None = None
    ) -> None:
        self.folder, self.journal = folder, journal
        self._server = server
        self._errors, self._orders = journal.with_suffix(".stderr"), journal.with_suffix(".finish")
        arguments = [
            str(folder),
            "--journal",
            str(journal),
            "--seed",
            str(seed),
            "--orders",
            str(self._orders),
        ]
        arguments += ["--exports", str(exports)] if exports else []
        self.exit_code: int | None = None
        self._pid = server.start(arguments, folder.with_name("home"), self._errors)

    def lines(self) -> list[Line]:
        """The journal so far."""
        return read_journal(self.journal)

    def wait_for_steps(self, count: int) -> None:
        """Wait until so many steps are finished.

        Raises:
            RuntimeError: it ended by itself, or nothing comes.
        """
        if not self.has_steps(count, START_SECONDS):
            raise RuntimeError(f"the driver does not work: {self.complaints() or self.exit_code}")

    def has_steps(self, count: int, seconds: float) -> bool:
        """Whether so many steps are finished within this time."""
        end = time.monotonic() + seconds
        while sum(line.kind == "step" for line in self.lines()) < count:
            if self.wait(0.005) or time.monotonic() > end:
                return False
        return True

    def wait(self, seconds: float) -> bool:
        """Wait for its end; False: it still runs."""
        if self.exit_code is None:
            self.exit_code = self._server.ended(seconds)
        return self.exit_code is not None

    def kill(self) -> float:
        """SIGKILL; the moment by the monotonic clock."""
        moment = time.monotonic()
        if not self.wait(0):
            os.kill(self._pid, signal.SIGKILL)
            self.wait(START_SECONDS)
        return moment

    def finish(self, seconds: float) -> bool:
        """Tell it to save what is left and to close its window; False: it did not come to an end."""
        self._orders.touch()
        done = self.wait(seconds)
        if not done:
            self.kill()
        return done

    def complaints(self) -> str:
        """Faults of the program on its standard error: the last traceback, "" for none."""
        text = self._errors.read_text("utf-8", "replace")
        at = text.rfind("Traceback")
        return text[at:].strip() if at >= 0 else ""
