"""The failing file layer of `shim.c`: built by the system's compiler, steered by a page of shared memory."""

from __future__ import annotations

import errno
import mmap
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Literal

Op = Literal["write", "pwrite", "fsync", "fdatasync", "ftruncate", "rename", "unlink"]
OPS: tuple[Op, ...] = ("write", "pwrite", "fsync", "fdatasync", "ftruncate", "rename", "unlink")
"""In the order of the enum in shim.c."""

WRITES: tuple[Op, ...] = ("write", "pwrite")
SYNCS: tuple[Op, ...] = ("fsync", "fdatasync")

Action = Literal["nothing", "fail", "shorten", "kill"]
_ACTIONS: tuple[Action, ...] = ("nothing", "fail", "shorten", "kill")

_HEAD = struct.Struct("<8I")
_COUNTS = struct.Struct("<8Q8QQ")
_FOLDER_AT, _FOLDER_BYTES = _HEAD.size + _COUNTS.size, 1024
_SIZE = _FOLDER_AT + _FOLDER_BYTES
_CERTAIN = 2**32 - 1

_PROBE = """
import os, sqlite3, sys
folder = sys.argv[1]
base = sqlite3.connect(folder + "/cases.db", isolation_level=None)
base.execute("PRAGMA journal_mode = TRUNCATE")
base.execute("PRAGMA synchronous = EXTRA")
base.execute("CREATE TABLE t (v BLOB)")
base.execute("INSERT INTO t VALUES (zeroblob(20000))")
fd = os.open(folder + "/a", os.O_RDWR | os.O_CREAT)
os.write(fd, b"abc")
os.fsync(fd)
os.rename(folder + "/a", folder + "/b")
os.unlink(folder + "/b")
"""


class ShimMissingError(Exception):
    """There is no failing file layer here; the text says why."""


class Control:
    """The page that says what fails; a process under the shim looks at it before every call."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists() or path.stat().st_size < _SIZE:
            path.write_bytes(bytes(_SIZE))
        with path.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), _SIZE)

    def set(
        self,
        action: Action,
        *ops: Op,
        error: int = errno.EIO,
        odds: float = 1.0,
        countdown: int = 0,
        seed: int = 1,
        database_only: bool = False,
    ) -> None:
        """From now on do this to calls of these kinds.

        Args:
            action: "fail" with `error`; "shorten" a write to its first half; "kill" the process after half a write.
            ops: kinds of calls.
            error: errno.
            odds: probability 0..1 for each call.
            countdown: so many of these calls pass first.
            seed: of the random numbers.
            database_only: only cases.db and its journal.
        """
        mask = sum(1 << OPS.index(op) for op in ops)
        odd = min(_CERTAIN, int(odds * _CERTAIN))
        values = (mask, 0, error, odd, countdown, int(database_only), seed or 1, 0)
        self._page[: _HEAD.size] = _HEAD.pack(*values)
        self._page[4:8] = struct.pack("<I", _ACTIONS.index(action))  # last: the rest stands by now

    def calm(self) -> None:
        """Let every call pass."""
        self._page[4:8] = bytes(4)

    @property
    def active(self) -> bool:
        """Whether something fails."""
        return any(self._page[4:8])

    def clear(self, folder: Path) -> None:
        """Let every call pass, and count from zero those on files below `folder`."""
        name = os.fsencode(folder.resolve())
        self._page[:] = bytes(_FOLDER_AT) + name.ljust(_FOLDER_BYTES, b"\0")

    def calls(self) -> dict[Op, int]:
        """Calls on files below the folder."""
        return dict(zip(OPS, self._counts()[:8], strict=False))

    def acted(self) -> dict[Op, int]:
        """Calls that were failed, shortened or died in."""
        return dict(zip(OPS, self._counts()[8:16], strict=False))

    @property
    def killed_at(self) -> float:
        """By the monotonic clock, seconds; 0 if the process did not die in a call."""
        return self._counts()[16] / 1e9

    def _counts(self) -> tuple[int, ...]:
        return _COUNTS.unpack(self._page[_HEAD.size : _FOLDER_AT])


class Shim:
    """The built layer.

    Attributes:
        library: the shared object.
    """

    def __init__(self, library: Path) -> None:
        self.library = library

    @classmethod
    def build(cls, place: Path) -> Shim:
        """Compile into a folder and make sure that Python and its SQLite really go through it.

        Raises:
            ShimMissingError: no compiler, another system, or calls that do not pass through.
        """
        compiler = shutil.which("gcc") or shutil.which("cc")
        if not sys.platform.startswith("linux"):
            raise ShimMissingError("the failing file layer needs Linux (LD_PRELOAD)")
        if compiler is None:
            raise ShimMissingError("the failing file layer needs a C compiler, and there is none")
        library = place / "shim.so"
        source = Path(__file__).with_name("shim.c")
        command = [compiler, "-O1", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
        built = subprocess.run(command, capture_output=True, text=True, check=False)
        if built.returncode:
            raise ShimMissingError(f"the failing file layer was not compiled: {built.stderr.strip()[-300:]}")
        shim = cls(library)
        shim._test(place)
        return shim

    def environment(self, control: Control) -> dict[str, str]:
        """The variables for a process that a page steers."""
        return {"LD_PRELOAD": str(self.library), "TV_SHIM_CONTROL": str(control.path)}

    def _test(self, place: Path) -> None:
        folder = place / "self-test"
        folder.mkdir(exist_ok=True)
        control = Control(place / "self-test.control")
        control.clear(folder)
        if self._probe(control, folder):
            raise ShimMissingError("the self-test of the failing file layer broke without a fault")
        calls = control.calls()
        sqlite_writes, syncs = calls["pwrite"] + calls["write"] - 1, calls["fsync"] + calls["fdatasync"] - 1
        silent = [op for op in ("write", "fsync", "ftruncate", "rename", "unlink") if not calls[op]]
        if silent or sqlite_writes < 4 or syncs < 4:
            raise ShimMissingError(f"calls pass the failing file layer by: {calls}")
        for op in ("fdatasync" if calls["fdatasync"] else "fsync", "pwrite", "rename"):
            control.clear(folder)
            control.set("fail", op)
            if not self._probe(control, folder) or not control.acted()[op]:
                raise ShimMissingError(f"a failing {op} does not reach the program")

    def _probe(self, control: Control, folder: Path) -> bool:
        """Whether a small program with SQLite fails."""
        for path in folder.iterdir():
            path.unlink()
        command = [sys.executable, "-c", _PROBE, str(folder)]
        environment = os.environ | self.environment(control)
        return subprocess.run(command, env=environment, capture_output=True, check=False).returncode != 0
