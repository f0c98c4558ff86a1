"""The list that lies in a folder of masks which is kept in step: which file belongs to which case, and what was written.

It is written before the files that it names. So a file that holds neither what the list says nor what stood there
before was written by somebody else, also after the program was killed at any moment.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from io import BufferedReader
from pathlib import Path
from typing import Any

from tongue_viewer.core.errors import UsageError, WriteError
from tongue_viewer.core.exports import ExportPlan
from tongue_viewer.storage.atomic import Disk, write_atomically

MANIFEST_NAME = ".tongue-viewer-live.json"
_VERSION = 1
_LONGEST_PATH = 2**17


@dataclass(frozen=True)
class LiveFile:
    """The mask file of one case.

    Attributes:
        file: relative to the folder of masks, with forward slashes.
        photo: relative to the folder of photos, with forward slashes.
        changed: of the case when it was written.
        sha256: of the bytes.
        earlier: of the bytes that stood there before, "" for none.
        stat: size and time (ns) of the file after it was written; (-1, 0) while that is not known.
    """

    file: str
    photo: str
    changed: float
    sha256: str
    earlier: str = ""
    stat: tuple[int, int] = (-1, 0)

    @cached_property
    def json(self) -> str:
        """As it stands in the list; made once, since most of a long list is as it was the last time."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return json.dumps(values, ensure_ascii=False)


@dataclass
class LiveManifest:
    """The list in memory.

    Attributes:
        source: the folder of photos.
        plan: format and values of the mask files.
        files: case_id → file.
        leftovers: file → sha256 of a file that its case does not use any more and that is to be removed.
    """

    source: str
    plan: ExportPlan
    files: dict[str, LiveFile] = field(default_factory=dict)
    leftovers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._users = {entry.file: case_id for case_id, entry in self.files.items()}

    def user_of(self, file: str) -> str:
        """The case_id of a file's case, "" if it has none."""
        return self._users.get(file, "")

    def owned(self, file: str) -> frozenset[str]:
        """What this program may have written to a file (sha256); empty: it never wrote there."""
        entry = self.files.get(self.user_of(file))
        digests = {self.leftovers.get(file, "")}
        if entry is not None:
            digests |= {entry.sha256, entry.earlier}
        return frozenset(digests - {""})

    def put(self, case_id: str, entry: LiveFile) -> None:
        """Name the file of a case; the file that it had before becomes a leftover, and no other case keeps this one."""
        before = self.files.get(case_id)
        if before is not None and before.file != entry.file and self.user_of(before.file) == case_id:
            self.leftovers[before.file] = before.sha256
            del self._users[before.file]
        other = self.user_of(entry.file)
        if other not in ("", case_id):
            del self.files[other]
        self.leftovers.pop(entry.file, None)
        self.files[case_id] = entry
        self._users[entry.file] = case_id

    def state(self) -> tuple[dict[str, LiveFile], dict[str, str]]:
        """A copy for `go_back`."""
        return dict(self.files), dict(self.leftovers)

    def go_back(self, state: tuple[dict[str, LiveFile], dict[str, str]]) -> None:
        """Name the files as before."""
        self.files, self.leftovers = dict(state[0]), dict(state[1])
        self.__post_init__()

    def save(self, out: Path, disk: Disk) -> None:
        """Write the list into the folder of masks.

        Raises:
            WriteError: the list that stood there is intact.
        """
        head = {
            "version": _VERSION,
            "photos": self.source,
            "image_format": self.plan.image_format,
            "values": self.plan.values,
            "leftovers": self.leftovers,
        }
        files = ",\n".join(f"{json.dumps(case_id)}: {entry.json}" for case_id, entry in self.files.items())
        text = f'{json.dumps(head, ensure_ascii=False)[:-1]}, "files": {{\n{files}\n}}}}\n'
        # A folder of photos may have a name that is no valid text.
        write_atomically(out / MANIFEST_NAME, text.encode("utf-8", "surrogatepass"), disk=disk)


def read_manifest(out: Path) -> LiveManifest | None:
    """The list of a folder of masks; None where there is none.

    Raises:
        UsageError: it is damaged or newer, so that it is not known which files may be replaced.
        WriteError: it cannot be read.
    """
    path = out / MANIFEST_NAME
    try:
        with _opened(path) as file:
            data = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise WriteError(
            f"{path} cannot be read ({error.strerror or error}). No mask was written; all are safe in the case "
            "database. Check the drive."
        ) from error
    try:
        return _parsed(json.loads(data))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise UsageError(
            f"The list of masks {path} is damaged or was made by a newer version. Nothing in {out} was changed. "
            "Choose an empty folder for the masks."
        ) from error


def file_digest(path: Path) -> str:
    """sha256 of a file, "" where there is none.

    Raises:
        WriteError: it cannot be read, so that it is not known whether it may be replaced.
    """
    try:
        with _opened(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise WriteError(
            f"{path} cannot be read ({error.strerror or error}), so it was not replaced. It is as it was. Check who "
            "else uses it."
        ) from error


def _opened(path: Path) -> BufferedReader:
    """A file that is open for reading; a pipe would never answer.

    Raises:
        OSError: it cannot be read, or is no file.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return path.open("rb")


def file_stat(path: Path) -> tuple[int, int]:
    """Size and time (ns) of a file; (-1, 0) where there is none."""
    try:
        found = path.stat()
    except OSError:
        return (-1, 0)
    return (found.st_size, found.st_mtime_ns)


def _parsed(document: Mapping[str, Any]) -> LiveManifest:
    if document["version"] != _VERSION:
        raise ValueError(document["version"])
    plan = ExportPlan(("mask",), document["image_format"], document["values"], overwrite=True)
    files = {str(case_id): _entry(values) for case_id, values in document["files"].items()}
    leftovers = {_inside(file): _text(digest) for file, digest in document["leftovers"].items()}
    return LiveManifest(_path(document["photos"]), plan, files, leftovers)


def _entry(values: Mapping[str, Any]) -> LiveFile:
    size, written = values["stat"]
    entry = LiveFile(**values)
    _inside(entry.file)
    for value in (entry.photo, entry.sha256, entry.earlier):
        _text(value)
    return replace(entry, changed=float(entry.changed), stat=(int(size), int(written)))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _inside(file: object) -> str:
    """The name of a file, if it lies in the folder of masks: what the list names may be replaced and removed."""
    text = _path(file)
    path = Path(text)
    if not path.name or path.anchor or ".." in path.parts:
        raise ValueError(text)
    return text


def _path(value: object) -> str:
    """A text that a disk takes as the name of a file or a folder."""
    text = _text(value)
    if "\0" in text or len(os.fsencode(text)) > _LONGEST_PATH:
        raise ValueError(text[:80])
    return text
