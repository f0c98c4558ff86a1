"""Going through a folder while filters, searches and orders change: nothing is dropped, nothing is left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.window_driver import LEFT, PLAIN, Driver, make_folder
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.settings import Settings
from tongue_viewer.storage.case_store import CaseStore

Start = Callable[..., Driver]
QUIET = Settings(predict_ahead=False, patient_pattern=r"^(?P<patient>P\d)")
NAMES = ("P1_a.bmp", "P1_b.bmp", "P2_a.bmp", "P2_b.bmp", "P3_a.bmp", "P3_b.bmp")


def choose(run: Driver, *, status: str = "All", order: str = "In the folder's order", text: str = "") -> None:
    head = run.window.photos.head
    head.combo.setCurrentIndex(head.combo.findData(status))
    head.combo.activated.emit(head.combo.currentIndex())
    head.order.setCurrentIndex(head.order.findData(order))
    head.order.activated.emit(head.order.currentIndex())
    head.search.setText(text)


CHOICES: tuple[dict[str, str], ...] = (
    {},
    {"status": "To do"},
    {"status": "Reviewed", "text": "p2"},
    {"order": "By patient and visit", "text": "nothing like it"},
    {"order": "Changed last first", "status": "To do"},
    {"order": "By name, letter by letter", "status": "Flagged"},
)


@pytest.mark.parametrize("choice", CHOICES)
def test_accept_and_next_reaches_every_unfinished_photo_once(
    start: Start, tmp_path: Path, choice: dict[str, str]
) -> None:
    paths = make_folder(tmp_path, names=NAMES)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.key(Qt.Key.Key_G)  # a flag is set aside: it is no more among what is left to do
    run.window.workbench.canvas.setFocus()
    run.key(Qt.Key.Key_N)
    run.wait_open(paths[1])
    choose(run, **choice)
    walked = []
    for _ in range(5):
        opened = run.document.path
        assert opened is not None
        walked.append(opened)
        run.window.table["accept_next"].trigger()
        run.wait_idle()
        if run.app.cases.wanted != opened:
            run.wait_open(run.app.cases.wanted)
    assert walked == paths[1:]
    assert "No other photo is left" in run.message()
    assert run.statuses() == [CaseStatus.FLAGGED] + [CaseStatus.REVIEWED] * 5


def test_a_stroke_in_hand_lives_through_every_filter_search_and_order(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, names=NAMES)
    run = start(settings=QUIET)
    run.open(tmp_path)
    pane = run.window.workbench.canvas.mask_pane
    middle = QPoint(pane.width() // 2, pane.height() // 2)
    QTest.mousePress(pane, LEFT, PLAIN, middle)
    for choice in CHOICES:
        QTest.mouseMove(pane, middle + QPoint(5, 5 * (1 + CHOICES.index(choice))))
        choose(run, **choice)
        assert run.document.stroke_in_hand
        assert run.document.path == paths[0]
    painted = run.mask()
    assert painted.any()
    QTest.mouseRelease(pane, LEFT, PLAIN, middle + QPoint(5, 30))
    assert run.document.status is CaseStatus.EDITED
    assert (run.mask() >= painted).all()
    run.wait_idle()
    with CaseStore.open(tmp_path, read_only=True) as store:
        assert (store.stored_case(run.document.case_id).mask == run.mask()).all()


def test_what_waits_for_the_disk_arrives_whatever_is_chosen_meanwhile(
    start: Start, tmp_path: Path, qtbot: QtBot
) -> None:
    paths = make_folder(tmp_path, names=NAMES)
    run = start(settings=QUIET)
    run.open(tmp_path)
    masks = {}
    for path, choice in zip(paths, CHOICES, strict=True):
        run.app.cases.want(path)
        run.wait_open(path)
        run.paint(dx=20 + 3 * paths.index(path))
        masks[path.name] = run.mask()
        choose(run, **choice)  # the stroke is on its way to the disk
        run.window.table["next_to_do"].trigger()
    run.wait_idle()
    with CaseStore.open(tmp_path, read_only=True) as store:
        stored = {case.name: case.mask for case in store.stored("edited")}
    assert stored.keys() == masks.keys()
    assert all((stored[name] == mask).all() for name, mask in masks.items())


def test_ctrl_f_finds_the_search_even_with_folded_panels(start: Start, tmp_path: Path, qtbot: QtBot) -> None:
    paths = make_folder(tmp_path, names=NAMES)
    run = start(settings=QUIET)
    assert not run.window.table["search"].isEnabled()
    run.open(tmp_path)
    run.window.activateWindow()
    run.window.table["panels"].setChecked(False)
    run.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    search = run.window.photos.head.search
    qtbot.waitUntil(search.hasFocus)
    QTest.keyClicks(search, "p3 a")
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert run.document.path == paths[0]  # Enter accepted nothing
    assert run.document.status is CaseStatus.TO_DO
    qtbot.waitUntil(run.window.photos.view.hasFocus)
    run.key(Qt.Key.Key_D, widget=run.window.photos.view)
    run.wait_open(paths[4])
