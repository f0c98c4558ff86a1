"""A folder of masks in step with the window: what is painted, predicted and imported stands there as files."""

from __future__ import annotations

import errno
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.gui.test_window_import import make_masks, pairs_of, tongue
from tests.unit.storage.test_atomic import FailingDisk
from tests.window_driver import Driver, exported, make_folder
from tongue_viewer.core.imports import ImportChoice
from tongue_viewer.core.live import LiveState, live_text
from tongue_viewer.core.settings import Settings
from tongue_viewer.storage.atomic import Disk
from tongue_viewer.storage.settings_file import load_settings
from tongue_viewer.ui.dialogs.live_dialog import LiveDialog

Start = Callable[..., Driver]
QUIET = Settings(predict_ahead=False)


def switch_on(run: Driver, out: Path) -> None:
    """As a person does it."""
    run.window.table["live_export"].trigger()
    dialog = run.window.findChild(LiveDialog)
    assert isinstance(dialog, LiveDialog)
    dialog.folder.setText(str(out))
    dialog.start_button.click()


def state(run: Driver) -> str:
    return run.window.status_line.live.text()


def names(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir() if not path.name.startswith("."))


def set_disk(run: Driver, folder: Path, disk: Disk) -> None:
    """Put another disk under the folder of masks, as it fills up or is freed."""
    run.app.live._followed[folder].live._disk = disk


@pytest.fixture
def live(start: Start, tmp_path: Path) -> Driver:
    """Three photos, the first one painted, with a folder of masks in step."""
    make_folder(tmp_path / "photos", 3)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    run.paint()
    switch_on(run, tmp_path / "out")
    run.wait_idle()
    return run


