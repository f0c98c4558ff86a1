"""The run folder: what stands in it, who may write it, and atomic writes of its small files."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from tongue_viewer.core.errors import RunBusyError, TrainingError, WriteError
from tongue_viewer.core.training import EpochDone, TrainPlan, event_from_json, event_to_json

_LOCK_AT = 1 << 20
"""The locked byte lies far behind the text, because Windows would not let others read a locked one."""


@dataclass(frozen=True)
class RunFolder:
    """The files of one run.

    Attributes:
        root: the folder that the person named.
    """

    root: Path

    @property
    def config(self) -> Path:
        """The `TrainPlan` as JSON."""
        return self.root / "config.json"

    @property
    def split(self) -> Path:
        """Which photos are learned from and which are held back."""
        return self.root / "split.json"

    @property
    def last(self) -> Path:
        """The whole state after the last finished epoch, or at the step where the person stopped."""
        return self.root / "last.safetensors"

    @property
    def metrics(self) -> Path:
        """One JSON line for each epoch."""
        return self.root / "metrics.jsonl"

    @property
    def log(self) -> Path:
        """What happened, as plain lines with times."""
        return self.root / "train.log"

    @property
    def model(self) -> Path:
        """The model folder of the best epoch so far."""
        return self.root / "model"

    @property
    def masks(self) -> Path:
        """Masks that were taken out of a case database."""
        return self.root / "masks"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder against other processes; the operating system frees it when this process dies.

        Raises:
            RunBusyError: another process trains in this folder.
            WriteError: the folder cannot be made or written.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            opened = (self.root / "lock").open("a+b")
        except OSError as error:
            raise WriteError(
                f"the run folder {self.root} cannot be written ({error}); choose another"
            ) from error
        with opened:
            if not _try_lock(opened):
                opened.seek(0)
                owner = opened.read(20).decode("ascii", "replace").strip() or "unknown"
                raise RunBusyError(
                    f"another process (number {owner}) trains in {self.root}; wait for it, or choose another folder"
                )
            opened.truncate(0)
            opened.write(f"{os.getpid()}\n".encode("ascii"))
            opened.flush()
            try:
                yield
            finally:
                _unlock(opened)

    def read_plan(self) -> TrainPlan:
        """The stored plan.

        Raises:
            TrainingError: there is none, or it is damaged.
        """
        return TrainPlan.from_json(self.read_json(self.config))

    def read_json(self, file: Path) -> dict[str, Any]:
        """A JSON object.

        Raises:
            TrainingError: the file is missing or damaged.
        """
        try:
            values = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise TrainingError(
                f"{file} cannot be read ({error}); start again in a new folder without --resume"
            ) from error
        if not isinstance(values, dict):
            raise TrainingError(f"{file} holds no JSON object; start again in a new folder without --resume")
        return values

    def write_json(self, file: Path, values: Mapping[str, Any]) -> None:
        """Write atomically.

        Raises:
            WriteError: naming the file; what stood there before is intact.
        """
        fresh = file.with_name(f".{file.name}.part")
        try:
            with fresh.open("w", encoding="utf-8") as opened:
                json.dump(values, opened, ensure_ascii=False, indent=1)
                opened.flush()
                os.fsync(opened.fileno())
            fresh.replace(file)
        except OSError as error:
            raise WriteError(f"{file} could not be written: {error}") from error

    def append_metrics(self, event: EpochDone) -> None:
        """Add the line of one epoch."""
        with self.metrics.open("a", encoding="utf-8") as opened:
            opened.write(event_to_json(event) + "\n")

    def drop_metrics_after(self, epoch: int) -> None:
        """Forget lines of epochs that a resumed run does again."""
        if not self.metrics.is_file():
            return
        events = [event_from_json(line) for line in self.metrics.read_text("utf-8").splitlines()]
        kept = [e for e in events if isinstance(e, EpochDone) and e.epoch <= epoch]
        self.metrics.write_text("".join(event_to_json(e) + "\n" for e in kept), "utf-8")

    def note(self, text: str) -> None:
        """Add one line with the time (UTC) to the log."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self.log.open("a", encoding="utf-8") as opened:
            opened.write(f"{now} {text}\n")


if sys.platform == "win32":
    import msvcrt

    def _try_lock(opened: IO[bytes]) -> bool:
        opened.seek(_LOCK_AT)
        try:
            msvcrt.locking(opened.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(opened: IO[bytes]) -> None:
        opened.seek(_LOCK_AT)
        msvcrt.locking(opened.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(opened: IO[bytes]) -> bool:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(opened: IO[bytes]) -> None:
        fcntl.flock(opened, fcntl.LOCK_UN)
