"""The built wheel, unpacked where there is no source tree, finds its model and its samples."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

ASK = """
import tongue_viewer
from tongue_viewer.inference.registry import find_model, read_card
from tongue_viewer.storage.locations import samples_folder
model = find_model()
print(tongue_viewer.__file__)
print(model)
print(read_card(model).name)
print(len(list(samples_folder().glob("*.bmp"))))
"""


def test_the_wheel_carries_its_model_and_samples(tmp_path: Path) -> None:
    if not (ROOT / "pyproject.toml").exists():
        pytest.skip("not a source tree: there is nothing to build a wheel from")
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)],
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(site)
    assert not [name for name in names if name.startswith(("tests/", "docs/"))]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-P", "-c", ASK],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    package, model, name, samples = done.stdout.split("\n")[:4]
    assert Path(package).is_relative_to(site)
    assert Path(model).is_relative_to(site)
    assert (Path(model) / "card.json").exists()
    assert name
    assert int(samples) >= 12
