"""The tongue: silhouette, relief, coating, fissures, papillae and what it does to the light around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.phantoms.fields import Colour, Field, Flags, bell, blur, buds, f32, lab, mix, noise, step, waves
from tests.phantoms.frame import Frame, MouthLines, Surface
from tests.phantoms.spec import SourceSpec, TongueSpec

Profile: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TongueGrid:
    """The tongue's own coordinates at each sub-pixel.

    Attributes:
        along: 0 at the root, 1 at the tip; (h, w) float32, beyond 0..1 outside.
        across: −1 at the left edge, 1 at the right edge.
        edge: distance from the silhouette inwards, in units; 0 outside.
        inside: the whole silhouette, before anything hides it.
    """

    along: Field
    across: Field
    edge: Field
    inside: Flags

    @classmethod
    def of(cls, frame: Frame, tongue: TongueSpec) -> TongueGrid:
        """Place the silhouette of `tongue` on the grid."""
        length = tongue.tip_y - tongue.root_y
        cleft = tongue.notch * bell(frame.x - tongue.bend, 0.13)
        dorsum = 0.07 * bell(frame.x - 0.22, 0.3) + 0.06 * bell(frame.x + 0.25, 0.3)
        along = f32((frame.y + cleft - tongue.root_y + dorsum * step(frame.y, 0.4, -0.2)) / length)
        knots, left, right = _half_widths(frame, tongue, length)
        bend = tongue.bend * np.clip(along, 0, 1) ** 2
        offset = frame.x - f32(bend)
        half = np.where(offset < 0, np.interp(along, knots, left), np.interp(along, knots, right))
        across = f32(offset / np.maximum(half, 0.05))
        inside = (np.abs(offset) < half) & (along > 0) & (along < 1)
        edge = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5) / frame.unit
        return cls(along, across, f32(edge), inside)


@dataclass(frozen=True, eq=False)
class Texture:
    """What covers the tongue, each (h, w) float32: coating 0..1, fissures 0..1, papillae about −2..2."""

    coating: Field
    fissures: Field
    papillae: Field

    @classmethod
    def of(cls, frame: Frame, grid: TongueGrid, tongue: TongueSpec) -> Texture:
        """The textures of `tongue`."""
        papillae = _papillae(frame)
        return cls(_coating(frame, grid, tongue, papillae), _fissures(frame, grid, tongue), papillae)


def _half_widths(frame: Frame, tongue: TongueSpec, length: float) -> tuple[Profile, Profile, Profile]:
    """Places along the tongue, and there the half-widths of the left and the right side, with teeth marks."""
    knots = 1 - np.linspace(1, 0, 700) ** 2
    rng = frame.rng(30)
    swell = tongue.root_width + (1 - tongue.root_width) * np.sin(np.pi / 2 * np.clip(knots / 0.62, 0, 1))
    shoulder = (1 - np.clip((0.1 - knots) / 0.1, 0, 1) ** 2.6) ** 0.5
    fall = np.clip((knots - tongue.taper) / (1 - tongue.taper), 0, 1)
    base = tongue.half_width * swell * shoulder * (1 - fall**tongue.bluntness) ** (1 / 1.75)
    sides = []
    for _ in range(2):
        wander = np.zeros_like(knots)
        for k in (1.1, 1.9, 3.3, 6.5):
            wander += rng.normal(0, 0.028 / k) * np.sin(2 * np.pi * knots * k + rng.uniform(0, 6.28))
        pitch = length / rng.uniform(0.19, 0.24)
        phase = knots * pitch + 0.35 * np.sin(5 * knots + rng.uniform(0, 6)) + rng.uniform(0, 1)
        bite = -((1 - np.abs(np.sin(np.pi * phase))) ** 1.4)
        where = np.clip((knots - 0.22) / 0.15, 0, 1) * np.clip((0.96 - knots) / 0.1, 0, 1)
        strength = tongue.teeth_marks * (1 + 0.4 * np.sin(9 * knots + rng.uniform(0, 6)))
        sides.append(base * (1 + wander) + strength * bite * where * np.clip(base * 3, 0, 1))
    return knots, sides[0], sides[1]


def paint_tongue(
    surface: Surface, lines: MouthLines, grid: TongueGrid, tongue: TongueSpec, seen: Flags
) -> None:
    """Paint the tongue where it is seen, after its shadow has fallen on lips and chin."""
    frame = surface.frame
    texture = Texture.of(frame, grid, tongue)
    in_mouth = step(f32(frame.y - lines.upper_inner), -0.1, 0.55) * 0.58 + 0.42
    line = bell(grid.across + 0.03 * np.sin(7 * grid.along), 0.06) * step(grid.along, 0.92, 0.6)
    rim = 0.84 + 0.16 * step(grid.edge, 0.0, 0.06)
    light = in_mouth * rim * (1 - 0.3 * tongue.groove * line) * (1 - 0.4 * texture.fissures)
    surface.paint(
        seen,
        _albedo(frame, grid, tongue, texture),
        _relief(frame, grid, tongue, texture),
        gloss=_wetness(frame, grid, tongue, texture.coating),
        power=55.0,
        light=f32(light),
        living=True,
    )


def _papillae(frame: Frame) -> Field:
    """Filiform papillae, mean 0, deviation about 1: buds in wavering rows."""
    rng = frame.rng(31)
    sway = 0.012 * waves(frame.x, frame.y, rng, 0.16, 3)
    fine = buds(frame.x + sway, frame.y - sway, rng, 0.027)
    uneven = noise(frame.x, frame.y, rng, 0.05, 2)
    return f32(np.clip(fine * (1 + 0.25 * uneven) + 0.25 * uneven, -2.5, 3))


def cast_shadow(surface: Surface, seen: Flags, below_lip: Flags, source: SourceSpec) -> None:
    """Darken lips, chin and cavity beside and below the tongue."""
    frame = surface.frame
    direction, hardness = source.direction, source.hardness
    solid = f32(seen)
    contact = blur(solid, 0.035 * frame.unit)
    reach = 0.13 * frame.unit / max(0.3, direction[2])
    shift = np.array([[1, 0, -direction[0] * reach], [0, 1, (0.35 - direction[1]) * reach]], np.float32)
    moved = cv2.warpAffine(blur(solid, (0.1 - 0.06 * hardness) * frame.unit), shift, solid.shape[::-1])
    factor = (1 - 0.45 * contact) * (1 - (0.32 + 0.3 * hardness) * np.clip(moved, 0, 1))
    surface.shade(below_lip & ~seen, f32(factor))


def _relief(frame: Frame, grid: TongueGrid, tongue: TongueSpec, texture: Texture) -> Field:
    """Height of the tongue's surface in units."""
    rng = frame.rng(32)
    radius = 0.42 * tongue.half_width
    rise = np.clip(blur(grid.edge, 0.015 * frame.unit) / radius, 0, 1)
    height = tongue.thickness * np.sqrt(np.clip(1 - (1 - rise) ** 2, 1e-3, 1))
    length = tongue.tip_y - tongue.root_y
    height -= 0.42 * length * np.clip(0.62 - grid.along, 0, 1) ** 2
    height -= 0.30 * length * np.clip(grid.along - 0.55, 0, 1) ** 2
    height += 0.06 * tongue.half_width * (1 - np.clip(grid.across, -1, 1) ** 2)
    along_groove = step(grid.along, 0.0, 0.15) * step(grid.along, 0.95, 0.7)
    centre = grid.across + 0.03 * np.sin(7 * grid.along)
    height -= tongue.groove * along_groove * (0.07 * bell(centre, 0.17) + 0.03 * bell(centre, 0.04))
    height += 0.03 * tongue.relief * waves(frame.x, frame.y, rng, 0.8, 4)
    height += 0.006 * tongue.relief * noise(frame.x, frame.y, rng, 0.12, 2)
    height += 0.0036 * tongue.papillae * texture.papillae
    return f32(height - 0.03 * texture.fissures)


