"""Repair of damaged case databases: no mask is ever another case's or a mixture, the report says what is not the newest."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.unit.storage.damaged_store import (
    PAGE,
    SHAPE,
    History,
    copied,
    cut,
    flipped,
    judge,
    make_history,
    scattered,
)
from tests.unit.storage.store_makers import make_mask, make_photo, make_step
from tongue_viewer.core.errors import StoreBusyError, StoreCorruptError, StoreNewerError, UsageError
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.case_store_aside import FileMoves, copy_of, journal_of
from tongue_viewer.storage.case_store_place import home_database
from tongue_viewer.storage.case_store_rescue import rescue

_ROOT = Path(__file__).resolve().parents[3]
_DAMAGES: dict[str, Callable[[bytes, int], bytes]] = {
    "a page of zeros": lambda data, n: data[: n * PAGE] + bytes(PAGE) + data[(n + 1) * PAGE :],
    "one bit": lambda data, n: flipped(data, n, 1),
    "twenty bits": lambda data, n: flipped(data, n, 20),
    "noise in three pages": lambda data, n: scattered(data, n, 3),
    "the end cut off": lambda data, n: cut(data, 1 - (n + 1) / 12),
}
_TIMES = {
    "a page of zeros": 60,
    "one bit": 10,
    "twenty bits": 10,
    "noise in three pages": 10,
    "the end cut off": 10,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, History]]:
    home = tmp_path_factory.mktemp("made")
    before = os.environ.get("TONGUE_VIEWER_HOME")
    os.environ["TONGUE_VIEWER_HOME"] = str(home / "home")
    try:
        yield home / "photos", make_history(home / "photos")
    finally:
        if before is not None:
            os.environ["TONGUE_VIEWER_HOME"] = before


@pytest.mark.parametrize("damage", list(_DAMAGES))
def test_every_mask_is_its_own_and_the_report_says_which_is_not_the_newest(
    tmp_path: Path, made: tuple[Path, History], damage: str
) -> None:
    source, history = made
    data = home_database(source).read_bytes()
    for number in range(min(_TIMES[damage], len(data) // PAGE)):
        with_copy = number % 2 == 0
        database = copied(source, tmp_path / "photos", with_copy=with_copy)
        damaged = _DAMAGES[damage](data, number)
        database.write_bytes(damaged)
        report = rescue(tmp_path / "photos", "ben")
        if not report.whole:
            assert report.kept is not None
            assert report.kept.name.startswith("cases.damaged-")
            assert report.kept.read_bytes() == damaged
        outcome = judge(tmp_path / "photos", history, report)
        if with_copy:
            assert outcome.lost == 0, number
            assert report.lost == (), number
        shutil.rmtree(tmp_path / "photos")


def test_the_copy_gives_everything_up_to_the_last_closing(tmp_path: Path, made: tuple[Path, History]) -> None:
    source, history = made
    database = copied(source, tmp_path / "photos", with_copy=True)
    database.write_bytes(bytes(database.stat().st_size))
    report = rescue(tmp_path / "photos")
    assert "when the folder was last closed" in report.text
    assert report.as_of > 0
    with CaseStore.open(tmp_path / "photos") as store:
        for case_id, masks in history.masks.items():
            assert np.array_equal(store.revision(case_id, 2**40), masks[history.closed[case_id] - 1])


def test_a_database_that_is_gone_comes_from_its_copy_and_never_begins_anew_in_silence(
    tmp_path: Path, made: tuple[Path, History]
) -> None:
    source, history = made
    database = copied(source, tmp_path / "photos", with_copy=True)
    for remove in (lambda: database.write_bytes(b""), database.unlink):
        remove()
        with pytest.raises(StoreCorruptError, match="copy") as caught:
            CaseStore.open(tmp_path / "photos")
        assert caught.value.folder == tmp_path / "photos"
    report = rescue(tmp_path / "photos")
    assert (report.kept, report.found) == (None, len(history.masks))


def test_without_copy_and_without_anything_to_read_it_begins_anew_and_says_so(tmp_path: Path) -> None:
    database = home_database(tmp_path)
    database.parent.mkdir()
    database.write_bytes(bytes(10_000))
    report = rescue(tmp_path)
    assert "new, empty case database" in report.text
    assert str(report.kept) in report.text
    assert report.kept is not None
    assert report.kept.read_bytes() == bytes(10_000)
    with CaseStore.open(tmp_path) as store:
        assert store.verify() == []


def test_a_foreign_file_is_kept_as_such(tmp_path: Path) -> None:
    database = home_database(tmp_path)
    database.parent.mkdir()
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE songs (name TEXT)")
    connection.commit()
    connection.close()
    content = database.read_bytes()
    report = rescue(tmp_path)
    assert report.foreign
    assert report.kept is not None
    assert report.kept.name.startswith("cases.foreign-")
    assert report.kept.read_bytes() == content


def test_what_is_whole_newer_in_use_or_not_there_is_left_alone(
    tmp_path: Path, made: tuple[Path, History]
) -> None:
    with pytest.raises(UsageError):
        rescue(tmp_path)
    database = copied(made[0], tmp_path / "photos", with_copy=True)
    content = database.read_bytes()
    assert rescue(tmp_path / "photos").whole
    with CaseStore.open(tmp_path / "photos"), pytest.raises(StoreBusyError):
        rescue(tmp_path / "photos")
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    newer = database.read_bytes()
    with pytest.raises(StoreNewerError):
        rescue(tmp_path / "photos")
    assert database.read_bytes() == newer
    assert len(newer) == len(content)


def test_a_recovered_mask_has_an_entry_and_can_be_worked_on(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp")
    with CaseStore.open(tmp_path, user_name="anna") as store:
        case_id = store.load(photo).summary.case_id
        for revision in range(1, 7):
            store.save_step(make_step(case_id, make_mask(revision), revision))
    copy_of(home_database(tmp_path)).unlink()
    data = bytearray(home_database(tmp_path).read_bytes())
    at = data.index(_link(tmp_path, 3))
    data[at] ^= 255
    home_database(tmp_path).write_bytes(data)
    with CaseStore.open(tmp_path) as store:
        assert store.verify() != []
    copy_of(home_database(tmp_path)).unlink(missing_ok=True)
    report = rescue(tmp_path, "ben")
    assert (report.found, report.newest) == (1, 1)
    with CaseStore.open(tmp_path, user_name="ben") as store:
        assert np.array_equal(store.stored_case(case_id).mask, make_mask(6))
        store.save_step(make_step(case_id, make_mask(7), 7))
        assert store.verify() == []


def _link(folder: Path, number: int) -> bytes:
    connection = sqlite3.connect(home_database(folder))
    (link,) = connection.execute("SELECT sha256 FROM chain WHERE edit = ?", (number,)).fetchone()
    connection.close()
    return bytes(link)


_CHILD = """
import os, sys
from pathlib import Path
from tongue_viewer.storage.case_store_aside import FileMoves
from tongue_viewer.storage.case_store_rescue import rescue

