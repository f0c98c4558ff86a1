"""What a run of the window did, line by line, on a disk that is not under test: it outlives the process."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from tongue_viewer.core.photo import MaskArray


@dataclass(frozen=True)
class Line:
    """One line.

    Attributes:
        kind: "step" (made in the window), "durable" (the store says that it has it), "saved" (the window says so),
            "failed" (a job ended with an error), "message" (shown in the message bar), "question" (shown at closing),
            "mark" (a word of the run itself).
        t: seconds of the monotonic clock, one for all processes.
        photo, case_id: of which case.
        mask: digest of the settled mask after a step.
        status, tool, made, revision: of the step.
        text: message, question, job or mark.
        shown: the words on the screen at the moment of a failure.
    """

    kind: str
    t: float
    photo: str = ""
    case_id: str = ""
    mask: str = ""
    status: str = ""
    tool: str = ""
    made: float = 0.0
    revision: int = 0
    text: str = ""
    shown: str = ""


_NAMES = tuple(field.name for field in fields(Line))


class Journal:
    """Writes lines; each is with the operating system when `write` returns."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def write(self, kind: str, **values: Any) -> None:
        """Append one line with the time of now."""
        line = Line(kind, time.monotonic(), **values)
        os.write(self._file, json.dumps(asdict(line), ensure_ascii=False).encode() + b"\n")


def read_journal(path: Path) -> list[Line]:
    """All whole lines; the last one may have been cut off by the end of the process."""
    if not path.exists():
        return []
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    rows = (json.loads(row) for row in whole.splitlines())
    return [Line(**{name: row[name] for name in _NAMES}) for row in rows]


def mask_digest(mask: MaskArray) -> str:
    """Of shape and pixels."""
    return hashlib.sha256(repr(mask.shape).encode() + mask.tobytes()).hexdigest()[:24]
