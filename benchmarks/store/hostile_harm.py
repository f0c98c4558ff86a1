"""What is done to sound case databases."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path

from benchmarks.store.hostile_bytes import mutate
from benchmarks.store.hostile_stores import DATABASE, HEIGHT, WIDTH
from tongue_viewer.storage.schema import MIGRATIONS

_BIG = 1_200_000_000
ENDLESS = "AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
_WEIGHTS = {"now": 8, "empty": 1, "many": 1}


def hostile_store(rng: random.Random, seeds: Path, folder: Path, others: list[bytes]) -> str:
    """Copy a database to `folder` and harm it; returns what was done."""
    names = sorted(path.name for path in seeds.iterdir())
    source = seeds / rng.choices(names, [_WEIGHTS.get(name, 2) for name in names])[0]
    shutil.copytree(source, folder, dirs_exist_ok=True)
    roll = rng.random()
    if roll < 0.48:
        done = _harm_bytes(rng, folder, others)
    elif roll < 0.95:
        done = _harm_content(rng, folder)
    else:
        done = _harm_place(rng, folder, others)
    return f"{source.name}: {done}"


def _harm_bytes(rng: random.Random, folder: Path, others: list[bytes]) -> str:
    files = sorted(path for path in (folder / DATABASE).parent.iterdir() if path.name.startswith("cases.db"))
    target = rng.choice(files)
    data, done = mutate(rng, target.read_bytes(), others)
    target.write_bytes(data)
    return f"{target.name} {done}"


def _harm_content(rng: random.Random, folder: Path) -> str:
    database = folder / DATABASE
    for name in ("-journal", "-wal", "-shm"):
        database.with_name(database.name + name).unlink(missing_ok=True)
    change = rng.choices(list(_CHANGES), list(_CHANGES.values()))[0]
    done = change.__name__
    try:
        with closing(sqlite3.connect(database)) as connection:
            with _loosened(connection) if change in _LOOSE else nullcontext():
                done = f"{done} {change(rng, connection)}"
            connection.commit()
    except sqlite3.Error as error:
        done = f"{done}: {error}"  # an empty file, or one without that table: it is fed all the same
    return done


@contextmanager
def _loosened(connection: sqlite3.Connection) -> Iterator[None]:
    """Without the rules of the tables, as any program that writes SQLite can do it; the triggers come back."""
    triggers = [row[0] for row in connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'trigger'")]
    connection.execute("PRAGMA writable_schema = 1")
    rules = (
        "NOT NULL",
        "CHECK (current IN (0, 1))",
        "CHECK (declined IN (0, 1))",
        "CHECK (origin IN ('model', 'human'))",
    )
    for rule in rules:
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, '') WHERE type = 'table'", (rule,))
    connection.execute("DELETE FROM sqlite_schema WHERE type = 'trigger'")
    connection.commit()
    version = int(connection.execute("PRAGMA schema_version").fetchone()[0])
    connection.execute(f"PRAGMA schema_version = {version + 1}")
    try:
        yield
    finally:
        for trigger in triggers:
            connection.execute(trigger)


def _has(connection: sqlite3.Connection, table: str) -> bool:
    found = connection.execute(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?", (table,)
    )
    return bool(found.fetchone()[0])


VALUES: tuple[object, ...] = (
    None, 0, -1, 1, 2**31 - 1, 2**32 - 1, 2**63 - 1, -(2**63), 1.5, float("inf"), -float("inf"), 1e308,
    "", "abc", "a\0b", "../../escape.bmp", "/etc/hostname", "C:\\x.bmp", "x" * 70_000, "\U0001f445", "human", "edited",
    b"", b"\xff\xfe", bytes(20), bytes(4096),
)  # fmt: skip
FOREIGN_TEXT = ("CAST(x'ff80' AS TEXT)", "CAST(x'eda080' AS TEXT)", "zeroblob(3000000)")


def wrong_value(rng: random.Random, connection: sqlite3.Connection) -> str:
    """One column of one row, or of all, holds something else."""
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    table = rng.choice([name for name in tables if not name.startswith("sqlite_")] or ["nothing"])
    column = rng.choice([row[1] for row in connection.execute(f"PRAGMA table_info({table})")] or ["nothing"])
    where = rng.choice(["", " WHERE rowid = 1", " WHERE rowid = 2"])
    if rng.random() < 0.15:
        text = rng.choice(FOREIGN_TEXT)
        connection.execute(f"UPDATE {table} SET {column} = {text}{where}")  # noqa: S608 - names of the schema
        return f"{table}.{column} {text}{where}"
    value = rng.choice(VALUES)
    connection.execute(f"UPDATE {table} SET {column} = ?{where}", (value,))  # noqa: S608 - names of the schema
    return f"{table}.{column} {value!r:.30}{where}"


def wrong_mask(rng: random.Random, connection: sqlite3.Connection) -> str:
    """A mask's bytes with a hostile header or stream; the case may claim the same size."""
    height, width = rng.choice(
        [(HEIGHT, WIDTH)] * 4 + [(0, 0), (1, 1), (40_000, 50_000), (14_000, 14_000), (2**32 - 1, 2**32 - 1)]
    )
    kind = rng.choice([0, 1, 1, 2, 255])
    size = rng.choice([0, 1, 250, 250, 2000, 2000, 2001, 30_000_000, _BIG])
    stream = _packed(size)
    stream = rng.choice(
        [stream, stream, stream[:-1], stream[: len(stream) // 2], b"", rng.randbytes(50), stream + b"x"]
    )
    data = struct.pack("<BII", kind, height, width) + stream
    if _has(connection, "mask"):
        connection.execute("UPDATE mask SET data = ?", (data,))
    else:
        # In the place of the kept masks, or as the newest one of each case, or older than its whole log.
        connection.execute("UPDATE snapshot SET data = ?", (data,))
        number = rng.choice(["(SELECT max(id) FROM edit WHERE edit.case_id = photo.case_id)", "0", "2", "-1"])
        connection.execute(
            f"INSERT OR REPLACE INTO snapshot (case_id, edit, data) SELECT case_id, {number}, ? FROM photo"  # noqa: S608 - one of four constants
            " WHERE origin IS NOT NULL",
            (data,),
        )
    if rng.random() < 0.6:
        connection.execute("UPDATE photo SET height = ?, width = ?", (height, width))
    return f"{kind} {height}×{width}, inflates to {size}"


def wrong_patch(rng: random.Random, connection: sqlite3.Connection) -> str:
    """Differences with boxes outside of every photo, or streams of another length."""
    sides = [0, 1, 8, HEIGHT, WIDTH, 14_000, 100_000, 2**31, 2**32 - 1]
    box = (rng.choice(sides), rng.choice(sides), rng.choice(sides), rng.choice(sides))
    if rng.random() < 0.3:
        box = (0, 0, HEIGHT, WIDTH)
    size = rng.choice([0, 1, 8, 250, 250, 2000, 2000, 30_000_000, _BIG])
    data = struct.pack("<4IB", *box, rng.choice([0, 1, 7])) + _packed(size)
    data = rng.choice([data, data, data, data[:10], data[:17], data[:-3], data + b"x"])
    statement = rng.choice(["UPDATE edit SET patch = ?", "UPDATE edit SET patch = ? WHERE id = 2"])
    connection.execute(statement, (data,))
    return f"{box}, inflates to {size}"


def wrong_grid(rng: random.Random, connection: sqlite3.Connection) -> str:
    """A probability whose columns and stream promise more than there is, or hold more than they promise."""
    sides = [-1, 0, 1, 16, 1000, 8192, 40_000, 2**31, 2**63 - 1]
    shape = (rng.choice([1, 1, 3, 1000, -1]), rng.choice(sides), rng.choice(sides))
    size = rng.choice([0, 256, 1_000_000, 30_000_000, _BIG])
    connection.execute(
        "UPDATE prediction SET planes = ?, grid_height = ?, grid_width = ?, grid = ?", (*shape, _packed(size))
    )
    return f"{shape}, inflates to {size}"


_PIECE = 1_000_000


@lru_cache(maxsize=16)
def _packed(size: int) -> bytes:
    """`size` bytes of one, deflated; a large stream is one block over and over again."""
    if size < _PIECE:
        return zlib.compress(bytes([1]) * size, 9)
    piece = bytes([1]) * _PIECE
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    # Adler-32 of that many ones; computing it by zlib takes a second for each gigabyte.
    low, high = (1 + size) % 65_521, (size + size * (size + 1) // 2) % 65_521
    checksum = high << 16 | low
    return b"\x78\xda" + block * (size // _PIECE) + b"\x03\x00" + struct.pack(">I", checksum)


_PLANTED = (
    "ALTER TABLE mask RENAME TO kept; CREATE VIEW mask ENDLESS SELECT i AS photo, x'00' AS data FROM n",
    "ALTER TABLE photo RENAME TO kept; CREATE VIEW photo ENDLESS SELECT kept.* FROM n, kept",
    "ALTER TABLE edit RENAME TO kept; CREATE VIEW edit ENDLESS SELECT kept.* FROM n, kept",
    "ALTER TABLE snapshot RENAME TO kept; CREATE VIEW snapshot ENDLESS SELECT kept.* FROM n, kept",
    "CREATE VIEW v ENDLESS SELECT i FROM n; CREATE TRIGGER t AFTER UPDATE ON photo BEGIN SELECT max(i) FROM v; END",
    "CREATE TRIGGER planted AFTER UPDATE ON photo BEGIN DELETE FROM mask; END",
    "CREATE TRIGGER planted BEFORE INSERT ON edit BEGIN SELECT RAISE(ABORT, 'planted'); END",
    "CREATE TRIGGER planted BEFORE INSERT ON edit BEGIN SELECT RAISE(IGNORE); END",
    "CREATE TRIGGER planted AFTER INSERT ON edit BEGIN UPDATE photo SET note = zeroblob(900000000); END",
    "DROP TRIGGER edit_fixed; CREATE TRIGGER edit_fixed AFTER INSERT ON edit BEGIN UPDATE photo SET note = 1; END",
    "DROP TRIGGER edit_kept; CREATE TRIGGER edit_kept BEFORE INSERT ON edit BEGIN SELECT RAISE(IGNORE); END",
    "DROP TRIGGER edit_kept; CREATE TRIGGER edit_kept AFTER INSERT ON edit BEGIN DELETE FROM snapshot; END",
    "DROP INDEX photo_sha256; CREATE INDEX photo_sha256 ON photo (abs(height - 9223372036854775807 - 1))",
    "DROP INDEX photo_sha256; CREATE INDEX photo_sha256 ON photo (hex(zeroblob(100000000)))",
    "DROP TABLE mask", "DROP TABLE snapshot", "DROP TABLE edit", "DROP TABLE chain", "DROP TABLE prediction",
    "DROP TABLE photo",
    "DROP TRIGGER edit_fixed; DROP TRIGGER edit_kept", "DROP INDEX photo_name",
    "ALTER TABLE photo RENAME COLUMN status TO s",
    "CREATE TABLE stranger (x); INSERT INTO stranger VALUES (zeroblob(5000000))",
    "DROP TABLE prediction; CREATE VIRTUAL TABLE prediction USING fts5(photo, data)",
    "CREATE INDEX planted ON photo (abs(height - 9223372036854775807 - 1))",
    "ALTER TABLE photo ADD COLUMN planted AS (hex(zeroblob(200000000)))",
    "UPDATE sqlite_sequence SET seq = 9223372036854775807", "UPDATE sqlite_sequence SET seq = 'x'",
    "DELETE FROM sqlite_sequence", "ANALYZE; UPDATE sqlite_stat1 SET stat = zeroblob(1000000)",
)  # fmt: skip


def planted(rng: random.Random, connection: sqlite3.Connection) -> str:
    """Views, triggers, tables and columns that this program did not make, or that are missing."""
    script = rng.choice(_PLANTED)
    connection.executescript(script.replace("ENDLESS", ENDLESS))
    return f"{script:.70}"


def marks(rng: random.Random, connection: sqlite3.Connection) -> str:
    """Another version, another program."""
    name = rng.choice(["user_version", "user_version", "application_id"])
    value = rng.choice([0, 1, 2, 3, len(MIGRATIONS) + 1, 99, -1, 2**31 - 1, -(2**31)])
    connection.execute(f"PRAGMA {name} = {value}")
    return f"{name} {value}"


def swapped_rows(rng: random.Random, connection: sqlite3.Connection) -> str:
    """Masks, log entries and cases that belong to each other no more."""
    script = rng.choice(
        [
            "UPDATE prediction SET photo = photo + 77",
            "UPDATE snapshot SET edit = edit + 77",
            "UPDATE snapshot SET case_id = (SELECT max(case_id) FROM photo)",
            "DELETE FROM photo WHERE id = 1",
            "INSERT OR REPLACE INTO snapshot (case_id, edit, data) SELECT case_id, 1, x'00' FROM photo",
            "UPDATE mask SET photo = photo + 77",
            "UPDATE edit SET case_id = (SELECT max(case_id) FROM photo)",
            "UPDATE edit SET id = id + 1000",
            "UPDATE edit SET id = 9223372036854775807 WHERE id = (SELECT max(id) FROM edit)",
            "UPDATE edit SET tool = 'undo'",
            "UPDATE edit SET tool = CASE id % 2 WHEN 0 THEN 'undo' ELSE 'redo' END, merge = 'x'",
            "DELETE FROM edit WHERE id % 2 = 0",
            "UPDATE photo SET sha256 = (SELECT sha256 FROM photo WHERE id = 1)",
            "UPDATE photo SET height = width, width = height",
            "UPDATE photo SET case_id = case_id || 'x'",
            "UPDATE photo SET current = 0",
        ]
    )
    connection.executescript(script)
    return script


def wrong_chain(rng: random.Random, connection: sqlite3.Connection) -> str:
    """Links of the chain that are missing, too many, too long, or of another entry."""
    script = rng.choice(
        [
            "DELETE FROM chain WHERE edit = (SELECT max(edit) FROM chain)",
            "DELETE FROM chain",
            "UPDATE chain SET sha256 = x'00'",
            "UPDATE chain SET sha256 = zeroblob(3000000)",
            "UPDATE chain SET sha256 = 'text'",
            "UPDATE chain SET edit = edit + 100",
            "INSERT INTO chain VALUES (9223372036854775807, zeroblob(32))",
            "INSERT INTO chain VALUES (-5, zeroblob(32))",
            "UPDATE chain SET edit = -edit",
        ]
    )
    connection.executescript(script)
    return f"{script:.70}"


_CHANGES: dict[Callable[[random.Random, sqlite3.Connection], str], int] = {
    wrong_value: 45,
    wrong_mask: 14,
    wrong_patch: 12,
    wrong_grid: 10,
    planted: 10,
    marks: 5,
    swapped_rows: 7,
    wrong_chain: 5,
}
_LOOSE = frozenset({wrong_value, wrong_mask, wrong_patch, wrong_grid, swapped_rows, wrong_chain})
"""Changes that need the rules of the tables away."""


def _harm_place(rng: random.Random, folder: Path, others: list[bytes]) -> str:
    """Something else stands where the database, its journal or its lock should be."""
    name = rng.choice(
        ["cases.db", "cases.db", "cases.lock", "cases.db-journal", "cases.db-wal", "cases.db-shm"]
    )
    target = folder / DATABASE.parent / name
    target.unlink(missing_ok=True)
    what = rng.choice(
        ["folder", "pipe", "link to a photo", "link to itself", "dangling link", "junk", "text", "zeros"]
    )
    if what == "folder":
        target.mkdir()
    elif what == "pipe":
        os.mkfifo(target)
    elif what == "link to a photo":
        target.symlink_to(folder / "a.bmp")
    elif what == "link to itself":
        target.symlink_to(target)
    elif what == "dangling link":
        target.symlink_to(folder / "nowhere" / "x")
    elif what == "text":
        target.write_text(
            rng.choice(['{"user": 1}', "[]", "[" * 100_000, '{"user": "\\ud800", "pid": 1e400}', "{}"])
        )
    else:
        target.write_bytes(bytes(9000) if what == "zeros" else rng.choice(others))
    return f"{name} {what}"
