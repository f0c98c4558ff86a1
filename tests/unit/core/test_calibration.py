"""Reliability and temperature on probabilities whose truth is drawn from them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tongue_viewer.core.calibration import (
    Reliability,
    apply_temperature,
    fit_temperature,
    outline_band,
    sample_pixels,
)

SEEDS = st.integers(0, 2**32 - 1)
TEMPERATURES = st.floats(0.05, 20)


def drawn(seed: int, count: int = 200_000, edge: float = 0.02) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, and a truth that is right as often as they say."""
    rng = np.random.default_rng(seed)
    probability = rng.uniform(edge, 1 - edge, count)
    return probability, rng.uniform(size=count) < probability


def measured(probability: np.ndarray, truth: np.ndarray) -> Reliability:
    tally = Reliability()
    tally.add(probability, truth)
    return tally


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_probabilities_that_mean_what_they_say_have_no_error(seed: int) -> None:
    probability, truth = drawn(seed)
    calm = measured(probability, truth)
    assert calm.ece < 0.01
    assert calm.mce < 0.03
    assert calm.brier == pytest.approx(np.mean(probability * (1 - probability)), abs=0.005)
    sure = measured(apply_temperature(probability, 1 / 3), truth)
    assert sure.ece > 0.1
    assert sure.brier > calm.brier


def test_the_errors_by_hand() -> None:
    probability = np.array([0.1, 0.1, 0.1, 0.1, 0.9, 1.0])
    truth = np.array([True, False, False, False, True, False])
    tally = measured(probability, truth)
    # Bins of 1/15: 0.1 in the second one (0.25 tongue); 0.9 in the 14th (1.0); 1.0 in the 15th (0.0).
    assert tally.counts[[1, 13, 14]].tolist() == [4, 1, 1]
    assert tally.ece == pytest.approx((4 * 0.15 + 1 * 0.1 + 1 * 1.0) / 6)
    assert tally.mce == pytest.approx(1.0)
    assert tally.brier == pytest.approx((0.9**2 + 3 * 0.1**2 + 0.1**2 + 1) / 6)


@settings(deadline=None)
@given(SEEDS, st.integers(0, 1000))
def test_photo_by_photo_is_the_same_as_all_at_once(seed: int, cut: int) -> None:
    probability, truth = drawn(seed, 1000)
    parts = Reliability()
    parts.add(probability[:cut], truth[:cut])
    parts.add(probability[cut:].reshape(-1, 1), truth[cut:].reshape(-1, 1))
    whole = measured(probability, truth)
    assert np.array_equal(parts.counts, whole.counts)
    for name in ("pixels", "ece", "mce", "brier"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name))


def test_nothing_has_no_error_to_tell() -> None:
    assert all(math.isnan(value) for value in (Reliability().ece, Reliability().mce, Reliability().brier))
    with pytest.raises(ValueError, match="differ in shape"):
        Reliability().add(np.zeros((2, 3)), np.zeros((3, 2), bool))


@given(arrays(np.float32, (40,), elements=st.floats(0, 1, width=32)), TEMPERATURES)
def test_a_temperature_never_changes_the_mask(probability: np.ndarray, temperature: float) -> None:
    warm = apply_temperature(probability, temperature)
    assert np.array_equal(warm >= 0.5, probability >= 0.5)
    assert np.all((warm >= 0) & (warm <= 1))


@given(TEMPERATURES)
def test_certain_and_undecided_pixels_stay_what_they_are(temperature: float) -> None:
    assert apply_temperature(np.array([0.0, 0.5, 1.0]), temperature).tolist() == [0.0, 0.5, 1.0]


@settings(deadline=None)
@given(st.floats(0.3, 3), SEEDS)
def test_a_temperature_can_be_undone(temperature: float, seed: int) -> None:
    probability, _ = drawn(seed, 100)
    assert np.allclose(
        apply_temperature(apply_temperature(probability, temperature), 1 / temperature), probability
    )


@pytest.mark.parametrize("temperature", [0.4, 1.0, 1.7, 4.0])
def test_a_known_temperature_is_found(temperature: float) -> None:
    honest, truth = drawn(3)
    shown = apply_temperature(honest, 1 / temperature)
    assert fit_temperature(shown, truth) == pytest.approx(temperature, rel=0.03)
    assert measured(apply_temperature(shown, temperature), truth).ece < 0.01


@pytest.mark.parametrize("temperature", [0.6, 1.7])
def test_it_is_also_found_from_the_steps_that_are_stored(temperature: float) -> None:
    rng = np.random.default_rng(4)
    honest = 1 / (1 + np.exp(-rng.normal(0, 6, 400_000)))  # most pixels are far from ½, as in a photo
    truth = rng.uniform(size=honest.size) < honest
    stored = (np.rint(apply_temperature(honest, 1 / temperature) * 255) / 255).astype(np.float32)
    assert np.mean((stored == 0) | (stored == 1)) > 0.05
    shown, found = sample_pixels(stored, truth, rng, 300_000)
    assert fit_temperature(shown, found) == pytest.approx(temperature, rel=0.04)


def test_a_temperature_beyond_the_bracket_ends_at_its_edge() -> None:
    probability = np.full(10, 0.7)
    assert fit_temperature(probability, np.ones(10, bool)) == pytest.approx(1 / 20)
    assert fit_temperature(probability, np.zeros(10, bool)) == pytest.approx(20)
    with pytest.raises(ValueError, match="at least one pixel"):
        fit_temperature(np.array([0.0, 1.0]), np.array([False, True]))
    for wrong in (0.0, -1.0, math.inf, math.nan):
        with pytest.raises(ValueError, match="positive and finite"):
            apply_temperature(probability, wrong)


def test_the_band_lies_on_both_sides_of_the_outline() -> None:
    reference = np.zeros((300, 400), np.uint8)  # the diagonal is 500, so the band reaches 10 px
    reference[100:200, 100:300] = 255
    row = np.flatnonzero(outline_band(reference)[150])
    assert row.tolist() == [*range(90, 110), *range(290, 310)]
    assert not outline_band(np.zeros((30, 40), np.uint8)).any()
