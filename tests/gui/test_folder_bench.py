"""The benchmark of a large folder, and that of the program's start, answer as the command line's contract says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tongue_viewer.app import bench_folder, bench_start
from tongue_viewer.cli.main import main
from tongue_viewer.storage.photos import read_photo


@pytest.fixture
def plain_look(qapp: QApplication) -> Iterator[None]:
    """The program's look ends with the test."""
    palette, sheet, style = qapp.palette(), qapp.styleSheet(), qapp.style().name()
    yield
    qapp.setStyleSheet(sheet)
    qapp.setStyle(style)
    qapp.setPalette(palette)


@pytest.mark.usefixtures("plain_look")
def test_every_figure_is_there_and_nothing_of_the_person_s_is_touched(
    capsys: pytest.CaptureFixture[str], user_home: Path
) -> None:
    assert bench_folder.main(["--json", "--photos", "60", "--no-start"]) == 0
    printed = capsys.readouterr()
    figures = json.loads(printed.out)
    assert figures["photos"] == 60
    assert figures["predict_ahead"] is False
    assert 0 < figures["list_s"] <= bench_folder.PATIENCE
    assert 0 < figures["first_photo_s"] <= bench_folder.PATIENCE
    assert 0 < figures["rss_before_mb"] <= figures["rss_mb"]
    for name in ("scroll_ms", "wheel_ms", "jump_ms", "switch_ms"):
        assert 0 < figures[name]["p50"] <= figures[name]["p95"] <= figures[name]["max"]
    assert figures["scroll_ms"]["n"] == figures["wheel_ms"]["n"] + figures["jump_ms"]["n"]
    assert figures["switch_ms"]["n"] == 59
    assert 0 < figures["small_pictures"] < 60
    assert figures["platform"] == QApplication.platformName()
    assert [line.partition(":")[0] for line in printed.err.splitlines() if "propagate" not in line] == [
        "folder"
    ] * 4
    assert list(user_home.iterdir()) == []


def test_the_photos_all_differ_and_are_the_same_each_time(tmp_path: Path) -> None:
    digests = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        bench_folder.write_photos(tmp_path / name, 300)
        files = sorted((tmp_path / name).iterdir())
        digests.append([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])
    assert digests[0] == digests[1]
    assert len(set(digests[0])) == 300
    assert read_photo(files[-1]).shape == bench_folder.PHOTO


def test_a_start_tells_its_time_and_what_it_loaded(tmp_path: Path) -> None:
    told = bench_start.start(str(tmp_path))
    assert told["seconds"] > 0
    assert told["processor"] > 0
    assert told["torch"] is False
    loaded = {part for file in told["files"] for part in Path(file).parts}
    assert {"PySide6", "cv2", "tongue_viewer"} <= loaded
    # Each of them would cost as much as a third of the whole start.
    assert not loaded & {"torch", "scipy", "openvino"}


def test_too_few_photos_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "folder", "--photos", "1"]) == 2
    assert "--photos" in capsys.readouterr().err
