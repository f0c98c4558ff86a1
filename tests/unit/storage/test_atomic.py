from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tongue_viewer.core.errors import WriteError
from tongue_viewer.storage.atomic import TEMPORARY_PREFIX, Disk, write_atomically

POSIX = pytest.mark.skipif(os.name == "nt", reason="needs a call that Windows does not have")


class FailingDisk(Disk):
    """A disk that fails in one call, after some bytes."""

    def __init__(self, call: str, number: int, room: int = 0) -> None:
        self._call, self._number, self._room = call, number, room

    def _fail(self, call: str) -> None:
        if call == self._call:
            raise OSError(self._number, os.strerror(self._number))

    def create(self, path: str) -> int:
        self._fail("create")
        return super().create(path)

    def write(self, descriptor: int, data: memoryview) -> int:
        if self._call == "write" and self._room > 0:
            written = super().write(descriptor, data[: self._room])
            self._room -= written
            return written
        self._fail("write")
        return super().write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        self._fail("sync")
        super().sync(descriptor)

    def replace(self, source: str, target: str) -> None:
        self._fail("replace")
        super().replace(source, target)


class ShortDisk(Disk):
    """A disk that takes three bytes at a time, as a pipe or a network disk may."""

    def write(self, descriptor: int, data: memoryview) -> int:
        return super().write(descriptor, data[:3])


def names(folder: Path) -> list[str]:
    return sorted(child.name for child in folder.iterdir())


def test_new_and_old_files(tmp_path: Path) -> None:
    path = tmp_path / "病例 7.json"
    for data in (b"first", b"", b"second" * 1000):
        write_atomically(path, data)
        assert path.read_bytes() == data
        assert names(tmp_path) == [path.name]


def test_a_write_of_some_bytes_goes_on(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", bytes(range(200)), disk=ShortDisk())
    assert (tmp_path / "a").read_bytes() == bytes(range(200))


@pytest.mark.parametrize("call", ["create", "write", "sync", "replace"])
@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EACCES, "may not write"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "disk reports an error"),
        (errno.EDQUOT, "quota"),
        (errno.EXDEV, "Choose another folder"),
    ],
)
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, call: str, number: int, remedy: str
) -> None:
    path = tmp_path / "mask.png"
    path.write_bytes(b"old")
    with pytest.raises(WriteError) as raised:
        write_atomically(path, b"new and longer", disk=FailingDisk(call, number, room=5))
    text = str(raised.value)
    assert "mask.png" in text
    assert "What stood there is intact" in text
    assert remedy in text
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["mask.png"]


def test_places_that_are_no_places(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    for path, words in [
        (tmp_path / "gone" / "a.png", "folder does not exist"),
        (tmp_path / "file" / "a.png", "file stands where the folder"),
        (tmp_path / "folder", "folder of this name"),
        (tmp_path / ("n" * 300), "too long"),
        (tmp_path / "null\0.png", "null"),
    ]:
        with pytest.raises(WriteError, match=words):
            write_atomically(path, b"data")
    assert names(tmp_path) == ["file", "folder"]
    assert (tmp_path / "file").read_bytes() == b"x"


@POSIX
def test_permissions_are_kept_and_new_files_follow_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    path.chmod(0o640)
    write_atomically(path, b"y")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "b", b"z")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o640


@POSIX
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "real.json"
    real.write_bytes(b"old")
    link = tmp_path / "link.json"
    link.symlink_to(real)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


@POSIX
def test_a_limit_of_the_system_itself(tmp_path: Path) -> None:
    """In a child process whose files may have 100 bytes."""
    script = """
        import resource, sys
        from pathlib import Path
        from tongue_viewer.core.errors import WriteError
        from tongue_viewer.storage.atomic import write_atomically

        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        path = Path(sys.argv[1])
        write_atomically(path, b"old")
        try:
            write_atomically(path, bytes(5000))
        except WriteError as error:
            sys.stdout.write(str(error))
    """
    path = tmp_path / "a.bin"
    command = [sys.executable, "-c", textwrap.dedent(script), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert "a.bin could not be written" in done.stdout
    assert "intact" in done.stdout
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


@POSIX
def test_a_kill_leaves_the_old_or_the_new_file_whole(tmp_path: Path) -> None:
    script = """
        import sys
        from pathlib import Path
        from tongue_viewer.storage.atomic import write_atomically

        path = Path(sys.argv[1])
        number = 0
        while True:
            write_atomically(path, bytes([number % 256]) * 300_000)
            if number == 3:
                sys.stdout.write("going\\n")
                sys.stdout.flush()
            number += 1
    """
    path = tmp_path / "a.bin"
    command = [sys.executable, "-c", textwrap.dedent(script), str(path)]
    for _ in range(3):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "going\n"
            child.send_signal(signal.SIGKILL)
        data = path.read_bytes()
        assert len(data) == 300_000
        assert len(set(data)) == 1
    left = [name for name in names(tmp_path) if name != "a.bin"]
    assert all(name.startswith(TEMPORARY_PREFIX) and name.endswith(".tmp") for name in left)
