"""One writer for a case database: a lock file held by the operating system.

The lock dies with its process, so a crash leaves nothing to clean up; the text inside is only for people.
The file stays: deleting it would let a third process lock a new file while a second still waits for the old
one.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import stat
import sys
import time
from pathlib import Path

_LOCKED_BYTE = 1 << 20
"""Windows lets nobody read a locked range: the lock lies far behind the text."""

_LONGEST_TEXT = 10_000


class FolderLock:
    """The right to write one case database; `take` gives it or None."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, path: Path, user_name: str) -> FolderLock | None:
        """Lock `path` without waiting; None if another process (or another store of this one) holds it.

        Raises:
            OSError: the file cannot be made, or the drive knows no locks.
        """
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        try:
            _check_own(descriptor, path)
            if not _lock(descriptor):
                os.close(descriptor)
                return None
            holder = {
                "pid": os.getpid(),
                "host": socket.gethostname(),
                "user": user_name,
                "since": time.strftime("%Y-%m-%d %H:%M"),
            }
            # Held by now: that a full disk does not take the text, which is for people only, must not cost the lock.
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, 0)
                os.write(descriptor, json.dumps(holder, ensure_ascii=False).encode("utf-8", "replace"))
        except OSError:
            os.close(descriptor)
            raise
        return cls(descriptor, path)

    def release(self) -> None:
        """Give the right back; a second call does nothing."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            _unlock(descriptor)
            os.close(descriptor)


def _check_own(descriptor: int, path: Path) -> None:
    """Refuse a link: what it leads to, perhaps a photo, would be written over.

    Raises:
        PermissionError: no plain file, or one with a second name.
    """
    found = os.fstat(descriptor)
    if path.is_symlink() or not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
        raise PermissionError(errno.EPERM, "its lock file is a link to another file", str(path))


def holder_text(path: Path) -> str:
    """Who holds the lock, for people: "anna, process 4711 on ward-pc, since 2026-11-23 08:58"."""
    try:
        with path.open("rb") as file:
            values = json.loads(file.read(_LONGEST_TEXT))
        user = f"{values['user']}, " if values["user"] else ""
        return f"{user}process {values['pid']} on {values['host']}, since {values['since']}"
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "another process"


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        os.lseek(descriptor, 0, os.SEEK_SET)
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