def _coating(frame: Frame, grid: TongueGrid, tongue: TongueSpec, fine: Field) -> Field:
    """Opacity of the coating, 0..1: thick on the back, thin at tip and edges, patchy."""
    rng = frame.rng(33)
    back = step(grid.along, tongue.coating_reach + 0.3, tongue.coating_reach - 0.45)
    sides = step(np.abs(grid.across), 1.02, 0.45)
    patch = noise(frame.x, frame.y, rng, 0.3, 4, gain=0.65)
    thick = back * sides * tongue.coating_amount * (1.15 + 0.3 * step(grid.along, 0.6, 0.1))
    thick = thick + tongue.mottle * 0.16 * patch * (0.25 + sides) * step(thick, 0.0, 0.2)
    return f32(np.clip(thick * (1 + 0.3 * tongue.papillae * fine), 0, 0.95))


def _albedo(frame: Frame, grid: TongueGrid, tongue: TongueSpec, texture: Texture) -> Colour:
    rng = frame.rng(34)
    x, y = frame.x, frame.y
    tip = np.maximum(step(grid.along, 0.7, 1.02), 0.75 * step(np.abs(grid.across), 0.62, 1.0))
    tip = np.clip(tip + 0.14 * noise(x, y, rng, 0.2, 3, gain=0.6), 0, 1)
    body = np.broadcast_to(lab(tongue.body), (*frame.shape, 3))
    albedo = mix(body, lab(tongue.tip), f32(tip))
    light, a, b = tongue.body
    vein = np.clip(0.35 * waves(x, y, rng, 0.7, 4) + 0.25 * bell(grid.across, 0.4), 0, 0.5)
    albedo = mix(albedo, lab((light - 3, a - 3, b - 5)), f32(vein))
    albedo = mix(albedo, lab(tongue.coating), texture.coating)
    fine = texture.papillae
    albedo *= (1 + np.float32(0.085 * tongue.papillae) * fine + 0.03 * noise(x, y, rng, 0.09, 2))[..., None]
    dots = _red_dots(frame, grid, tongue)
    albedo = mix(albedo, lab((light - 9, a + 11, b + 7)), dots)
    return mix(albedo, lab((light - 22, a - 2, b)), f32(0.42 * texture.fissures))


