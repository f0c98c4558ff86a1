"""The area under a point, against SciPy's labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from tongue_viewer.core.flood import flood_region
from tongue_viewer.core.photo import MaskArray

masks = arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 2))
fractions = st.floats(0, 0.999)


@given(mask=masks, at=st.tuples(fractions, fractions), frozen=st.booleans())
def test_the_region_is_that_of_scipy(mask: MaskArray, at: tuple[float, float], frozen: bool) -> None:
    mask.setflags(write=not frozen)
    before = mask.copy()
    x, y = at[0] * mask.shape[1], at[1] * mask.shape[0]
    (row, column, height, width), region = flood_region(mask, x, y)
    np.testing.assert_array_equal(mask, before)
    value = mask[int(y), int(x)]
    neighbours = np.ones((3, 3)) if value else None  # None: SciPy's four
    labels, _ = ndimage.label(mask == value, structure=neighbours)
    expected = labels == labels[int(y), int(x)]
    rows, columns = np.nonzero(expected)
    assert (row, column) == (int(rows.min()), int(columns.min()))
    assert (row + height, column + width) == (int(rows.max()) + 1, int(columns.max()) + 1)
    assert region.dtype == np.uint8
    np.testing.assert_array_equal(region, expected[row : row + height, column : column + width])


def test_a_thin_diagonal_line_holds_the_background_back() -> None:
    mask = np.eye(9, dtype=np.uint8)
    box, line = flood_region(mask, 0.5, 0.5)
    assert box == (0, 0, 9, 9)
    np.testing.assert_array_equal(line, mask)
    assert flood_region(mask, 8.5, 0.5)[1].sum() == 36


@pytest.mark.parametrize("point", [(-0.1, 2.0), (2.0, -1.0), (6.0, 2.0), (2.0, 5.0)])
def test_a_point_outside_has_no_region(point: tuple[float, float]) -> None:
    box, region = flood_region(np.ones((5, 6), np.uint8), *point)
    assert box[2:] == (0, 0)
    assert region.shape == (0, 0)
