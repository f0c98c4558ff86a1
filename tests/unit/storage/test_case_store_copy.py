"""The copy beside a case database: brought up to date at closing, never with anything that the chain does not prove."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import pytest

from tests.unit.storage.store_makers import make_mask, make_photo, make_prediction, make_step
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.case_store_aside import copy_of
from tongue_viewer.storage.case_store_check import find_problems
from tongue_viewer.storage.case_store_copy import update_copy
from tongue_viewer.storage.case_store_log import Entry, append_edit
from tongue_viewer.storage.case_store_masks import SNAPSHOT_STEPS
from tongue_viewer.storage.case_store_place import home_database
from tongue_viewer.storage.case_store_rows import select_case


def work(folder: Path, revisions: range, name: str = "a.bmp") -> str:
    photo = make_photo(folder / name, name.encode())
    with CaseStore.open(folder, user_name="anna") as store:
        case_id = store.load(photo).summary.case_id
        for revision in revisions:
            store.save_step(make_step(case_id, make_mask(revision), revision))
    return case_id


def rows(file: Path, table: str, columns: str = "*") -> list[tuple[object, ...]]:
    connection = sqlite3.connect(file)
    found = connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1").fetchall()  # noqa: S608 - constants
    connection.close()
    return found


def same(folder: Path) -> bool:
    database = home_database(folder)
    tables = (("photo", "*"), ("edit", "*"), ("chain", "*"), ("snapshot", "case_id, edit, data"))
    return all(rows(database, *table) == rows(copy_of(database), *table) for table in tables)


def test_the_copy_follows_at_every_closing_and_holds_no_prediction(tmp_path: Path) -> None:
    case_id = work(tmp_path, range(1, 2 * SNAPSHOT_STEPS))
    assert same(tmp_path)
    work(tmp_path, range(2 * SNAPSHOT_STEPS, 3 * SNAPSHOT_STEPS))
    photo = make_photo(tmp_path / "b.bmp", b"b")
    with CaseStore.open(tmp_path) as store:
        store.save_prediction(photo, make_prediction(), make_mask(500))
        store.set_status(case_id, store.load(make_photo(tmp_path / "a.bmp", b"a.bmp")).summary.status)
    assert same(tmp_path)
    copy = copy_of(home_database(tmp_path))
    assert rows(copy, "prediction") == []
    connection = sqlite3.connect(copy)
    assert find_problems(connection) == []
    connection.close()


def test_a_folder_that_was_only_looked_at_writes_no_copy(tmp_path: Path) -> None:
    work(tmp_path, range(1, 3))
    copy = copy_of(home_database(tmp_path))
    copy.unlink()
    with CaseStore.open(tmp_path) as store:
        store.summaries([])
        store.load(make_photo(tmp_path / "a.bmp", b"a.bmp"))
    with CaseStore.open(tmp_path, read_only=True):
        pass
    assert not copy.exists()


def test_a_copy_of_another_history_is_kept_under_another_name(tmp_path: Path) -> None:
    make_photo(tmp_path / "one" / "a.bmp")
    work(tmp_path / "one", range(1, 6))
    make_photo(tmp_path / "two" / "a.bmp")
    work(tmp_path / "two", range(1, 4))
    other = copy_of(home_database(tmp_path / "two")).read_bytes()
    copy_of(home_database(tmp_path / "one")).write_bytes(other)
    work(tmp_path / "one", range(6, 8))
    assert same(tmp_path / "one")
    (kept,) = home_database(tmp_path / "one").parent.glob("cases.copy-*.db")
    assert kept.read_bytes() == other


def test_a_damaged_copy_is_kept_and_a_new_one_begun(tmp_path: Path) -> None:
    make_photo(tmp_path / "a.bmp")
    work(tmp_path, range(1, 4))
    copy = copy_of(home_database(tmp_path))
    copy.write_bytes(b"no database" * 1000)
    work(tmp_path, range(4, 6))
    assert same(tmp_path)
    (kept,) = copy.parent.glob("cases.copy-*.db")
    assert kept.read_bytes() == b"no database" * 1000


_DAMAGES = {
    "a patch": "UPDATE edit SET patch = x'00' WHERE id = 5",
    "a name in the log": "UPDATE edit SET user = 'eve' WHERE id = 5",
    "an entry": "DELETE FROM edit WHERE id = 5",
    "the last entry": "DELETE FROM edit WHERE id = 6",
    "a link": "UPDATE chain SET sha256 = zeroblob(32) WHERE edit = 5",
    "a case": "DELETE FROM photo",
    "a line": "UPDATE photo SET name = '../x'",
}


@pytest.mark.parametrize("damage", list(_DAMAGES))
def test_nothing_of_a_damaged_database_gets_into_the_copy(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    make_photo(tmp_path / "a.bmp")
    work(tmp_path, range(1, 5))
    copy = copy_of(home_database(tmp_path))
    before = copy.read_bytes()
    work(tmp_path, range(5, 7))
    copy.write_bytes(before)
    connection = sqlite3.connect(home_database(tmp_path), isolation_level=None)
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(_DAMAGES[damage])
    content = {table: rows(copy, table) for table in ("photo", "edit", "chain", "snapshot")}
    with caplog.at_level(logging.WARNING):
        update_copy(connection, home_database(tmp_path))
    connection.close()
    assert {table: rows(copy, table) for table in content} == content
    assert "was not brought up to date" in caplog.text


def test_what_takes_too_long_is_done_the_next_time(tmp_path: Path) -> None:
    make_photo(tmp_path / "a.bmp")
    case_id = work(tmp_path, range(1, 3))
    connection = sqlite3.connect(home_database(tmp_path), isolation_level=None)
    connection.execute("BEGIN")
    now = select_case(connection, case_id).now
    for number in range(600):
        append_edit(connection, now, Entry("anna", f"Status {number}", "status"))
    connection.execute("COMMIT")
    update_copy(connection, home_database(tmp_path), most_seconds=0)
    assert len(rows(copy_of(home_database(tmp_path)), "edit")) == 502
    update_copy(connection, home_database(tmp_path))
    connection.close()
    assert same(tmp_path)
