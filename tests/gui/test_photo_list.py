"""The list alone: thousands of lines, small pictures only for what is seen, the filter."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QModelIndex, QObject, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget
from pytestqt.qtbot import QtBot

from tongue_viewer.core.case_list import CaseFilter
from tongue_viewer.core.cases import CaseStatus, CaseSummary
from tongue_viewer.ui.photo_list import PhotoList
from tongue_viewer.ui.photo_model import THUMBNAILS_KEPT, PhotoModel
from tongue_viewer.ui.status_mark import MARK_SIZE, paint_status_mark
from tongue_viewer.ui.theme import DARK, LIGHT, Greys, make_palette, status_colour

STATUSES = list(CaseStatus)


def summaries(count: int) -> list[CaseSummary]:
    return [CaseSummary(Path(f"{n:05d}.bmp"), str(n), STATUSES[n % len(STATUSES)]) for n in range(count)]


def shown(photos: PhotoList) -> list[str]:
    return [photos.filter.index(row, 0).data() for row in range(photos.filter.rowCount())]


@pytest.fixture
def photos(qtbot: QtBot) -> PhotoList:
    widget = PhotoList()
    qtbot.addWidget(widget)
    widget.resize(232, 600)
    widget.show()
    return widget


def test_ten_thousand_lines_are_there_at_once_and_ask_for_few_pictures(
    photos: PhotoList, qtbot: QtBot
) -> None:
    begin = time.perf_counter()
    with qtbot.waitSignal(photos.thumbnails_requested) as asked:
        photos.set_summaries(summaries(10_000))
        photos.set_current(Path("00000.bmp"))
    assert time.perf_counter() - begin < 2
    assert asked.args is not None
    assert 8 <= len(asked.args[0]) <= 40
    assert asked.args[0][0] == Path("00000.bmp")
    with qtbot.waitSignal(photos.thumbnails_requested) as asked:
        photos.set_current(Path("07000.bmp"))
    assert asked.args is not None
    assert Path("07000.bmp") in asked.args[0]
    assert Path("00000.bmp") not in asked.args[0]


def test_a_picture_is_asked_for_once_and_old_ones_are_given_up(qtbot: QtBot) -> None:
    model = PhotoModel()
    model.set_summaries(summaries(THUMBNAILS_KEPT + 10))
    rgb = np.zeros((6, 8, 3), np.uint8)
    for summary in model.summaries:
        assert model.lacks_thumbnail(summary.path)
        model.set_thumbnail(summary.path, rgb)
    assert model.lacks_thumbnail(Path("00000.bmp"))
    assert not model.lacks_thumbnail(model.summaries[-1].path)
    model.set_thumbnail(Path("00000.bmp"), None)
    assert not model.lacks_thumbnail(Path("00000.bmp"))
    model.set_thumbnail(Path("other folder.bmp"), rgb)


class Painted(QObject):
    """What parts of a widget are painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.regions: list[QRect] = []
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if isinstance(event, QPaintEvent):
            self.regions.append(event.region().boundingRect())
        return super().eventFilter(watched, event)


def test_a_change_paints_its_own_line_only(photos: PhotoList, qtbot: QtBot) -> None:
    photos.set_summaries(summaries(100))
    viewport = photos.view.viewport()
    painted = Painted(viewport)
    qtbot.waitUntil(lambda: len(painted.regions) > 0)
    third = photos.view.visualRect(photos.lines.index(2, 0))
    changes: list[Callable[[], None]] = [
        lambda: photos.model.set_thumbnail(Path("00002.bmp"), np.full((6, 8, 3), 200, np.uint8)),
        lambda: photos.model.update_summary(replace(photos.model.summary_at(2), status=CaseStatus.REVIEWED)),
    ]
    for change in changes:
        before = viewport.grab().toImage()
        painted.regions.clear()
        change()
        qtbot.waitUntil(lambda: len(painted.regions) > 0)
        assert painted.regions == [third]
        assert viewport.grab().toImage() != before


def test_the_filter_counts_and_keeps_the_current_photo(photos: PhotoList) -> None:
    rows = summaries(12)
    photos.set_summaries(rows)
    assert photos.head.combo.itemText(photos.head.combo.findData("Flagged")) == "Flagged · 2"
    photos.set_current(rows[4].path)  # flagged
    photos.filter.show_cases(CaseFilter(frozenset({CaseStatus.FLAGGED})))
    assert shown(photos) == ["00004.bmp", "00010.bmp"]
    photos.model.update_summary(replace(rows[4], status=CaseStatus.REVIEWED))
    assert shown(photos) == ["00004.bmp", "00010.bmp"]
    assert photos.neighbour(1) == rows[10].path
    photos.set_current(rows[10].path)
    assert shown(photos) == ["00010.bmp"]
    assert photos.head.combo.itemText(photos.head.combo.findData("Flagged")) == "Flagged · 1"


def test_a_filter_never_opens_another_photo_by_itself(photos: PhotoList) -> None:
    rows = summaries(12)
    photos.set_summaries(rows)
    photos.set_current(rows[0].path)
    asked: list[Path] = []
    photos.photo_requested.connect(asked.append)
    for row in (*range(photos.head.combo.count()), 0):
        photos.head.combo.setCurrentIndex(row)
        photos.head.combo.activated.emit(row)
        assert photos.view.currentIndex().data() == "00000.bmp"
    photos.model.update_summary(replace(rows[0], status=CaseStatus.REVIEWED))
    assert asked == []
    photos.view.setCurrentIndex(photos.lines.index(1, 0))
    assert len(asked) == 1


