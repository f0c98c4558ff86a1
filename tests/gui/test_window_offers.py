"""Masks that lie elsewhere: of the same photo in another folder, of a photo that was changed. The person is asked."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.window_driver import Driver, make_folder, photo_with_ellipse, write_photo
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.core.settings import Settings
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.photo_index import INDEX_NAME, IndexedCase, PhotoIndex

Start = Callable[..., Driver]


@pytest.fixture(params=[False, True], ids=["no model", "predicted"])
def settings(request: pytest.FixtureRequest) -> Settings:
    return Settings(predict_ahead=bool(request.param), user_name="ben")


def worked_on(start: Start, folder: Path) -> MaskArray:
    """A photo that Anna painted and approved, in a window that is closed again."""
    make_folder(folder, 1)
    run = start(settings=Settings(predict_ahead=False, user_name="anna"))
    run.open(folder)
    run.paint()
    run.key(Qt.Key.Key_R)
    painted = run.mask()
    run.close()
    return painted


def test_a_mask_of_the_same_photo_in_another_folder_is_offered_and_taken(
    start: Start, tmp_path: Path, settings: Settings, qtbot: QtBot
) -> None:
    painted = worked_on(start, tmp_path / "there")
    (tmp_path / "here").mkdir()
    shutil.copy(tmp_path / "there" / "000.bmp", tmp_path / "here" / "new name.bmp")
    run = start(settings=settings)
    run.open(tmp_path / "here")
    run.wait_idle()
    assert str(tmp_path / "there") in run.message()
    assert "reviewed by anna" in run.message()
    run.window.messages.button.click()
    qtbot.waitUntil(lambda: np.array_equal(run.document.mask, painted))
    run.wait_idle()
    assert run.document.status is CaseStatus.REVIEWED
    assert run.message() == ""
    entry = run.app.library.store.history(run.document.case_id)[-1]
    assert (entry.user, entry.tool) == ("ben", "take over")
    run.key(Qt.Key.Key_Z)
    assert not np.array_equal(run.document.mask, painted)
    run.wait_idle()
    assert run.app.library.store.verify() == []
    with CaseStore.open(tmp_path / "there", read_only=True) as store:
        assert np.array_equal(store.stored_case(store.stored_index()[0].case_id).mask, painted)


def test_no_is_remembered(start: Start, tmp_path: Path, settings: Settings) -> None:
    worked_on(start, tmp_path / "there")
    make_folder(tmp_path / "here", 1)
    for asked in (True, False):
        run = start(settings=settings)
        run.open(tmp_path / "here")
        run.wait_idle()
        assert ("It can be taken over" in run.message()) is asked
        if asked:
            run.window.messages.no_button.click()
            run.wait_idle()
        run.close()


def test_a_changed_photo_is_noticed_and_its_earlier_mask_offered(
    start: Start, tmp_path: Path, settings: Settings, qtbot: QtBot
) -> None:
    painted = worked_on(start, tmp_path)
    write_photo(tmp_path / "000.bmp", photo_with_ellipse(3))
    run = start(settings=settings)
    run.open(tmp_path)
    run.wait_idle()
    assert "was changed since its mask was made" in run.message()
    assert not np.array_equal(run.document.mask, painted)
    run.window.messages.button.click()
    qtbot.waitUntil(lambda: np.array_equal(run.document.mask, painted))
    run.wait_idle()
    assert run.app.library.store.verify() == []


def test_the_first_stroke_takes_the_question_away(start: Start, tmp_path: Path, settings: Settings) -> None:
    worked_on(start, tmp_path / "there")
    make_folder(tmp_path / "here", 1)
    run = start(settings=settings)
    run.open(tmp_path / "here")
    run.wait_idle()
    assert run.message()
    run.paint()
    assert run.message() == ""


def test_masks_that_came_with_a_folder_are_known_once_it_was_opened(
    start: Start, tmp_path: Path, settings: Settings, user_home: Path
) -> None:
    worked_on(start, tmp_path / "there")
    (user_home / INDEX_NAME).unlink()  # as on another computer
    make_folder(tmp_path / "here", 1)
    for folder, asked in (("here", False), ("there", False), ("here", True)):
        run = start(settings=settings)
        run.open(tmp_path / folder)
        run.wait_idle()
        assert ("It can be taken over" in run.message()) is asked
        run.close()


def test_the_index_is_a_hint_that_may_be_damaged_or_wrong(tmp_path: Path, user_home: Path) -> None:
    file = user_home / INDEX_NAME
    file.write_bytes(b"no database" * 200)
    index = PhotoIndex()
    assert index.find("a" * 64, besides=tmp_path) == ()
    index.note("a" * 64, IndexedCase(tmp_path / "x", "c1"))
    assert index.find("a" * 64, besides=tmp_path) == (IndexedCase(tmp_path / "x", "c1"),)
    assert index.find("a" * 64, besides=tmp_path / "x") == ()
    index.close()


def test_a_folder_that_is_gone_offers_nothing(start: Start, tmp_path: Path, settings: Settings) -> None:
    worked_on(start, tmp_path / "there")
    make_folder(tmp_path / "here", 1)
    (tmp_path / "there").rename(tmp_path / "elsewhere")
    run = start(settings=settings)
    run.open(tmp_path / "here")
    run.wait_idle()
    assert run.message() == ""
