"""Repairing a damaged, foreign or missing case database: what can be read goes into a new one, the old file is kept.

What is done and why: docs/adr/0010-rescue.md.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tongue_viewer.core.errors import StoreBusyError, StoreError, StoreNewerError, UsageError
from tongue_viewer.core.rescue import RescueReport
from tongue_viewer.storage.case_store_aside import (
    FileMoves,
    aside_name,
    copy_of,
    finish_rescue,
    has_work,
    journal_of,
    partial_of,
    put_in_place,
    rescued_of,
)
from tongue_viewer.storage.case_store_check import find_problems
from tongue_viewer.storage.case_store_copy import update_copy
from tongue_viewer.storage.case_store_errors import translated
from tongue_viewer.storage.case_store_lock import FolderLock, holder_text
from tongue_viewer.storage.case_store_place import (
    LOCK_NAME,
    away_database,
    home_database,
    read_only_uri,
)
from tongue_viewer.storage.case_store_proof import prove, same_history
from tongue_viewer.storage.case_store_rebuild import rebuild
from tongue_viewer.storage.case_store_salvage import Salvage, salvage
from tongue_viewer.storage.schema import APPLICATION_ID, MAGIC, check_header, prepare

_OLD_COPIES = 2
"""So many earlier copies, of the same history, are asked as well."""


def rescue(folder: Path, user_name: str = "", moves: FileMoves | None = None) -> RescueReport:
    """Repair the case database of a folder; the damaged file is renamed, never changed and never deleted.

    Safe against a kill at any moment: a second call, or the next opening of the folder, goes on.

    Args:
        folder: the folder of photos.
        user_name: for the log's entries of recovered masks.
        moves: how files get other names.

    Raises:
        UsageError: the folder has no case database.
        StoreBusyError: another window holds it.
        StoreNewerError: made by a newer version of the program; it is not touched.
        StoreError: it could not be done; everything is as it was.
    """
    moves = moves or FileMoves()
    database = next((path for path in (away_database(folder), home_database(folder)) if has_work(path)), None)
    if database is None:
        raise UsageError(
            f"{folder} has no case database, so nothing was changed. Open it in the window; one is made then."
        )
    try:
        lock = FolderLock.take(database.with_name(LOCK_NAME), user_name)
        if lock is None:
            raise StoreBusyError(
                f"{database} is open in another window ({holder_text(database.with_name(LOCK_NAME))}), so it was not"
                " repaired. Nothing was changed. Close the other window and try again."
            )
        try:
            with translated(database, changing=False):
                return _rescue(database, folder, user_name, moves)
        finally:
            lock.release()
            for path in (partial_of(database), _work(database)):
                _remove(path)
    except OSError as error:
        raise StoreError(
            f"{database} could not be repaired ({error.strerror or error}). The damaged file is there as it was, and the"
            " photos are safe. Check the drive and its free space, then try again."
        ) from error


def _rescue(database: Path, folder: Path, user_name: str, moves: FileMoves) -> RescueReport:
    finished = finish_rescue(database, moves)
    if finished is not None and _is_whole(database):
        return RescueReport(database, None if finished == database else finished, resumed=True)
    source = _readable(database)
    if source is not None and _is_whole(source):
        return RescueReport(database, whole=True)
    damaged = Salvage() if source is None else salvage(source)
    copies = _copies(database, damaged)
    proof = prove([damaged, *copies])
    _remove(partial_of(database))
    _set_right(damaged, _content_in(folder))
    rebuilt = rebuild(partial_of(database), [damaged, *copies], proof, user_name)
    moves.sync(partial_of(database))
    moves.rename(partial_of(database), rescued_of(database))
    moves.sync(database.parent)
    foreign = damaged.empty and database.exists() and _is_foreign(database)
    aside = aside_name(database, "foreign" if foreign else "damaged") if database.exists() else None
    report = RescueReport(
        database,
        aside,
        rebuilt.found,
        rebuilt.newest,
        tuple(rebuilt.older),
        tuple(rebuilt.lost),
        len(proof.log),
        proof.written - len(proof.log),
        with_copy=bool(copies),
        foreign=foreign,
        as_of=copy_of(database).stat().st_mtime if damaged.empty and copies else 0.0,
    )
    put_in_place(database, aside, moves)
    _begin_copy(database)
    return report


def _begin_copy(database: Path) -> None:
    """The repaired database gets its copy at once: a drive that did harm may do it again."""
    connection = sqlite3.connect(read_only_uri(database), uri=True, isolation_level=None)
    try:
        update_copy(connection, database)
    finally:
        connection.close()


def _readable(database: Path) -> Path | None:
    """The file to read from: the database, or, where a change was cut off, a copy with that change taken back."""
    if database.is_symlink() or not database.is_file() or not database.stat().st_size:
        return None  # also where a link, a folder or a pipe has its name
    journal = journal_of(database)
    if not journal.exists() or not journal.stat().st_size:
        return database
    work = _work(database)
    _remove(work)
    shutil.copyfile(database, work)
    shutil.copyfile(journal, journal_of(work))
    connection = sqlite3.connect(work)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error:
        shutil.copyfile(database, work)  # as far as SQLite came it may have done harm
    finally:
        connection.close()
    return work


def _work(database: Path) -> Path:
    return database.with_name(f"{database.stem}.rescue-source.db")


def _is_whole(file: Path) -> bool:
    """Whether everything in a database is as it should be.

    Raises:
        StoreNewerError: only a newer version of the program can say that.
    """
    try:
        check_header(file)
        connection = sqlite3.connect(read_only_uri(file), uri=True, isolation_level=None)
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            prepare(connection, file, writable=False)
            return not find_problems(connection)
        finally:
            connection.close()
    except StoreNewerError:
        raise
    except (StoreError, sqlite3.Error, UnicodeDecodeError):  # SQLite quotes a damaged file in its own message
        return False


def _copies(database: Path, damaged: Salvage) -> list[Salvage]:
    """The copy and its forerunners, as far as they have one history with the damaged file and with each other."""
    copy, fitting = copy_of(database), [damaged]
    older = sorted(database.parent.glob(f"{copy.stem}-*.db"), reverse=True)[:_OLD_COPIES]
    for path in (copy, *older):
        if path.is_file():
            found = salvage(path)
            if not found.empty and all(same_history(other, found) for other in fitting):
                fitting.append(found)
    return fitting[1:]


def _is_foreign(file: Path) -> bool:
    """Whether a file in which nothing of ours was found is that of another program, not a damaged one of ours."""
    if file.is_symlink() or not file.is_file():
        return True
    with file.open("rb") as opened:
        head = opened.read(100)
    if head.startswith(MAGIC):
        return len(head) == 100 and int.from_bytes(head[68:72], "big") != APPLICATION_ID
    return any(head)


def _content_in(folder: Path) -> Callable[[str], str]:
    def content(name: str) -> str:
        try:
            return hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except (OSError, ValueError):
            return ""

    return content


def _set_right(damaged: Salvage, content_of: Callable[[str], str]) -> None:
    """Where a line and the indexes do not say the same of a photo, the photo itself decides."""
    for number, row in damaged.photos.items():
        names = damaged.names.get(number, set()) | {row.name}
        contents = damaged.contents.get(number, set()) | {row.sha256}
        if len(names) > 1 or len(contents) > 1:
            fitting = [
                (name, content) for name in sorted(names) if (content := content_of(name)) in contents - {""}
            ]
            if len(fitting) == 1:
                damaged.photos[number] = replace(row, name=fitting[0][0], sha256=fitting[0][1])


def _remove(path: Path) -> None:
    """Take away a file of this repair's own making."""
    for file in (path, journal_of(path)):
        file.unlink(missing_ok=True)
