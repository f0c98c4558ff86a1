"""Import from the window: asked before anything is written, and never against what the person paints meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from tests.gui.test_window_edits import break_saving
from tests.window_driver import SHAPE, Driver, make_folder
from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseStatus, Origin
from tongue_viewer.core.events import CaseLoaded, JobEvent
from tongue_viewer.core.imports import ImportChoice, MaskPair
from tongue_viewer.core.mask_polarity import Turning
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.core.settings import Settings
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.ui.dialogs.import_dialog import ImportDialog
from tongue_viewer.ui.dialogs.result_dialog import ResultDialog

Start = Callable[..., Driver]
QUIET = Settings(predict_ahead=False)


def tongue(number: int) -> MaskArray:
    """A mask of its own for each number."""
    mask = np.zeros(SHAPE, np.uint8)
    mask[20 + number : 60, 30:80] = 1
    return mask


def make_masks(folder: Path, count: int, *, inverted: bool = False) -> list[Path]:
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{number:03d}.png" for number in range(count)]
    for number, path in enumerate(paths):
        mask = 1 - tongue(number) if inverted else tongue(number)
        Image.fromarray(mask * np.uint8(255)).save(path)
    return paths


def dialog_of(run: Driver, qtbot: QtBot, masks: Path) -> ImportDialog:
    """The dialog, with the folder looked through."""
    run.window.table["import_masks"].trigger()
    dialog = run.window.findChild(ImportDialog)
    assert isinstance(dialog, ImportDialog)
    assert not dialog.import_button.isEnabled()
    with qtbot.waitSignal(run.app.imports.scanned):
        dialog.look_at(str(masks))
    return dialog


def stored(folder: Path) -> dict[str, MaskArray]:
    """What a second program reads from the database."""
    with CaseStore.open(folder, read_only=True) as store:
        assert store.verify() == []
        return {case.path.name: case.mask for case in store.stored()}


class Gate:
    """Holds the queue of loads and saves until it is opened."""

    def __init__(self, run: Driver) -> None:
        self._event = threading.Event()
        run.app.cases.runner.submit(self._wait)

    def _wait(self, _token: CancelToken) -> Iterator[JobEvent]:
        self._event.wait(30)
        yield from ()

    def open(self) -> None:
        self._event.set()


def test_the_dialog_says_what_would_come_of_it_and_then_it_comes(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    paths = make_folder(tmp_path / "photos", 4)
    masks = make_masks(tmp_path / "masks", 3)
    (tmp_path / "masks" / "nobody.png").write_bytes(masks[0].read_bytes())
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    run.paint()
    painted = run.mask()
    run.wait_idle()
    dialog = dialog_of(run, qtbot, tmp_path / "masks")
    assert dialog.told.text() == "3 masks can be imported. 1 photo has none. 1 file cannot be used:"
    item = dialog.problems.item(0)
    assert item is not None
    assert "nobody.png" in item.text()
    assert "1 photo has a mask" in dialog.overwrite.text()
    assert not dialog.asks.isVisible()
    assert dialog.import_button.text() == "Import 2"  # what was painted is kept unless it is ticked
    assert run.statuses()[1:] == [CaseStatus.TO_DO] * 3
    dialog.status.setCurrentIndex(dialog.status.findData(CaseStatus.REVIEWED.value))
    dialog.import_button.click()
    qtbot.waitUntil(lambda: "imported" in run.message())
    assert run.message() == "2 masks imported."
    assert np.array_equal(run.mask(), painted)
    assert run.statuses() == [CaseStatus.EDITED, CaseStatus.REVIEWED, CaseStatus.REVIEWED, CaseStatus.TO_DO]
    run.app.cases.want(paths[2])
    run.wait_open(paths[2])
    assert np.array_equal(run.mask(), tongue(2))
    assert run.document.origin is Origin.HUMAN


def test_the_open_photo_shows_the_imported_mask_as_a_step_that_can_be_undone(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    make_folder(tmp_path / "photos", 2)
    make_masks(tmp_path / "masks", 2)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    run.paint()
    painted = run.mask()
    run.wait_idle()
    dialog = dialog_of(run, qtbot, tmp_path / "masks")
    dialog.overwrite.setChecked(True)
    assert dialog.import_button.text() == "Import 2"
    dialog.import_button.click()
    qtbot.waitUntil(lambda: "imported" in run.message())
    run.wait_idle()
    assert np.array_equal(run.mask(), tongue(0))
    assert np.array_equal(stored(tmp_path / "photos")["000.bmp"], tongue(0))
    run.window.table["undo"].trigger()
    run.wait_idle()
    assert np.array_equal(run.mask(), painted)
    assert np.array_equal(stored(tmp_path / "photos")["000.bmp"], painted)


@pytest.mark.parametrize("turning", [Turning.ALL, Turning.NONE])
def test_inverted_masks_wait_for_an_answer(
    start: Start, qtbot: QtBot, tmp_path: Path, turning: Turning
) -> None:
    make_folder(tmp_path / "photos", 2)
    make_masks(tmp_path / "masks", 2, inverted=True)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    dialog = dialog_of(run, qtbot, tmp_path / "masks")
    assert dialog.asks.isVisible()
    assert "2 of 2 masks look inverted" in dialog.question.text()
    assert not dialog.import_button.isEnabled()
    dialog.turnings[turning].setChecked(True)
    dialog.import_button.click()
    qtbot.waitUntil(lambda: "2 masks imported" in run.message())
    expected = 1 - tongue(0) if turning is Turning.NONE else tongue(0)
    assert np.array_equal(run.mask(), expected)


def test_in_a_mixed_folder_the_inverted_ones_can_be_turned_alone(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    photos = make_folder(tmp_path / "photos", 2)
    masks = make_masks(tmp_path / "masks", 2)
    Image.fromarray((1 - tongue(0)) * np.uint8(255)).save(masks[0])
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    dialog = dialog_of(run, qtbot, tmp_path / "masks")
    assert "two kinds" in dialog.question.text()
    dialog.turnings[Turning.INVERTED].setChecked(True)
    dialog.import_button.click()
    qtbot.waitUntil(lambda: "2 masks imported" in run.message())
    run.wait_idle()
    held = stored(tmp_path / "photos")
    assert all(np.array_equal(held[photo.name], tongue(number)) for number, photo in enumerate(photos))


def test_files_that_fail_stand_in_a_table(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    paths = make_folder(tmp_path / "photos", 2)
    make_masks(tmp_path / "masks", 2)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    dialog = dialog_of(run, qtbot, tmp_path / "masks")
    paths[1].write_bytes(b"no photo any more")
    dialog.import_button.click()
    qtbot.waitUntil(lambda: "imported" in run.message())
    assert run.message() == "1 mask imported; 1 could not be taken."
    run.window.messages.button.click()
    table = run.window.findChild(ResultDialog)
    assert isinstance(table, ResultDialog)
    assert table.windowTitle() == "Import"
    table.close()


def test_a_folder_that_is_none_is_told_in_the_dialog(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    make_folder(tmp_path / "photos", 1)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    run.window.table["import_masks"].trigger()
    dialog = run.window.findChild(ImportDialog)
    assert isinstance(dialog, ImportDialog)
    with qtbot.waitSignal(run.app.imports.scan_failed):
        dialog.look_at(str(tmp_path / "nowhere"))
    assert "nowhere" in dialog.told.text()
    assert not dialog.import_button.isEnabled()
    dialog.reject()


def test_a_look_that_was_stopped_leaves_nothing_to_import_and_can_be_started_again(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    make_folder(tmp_path / "photos", 1)
    make_masks(tmp_path / "masks", 1)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    gate = threading.Event()

    def slow(_token: CancelToken) -> Iterator[JobEvent]:
        gate.wait(30)
        yield from ()

    run.app.imports.scans.submit(slow)
    run.window.table["import_masks"].trigger()
    dialog = run.window.findChild(ImportDialog)
    assert isinstance(dialog, ImportDialog)
    dialog.look_at(str(tmp_path / "masks"))
    assert dialog.stop.isVisible()
    dialog.stop.click()
    gate.set()
    qtbot.waitUntil(lambda: run.app.imports.scans.idle)
    assert not dialog.stop.isVisible()
    assert not dialog.import_button.isEnabled()
    with qtbot.waitSignal(run.app.imports.scanned):
        dialog.look_at(str(tmp_path / "masks"))
    assert dialog.import_button.isEnabled()
    dialog.reject()


def pairs_of(photos: list[Path], masks: list[Path]) -> list[MaskPair]:
    return [MaskPair(photo, mask) for photo, mask in zip(photos, masks, strict=True)]


def test_a_stroke_made_while_the_import_waits_is_kept(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    photos = make_folder(tmp_path / "photos", 1)
    masks = make_masks(tmp_path / "masks", 1)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    gate = Gate(run)
    run.app.imports.start(tmp_path / "photos", pairs_of(photos, masks), ImportChoice())
    run.paint()  # behind the import in the queue
    painted = run.mask()
    gate.open()
    qtbot.waitUntil(lambda: "imported" in run.message())
    run.wait_idle()
    assert np.array_equal(run.mask(), painted)
    assert np.array_equal(stored(tmp_path / "photos")["000.bmp"], painted)


def test_with_replacing_the_imported_mask_is_the_last_word_and_the_stroke_can_be_undone_to(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    photos = make_folder(tmp_path / "photos", 1)
    masks = make_masks(tmp_path / "masks", 1)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    gate = Gate(run)
    run.app.imports.start(tmp_path / "photos", pairs_of(photos, masks), ImportChoice(overwrite=True))
    run.paint()
    painted = run.mask()
    gate.open()
    qtbot.waitUntil(lambda: "imported" in run.message())
    run.wait_idle()
    assert np.array_equal(run.mask(), tongue(0))
    assert np.array_equal(stored(tmp_path / "photos")["000.bmp"], tongue(0))
    run.window.table["undo"].trigger()
    assert np.array_equal(run.mask(), painted)


def test_a_photo_that_was_being_read_shows_the_imported_mask(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    photos = make_folder(tmp_path / "photos", 2)
    masks = make_masks(tmp_path / "masks", 2)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    gate = Gate(run)
    run.app.cases.want(photos[1])  # read before the import, told of it after
    run.app.imports.start(tmp_path / "photos", pairs_of(photos, masks)[1:], ImportChoice())
    loaded: list[CaseLoaded] = []
    run.app.cases.case_loaded.connect(loaded.append)
    gate.open()
    qtbot.waitUntil(lambda: "imported" in run.message())
    run.wait_open(photos[1])
    run.wait_idle()
    assert np.array_equal(run.mask(), tongue(1))
    assert run.document.status is CaseStatus.EDITED
    run.paint()
    painted = run.mask()
    assert painted[tongue(1) > 0].all()  # painted on the imported mask, not on an older one
    run.wait_idle()
    assert np.array_equal(stored(tmp_path / "photos")["001.bmp"], painted)


def test_a_step_that_is_on_its_way_is_saved_before_its_photo_is_judged(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    photos = make_folder(tmp_path / "photos", 1)
    masks = make_masks(tmp_path / "masks", 1)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    gate = Gate(run)
    run.paint()
    painted = run.mask()
    run.app.imports.start(tmp_path / "photos", pairs_of(photos, masks), ImportChoice())
    gate.open()
    qtbot.waitUntil(lambda: "imported" in run.message())
    assert run.message() == "0 masks imported; 1 photo keeps its mask made by hand."
    assert np.array_equal(stored(tmp_path / "photos")["000.bmp"], painted)


def test_a_change_that_could_not_be_saved_is_not_overtaken(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    photos = make_folder(tmp_path / "photos", 2)
    masks = make_masks(tmp_path / "masks", 2)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    store = break_saving(run)
    run.paint()
    painted = run.mask()
    qtbot.waitUntil(lambda: run.window.messages.word == "retry_save")
    store.writable = True
    run.app.imports.start(tmp_path / "photos", pairs_of(photos, masks), ImportChoice(overwrite=True))
    qtbot.waitUntil(lambda: "imported" in run.message())
    assert run.message() == "1 mask imported; 1 could not be taken."
    run.app.cases.saves.retry()
    run.wait_idle()
    held = stored(tmp_path / "photos")
    assert np.array_equal(held["000.bmp"], painted)
    assert np.array_equal(held["001.bmp"], tongue(1))


def test_a_step_whose_saving_fails_while_the_import_waits_is_not_overtaken(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    photos = make_folder(tmp_path / "photos", 1)
    masks = make_masks(tmp_path / "masks", 1)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    gate, store = Gate(run), break_saving(run)
    run.paint()
    painted = run.mask()

    def repair(_token: CancelToken) -> Iterator[JobEvent]:
        store.writable = True
        yield from ()

    run.app.cases.runner.submit(repair)  # right behind the step, so that an import after it would succeed
    run.app.imports.start(tmp_path / "photos", pairs_of(photos, masks), ImportChoice(overwrite=True))
    with qtbot.waitSignal(run.app.imports.import_finished) as finished:
        gate.open()
    assert finished.args is not None
    assert (finished.args[0].imported, len(finished.args[0].failed)) == (0, 1)
    run.app.cases.saves.retry()
    run.wait_idle()
    assert np.array_equal(run.mask(), painted)
    assert np.array_equal(stored(tmp_path / "photos")["000.bmp"], painted)


def test_a_database_that_takes_nothing_ends_the_import_at_once(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    photos = make_folder(tmp_path / "photos", 3)
    masks = make_masks(tmp_path / "masks", 3)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    break_saving(run)
    run.app.imports.start(tmp_path / "photos", pairs_of(photos, masks), ImportChoice())
    qtbot.waitUntil(lambda: "imported" in run.message())
    assert run.message() == "0 masks imported; 1 could not be taken; 2 were not tried."
    assert not run.document.mask.any()


def test_another_folder_in_between_changes_nothing(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    photos = make_folder(tmp_path / "photos", 4)
    make_folder(tmp_path / "others", 4)
    masks = make_masks(tmp_path / "masks", 4)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    gate = Gate(run)
    run.app.imports.start(tmp_path / "photos", pairs_of(photos, masks), ImportChoice())
    run.app.open(tmp_path / "others")
    gate.open()
    qtbot.waitUntil(lambda: "4 masks imported" in run.message())
    run.wait_open(tmp_path / "others" / "000.bmp")
    assert not run.document.mask.any()
    run.wait_idle()
    held = stored(tmp_path / "photos")
    assert all(np.array_equal(held[f"{n:03d}.bmp"], tongue(n)) for n in range(4))
    assert stored(tmp_path / "others") == {}


def test_cancel_and_closing_keep_what_was_taken(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    photos = make_folder(tmp_path / "photos", 3)
    masks = make_masks(tmp_path / "masks", 3)
    run = start(settings=QUIET)
    run.open(tmp_path / "photos")
    gate = Gate(run)
    run.app.imports.start(tmp_path / "photos", pairs_of(photos, masks), ImportChoice())
    run.window.table["cancel"].trigger()
    gate.open()
    qtbot.waitUntil(lambda: "imported" in run.message())
    assert run.message() == "1 mask imported; 2 were not tried."
    run.app.imports.start(tmp_path / "photos", pairs_of(photos, masks)[1:], ImportChoice())
    run.window.close()
    assert run.app._closing.question is not None
    run.close()
    held = stored(tmp_path / "photos")
    assert all(
        np.array_equal(held[path.name], tongue(int(path.stem))) for path in photos if path.name in held
    )
    assert {"000.bmp", "001.bmp"} <= held.keys()
