"""The benchmark of click to correct: damages, simulated clicks, and what it reports."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from benchmarks.click_samples import Subject, click_on_error, wrong_mask
from benchmarks.correction import Disc, ideal_click, own_error, simulate
from benchmarks.damage import DICE, KINDS, damage, dice
from tests.phantoms import random_spec, render
from tongue_viewer.core.masks import keep_largest, mask_from_probability
from tongue_viewer.core.photo import MaskArray


def tongue(seed: int = 4) -> MaskArray:
    return render(random_spec(seed, (150, 200)))[1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_a_damage_is_neither_nothing_nor_everything_and_its_seed_tells_it(kind: str, seed: int) -> None:
    reference = tongue(seed)
    damaged = damage(reference, kind, seed)
    assert DICE[0] <= dice(damaged, reference) <= DICE[1]
    assert set(np.unique(damaged)) <= {0, 1}
    np.testing.assert_array_equal(damaged, damage(reference, kind, seed))
    assert (damaged != damage(reference, kind, seed + 1)).any()


def test_damages_are_what_their_names_say() -> None:
    reference = tongue()
    assert (damage(reference, "piece missing", 1) <= reference).all()
    assert (damage(reference, "lip included", 1) >= reference).all()
    hole = damage(reference, "hole", 1)
    assert (hole <= reference).all()
    assert not keep_largest(1 - hole)[(hole == 0) & (reference == 1)].any()
    np.testing.assert_array_equal(keep_largest(damage(reference, "island", 1)), reference)


def test_an_empty_mask_cannot_be_damaged() -> None:
    with pytest.raises(ValueError, match="empty"):
        damage(np.zeros((20, 20), np.uint8), "hole", 0)


def test_the_ideal_click_is_the_middle_of_the_largest_error() -> None:
    reference = np.zeros((100, 140), np.uint8)
    reference[20:80, 20:120] = 1
    mask = reference.copy()
    mask[30:61, 40:71] = 0
    mask[2:8, 2:8] = 1
    rng = np.random.default_rng(0)
    assert ideal_click(mask, reference, 0, rng) == (55.5, 45.5, True)
    mask[30:61, 40:71] = 1
    assert ideal_click(mask, reference, 0, rng)[2] is False
    x, y, positive = ideal_click(1 - reference, reference, 0.9, rng)
    assert positive == bool(reference[int(y), int(x)])


def test_the_prediction_of_a_models_own_error_gives_that_error() -> None:
    mask = damage(tongue(), "piece missing", 2)
    said = own_error(mask)
    assert said.shape == mask.shape
    assert dice(mask_from_probability(said.probability(), said.threshold), mask) > 0.98


def test_a_course_ends_when_the_mask_is_good_enough() -> None:
    reference = np.zeros((120, 160), np.uint8)
    cv2.circle(reference, (80, 60), 45, 1, cv2.FILLED)
    mask = reference.copy()
    cv2.circle(mask, (80, 60), 18, 0, cv2.FILLED)
    disc = Disc(np.zeros((120, 160, 3), np.uint8), None)
    course = simulate(disc, mask, reference, 0, np.random.default_rng(0))
    assert course.done
    assert course.clicks == 1
    assert len(course.dice) == 2
    assert dice(mask, reference) == course.dice[-1] == 1


def test_taught_masks_are_wrong_and_clicked_where_they_are() -> None:
    rgb, reference = render(random_spec(2, (150, 200)))
    subject = Subject.of(rgb, reference)
    rng = np.random.default_rng(3)
    clicked = 0
    for _ in range(20):
        mask = wrong_mask(subject, rng)
        asked = click_on_error(mask, reference, rng)
        if asked is not None:
            (x, y, positive), piece = asked
            assert piece[int(y), int(x)]
            assert bool(reference[int(y), int(x)]) == positive != bool(mask[int(y), int(x)])
            clicked += 1
    assert clicked > 10
