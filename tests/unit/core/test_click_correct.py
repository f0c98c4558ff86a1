"""Click to correct: what every click keeps to, and what it mends."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.phantoms import random_spec, render
from tongue_viewer.core.cases import Prediction
from tongue_viewer.core.click_correct import ClickCorrector
from tongue_viewer.core.click_window import Click, reach_of
from tongue_viewer.core.letterbox import Letterbox
from tongue_viewer.core.photo import MaskArray, RgbArray
from tongue_viewer.core.raster import Box

Answer = tuple[Box, MaskArray] | None


def smooth_noise(shape: tuple[int, int], seed: int, size: float) -> NDArray[np.float32]:
    noise = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), size), np.float32)


def some_photo(shape: tuple[int, int], seed: int) -> RgbArray:
    planes = [smooth_noise(shape, seed + plane, 2) for plane in range(3)]
    return np.dstack([np.clip(128 + 250 * plane, 0, 255).astype(np.uint8) for plane in planes])


def some_mask(shape: tuple[int, int], seed: int) -> MaskArray:
    return (smooth_noise(shape, seed + 9, 5) > 0).astype(np.uint8)


def said(mask: MaskArray) -> Prediction:
    """The prediction of a model that is sure of this mask."""
    box = Letterbox.fit((mask.shape[0], mask.shape[1]), 64)
    return Prediction(box.mask_to_grid(mask)[None] * np.uint8(255), box.shape, 0.5, "sure", "")


def after(mask: MaskArray, answer: Answer) -> MaskArray:
    out = mask.copy()
    if answer is not None:
        (row, column, height, width), pixels = answer
        assert pixels.shape == (height, width)
        assert pixels.dtype == np.uint8
        out[row : row + height, column : column + width] = pixels
    return out


def yes(x: float, y: float) -> Click:
    return Click(x, y, positive=True)


def no(x: float, y: float) -> Click:
    return Click(x, y, positive=False)


def depth_of(mask: MaskArray, pixel: tuple[int, int], positive: bool) -> float:
    """Every held pixel on its own."""
    rows, columns = np.nonzero((mask == 1) == positive)
    if not rows.size:
        return min(len(mask), len(mask[0])) / 6
    return min(math.hypot(r - pixel[0], c - pixel[1]) for r, c in zip(rows, columns, strict=True))


@st.composite
def cases(draw: st.DrawFn) -> tuple[RgbArray, MaskArray, Prediction | None, list[Click]]:
    """A photo, a mask, perhaps a prediction, and up to four clicks."""
    shape = (draw(st.integers(1, 70)), draw(st.integers(1, 70)))
    seed = draw(st.integers(0, 1000))
    fill = draw(st.sampled_from(["some", "some", "some", "empty", "full"]))
    mask = some_mask(shape, seed) if fill == "some" else np.full(shape, fill == "full", np.uint8)
    prediction = said(some_mask(shape, seed + 1)) if draw(st.booleans()) else None
    click = st.builds(
        Click,
        st.integers(0, shape[1] - 1).map(lambda column: column + 0.5),
        st.integers(0, shape[0] - 1).map(lambda row: row + 0.5),
        st.booleans(),
    )
    return some_photo(shape, seed), mask, prediction, draw(st.lists(click, min_size=1, max_size=4))


@settings(max_examples=80, deadline=None)
@given(cases())
def test_every_clicked_pixel_gets_the_label_of_its_last_click(
    case: tuple[RgbArray, MaskArray, Prediction | None, list[Click]],
) -> None:
    rgb, mask, prediction, clicks = case
    mask.setflags(write=False)
    mended = after(mask, ClickCorrector(rgb, prediction).correct(mask, clicks))
    last = {(int(click.y), int(click.x)): click.positive for click in clicks}
    assert {pixel: bool(mended[pixel]) for pixel in last} == last


@settings(max_examples=80, deadline=None)
@given(cases())
def test_nothing_beyond_the_reach_of_a_click_changes(
    case: tuple[RgbArray, MaskArray, Prediction | None, list[Click]],
) -> None:
    rgb, mask, prediction, (click, *_) = case
    mended = after(mask, ClickCorrector(rgb, prediction).correct(mask, [click]))
    rows, columns = np.nonzero(mended != mask)
    pixel = (int(click.y), int(click.x))
    reach = max(1.0, reach_of(depth_of(mask, pixel, click.positive), (mask.shape[0], mask.shape[1])))
    assert np.hypot(rows - pixel[0], columns - pixel[1]).max(initial=0) <= reach + 1e-9
    assert set(np.unique(mended[rows, columns])) <= {int(click.positive)}


@settings(max_examples=30, deadline=None)
@given(cases())
def test_the_same_clicks_give_the_same_answer(
    case: tuple[RgbArray, MaskArray, Prediction | None, list[Click]],
) -> None:
    rgb, mask, prediction, clicks = case
    corrector = ClickCorrector(rgb, prediction)
    first = after(mask, corrector.correct(mask, clicks))
    np.testing.assert_array_equal(first, after(mask, corrector.correct(mask, clicks)))
    np.testing.assert_array_equal(first, after(mask, ClickCorrector(rgb, prediction).correct(mask, clicks)))


@settings(max_examples=40, deadline=None)
@given(cases())
def test_clicks_of_before_stay_right(
    case: tuple[RgbArray, MaskArray, Prediction | None, list[Click]],
) -> None:
    rgb, mask, prediction, clicks = case
    corrector = ClickCorrector(rgb, prediction)
    kept: list[Click] = []
    for click in clicks:
        mask = after(mask, corrector.correct(mask, [click], kept))
        kept.append(click)
    last = {(int(click.y), int(click.x)): click.positive for click in clicks}
    assert {pixel: bool(mask[pixel]) for pixel in last} == last


def test_a_click_on_what_is_right_already_changes_nothing() -> None:
    mask = np.zeros((40, 60), np.uint8)
    mask[10:30, 10:40] = 1
    corrector = ClickCorrector(some_photo((40, 60), 1))
    assert corrector.correct(mask, [yes(20.5, 20.5), no(55.5, 5.5)]) is None


@pytest.mark.parametrize("point", [(-0.5, 5.0), (60.0, 5.0), (5.0, -1.0), (5.0, 40.0), (math.nan, 5.0)])
def test_a_click_outside_the_photo_is_ignored(point: tuple[float, float]) -> None:
    mask = some_mask((40, 60), 3)
    corrector = ClickCorrector(some_photo((40, 60), 3))
    inside = Click(20.5, 20.5, not mask[20, 20])
    assert corrector.correct(mask, [yes(*point), no(*point)]) is None
    alone = after(mask, corrector.correct(mask, [inside]))
    np.testing.assert_array_equal(alone, after(mask, corrector.correct(mask, [yes(*point), inside])))


def test_a_hole_is_filled_and_a_loose_piece_taken_away_to_the_pixel() -> None:
    whole = np.zeros((200, 300), np.uint8)
    cv2.circle(whole, (150, 100), 80, 1, cv2.FILLED)
    corrector = ClickCorrector(some_photo((200, 300), 5))
    hole = whole.copy()
    cv2.ellipse(hole, (160, 90), (25, 12), 20, 0, 360, 0, cv2.FILLED)
    np.testing.assert_array_equal(after(hole, corrector.correct(hole, [yes(150.5, 90.5)])), whole)
    island = whole.copy()
    cv2.ellipse(island, (270, 30), (20, 12), 20, 0, 360, 1, cv2.FILLED)
    np.testing.assert_array_equal(after(island, corrector.correct(island, [no(262.5, 30.5)])), whole)


def test_a_hole_that_holds_a_click_of_the_other_label_is_not_filled_whole() -> None:
    whole = np.zeros((200, 300), np.uint8)
    cv2.circle(whole, (150, 100), 80, 1, cv2.FILLED)
    hole = whole.copy()
    cv2.circle(hole, (150, 100), 30, 0, cv2.FILLED)
    corrector = ClickCorrector(some_photo((200, 300), 5))
    clicks = [yes(130.5, 100.5), no(172.5, 100.5)]
    mended = after(hole, corrector.correct(hole, clicks))
    assert mended[100, 130] == 1
    assert mended[100, 172] == 0


def test_where_the_model_agrees_with_the_click_the_repair_is_the_models() -> None:
    """On a photo that says nothing."""
    truth = np.zeros((240, 320), np.uint8)
    cv2.ellipse(truth, (160, 120), (100, 70), 10, 0, 360, 1, cv2.FILLED)
    bitten, grown = truth.copy(), truth.copy()
    cv2.circle(bitten, (250, 140), 40, 0, cv2.FILLED)
    cv2.circle(grown, (160, 195), 30, 1, cv2.FILLED)
    corrector = ClickCorrector(np.full((240, 320, 3), 128, np.uint8), said(truth))
    for mask, click in ((bitten, yes(235.5, 138.5)), (grown, no(160.5, 205.5))):
        mended = after(mask, corrector.correct(mask, [click]))
        left, before = int(np.sum(mended != truth)), int(np.sum(mask != truth))
        assert left < 0.15 * before


def test_without_a_prediction_the_photo_decides() -> None:
    """Pieces bitten out of rendered tongues, and pieces of the face added to them: most of it goes with one click."""
    parts = []
    for seed in range(6):
        rgb, truth = render(random_spec(seed, (150, 200)))
        radius = math.sqrt(int(truth.sum()) / math.pi)
        rows, columns = np.nonzero(truth)
        lowest = int(np.argmax(rows))
        point = (int(columns[lowest]), int(rows[lowest]))
        for value in (0, 1):
            mask = truth.copy()
            cv2.circle(mask, point, round(0.5 * radius), value, cv2.FILLED)
            wrong = (mask != truth).astype(np.uint8)
            depth = cv2.distanceTransform(np.pad(wrong, 1), cv2.DIST_L2, cv2.DIST_MASK_5)[1:-1, 1:-1]
            row, column = (int(i) for i in np.unravel_index(int(np.argmax(depth)), depth.shape))
            click = Click(column + 0.5, row + 0.5, bool(truth[row, column]))
            mended = after(mask, ClickCorrector(rgb).correct(mask, [click]))
            parts.append(int(np.sum(mended != truth)) / int(wrong.sum()))
    assert np.mean(parts) < 0.35
    assert max(parts) < 1


def test_another_class_is_left_alone_unless_it_is_clicked_on() -> None:
    mask = np.zeros((120, 160), np.uint8)
    mask[20:100, 20:70] = 2
    mask[20:100, 70:140] = 1
    rgb = some_photo((120, 160), 8)
    mended = after(mask, ClickCorrector(rgb, None, 2).correct(mask, [yes(12.5, 60.5)]))
    assert mended[60, 12] == 2
    np.testing.assert_array_equal(mended == 1, mask == 1)
    mended = after(mask, ClickCorrector(rgb, None, 2).correct(mask, [yes(80.5, 60.5)]))
    assert mended[60, 80] == 2
    np.testing.assert_array_equal(mended == 0, mask == 0)
    mended = after(mask, ClickCorrector(rgb, None, 2).correct(mask, [no(60.5, 60.5)]))
    assert mended[60, 60] == 0
    np.testing.assert_array_equal(mended == 1, mask == 1)


def test_one_pixel_is_a_photo_too() -> None:
    for positive in (True, False):
        mask = np.full((1, 1), not positive, np.uint8)
        answer = ClickCorrector(np.full((1, 1, 3), 90, np.uint8)).correct(mask, [Click(0.5, 0.5, positive)])
        assert answer is not None
        assert answer[0] == (0, 0, 1, 1)
        assert answer[1].tolist() == [[int(positive)]]


def test_what_does_not_fit_is_refused() -> None:
    rgb = some_photo((30, 40), 1)
    with pytest.raises(ValueError, match=r"\(40, 30\)"):
        ClickCorrector(rgb, said(np.zeros((40, 30), np.uint8)))
    with pytest.raises(ValueError, match=r"\(40, 30\)"):
        ClickCorrector(rgb).correct(np.zeros((40, 30), np.uint8), [])
