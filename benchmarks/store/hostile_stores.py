"""Case databases to begin with, of every released version and state."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from tests.unit.storage import bmp_builder as build
from tests.unit.storage.store_makers import make_mask, make_photo, make_prediction, make_step
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.patch import MaskPatch
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.case_store_log import extend_chain
from tongue_viewer.storage.mask_codec import encode_grid, encode_mask
from tongue_viewer.storage.schema import APPLICATION_ID, MIGRATIONS

HEIGHT, WIDTH = 40, 50
DATABASE = Path(".tongue-viewer") / "cases.db"


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
    """Three photos with masks and histories: a long one, a short one, and one whose photo was changed since."""
    paths = _photos(folder)
    photos = [make_photo(path, path.read_bytes(), (HEIGHT, WIDTH)) for path in paths]
    with CaseStore.open(folder, user_name="anna") as store:
        for number, (photo, steps) in enumerate(zip(photos[:2], (40, 5), strict=True)):
            case, _ = store.save_prediction(photo, make_prediction((HEIGHT, WIDTH)), make_mask(1))
            for revision in range(1, steps + 1):
                mask = make_mask((3 if revision == 5 else revision) + 100 * number)
                tool = "undo" if revision == 5 else "brush"
                merge = "line" if revision % 7 > 4 else ""
                store.save_step(make_step(case.case_id, mask, revision, tool=tool, merge=merge))
            store.set_status(case.case_id, CaseStatus.FLAGGED, "look again")
        now = paths[2].read_bytes()
        earlier = store.load(make_photo(paths[2], b"earlier", (HEIGHT, WIDTH))).summary.case_id
        store.save_step(make_step(earlier, make_mask(8), 1, status=CaseStatus.REVIEWED))
        store.load(make_photo(paths[2], now, (HEIGHT, WIDTH)))
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
    masks, grid = [make_mask(seed) * (seed > 0) for seed in range(4)], make_prediction().grid
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
        connection.execute("INSERT INTO mask VALUES (1, ?)", (encode_mask(masks[-1]),))
        connection.execute(
            "INSERT INTO prediction VALUES (1, 1, 16, 16, ?, ?, ?, 0.4, 'base', 'f', 'torch-cpu', 0.7, 2.0)",
            (HEIGHT, WIDTH, encode_grid(grid)),
        )
        for number, (before, after) in enumerate(pairwise(masks)):
            tool, origin, status = (
                ("brush", "human", "edited") if number else ("segment", "model", "predicted")
            )
            connection.execute(
                "INSERT INTO edit VALUES (NULL, 'c1', ?, 'anna', 'Step', ?, ?, ?, '', ?, ?, ?, ?)",
                (float(number), tool, origin, status, number, HEIGHT, WIDTH, _patch(before, after)),
            )
        for step in MIGRATIONS[1:version]:
            for statement in step:
                connection.execute(statement)
        if version == len(MIGRATIONS):
            extend_chain(connection)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()


def _patch(before: MaskArray, after: MaskArray) -> bytes:
    patch = MaskPatch.between(before, after)
    return b"" if patch is None else patch.to_bytes()


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
