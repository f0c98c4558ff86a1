"""Export from the window: the files hold the mask bit for bit, also of the last stroke."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.window_driver import Driver, exported, make_folder
from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.events import JobEvent
from tongue_viewer.core.exports import ExportPlan
from tongue_viewer.core.settings import Settings
from tongue_viewer.ui.dialogs.export_dialog import ExportDialog, ExportRequest
from tongue_viewer.ui.dialogs.result_dialog import ResultDialog

Start = Callable[..., Driver]
QUIET = Settings(predict_ahead=False)


def dialog_of(run: Driver, action: str) -> ExportDialog:
    run.window.table[action].trigger()
    dialog = run.window.findChild(ExportDialog)
    assert isinstance(dialog, ExportDialog)
    return dialog


def test_the_exported_masks_equal_the_shown_ones_bit_for_bit(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    paths = make_folder(tmp_path / "photos", 3)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    run.window.table["predict_folder"].trigger()
    qtbot.waitUntil(lambda: run.window.messages.word == "predicted")
    run.app.cases.want(paths[1])
    run.wait_open(paths[1])
    disk = threading.Event()

    def slow_disk(token: CancelToken) -> Iterator[JobEvent]:
        disk.wait(30)
        yield from ()

    run.app.cases.runner.submit(slow_disk)
    run.paint(dy=-25)
    last_stroke = run.mask()
    dialog = dialog_of(run, "export_folder")
    dialog.folder.setText(str(tmp_path / "out"))
    dialog.export_button.click()  # the stroke is still on its way to the disk, so the export waits
    assert run.app.exports.runner.idle
    disk.set()
    qtbot.waitUntil(lambda: "exported" in run.message())
    assert run.message() == f"3 photos exported to {tmp_path / 'out'}."
    assert np.array_equal(exported(tmp_path / "out" / "001.bmp"), last_stroke)
    for path in (paths[0], paths[2]):
        run.app.cases.want(path)
        run.wait_open(path)
        assert run.document.mask.any()
        assert np.array_equal(exported(tmp_path / "out" / path.name), run.document.mask)


def test_this_photo_alone_as_png_with_zero_and_one(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    make_folder(tmp_path / "photos", 2)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    run.paint()
    dialog = dialog_of(run, "export_photo")
    assert "000.bmp" in dialog.only.currentText()
    dialog.images.setCurrentIndex(dialog.images.findData("png"))
    dialog.values.setCurrentIndex(dialog.values.findData("0/1"))
    assert "black" in dialog.explanation.text()
    dialog.folder.setText(str(tmp_path / "out"))
    dialog.export_button.click()
    qtbot.waitUntil(lambda: "exported" in run.message())
    assert [p.name for p in sorted((tmp_path / "out").iterdir())] == ["000.png"]
    assert np.array_equal(exported(tmp_path / "out" / "000.png") > 0, run.document.mask > 0)


def test_failed_files_stand_in_a_table_and_the_others_are_written(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    paths = make_folder(tmp_path / "photos", 3)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    run.window.table["predict_folder"].trigger()
    qtbot.waitUntil(lambda: run.window.messages.word == "predicted")
    out = tmp_path / "out"
    out.mkdir()
    (out / "001.bmp").write_bytes(b"the person's own file")
    run.app.exports.start(ExportRequest(ExportPlan(), out, "all"), paths[0].parent, None)
    qtbot.waitUntil(lambda: "exported" in run.message())
    assert run.message() == f"2 photos exported to {out}; 1 failed."
    assert (out / "001.bmp").read_bytes() == b"the person's own file"
    run.window.messages.button.click()
    table = run.window.findChild(ResultDialog)
    assert isinstance(table, ResultDialog)
    item = table.table.item(0, 0)
    assert item is not None
    assert item.text() == "001.bmp"
    table.close()


def test_photos_without_a_mask_are_counted_and_are_no_failure(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    make_folder(tmp_path / "photos", 3)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    run.paint()
    run.app.exports.start(ExportRequest(ExportPlan(), tmp_path / "out", "all"), tmp_path / "photos", None)
    qtbot.waitUntil(lambda: "exported" in run.message())
    assert run.message() == f"1 photo exported to {tmp_path / 'out'}; 2 without a mask."
    assert not run.window.messages.button.isVisible()


def test_painting_goes_on_during_an_export(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    make_folder(tmp_path / "photos", 30)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    run.window.table["predict_folder"].trigger()
    qtbot.waitUntil(lambda: run.window.messages.word == "predicted")
    plan = ExportPlan(formats=("mask", "overlay", "cutout"))
    run.app.exports.start(ExportRequest(plan, tmp_path / "out", "all"), tmp_path / "photos", None)
    run.paint()
    qtbot.waitUntil(lambda: run.app.cases.saves.waiting == 0)
    assert run.statuses()[0] is CaseStatus.EDITED
    qtbot.waitUntil(lambda: "exported" in run.message())
    assert "30 photos" in run.message()


def test_a_dialog_without_a_choice_cannot_export(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path / "photos", 1)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    dialog = dialog_of(run, "export_folder")
    assert dialog.export_button.isEnabled()
    dialog.formats["mask"].setChecked(False)
    assert not dialog.export_button.isEnabled()
    dialog.formats["overlay"].setChecked(True)
    dialog.folder.setText("  ")
    assert not dialog.export_button.isEnabled()
    dialog.reject()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_after_any_sequence_of_tools_the_export_is_what_the_screen_shows(
    start: Start, qtbot: QtBot, tmp_path: Path, seed: int
) -> None:
    paths = make_folder(tmp_path / "photos", 1)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    rng = np.random.default_rng(seed)
    pane = run.window.workbench.canvas.mask_pane
    tools = ("brush", "eraser", "lasso", "polygon", "rectangle", "ellipse", "wand", "fill", "rope", "click")
    for _ in range(14):
        run.window.table[str(rng.choice(tools))].trigger()
        points = [
            QPoint(*(int(v) for v in rng.uniform(0.2, 0.8, 2) * (pane.width(), pane.height())))
            for _ in range(4)
        ]
        button = (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)[int(rng.integers(2))]
        QTest.mousePress(pane, button, Qt.KeyboardModifier.NoModifier, points[0])
        for point in points[1:]:
            QTest.mouseMove(pane, point)
        QTest.mouseRelease(pane, button, Qt.KeyboardModifier.NoModifier, points[-1])
        tool = run.window.workbench.canvas.tool
        if tool is not None and tool.busy:
            QTest.keyClick(pane, (Qt.Key.Key_Return, Qt.Key.Key_Escape)[int(rng.integers(2))])
        run.window.table[str(rng.choice(("undo", "redo", "fill_holes", "keep_largest", "invert")))].trigger()
    shown = run.mask()
    dialog = dialog_of(run, "export_folder")
    dialog.folder.setText(str(tmp_path / "out"))
    dialog.export_button.click()
    qtbot.waitUntil((tmp_path / "out" / paths[0].name).exists)
    assert np.array_equal(exported(tmp_path / "out" / paths[0].name), shown)
