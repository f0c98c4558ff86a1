"""Writing a file so that at every moment either the old or the new one stands there, whole."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path

from tongue_viewer.core.errors import WriteError

TEMPORARY_PREFIX = ".tongue-viewer-"
"""A file of this prefix and the suffix ".tmp" is what a killed program left behind; it may be deleted."""

_REMEDIES = {
    errno.ENOSPC: "The disk is full: free some space, or choose a folder on another disk.",
    errno.EDQUOT: "Your quota on this disk is used up: free some space, or choose a folder on another disk.",
    errno.EFBIG: "The disk does not take a file of this size: choose a folder on another disk.",
    errno.EACCES: "You may not write there, or another program holds the file: choose another folder.",
    errno.EPERM: "You may not write there: choose another folder.",
    errno.EROFS: "The disk is read-only: choose a folder on another disk.",
    errno.ENAMETOOLONG: "The name is too long for this disk: choose a shorter one.",
    errno.ENOENT: "The folder does not exist: create it, or choose another one.",
    errno.ENOTDIR: "A file stands where the folder should be: choose another folder.",
    errno.EISDIR: "A folder of this name stands there: choose another name.",
    errno.EIO: "The disk reports an error: check its connection, or choose another one.",
}


class Disk:
    """The calls to the operating system that can fail while a file is written; tests put in a failing one."""

    def create(self, path: str) -> int:
        """A descriptor of a new, empty file."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)

    def write(self, descriptor: int, data: memoryview) -> int:
        """Write some bytes of `data`; returns how many."""
        return os.write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        """Wait until the bytes are on the disk."""
        os.fsync(descriptor)

    def replace(self, source: str, target: str) -> None:
        """Put one file in another one's place, in one step."""
        os.replace(source, target)  # noqa: PTH105 - plain calls, with the system's own errors


_DISK = Disk()


def write_atomically(path: Path, data: bytes, *, disk: Disk = _DISK) -> None:
    """Write a file by way of a temporary one in the same folder; a link is followed to the file it names.

    Raises:
        WriteError: nothing was written, what stood there is intact; the text names the file and the remedy.
    """
    try:
        target = os.path.realpath(path)
        temporary = str(Path(target).with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(6)}.tmp"))
        _write_temporary(temporary, data, disk)
        try:
            _copy_mode(target, temporary)
            disk.replace(temporary, target)
        except BaseException:
            _remove(temporary)
            raise
    except (OSError, ValueError) as error:
        raise WriteError(describe_failure(path, error)) from error
    _sync_folder(str(Path(target).parent))


def describe_failure(path: Path, error: OSError | ValueError) -> str:
    """What happened, what is safe, what to do, for a file that could not be written."""
    number = error.errno if isinstance(error, OSError) else None
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    remedy = _REMEDIES.get(number or 0, "Choose another folder.")
    return (
        f"{path.name} could not be written to {path.parent} ({reason}). What stood there is intact. {remedy}"
    )


def _write_temporary(temporary: str, data: bytes, disk: Disk) -> None:
    descriptor = disk.create(temporary)
    try:
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[disk.write(descriptor, rest) :]
            disk.sync(descriptor)
        finally:
            os.close(descriptor)
    except BaseException:
        _remove(temporary)
        raise


def _copy_mode(target: str, temporary: str) -> None:
    """Keep the permissions of the file that is replaced; a disk that knows none refuses, and has none."""
    with contextlib.suppress(OSError):
        Path(temporary).chmod(Path(target).stat().st_mode & 0o7777)


def _remove(temporary: str) -> None:
    # The first error is the one to report: a disk that is gone also fails here.
    with contextlib.suppress(OSError):
        Path(temporary).unlink()


def _sync_folder(folder: str) -> None:
    """Make the new name itself durable; Windows and some network disks cannot, the file is whole even so."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
