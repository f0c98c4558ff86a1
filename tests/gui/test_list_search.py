"""Searching, filtering and sorting the list, with the open photo always in it."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tongue_viewer.core.case_list import UNFINISHED
from tongue_viewer.core.cases import CaseStatus, CaseSummary
from tongue_viewer.ui.list_head import FILTERS, ORDERS
from tongue_viewer.ui.photo_delegate import ROW_HEIGHT
from tongue_viewer.ui.photo_list import PhotoList

PATTERN = r"^(?P<patient>P\d+)_(?P<visit>V\d+)"
STATUSES = list(CaseStatus)


def mixed(count: int = 24) -> list[CaseSummary]:
    return [
        CaseSummary(
            Path(f"P{n % 5}_V{n % 3}_{n:03d}.bmp"),
            str(n),
            STATUSES[n % len(STATUSES)],
            note="ask Wang" if STATUSES[n % len(STATUSES)] is CaseStatus.FLAGGED else "",
            changed=float(n * 7 % 11),
            quality=None if n % 4 == 0 else 0.9 + (n * 13 % 10) / 100,
        )
        for n in range(count)
    ]


@pytest.fixture
def photos(qtbot: QtBot) -> PhotoList:
    widget = PhotoList()
    qtbot.addWidget(widget)
    widget.resize(256, 600)
    widget.show()
    return widget


def shown(photos: PhotoList) -> list[str]:
    return [photos.lines.index(row, 0).data() for row in range(photos.lines.rowCount())]


def choose_filter(photos: PhotoList, word: str) -> None:
    photos.head.combo.setCurrentIndex(photos.head.combo.findData(word))
    photos.head.combo.activated.emit(photos.head.combo.currentIndex())


def choose_order(photos: PhotoList, word: str) -> None:
    photos.head.order.setCurrentIndex(photos.head.order.findData(word))
    photos.head.order.activated.emit(photos.head.order.currentIndex())


def test_words_are_looked_for_in_name_patient_visit_and_note(photos: PhotoList) -> None:
    photos.set_pattern(PATTERN)
    photos.set_summaries(mixed())
    QTest.keyClicks(photos.head.search, "p1 v1")
    assert shown(photos) == ["P1_V1_001.bmp", "P1_V1_016.bmp"]
    assert photos.head.found.text() == "2 photos are found"
    photos.head.search.setText("WANG")
    assert shown(photos) == [s.path.name for s in mixed() if s.status is CaseStatus.FLAGGED]
    choose_filter(photos, "Reviewed")
    assert shown(photos) == []
    assert photos.head.found.text() == "No photos are found"
    assert photos.head.combo.itemText(0) == "All · 24"


def test_a_note_that_changes_is_found_at_once(photos: PhotoList) -> None:
    rows = mixed()
    photos.set_summaries(rows)
    photos.head.search.setText("root")
    assert shown(photos) == []
    photos.model.update_summary(replace(rows[3], note="the root is hidden"))
    assert shown(photos) == [rows[3].path.name]
    photos.model.update_summary(rows[3])
    assert shown(photos) == []


def test_the_open_photo_stays_whatever_is_typed(photos: PhotoList) -> None:
    rows = mixed()
    photos.set_summaries(rows)
    photos.set_current(rows[7].path)
    asked: list[Path] = []
    photos.photo_requested.connect(asked.append)
    for text in ("n", "no", "nothing like it", "", "00", "0"):
        photos.head.search.setText(text)
        assert rows[7].path.name in shown(photos)
        assert photos.view.currentIndex().data() == rows[7].path.name
    photos.head.search.setText("nothing like it")
    assert photos.head.found.text() == "No photos are found"
    assert asked == []


def test_going_on_under_a_filter_asks_for_nothing_else(photos: PhotoList) -> None:
    """The line that was kept goes away under Qt's current line; Qt's next choice is no person's wish."""
    rows = mixed()
    photos.set_summaries(rows)
    photos.set_current(rows[0].path)
    choose_filter(photos, "Reviewed")
    asked: list[Path] = []
    photos.photo_requested.connect(asked.append)
    photos.set_current(rows[21].path)
    assert shown(photos) == [s.path.name for s in rows if s.status is CaseStatus.REVIEWED]
    assert photos.view.currentIndex().data() == rows[21].path.name
    assert asked == []


