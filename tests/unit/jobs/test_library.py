"""The open folder: switching it never loses or misplaces a step, and photos are decoded once."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.unit.storage.store_makers import make_mask, make_photo, make_step
from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseStatus, EditStep, Origin
from tongue_viewer.core.errors import (
    PhotoUnreadableError,
    StoreBusyError,
    StoreCorruptError,
    StoreError,
    UsageError,
)
from tongue_viewer.core.events import (
    CaseFailed,
    CaseLoaded,
    EditSaved,
    FolderListed,
    SummaryChanged,
    ThumbnailReady,
)
from tongue_viewer.jobs.cases import load_case, save_steps, set_status
from tongue_viewer.jobs.library import Library
from tongue_viewer.jobs.offers import find_offer
from tongue_viewer.jobs.open_folder import open_folder
from tongue_viewer.jobs.thumbnails import make_thumbnails
from tongue_viewer.storage.case_store import CaseStore


def _folder(path: Path, *names: str) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names, 1):
        Image.fromarray(np.full((20, 30, 3), number * 20, np.uint8)).save(path / name)
    return path


def _open(library: Library, folder: Path) -> FolderListed:
    (event,) = open_folder(CancelToken(), library=library, folder=folder)
    assert isinstance(event, FolderListed)
    return event


def _load(library: Library, path: Path) -> CaseLoaded:
    (event,) = load_case(CancelToken(), library=library, path=path)
    assert isinstance(event, CaseLoaded)
    return event


def _step(case_id: str, rows: int, revision: int = 1) -> EditStep:
    mask = np.zeros((20, 30), np.uint8)
    mask[:rows] = 1
    return EditStep(
        case_id, "Brush", "brush", Origin.HUMAN, mask, b"", CaseStatus.EDITED, revision, 1_700_000_000.0
    )


def _save(library: Library, folder: Path, step: EditStep) -> EditSaved:
    (event,) = save_steps(CancelToken(), library=library, folder=folder, steps=(step,))
    assert isinstance(event, EditSaved)
    return event


def test_a_folder_is_listed_in_natural_order_with_its_statuses(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "舌", "10.bmp", "2.bmp", "1.png")
    library = Library()
    listed = _open(library, folder)
    assert [summary.path.name for summary in listed.summaries] == ["1.png", "2.bmp", "10.bmp"]
    assert (listed.folder, listed.note, listed.writable) == (folder, "", True)
    loaded = _load(library, folder / "2.bmp")
    assert loaded.folder == folder
    _save(library, folder, _step(loaded.state.summary.case_id, 3))
    again = _open(library, folder)
    assert [summary.status.value for summary in again.summaries] == ["to do", "edited", "to do"]
    library.close()


def test_a_photo_opens_its_folder(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "a", "1.bmp")
    library = Library()
    assert _open(library, folder / "1.bmp").folder == folder
    assert library.folder == folder
    assert library.paths == (folder / "1.bmp",)
    library.close()


def test_an_empty_folder_is_listed_with_a_word_to_the_person(tmp_path: Path) -> None:
    library = Library()
    listed = _open(library, tmp_path)
    assert listed.summaries == ()
    assert "no photos" in listed.note
    library.close()


def test_a_folder_that_cannot_be_opened_leaves_the_one_before(tmp_path: Path) -> None:
    good, bad = _folder(tmp_path / "good", "1.bmp"), _folder(tmp_path / "bad", "1.bmp")
    (bad / ".tongue-viewer").mkdir()
    (bad / ".tongue-viewer" / "cases.db").write_bytes(b"not ours")
    library = Library()
    _open(library, good)
    with pytest.raises(StoreCorruptError):
        _open(library, bad)
    with pytest.raises(UsageError):
        _open(library, tmp_path / "none")
    assert library.folder == good
    _load(library, good / "1.bmp")
    library.close()


def test_without_a_folder_nothing_can_be_done(tmp_path: Path) -> None:
    library = Library()
    assert library.folder is None
    with pytest.raises(StoreError, match="open a folder"):
        _ = library.store


def test_a_step_goes_to_the_folder_it_was_made_in_whatever_is_open(tmp_path: Path) -> None:
    first = _folder(tmp_path / "first", "1.bmp")
    library = Library()
    _open(library, first)
    case_id = _load(library, first / "1.bmp").state.summary.case_id
    library.close()
    # A copy of the whole folder has the same case_ids: only the folder tells the two apart.
    second = Path(shutil.copytree(first, tmp_path / "second"))
    library = Library()
    _open(library, first)
    loaded = _load(library, first / "1.bmp")
    _open(library, second)
    _save(library, loaded.folder, _step(case_id, 7))
    assert library.folder == second
    assert not library.store.load(library.photo(second / "1.bmp")).mask.any()
    # The first folder is free for other windows again.
    with CaseStore.open(first) as store:
        assert store.writable
        assert int(store.stored_case(case_id).mask.sum()) == 7 * 30
    library.close()


def test_a_switch_in_the_midst_of_a_job_leaves_its_database_open_until_it_ends(tmp_path: Path) -> None:
    first, second = _folder(tmp_path / "first", "1.bmp"), _folder(tmp_path / "second", "1.bmp")
    library = Library()
    _open(library, first)
    case_id = _load(library, first / "1.bmp").state.summary.case_id
    with library.use(first) as store:
        _open(library, second)
        store.save_step(_step(case_id, 2))
        with library.use(first) as same:
            assert same is store
        store.save_step(_step(case_id, 3, 2))
    with pytest.raises(StoreError, match="closed"):
        store.audit(case_id)
    library.close()


def test_going_back_to_a_folder_that_is_still_in_use_takes_the_same_database(tmp_path: Path) -> None:
    first, second = _folder(tmp_path / "first", "1.bmp"), _folder(tmp_path / "second", "1.bmp")
    library = Library()
    store = library.open(first)
    with library.use(first):
        library.open(second)
        assert library.open(first) is store
    assert library.store is store
    assert library.store.summaries([]) == ()
    library.close()


@pytest.mark.parametrize("fails", [False, True])
def test_the_folder_stays_the_current_one_over_a_repair(tmp_path: Path, *, fails: bool) -> None:
    folder = _folder(tmp_path / "a", "1.bmp")
    library = Library()
    _open(library, folder)
    before = library.store

    def repair() -> None:
        with library.barred(folder):
            assert library.folder == folder
            with pytest.raises(StoreBusyError, match="being repaired"):
                _load(library, folder / "1.bmp")
            if fails:
                raise StoreError("no space")

    if fails:
        with pytest.raises(StoreError, match="no space"):
            repair()
    else:
        repair()
    assert (library.folder, library.paths) == (folder, (folder / "1.bmp",))
    assert _load(library, folder / "1.bmp").state.photo.shape == (20, 30)
    assert library.store is not before
    assert library.store.writable
    library.close()


def test_opening_a_folder_again_after_the_other_window_closed_makes_it_writable(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "a", "1.bmp")
    library = Library()
    with CaseStore.open(folder):
        listed = _open(library, folder)
        assert not listed.writable
        assert "another window" in listed.note
    assert _open(library, folder).writable
    library.close()


def test_steps_and_switches_from_two_threads_end_in_the_right_places(tmp_path: Path) -> None:
    folders = [_folder(tmp_path / str(number), "1.bmp") for number in range(2)]
    library = Library()
    cases = []
    for folder in folders:
        _open(library, folder)
        cases.append(_load(library, folder / "1.bmp").state.summary.case_id)
    failures: list[BaseException] = []

    def save() -> None:
        try:
            for revision in range(1, 21):
                for folder, case_id in zip(folders, cases, strict=True):
                    _save(library, folder, _step(case_id, revision % 20, revision))
        except BaseException as error:  # noqa: BLE001 - handed to the main thread
            failures.append(error)

    thread = threading.Thread(target=save)
    thread.start()
    while thread.is_alive():
        for folder in folders:
            _open(library, folder)
    thread.join()
    library.close()
    assert not failures
    for folder, case_id in zip(folders, cases, strict=True):
        with CaseStore.open(folder) as store:
            assert [row.revision for row in store.audit(case_id)] == list(range(1, 21))
            assert store.verify() == []


def test_a_photo_is_decoded_once_until_its_file_changes(tmp_path: Path) -> None:
    path = _folder(tmp_path, "1.bmp") / "1.bmp"
    library = Library()
    photo = library.photo(path)
    assert library.photo(path) is photo
    Image.fromarray(np.full((20, 30, 3), 200, np.uint8)).save(path)
    os.utime(path, ns=(1, 1))
    changed = library.photo(path)
    assert changed.sha256 != photo.sha256
    path.unlink()
    with pytest.raises(PhotoUnreadableError):
        library.photo(path)


def test_decoded_photos_stay_within_the_memory_that_was_set(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "1.bmp", "2.bmp", "3.bmp")
    paths = [folder / f"{number}.bmp" for number in (1, 2, 3)]
    library = Library(cache_bytes=2 * 20 * 30 * 3)
    first, second = library.photo(paths[0]), library.photo(paths[1])
    assert library.photo(paths[0]) is first
    library.photo(paths[2])
    assert library.photo(paths[0]) is first
    assert library.photo(paths[1]) is not second
    tiny = Library(cache_bytes=10)
    assert tiny.photo(paths[0]) is not tiny.photo(paths[0])


def test_a_photo_that_cannot_be_read_is_failed_and_the_next_goes_on(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "1.bmp")
    (folder / "2.bmp").write_bytes(b"BM")
    library = Library()
    _open(library, folder)
    failed, changed = load_case(CancelToken(), library=library, path=folder / "2.bmp")
    assert isinstance(failed, CaseFailed)
    assert isinstance(changed, SummaryChanged)
    assert changed.summary.status is CaseStatus.FAILED
    assert changed.summary.note == failed.message
    assert [summary.status.value for summary in _open(library, folder).summaries] == ["to do", "failed"]
    assert _load(library, folder / "1.bmp").state.photo.shape == (20, 30)
    library.close()


def test_in_a_read_only_folder_a_failed_photo_is_still_shown_as_failed(tmp_path: Path) -> None:
    (_folder(tmp_path) / "2.bmp").write_bytes(b"BM")
    library = Library()
    with CaseStore.open(tmp_path):
        _open(library, tmp_path)
        _, changed = load_case(CancelToken(), library=library, path=tmp_path / "2.bmp")
    assert isinstance(changed, SummaryChanged)
    assert changed.summary.status is CaseStatus.FAILED
    library.close()


def test_a_mask_that_does_not_fit_fails_the_case_and_not_the_photo(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "1.bmp")
    library = Library()
    _open(library, folder)
    case_id = _load(library, folder / "1.bmp").state.summary.case_id
    _save(library, folder, _step(case_id, 4))
    connection = library.store._connection
    assert connection is not None
    connection.execute("UPDATE photo SET height = 21")
    (failed,) = load_case(CancelToken(), library=library, path=folder / "1.bmp")
    assert isinstance(failed, CaseFailed)
    assert "1.bmp" in failed.message
    library.close()


def test_a_status_is_set_in_its_own_folder(tmp_path: Path) -> None:
    first, second = _folder(tmp_path / "first", "1.bmp"), _folder(tmp_path / "second", "1.bmp")
    library = Library()
    _open(library, first)
    case_id = _load(library, first / "1.bmp").state.summary.case_id
    _open(library, second)
    (event,) = set_status(
        CancelToken(), library=library, folder=first, case_id=case_id, status=CaseStatus.FLAGGED, note="glare"
    )
    assert isinstance(event, SummaryChanged)
    assert (event.summary.path, event.summary.note) == (first / "1.bmp", "glare")
    library.close()


def test_thumbnails_come_for_all_and_none_for_what_cannot_be_read(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "1.bmp", "2.png")
    (folder / "3.bmp").write_bytes(b"BM")
    paths = [folder / "2.png", folder / "3.bmp", folder / "1.bmp"]
    events = list(make_thumbnails(CancelToken(), paths=paths, size=10))
    shapes = []
    for event in events:
        assert isinstance(event, ThumbnailReady)
        shapes.append((event.path, None if event.rgb is None else event.rgb.shape))
    assert shapes == [(paths[0], (7, 10, 3)), (paths[1], None), (paths[2], (7, 10, 3))]


def test_work_kept_apart_is_offered_when_its_folder_has_another_name(tmp_path: Path) -> None:
    old, new = tmp_path / "Dropbox" / "tongues", tmp_path / "Dropbox" / "tongues 2026"
    make_photo(old / "a.bmp")
    for folder, offered in ((old, False), (new, True)):
        library = Library()
        store = library.open(folder)
        state = store.load(make_photo(folder / "a.bmp"))
        offer = find_offer(library, store, state)
        assert (offer is not None) is offered
        if not offered:
            store.save_step(make_step(state.summary.case_id, make_mask(1)))
        library.close()
        if not offered:
            old.rename(new)
