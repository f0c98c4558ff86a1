"""The index of photos is a hint: whatever stands in its place costs the hint at most."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tongue_viewer.storage.photo_index import IndexedCase, PhotoIndex

DIGEST = "a" * 64
_STRANGE = {
    "an endless view": "DROP TABLE place; CREATE VIEW place AS"
    " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    " SELECT 'a' AS sha256, '/f' AS folder, 'c' AS case_id, i AS seen FROM n",
    "a trigger": "CREATE TRIGGER t BEFORE INSERT ON place BEGIN SELECT RAISE(ABORT, 'planted'); END",
    "another table": "DROP TABLE place; CREATE TABLE place (x)",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An index that knows one case."""
    path = tmp_path / "own" / "photos.db"
    index = PhotoIndex(path)
    index.note(DIGEST, IndexedCase(tmp_path / "one", "c1"))
    index.close()
    return path


@pytest.fixture
def index(file: Path) -> Iterator[PhotoIndex]:
    made = PhotoIndex(file)
    yield made
    made.close()


def test_a_case_is_found_from_other_folders(index: PhotoIndex, tmp_path: Path) -> None:
    assert index.find(DIGEST, besides=tmp_path / "two") == (IndexedCase(tmp_path / "one", "c1"),)
    assert index.find(DIGEST, besides=tmp_path / "one") == ()


@pytest.mark.parametrize("what", list(_STRANGE))
def test_parts_of_a_stranger_are_thrown_away_and_the_index_begins_anew(
    index: PhotoIndex, file: Path, tmp_path: Path, what: str
) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(_STRANGE[what])
    assert index.find(DIGEST, besides=tmp_path / "two") == ()
    index.note(DIGEST, IndexedCase(tmp_path / "three", "c3"))
    assert index.find(DIGEST, besides=tmp_path / "two") == (IndexedCase(tmp_path / "three", "c3"),)


@pytest.mark.parametrize("folder", [b"\xff", "", "relative"])
def test_a_folder_that_is_none_is_passed_over(
    index: PhotoIndex, file: Path, tmp_path: Path, folder: object
) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE place SET folder = ?", (folder,))
        connection.commit()
    assert index.find(DIGEST, besides=tmp_path / "two") == ()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and links of this kind are not made there")
@pytest.mark.parametrize("end", ["", "-journal"])
@pytest.mark.parametrize("kind", ["pipe", "link", "second name"])
def test_what_is_no_file_of_its_own_is_neither_read_nor_written(
    index: PhotoIndex, file: Path, tmp_path: Path, kind: str, end: str
) -> None:
    photo = tmp_path / "photo.bmp"
    photo.write_bytes(b"a photo")
    place = file.with_name(file.name + end)
    place.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "link":
        place.symlink_to(photo)
    else:
        os.link(photo, place)
    assert index.find(DIGEST, besides=tmp_path / "two") == ()
    index.note(DIGEST, IndexedCase(tmp_path / "three", "c3"))
    assert photo.read_bytes() == b"a photo"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_folder_whose_name_is_no_text_is_not_noted(index: PhotoIndex, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"\xff")
    index.note("b" * 64, IndexedCase(folder, "c"))
    assert index.find("b" * 64, besides=folder) == ()
