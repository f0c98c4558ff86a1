"""Hostile lists: which folder has work on which photo (an index), and whose file is whose in a folder of masks."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from benchmarks.store.hostile_bytes import mutate
from benchmarks.store.hostile_harm import ENDLESS, FOREIGN_TEXT, VALUES
from benchmarks.store.hostile_texts import RAW, hostile_text
from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.jobs.library import Library
from tongue_viewer.jobs.live_export import LiveFolder
from tongue_viewer.storage.live_manifest import MANIFEST_NAME
from tongue_viewer.storage.photo_index import IndexedCase, PhotoIndex

ORIGINALS = ("a.bmp", "b.bmp", "c.bmp")
_HERE = "<folder>"


def make_live(source: Path, root: Path) -> None:
    """A folder of photos with its database, and a folder of masks that is in step with it."""
    shutil.copytree(source, root / "photos")
    library = Library()
    library.open(root / "photos", "anna")
    list(LiveFolder(root / "photos", root / "masks", new=True).write(CancelToken(), library=library))
    library.close()
    text = (root / "masks" / MANIFEST_NAME).read_text()
    (root / "masks" / MANIFEST_NAME).write_text(text.replace(str(root), _HERE))


def hostile_live(rng: random.Random, seeds: Path, folder: Path, others: list[bytes]) -> str:
    """Copy the two folders to `folder` and harm the list of masks; returns what was done."""
    shutil.copytree(seeds / "live", folder, dirs_exist_ok=True)
    (folder / "masks" / "foreign.png").write_bytes(b"somebody's own")
    target = folder / "masks" / MANIFEST_NAME
    text = target.read_text().replace(_HERE, str(folder))
    roll = rng.random()
    if roll < 0.25:
        data, done = mutate(rng, text.encode(), others)
    elif roll < 0.5:
        data, done = hostile_text(rng, text, others)
    elif roll < 0.75:
        data, done = _harm_entry(rng, text)
    elif roll < 0.95:
        data, done = _aim_at_photo(rng, text, folder)
    else:
        return _harm_place(rng, target, folder / "photos" / "a.bmp", others)
    target.write_bytes(data)
    return done


def _harm_entry(rng: random.Random, text: str) -> tuple[bytes, str]:
    """One field of one file, or a field that no file has, holds something else."""
    values = json.loads(text)
    case_id = rng.choice(sorted(values["files"]))
    entry = values["files"][case_id]
    key = rng.choice([*entry, "other"])
    raw = rng.choice(RAW)
    entry[key] = "<raw>"
    if rng.random() < 0.2:
        values["files"][rng.choice(["", "x" * 5000, "\udc80", "../.."])] = dict(entry)
    return json.dumps(values).replace('"<raw>"', raw).encode("utf-8", "replace"), f"{key}={raw:.20}"


def _aim_at_photo(rng: random.Random, text: str, folder: Path) -> tuple[bytes, str]:
    """The list names an original as a file of its own, so that it would be replaced or removed."""
    values = json.loads(text)
    photo = folder / "photos" / rng.choice(ORIGINALS)
    digest = hashlib.sha256(photo.read_bytes()).hexdigest()
    way = rng.choice(["up", "absolute", "linked folder", "linked file", "hard link"])
    file = f"../photos/{photo.name}"
    if way == "absolute":
        file = str(photo)
    elif way == "linked folder":
        (folder / "masks" / "sub").symlink_to(folder / "photos", target_is_directory=True)
        file = f"sub/{photo.name}"
    elif way != "up":
        file = f"gone{photo.name}" if rng.random() < 0.5 else photo.name
        (folder / "masks" / file).unlink(missing_ok=True)
        if way == "hard link":
            os.link(photo, folder / "masks" / file)
        else:
            (folder / "masks" / file).symlink_to(photo)
    for entry in values["files"].values():
        if rng.random() < 0.7:
            entry |= {"file": file, "sha256": digest, rng.choice(["earlier", "sha256"]): digest}
    if rng.random() < 0.6:
        values["leftovers"][file] = digest
    return json.dumps(values).encode(), f"names an original, {way}"


def make_index(root: Path) -> None:
    """An index that knows a case; the folder is filled in for each item."""
    index = PhotoIndex(root / "photos.db")
    index.note("f" * 64, IndexedCase(root, "c"))
    index.close()


_PLANTED = (
    "DROP TABLE place; CREATE VIEW place ENDLESS SELECT '0' AS sha256, 'f' AS folder, 'c' AS case_id, i AS seen FROM n",
    "CREATE TRIGGER t AFTER INSERT ON place BEGIN SELECT max(i) FROM v; END; CREATE VIEW v ENDLESS SELECT i FROM n",
    "CREATE TRIGGER t BEFORE INSERT ON place BEGIN SELECT RAISE(ABORT, 'planted'); END",
    "DROP TABLE place; CREATE TABLE place (sha256, folder, case_id, seen AS (hex(zeroblob(200000000))))",
    "DROP TABLE place; CREATE TABLE place (x)",
    "DROP TABLE place",
    "CREATE INDEX planted ON place (abs(seen - 9223372036854775807))",
    "PRAGMA user_version = 99",
    "PRAGMA journal_mode = WAL",
)
_FOLDERS = (
    "", ".", "..", "/", "/dev", "/proc/self/fd", "/nowhere/at/all", "a\0b", "x" * 5000, "\U0001f445", "//server/share", "~",
)  # fmt: skip


def hostile_index(rng: random.Random, seeds: Path, folder: Path, others: list[bytes]) -> str:
    """Photos without masks, the same photos with masks in another folder, and a harmed index that names it."""
    shutil.copytree(seeds / "store" / "now", folder / "twin")
    (folder / "photos").mkdir()
    for name in ORIGINALS:
        shutil.copyfile(folder / "twin" / name, folder / "photos" / name)
    target = folder / "photos.db"
    shutil.copyfile(seeds / "index" / "photos.db", target)
    with closing(sqlite3.connect(folder / "twin" / ".tongue-viewer" / "cases.db")) as store:
        rows = store.execute("SELECT sha256, case_id FROM photo WHERE sha256 <> ''").fetchall()
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("DELETE FROM place")
        for number, (digest, case_id) in enumerate(rows):
            values = (digest, str(folder / "twin"), case_id, float(number))
            connection.execute("INSERT INTO place VALUES (?, ?, ?, ?)", values)
        connection.commit()
    roll = rng.random()
    if roll < 0.4:
        data, done = mutate(rng, target.read_bytes(), others)
        target.write_bytes(data)
        return done
    if roll < 0.9:
        with closing(sqlite3.connect(target)) as connection:
            done = rng.choice(_CHANGES)(rng, connection)
            connection.commit()
        return done
    return _harm_place(rng, target, folder / "photos" / "a.bmp", others)


def _wrong_index_value(rng: random.Random, connection: sqlite3.Connection) -> str:
    column = rng.choice(["folder", "case_id", "seen", "sha256"])
    extra = "" if column in ("case_id", "seen") else " WHERE rowid_of = 1"
    connection.execute("CREATE TABLE other (sha256, folder, case_id, seen, rowid_of INTEGER PRIMARY KEY)")
    connection.execute("INSERT INTO other SELECT *, NULL FROM place")
    if rng.random() < 0.15:
        text = rng.choice(FOREIGN_TEXT)
        connection.execute(f"UPDATE other SET {column} = {text}{extra}")  # noqa: S608 - constants
    else:
        value = rng.choice([*VALUES, *_FOLDERS])
        connection.execute(f"UPDATE other SET {column} = ?{extra}", (value,))  # noqa: S608 - constants
        text = f"{value!r:.30}"
    connection.execute("DROP TABLE place")
    connection.execute("ALTER TABLE other RENAME TO place")
    return f"{column} {text}{extra}"


def _wrong_folder(rng: random.Random, connection: sqlite3.Connection) -> str:
    folder = rng.choice(_FOLDERS)
    connection.execute("UPDATE place SET folder = ?", (folder,))
    return f"folder {folder!r:.30}"


def _plant_in_index(rng: random.Random, connection: sqlite3.Connection) -> str:
    script = rng.choice(_PLANTED)
    connection.executescript(script.replace("ENDLESS", ENDLESS))
    return f"{script:.70}"


_CHANGES: tuple[Callable[[random.Random, sqlite3.Connection], str], ...] = (
    _wrong_index_value,
    _wrong_folder,
    _plant_in_index,
)


def _harm_place(rng: random.Random, target: Path, photo: Path, others: list[bytes]) -> str:
    """Something else stands where the list should be, or beside it."""
    name = rng.choice(["", "", "-journal", "-wal"])
    target = target.with_name(target.name + name)
    target.unlink(missing_ok=True)
    what = rng.choice(
        ["folder", "pipe", "link to a photo", "link to itself", "dangling link", "hard link", "junk"]
    )
    if what == "folder":
        target.mkdir()
    elif what == "pipe":
        os.mkfifo(target)
    elif what == "link to a photo":
        target.symlink_to(photo)
    elif what == "link to itself":
        target.symlink_to(target)
    elif what == "dangling link":
        target.symlink_to(photo.with_name("nowhere") / "x")
    elif what == "hard link":
        os.link(photo, target)
    else:
        target.write_bytes(rng.choice(others))
    return f"{target.name} {what}"
