"""Opening folders, the list, the filter, and going from photo to photo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from tests.window_driver import BrightSource, Driver, make_folder
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.settings import Settings

Start = Callable[..., Driver]
QUIET = Settings(predict_ahead=False)


def test_a_folder_opens_on_its_first_photo_and_shows_every_status(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path / "photos", 3)
    run = start(settings=QUIET)
    assert not run.window.photos.isVisible()
    run.open(tmp_path / "photos")
    assert run.document.path == paths[0]
    assert run.window.photos.isVisible()
    assert run.statuses() == [CaseStatus.TO_DO] * 3
    assert run.window.toolbar.place.text() == "1 / 3  ·  000.bmp"
    assert run.window.photos.head.combo.itemText(0) == "All · 3"
    assert str(tmp_path / "photos") in run.app.settings.recent_folders


def test_the_next_photo_s_case_is_made_before_it_is_wanted(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 3)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.wait_idle()
    known = [summary.case_id for summary in run.app.library.store.summaries(paths)]
    assert [bool(case_id) for case_id in known] == [True, True, False]
    run.key(Qt.Key.Key_D)
    run.wait_open(paths[1])
    assert run.window.photos.model.summary_at(1).case_id == known[1]


def test_a_photo_opens_with_its_folder(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 3)
    run = start(settings=QUIET)
    run.open(paths[2])
    assert run.document.path == paths[2]
    assert run.window.photos.model.rowCount() == 3


def test_a_dropped_folder_opens(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    plain = Qt.KeyboardModifier.NoModifier
    run.window.dropEvent(QDropEvent(QPointF(QPoint(5, 5)), copy, data, left, plain))
    run.wait_open()


def test_keys_go_from_photo_to_photo(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 4)
    run = start(settings=QUIET)
    run.open(tmp_path)
    for key, row in ((Qt.Key.Key_D, 1), (Qt.Key.Key_Right, 2), (Qt.Key.Key_A, 1), (Qt.Key.Key_Left, 0)):
        run.key(key)
        run.wait_open(paths[row])
    run.key(Qt.Key.Key_A)
    assert run.app.cases.wanted == paths[0]
    run.key(Qt.Key.Key_Return)
    run.wait_open(paths[1])
    run.key(Qt.Key.Key_D)
    run.wait_open(paths[2])
    run.key(Qt.Key.Key_N)
    run.wait_open(paths[3])
    run.key(Qt.Key.Key_N)
    run.wait_open(paths[1])
    run.wait_idle()
    assert run.statuses()[0] is CaseStatus.REVIEWED


def test_a_failed_photo_is_told_with_its_reason_and_the_others_go_on(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 3)
    paths[1].write_bytes(b"BM no picture")
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.key(Qt.Key.Key_D)
    run.wait_idle()
    assert run.statuses()[1] is CaseStatus.FAILED
    assert not run.document.is_open
    assert "001.bmp" in run.message()
    assert run.window.photos.model.summary_at(1).note
    run.key(Qt.Key.Key_D)
    run.wait_open(paths[2])
    assert run.message() == ""


def test_a_folder_that_is_gone_leaves_the_open_one(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path / "here", 1)
    run = start(settings=QUIET)
    run.open(tmp_path / "here")
    run.app.open(tmp_path / "gone")
    run.wait_idle()
    assert "gone" in run.message()
    assert run.document.path == tmp_path / "here" / "000.bmp"


def test_a_folder_without_photos_says_so(start: Start, tmp_path: Path) -> None:
    run = start(settings=QUIET)
    run.app.open(tmp_path)
    run.wait_idle()
    assert "no photos" in run.message()
    assert run.window.workbench.empty.isVisible()


def test_many_quick_wishes_open_the_last_one_only(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 30)
    run = start(settings=QUIET)
    run.open(tmp_path)
    seen: list[Path | None] = []
    run.document.opened.connect(lambda: seen.append(run.document.path))
    for _ in range(29):
        run.key(Qt.Key.Key_D)
    run.wait_open(paths[-1])
    run.wait_idle()
    assert seen[-1] == paths[-1]
    assert run.app.cases.wanted == paths[-1]


def test_the_filter_shows_a_status_and_never_drops_work(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 4)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.key(Qt.Key.Key_R)
    run.wait_idle()
    photos = run.window.photos
    photos.head.combo.setCurrentIndex(photos.head.combo.findData("To do"))
    photos.head.combo.activated.emit(photos.head.combo.currentIndex())
    # The open photo stays in the list although it is not "to do".
    assert [photos.filter.index(row, 0).data() for row in range(photos.filter.rowCount())] == [
        p.name for p in paths
    ]
    run.key(Qt.Key.Key_D)
    run.wait_open(paths[1])
    assert photos.filter.rowCount() == 3
    run.paint()
    painted = run.mask()
    assert painted.any()
    assert run.document.status is CaseStatus.EDITED
    assert photos.current == paths[1]
    run.key(Qt.Key.Key_D)
    run.wait_open(paths[2])
    run.wait_idle()
    qtbot.waitUntil(lambda: photos.filter.rowCount() == 2)
    run.app.cases.want(paths[1])
    run.wait_open(paths[1])
    assert (run.document.mask == painted).all()


def test_a_long_chinese_name_is_shortened_in_its_middle(start: Start, tmp_path: Path) -> None:
    name = "患者舌象照片" * 12 + "_041.bmp"
    make_folder(tmp_path, names=[name])
    run = start(settings=QUIET)
    width = run.window.width()
    run.open(tmp_path)
    assert run.window.width() == width
    assert run.window.toolbar.place.text().endswith(name)
    assert not run.window.grab().isNull()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_theme_is_neutral_and_stays(start: Start, theme: str, tmp_path: Path) -> None:
    run = start(settings=QUIET)
    run.window.table[f"theme_{theme}"].trigger()
    palette = run.window.palette()
    for role in (palette.ColorRole.Window, palette.ColorRole.Base, palette.ColorRole.Highlight):
        colour = palette.color(role)
        assert colour.red() == colour.green() == colour.blue()
    assert (palette.color(palette.ColorRole.Window).lightness() < 128) == (theme == "dark")
    run.shutdown()
    assert start().app.settings.theme == theme


def test_panels_fold_by_tab_on_the_photo_and_come_back(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    canvas = run.window.workbench.canvas
    canvas.setFocus()
    run.key(Qt.Key.Key_Tab, widget=canvas)
    assert not run.window.photos.isVisible()
    assert not run.window.inspector.isVisible()
    run.key(Qt.Key.Key_Tab, widget=canvas)
    assert run.window.photos.isVisible()


def test_samples_open_from_a_copy(start: Start, user_home: Path) -> None:
    run = start(models=BrightSource(), settings=QUIET)
    run.window.table["open_samples"].trigger()
    run.wait_open()
    assert run.document.path is not None
    assert run.document.path.is_relative_to(user_home)