class Killed(FileMoves):
    left = int(sys.argv[2])
    def _count(self):
        if self.left == 0:
            os._exit(7)
        self.left -= 1
    def rename(self, source, target):
        self._count()
        super().rename(source, target)
    def sync(self, path):
        self._count()
        super().sync(path)

rescue(Path(sys.argv[1]), "ben", Killed())
"""


def test_a_kill_at_any_moment_loses_nothing(tmp_path: Path, made: tuple[Path, History]) -> None:
    source, history = made
    data = bytearray(home_database(source).read_bytes())
    data[PAGE * 2 : PAGE * 3] = bytes(PAGE)
    codes = []
    for step in range(8):
        folder = tmp_path / str(step)
        database = copied(source, folder, with_copy=True)
        database.write_bytes(data)
        journal_of(database).write_bytes(bytes(512))  # an emptied one: nothing to take back
        codes.append(_killed(folder, step))
        if step in (4, 5):  # the opening of the folder completes it as well
            CaseStore.open(folder).close()
        report = rescue(folder)
        (kept,) = database.parent.glob("cases.damaged-*.db")
        assert kept.read_bytes() == data
        assert journal_of(kept).read_bytes() == bytes(512)
        assert not list(database.parent.glob("*resc*"))
        if not report.resumed and not report.whole:
            assert judge(folder, history, report).lost == 0
        with CaseStore.open(folder) as store:
            assert store.verify() == []
            assert set(store.names()) == set(history.names)
    assert codes == [7] * 7 + [0]


def _killed(folder: Path, step: int) -> int:
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    return subprocess.run(
        [sys.executable, "-c", _CHILD, str(folder), str(step)], env=environment, check=False
    ).returncode


def test_a_change_that_was_cut_off_is_taken_back_before_anything_is_read(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp", shape=SHAPE)
    with CaseStore.open(tmp_path) as store:
        case_id = store.load(photo).summary.case_id
        store.save_step(make_step(case_id, make_mask(1, SHAPE), 1))
    copy_of(home_database(tmp_path)).unlink()
    database, work = home_database(tmp_path), tmp_path / "work.db"
    whole = database.read_bytes()
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA cache_spill = 1")
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE photo SET note = ?, status = 'to do'", ("n" * 50_000,))
    shutil.copyfile(database, work)
    shutil.copyfile(journal_of(database), journal_of(work))
    connection.execute("ROLLBACK")
    connection.close()
    assert journal_of(work).stat().st_size > 512
    work.replace(database)
    journal_of(work).replace(journal_of(database))
    half = database.read_bytes()
    index = next(
        at
        for at in range(PAGE, len(whole), PAGE)
        if whole[at] == 0x0A and whole[at : at + PAGE] == half[at : at + PAGE]
    )
    database.write_bytes(half[:index] + bytes(PAGE) + half[index + PAGE :])
    report = rescue(tmp_path)
    assert report.kept is not None
    with CaseStore.open(tmp_path) as store:
        assert np.array_equal(store.stored_case(case_id).mask, make_mask(1, SHAPE))
        assert store.summaries([photo.path])[0].note == ""


def test_moves_that_fail_leave_everything_as_it_was(tmp_path: Path, made: tuple[Path, History]) -> None:
    class Refusing(FileMoves):
        def rename(self, source: Path, target: Path) -> None:
            raise PermissionError(13, "not now", str(source))

    database = copied(made[0], tmp_path / "photos", with_copy=True)
    database.write_bytes(bytes(PAGE) + database.read_bytes()[PAGE:])
    content = database.read_bytes()
    with pytest.raises(Exception, match="not now"):
        rescue(tmp_path / "photos", moves=Refusing())
    assert database.read_bytes() == content
    assert rescue(tmp_path / "photos").newest == len(made[1].masks)


def _work_in(folder: Path, seed: int, revisions: range) -> dict[str, MaskArray]:
    """Steps in each of three cases; returns name → the last mask."""
    last = {}
    folder.mkdir(exist_ok=True)
    with CaseStore.open(folder) as store:
        for number in range(3):
            photo = make_photo(folder / f"{number}.bmp", f"{number}".encode())
            case_id = store.load(photo).summary.case_id
            for revision in revisions:
                last[photo.path.name] = make_mask(seed + 10 * number + revision)
                made = 1_700_000_000.0 + seed + revision
                store.save_step(make_step(case_id, last[photo.path.name], revision, made=made))
    return last


def _without_chain(folder: Path) -> None:
    """The hashes are gone, everything else is there."""
    connection = sqlite3.connect(home_database(folder))
    (root,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'chain'").fetchone()
    connection.close()
    with home_database(folder).open("r+b") as file:
        file.seek((root - 1) * PAGE)
        file.write(bytes(PAGE))


@pytest.mark.parametrize("begun_together", [False, True])
def test_where_the_chain_is_gone_a_copy_of_another_history_is_not_asked(
    tmp_path: Path, *, begun_together: bool
) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    if begun_together:
        _work_in(mine, 100, range(1, 3))
        shutil.copytree(mine, other)
    masks = _work_in(mine, 200, range(3, 6))
    _work_in(other, 300, range(3, 6))
    copy_of(home_database(mine)).unlink()
    aside = copy_of(home_database(mine)).with_name("cases.copy-20260101-000000.db")
    shutil.copyfile(copy_of(home_database(other)), aside)
    _without_chain(mine)
    report = rescue(mine)
    assert (report.found, report.lost, report.with_copy) == (3, (), False)
    with CaseStore.open(mine) as store:
        assert {case.name: case.mask.tobytes() for case in store.stored()} == {
            name: mask.tobytes() for name, mask in masks.items()
        }


def test_where_the_chain_is_gone_the_copy_of_the_same_history_is_asked(tmp_path: Path) -> None:
    masks = _work_in(tmp_path, 100, range(1, 4))
    _without_chain(tmp_path)
    report = rescue(tmp_path)
    assert (report.found, report.newest, report.with_copy) == (3, 3, True)
    with CaseStore.open(tmp_path) as store:
        assert all(np.array_equal(case.mask, masks[case.name]) for case in store.stored())