def test_switching_on_writes_what_is_there_and_every_step_after_it(live: Driver, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert names(out) == ["000.bmp"]
    assert np.array_equal(exported(out / "000.bmp"), live.mask())
    assert live.window.table["live_export"].isChecked()
    assert state(live).startswith("✓ masks folder in step")
    assert load_settings().live_folders == {str(tmp_path / "photos"): str(out)}
    live.paint(dy=-25)
    live.wait_idle()
    assert np.array_equal(exported(out / "000.bmp"), live.mask())
    live.window.table["undo"].trigger()
    live.wait_idle()
    assert np.array_equal(exported(out / "000.bmp"), live.mask())


def test_predictions_and_imports_stand_there_too(live: Driver, qtbot: QtBot, tmp_path: Path) -> None:
    out, photos = tmp_path / "out", sorted((tmp_path / "photos").glob("*.bmp"))
    live.window.table["predict_folder"].trigger()
    qtbot.waitUntil(lambda: live.window.messages.word == "predicted")
    live.wait_idle()
    assert names(out) == ["000.bmp", "001.bmp", "002.bmp"]
    live.app.cases.want(photos[1])
    live.wait_open(photos[1])
    assert np.array_equal(exported(out / "001.bmp"), live.mask())
    masks = make_masks(tmp_path / "masks", 3)
    live.app.imports.start(tmp_path / "photos", pairs_of(photos, masks)[1:], ImportChoice(overwrite=True))
    qtbot.waitUntil(lambda: "imported" in live.message())
    live.wait_idle()
    for number in (1, 2):
        assert np.array_equal(exported(out / f"{number:03d}.bmp"), tongue(number))


def test_steps_in_a_row_come_to_one_write_of_the_last_one(live: Driver, qtbot: QtBot, tmp_path: Path) -> None:
    held, count = threading.Event(), 0

    class SlowDisk(Disk):
        def replace(self, source: str, target: str) -> None:
            nonlocal count
            if target.endswith("000.bmp"):
                count += 1
                held.wait(30)
            super().replace(source, target)

    set_disk(live, tmp_path / "photos", SlowDisk())
    live.paint(dy=-30)
    qtbot.waitUntil(lambda: count == 1)
    for dx in (50, 60, 70, 80):
        live.paint(dx=dx)
    qtbot.waitUntil(lambda: live.app.cases.saves.waiting == 0)  # all are saved while the writer stands still
    held.set()
    live.wait_idle()
    assert count == 2
    assert np.array_equal(exported(tmp_path / "out" / "000.bmp"), live.mask())


def test_closing_writes_the_last_step_and_opening_catches_up(
    live: Driver, start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    live.paint(dy=-25)
    painted = live.mask()
    live.close()  # at once
    assert not live.window.isVisible()
    assert np.array_equal(exported(out / "000.bmp"), painted)
    (out / "000.bmp").unlink()
    again = start()  # with the settings of the file
    again.open(tmp_path / "photos")
    qtbot.waitUntil((out / "000.bmp").exists)
    assert again.window.table["live_export"].isChecked()
    again.wait_idle()
    again.window.table["live_export"].trigger()
    assert not again.window.table["live_export"].isChecked()
    again.paint()
    again.wait_idle()
    assert np.array_equal(exported(out / "000.bmp"), painted)
    assert load_settings().live_folders == {}


def test_a_full_disk_is_told_once_and_caught_up_with(live: Driver, qtbot: QtBot, tmp_path: Path) -> None:
    set_disk(live, tmp_path / "photos", FailingDisk("write", errno.ENOSPC))
    live.paint(dy=-25)
    qtbot.waitUntil(lambda: live.window.messages.word == "live_retry")
    assert "disk is full" in live.message()
    live.wait_idle()
    assert state(live).startswith("△ masks folder: 1 behind")
    live.window.messages.clear()
    live.paint(dy=30)
    live.wait_idle()
    assert live.message() == ""  # it was said
    assert state(live).startswith("△")
    set_disk(live, tmp_path / "photos", Disk())
    live.paint(dx=60)
    live.wait_idle()
    assert state(live).startswith("✓")
    assert np.array_equal(exported(tmp_path / "out" / "000.bmp"), live.mask())


def test_try_again_and_the_closing_question(live: Driver, qtbot: QtBot, tmp_path: Path) -> None:
    set_disk(live, tmp_path / "photos", FailingDisk("sync", errno.EIO))
    live.paint(dy=-25)
    qtbot.waitUntil(lambda: live.window.messages.word == "live_retry")
    live.window.close()
    question = live.app._closing.question
    assert question is not None
    assert "not in step" in question.text()
    set_disk(live, tmp_path / "photos", Disk())
    with qtbot.waitSignal(live.app.live.recovered):
        question.escapeButton().click()
    live.wait_idle()
    assert live.window.isVisible()
    assert np.array_equal(exported(tmp_path / "out" / "000.bmp"), live.mask())
    set_disk(live, tmp_path / "photos", FailingDisk("sync", errno.EIO))
    live.paint(dx=70)
    qtbot.waitUntil(lambda: live.window.messages.word == "live_retry")
    set_disk(live, tmp_path / "photos", Disk())
    live.window.messages.button.click()
    live.wait_idle()
    assert live.message() == ""
    assert np.array_equal(exported(tmp_path / "out" / "000.bmp"), live.mask())


def test_a_file_that_somebody_changed_is_left_until_replace_is_pressed(
    live: Driver, qtbot: QtBot, tmp_path: Path
) -> None:
    target = tmp_path / "out" / "000.bmp"
    target.write_bytes(b"somebody's own work")
    live.paint(dy=-25)
    qtbot.waitUntil(lambda: live.window.messages.word == "live_replace")
    assert "000.bmp" in live.message()
    live.wait_idle()
    assert "changed by others" in state(live)
    live.window.messages.clear()
    live.paint(dx=60)
    live.wait_idle()
    assert live.message() == ""
    assert target.read_bytes() == b"somebody's own work"
    live.app.live.replace_foreign()
    live.wait_idle()
    assert np.array_equal(exported(target), live.mask())
    assert state(live).startswith("✓")


def test_a_folder_that_cannot_be_used_is_refused_and_stays_off(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    make_folder(tmp_path / "photos", 1)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    run.paint()
    switch_on(run, tmp_path / "photos")
    qtbot.waitUntil(lambda: run.window.messages.word == "live_refused")
    assert not run.window.table["live_export"].isChecked()
    assert load_settings().live_folders == {}
    assert names(tmp_path / "photos") == ["000.bmp"]
    run.window.table["live_export"].trigger()
    dialog = run.window.findChild(LiveDialog)
    assert isinstance(dialog, LiveDialog)
    assert not run.window.table["live_export"].isChecked()
    dialog.reject()
    assert not run.window.table["live_export"].isChecked()


def test_a_folder_of_masks_that_is_gone_is_told_at_opening(
    live: Driver, start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    live.close()
    shutil.rmtree(tmp_path / "out")
    again = start()
    again.open(tmp_path / "photos")
    qtbot.waitUntil(lambda: again.window.messages.word == "live_retry")
    again.wait_idle()
    assert "gone" in again.message()
    assert state(again).startswith("△ masks folder: not in step")
    assert not (tmp_path / "out").exists()


def test_a_step_of_the_folder_before_goes_to_its_own_masks(live: Driver, tmp_path: Path) -> None:
    make_folder(tmp_path / "others", 2)
    live.paint(dy=-25)
    painted = live.mask()
    live.open(tmp_path / "others")
    live.wait_open(tmp_path / "others" / "000.bmp")
    assert not live.window.table["live_export"].isChecked()
    live.paint(dx=60)
    switch_on(live, tmp_path / "out2")
    live.wait_idle()
    assert np.array_equal(exported(tmp_path / "out" / "000.bmp"), painted)
    assert np.array_equal(exported(tmp_path / "out2" / "000.bmp"), live.mask())
    assert len(load_settings().live_folders) == 2
    live.open(tmp_path / "photos")
    live.wait_open(tmp_path / "photos" / "000.bmp")
    assert live.window.table["live_export"].isChecked()


def test_a_photo_that_was_renamed_takes_its_file_along_when_it_is_opened(
    live: Driver, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "photos" / "000.bmp").rename(tmp_path / "photos" / "zz.bmp")
    live.app.open(tmp_path / "photos" / "zz.bmp")
    qtbot.waitUntil(lambda: names(tmp_path / "out") == ["zz.bmp"])
    live.wait_idle()
    assert np.array_equal(exported(tmp_path / "out" / "zz.bmp"), live.mask())


def test_the_state_is_said_in_words() -> None:
    out = Path("masks")
    assert live_text(LiveState()) == ""
    assert live_text(LiveState(out, working=True)) == "masks folder: writing …"
    assert live_text(LiveState(out, behind=2, reason="full")) == "△ masks folder: 2 behind"
    assert live_text(LiveState(out, reason="gone")) == "△ masks folder: not in step"
    assert live_text(LiveState(out, foreign=1)) == "△ masks folder: 1 changed by others"
    assert live_text(LiveState(out)) == "✓ masks folder in step"
