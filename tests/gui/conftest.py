"""Fixtures of the window's tests: a program to drive, and no thread left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.window_driver import BrightSource, Driver
from tongue_viewer.core.settings import Settings
from tongue_viewer.inference.source import PredictorSource
from tongue_viewer.workers.job_runner import running_threads

StartProgram = Callable[..., Driver]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """A QThread that was not waited for aborts the process at its exit."""
    yield
    assert running_threads() == []


@pytest.fixture
def start(qtbot: QtBot, qapp: QApplication) -> Iterator[StartProgram]:
    """Starts the program, also several times; each run that still lives is ended after the test."""
    runs: list[Driver] = []
    palette, sheet, style = qapp.palette(), qapp.styleSheet(), qapp.style().name()

    def run(models: PredictorSource | None = None, settings: Settings | None = None) -> Driver:
        runs.append(Driver(qtbot, qapp, models or BrightSource(), settings))
        return runs[-1]

    yield run
    for driver in runs:
        driver.shutdown()
    qapp.setStyleSheet(sheet)
    qapp.setStyle(style)
    qapp.setPalette(palette)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform says "propagateSizeHints" of every window with a smallest size."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", extend=True))
