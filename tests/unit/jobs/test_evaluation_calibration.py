"""The calibration part of an evaluation: with and without the card's temperature."""

from __future__ import annotations

import numpy as np
import pytest

from tongue_viewer.core.calibration import apply_temperature
from tongue_viewer.jobs.evaluation_calibration import Calibration


def photo(seed: int, temperature: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A network that is too sure by `temperature`: what it says, what is kept after scaling, and the truth."""
    rows, columns = np.mgrid[:200, :240]
    logit = (70 - np.hypot(rows - 100, columns - 120)) / 3
    honest = 1 / (1 + np.exp(-logit))
    truth = (np.random.default_rng(seed).random(honest.shape) < honest).astype(np.uint8)
    raw = apply_temperature(honest, 1 / temperature)
    kept = np.rint(apply_temperature(raw, temperature) * 255) / 255
    return raw, kept.astype(np.float32), truth


def test_the_temperature_is_undone_for_before() -> None:
    calibration = Calibration(2.0)
    for seed in range(3):
        _, kept, truth = photo(seed, 2.0)
        calibration.add(kept, truth)
    report = calibration.report()
    assert report is not None
    assert report["temperature"] == 2.0
    assert report["temperature_fitted"] == pytest.approx(2.0, rel=0.05)
    assert report["pixels"] == 3 * 200 * 240
    assert 0 < report["outline"]["pixels"] < report["pixels"]
    for area in (report, report["outline"]):
        assert area["ece_after"] < area["ece_before"] / 3
        assert area["mce_after"] < area["mce_before"]
        assert area["brier_after"] < area["brier_before"]
        assert sum(b["pixels"] for b in area["diagram"]["before"]) == area["pixels"]
    raw_says = Calibration(1.0)
    for seed in range(3):
        raw, _, truth = photo(seed, 2.0)
        raw_says.add(raw.astype(np.float32), truth)
    undone = raw_says.report()
    assert undone is not None
    # What rounding to 1/255 costs: the undone error is that of the network's own answer to about 0.002.
    assert report["ece_before"] == pytest.approx(undone["ece_after"], abs=0.002)


def test_without_a_temperature_before_is_after() -> None:
    calibration = Calibration(1.0)
    _, kept, truth = photo(0, 1.0)
    calibration.add(kept, truth)
    report = calibration.report()
    assert report is not None
    assert report["ece_before"] == report["ece_after"] < 0.01
    assert report["diagram"]["before"] == report["diagram"]["after"]
    assert report["diagram"]["after"][0]["confidence"] < 1 / 15


def test_what_cannot_be_told_is_none() -> None:
    assert Calibration(1.0).report() is None
    certain = Calibration(1.3)
    certain.add(np.zeros((20, 30), np.float32), np.zeros((20, 30), np.uint8))
    report = certain.report()
    assert report is not None
    assert (report["ece_after"], report["outline"], report["temperature_fitted"]) == (0.0, None, None)