def test_escape_clears_and_enter_keeps_and_both_go_back_to_the_list(photos: PhotoList, qtbot: QtBot) -> None:
    photos.activateWindow()
    photos.set_summaries(mixed())
    photos.head.start_search()
    QTest.keyClicks(photos.head.search, "P1")
    QTest.keyClick(photos.head.search, Qt.Key.Key_Return)
    assert photos.head.search.text() == "P1"
    qtbot.waitUntil(photos.view.hasFocus)
    photos.head.start_search()
    QTest.keyClick(photos.head.search, Qt.Key.Key_Escape)
    assert photos.head.search.text() == ""
    assert photos.lines.rowCount() == 24
    qtbot.waitUntil(photos.view.hasFocus)


def test_letters_enter_and_arrows_belong_to_the_field(photos: PhotoList) -> None:
    plain = Qt.KeyboardModifier.NoModifier
    keys = ((Qt.Key.Key_A, "a"), (Qt.Key.Key_Return, "\r"), (Qt.Key.Key_Left, ""), (Qt.Key.Key_Escape, ""))
    for key, text in keys:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, plain, text)
        event.ignore()
        QApplication.sendEvent(photos.head.search, event)
        assert event.isAccepted(), key


def test_uncertain_ones_are_counted_and_leave_when_they_are_reviewed(photos: PhotoList) -> None:
    rows = mixed()
    photos.set_summaries(rows)
    expected = [s for s in rows if s.quality is not None and s.quality < 0.98 and s.status in UNFINISHED]
    assert 1 < len(expected) < len(rows)
    entry = photos.head.combo.findData("Uncertain")
    assert photos.head.combo.itemText(entry) == f"Uncertain · {len(expected)}"
    choose_filter(photos, "Uncertain")
    assert shown(photos) == [s.path.name for s in expected]
    photos.model.update_summary(replace(expected[0], status=CaseStatus.REVIEWED))
    assert shown(photos) == [s.path.name for s in expected[1:]]
    assert photos.head.combo.itemText(entry) == f"Uncertain · {len(expected) - 1}"
    photos.model.update_summary(replace(expected[1], quality=0.99))
    assert photos.head.combo.itemText(entry) == f"Uncertain · {len(expected) - 2}"


def test_the_order_by_date_is_made_when_it_is_chosen_and_holds_still(photos: PhotoList) -> None:
    rows = [CaseSummary(Path(f"{n}.bmp"), str(n), changed=changed) for n, changed in enumerate((5, 0, 9, 7))]
    photos.set_summaries(rows)
    choose_order(photos, "Changed last first")
    assert shown(photos) == ["2.bmp", "3.bmp", "0.bmp", "1.bmp"]
    photos.model.update_summary(replace(rows[0], changed=99.0))
    assert shown(photos) == ["2.bmp", "3.bmp", "0.bmp", "1.bmp"]
    choose_order(photos, "Changed last first")
    assert shown(photos) == ["0.bmp", "2.bmp", "3.bmp", "1.bmp"]


def test_the_order_by_patient_is_offered_with_a_pattern_only(photos: PhotoList) -> None:
    photos.set_summaries(mixed(6))
    assert photos.head.order.findData("By patient and visit") < 0
    photos.set_pattern(PATTERN)
    choose_order(photos, "By patient and visit")
    assert shown(photos)[:3] == ["P0_V0_000.bmp", "P0_V2_005.bmp", "P1_V1_001.bmp"]
    photos.set_pattern("")
    assert photos.head.order.currentText() == "In the folder's order"
    assert shown(photos)[0] == "P0_V0_000.bmp"
    assert shown(photos)[1] == "P1_V1_001.bmp"


def test_a_line_tells_all_that_is_known(photos: PhotoList) -> None:
    photos.set_pattern(PATTERN)
    summary = CaseSummary(
        Path("P1_V2.bmp"), "a", CaseStatus.REVIEWED, quality=0.97, reviewed_by="Dr. Li", note="good"
    )
    photos.set_summaries([summary])
    tip = photos.lines.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    for words in ("P1_V2.bmp", "Reviewed by Dr. Li", "Patient P1", "Visit V2", "expected Dice 0.970", "good"):
        assert words in tip.split("\n") or words in tip


