"""What is on the screen at 1:1 is the file, bit for bit, whatever the format; Pillow's decoding is the oracle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from tests.gui.test_canvas import SHAPE, Table, photo_part
from tongue_viewer.core.cases import CaseState, CaseSummary
from tongue_viewer.storage.photos import read_photo

CASES: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("bmp 24", "RGB", ".bmp", {}),
    ("bmp 32", "RGBA", ".bmp", {}),
    ("bmp palette", "P", ".bmp", {}),
    ("bmp grey", "L", ".bmp", {}),
    ("bmp 1 bit", "1", ".bmp", {}),
    ("jpeg", "RGB", ".jpg", {"quality": 90}),
    ("jpeg grey", "L", ".jpg", {"quality": 90}),
    ("png", "RGB", ".png", {}),
    ("png palette", "P", ".png", {}),
    ("tiff lzw", "RGB", ".tif", {"compression": "tiff_lzw"}),
    ("tiff grey", "L", ".tif", {}),
    ("webp lossless", "RGB", ".webp", {"lossless": True}),
)


@pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
@pytest.mark.parametrize(("mode", "suffix", "options"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_the_screen_at_one_to_one_is_the_file(
    qtbot: QtBot, tmp_path: Path, mode: str, suffix: str, options: dict[str, Any]
) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (*SHAPE, 3), dtype=np.uint8)
    path = tmp_path / f"照片{suffix}"
    Image.fromarray(pixels).convert(mode).save(path, **options)
    with Image.open(path) as opened:
        expected = np.asarray(opened.convert("RGB"))
    table = Table(qtbot)
    photo = read_photo(path)
    table.document.open(CaseState(CaseSummary(path, "x"), photo, np.zeros(photo.shape, np.uint8)))
    table.view.one_to_one()
    assert np.array_equal(photo_part(table, table.view.photo_pane), expected)
