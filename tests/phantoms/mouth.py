"""The opening of the mouth: dark cavity, gums and teeth."""

from __future__ import annotations

import numpy as np

from tests.phantoms.fields import Field, Flags, bell, blur, f32, lab, mix, noise, step
from tests.phantoms.frame import Frame, MouthLines, Surface
from tests.phantoms.spec import MouthSpec

_UPPER_EDGES = (0.0, 0.33, 0.58, 0.82, 1.0)
_LOWER_EDGES = (0.0, 0.21, 0.44, 0.68, 0.88)


def paint_cavity(surface: Surface, lines: MouthLines, mouth: MouthSpec) -> None:
    """Everything that is seen in the opening except the tongue and the upper teeth."""
    frame = surface.frame
    rng = frame.rng(20)
    near = f32(1 - blur(f32(lines.opening), 0.1 * frame.unit)) * 2
    wet = noise(frame.x, frame.y, rng, 0.12, 3)
    albedo = mix(
        np.broadcast_to(lab((30.0, 24.0, 15.0)), (*frame.shape, 3)),
        lab((40.0, 27.0, 14.0)),
        step(near, 0.2, 0.9),
    )
    light = f32(np.clip(mouth.cavity_light + 0.4 * step(near, 0.15, 1.0), 0, 1))
    gloss = f32(np.clip(0.12 * (wet - 0.6), 0, 0.3))
    surface.paint(lines.opening, albedo, f32(0.03 * wet), gloss=gloss, power=30.0, light=light)
    if mouth.lower_teeth > 0:
        _paint_teeth(surface, lines, mouth.lower_teeth, upper=False)


def paint_upper_teeth(surface: Surface, lines: MouthLines, mouth: MouthSpec) -> Flags:
    """The upper row, in front of the tongue; where it was painted."""
    if mouth.upper_teeth <= 0:
        return np.zeros(surface.frame.shape, bool)
    return _paint_teeth(surface, lines, mouth.upper_teeth, upper=True)


def _tooth(frame: Frame, edges: tuple[float, ...]) -> tuple[Field, Field, Field]:
    """For each sub-pixel: position across its tooth (−1..1), index of the tooth, 1 inside any tooth."""
    x = np.abs(frame.x - 0.02)
    index = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, len(edges) - 2)
    left, right = np.asarray(edges)[index], np.asarray(edges)[index + 1]
    across = (2 * x - left - right) / (right - left)
    return f32(across), f32(index), f32(x < edges[-1])


def _paint_teeth(surface: Surface, lines: MouthLines, visible: float, *, upper: bool) -> Flags:
    frame = surface.frame
    rng = frame.rng(21 if upper else 22)
    across, index, present = _tooth(frame, _UPPER_EDGES if upper else _LOWER_EDGES)
    jitter = rng.normal(0, 0.012, (2, 5))
    length = visible * (1 - 0.1 * (index == 1) - 0.09 * index * 0.8)
    length = length + jitter[(frame.x > 0).astype(int), index.astype(int)]
    rounding = 0.16 * np.clip(np.abs(across) - 0.25, 0, 1) ** 2.2
    if upper:
        arch = np.min(lines.upper_inner) if lines.opening.any() else 0.0
        base = arch + 0.1 * frame.x**2
        biting = base + length - rounding
        where = (frame.y < biting) & lines.opening & (present > 0)
        depth = biting - frame.y
    else:
        base = f32(np.max(np.where(lines.opening, frame.y, -9))) - 0.16 - 0.22 * frame.x**2
        biting = base - length + rounding
        where = (frame.y > biting) & lines.opening & (present > 0)
        depth = frame.y - biting
    height = f32(0.09 * np.sqrt(np.clip(1 - across**2, 0.02, 1)) + 0.05 * np.sqrt(np.clip(depth, 0, 0.2)))
    ivory, edge = lab((86.0, 1.0, 14.0)), lab((78.0, 0.0, 8.0))
    albedo = mix(np.broadcast_to(ivory, (*frame.shape, 3)), edge, f32(np.clip(1 - depth / 0.1, 0, 1) * 0.7))
    gums = step(f32(depth), 0.42, 0.5) if upper else step(f32(depth), 0.3, 0.36)
    albedo = mix(albedo, lab((50.0, 26.0, 13.0)), gums)
    gap = step(f32(np.abs(across)), 0.9, 1.0)
    near_lip = bell(frame.y - (lines.upper_inner if upper else lines.lower_inner), 0.07)
    light = (0.95 - 0.55 * gap) * (1 - 0.45 * near_lip) * np.clip(1 - 0.17 * index, 0.3, 1)
    if not upper:
        light = light * 0.7
    surface.paint(where, albedo, height, gloss=0.16, power=45.0, light=f32(light))
    return np.asarray(where, dtype=bool)
