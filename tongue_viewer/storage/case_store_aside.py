"""Names of the files beside a case database, and putting a repaired one in its place.

A repair ends with three renamings. A kill between them leaves a state from which `finish_rescue` goes on, at the next
repair as well as at the next opening of the folder; at no moment is there only an unfinished file.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

JOURNAL = "-journal"
_KINDS = ("damaged", "foreign")


class FileMoves:
    """The calls to the operating system that a repair ends with; tests put in one that stops in between."""

    def rename(self, source: Path, target: Path) -> None:
        """Give a file another name in its folder."""
        source.rename(target)

    def sync(self, path: Path) -> None:
        """Make a file, or the names in a folder, durable; not every system can do that for folders."""
        with contextlib.suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


_MOVES = FileMoves()


def copy_of(database: Path) -> Path:
    """The copy without predictions that is kept beside a database."""
    return database.with_name(f"{database.stem}.copy.db")


def rescued_of(database: Path) -> Path:
    """A repaired database, whole and checked, that waits to be put in place."""
    return database.with_name(f"{database.stem}.rescued.db")


def partial_of(database: Path) -> Path:
    """A database that a repair is making; worth nothing after a kill."""
    return database.with_name(f"{database.stem}.rescue-partial.db")


def journal_of(database: Path) -> Path:
    """What SQLite keeps beside a database while it changes it."""
    return database.with_name(database.name + JOURNAL)


def has_work(database: Path) -> bool:
    """Whether a database stands there, or what one can be made from."""
    return any(path.exists() for path in (database, rescued_of(database), copy_of(database)))


def aside_name(database: Path, kind: str, *, now: float | None = None) -> Path:
    """A name with the date that no file has yet, for example "cases.damaged-20261124-101500.db"."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    number = 1
    while True:
        more = "" if number == 1 else f"-{number}"
        name = database.with_name(f"{database.stem}.{kind}-{stamp}{more}.db")
        if not name.exists() and not journal_of(name).exists():
            return name
        number += 1


def put_in_place(database: Path, aside: Path | None, moves: FileMoves = _MOVES) -> None:
    """Keep the damaged file as `aside` and put the repaired one in its place.

    Its journal goes first: it must never meet the repaired file.
    """
    if aside is not None:
        if journal_of(database).exists():
            moves.rename(journal_of(database), journal_of(aside))
        moves.rename(database, aside)
    moves.rename(rescued_of(database), database)
    moves.sync(database.parent)


def finish_rescue(database: Path, moves: FileMoves = _MOVES) -> Path | None:
    """Complete a repair that was killed while files were renamed; the caller holds the lock.

    Returns:
        Where the damaged file is, if a repair was completed.

    Raises:
        OSError: it cannot be completed now.
    """
    rescued = rescued_of(database)
    if not rescued.exists():
        return None
    if not database.exists():
        put_in_place(database, None, moves)
        return _newest_aside(database) or database
    aside = _half_moved(database)
    if aside is not None:
        put_in_place(database, aside, moves)
        return aside
    rescued.unlink()  # nothing was moved yet, and the database may have been written to since
    return None


def _half_moved(database: Path) -> Path | None:
    """The name that a damaged file was to get whose journal has it already."""
    for journal in _asides(database, JOURNAL):
        aside = journal.with_name(journal.name.removesuffix(JOURNAL))
        if not aside.exists():
            return aside
    return None


def _newest_aside(database: Path) -> Path | None:
    return max(_asides(database, ""), key=lambda path: path.name.partition("-")[2], default=None)


def _asides(database: Path, ending: str) -> list[Path]:
    return [path for kind in _KINDS for path in database.parent.glob(f"{database.stem}.{kind}-*.db{ending}")]