@pytest.mark.parametrize("text", ["", "p1", "nothing like it"])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("word", FILTERS)
def test_next_to_do_reaches_every_unfinished_photo_once_in_the_lists_order(
    photos: PhotoList, word: str, order: str, text: str
) -> None:
    """Hidden ones too: what is left to do does not depend on what is shown."""
    rows = mixed()
    photos.set_pattern(PATTERN)
    photos.set_summaries(rows)
    choose_order(photos, order)
    expected = [s.path for s in (photos.model.summary_at(r) for r in photos.filter.others(None))]
    expected = [
        path for path in expected if photos.model.summary_at(photos.model.row_of(path)).status in UNFINISHED
    ]
    choose_filter(photos, word)
    photos.head.search.setText(text)
    photos.set_current(expected[2])
    walked = [expected[2]]
    while (path := photos.next_to_do()) is not None:
        before = photos.model.summary_at(photos.model.row_of(walked[-1]))
        photos.set_current(
            path
        )  # as "accept and next" does: the review is told while the next one is on its way
        photos.model.update_summary(replace(before, status=CaseStatus.REVIEWED, changed=1e9))
        assert path.name in shown(photos)
        walked.append(path)
        assert len(walked) <= len(rows)
    assert walked == expected[2:] + expected[:2]


def test_the_current_line_is_followed_when_a_prediction_moves_it(photos: PhotoList, qtbot: QtBot) -> None:
    rows = [CaseSummary(Path(f"{n:03d}.bmp"), str(n), quality=0.9 + n / 1e4) for n in range(200)]
    rows[150] = replace(rows[150], quality=None)
    photos.set_summaries(rows)
    choose_order(photos, "Needs correction first")
    photos.set_current(rows[150].path)
    bar = photos.view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > 0)
    photos.model.update_summary(replace(rows[150], quality=0.1))
    assert photos.view.currentIndex().row() == 0
    visible = photos.view.viewport().rect()
    qtbot.waitUntil(lambda: visible.contains(photos.view.visualRect(photos.view.currentIndex())))


def test_the_current_line_keeps_its_place_while_others_move(photos: PhotoList, qtbot: QtBot) -> None:
    rows = [CaseSummary(Path(f"{n:03d}.bmp"), str(n), quality=0.9 + n / 1e4) for n in range(200)]
    photos.set_summaries(rows)
    choose_order(photos, "Needs correction first")
    photos.set_current(rows[100].path)
    bar = photos.view.verticalScrollBar()
    bar.setValue(98 * ROW_HEIGHT)
    top = photos.view.visualRect(photos.view.currentIndex()).top()
    for n in range(150, 160):
        photos.model.update_summary(replace(rows[n], quality=0.1))
    qtbot.waitUntil(lambda: bar.value() == 108 * ROW_HEIGHT)
    assert photos.view.visualRect(photos.view.currentIndex()).top() == top
    bar.setValue(0)  # the person looks elsewhere
    photos.model.update_summary(replace(rows[170], quality=0.1))
    qtbot.waitUntil(lambda: not photos._steady._later.isActive())
    assert bar.value() == 0


def test_qt_finds_no_fault_in_the_lines(photos: PhotoList, qtbot: QtBot) -> None:
    tester = QAbstractItemModelTester(photos.filter, QAbstractItemModelTester.FailureReportingMode.Fatal)
    rows = mixed()
    photos.set_summaries(rows)
    photos.set_current(rows[3].path)
    choose_order(photos, "Needs correction first")
    choose_filter(photos, "Predicted")
    for n, summary in enumerate(rows):
        quality, status = (n * 7 % 10) / 10, STATUSES[(n + 1) % len(STATUSES)]
        photos.model.update_summary(replace(summary, quality=quality, status=status))
    choose_filter(photos, "All")
    names = [photos.filter.index(row).data() for row in range(photos.filter.rowCount())]
    assert sorted(names) == sorted(s.path.name for s in rows)
    assert shown(photos) == names
    qualities = [photos.model.summary_at(r).quality for r in photos.filter.others(None)]
    assert qualities == sorted(q for q in qualities if q is not None)
    assert photos.filter.data(QModelIndex()) is None
    tester.deleteLater()


def test_ten_thousand_lines_are_sorted_and_searched_at_once(photos: PhotoList) -> None:
    rows = [
        CaseSummary(Path(f"P{n:05d}_V1.bmp"), str(n), quality=(n * 7919 % 10_007) / 10_007)
        for n in range(10_000)
    ]
    photos.set_summaries(rows)
    photos.set_current(rows[5000].path)
    begin = time.perf_counter()
    choose_order(photos, "Needs correction first")
    photos.head.search.setText("p0123")
    assert time.perf_counter() - begin < 0.5  # 0.05 s on two cores; `QSortFilterProxyModel` alone took 0.44 s
    assert len(shown(photos)) == 11
