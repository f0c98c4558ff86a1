"""Expected Dice against drawn truths, and rank correlations with known answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tongue_viewer.core.metrics import agreement
from tongue_viewer.core.quality import Ranking, expected_dice


def soft_disc(blur: float) -> np.ndarray:
    """A disc of radius 20 on 80 × 80 pixels whose edge is as uncertain as it is blurred."""
    rows, columns = np.mgrid[:80, :80]
    distance = np.hypot(rows - 40, columns - 40) - 20
    return np.asarray(1 / (1 + np.exp(distance / blur)), np.float32)


@pytest.mark.parametrize("blur", [0.5, 2.0, 6.0])
def test_it_is_the_dice_that_comes_out_on_average(blur: float) -> None:
    probability = soft_disc(blur)
    mask = (probability >= 0.5).astype(np.uint8)
    rng = np.random.default_rng(0)
    found = [agreement(mask, (rng.random(mask.shape) < probability).astype(np.uint8)).dice for _ in range(30)]
    assert expected_dice(probability, mask) == pytest.approx(np.mean(found), abs=0.005)


def test_less_certain_edges_and_worse_masks_are_worth_less() -> None:
    sharp, soft = (soft_disc(blur) for blur in (1.0, 4.0))
    mask = (sharp >= 0.5).astype(np.uint8)
    assert expected_dice(sharp, mask) > expected_dice(soft, mask)
    half = mask.copy()
    half[:40] = 0
    assert expected_dice(sharp, half) < 0.7


def test_a_certain_probability_expects_its_own_mask_to_be_right() -> None:
    mask = (soft_disc(1.0) >= 0.5).astype(np.uint8)
    assert expected_dice(mask.astype(np.float32), mask * 255) == 1.0
    assert expected_dice(1 - mask.astype(np.float32), mask) == 0.0


def test_an_empty_mask_is_as_good_as_its_most_likely_pixel_is_unlikely() -> None:
    probability = np.zeros((5, 6), np.float32)
    empty = np.zeros((5, 6), np.uint8)
    assert expected_dice(probability, empty) == 1.0
    probability[2, 3] = 0.25
    assert expected_dice(probability, empty) == pytest.approx(0.75)
    with pytest.raises(ValueError, match="differ in shape"):
        expected_dice(probability, empty.T)


@given(arrays(np.float32, (6, 7), elements=st.floats(0, 1, width=32)), arrays(np.uint8, (6, 7)))
def test_it_lies_between_0_and_1(probability: np.ndarray, mask: np.ndarray) -> None:
    assert 0.0 <= expected_dice(probability, mask) <= 1.0


def test_an_equal_and_a_reversed_order() -> None:
    truth = [0.91, 0.95, 0.97, 0.98, 0.99]
    same, reverse = Ranking.of([1, 2, 3, 4, 5], truth), Ranking.of([5, 4, 3, 2, 1], truth)
    for ranking, value in ((same, 1.0), (reverse, -1.0)):
        assert ranking.n == 5
        for found in (ranking.spearman, ranking.kendall):
            assert found is not None
            assert found.value == pytest.approx(value)
            assert found.ci95 == pytest.approx((value, value))


def test_one_swap_by_hand() -> None:
    ranking = Ranking.of([2, 1, 3, 4], [0.1, 0.2, 0.3, 0.4], samples=50)
    assert ranking.spearman is not None
    assert ranking.kendall is not None
    assert ranking.spearman.value == pytest.approx(1 - 6 * 2 / (4 * 15))
    assert ranking.kendall.value == pytest.approx((5 - 1) / 6)


def test_the_interval_holds_the_value_and_repeats() -> None:
    rng = np.random.default_rng(1)
    truth = rng.random(40)
    score = truth + rng.normal(0, 0.2, 40)
    first, second = (Ranking.of(score.tolist(), truth.tolist(), samples=200) for _ in range(2))
    assert first == second
    assert first.spearman is not None
    low, high = first.spearman.ci95
    assert 0 < low < first.spearman.value < high < 1


def test_there_is_no_order_among_equals() -> None:
    assert Ranking.of([1, 2], [1, 2]) == Ranking(2, None, None)
    assert Ranking.of([1, 1, 1], [1, 2, 3]) == Ranking(3, None, None)
    assert Ranking.of([], []) == Ranking(0, None, None)
    with pytest.raises(ValueError, match="2 scores for 3 photos"):
        Ranking.of([1, 2], [1, 2, 3])
