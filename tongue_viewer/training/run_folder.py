"""The run folder: what stands in it, and who may write it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tongue_viewer.core.errors import RunBusyError, TrainingError, WriteError
from tongue_viewer.core.train_events import EpochDone, event_from_json, event_to_json
from tongue_viewer.storage.atomic import describe_failure, write_atomically
from tongue_viewer.storage.case_store_lock import FolderLock, holder_text


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
    def held_back(self) -> Path:
        """Dice and IoU of every held-back photo, with the model of the best epoch."""
        return self.root / "held_back.json"

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
        path = self.root / "lock"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = FolderLock.take(path, "")
        except OSError as error:
            raise WriteError(describe_failure(path, error)) from error
        if lock is None:
            raise RunBusyError(
                f"{self.root} is in use ({holder_text(path)}). Nothing was changed there. "
                "Wait until that training ends, or choose another folder with -o."
            )
        try:
            yield
        finally:
            lock.release()

    def read_json(self, file: Path) -> dict[str, Any]:
        """A JSON object.

        Raises:
            TrainingError: the file is missing or damaged.
        """
        try:
            values = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise TrainingError(
                f"{file} cannot be read ({error}). Start again in a new folder without --resume."
            ) from error
        if not isinstance(values, dict):
            raise TrainingError(f"{file} holds no JSON object. Start again in a new folder without --resume.")
        return values

    def write_json(self, file: Path, values: Mapping[str, Any]) -> None:
        """Write atomically.

        Raises:
            WriteError: naming the file; what stood there before is intact.
        """
        write_atomically(file, json.dumps(values, ensure_ascii=False, indent=1).encode())

    def append_metrics(self, event: EpochDone) -> None:
        """Add the line of one epoch."""
        _append(self.metrics, event_to_json(event))

    def drop_metrics_after(self, epoch: int) -> None:
        """Forget lines of epochs that a resumed run does again."""
        if self.metrics.is_file():
            events = [event_from_json(line) for line in self.metrics.read_text("utf-8").splitlines()]
            kept = [e for e in events if isinstance(e, EpochDone) and e.epoch <= epoch]
            write_atomically(self.metrics, "".join(event_to_json(e) + "\n" for e in kept).encode())

    def note(self, text: str) -> None:
        """Add one line with the time (UTC) to the log."""
        _append(self.log, f"{datetime.now(UTC).isoformat(timespec='seconds')} {text}")


def _append(file: Path, line: str) -> None:
    try:
        with file.open("a", encoding="utf-8") as opened:
            opened.write(line + "\n")
    except OSError as error:
        raise WriteError(describe_failure(file, error)) from error
