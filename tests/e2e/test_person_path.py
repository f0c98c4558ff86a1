"""One person's whole job, by mouse and keyboard: open, mask, correct, come back, restart, export."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tongue_viewer.app.application import TongueViewerApp
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.metrics import agreement
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.storage.locations import samples_folder
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photos import read_photo
from tongue_viewer.ui.dialogs.export_dialog import ExportDialog

NAMES = ("s03_crop_red_tip", "s08_phone_small", "舌象_示例")
LONG_MS = 60_000


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of three sample photos as BMP."""
    folder = tmp_path / "诊室 photos"
    folder.mkdir()
    for name in NAMES:
        shutil.copyfile(samples_folder() / f"{name}.bmp", folder / f"{name}.bmp")
    return folder


@contextmanager
def started(qtbot: QtBot, qapp: QApplication, folder: Path) -> Iterator[TongueViewerApp]:
    """The program from its start to its end, as the person closes it."""
    app = TongueViewerApp(qapp)
    app.window.resize(1280, 800)
    app.window.show()
    qtbot.waitExposed(app.window)
    app.open(folder)
    try:
        yield app
    finally:
        app.window.close()
        qtbot.waitUntil(lambda: not app.window.isVisible(), timeout=LONG_MS)
        app.shutdown()
        app.window.deleteLater()


def shows(app: TongueViewerApp, name: str) -> bool:
    return app.document.is_open and app.document.path is not None and app.document.path.stem == name


def wait_for(qtbot: QtBot, app: TongueViewerApp, name: str) -> None:
    """The photo is open and the model has said what it thinks of it."""
    qtbot.waitUntil(lambda: shows(app, name) and app.document.prediction is not None, timeout=LONG_MS)


def stroke(
    app: TongueViewerApp, start: tuple[int, int], end: tuple[int, int], button: Qt.MouseButton
) -> None:
    """Press, move and release on the mask pane, from one point (x, y) of the photo to another."""
    canvas = app.window.workbench.canvas
    pane, size = canvas.mask_pane, canvas.mask_pane.device_size
    places = []
    for part in range(9):
        x = start[0] + (end[0] - start[0]) * part / 8
        y = start[1] + (end[1] - start[1]) * part / 8
        places.append(QPointF(*canvas.transform.to_pane(x, y, size)).toPoint())
    QTest.mousePress(pane, button, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(pane, place)
    QTest.mouseRelease(pane, button, pos=places[-1])


def press(
    app: TongueViewerApp, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    QTest.keyClick(app.window.workbench.canvas.mask_pane, key, modifier)


def mask_of(app: TongueViewerApp) -> MaskArray:
    return np.array(app.document.mask)


@pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
def test_open_correct_return_restart_export(
    qtbot: QtBot, qapp: QApplication, photos: Path, tmp_path: Path
) -> None:
    originals = {path: path.read_bytes() for path in photos.iterdir()}
    control = Qt.KeyboardModifier.ControlModifier
    with started(qtbot, qapp, photos) as app:
        wait_for(qtbot, app, NAMES[0])
        reference = read_mask(samples_folder() / "masks" / f"{NAMES[0]}.png")
        predicted = mask_of(app)
        assert agreement(predicted, reference).dice > 0.9

        stroke(app, (20, 360), (60, 380), Qt.MouseButton.LeftButton)
        painted = mask_of(app)
        added = (painted == 1) & (predicted == 0)
        assert added.sum() > 100
        stroke(app, (200, 200), (240, 200), Qt.MouseButton.RightButton)
        erased = mask_of(app)
        assert ((erased == 0) & (painted == 1)).sum() > 100
        press(app, Qt.Key.Key_Z, control)
        assert np.array_equal(mask_of(app), painted)
        press(app, Qt.Key.Key_Z, control)
        assert np.array_equal(mask_of(app), predicted)
        press(app, Qt.Key.Key_Y, control)
        press(app, Qt.Key.Key_Y, control)
        assert np.array_equal(mask_of(app), erased)

        press(app, Qt.Key.Key_D)
        wait_for(qtbot, app, NAMES[1])
        other = mask_of(app)
        press(app, Qt.Key.Key_A)
        wait_for(qtbot, app, NAMES[0])
        assert np.array_equal(mask_of(app), erased)
        assert app.document.status is CaseStatus.EDITED

    with started(qtbot, qapp, photos) as app:
        qtbot.waitUntil(lambda: app.document.is_open, timeout=LONG_MS)
        if not shows(app, NAMES[0]):
            press(app, Qt.Key.Key_A)
            press(app, Qt.Key.Key_A)
        wait_for(qtbot, app, NAMES[0])
        assert np.array_equal(mask_of(app), erased)
        assert app.document.status is CaseStatus.EDITED
        press(app, Qt.Key.Key_E, control)
        dialog = app.window.findChild(ExportDialog)
        assert isinstance(dialog, ExportDialog)
        out = tmp_path / "out"
        dialog.folder.setText(str(out))
        with qtbot.waitSignal(app.exports.export_finished, timeout=LONG_MS) as finished:
            QTest.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
        assert finished.args is not None
        assert not [result.error for result in finished.args[0].results if result.error]
        # The last file is written a moment before the runner is idle; closing in between rightly asks.
        qtbot.waitUntil(lambda: not app.exports.busy, timeout=LONG_MS)

    written = read_photo(out / f"{NAMES[0]}.bmp").rgb
    assert np.array_equal(written, np.repeat(erased[..., None] * np.uint8(255), 3, axis=2))
    assert np.array_equal(read_mask(out / f"{NAMES[1]}.bmp"), other)
    assert {path: path.read_bytes() for path in originals} == originals
