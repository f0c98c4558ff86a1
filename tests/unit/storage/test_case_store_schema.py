"""Databases of the released version: brought up to date where they may be written, readable where not."""

from __future__ import annotations

import hashlib
import itertools
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.unit.storage.store_makers import SHAPE, make_mask, make_photo, make_prediction, make_step
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.patch import MaskPatch
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.mask_codec import encode_grid, encode_mask
from tongue_viewer.storage.schema import APPLICATION_ID, MIGRATIONS

RELEASED = (
    "88809ed6255565e6b53ab09b6562fc0b398abb41b4d406e302cd84fb5f830f03",
    "997893c37c5eec0f3d2e5b641100ce398475dec32a8548adaeade0d974be540d",
)
"""Of the statements of versions 1 and 2: a step that was released is never changed."""


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A folder whose database version 0.1.0 wrote: one predicted photo."""
    photo, mask, prediction = make_photo(tmp_path / "a.bmp"), make_mask(1), make_prediction()
    (tmp_path / ".tongue-viewer").mkdir()
    database = tmp_path / ".tongue-viewer" / "cases.db"
    connection = sqlite3.connect(database)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for statement in MIGRATIONS[0]:
        connection.execute(statement)
    connection.execute(
        "INSERT INTO photo (case_id, name, sha256, height, width, status, origin, created, changed)"
        " VALUES ('c1', 'a.bmp', ?, 40, 50, 'predicted', 'model', 1.0, 2.0)",
        (photo.sha256,),
    )
    connection.execute("INSERT INTO mask VALUES (1, ?)", (encode_mask(mask),))
    connection.execute(
        "INSERT INTO prediction VALUES (1, 1, 16, 16, 40, 50, ?, 0.4, 'base', 'f', 'torch-cpu', 0.7, 2.0)",
        (encode_grid(prediction.grid),),
    )
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()
    return tmp_path


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """A folder of version 2: one photo painted in two steps and reviewed by Anna; the mask beside the log."""
    photo = make_photo(tmp_path / "a.bmp")
    (tmp_path / ".tongue-viewer").mkdir()
    connection = sqlite3.connect(tmp_path / ".tongue-viewer" / "cases.db")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for statement in (*MIGRATIONS[0], *MIGRATIONS[1]):
        connection.execute(statement)
    connection.execute(
        "INSERT INTO photo (case_id, name, sha256, height, width, status, origin, created, changed, quality)"
        " VALUES ('c2', 'a.bmp', ?, 40, 50, 'reviewed', 'human', 1.0, 4.0, 0.9)",
        (photo.sha256,),
    )
    masks = (np.zeros(SHAPE, np.uint8), make_mask(1), make_mask(2))
    log = (
        "INSERT INTO edit (case_id, made, user, action, tool, origin, status, note, revision, height, width, patch)"
        " VALUES ('c2', ?, 'anna', ?, ?, 'human', ?, '', ?, 40, 50, ?)"
    )
    for number, (before, after) in enumerate(itertools.pairwise(masks), start=1):
        patch = MaskPatch.between(before, after)
        assert patch is not None
        connection.execute(log, (1.0 + number, "Brush", "brush", "edited", number, patch.to_bytes()))
    connection.execute(log, (4.0, "Status", "status", "reviewed", 3, b""))
    connection.execute("INSERT INTO mask VALUES (1, ?)", (encode_mask(masks[-1]),))
    connection.execute("PRAGMA user_version = 2")
    connection.commit()
    connection.close()
    return tmp_path


def columns(folder: Path) -> set[str]:
    connection = sqlite3.connect(folder / ".tongue-viewer" / "cases.db")
    try:
        return {row[1] for row in connection.execute("PRAGMA table_info(photo)")}
    finally:
        connection.close()


def test_the_released_steps_are_as_they_were() -> None:
    for step, digest in zip(MIGRATIONS, RELEASED, strict=False):
        assert hashlib.sha256("\n".join(step).encode()).hexdigest() == digest


def test_a_database_of_the_first_version_grows_and_keeps_what_it_holds(released: Path) -> None:
    photo = make_photo(released / "a.bmp")
    with CaseStore.open(released) as store:
        state = store.load(photo)
        assert (state.summary.case_id, state.summary.status) == ("c1", CaseStatus.PREDICTED)
        assert state.summary.quality is None
        assert state.prediction is not None
        assert state.prediction.quality is None
        store.save_prediction(photo, replace(make_prediction(), quality=0.875), make_mask(2))
    assert "quality" in columns(released)
    with CaseStore.open(released) as store:
        assert store.summaries([photo.path])[0].quality == 0.875


def test_it_is_read_without_being_changed(released: Path) -> None:
    database = released / ".tongue-viewer" / "cases.db"
    before = database.read_bytes()
    with CaseStore.open(released, read_only=True) as store:
        summary = store.summaries([released / "a.bmp"])[0]
        case = store.stored_case("c1")
        assert store.stored_index()[0] == summary
    assert (summary.case_id, summary.quality, summary.changed) == ("c1", None, 2.0)
    assert case.mask.shape == (40, 50)
    assert database.read_bytes() == before
    assert "quality" not in columns(released)


def test_the_quality_stays_with_the_model_s_mask(tmp_path: Path) -> None:
    photo, copy = make_photo(tmp_path / "a.bmp"), make_photo(tmp_path / "b.bmp")
    with CaseStore.open(tmp_path) as store:
        summary, _ = store.save_prediction(photo, replace(make_prediction(), quality=0.9), make_mask(1))
        assert summary.quality == 0.9
        edited = store.save_step(make_step(summary.case_id, make_mask(3)))
        assert (edited.status, edited.quality) == (CaseStatus.EDITED, 0.9)
        again, taken = store.save_prediction(photo, replace(make_prediction(), quality=0.8), make_mask(4))
        assert (again.quality, taken) == (0.8, False)
        assert store.load(copy).summary.quality == 0.8
        kept = store.load(photo).prediction
        assert kept is not None
        assert kept.quality == 0.8
        assert store.summaries([photo.path, copy.path, tmp_path / "c.bmp"])[2].quality is None


@pytest.mark.parametrize("read_only", [True, False])
def test_the_log_of_an_older_version_gives_its_revisions_and_undo_steps(
    second: Path, *, read_only: bool
) -> None:
    database = second / ".tongue-viewer" / "cases.db"
    before = database.read_bytes()
    photo = make_photo(second / "a.bmp")
    with CaseStore.open(second, read_only=read_only) as store:
        state = store.load(photo)
        assert np.array_equal(state.mask, make_mask(2))
        assert state.undo is not None
        assert state.undo.done == 2
        first, *_ = store.history("c2")
        assert store.verify() == []
        assert bool(first.sha256) is not read_only
        assert store.summaries([photo.path])[0].reviewed_by == ("" if read_only else "anna")
    assert (database.read_bytes() == before) is read_only


def test_a_database_that_grew_goes_on_with_its_chain(second: Path) -> None:
    with CaseStore.open(second) as store:
        store.save_step(make_step("c2", make_mask(3), 4))
    with CaseStore.open(second) as store:
        assert store.verify() == []
        assert [row.number for row in store.audit("c2")] == [1, 2, 3, 4]
        assert np.array_equal(store.revision("c2", 1), make_mask(1))
        assert np.array_equal(store.load(make_photo(second / "a.bmp")).mask, make_mask(3))
