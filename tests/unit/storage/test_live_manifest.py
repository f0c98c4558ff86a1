"""The list in a folder of masks says after any change, and after reading, whose file is whose."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongue_viewer.core.errors import UsageError, WriteError
from tongue_viewer.core.exports import ExportPlan
from tongue_viewer.storage.atomic import Disk
from tongue_viewer.storage.live_manifest import (
    MANIFEST_NAME,
    LiveFile,
    LiveManifest,
    file_digest,
    read_manifest,
)

PLAN = ExportPlan(("mask",), "png", "0/1", overwrite=True)
PUTS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(("1.png", "舌/2.png", "3.png"))), max_size=12
)


@given(puts=PUTS)
def test_no_file_is_ever_that_of_two_cases_and_reading_gives_the_same(
    puts: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = tmp_path_factory.mktemp("out")
    manifest = LiveManifest("/a/舌 photos", PLAN)
    written: dict[str, set[str]] = {}
    for number, (case_id, file) in enumerate(puts):
        digest = f"{number:064x}"
        manifest.put(case_id, LiveFile(file, f"{case_id}.bmp", 1.5, digest, stat=(number, 7)))
        written.setdefault(file, set()).add(digest)
    names = [entry.file for entry in manifest.files.values()]
    assert len(set(names)) == len(names)
    assert not set(names) & manifest.leftovers.keys()
    assert all(manifest.user_of(entry.file) == case_id for case_id, entry in manifest.files.items())
    for file, digests in written.items():
        assert manifest.owned(file) <= digests
        assert file not in names or manifest.owned(file)
    manifest.save(out, Disk())
    again = read_manifest(out)
    assert again is not None
    assert (again.source, again.plan, again.files) == (manifest.source, PLAN, manifest.files)
    assert again.leftovers == manifest.leftovers


def test_going_back_forgets_what_was_not_written() -> None:
    manifest = LiveManifest("photos", PLAN)
    manifest.put("a", LiveFile("1.png", "1.bmp", 1.0, "x"))
    before = manifest.state()
    manifest.put("a", LiveFile("2.png", "2.bmp", 2.0, "y"))
    manifest.put("b", LiveFile("1.png", "1.bmp", 2.0, "z"))
    manifest.go_back(before)
    assert manifest.files == {"a": LiveFile("1.png", "1.bmp", 1.0, "x")}
    assert (manifest.user_of("1.png"), manifest.user_of("2.png")) == ("a", "")
    assert manifest.leftovers == {}


def test_a_folder_without_a_list_has_none(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) is None
    assert read_manifest(tmp_path / "nowhere") is None


_OUTSIDE = ("../photos/a.bmp", "/photos/a.bmp", "sub/../../a.bmp", "..", "", "a\0b")


@pytest.mark.parametrize("file", [*_OUTSIDE, 7, None])
@pytest.mark.parametrize("part", ["files", "leftovers"])
def test_a_list_that_names_files_outside_of_its_folder_is_refused(
    tmp_path: Path, part: str, file: object
) -> None:
    manifest = LiveManifest("photos", PLAN)
    manifest.put("a", LiveFile("1.png", "1.bmp", 1.0, "x"))
    manifest.leftovers["2.png"] = "y"
    manifest.save(tmp_path, Disk())
    path = tmp_path / MANIFEST_NAME
    document = json.loads(path.read_bytes())
    if part == "files":
        document["files"]["a"]["file"] = file
    else:
        document["leftovers"] = {
            file if isinstance(file, str) else "2.png": "y" if isinstance(file, str) else file
        }
    path.write_text(json.dumps(document))
    with pytest.raises(UsageError, match="damaged"):
        read_manifest(tmp_path)


def test_a_hash_that_is_none_and_a_list_without_end_are_damage(tmp_path: Path) -> None:
    manifest = LiveManifest("photos", PLAN)
    manifest.put("a", LiveFile("1.png", "1.bmp", 1.0, "x"))
    manifest.save(tmp_path, Disk())
    path = tmp_path / MANIFEST_NAME
    for text in (path.read_text().replace('"x"', '["x"]'), "[" * 100_000):
        path.write_text(text)
        with pytest.raises(UsageError, match="damaged"):
            read_manifest(tmp_path)


def test_folders_whose_name_is_no_text_are_written_down(tmp_path: Path) -> None:
    LiveManifest("photos\udcff", PLAN).save(tmp_path, Disk())
    again = read_manifest(tmp_path)
    assert again is not None
    assert again.source == "photos\udcff"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_the_place_of_a_file_stops_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / MANIFEST_NAME)
    with pytest.raises(WriteError, match="no regular file"):
        read_manifest(tmp_path)
    with pytest.raises(WriteError, match="no regular file"):
        file_digest(tmp_path / MANIFEST_NAME)


@pytest.mark.parametrize("photos", ["a\0b", "\ud800", "x" * 200_000, 7])
def test_a_folder_of_photos_that_no_disk_has_is_damage(tmp_path: Path, photos: object) -> None:
    LiveManifest("photos", PLAN).save(tmp_path, Disk())
    path = tmp_path / MANIFEST_NAME
    document = json.loads(path.read_bytes())
    path.write_text(json.dumps(document | {"photos": photos}))
    with pytest.raises(UsageError, match="damaged"):
        read_manifest(tmp_path)
