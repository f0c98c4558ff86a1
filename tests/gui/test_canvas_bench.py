"""The canvas' benchmark answers as the command line's contract says."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from benchmarks.canvas_peers import ROWS
from tongue_viewer.cli.main import main
from tongue_viewer.editor.document import Document
from tongue_viewer.ui import bench_canvas
from tongue_viewer.ui.bench_case import stroke, synthetic_case
from tongue_viewer.ui.bench_clock import Clock, Lap, summary
from tongue_viewer.ui.canvas.canvas_view import CanvasView

# The offscreen platform says so of every window with a smallest size.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

CONTRACT = ("brush_ms", "undo_ms", "pan_ms", "zoom_ms", "switch_prefetched_ms")


def test_every_figure_has_its_percentiles(qtbot: QtBot, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench_canvas.main(["--json", "--megapixels", "0.3", "--moves", "5"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["megapixels"] == 0.3
    for name in (*CONTRACT, *(key for _, key, _ in ROWS)):
        p50, p95, highest = (figures[name][key] for key in ("p50", "p95", "max"))
        assert 0 < p50 <= p95 <= highest
    assert figures["brush_ms"]["n"] == figures["pan_ms"]["n"] == figures["brush_400_ms"]["n"] == 5
    assert figures["platform"] == QApplication.platformName()
    assert figures["painted_px"] > np.count_nonzero(synthetic_case(0.3).mask)
    assert figures["photos"] == [{key: figures[key] for key in figures["photos"][0]}]


def test_the_command_measures_several_photos_in_the_whole_window(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--megapixels", "0.4", "--megapixels", "0.2", "--moves", "2", "--whole-window", "--json"]
    assert main(["bench", "canvas", *words]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert [photo["megapixels"] for photo in figures["photos"]] == [0.2, 0.4]
    assert figures["megapixels"] == 0.4
    assert figures["whole_window"] is True


def test_the_command_shows_a_table_to_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "canvas", "--megapixels", "0.2", "--moves", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.strip().startswith("0.2 megapixels") for line in lines)
    brush = next(line.split() for line in lines if line.split()[:1] == ["brush"])
    assert len(brush) == 5
    assert brush[-1] == "3"


@pytest.mark.parametrize("words", [["--megapixels", "0"], ["--megapixels", "nan"], ["--moves", "0"]])
def test_sizes_that_cannot_be_measured_are_wrong_usage(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "canvas", *words]) == 2
    assert words[0] in capsys.readouterr().err


def test_what_paints_nothing_is_not_given_a_time(qtbot: QtBot) -> None:
    document = Document()
    view = CanvasView(document)
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    document.open(synthetic_case(0.05))
    clock = Clock(view.mask_pane)
    clock.settle()
    with pytest.raises(RuntimeError, match="nothing was painted"):
        clock.laps([lambda: None])
    assert clock.laps([view.mask_pane.update])["n"] == 1


@given(st.lists(st.tuples(st.floats(0.01, 1e4), st.floats(0, 1e4)), min_size=1, max_size=40))
def test_a_summary_orders_its_figures(times: list[tuple[float, float]]) -> None:
    figures = summary([Lap(*pair) for pair in times])
    assert figures["n"] == len(times)
    assert figures["max"] == pytest.approx(max(clock for clock, _ in times), abs=1e-3)
    assert figures["p50"] <= figures["p95"] <= figures["max"]


@given(st.integers(1, 900), st.floats(40, 2000))
def test_the_stroke_stays_on_the_photo_and_never_rests(events: int, reach: float) -> None:
    path = stroke(events, reach)
    assert path.shape == (events, 2)
    assert np.hypot(*path.T).max() < reach / 2
    assert (np.hypot(*np.diff(path, axis=0).T) > 1).all()
