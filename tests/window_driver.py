"""The whole window for tests: real photos, real store, real threads; only the network is a small fake."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tongue_viewer.app.application import TongueViewerApp
from tongue_viewer.core.cases import CaseStatus, Prediction
from tongue_viewer.core.errors import ModelNotFoundError
from tongue_viewer.core.letterbox import Letterbox
from tongue_viewer.core.models import ModelCard
from tongue_viewer.core.photo import MaskArray, RgbArray
from tongue_viewer.core.settings import Settings
from tongue_viewer.inference.predictor import Predictor
from tongue_viewer.inference.source import PredictorSource
from tongue_viewer.storage.masks import read_mask

SHAPE = (90, 120)
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def photo_with_ellipse(number: int, shape: tuple[int, int] = SHAPE) -> RgbArray:
    """(H, W, 3) uint8: dark, with a bright ellipse whose place depends on `number`."""
    rgb = np.full((*shape, 3), 40, np.uint8)
    centre = (shape[1] // 3 + 7 * number % 40, shape[0] // 2)
    cv2.ellipse(rgb, centre, (shape[1] // 5, shape[0] // 4), 0, 0, 360, (220, 120, 110 + number % 20), -1)
    return rgb


def write_photo(path: Path, rgb: RgbArray) -> Path:
    """Write (H, W, 3) uint8 RGB in the format of the path's ending."""
    done, data = cv2.imencode(path.suffix, rgb[..., ::-1])
    assert done
    path.write_bytes(data.tobytes())
    return path


def make_folder(folder: Path, count: int = 3, names: Sequence[str] = ()) -> list[Path]:
    """A folder of `count` BMPs, or of BMPs with these names."""
    folder.mkdir(parents=True, exist_ok=True)
    names = names or [f"{number:03d}.bmp" for number in range(count)]
    return [write_photo(folder / name, photo_with_ellipse(n)) for n, name in enumerate(names)]


class BrightPredictor(Predictor):
    """Says "tongue" where the photo is bright."""

    def __init__(self) -> None:
        self.card = ModelCard(name="bright", network={}, input_size=64, sha256="b" * 64)
        self.asked = 0

    @property
    def engine_name(self) -> str:
        return "fake"

    @property
    def note(self) -> str:
        return ""

    def predict_grid(self, rgb: RgbArray) -> Prediction:
        self.asked += 1
        box = Letterbox.fit((rgb.shape[0], rgb.shape[1]), 64)
        grid = np.where(box.photo_to_grid(rgb)[None, ..., 0] > 128, 250, 3).astype(np.uint8)
        grid[0, : box.offset[0]] = 0
        grid[0, box.offset[0] + box.content[0] :] = 0
        return Prediction(grid, box.shape, 0.5, self.card.name, self.card.sha256, "fake", 0.0)

    def close(self) -> None:
        """Nothing is held."""


class BrightSource(PredictorSource):
    """A source whose model is there at once, or not at all."""

    def __init__(self, *, missing: bool = False) -> None:
        super().__init__("bright")
        self.missing = missing
        self.predictor = BrightPredictor()
        self._fresh = True

    def card(self) -> ModelCard:
        if self.missing:
            raise ModelNotFoundError("There is no model. Install one.")
        return self.predictor.card

    def get(self) -> tuple[Predictor, bool]:
        self.card()
        fresh, self._fresh = self._fresh, False
        return self.predictor, fresh


class Driver:
    """One run of the program; what a person does and sees, in short words."""

    def __init__(
        self,
        qtbot: QtBot,
        application: QApplication,
        models: PredictorSource,
        settings: Settings | None = None,
    ) -> None:
        self._qtbot = qtbot
        self.app = TongueViewerApp(application, settings=settings, models=models)
        self.window, self.document = self.app.window, self.app.document
        self._ended = False
        self.window.resize(1100, 700)
        self.window.show()
        qtbot.waitExposed(self.window)

    def open(self, path: Path) -> None:
        """Open a folder or a photo and wait for its first photo."""
        self.app.open(path)
        self.wait_open(path if path.suffix else None)

    def wait_open(self, path: Path | None = None) -> None:
        """Wait for a photo to be shown; None: any."""
        self._qtbot.waitUntil(lambda: self.document.is_open and path in (None, self.document.path))

    def wait_idle(self) -> None:
        """Wait until no runner has work."""
        app = self.app
        runners = (
            app.cases.runner,
            app.predictions.runner,
            app.exports.runner,
            app.thumbnails.runner,
            app.live.runner,
        )
        self._qtbot.waitUntil(
            lambda: not app.exports.busy and not app.imports.busy and all(runner.idle for runner in runners)
        )

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN, widget: QWidget | None = None) -> None:
        """Press a key in the window, or in a widget."""
        QTest.keyClick(widget or self.window, key, modifiers)

    def paint(self, dx: int = 40, dy: int = 25) -> None:
        """One brush stroke from the middle of the mask pane."""
        pane = self.window.workbench.canvas.mask_pane
        middle = QPoint(pane.width() // 2, pane.height() // 2)
        QTest.mousePress(pane, LEFT, PLAIN, middle)
        QTest.mouseMove(pane, middle + QPoint(dx // 2, dy))
        QTest.mouseRelease(pane, LEFT, PLAIN, middle + QPoint(dx, dy))

    def mask(self) -> MaskArray:
        """A copy of the open mask."""
        return self.document.mask.copy()

    def statuses(self) -> list[CaseStatus]:
        """Of all lines of the list."""
        return [summary.status for summary in self.window.photos.model.summaries]

    def message(self) -> str:
        """The note over the photo, "" for none."""
        return self.window.messages.text.text()

    def close(self) -> None:
        """Close the window as a person does, and end the program."""
        self.window.close()
        self.shutdown()

    def shutdown(self) -> None:
        """End the program whatever the window says; a second call does nothing."""
        if self._ended:
            return
        self._ended = True
        self.app.shutdown()
        self.window.let_close()
        self.window.deleteLater()
        self.app.deleteLater()


def exported(path: Path) -> MaskArray:
    """The mask in an exported file."""
    return read_mask(path)
