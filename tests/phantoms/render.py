"""From a spec to a photo and its exact mask."""

from __future__ import annotations

import numpy as np

from tests.phantoms.fields import blur, f32
from tests.phantoms.frame import Frame, MouthLines, Surface
from tests.phantoms.light import expose, pixel_mask, shine
from tests.phantoms.mouth import paint_cavity, paint_upper_teeth
from tests.phantoms.skin import paint_face
from tests.phantoms.spec import PhantomSpec
from tests.phantoms.tongue import TongueGrid, cast_shadow, paint_tongue
from tongue_viewer.core.photo import MaskArray, RgbArray


def render(spec: PhantomSpec) -> tuple[RgbArray, MaskArray]:
    """Draw a phantom, back to front, then light it.

    Returns:
        The photo, (H, W, 3) uint8, and its mask, (H, W) uint8, 1 where at least half of the pixel shows
        the tongue: its silhouette without what the upper lip or the upper teeth hide. Both read-only.
    """
    frame = Frame.of(spec)
    lines = MouthLines.of(frame, spec.mouth)
    surface = Surface(frame)
    paint_face(surface, lines, spec)
    paint_cavity(surface, lines, spec.mouth)
    seen = np.zeros(frame.shape, bool)
    hidden_above = frame.y < lines.upper_inner
    if spec.tongue is not None:
        grid = TongueGrid.of(frame, spec.tongue)
        seen = grid.inside & ~hidden_above & (np.abs(frame.x) < 1.2)
        cast_shadow(surface, seen, ~hidden_above, spec.light.sources[0])
        paint_tongue(surface, lines, grid, spec.tongue, seen)
    teeth = paint_upper_teeth(surface, lines, spec.mouth)
    above = blur(f32(hidden_above | teeth), 0.05 * frame.unit)
    seen = seen & ~teeth
    surface.shade(seen, f32(1 - 0.75 * above))
    photo = expose(shine(surface, spec.light), frame)
    return photo, pixel_mask(seen, spec.camera)
