"""The committed samples are the renderer's own work, complete and small."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.phantoms import render, sample_specs
from tests.phantoms.files import MANIFEST, digest, read_pixels, write_set

SAMPLES = Path(__file__).parents[3] / "resources" / "samples"
SPECS = {spec.name: spec for spec in sample_specs()}


def manifest() -> dict[str, dict[str, Any]]:
    entries = json.loads((SAMPLES / MANIFEST).read_text(encoding="utf-8"))["samples"]
    return {entry["name"]: entry for entry in entries}


def test_the_set_is_complete_and_small() -> None:
    photos = {path.stem for path in SAMPLES.glob("*.bmp")}
    masks = {path.stem for path in (SAMPLES / "masks").glob("*.png")}
    assert photos == masks == set(SPECS) == set(manifest())
    assert len(photos) == 12
    assert any(not name.isascii() for name in photos)
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < 9.5e6


@pytest.mark.parametrize("name", sorted(SPECS))
def test_photo_and_mask_fit_the_manifest(name: str) -> None:
    entry, spec = manifest()[name], SPECS[name]
    photo = read_pixels(SAMPLES / f"{name}.bmp", cv2.IMREAD_UNCHANGED)
    mask = read_pixels(SAMPLES / "masks" / f"{name}.png", cv2.IMREAD_UNCHANGED)
    assert photo.shape == (*spec.camera.shape, 3)
    assert mask.shape == spec.camera.shape
    assert set(np.unique(mask)) <= {0, 255}
    assert bool(mask.any()) == (spec.tongue is not None)
    assert digest(np.ascontiguousarray(photo[..., ::-1])) == entry["photo_sha256"]
    assert digest(mask // 255) == entry["mask_sha256"]


@pytest.mark.parametrize("name", ["s08_phone_small", "舌象_示例"])
def test_a_sample_renders_again_to_the_committed_pixels(name: str) -> None:
    photo, mask = render(SPECS[name])
    committed = read_pixels(SAMPLES / f"{name}.bmp", cv2.IMREAD_COLOR)[..., ::-1]
    committed_mask = read_pixels(SAMPLES / "masks" / f"{name}.png", cv2.IMREAD_UNCHANGED) // 255
    # Another processor may round a float32 the other way: a grey level here and there, a pixel on the edge.
    difference = np.abs(photo.astype(int) - committed)
    assert difference.mean() < 0.5
    assert np.mean(difference > 4) < 0.01
    assert np.mean(mask != committed_mask) < 0.001


def test_the_readme_says_what_the_samples_are() -> None:
    text = (SAMPLES / "README.md").read_text(encoding="utf-8")
    for fact in ("rendered", "never used in training", "not a medical device"):
        assert fact in text


def test_writing_a_set(tmp_path: Path) -> None:
    small = [SPECS["s08_phone_small"].at_shape((40, 40), supersample=1)]
    (entry,) = write_set(small, tmp_path / "out")
    assert (tmp_path / "out" / "s08_phone_small.bmp").read_bytes()[
        28
    ] == 24  # bits per pixel in the BMP header
    mask = read_pixels(tmp_path / "out" / "masks" / "s08_phone_small.png", cv2.IMREAD_UNCHANGED)
    assert mask.mean() / 255 == pytest.approx(entry["tongue_share"], abs=1e-3)
    assert json.loads((tmp_path / "out" / MANIFEST).read_text(encoding="utf-8"))["samples"] == [entry]
