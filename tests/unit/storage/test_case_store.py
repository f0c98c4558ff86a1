"""Cases, predictions, steps and statuses in the case database."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.storage.store_makers import SHAPE, make_mask, make_photo, make_prediction, make_step
from tongue_viewer.core.cases import CaseStatus, CaseSummary, Origin
from tongue_viewer.core.errors import StoreError
from tongue_viewer.core.patch import MaskPatch
from tongue_viewer.storage.case_store import CaseStore


def test_a_photo_opened_first_is_to_do_with_an_empty_mask(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "舌 1.bmp")
    with CaseStore.open(tmp_path, user_name="anna") as store:
        state = store.load(photo)
        assert store.writable
        assert store.note == ""
        assert store.database == tmp_path / ".tongue-viewer" / "cases.db"
    assert state.summary.status is CaseStatus.TO_DO
    assert len(state.summary.case_id) == 32
    assert state.mask.shape == SHAPE
    assert not state.mask.any()
    assert not state.mask.flags.writeable
    assert state.origin is None
    assert state.prediction is None


def test_what_was_saved_is_there_after_reopening(tmp_path: Path) -> None:
    photo, mask, prediction = make_photo(tmp_path / "舌.bmp"), make_mask(1), make_prediction()
    painted = make_mask(2)
    with CaseStore.open(tmp_path) as store:
        case_id = store.load(photo).summary.case_id
        store.save_prediction(photo, prediction, mask)
        store.save_step(make_step(case_id, painted, note="blurred edge"))
    with CaseStore.open(tmp_path) as store:
        state = store.load(photo)
    assert state.summary == CaseSummary(
        photo.path, case_id, CaseStatus.EDITED, "blurred edge", 1_700_000_001.0
    )
    assert np.array_equal(state.mask, painted)
    assert state.origin is Origin.HUMAN
    kept = state.prediction
    assert kept is not None
    assert np.array_equal(kept.grid, prediction.grid)
    for name in ("shape", "threshold", "model_name", "model_sha256", "engine", "seconds"):
        assert getattr(kept, name) == getattr(prediction, name)


def test_a_prediction_is_taken_by_an_untouched_case_also_the_second_time(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp")
    with CaseStore.open(tmp_path) as store:
        for seed in (1, 2):
            summary, taken = store.save_prediction(photo, make_prediction(), make_mask(seed))
            assert taken
            assert summary.status is CaseStatus.PREDICTED
            state = store.load(photo)
            assert np.array_equal(state.mask, make_mask(seed))
            assert state.origin is Origin.MODEL


@pytest.mark.parametrize(
    ("status", "origin"),
    [
        (CaseStatus.EDITED, Origin.HUMAN),
        (CaseStatus.REVIEWED, Origin.HUMAN),
        (CaseStatus.REVIEWED, Origin.MODEL),
        (CaseStatus.FLAGGED, Origin.MODEL),
        (CaseStatus.EDITED, Origin.MODEL),
        (CaseStatus.PREDICTED, Origin.HUMAN),
    ],
)
def test_a_prediction_never_replaces_what_a_person_did(
    tmp_path: Path, status: CaseStatus, origin: Origin
) -> None:
    photo, painted = make_photo(tmp_path / "a.bmp"), make_mask(7)
    newer = make_prediction(model="newer")
    with CaseStore.open(tmp_path) as store:
        case_id = store.load(photo).summary.case_id
        store.save_step(make_step(case_id, painted, status=status, origin=origin))
        before = store.audit(case_id)
        summary, taken = store.save_prediction(photo, newer, make_mask(8))
        state = store.load(photo)
        assert [row.action for row in store.audit(case_id)] == [
            before[0].action,
            "Answer of newer, not taken",
        ]
        assert store.audit(case_id)[1].patch == b""
    assert not taken
    assert summary.status is status
    assert np.array_equal(state.mask, painted)
    assert state.prediction is not None
    assert state.prediction.model_name == "newer"


def test_the_status_alone_leaves_the_mask(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp")
    with CaseStore.open(tmp_path, user_name="anna") as store:
        store.save_prediction(photo, make_prediction(), make_mask(1))
        case_id = store.load(photo).summary.case_id
        summary = store.set_status(case_id, CaseStatus.FLAGGED, "glare")
        assert (summary.status, summary.note) == (CaseStatus.FLAGGED, "glare")
        state = store.load(photo)
        last = store.audit(case_id)[-1]
    assert np.array_equal(state.mask, make_mask(1))
    assert state.origin is Origin.MODEL
    assert (last.user, last.tool, last.status, last.note) == ("anna", "status", CaseStatus.FLAGGED, "glare")


def test_flagging_a_photo_without_a_mask_gives_it_none_but_approving_an_empty_mask_does(
    tmp_path: Path,
) -> None:
    photo, blank = make_photo(tmp_path / "a.bmp"), np.zeros(SHAPE, np.uint8)
    with CaseStore.open(tmp_path) as store:
        case_id = store.load(photo).summary.case_id
        flag = make_step(case_id, blank, tool="status", status=CaseStatus.FLAGGED, origin=Origin.MODEL)
        store.save_step(flag)
        assert store.load(photo).origin is None
        assert store.stored_index() == ()
        store.save_step(make_step(case_id, blank, 2, tool="status", status=CaseStatus.REVIEWED))
        assert [case.status for case in store.stored("reviewed")] == [CaseStatus.REVIEWED]
        assert store.verify() == []


def test_a_photo_that_cannot_be_read_is_failed_until_it_can(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp")
    with CaseStore.open(tmp_path) as store:
        case_id = store.load(photo).summary.case_id
        store.save_step(make_step(case_id, make_mask(1), status=CaseStatus.REVIEWED))
        failed = store.set_failed(photo.path, "the drive was away")
        assert (failed.case_id, failed.status, failed.note) == (
            case_id,
            CaseStatus.FAILED,
            "the drive was away",
        )
        state = store.load(photo)
        assert state.summary.status is CaseStatus.REVIEWED
        assert np.array_equal(state.mask, make_mask(1))


def test_a_photo_that_could_never_be_read_keeps_its_line_when_it_can(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path) as store:
        failed = store.set_failed(tmp_path / "a.bmp", "truncated")
        again = store.set_failed(tmp_path / "a.bmp", "truncated")
        assert failed.case_id == again.case_id
        state = store.load(make_photo(tmp_path / "a.bmp"))
        assert state.summary.case_id == failed.case_id
        assert state.summary.status is CaseStatus.TO_DO
        assert state.summary.note == ""
        assert store.save_step(make_step(failed.case_id, make_mask())).status is CaseStatus.EDITED


def test_a_mask_of_another_shape_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp")
    with CaseStore.open(tmp_path) as store:
        case_id = store.load(photo).summary.case_id
        store.save_step(make_step(case_id, make_mask(1)))
        with pytest.raises(StoreError, match=r"a\.bmp.*\(40, 51\)"):
            store.save_step(make_step(case_id, make_mask(2, (40, 51))))
        with pytest.raises(StoreError, match=r"a\.bmp"):
            store.save_prediction(photo, make_prediction((50, 40)), make_mask())
        # The same bytes, decoded to another shape (another EXIF rule, say): never applied.
        turned = replace(photo, rgb=np.zeros((50, 40, 3), np.uint8))
        with pytest.raises(StoreError, match=r"a\.bmp.*\(40, 50\)"):
            store.load(turned)
        assert np.array_equal(store.load(photo).mask, make_mask(1))
        assert len(store.audit(case_id)) == 1


def test_a_step_of_an_unknown_case_is_refused(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path) as store:
        for call in (
            lambda: store.save_step(make_step("no such case", make_mask())),
            lambda: store.set_status("no such case", CaseStatus.REVIEWED),
            lambda: store.audit("no such case"),
            lambda: store.stored_case("no such case"),
        ):
            with pytest.raises(StoreError, match="no such case"):
                call()


def test_a_photo_of_another_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    with CaseStore.open(tmp_path / "one") as store, pytest.raises(StoreError, match="not in"):
        store.load(make_photo(tmp_path / "two" / "a.bmp"))


def test_photos_of_subfolders_and_links_are_cases_of_their_own(tmp_path: Path) -> None:
    inside = make_photo(tmp_path / "day 2" / "a.bmp", b"two")
    outside = make_photo(tmp_path / "a.bmp", b"one")
    with CaseStore.open(tmp_path) as store:
        first, second = store.load(outside), store.load(inside)
        assert first.summary.case_id != second.summary.case_id
        assert set(store.names().values()) == {"a.bmp", "day 2/a.bmp"}
        assert store.summaries([inside.path])[0] == second.summary


def test_the_same_folder_by_another_way_has_the_same_cases(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "photos" / "a.bmp")
    with CaseStore.open(tmp_path / "photos") as store:
        case_id = store.load(photo).summary.case_id
        round_about = replace(photo, path=tmp_path / "photos" / ".." / "photos" / "a.bmp")
        assert store.load(round_about).summary.case_id == case_id


def test_more_than_one_class_is_kept(tmp_path: Path) -> None:
    photo, mask = make_photo(tmp_path / "a.bmp"), make_mask(4, classes=5)
    with CaseStore.open(tmp_path) as store:
        store.save_step(make_step(store.load(photo).summary.case_id, mask))
        assert np.array_equal(store.load(photo).mask, mask)
        assert store.verify() == []


def test_stored_gives_what_was_asked_for(tmp_path: Path) -> None:
    kinds = {
        "predicted": (CaseStatus.PREDICTED, Origin.MODEL),
        "edited": (CaseStatus.EDITED, Origin.HUMAN),
        "approved": (CaseStatus.REVIEWED, Origin.MODEL),
        "flagged": (CaseStatus.FLAGGED, Origin.HUMAN),
    }
    with CaseStore.open(tmp_path) as store:
        for number, (name, (status, origin)) in enumerate(kinds.items()):
            photo = make_photo(tmp_path / f"{name}.bmp", name.encode())
            case_id = store.load(photo).summary.case_id
            store.save_step(make_step(case_id, make_mask(number), status=status, origin=origin))
        store.load(make_photo(tmp_path / "untouched.bmp", b"untouched"))

        def names(only: str) -> list[str]:
            return [case.path.stem for case in store.stored(only)]  # type: ignore[arg-type]

        assert names("all") == ["approved", "edited", "flagged", "predicted"]
        assert names("edited") == ["approved", "edited", "flagged"]
        assert names("reviewed") == ["approved"]
        case = next(store.stored("reviewed"))
    assert np.array_equal(case.mask, make_mask(2))
    assert (case.origin, case.prediction, case.name) == (Origin.MODEL, None, "approved.bmp")


def test_the_log_says_who_did_what_in_order(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp")
    with CaseStore.open(tmp_path, user_name="anna") as store:
        case_id = store.load(photo).summary.case_id
        store.save_prediction(photo, make_prediction(), make_mask(1))
        store.save_step(make_step(case_id, make_mask(2), 1))
    with CaseStore.open(tmp_path, user_name="博文") as store:
        store.save_step(make_step(case_id, make_mask(1), 2, action="Undo Brush", tool="undo"))
        rows = store.audit(case_id)
    assert [(row.user, row.tool, row.revision) for row in rows] == [
        ("anna", "segment", 0),
        ("anna", "brush", 1),
        ("博文", "undo", 2),
    ]
    assert rows[1].patch == rows[2].patch


@settings(max_examples=20, deadline=None)
@given(
    seeds=st.lists(st.integers(0, 3), min_size=1, max_size=8), by_model=st.lists(st.booleans(), min_size=8)
)
def test_the_patches_of_the_log_always_give_the_mask(
    tmp_path_factory: pytest.TempPathFactory, seeds: list[int], by_model: list[bool]
) -> None:
    folder = tmp_path_factory.mktemp("photos")
    photo = make_photo(folder / "a.bmp")
    with CaseStore.open(folder) as store:
        case_id = store.load(photo).summary.case_id
        for revision, (seed, model) in enumerate(zip(seeds, by_model, strict=False)):
            if model:
                store.save_prediction(photo, make_prediction(), make_mask(seed))
            # The document takes a prediction as a step of its own, after the store has taken it already.
            store.save_step(
                make_step(case_id, make_mask(seed), revision, patch=b"not what the store computes")
            )
        mask = np.zeros(SHAPE, np.uint8)
        for row in store.audit(case_id):
            if row.patch:
                MaskPatch.from_bytes(row.patch).apply_to(mask)
        assert np.array_equal(mask, store.load(photo).mask)
        assert store.verify() == []


def test_the_lines_of_ten_thousand_photos_are_there_at_once(tmp_path: Path) -> None:
    paths = [tmp_path / f"舌 {number:05}.bmp" for number in range(10_000)]
    with CaseStore.open(tmp_path) as store:
        store.load(make_photo(paths[17]))
        connection = store._connection
        assert connection is not None
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO photo (case_id, name, sha256, created, changed) VALUES (?, ?, ?, 0, 0)",
            ((f"case {path.name}", path.name, f"{path.name}") for path in paths if path != paths[17]),
        )
        connection.execute("COMMIT")
        seconds = []
        for _ in range(5):
            # The thread's own time: other work on the machine does not count.
            begin = time.thread_time()
            summaries = store.summaries(paths)
            seconds.append(time.thread_time() - begin)
    assert [summary.path for summary in summaries] == paths
    assert all(summary.case_id for summary in summaries)
    assert min(seconds) < 0.2


def test_a_flag_set_before_the_window_knew_of_the_model_s_mask_leaves_it(tmp_path: Path) -> None:
    photo, empty = make_photo(tmp_path / "a.bmp"), np.zeros(SHAPE, np.uint8)
    with CaseStore.open(tmp_path) as store:
        summary, _ = store.save_prediction(photo, make_prediction(), make_mask(1))
        flag = make_step(summary.case_id, empty, tool="status", status=CaseStatus.FLAGGED)
        assert store.save_step(flag).status is CaseStatus.FLAGGED
        state = store.load(photo)
        assert state.origin is Origin.MODEL
        assert np.array_equal(state.mask, make_mask(1))
        store.save_step(make_step(summary.case_id, empty, tool="status", status=CaseStatus.REVIEWED))
        assert not store.load(photo).mask.any()
