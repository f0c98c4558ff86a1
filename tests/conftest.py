"""What every test gets: no display, and a user data folder of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on every CI run, so that a red run means a change; at a desk hypothesis goes on searching.
settings.register_profile("ci", derandomize=True, print_blob=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_DRIVER"] = "PySide6"
os.environ.setdefault("OMP_NUM_THREADS", "1")

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The golden pictures change only when they are meant to."""
    parser.addoption(
        "--regenerate-golden",
        action="store_true",
        help="draw the pictures of tests/golden anew instead of comparing with them",
    )


@pytest.fixture(autouse=True)
def user_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A fresh user data folder, so that no test sees or leaves anything of the person's own."""
    home = tmp_path_factory.mktemp("home")
    before = os.environ.get("TONGUE_VIEWER_HOME")
    os.environ["TONGUE_VIEWER_HOME"] = str(home)
    yield home
    if before is None:
        del os.environ["TONGUE_VIEWER_HOME"]
    else:
        os.environ["TONGUE_VIEWER_HOME"] = before


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder of real photos and weights beside the checkout; the test is skipped where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip("needs ../shared/data (real photos), which is absent here")
    return SHARED
