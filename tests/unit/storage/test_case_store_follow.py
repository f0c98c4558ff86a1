"""A case follows its photo: renamed, copied, changed, swapped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.unit.storage.store_makers import make_mask, make_photo, make_prediction, make_step
from tongue_viewer.core.cases import CaseStatus, Origin
from tongue_viewer.core.photo import Photo
from tongue_viewer.storage.case_store import CaseStore


def _painted(store: CaseStore, photo: Photo, seed: int = 1) -> str:
    """A reviewed case with a hand-painted mask."""
    store.save_prediction(photo, make_prediction(), make_mask(50))
    case_id = store.load(photo).summary.case_id
    store.save_step(make_step(case_id, make_mask(seed), status=CaseStatus.REVIEWED))
    return case_id


def _renamed(photo: Photo, name: str) -> Photo:
    return Photo(photo.path.rename(photo.path.with_name(name)), photo.rgb, photo.sha256)


def test_a_renamed_photo_keeps_its_case(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "old.bmp")
    with CaseStore.open(tmp_path) as store:
        case_id = _painted(store, photo)
        renamed = _renamed(photo, "新.bmp")
        state = store.load(renamed)
        assert state.summary.case_id == case_id
        assert state.summary.status is CaseStatus.REVIEWED
        assert state.summary.path == renamed.path
        assert np.array_equal(state.mask, make_mask(1))
        old, new = store.summaries([photo.path, renamed.path])
        assert (old.case_id, new.case_id) == ("", case_id)
        assert store.audit(case_id)[-1].action == "Renamed from old.bmp"
        assert store.verify() == []


def test_a_prediction_for_a_renamed_photo_does_not_lose_the_case(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "old.bmp")
    with CaseStore.open(tmp_path) as store:
        case_id = _painted(store, photo)
        summary, taken = store.save_prediction(_renamed(photo, "new.bmp"), make_prediction(), make_mask(9))
        assert (summary.case_id, taken) == (case_id, False)


def test_a_copied_photo_gets_a_case_of_its_own_with_the_same_content(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp")
    with CaseStore.open(tmp_path) as store:
        case_id = _painted(store, photo)
        copy = make_photo(tmp_path / "b.bmp")
        state = store.load(copy)
        assert state.summary.case_id not in ("", case_id)
        assert state.summary.status is CaseStatus.REVIEWED
        assert state.origin is Origin.HUMAN
        assert state.prediction is not None
        assert np.array_equal(state.mask, make_mask(1))
        store.save_step(make_step(state.summary.case_id, make_mask(2)))
        assert np.array_equal(store.load(photo).mask, make_mask(1))
        assert store.load(copy).summary.case_id == state.summary.case_id
        assert store.verify() == []


def test_a_changed_photo_begins_anew_and_says_so(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp", b"one")
    with CaseStore.open(tmp_path) as store:
        case_id = _painted(store, photo)
        changed = make_photo(tmp_path / "a.bmp", b"other")
        state = store.load(changed)
        assert state.summary.case_id != case_id
        assert state.summary.status is CaseStatus.TO_DO
        assert "changed" in state.summary.note
        assert not state.mask.any()
        assert store.summaries([photo.path])[0].case_id == state.summary.case_id
        # The earlier case is untouched, and is found again when the earlier content is put back.
        assert len(store.audit(case_id)) == 2
        back = store.load(make_photo(tmp_path / "a.bmp", b"one"))
        assert back.summary.case_id == case_id
        assert np.array_equal(back.mask, make_mask(1))
        assert store.verify() == []


def test_a_changed_photo_of_another_size_does_not_meet_the_old_mask(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path) as store:
        _painted(store, make_photo(tmp_path / "a.bmp", b"one"))
        state = store.load(make_photo(tmp_path / "a.bmp", b"other", (10, 12)))
    assert state.mask.shape == (10, 12)


def test_a_change_that_costs_nothing_is_not_worth_a_note(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path) as store:
        store.load(make_photo(tmp_path / "a.bmp", b"one"))
        assert store.load(make_photo(tmp_path / "a.bmp", b"other")).summary.note == ""


@pytest.mark.parametrize("order", [("a.bmp", "b.bmp"), ("b.bmp", "a.bmp")])
def test_two_photos_that_change_names_keep_their_masks(tmp_path: Path, order: tuple[str, str]) -> None:
    first, second = make_photo(tmp_path / "a.bmp", b"one"), make_photo(tmp_path / "b.bmp", b"two")
    with CaseStore.open(tmp_path) as store:
        cases = {"b.bmp": _painted(store, first, 1), "a.bmp": _painted(store, second, 2)}
        swapped = {
            "a.bmp": make_photo(tmp_path / "a.bmp", b"two"),
            "b.bmp": make_photo(tmp_path / "b.bmp", b"one"),
        }
        states = {name: store.load(swapped[name]) for name in order}
        masks = {name: state.mask for name, state in states.items()}
        assert np.array_equal(masks["a.bmp"], make_mask(2))
        assert np.array_equal(masks["b.bmp"], make_mask(1))
        # At the first look both names are still there: a copy. The second one is known as moved.
        assert states[order[1]].summary.case_id == cases[order[1]]
        assert store.verify() == []


def test_a_photo_renamed_over_another_one_takes_its_own_case_along(tmp_path: Path) -> None:
    first, second = make_photo(tmp_path / "a.bmp", b"one"), make_photo(tmp_path / "b.bmp", b"two")
    with CaseStore.open(tmp_path) as store:
        case_id = _painted(store, first, 1)
        _painted(store, second, 2)
        state = store.load(_renamed(first, "b.bmp"))
        assert state.summary.case_id == case_id
        assert np.array_equal(state.mask, make_mask(1))


def test_a_read_only_store_shows_a_renamed_photo_and_writes_nothing(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp")
    with CaseStore.open(tmp_path) as store:
        case_id = _painted(store, photo)
    before = (tmp_path / ".tongue-viewer" / "cases.db").read_bytes()
    renamed = _renamed(photo, "b.bmp")
    with CaseStore.open(tmp_path, read_only=True) as store:
        state = store.load(renamed)
        new = store.load(make_photo(tmp_path / "new.bmp", b"new"))
    assert state.summary.case_id == case_id
    assert np.array_equal(state.mask, make_mask(1))
    assert new.summary.case_id == ""
    assert (tmp_path / ".tongue-viewer" / "cases.db").read_bytes() == before
