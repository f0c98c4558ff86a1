"""The edit log: its hash chain, every revision of a mask, undo steps that outlive the program, who reviewed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.storage.store_makers import SHAPE, make_mask, make_photo, make_prediction, make_step
from tongue_viewer.core.cases import CaseStatus, Origin
from tongue_viewer.core.errors import StoreError
from tongue_viewer.core.patch import MaskPatch
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.case_store_log import link_of
from tongue_viewer.storage.case_store_masks import SNAPSHOT_STEPS
from tongue_viewer.storage.case_store_place import away_database


def _database(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / ".tongue-viewer" / "cases.db", isolation_level=None)


def _filled(folder: Path, steps: int = 5) -> str:
    """A case with a prediction and some steps; returns its identity."""
    photo = make_photo(folder / "a.bmp")
    with CaseStore.open(folder, user_name="anna") as store:
        summary, _ = store.save_prediction(photo, make_prediction(), make_mask(100))
        for revision in range(1, steps + 1):
            store.save_step(make_step(summary.case_id, make_mask(revision), revision))
    return summary.case_id


def test_an_entry_says_who_when_with_what_and_by_which_model(tmp_path: Path) -> None:
    case_id = _filled(tmp_path, 1)
    with CaseStore.open(tmp_path) as store:
        first, second = store.history(case_id)
    assert (first.tool, first.model, first.model_sha256, first.threshold) == (
        "segment",
        "base",
        "f" * 64,
        0.4,
    )
    assert (second.user, second.tool, second.origin, second.changes_mask) == (
        "anna",
        "brush",
        Origin.HUMAN,
        True,
    )
    assert (second.model, second.threshold) == ("", None)
    assert first.sha256 != second.sha256


def test_every_revision_is_there(tmp_path: Path) -> None:
    case_id = _filled(tmp_path, 3 * SNAPSHOT_STEPS)
    with CaseStore.open(tmp_path) as store:
        entries = store.history(case_id)
        assert not store.revision(case_id, 0).any()
        assert np.array_equal(store.revision(case_id, entries[0].number), make_mask(100))
        for revision in range(1, 3 * SNAPSHOT_STEPS + 1):
            assert np.array_equal(store.revision(case_id, entries[revision].number), make_mask(revision))
        assert store.verify() == []
    connection = _database(tmp_path)
    assert connection.execute("SELECT count(*) FROM snapshot").fetchone() == (3,)
    connection.close()


def test_the_chain_can_be_checked_from_what_is_exported(tmp_path: Path) -> None:
    case_id = _filled(tmp_path)
    with CaseStore.open(tmp_path) as store:
        link = bytes(32)
        for row in store.audit(case_id):
            link = link_of(link, row)
            assert row.sha256 == link.hex()


_FORGERIES = {
    "a time": "UPDATE edit SET made = made + 1 WHERE id = 3",
    "a name": "UPDATE edit SET user = 'eve' WHERE id = 3",
    "a patch": "UPDATE edit SET patch = (SELECT patch FROM edit WHERE id = 2) WHERE id = 3",
    "a threshold": "UPDATE edit SET threshold = 0.5 WHERE id = 1",
    "the middle": "DELETE FROM edit WHERE id = 3",
    "the end": "DELETE FROM edit WHERE id = 6",
    "a link": "UPDATE chain SET sha256 = zeroblob(32) WHERE edit = 6",
}


@pytest.mark.parametrize("forgery", list(_FORGERIES))
def test_a_forged_log_is_noticed(tmp_path: Path, forgery: str) -> None:
    _filled(tmp_path)
    connection = _database(tmp_path)
    triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(_FORGERIES[forgery])
    connection.execute("DELETE FROM chain WHERE edit NOT IN (SELECT id FROM edit)")
    for _, statement in triggers:  # whoever forges a log leaves no trace of the tools
        connection.execute(statement)
    connection.close()
    with CaseStore.open(tmp_path) as store:
        assert any("the edit log" in problem for problem in store.verify())


def test_the_chain_only_grows(tmp_path: Path) -> None:
    _filled(tmp_path, 1)
    connection = _database(tmp_path)
    for statement in ("UPDATE chain SET sha256 = x'00'", "DELETE FROM chain"):
        with pytest.raises(sqlite3.IntegrityError, match="only grows"):
            connection.execute(statement)
    connection.close()


def test_a_clock_that_goes_back_changes_no_order(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp")
    with CaseStore.open(tmp_path) as store:
        case_id = store.load(photo).summary.case_id
        for revision, made in enumerate((2e9, 1e9, 1.5e9), start=1):
            store.save_step(make_step(case_id, make_mask(revision), revision, made=made))
        assert [entry.made for entry in store.history(case_id)] == [2e9, 1e9, 1.5e9]
        assert np.array_equal(store.load(photo).mask, make_mask(3))
        assert store.figures(case_id).minutes == pytest.approx(1.0)
        assert store.verify() == []


def test_undo_steps_outlive_the_program(tmp_path: Path) -> None:
    case_id = _filled(tmp_path, 3)
    photo = make_photo(tmp_path / "a.bmp")
    with CaseStore.open(tmp_path) as store:
        store.save_step(make_step(case_id, make_mask(2), 4, tool="undo", action="Undo Brush"))
    with CaseStore.open(tmp_path) as store:
        state = store.load(photo)
    assert state.undo is not None
    assert (len(state.undo.changes), state.undo.done) == (3, 2)
    mask = state.mask.copy()
    for change, expected in zip(reversed(state.undo.changes[:2]), (1, 100), strict=True):
        change.patch.apply_to(mask)
        assert np.array_equal(mask, make_mask(expected))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 5), max_size=40))
def test_whatever_the_log_says_the_undo_steps_fit_the_mask(
    tmp_path_factory: pytest.TempPathFactory, seeds: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("undo")
    photo = make_photo(folder / "a.bmp")
    tools = ("brush", "undo", "redo", "segment", "threshold", "status")
    masks: list[MaskArray] = [np.zeros(SHAPE, np.uint8)]
    with CaseStore.open(folder) as store:
        case_id = store.load(photo).summary.case_id
        for revision, seed in enumerate(seeds, start=1):
            tool = tools[seed]
            masks.append(make_mask(seed))
            merge = "threshold" if tool == "threshold" else ""
            store.save_step(make_step(case_id, masks[-1], revision, tool=tool, merge=merge))
        state = store.load(photo)
    line = state.undo
    assert np.array_equal(state.mask, masks[-1])
    if line is None:
        return
    mask = state.mask.copy()
    for change in line.changes[line.done :]:
        change.patch.apply_to(mask)
    for change in reversed(line.changes):
        change.patch.apply_to(mask)
        assert any(np.array_equal(mask, known) for known in masks)


def test_the_reviewer_comes_back_with_undo(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp")
    reviewed, edited = CaseStatus.REVIEWED, CaseStatus.EDITED
    with CaseStore.open(tmp_path, user_name="anna") as store:
        case_id = store.load(photo).summary.case_id
        store.save_step(make_step(case_id, make_mask(1), 1))
        store.set_status(case_id, reviewed)
        assert store.summaries([photo.path])[0].reviewed_by == "anna"
        store.user_name = "ben"
        assert store.save_step(make_step(case_id, make_mask(2), 2, status=edited)).reviewed_by == ""
        back = make_step(case_id, make_mask(1), 3, status=reviewed, tool="undo", action="Undo Brush")
        assert store.save_step(back).reviewed_by == "anna"
        assert store.set_status(case_id, edited).reviewed_by == ""
        assert store.set_status(case_id, reviewed).reviewed_by == "ben"
        assert store.figures(case_id).reviewed_by == "ben"


def test_figures_say_how_far_the_mask_is_from_the_model_s(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp")
    with CaseStore.open(tmp_path) as store:
        case_id = store.load(photo).summary.case_id
        assert store.figures(case_id).model_dice is None
        store.save_prediction(photo, make_prediction(), make_mask(1))
        store.save_step(make_step(case_id, np.zeros(SHAPE, np.uint8), 1))
        figures = store.figures(case_id)
    assert (figures.steps, figures.model_dice) == (1, 0.0)


def test_a_mask_is_taken_over_with_everything_that_belongs_to_it(tmp_path: Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    old = make_photo(there / "a.bmp")
    with CaseStore.open(there, user_name="anna") as store:
        summary, _ = store.save_prediction(old, make_prediction(), make_mask(1))
        store.save_step(make_step(summary.case_id, make_mask(2), 1, status=CaseStatus.REVIEWED))
        other = store.stored_case(summary.case_id)
    new = make_photo(here / "b.bmp")
    with CaseStore.open(here, user_name="ben") as store:
        taken = store.take_over(new, other, "Taken over from there")
        assert (taken.status, taken.reviewed_by) == (CaseStatus.REVIEWED, "anna")
        state = store.load(new)
        assert np.array_equal(state.mask, make_mask(2))
        assert state.prediction is not None
        (entry,) = store.history(taken.case_id)
        assert (entry.user, entry.action, entry.tool) == ("ben", "Taken over from there", "take over")
        assert store.verify() == []
        misfit = make_photo(here / "c.bmp", b"c", (41, 50))
        with pytest.raises(StoreError, match=r"c\.bmp"):
            store.take_over(misfit, other, "Taken over from there")


def test_earlier_work_on_a_changed_photo_is_offered_until_it_is_answered(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path) as store:
        first = make_photo(tmp_path / "a.bmp", b"before")
        case_id = store.load(first).summary.case_id
        store.save_step(make_step(case_id, make_mask(1)))
        changed = make_photo(tmp_path / "a.bmp", b"after")
        state = store.load(changed)
        assert (state.earlier, bool(state.mask.any())) == (case_id, False)
        store.save_prediction(changed, make_prediction(), make_mask(3))
        assert store.load(changed).earlier == case_id
        store.decline(state.summary.case_id)
        assert store.load(changed).earlier == ""
        assert store.history(state.summary.case_id)[-1].tool == "decline"
        assert store.verify() == []


def test_a_step_that_the_store_knows_already_needs_no_reading(tmp_path: Path) -> None:
    """The memory of the last mask gives the same patches as reading does, also across cases and failures."""
    photos = [make_photo(tmp_path / f"{name}.bmp", name.encode()) for name in "ab"]
    with CaseStore.open(tmp_path) as store:
        cases = [store.load(photo).summary.case_id for photo in photos]
        for revision in range(1, 20):
            case_id = cases[revision % 3 % 2]
            store.save_step(make_step(case_id, make_mask(revision), revision))
            if revision % 4 == 0:
                with pytest.raises(StoreError):
                    store.save_step(make_step(case_id, np.zeros((3, 3), np.uint8), revision))
        assert store.verify() == []
        for case_id in cases:
            mask = np.zeros(SHAPE, np.uint8)
            for row in store.audit(case_id):
                MaskPatch.from_bytes(row.patch).apply_to(mask)
            assert np.array_equal(mask, store.stored_case(case_id).mask)


def test_a_drive_that_was_away_serves_again(tmp_path: Path) -> None:
    case_id = _filled(tmp_path, 1)
    home, away = tmp_path / ".tongue-viewer", tmp_path / "away"
    with CaseStore.open(tmp_path) as store:
        home.rename(away)
        for _ in range(2):
            with pytest.raises(StoreError, match=r"cases\.db"):
                store.save_step(make_step(case_id, make_mask(7), 2))
        assert not home.exists()
        away.rename(home)
        store.save_step(make_step(case_id, make_mask(7), 2))
        assert np.array_equal(store.stored_case(case_id).mask, make_mask(7))
        assert store.verify() == []
        with CaseStore.open(tmp_path) as second:
            assert not second.writable


def test_a_bad_minute_of_the_drive_never_moves_the_database(tmp_path: Path) -> None:
    case_id = _filled(tmp_path, 1)
    lock = tmp_path / ".tongue-viewer" / "cases.lock"
    with CaseStore.open(tmp_path) as store:
        store._lost = True  # as after an error of the drive
        kept = lock.with_name("kept")
        lock.rename(kept)
        lock.mkdir()  # the lock can be neither read nor written
        with pytest.raises(StoreError, match="cannot be reached"):
            store.save_step(make_step(case_id, make_mask(7), 2))
        assert not away_database(tmp_path).exists()
        lock.rmdir()
        kept.rename(lock)
        store.save_step(make_step(case_id, make_mask(7), 2))
        assert np.array_equal(store.stored_case(case_id).mask, make_mask(7))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE chain SET sha256 = zeroblob(2000)",
        "UPDATE edit SET made = 9e999",
        "UPDATE edit SET note = replace(hex(zeroblob(600000)), '00', 'ab')",
        "UPDATE edit SET user = x'00'",
        "UPDATE edit SET status = zeroblob(9000)",
    ],
)
def test_values_that_are_never_written_end_the_reading_of_a_log(tmp_path: Path, change: str) -> None:
    case_id = _filled(tmp_path)
    connection = _database(tmp_path)
    triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(change)
    for _, statement in triggers:
        connection.execute(statement)
    connection.close()
    with CaseStore.open(tmp_path) as store:
        for use in (store.history, store.audit):
            with pytest.raises(StoreError, match="the edit log holds") as raised:
                use(case_id)
            assert len(str(raised.value)) < 500
        assert any("the edit log holds" in problem for problem in store.verify())


def test_an_answer_that_is_not_taken_makes_nobody_a_reviewer(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.bmp")
    with CaseStore.open(tmp_path, user_name="anna") as store:
        case_id = store.load(photo).summary.case_id
        store.save_step(make_step(case_id, make_mask(1), 1))
        store.save_step(make_step(case_id, make_mask(1), 2, tool="status", status=CaseStatus.REVIEWED))
        store.user_name = "ben"
        store.save_prediction(photo, make_prediction(), make_mask(2))
        store.save_step(make_step(case_id, make_mask(3), 3))
        back = make_step(case_id, make_mask(1), 4, tool="undo", status=CaseStatus.REVIEWED)
        assert store.save_step(back).reviewed_by == "anna"


def test_a_late_answer_for_an_earlier_content_leaves_the_case_of_now(tmp_path: Path) -> None:
    with CaseStore.open(tmp_path) as store:
        old = make_photo(tmp_path / "a.bmp", b"old")
        store.load(old)
        new = make_photo(tmp_path / "a.bmp", b"new")
        case_id = store.load(new).summary.case_id
        store.save_prediction(old, make_prediction(), make_mask(2))
        store.save_step(make_step(case_id, make_mask(3), 3))
        assert [summary.case_id for summary in store.stored_index()] == [case_id]
        assert store.verify() == []
