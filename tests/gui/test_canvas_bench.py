"""The canvas' benchmark answers as the command line's contract says."""

from __future__ import annotations

import json

import pytest
from pytestqt.qtbot import QtBot

from tongue_viewer.ui import bench_canvas

# The offscreen platform says so of every window with a smallest size.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def test_every_figure_has_its_percentiles(qtbot: QtBot, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench_canvas.main(["--json", "--megapixels", "0.3", "--moves", "5"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["megapixels"] == 0.3
    for name in ("brush_ms", "undo_ms", "pan_ms", "zoom_ms", "switch_prefetched_ms"):
        p50, p95, highest = (figures[name][key] for key in ("p50", "p95", "max"))
        assert 0 < p50 <= p95 <= highest
