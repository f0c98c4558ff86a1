"""Case databases to begin with, of every released version and state, and what is done to them."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import struct
import zlib
from collections.abc import Callable
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from benchmarks.store.hostile_bytes import mutate
from tests.unit.storage import bmp_builder as build
from tests.unit.storage.store_makers import make_mask, make_photo, make_prediction, make_step
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.mask_codec import encode_grid, encode_mask
from tongue_viewer.storage.schema import APPLICATION_ID, MIGRATIONS

HEIGHT, WIDTH = 40, 50
DATABASE = Path(".tongue-viewer") / "cases.db"

_BIG = 1_200_000_000
_ENDLESS = "AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"


def make_stores(root: Path) -> None:
    """Write one folder of photos with its database for each version and state below `root`."""
    _current(root / "now")
    for version in range(1, len(MIGRATIONS) + 1):
        _released(root / f"v{version}", version)
    _many(root / "many")
    _left_over(root / "now", root / "journal", "TRUNCATE")
    _left_over(root / "now", root / "wal", "WAL")
    _other_form(root / "now", root / "utf16", "PRAGMA encoding = 'UTF-16'")
    _other_form(root / "now", root / "pages", "PRAGMA page_size = 512; PRAGMA auto_vacuum = 2")
    _photos(root / "empty")
    (root / "empty" / DATABASE).parent.mkdir()
    (root / "empty" / DATABASE).write_bytes(b"")


def _photos(folder: Path) -> list[Path]:
    paths = [folder / name for name in ("a.bmp", "b.bmp", "c.bmp")]
    for number, path in enumerate(paths):
        make_photo(path, build.simple_bmp(HEIGHT, WIDTH) + bytes([number]))
    return paths


def _current(folder: Path) -> None:
    """Two photos with masks and a history each, and one that was only opened."""
    photos = [make_photo(path, path.read_bytes(), (HEIGHT, WIDTH)) for path in _photos(folder)]
    with CaseStore.open(folder, user_name="anna") as store:
        for number, photo in enumerate(photos[:2]):
            case, _ = store.save_prediction(photo, make_prediction((HEIGHT, WIDTH)), make_mask(1))
            for revision in range(1, 6):
                mask = make_mask(revision + 9 * number)
                tool = "undo" if revision == 4 else "brush"
                store.save_step(make_step(case.case_id, mask, revision, tool=tool))
            store.set_status(case.case_id, CaseStatus.FLAGGED, "look again")
        store.load(photos[2])
        store.set_failed(folder / "gone.bmp", "it was gone")


def _many(folder: Path) -> None:
    """So many cases that the tables have inner pages."""
    first = _photos(folder)[0]
    make_photo(first, first.read_bytes())
    with CaseStore.open(folder) as store:
        for path in list(folder.glob("*.bmp")):
            store.load(make_photo(path, path.read_bytes(), (HEIGHT, WIDTH)))
        for number in range(150):
            store.set_failed(folder / f"{number:04}-{'x' * 100}.bmp", "y" * 60)


def _released(folder: Path, version: int) -> None:
    """A database as the version of that number left it: one predicted photo with two steps."""
    photo = make_photo(_photos(folder)[0], build.simple_bmp(HEIGHT, WIDTH) + b"\0", (HEIGHT, WIDTH))
    mask, grid = make_mask(1), make_prediction().grid
    (folder / DATABASE).parent.mkdir()
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for statement in MIGRATIONS[0]:
            connection.execute(statement)
        connection.execute(
            "INSERT INTO photo (case_id, name, sha256, height, width, status, origin, created, changed)"
            " VALUES ('c1', 'a.bmp', ?, ?, ?, 'edited', 'human', 1.0, 2.0)",
            (photo.sha256, HEIGHT, WIDTH),
        )
        connection.execute("INSERT INTO mask VALUES (1, ?)", (encode_mask(mask),))
        connection.execute(
            "INSERT INTO prediction VALUES (1, 1, 16, 16, ?, ?, ?, 0.4, 'base', 'f', 'torch-cpu', 0.7, 2.0)",
            (HEIGHT, WIDTH, encode_grid(grid)),
        )
        for number in range(2):
            connection.execute(
                "INSERT INTO edit VALUES (NULL, 'c1', ?, 'anna', 'Brush', 'brush', 'human', 'edited', '', ?, ?, ?, ?)",
                (float(number), number, HEIGHT, WIDTH, _patch()),
            )
        for step in MIGRATIONS[1:version]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()


def _patch(box: tuple[int, int, int, int] = (0, 0, 8, 8), size: int = 8, kind: int = 0) -> bytes:
    return struct.pack("<4IB", *box, kind) + zlib.compress(bytes([1]) * size, 1)


def _left_over(source: Path, folder: Path, mode: str) -> None:
    """A copy that was taken in the middle of a change, with its journal."""
    shutil.copytree(source, folder.with_name("changing"))
    database = folder.with_name("changing") / DATABASE
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.execute("PRAGMA cache_size = 2")
        connection.execute("BEGIN")
        connection.execute("UPDATE photo SET note = 'half a change'")
        connection.execute("CREATE TABLE filler (x)")
        connection.executemany("INSERT INTO filler VALUES (?)", [("z" * 900,)] * 60)
        if mode == "WAL":
            connection.execute("COMMIT")
        shutil.copytree(folder.with_name("changing"), folder)
        if mode != "WAL":
            connection.execute("ROLLBACK")
    shutil.rmtree(folder.with_name("changing"))


def _other_form(source: Path, folder: Path, pragmas: str) -> None:
    """The same content in a file of another encoding or page size."""
    shutil.copytree(source, folder)
    (folder / DATABASE).unlink()
    with (
        closing(sqlite3.connect(source / DATABASE)) as old,
        closing(sqlite3.connect(folder / DATABASE)) as new,
    ):
        new.executescript(pragmas)
        new.executescript("\n".join(old.iterdump()))
        for name in ("application_id", "user_version"):
            new.execute(f"PRAGMA {name} = {old.execute(f'PRAGMA {name}').fetchone()[0]}")
        new.commit()


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
            done = f"{done} {change(rng, connection)}"
            connection.commit()
    except sqlite3.Error as error:
        done = f"{done}: {error}"  # an empty file, or one without that table: it is fed all the same
    return done


def _loosen(connection: sqlite3.Connection) -> None:
    """Take every rule out of the tables, as any program that writes SQLite can."""
    connection.execute("PRAGMA writable_schema = 1")
    rules = ("NOT NULL", "CHECK (current IN (0, 1))", "CHECK (origin IN ('model', 'human'))")
    for rule in rules:
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, '') WHERE type = 'table'", (rule,))
    connection.execute("DELETE FROM sqlite_schema WHERE type = 'trigger'")
    connection.commit()
    version = int(connection.execute("PRAGMA schema_version").fetchone()[0])
    connection.execute(f"PRAGMA schema_version = {version + 1}")


_VALUES: tuple[object, ...] = (
    None, 0, -1, 1, 2**31 - 1, 2**32 - 1, 2**63 - 1, -(2**63), 1.5, float("inf"), -float("inf"), 1e308,
    "", "abc", "a\0b", "../../escape.bmp", "/etc/hostname", "C:\\x.bmp", "x" * 70_000, "\U0001f445", "human", "edited",
    b"", b"\xff\xfe", bytes(20), bytes(4096),
)  # fmt: skip
_FOREIGN_TEXT = ("CAST(x'ff80' AS TEXT)", "CAST(x'eda080' AS TEXT)", "zeroblob(30000000)")


def wrong_value(rng: random.Random, connection: sqlite3.Connection) -> str:
    """One column of one row, or of all, holds something else."""
    _loosen(connection)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    table = rng.choice([name for name in tables if not name.startswith("sqlite_")] or ["nothing"])
    column = rng.choice([row[1] for row in connection.execute(f"PRAGMA table_info({table})")] or ["nothing"])
    where = rng.choice(["", " WHERE rowid = 1", " WHERE rowid = 2"])
    if rng.random() < 0.15:
        text = rng.choice(_FOREIGN_TEXT)
        connection.execute(f"UPDATE {table} SET {column} = {text}{where}")  # noqa: S608 - names of the schema
        return f"{table}.{column} {text}{where}"
    value = rng.choice(_VALUES)
    connection.execute(f"UPDATE {table} SET {column} = ?{where}", (value,))  # noqa: S608 - names of the schema
    return f"{table}.{column} {value!r:.30}{where}"


def wrong_mask(rng: random.Random, connection: sqlite3.Connection) -> str:
    """A mask's bytes with a hostile header or stream; the case may claim the same size."""
    _loosen(connection)
    height, width = rng.choice(
        [(HEIGHT, WIDTH), (0, 0), (1, 1), (40_000, 50_000), (14_000, 14_000), (2**32 - 1, 2**32 - 1)]
    )
    kind = rng.choice([0, 1, 1, 2, 255])
    size = rng.choice([0, 1, 250, 2000, 2001, 30_000_000, _BIG])
    stream = _packed(size)
    stream = rng.choice(
        [stream, stream, stream[:-1], stream[: len(stream) // 2], b"", rng.randbytes(50), stream + b"x"]
    )
    connection.execute("UPDATE mask SET data = ?", (struct.pack("<BII", kind, height, width) + stream,))
    if rng.random() < 0.6:
        connection.execute("UPDATE photo SET height = ?, width = ?", (height, width))
    return f"{kind} {height}×{width}, inflates to {size}"


def wrong_patch(rng: random.Random, connection: sqlite3.Connection) -> str:
    """Differences with boxes outside of every photo, or streams of another length."""
    _loosen(connection)
    sides = [0, 1, 8, HEIGHT, WIDTH, 14_000, 100_000, 2**31, 2**32 - 1]
    box = (rng.choice(sides), rng.choice(sides), rng.choice(sides), rng.choice(sides))
    if rng.random() < 0.3:
        box = (0, 0, HEIGHT, WIDTH)
    size = rng.choice([0, 1, 250, 2000, 30_000_000, _BIG])
    data = struct.pack("<4IB", *box, rng.choice([0, 1, 7])) + _packed(size)
    data = rng.choice([data, data, data, data[:10], data[:17], data[:-3], data + b"x"])
    statement = rng.choice(["UPDATE edit SET patch = ?", "UPDATE edit SET patch = ? WHERE id = 2"])
    connection.execute(statement, (data,))
    return f"{box}, inflates to {size}"


def wrong_grid(rng: random.Random, connection: sqlite3.Connection) -> str:
    """A probability whose columns and stream promise more than there is, or hold more than they promise."""
    _loosen(connection)
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
    checksum = 1
    for _ in range(size // _PIECE):
        checksum = zlib.adler32(piece, checksum)
    return b"\x78\xda" + block * (size // _PIECE) + b"\x03\x00" + struct.pack(">I", checksum)


_PLANTED = (
    "ALTER TABLE mask RENAME TO kept; CREATE VIEW mask ENDLESS SELECT i AS photo, x'00' AS data FROM n",
    "ALTER TABLE photo RENAME TO kept; CREATE VIEW photo ENDLESS SELECT kept.* FROM n, kept",
    "ALTER TABLE edit RENAME TO kept; CREATE VIEW edit ENDLESS SELECT kept.* FROM n, kept",
    "CREATE VIEW v ENDLESS SELECT i FROM n; CREATE TRIGGER t AFTER UPDATE ON photo BEGIN SELECT max(i) FROM v; END",
    "CREATE TRIGGER planted AFTER UPDATE ON photo BEGIN DELETE FROM mask; END",
    "CREATE TRIGGER planted BEFORE INSERT ON edit BEGIN SELECT RAISE(ABORT, 'planted'); END",
    "CREATE TRIGGER planted BEFORE INSERT ON edit BEGIN SELECT RAISE(IGNORE); END",
    "CREATE TRIGGER planted AFTER INSERT ON edit BEGIN UPDATE mask SET data = zeroblob(900000000); END",
    "DROP TABLE mask", "DROP TABLE edit", "DROP TABLE prediction", "DROP TABLE photo",
    "DROP TRIGGER edit_fixed; DROP TRIGGER edit_kept", "DROP INDEX photo_name",
    "ALTER TABLE photo RENAME COLUMN status TO s",
    "CREATE TABLE stranger (x); INSERT INTO stranger VALUES (zeroblob(5000000))",
    "DROP TABLE mask; CREATE VIRTUAL TABLE mask USING fts5(photo, data)",
    "CREATE INDEX planted ON photo (abs(height - 9223372036854775807 - 1))",
    "ALTER TABLE photo ADD COLUMN planted AS (hex(zeroblob(200000000)))",
    "UPDATE sqlite_sequence SET seq = 9223372036854775807",
)  # fmt: skip


def planted(rng: random.Random, connection: sqlite3.Connection) -> str:
    """Views, triggers, tables and columns that this program did not make, or that are missing."""
    script = rng.choice(_PLANTED)
    connection.executescript(script.replace("ENDLESS", _ENDLESS))
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
            "UPDATE mask SET photo = photo + 77",
            "DELETE FROM photo WHERE id = 1",
            "INSERT INTO mask SELECT id, x'00' FROM photo WHERE id NOT IN (SELECT photo FROM mask)",
            "UPDATE photo SET sha256 = (SELECT sha256 FROM photo WHERE id = 1)",
            "UPDATE photo SET height = width, width = height",
            "UPDATE photo SET case_id = case_id || 'x'",
            "UPDATE photo SET current = 0",
        ]
    )
    connection.executescript(script)
    return script


_CHANGES: dict[Callable[[random.Random, sqlite3.Connection], str], int] = {
    wrong_value: 45,
    wrong_mask: 14,
    wrong_patch: 12,
    wrong_grid: 10,
    planted: 10,
    marks: 5,
    swapped_rows: 4,
}


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
