"""What goes wrong around the case database: crashes, other programs and versions, full and locked disks."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.unit.storage.store_makers import make_mask, make_photo, make_prediction, make_step
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.errors import (
    StoreAccessError,
    StoreBusyError,
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreNewerError,
    StoreReadOnlyError,
)
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.case_store_place import away_database
from tongue_viewer.storage.mask_codec import encode_mask

_ROOT = Path(__file__).resolve().parents[3]
_CHILD = """
import sys
from pathlib import Path
from tests.unit.storage.store_makers import make_mask, make_photo, make_step
from tongue_viewer.storage.case_store import CaseStore

folder, mode = Path(sys.argv[1]), sys.argv[2]
store = CaseStore.open(folder, user_name="child")
case_id = store.load(make_photo(folder / "a.bmp")).summary.case_id
print(case_id, flush=True)
if mode == "hold":
    sys.stdin.read()
for revision in range(1, 1_000_000):
    store.save_step(make_step(case_id, make_mask(revision % 7), revision))
    print(revision, flush=True)
    if mode == "one":
        sys.stdin.read()
"""


@contextmanager
def _child(folder: Path, mode: str) -> Iterator[subprocess.Popen[str]]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(_ROOT), str(Path(__file__).parent)]),
    }
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(folder), mode],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def _line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    text = child.stdout.readline().strip()
    assert text, "the child ended early"
    return text


def _kill(child: subprocess.Popen[str]) -> str:
    """Kill without a chance to clean up; returns what the child had still printed."""
    child.kill()
    rest, _ = child.communicate(timeout=20)
    return rest


def _database(folder: Path) -> Path:
    return folder / ".tongue-viewer" / "cases.db"


def test_a_step_is_there_after_a_kill_right_behind_it(tmp_path: Path) -> None:
    with _child(tmp_path, "one") as child:
        case_id = _line(child)
        assert _line(child) == "1"
        _kill(child)
    with CaseStore.open(tmp_path) as store:
        assert store.writable
        assert store.audit(case_id)[-1].user == "child"
        assert np.array_equal(store.stored_case(case_id).mask, make_mask(1))


@pytest.mark.parametrize("steps", [3, 10, 23])
def test_a_kill_in_the_midst_of_saving_costs_no_finished_step(tmp_path: Path, steps: int) -> None:
    with _child(tmp_path, "many") as child:
        case_id = _line(child)
        done = [_line(child) for _ in range(steps)]
        done += _kill(child).split()
    last = int(done[-1])
    with CaseStore.open(tmp_path) as store:
        assert store.verify() == []
        revisions = [row.revision for row in store.audit(case_id)]
        # One more may have become durable before its number was printed.
        assert revisions in (list(range(1, last + 1)), list(range(1, last + 2)))
        assert np.array_equal(store.stored_case(case_id).mask, make_mask(revisions[-1] % 7))


def test_a_half_written_change_is_taken_back_at_the_next_start(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp")
    with CaseStore.open(tmp_path) as store:
        case_id = store.load(photo).summary.case_id
        store.save_step(make_step(case_id, make_mask(1)))
        connection = store._connection
        assert connection is not None
        # The files as a crash between "journal written" and "committed" leaves them.
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "INSERT INTO snapshot (case_id, edit, data) VALUES (?, 1, zeroblob(300000))", (case_id,)
        )
        frozen = {path.name: path.read_bytes() for path in _database(tmp_path).parent.iterdir()}
        connection.execute("ROLLBACK")
    assert len(frozen["cases.db-journal"]) > 0
    for name, content in frozen.items():
        (_database(tmp_path).parent / name).write_bytes(content)
    with CaseStore.open(tmp_path, read_only=True) as store:
        assert store.verify() == []
        assert np.array_equal(store.stored_case(case_id).mask, make_mask(1))


def test_a_second_process_reads_and_is_told_who_writes(tmp_path: Path) -> None:
    with _child(tmp_path, "hold") as child:
        case_id = _line(child)
        with CaseStore.open(tmp_path) as store:
            assert not store.writable
            assert f"process {child.pid} on" in store.note
            assert "child" in store.note
            photo = make_photo(tmp_path / "a.bmp")
            assert store.load(photo).summary.case_id == case_id
            for change in (
                lambda: store.save_step(make_step(case_id, make_mask())),
                lambda: store.set_status(case_id, CaseStatus.REVIEWED),
                lambda: store.save_prediction(photo, make_prediction(), make_mask()),
                lambda: store.set_failed(photo.path, "gone"),
            ):
                with pytest.raises(StoreReadOnlyError, match=r"not saved.*another window"):
                    change()
            assert store.audit(case_id) == []
    with CaseStore.open(tmp_path) as store:
        assert store.writable


def test_the_lock_goes_with_the_store(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path) as first, CaseStore.open(tmp_path) as second:
        assert (first.writable, second.writable) == (True, False)
        first.close()
        first.close()
        with CaseStore.open(tmp_path) as third:
            assert third.writable
        with pytest.raises(StoreError, match="closed"):
            first.summaries([])


def test_a_database_that_is_just_being_made_is_busy(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path):
        _database(tmp_path).write_bytes(b"")
        with pytest.raises(StoreBusyError, match="another process"):
            CaseStore.open(tmp_path)


def _foreign() -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE photo (id)")
    content = connection.serialize()
    connection.close()
    return content


@pytest.mark.parametrize(
    "content", [b"not a database at all", b"SQLite format 3\x00", bytes(5000), _foreign()]
)
def test_a_strangers_file_is_named_and_not_touched(tmp_path: Path, content: bytes) -> None:
    database = _database(tmp_path)
    database.parent.mkdir()
    database.write_bytes(content)
    for _ in range(2):
        with pytest.raises(StoreCorruptError, match=r"cases\.db.*Repair it"):
            CaseStore.open(tmp_path)
    assert database.read_bytes() == content
    assert {path.name for path in database.parent.iterdir()} == {"cases.db", "cases.lock"}


def test_a_newer_database_is_not_touched(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path) as store:
        store.load(make_photo(tmp_path / "a.bmp"))
    database = _database(tmp_path)
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA user_version = 1000")
    connection.close()
    before = database.read_bytes()
    for read_only in (False, True):
        with pytest.raises(StoreNewerError, match=r"1000.*Update the program"):
            CaseStore.open(tmp_path, read_only=read_only)
    assert database.read_bytes() == before


def test_a_damaged_database_is_not_touched(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path) as store:
        case_id = store.load(make_photo(tmp_path / "a.bmp")).summary.case_id
        for revision in range(30):
            store.save_step(make_step(case_id, make_mask(revision), revision))
    database = _database(tmp_path)
    content = bytearray(database.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    database.write_bytes(content)
    with CaseStore.open(tmp_path) as store, pytest.raises(StoreCorruptError, match=r"cases\.db is damaged"):
        store.load(make_photo(tmp_path / "a.bmp"))
    assert database.read_bytes() == bytes(content)


def test_an_empty_file_left_by_a_crash_is_begun_again(tmp_path: Path) -> None:
    _database(tmp_path).parent.mkdir()
    _database(tmp_path).write_bytes(b"")
    with CaseStore.open(tmp_path) as store:
        assert store.load(make_photo(tmp_path / "a.bmp")).summary.case_id


def test_a_change_that_fails_at_its_end_leaves_nothing_of_its_beginning(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp")
    with CaseStore.open(tmp_path) as store:
        case_id = store.load(photo).summary.case_id
        store.save_step(make_step(case_id, make_mask(1)))
        connection = store._connection
        assert connection is not None
        connection.execute(
            "CREATE TEMP TRIGGER fails BEFORE INSERT ON main.edit BEGIN SELECT RAISE(ABORT, 'as if'); END"
        )
        with pytest.raises(StoreError, match="not saved"):
            store.save_step(make_step(case_id, make_mask(2), 2, status=CaseStatus.REVIEWED))
        connection.execute("DROP TRIGGER fails")
        state = store.load(photo)
        assert state.summary.status is CaseStatus.EDITED
        assert np.array_equal(state.mask, make_mask(1))
        assert store.verify() == []
        store.save_step(make_step(case_id, make_mask(2), 2))


def test_a_full_disk_loses_nothing_and_says_so(tmp_path: Path) -> None:
    photo, noise = make_photo(tmp_path / "a.bmp", shape=(700, 700)), np.random.default_rng(1)
    masks = [noise.integers(0, 2, (700, 700)).astype(np.uint8) for _ in range(3)]
    with CaseStore.open(tmp_path) as store:
        case_id = store.load(photo).summary.case_id
        store.save_step(make_step(case_id, masks[0], 1))
        connection = store._connection
        assert connection is not None
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StoreFullError, match=r"full.*not saved.*safe.*Free some space"):
            store.save_step(make_step(case_id, masks[1], 2))
        assert store.verify() == []
        state = store.load(photo)
        assert np.array_equal(state.mask, masks[0])
        assert len(store.audit(case_id)) == 1
        connection.execute(f"PRAGMA max_page_count = {pages + 1000}")
        store.save_step(make_step(case_id, masks[2], 3))
        assert np.array_equal(store.load(photo).mask, masks[2])
        assert store.verify() == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not let an open file be moved")
def test_a_folder_that_goes_away_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    photo = make_photo(folder / "a.bmp")
    with CaseStore.open(folder) as store:
        case_id = store.load(photo).summary.case_id
        folder.rename(tmp_path / "elsewhere")
        with pytest.raises((StoreAccessError, StoreReadOnlyError), match="not saved"):
            store.save_step(make_step(case_id, make_mask(1)))
        (tmp_path / "elsewhere").rename(folder)
        store.save_step(make_step(case_id, make_mask(2)))
        assert store.verify() == []


def test_a_folder_that_cannot_be_written_is_kept_apart(tmp_path: Path, user_home: Path) -> None:
    photo = make_photo(tmp_path / "photos" / "舌.bmp")
    # A file where the program's folder should be stops the superuser too, whom permissions do not.
    (tmp_path / "photos" / ".tongue-viewer").write_bytes(b"")
    with CaseStore.open(tmp_path / "photos") as store:
        assert store.writable
        assert store.database == away_database(tmp_path / "photos")
        assert user_home in store.database.parents
        assert "kept apart" in store.note
        case_id = store.load(photo).summary.case_id
        store.save_step(make_step(case_id, make_mask(1)))
    # Once the work has begun there it goes on there: a second database would hide it.
    (tmp_path / "photos" / ".tongue-viewer").unlink()
    with CaseStore.open(tmp_path / "photos") as store:
        assert store.database == away_database(tmp_path / "photos")
        assert np.array_equal(store.load(photo).mask, make_mask(1))


def test_what_a_write_protected_database_holds_is_taken_along(tmp_path: Path, user_home: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp")
    with CaseStore.open(tmp_path) as store:
        case_id = store.load(photo).summary.case_id
        store.save_step(make_step(case_id, make_mask(1)))
    lock = _database(tmp_path).with_name("cases.lock")
    lock.unlink()
    lock.mkdir()
    before = hashlib.sha256(_database(tmp_path).read_bytes()).digest()
    with CaseStore.open(tmp_path) as store:
        assert user_home in store.database.parents
        assert np.array_equal(store.load(photo).mask, make_mask(1))
        store.save_step(make_step(case_id, make_mask(2)))
    assert hashlib.sha256(_database(tmp_path).read_bytes()).digest() == before


def test_where_nothing_can_be_written_photos_are_still_shown(tmp_path: Path, user_home: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp")
    (tmp_path / ".tongue-viewer").write_bytes(b"")
    (user_home / "folders").write_bytes(b"")
    with CaseStore.open(tmp_path) as store:
        assert not store.writable
        assert "cannot be kept" in store.note
        assert store.load(photo).summary.case_id == ""
        assert store.summaries([photo.path])[0].status is CaseStatus.TO_DO
        with pytest.raises(StoreReadOnlyError, match="not saved"):
            store.set_failed(photo.path, "x")


def test_looking_into_a_folder_without_a_database_makes_none(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp")
    with CaseStore.open(tmp_path, read_only=True) as store:
        assert not store.writable
        assert list(store.stored()) == []
        assert store.load(photo).summary.case_id == ""
        assert store.verify() == []
    assert [path.name for path in tmp_path.iterdir()] == ["a.bmp"]


def test_a_photo_that_can_be_read_again_is_not_failed_in_a_read_only_store_either(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp")
    with CaseStore.open(tmp_path) as store:
        store.load(photo)
        store.set_failed(photo.path, "the drive was away")
    with CaseStore.open(tmp_path, read_only=True) as store:
        assert store.load(photo).summary.status is CaseStatus.TO_DO


def test_the_edit_log_only_grows(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path) as store:
        case_id = store.load(make_photo(tmp_path / "a.bmp")).summary.case_id
        store.save_step(make_step(case_id, make_mask(1)))
    connection = sqlite3.connect(_database(tmp_path))
    for statement in ("UPDATE edit SET user = 'nobody'", "DELETE FROM edit"):
        with pytest.raises(sqlite3.IntegrityError, match="only grows"):
            connection.execute(statement)
    connection.close()


def test_verify_names_every_damage(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path) as store:
        for name in ("damaged", "misfit", "forged", "whole"):
            photo = make_photo(tmp_path / f"{name}.bmp", name.encode())
            case_id = store.load(photo).summary.case_id
            store.save_prediction(photo, make_prediction(), make_mask(1))
            store.save_step(make_step(case_id, make_mask(2)))
        connection = store._connection
        assert connection is not None
        keep = (
            "INSERT INTO snapshot (case_id, edit, data) SELECT case_id, (SELECT max(id) FROM edit WHERE case_id ="
            " photo.case_id), ? FROM photo WHERE name = ?"
        )
        connection.execute(keep, (encode_mask(make_mask(2))[:40], "damaged.bmp"))
        connection.execute(keep, (encode_mask(make_mask(3)), "forged.bmp"))
        connection.execute("UPDATE photo SET height = 41 WHERE name = 'misfit.bmp'")
        problems = store.verify()
    assert len(problems) == 3
    for name, word in {"damaged": "damaged", "misfit": r"(40, 50)", "forged": "edit log"}.items():
        assert any(f"{name}.bmp" in problem and word in problem for problem in problems), problems


def test_many_threads_write_and_read_at_once(tmp_path: Path) -> None:
    photos = [make_photo(tmp_path / f"{number}.bmp", bytes([number])) for number in range(4)]
    failures: list[BaseException] = []
    with CaseStore.open(tmp_path) as store:

        def work(number: int) -> None:
            try:
                photo = photos[number % 4]
                case_id = store.load(photo).summary.case_id
                for revision in range(10):
                    store.save_step(make_step(case_id, make_mask(revision), revision))
                    store.save_prediction(photo, make_prediction(), make_mask(99))
                    store.load(photo)
                    store.summaries([photo.path])
            except BaseException as error:  # noqa: BLE001 - handed to the main thread
                failures.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        assert store.verify() == []
        assert len(store.names()) == 4
        counts = [len(store.audit(case_id)) for case_id in store.names()]
    assert counts == [40, 40, 40, 40]  # a step and an answer that is not taken, ten times by two threads


_PLANTED = {
    "an endless view": "CREATE VIEW extra AS WITH RECURSIVE n(i) AS"
    " (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
    "a trigger": "CREATE TRIGGER extra AFTER INSERT ON photo BEGIN DELETE FROM prediction; END",
    "a table": "CREATE TABLE extra (a)",
    "a missing trigger": "DROP TRIGGER edit_kept",
}


@pytest.mark.parametrize("planted", list(_PLANTED))
@pytest.mark.parametrize("read_only", [True, False])
def test_a_database_with_parts_of_a_stranger_is_refused(
    tmp_path: Path, planted: str, *, read_only: bool
) -> None:
    with CaseStore.open(tmp_path) as store:
        store.load(make_photo(tmp_path / "a.bmp"))
    connection = sqlite3.connect(_database(tmp_path))
    connection.execute(_PLANTED[planted])
    connection.close()
    before = _database(tmp_path).read_bytes()
    with pytest.raises(StoreCorruptError, match=r"cases\.db.*did not make"):
        CaseStore.open(tmp_path, read_only=read_only)
    assert _database(tmp_path).read_bytes() == before


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("status", "nonsense"),
        ("name", "../b.bmp"),
        ("name", "/etc/passwd"),
        ("name", b"a.bmp"),
        ("height", "x"),
        ("changed", "x"),
        ("changed", float("inf")),
        ("quality", "x"),
        ("note", b"x"),
    ],
)
def test_a_line_that_another_program_changed_is_named(tmp_path: Path, column: str, value: object) -> None:
    photo, other = make_photo(tmp_path / "a.bmp"), make_photo(tmp_path / "b.bmp", b"other")
    with CaseStore.open(tmp_path) as store:
        case_id = store.load(photo).summary.case_id
        store.save_step(make_step(case_id, make_mask(1)))
        store.load(other)
    connection = sqlite3.connect(_database(tmp_path))
    connection.execute("PRAGMA ignore_check_constraints = ON")
    change = f"UPDATE photo SET {column} = ? WHERE case_id = ?"  # noqa: S608 - columns of this test
    connection.execute(change, (value, case_id))
    connection.commit()
    connection.close()
    with CaseStore.open(tmp_path) as store:
        for use in (lambda: store.stored_case(case_id), store.verify, store.names):
            with pytest.raises(StoreError, match="changed by another program"):
                use()
        assert store.load(other).summary.status is CaseStatus.TO_DO
        line, sound = store.summaries([photo.path, other.path])
        assert isinstance(line.note + line.case_id + line.reviewed_by, str)
        assert line.changed < 1e11
        assert sound.status is CaseStatus.TO_DO


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("read_only", [True, False])
def test_a_pipe_in_the_place_of_the_database_stops_nothing(tmp_path: Path, *, read_only: bool) -> None:
    _database(tmp_path).parent.mkdir()
    os.mkfifo(_database(tmp_path))
    with pytest.raises(StoreCorruptError, match="is no file"):
        CaseStore.open(tmp_path, read_only=read_only)


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_a_name_that_is_no_text_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    strange = Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xed\xa0b.bmp"))
    try:
        photo = make_photo(strange)
    except OSError:
        pytest.skip("this drive takes no such names")
    other = make_photo(tmp_path / "b.bmp", b"other")
    with CaseStore.open(tmp_path, user_name="anna\udced") as store:
        assert len(store.summaries([photo.path, other.path])) == 2
        for use in (
            lambda: store.load(photo),
            lambda: store.save_prediction(photo, make_prediction(), make_mask(1)),
            lambda: store.set_failed(photo.path, "x"),
        ):
            with pytest.raises(StoreError, match="Rename the photo"):
                use()
        case_id = store.load(other).summary.case_id
        store.save_step(make_step(case_id, make_mask(1), action="Import a\udced.png"))
        assert store.verify() == []


@pytest.mark.parametrize("version", [-1, 0, 1, 2])
def test_tables_of_another_version_than_they_claim_are_refused(tmp_path: Path, version: int) -> None:
    with CaseStore.open(tmp_path) as store:
        store.load(make_photo(tmp_path / "a.bmp"))
    connection = sqlite3.connect(_database(tmp_path))
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    with pytest.raises(StoreCorruptError, match=r"cases\.db"):
        CaseStore.open(tmp_path)


def test_a_computed_column_is_refused(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path) as store:
        store.load(make_photo(tmp_path / "a.bmp"))
    connection = sqlite3.connect(_database(tmp_path))
    connection.execute("ALTER TABLE photo ADD COLUMN planted AS (hex(zeroblob(200000000)))")
    connection.close()
    with pytest.raises(StoreCorruptError, match="did not make"):
        CaseStore.open(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
@pytest.mark.parametrize("part", ["cases.lock", "cases.db", "cases.db-journal", "cases.db-wal"])
@pytest.mark.parametrize("hard", [False, True])
def test_a_link_in_the_place_of_a_part_never_costs_what_it_leads_to(
    tmp_path: Path, part: str, *, hard: bool
) -> None:
    photo = make_photo(tmp_path / "a.bmp", b"an original" * 100)
    with CaseStore.open(tmp_path) as store:
        store.load(photo)
    link = _database(tmp_path).with_name(part)
    link.unlink(missing_ok=True)
    if hard:
        os.link(photo.path, link)
    else:
        link.symlink_to(photo.path)
    for _ in range(2):
        if part == "cases.lock":
            with CaseStore.open(tmp_path) as store:
                assert "link" in store.note
                case_id = store.load(photo).summary.case_id
                store.save_step(make_step(case_id, make_mask(1)))
        else:
            with pytest.raises(StoreCorruptError, match=part):
                CaseStore.open(tmp_path)
    assert photo.path.read_bytes() == b"an original" * 100


def test_a_newer_database_in_another_mode_is_not_touched(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path) as store:
        store.load(make_photo(tmp_path / "a.bmp"))
    connection = sqlite3.connect(_database(tmp_path))
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA user_version = 1000")
    connection.close()
    before = _database(tmp_path).read_bytes()
    with pytest.raises(StoreNewerError):
        CaseStore.open(tmp_path)
    assert _database(tmp_path).read_bytes() == before


def test_a_lock_file_of_nonsense_is_only_a_name_that_is_not_known(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path):
        _database(tmp_path).with_name("cases.lock").write_text("[" * 100_000)
        with CaseStore.open(tmp_path) as second:
            assert "another process" in second.note


@pytest.mark.parametrize(
    "script",
    [
        "DROP TRIGGER edit_kept; CREATE TRIGGER edit_kept AFTER INSERT ON edit BEGIN DELETE FROM snapshot; END",
        "DROP INDEX photo_sha256; CREATE INDEX photo_sha256 ON photo (hex(zeroblob(100000000)))",
    ],
)
def test_parts_of_the_right_name_that_do_something_else_are_refused(tmp_path: Path, script: str) -> None:
    with CaseStore.open(tmp_path) as store:
        store.load(make_photo(tmp_path / "a.bmp"))
    connection = sqlite3.connect(tmp_path / ".tongue-viewer" / "cases.db")
    connection.executescript(script)
    connection.close()
    with pytest.raises(StoreCorruptError, match="did not make"):
        CaseStore.open(tmp_path)


@pytest.mark.parametrize("page_size", [0, 4096])
def test_a_journal_that_would_make_the_file_endless_is_refused(tmp_path: Path, page_size: int) -> None:
    with CaseStore.open(tmp_path) as store:
        store.load(make_photo(tmp_path / "a.bmp"))
    database = _database(tmp_path)
    before = database.read_bytes()
    head = struct.pack(">5I", 0, 7, 2**31, 512, page_size)
    journal = database.with_name("cases.db-journal")
    journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + head + bytes(484))
    with pytest.raises(StoreCorruptError, match=r"cases\.db-journal"):
        CaseStore.open(tmp_path)
    assert database.read_bytes() == before
