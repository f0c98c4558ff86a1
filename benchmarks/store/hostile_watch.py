"""What is taken for a right answer of an entry point, and what it may cost.

Right is success, or an exception of the program's own tree whose text is a sentence that names the file.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import resource
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tongue_viewer.core.errors import TongueViewerError

CPU_SECONDS = 5
MEMORY_BYTES = 2 << 30
_MESSAGE_CHARACTERS = 3000
_EVEN_IF_DEAD = 2
REST_SECONDS = 120
"""For making an item, for the digests of what is left of it, and for removing it: gigabytes, some of them."""


@dataclass
class Watch:
    """What an item's calls did.

    Attributes:
        outcomes: call → "ok" or the name of the exception.
        problems: one text for each thing that is not right.
        seconds: processor time of the slowest call.
        slowest: its name.
        calls: how many there were.
    """

    outcomes: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0
    slowest: str = ""
    calls: int = 0

    def call(self, name: str, function: Callable[[], object], *named: str) -> object:
        """Call an entry point; `named`: texts of which an error must hold one. Returns its result, or None."""
        limit_processor()
        self.calls += 1
        start = time.process_time()
        result: object = None
        try:
            result = function()
            self.outcomes[name] = "ok"
        except TongueViewerError as error:
            self.outcomes[name] = type(error).__name__
            self.judge(name, str(error), named)
        except BaseException as error:  # noqa: BLE001 - whatever comes out is what is looked for
            place = traceback.extract_tb(error.__traceback__)[-1]
            self.outcomes[name] = type(error).__name__
            self.problems.append(
                f"{name}: {type(error).__name__}: {str(error)[:200]!r} at {Path(place.filename).name}:{place.lineno}"
            )
        spent = time.process_time() - start
        limit_processor(REST_SECONDS)  # what the benchmark does between two calls is not the program's
        if spent > self.seconds:
            self.seconds, self.slowest = spent, name
        if spent > CPU_SECONDS:
            self.problems.append(f"{name}: {spent:.1f} s of processor time")
        return result

    def judge(self, name: str, text: str, named: tuple[str, ...]) -> None:
        """Whether a message is a sentence that holds one of the texts in `named`."""
        if named and not any(word in text for word in named):
            self.problems.append(f"{name}: the message names no file: {text[:200]!r}")
        if not text.rstrip().endswith((".", ".)")) or len(text) > _MESSAGE_CHARACTERS:
            self.problems.append(
                f"{name}: the message is no sentence ({len(text)} characters): {text[-200:]!r}"
            )
        if "not enough memory" in text:
            self.problems.append(f"{name}: memory: {text[:200]!r}")


def limit_processor(seconds: int = CPU_SECONDS + _EVEN_IF_DEAD) -> None:
    """The kernel ends this process when a call goes on for much longer than it may, wherever it is."""
    spent = int(time.process_time()) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds, hard))


def digests(folder: Path) -> dict[str, str]:
    """Relative name → digest of every regular file below a folder."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place) / name
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    found[os.path.relpath(path, folder)] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


@contextlib.contextmanager
def peak_memory() -> Iterator[list[int]]:
    """Gives a list that holds the most memory of this process inside the block, in bytes, after it."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    yield found
    lines = Path("/proc/self/status").read_text().splitlines()
    found.extend(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def changed_files(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The files that are not as before; the lock is the program's own, shared memory and an empty journal SQLite's."""
    names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    empty = hashlib.sha256().hexdigest()
    mine = {
        name
        for name in names
        if name.endswith(("-wal", "-journal")) and {before.get(name), after.get(name)} <= {None, empty}
    }
    return sorted(name for name in names - mine if not name.endswith(("cases.lock", "-shm")))