def test_next_to_do_goes_round_and_ends(photos: PhotoList) -> None:
    rows = [replace(s, status=CaseStatus.REVIEWED) for s in summaries(5)]
    rows[1] = replace(rows[1], status=CaseStatus.EDITED)
    rows[3] = replace(rows[3], status=CaseStatus.TO_DO)
    photos.set_summaries(rows)
    photos.set_current(rows[3].path)
    assert photos.next_to_do() == rows[1].path
    photos.model.update_summary(replace(rows[1], status=CaseStatus.FLAGGED))
    assert photos.next_to_do() is None
    assert photos.following(rows[3].path, 3) == (rows[4].path,)


def rated(*qualities: float | None) -> list[CaseSummary]:
    return [
        CaseSummary(Path(f"{n}.bmp"), str(n), CaseStatus.PREDICTED, quality=quality)
        for n, quality in enumerate(qualities)
    ]


def choose_order(photos: PhotoList, word: str) -> None:
    photos.head.order.setCurrentIndex(photos.head.order.findData(word))
    photos.head.order.activated.emit(photos.head.order.currentIndex())


def test_what_needs_correction_can_stand_first(photos: PhotoList) -> None:
    rows = rated(0.99, None, 0.80, 0.95)
    photos.set_summaries(rows)
    photos.set_current(rows[3].path)
    asked: list[Path] = []
    photos.photo_requested.connect(asked.append)
    choose_order(photos, "Needs correction first")
    assert shown(photos) == ["2.bmp", "3.bmp", "0.bmp", "1.bmp"]
    assert photos.view.currentIndex().data() == "3.bmp"
    assert (photos.neighbour(-1), photos.neighbour(1)) == (rows[2].path, rows[0].path)
    assert photos.following(rows[3].path, 5) == (rows[0].path, rows[1].path)
    assert photos.next_to_do() == rows[0].path
    choose_order(photos, "In the folder's order")
    assert shown(photos) == ["0.bmp", "1.bmp", "2.bmp", "3.bmp"]
    assert photos.view.currentIndex().data() == "3.bmp"
    assert asked == []


def test_a_review_moves_no_line_and_a_new_prediction_only_its_own(photos: PhotoList) -> None:
    rows = rated(0.99, None, 0.80, 0.95)
    photos.set_summaries(rows)
    photos.set_current(rows[2].path)
    choose_order(photos, "Needs correction first")
    asked: list[Path] = []
    photos.photo_requested.connect(asked.append)
    photos.model.update_summary(replace(rows[2], status=CaseStatus.REVIEWED))
    assert shown(photos) == ["2.bmp", "3.bmp", "0.bmp", "1.bmp"]
    photos.model.update_summary(replace(rows[1], quality=0.5))
    assert shown(photos) == ["1.bmp", "2.bmp", "3.bmp", "0.bmp"]
    assert photos.view.currentIndex().data() == "2.bmp"
    assert asked == []
    photos.set_summaries(rated(0.9, 0.1))
    assert (shown(photos), photos.head.order.currentIndex()) == (["0.bmp", "1.bmp"], 0)


def test_the_order_holds_under_a_filter(photos: PhotoList) -> None:
    rows = rated(0.99, 0.7, 0.80, 0.95)
    rows[1] = replace(rows[1], status=CaseStatus.REVIEWED)
    photos.set_summaries(rows)
    choose_order(photos, "Needs correction first")
    photos.filter.show_cases(CaseFilter(frozenset({CaseStatus.PREDICTED})))
    assert shown(photos) == ["2.bmp", "3.bmp", "0.bmp"]
    assert "expected Dice 0.800" in photos.filter.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_a_line_says_its_status_to_screen_readers(photos: PhotoList) -> None:
    photos.set_summaries([CaseSummary(Path("a.bmp"), "a", CaseStatus.FAILED, "The file is empty.")])
    index = photos.filter.index(0, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "a.bmp, Failed, The file is empty."
    assert "The file is empty." in index.data(Qt.ItemDataRole.ToolTipRole)


@pytest.mark.parametrize("levels", [DARK, LIGHT], ids=["dark", "light"])
def test_every_status_has_a_shape_of_its_own_that_is_well_seen(levels: Greys, qtbot: QtBot) -> None:
    palette = make_palette(levels)
    shapes = set()
    for status in CaseStatus:
        colour = status_colour(status, palette)
        contrast = _contrast((colour.redF(), colour.greenF(), colour.blueF()), (levels.base / 255,) * 3)
        assert contrast >= 4.5, (status, contrast)
        image = QImage(int(MARK_SIZE), int(MARK_SIZE), QImage.Format.Format_Grayscale8)
        image.fill(0)
        painter = QPainter(image)
        paint_status_mark(painter, QPointF(0, 0), status, QColor(255, 255, 255))
        painter.end()
        shapes.add(bytes(image.constBits()))
    assert len(shapes) == len(CaseStatus)


def test_a_line_is_painted_quickly(photos: PhotoList) -> None:
    photos.set_summaries(summaries(50))
    option = QStyleOptionViewItem()
    delegate = photos.view.itemDelegate()
    photos.view.initViewItemOption(option)
    option.rect = photos.view.visualRect(photos.lines.index(0, 0))
    image = QImage(300, 80, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    begin = time.perf_counter()
    for row in range(50):
        delegate.paint(painter, option, photos.lines.index(row, 0))
    painter.end()
    assert time.perf_counter() - begin < 1
    assert photos.model.data(QModelIndex()) is None


def _contrast(one: tuple[float, ...], two: tuple[float, ...]) -> float:
    """WCAG 2 contrast of two sRGB colours in 0..1."""

    def luminance(colour: tuple[float, ...]) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
