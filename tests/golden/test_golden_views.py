"""Each kind of view as a picture that was looked at; drawn again and compared with a tolerance.

After a change that is meant: `pytest tests/golden --regenerate-golden`, then look at the pictures.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from tongue_viewer.core.cases import CaseState, CaseSummary, Prediction
from tongue_viewer.core.photo import Photo
from tongue_viewer.core.tone import Tone
from tongue_viewer.core.uncertain import uncertain_stretches
from tongue_viewer.editor.document import Document
from tongue_viewer.ui.canvas import look
from tongue_viewer.ui.canvas.canvas_view import CanvasView

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

FOLDER = Path(__file__).parent
SHAPE, GRID = (72, 96), 96
PANE = (220, 170)
MEAN, OFF, MANY = 1.0, 24, 0.005
"""Grey levels by which two pictures may differ on average; one pixel in 200 may be off by more than 24."""
TONED = "outline-toned"
SMALL = "overlay-small"

Pixels = NDArray[np.uint8]


def photo() -> Pixels:
    """Skin with a red tongue on it and white paper below, all smooth."""
    yy, xx = np.mgrid[: SHAPE[0], : SHAPE[1]].astype(np.float32)
    rgb = np.stack([200 - 0.4 * yy, 150 - 0.3 * xx, 120 + 0.2 * xx], axis=2)
    tongue = cv2.ellipse(np.zeros(SHAPE, np.float32), (48, 34), (22, 26), 0, 0, 360, 1, cv2.FILLED)
    tongue = cv2.GaussianBlur(tongue, (0, 0), 1.5)[..., None]
    rgb = rgb * (1 - tongue) + np.array([190, 70, 75], np.float32) * tongue
    rgb[62:] = 242
    return np.asarray(np.rint(rgb), np.uint8)


def answer() -> Prediction:
    """A model that is sure of the left side and hesitates on the right one."""
    yy, xx = np.mgrid[:GRID, :GRID] + 0.5
    away = 24 - np.hypot((xx - 48) * 24 / 22, (yy - 12 - 34) * 24 / 26)
    width = np.where(xx > 58, 14.0, 2.5)
    grid = np.clip(255 * (0.5 + 0.6 * away / width), 0, 255).astype(np.uint8)
    return Prediction(grid[None], SHAPE, 0.5, "m", "0" * 64)


def edited(mask: Pixels) -> Pixels:
    """The model's mask with something added and something taken off."""
    out = mask.copy()
    cv2.circle(out, (28, 16), 8, 1, cv2.FILLED)
    cv2.rectangle(out, (40, 50), (56, 66), 0, cv2.FILLED)
    return out


def draw(qtbot: QtBot, name: str) -> Pixels:
    """The mask pane in one view, (H, W, 3) uint8."""
    document = Document()
    view = CanvasView(document)
    qtbot.addWidget(view)
    view.set_two_panes(False)
    view.mask_pane.setFixedSize(*PANE)
    view.set_surround(QColor(look.SURROUND_DARK))
    view.show()
    qtbot.waitExposed(view)
    prediction = answer()
    model = (prediction.probability()[0] >= 0.5).astype(np.uint8)
    shot = Photo(Path("a.bmp"), photo(), "")
    document.open(CaseState(CaseSummary(shot.path, "a"), shot, edited(model), prediction=prediction))
    view.set_view_mode(next(mode for mode in look.VIEW_MODES if mode == name.partition("-")[0]))
    view.set_tone(Tone(20, 30, 1.4) if name == TONED else Tone())
    view.show_doubts(uncertain_stretches(prediction, document.mask))
    view.zoom_to(0.75 if name == SMALL else 2.0)
    image = view.mask_pane.grab().toImage()
    image = image.convertToFormat(image.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def differs(first: Pixels, second: Pixels) -> str:
    """In which way two pictures are not the same, "" where they are."""
    if first.shape != second.shape:
        return f"{first.shape} is not {second.shape}"
    away = np.abs(first.astype(int) - second.astype(int))
    many = float((away.max(axis=2) > OFF).mean())
    if away.mean() <= MEAN and many <= MANY:
        return ""
    return f"{away.mean():.2f} grey levels away on average, {100 * many:.2f} % of the pixels off by more than {OFF}"


@pytest.mark.parametrize("name", [*look.VIEW_MODES, TONED, SMALL])
def test_a_view_looks_as_it_did(qtbot: QtBot, request: pytest.FixtureRequest, name: str) -> None:
    path = FOLDER / f"{name}.png"
    drawn = draw(qtbot, name)
    if request.config.getoption("--regenerate-golden"):
        done, data = cv2.imencode(".png", drawn[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
        assert done
        path.write_bytes(data.tobytes())
        pytest.skip(f"{path.name} is new; look at it")
    kept = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert kept is not None
    assert differs(drawn, np.asarray(kept[..., ::-1], np.uint8)) == ""


def test_the_tolerance_tells_every_two_views_apart(qtbot: QtBot) -> None:
    names = [*look.VIEW_MODES, TONED, SMALL]
    drawn = [draw(qtbot, name) for name in names]
    for number, first in enumerate(drawn):
        assert differs(first, first) == ""
        for other, second in enumerate(drawn[:number]):
            assert differs(first, second), (names[number], names[other])


def test_the_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in FOLDER.glob("*.png")}
    assert len(sizes) == len(look.VIEW_MODES) + 2
    assert max(sizes.values()) < 20_000, sizes