def _red_dots(frame: Frame, grid: TongueGrid, tongue: TongueSpec) -> Field:
    """Fungiform papillae, 0..1, denser towards tip and edges."""
    rng = frame.rng(35)
    canvas = np.zeros(frame.shape, np.uint8)
    length = tongue.tip_y - tongue.root_y
    for _ in range(tongue.red_dots):
        along, across = rng.beta(2.4, 1.3), rng.uniform(-0.93, 0.93)
        across = np.sign(across) * abs(across) ** 0.75
        column, row = frame.pixel(
            across * tongue.half_width + tongue.bend * along**2, tongue.root_y + length * along
        )
        radius = rng.uniform(0.010, 0.021) * frame.unit
        centre = (round(column * 8), round(row * 8))
        cv2.circle(canvas, centre, round(radius * 8), int(rng.integers(90, 200)), -1, cv2.LINE_AA, 3)
    soft = blur(f32(canvas) / 255, 0.007 * frame.unit)
    return f32(soft * step(grid.edge, 0.0, 0.04) * (0.35 + 0.65 * step(grid.along, 0.2, 0.7)))


def _fissures(frame: Frame, grid: TongueGrid, tongue: TongueSpec) -> Field:
    """Cracks, 0..1: one along the middle, then short ones that branch off it."""
    canvas = np.zeros(frame.shape, np.uint8)
    rng = frame.rng(36)
    length = tongue.tip_y - tongue.root_y
    for number in range(tongue.cracks):
        along = rng.uniform(0.16, 0.3) if number == 0 else rng.uniform(0.2, 0.68)
        across = rng.normal(0, 0.02) if number == 0 else rng.normal(0, 0.16)
        heading = 0.0 if number == 0 else rng.uniform(0.5, 1.3) * np.sign(across)
        steps = 26 if number == 0 else int(rng.integers(5, 13))
        for k in range(steps):
            turn = heading + rng.normal(0, 0.55)
            to_along, to_across = along + 0.02 * np.cos(turn), across + 0.035 * np.sin(turn)
            ends = [
                frame.pixel(s * tongue.half_width + tongue.bend * a**2, tongue.root_y + length * a)
                for a, s in ((along, across), (to_along, to_across))
            ]
            (c0, r0), (c1, r1) = ((round(c * 8), round(r * 8)) for c, r in ends)
            width = 0.010 * frame.unit * (1 - 0.8 * abs(2 * k / steps - 1)) * rng.uniform(0.6, 1.2)
            ink = round(255 * min(1.0, width))
            cv2.line(canvas, (c0, r0), (c1, r1), ink, max(1, round(width)), cv2.LINE_AA, 3)
            along, across = to_along, to_across
    sharp = f32(canvas) / 255
    soft = 0.75 * blur(sharp, 0.004 * frame.unit) + 0.7 * blur(sharp, 0.018 * frame.unit)
    return f32(np.clip(soft, 0, 1) * step(grid.edge, 0.03, 0.12))


def _wetness(frame: Frame, grid: TongueGrid, tongue: TongueSpec, coat: Field) -> Field:
    """Strength of the specular light: a film of saliva that breaks up into patches."""
    rng = frame.rng(37)
    film = (
        0.5
        + 0.5 * waves(frame.x, frame.y, rng, 0.7, 4)
        + 0.35 * noise(frame.x, frame.y, rng, 0.07, 3, gain=0.7)
    )
    film = np.clip(film, 0, 1.4) * (0.45 + 0.75 * step(grid.along, 0.35, 0.9)) * (1 - 0.55 * coat)
    return f32(np.clip(tongue.wetness * film, 0, 1.2) * step(grid.edge, 0.0, 0.05))
