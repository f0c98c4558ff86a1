"""The command line knows its commands, and the window needs none of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tongue_viewer.cli import main as entry
from tongue_viewer.cli.window import OpenWindow


def test_every_command_is_told_from_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    choices = next(action.choices for action in entry.build_parser()._actions if action.metavar == "COMMAND")
    assert choices is not None
    assert set(choices) == set(entry.NAMES)


def test_the_window_does_not_load_the_other_commands(tmp_path: Path) -> None:
    program = (
        "import sys; from tongue_viewer.cli.main import main; main(sys.argv[1:]);"
        "print([name for name in sys.modules if name.startswith('tongue_viewer.cli.')])"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "tongue_viewer.cli.window" in told
    assert "tongue_viewer.cli.train" not in told


def test_a_word_that_is_no_command_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "trained").mkdir()
    answer = entry.main([str(tmp_path / "trained")])
    assert answer == OpenWindow((tmp_path / "trained").resolve())
