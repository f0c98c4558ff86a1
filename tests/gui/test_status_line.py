"""Words of the status line, the note, and the pixel under the pointer."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tongue_viewer.core.cases import Prediction
from tongue_viewer.core.events import Progress
from tongue_viewer.ui.brush_panel import MAX_DIAMETER, diameter_to_slider, slider_to_diameter
from tongue_viewer.ui.message_bar import MessageBar
from tongue_viewer.ui.pixel_text import lab_of, pixel_text
from tongue_viewer.ui.status_line import Saved, StatusLine, left_text, saved_text


@pytest.mark.parametrize(
    ("saved", "text"),
    [
        (Saved(), ""),
        (Saved(waiting=2), "saving …"),
        (Saved(at=100.0), "✓ saved"),
        (Saved(at=58.0), "✓ saved 42 s ago"),
        (Saved(at=-200.0), "✓ saved 5 min ago"),
        (Saved(at=-9000.0), "✓ saved 2 h ago"),
        (Saved(at=99.0, failed=True), "△ not saved"),
        (Saved(at=99.0, waiting=1, writable=False), "△ read-only: changes are not kept"),
    ],
)
def test_saved_is_a_fact_in_words(saved: Saved, text: str) -> None:
    assert saved_text(saved, now=100.0) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (0.2, "1 s left"), (59, "59 s left"), (150, "2 min left"), (9000, "2.5 h left")],
)
def test_time_left_in_words(seconds: float | None, text: str) -> None:
    assert left_text(seconds) == text


def test_progress_is_a_bar_with_cancel(qtbot: QtBot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    line.show()
    assert not line.bar.isVisible()
    line.show_progress(Progress("Predicting", 3, 12, 60))
    assert (line.work.text(), line.left.text()) == ("Predicting 3 / 12", "1 min left")
    assert (line.bar.value(), line.bar.maximum()) == (3, 12)
    with qtbot.waitSignal(line.cancel_requested):
        line.cancel_button.click()
    line.show_progress(Progress("Predicting …", 0, 0))
    assert line.work.isVisible()
    assert not line.cancel_button.isVisible()
    line.show_progress(None)
    assert not line.work.isVisible()


def test_a_note_is_withdrawn_only_for_its_own_reason(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.show_message("Not saved.", "problem", "Try again", "retry_save")
    bar.withdraw("photo")
    assert bar.text.text() == "Not saved."
    with qtbot.waitSignal(bar.action_requested) as asked:
        bar.button.click()
    assert asked.args == ["retry_save"]
    assert bar.word == ""
    assert bar.isHidden()


def test_a_message_with_a_button_comes_back_from_under_a_newer_one(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.show_message("Not saved.", "problem", "Try again", "retry_save")
    bar.show_message("Take it over?", button="Yes", word="offer", no="No")
    bar.show_message("Nothing left.", word="done", brief=True)
    bar.clear()
    assert (bar.word, bar.no_button.text()) == ("offer", "No")
    bar.withdraw("offer")
    assert (bar.word, bar.button.text()) == ("retry_save", "Try again")
    bar.show_message("Nothing left.", word="done", brief=True)
    bar.withdraw("retry_save")
    bar.clear()
    assert bar.isHidden()


def test_everything_but_one_message_goes(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.show_message("Not saved.", "problem", "Try again", "retry_save")
    bar.show_message("2 failed.", "problem", "Show failed files", "failed_files")
    bar.show_message("This photo cannot be read.", "problem", word="photo")
    bar.clear_but("retry_save")
    assert bar.word == "retry_save"
    bar.clear()
    assert bar.isHidden()
    bar.show_message("This photo cannot be read.", "problem", word="photo")
    bar.clear_but("retry_save")
    assert bar.isHidden()


def test_the_pixel_is_read_in_cielab_and_with_its_probability() -> None:
    rgb = np.zeros((40, 60, 3), np.uint8)
    rgb[5, 7] = (255, 255, 255)
    light, a, b = lab_of(rgb[5, 7])
    assert light == pytest.approx(100, abs=0.1)
    assert (a, b) == pytest.approx((0, 0), abs=0.5)
    assert lab_of(np.array([255, 0, 0], np.uint8)) == pytest.approx((53.24, 80.09, 67.20), abs=0.3)
    grid = np.zeros((1, 60, 60), np.uint8)
    grid[0, 15, 7] = 255  # 10 rows of border lie above the photo
    prediction = Prediction(grid, (40, 60), 0.5, "m", "s")
    said = pixel_text(rgb, prediction, 7, 5)
    words = said.replace("\N{FIGURE SPACE}", " ").split()
    assert " ".join(words) == "x 7 y 5 · R 255 G 255 B 255 · L* 100 a* 0 b* 0 · p 1.00"
    nothing = pixel_text(rgb, None, 0, 0)
    assert (
        " ".join(nothing.replace("\N{FIGURE SPACE}", " ").split()) == "x 0 y 0 · R 0 G 0 B 0 · L* 0 a* 0 b* 0"
    )
    assert len(nothing) == len(said) - len("  ·  p 1.00")  # the width does not follow the numbers


def test_the_size_slider_is_proportional_and_has_an_inverse() -> None:
    for diameter in (1, 2, 5, 24, 100, 500, MAX_DIAMETER):
        assert slider_to_diameter(diameter_to_slider(diameter)) == pytest.approx(diameter, rel=0.02, abs=0.5)
    assert slider_to_diameter(0) == 1
