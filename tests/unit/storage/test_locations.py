from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from tongue_viewer.core.errors import WriteError
from tongue_viewer.storage import locations

USER_FOLDERS = (
    locations.user_data_folder,
    locations.user_models_folder,
    locations.user_cache_folder,
    locations.log_folder,
    locations.settings_path,
)


def test_the_source_tree_has_models_and_resources() -> None:
    root = Path(__file__).resolve().parents[3]
    assert locations.models_folder() == root / "models"
    assert locations.resources_folder() == root / "resources"
    assert locations.samples_folder() == root / "resources" / "samples"


def first_existing(candidates: tuple[Path, ...]) -> Path:
    return next(folder for folder in candidates if folder.is_dir())


def test_an_installed_wheel(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "tongue_viewer"
    bundled = package / "_bundled" / "models"
    bundled.mkdir(parents=True)
    # A folder of the same name beside the package belongs to somebody else.
    (tmp_path / "site-packages" / "models").mkdir()
    assert first_existing(locations.bundled_candidates("models", package)) == bundled


@pytest.mark.parametrize("inside", ["resources", "tongue_viewer/_bundled/resources"])
def test_a_frozen_app(tmp_path: Path, inside: str) -> None:
    (tmp_path / inside).mkdir(parents=True)
    candidates = locations.bundled_candidates("resources", tmp_path / "tongue_viewer", str(tmp_path))
    assert first_existing(candidates) == tmp_path / inside


def test_everything_that_is_written_has_one_root_and_is_made_late(user_home: Path) -> None:
    for place in USER_FOLDERS:
        assert place() == user_home or user_home in place().parents
    assert not list(user_home.iterdir())


def test_the_systems_own_place(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("", None):
        if value is None:
            monkeypatch.delenv(locations.HOME_VARIABLE)
        else:
            monkeypatch.setenv(locations.HOME_VARIABLE, value)
        expected = Path(platformdirs.user_data_dir("tongue-viewer", appauthor=False))
        assert locations.user_data_folder() == expected
        assert all(place() == expected or expected in place().parents for place in USER_FOLDERS)


def test_the_override_may_begin_with_a_tilde_and_be_relative(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(locations.HOME_VARIABLE, "~/舌")
    assert locations.user_data_folder() == tmp_path / "舌"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(locations.HOME_VARIABLE, "here")
    assert locations.user_data_folder() == tmp_path / "here"


def test_ensure_folder(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    assert locations.ensure_folder(deep) == deep
    assert locations.ensure_folder(deep).is_dir()
    (tmp_path / "file").write_bytes(b"x")
    for place in (tmp_path / "file", tmp_path / "file" / "a"):
        with pytest.raises(WriteError, match=place.name):
            locations.ensure_folder(place)
