"""Where no database may stand: network drives, and folders that a cloud client copies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.storage.store_makers import make_mask, make_photo, make_step
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.case_store_place import away_database, home_database
from tongue_viewer.storage.drives import mount_type, shared_drive

_MOUNTS = (
    "/dev/sda1 / ext4 rw 0 0",
    "tmpfs /run tmpfs rw 0 0",
    "//server/photos /mnt/photos cifs rw 0 0",
    "server:/export /mnt/photos/deep\\040er nfs4 rw 0 0",
    "broken line",
)


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv/anna", "ext4"),
        ("/", "ext4"),
        ("/mnt/photos", "cifs"),
        ("/mnt/photos/2026", "cifs"),
        ("/mnt/photos2", "ext4"),
        ("/mnt/photos/deep er/x", "nfs4"),
    ],
)
def test_the_drive_of_a_folder_is_the_deepest_one_that_holds_it(folder: str, kind: str) -> None:
    assert mount_type(Path(folder), _MOUNTS) == kind


@pytest.mark.parametrize("name", ["OneDrive", "OneDrive - Clinic", "Dropbox", "Google Drive", "Nextcloud"])
def test_a_folder_that_a_cloud_client_copies_is_kept_apart(
    tmp_path: Path, user_home: Path, name: str
) -> None:
    folder = tmp_path / name / "tongues"
    photo = make_photo(folder / "a.bmp")
    with CaseStore.open(folder) as store:
        assert store.database == away_database(folder)
        assert user_home in store.database.parents
        assert "copies this folder" in store.note
        case_id = store.load(photo).summary.case_id
        store.save_step(make_step(case_id, make_mask(1)))
    assert not home_database(folder).exists()
    with CaseStore.open(folder) as store:
        assert store.load(photo).summary.case_id == case_id
        assert store.writable


def test_a_database_that_came_with_the_folder_goes_on(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "Dropbox"
    make_photo(here / "a.bmp")
    with CaseStore.open(here) as store:
        assert store.note == ""
    here.rename(there)
    with CaseStore.open(there) as store:
        assert store.database == home_database(there)


def test_a_marker_of_a_client_counts_and_an_ordinary_folder_does_not(tmp_path: Path) -> None:
    assert shared_drive(tmp_path) == ""
    (tmp_path / ".stfolder").mkdir()
    (tmp_path / "photos").mkdir()
    assert "Syncthing" in shared_drive(tmp_path / "photos")
