from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from tongue_viewer.core.errors import WriteError
from tongue_viewer.core.settings import Settings
from tongue_viewer.storage.locations import settings_path
from tongue_viewer.storage.settings_file import load_settings, save_settings


def test_round_trip_at_the_default_place(user_home: Path) -> None:
    assert load_settings() == Settings()
    assert not list(user_home.iterdir())
    settings = Settings(theme="dark", user_name="李医生", recent_folders=("/照片",))
    save_settings(settings)
    assert settings_path().is_file()
    assert load_settings() == settings
    assert "李医生" in settings_path().read_text(encoding="utf-8")


def test_the_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "settings.json"
    save_settings(Settings(), path)
    assert load_settings(path) == Settings()


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"theme": "dark"} x'])
def test_a_damaged_file_is_kept_aside(tmp_path: Path, data: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(data)
    with caplog.at_level(logging.WARNING):
        assert load_settings(path) == Settings()
    assert "settings.json are damaged" in caplog.text
    assert not path.exists()
    assert (tmp_path / "settings.json.damaged").read_bytes() == data
    save_settings(Settings(theme="dark"), path)
    assert load_settings(path).theme == "dark"


def test_a_file_from_an_editor_with_a_mark_and_odd_values(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b'\xef\xbb\xbf{"theme": "dark", "brush_size": "big", "new": 1}')
    with caplog.at_level(logging.WARNING):
        assert load_settings(path) == Settings(theme="dark")
    assert "brush_size should be a whole number" in caplog.text
    assert path.exists()


def test_what_cannot_be_read_gives_the_defaults(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "settings.json"
    path.mkdir()
    with caplog.at_level(logging.WARNING):
        assert load_settings(path) == Settings()
    assert "cannot be read" in caplog.text


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WriteError):
        save_settings(Settings(), tmp_path / "file" / "settings.json")


def test_a_folder_whose_name_is_no_text_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    settings = Settings(recent_folders=("/photos/\udcff",))
    save_settings(settings, path)
    assert load_settings(path) == settings


@pytest.mark.parametrize("value", ['"\\ud800"', '"a\\u0000b"', "[" * 700 + "]" * 700, "1" + "0" * 4000])
def test_a_user_that_cannot_be_written_anywhere_is_replaced(
    tmp_path: Path, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(f'{{"user_name": {value}, "theme": "dark"}}', encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert load_settings(path) == Settings(theme="dark")
    assert "user_name" in caplog.text


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_a_pipe_in_the_place_of_the_settings_does_not_keep_the_program_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "settings.json")
    assert load_settings(tmp_path / "settings.json") == Settings()
