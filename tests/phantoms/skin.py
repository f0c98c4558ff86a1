"""Background, neck, face, lips and cloth."""

from __future__ import annotations

import cv2
import numpy as np

from tests.phantoms.fields import Colour, Field, Flags, bell, blur, f32, lab, mix, noise, step, waves
from tests.phantoms.frame import Frame, MouthLines, Surface
from tests.phantoms.spec import FaceSpec, Lab, MouthSpec, PhantomSpec


def paint_face(surface: Surface, lines: MouthLines, spec: PhantomSpec) -> None:
    """All that lies behind or around the mouth's opening."""
    frame, face = surface.frame, spec.face
    _paint_background(surface, face)
    depth = _head(frame, face)
    inside = depth > 0
    _paint_neck(surface, face, inside)
    relief = _face_relief(frame, lines, spec.mouth, face, depth)
    albedo = _skin_albedo(frame, lines, spec)
    rng = frame.rng(3)
    pores = noise(frame.x, frame.y, rng, 0.035, 3, gain=0.7)
    relief += np.float32(0.0026 * face.mottle) * pores
    oil = f32(0.035 + 0.02 * pores * face.mottle)
    surface.paint(inside, albedo, relief, gloss=oil, power=9.0, living=True)
    _paint_lips(surface, lines, spec.mouth, relief)
    surface.shade(lines.lips | inside, _folds(frame, lines))
    if face.stubble > 0:
        _draw_stubble(surface, lines, face, inside)
    _paint_cloth(surface, face)


def _paint_background(surface: Surface, face: FaceSpec) -> None:
    frame = surface.frame
    shade = 1 + 0.25 * waves(frame.x, frame.y, frame.rng(4), 5.0, 3) - 0.12 * frame.y
    every = np.ones(frame.shape, bool)
    light = f32(np.clip(face.background_light * shade, 0.02, 1.5))
    surface.paint(every, np.broadcast_to(lab(face.background), (*frame.shape, 3)), light=light)


def _head(frame: Frame, face: FaceSpec) -> Field:
    """1 in the middle of the face, 0 at the silhouette of cheeks, jaw and chin, negative outside."""
    start = -0.5
    along = np.clip((frame.y - start) / (face.chin_y - start), 0, 2)
    above = 1 + 0.06 * np.clip(start - frame.y, 0, 2)
    return f32(1 - (np.abs(frame.x) / (face.half_width * above)) ** 2.1 - along**2.7)


def _paint_neck(surface: Surface, face: FaceSpec, inside: Flags) -> None:
    frame = surface.frame
    neck_width = 0.66 * face.half_width
    flare = 0.3 * np.clip(frame.y - face.chin_y + 0.5, 0, 9) ** 1.6
    where = (np.abs(frame.x) < neck_width + flare) & (frame.y > 0)
    shadow = blur(f32(inside), 0.35 * frame.unit)
    height = f32(0.9 * np.sqrt(np.clip(1 - (frame.x / (1.35 * neck_width)) ** 2, 0.05, 1)))
    surface.paint(
        where,
        lab(face.skin) * np.float32(0.9),
        height,
        gloss=0.02,
        light=f32(0.5 - 0.4 * shadow),
        living=True,
    )


def _face_relief(frame: Frame, lines: MouthLines, mouth: MouthSpec, face: FaceSpec, depth: Field) -> Field:
    """Height of the face without the lips: muzzle, chin, philtrum, folds from the nose, nose."""
    x, y = frame.x, frame.y
    relief = 1.5 * np.sqrt(np.clip(depth, 0.004, 1))
    relief += 0.22 * np.exp(-(x**2) / 1.5 - (y - 0.2) ** 2 / 1.6)
    lip_y = mouth.down + mouth.lower_lip
    crease = lip_y + 0.16 - 0.12 * x**2
    relief -= 0.13 * bell(y - crease, 0.16) * bell(x, 0.85)
    chin = 0.5 * (lip_y + 0.25 + face.chin_y)
    relief += 0.24 * np.exp(-(x**2) / 0.5 - (y - chin) ** 2 / 0.22)
    above = step(lines.upper_outer - y, -0.05, 0.08)
    relief += above * (0.03 * bell(np.abs(x) - 0.2, 0.12) - 0.025 * bell(x, 0.12))
    fold = 0.72 + 0.5 * (y + 1.15) - 0.08 * (y + 1.15) ** 2
    groove = bell(np.abs(x) - fold, 0.1) * step(y, -1.3, -0.8) * step(y, 1.1, 0.1)
    relief -= (0.035 + 0.01 * np.sign(x)) * groove
    corner = np.sqrt((np.abs(x) - 1.1) ** 2 + (y - 0.02) ** 2)
    relief -= 0.06 * bell(corner, 0.13)
    relief += 0.02 * waves(x, y, frame.rng(5), 1.3, 4)
    tip = np.exp(-(x**2) / 0.16 - (y + 1.55) ** 2 / 0.2)
    wings = np.exp(-((np.abs(x) - 0.46) ** 2) / 0.045 - (y + 1.38) ** 2 / 0.06)
    return f32(relief + 0.7 * tip + 0.3 * wings + 0.3 * bell(x, 0.4) * step(y, -1.5, -1.9))


def _folds(frame: Frame, lines: MouthLines) -> Field:
    """Light lost in creases: corners of the mouth, under the lower lip, nostrils."""
    x, y = frame.x, frame.y
    factor = 1 - 0.25 * bell(np.sqrt((np.abs(x) - 1.06) ** 2 + 1.6 * y**2), 0.14)
    factor = factor * (1 - 0.3 * bell(y - lines.lower_outer - 0.07, 0.09) * bell(x, 0.8))
    factor = factor * (1 - 0.14 * bell(y - lines.upper_outer + 0.03, 0.05) * bell(x, 1.0))
    nostril = ((np.abs(x) - 0.27) / 0.17) ** 2 + ((y + 1.24 + 0.12 * np.abs(x)) / 0.085) ** 2
    wing = np.hypot(np.abs(x) - 0.44, 1.1 * (y + 1.4))
    crease = bell(wing - 0.27, 0.045) * step(np.abs(x) - 0.44, -0.12, 0.15)
    under = bell(y + 1.24, 0.13) * bell(x, 0.5)
    factor = factor * (1 - 0.3 * crease) * (1 - 0.28 * under)
    return f32(factor * (1 - 0.85 * step(f32(nostril), 1.7, 0.4)))


def _skin_albedo(frame: Frame, lines: MouthLines, spec: PhantomSpec) -> Colour:
    """Skin with redness around mouth, nose and chin, freckles and moles."""
    face, x, y = spec.face, frame.x, frame.y
    rng = frame.rng(6)
    base = lab(face.skin)
    light, a, b = face.skin
    red, dark = lab((light - 5, a + 9, b + 1)), lab((light - 14, a + 4, b + 3))
    patches = noise(x, y, rng, 0.28, 3, gain=0.7)
    near = np.exp(-(x**2) / 1.4 - (y - 0.1) ** 2 / 1.2)
    redness = np.clip(0.25 * near + face.mottle * (0.16 * patches + 0.1), 0, 0.9)
    albedo = mix(np.broadcast_to(base, (*frame.shape, 3)), red, f32(redness))
    grain = noise(x, y, rng, 0.05, 3, gain=0.8)
    albedo *= (1 + np.float32(0.035 * face.mottle) * grain)[..., None]
    freckles = step(noise(x, y, rng, 0.09, 1), 2.3, 3.6) * face.mottle
    albedo = mix(albedo, dark, f32(0.5 * freckles))
    if face.stubble > 0:
        albedo = mix(
            albedo, lab((light * 0.62, a * 0.4, b * 0.45)), f32(0.3 * face.stubble * _beard(frame, lines))
        )
    for _ in range(face.moles):
        mole_x, mole_y = rng.uniform(1.15, 1.7) * rng.choice([-1, 1]), rng.uniform(-0.6, 1.1)
        radius = rng.uniform(0.025, 0.045)
        spot = step(f32(np.hypot(x - mole_x, y - mole_y)), 1.25 * radius, 0.7 * radius)
        albedo = mix(albedo, lab((light * 0.45, a, b * 0.8)), f32(0.85 * spot))
    return albedo


def _beard(frame: Frame, lines: MouthLines) -> Field:
    """Where a beard grows, 0..1: around the mouth and along the jaw."""
    x, y = frame.x, frame.y
    chin = step(y - lines.lower_outer, 0.1, 0.35) * step(np.abs(x) - 0.5 * y, 1.5, 0.7)
    lip = step(lines.upper_outer - y, 0.03, 0.15) * step(y, -1.15, -0.9) * step(np.abs(x), 1.35, 1.0)
    jaw = 0.5 * step(y + 0.5 * np.abs(x), 1.3, 2.2)
    return f32(np.clip(np.maximum(np.maximum(chin, lip), jaw), 0, 1))


def _draw_stubble(surface: Surface, lines: MouthLines, face: FaceSpec, inside: Flags) -> None:
    """Short dark hairs where the beard grows."""
    frame = surface.frame
    rng = frame.rng(7)
    hairs = np.zeros(frame.shape, np.uint8)
    count = int(24000 * face.stubble)
    thickness = 0.0045 * frame.unit
    dark = min(1.0, thickness)
    for hx, hy, angle, length in zip(
        rng.uniform(-2, 2, count),
        rng.uniform(-1.2, face.chin_y, count),
        rng.normal(0, 0.5, count),
        rng.uniform(0.002, 0.014, count),
        strict=True,
    ):
        start = frame.pixel(hx, hy)
        end = frame.pixel(hx + length * np.sin(angle), hy + length * np.cos(angle))
        (c0, r0), (c1, r1) = ((round(p[0]), round(p[1])) for p in (start, end))
        cv2.line(
            hairs,
            (c0, r0),
            (c1, r1),
            int(dark * rng.integers(40, 170)),
            max(1, round(thickness)),
            cv2.LINE_AA,
        )
    cover = f32(hairs) / 255 * _beard(frame, lines) * (inside & ~lines.lips & ~lines.opening)
    surface.albedo = mix(surface.albedo, lab((16.0, 2.0, 4.0)), f32(cover))


def _paint_lips(surface: Surface, lines: MouthLines, mouth: MouthSpec, relief: Field) -> None:
    frame = surface.frame
    x, y = frame.x, frame.y
    rng = frame.rng(8)
    upper = np.clip((y - lines.upper_outer) / np.maximum(lines.upper_inner - lines.upper_outer, 1e-3), 0, 1)
    lower = np.clip((lines.lower_outer - y) / np.maximum(lines.lower_outer - lines.lower_inner, 1e-3), 0, 1)
    inward = f32(np.where(lines.upper_side, upper, lower))
    full = f32(np.where(lines.upper_side, mouth.upper_lip, mouth.lower_lip))
    wrinkles = noise(x + 0.15 * x * y, y * 0.3, rng, 0.045, 2)
    bulge = np.sin(np.pi * np.clip(0.03 + 0.88 * inward, 0, 1)) * bell(x, 0.95) * step(np.abs(x), 1.03, 0.75)
    height = relief + full * 0.55 * bulge
    height += 0.006 * wrinkles * step(np.abs(x), 1.03, 0.85)
    light, a, b = mouth.lip
    inner = lab((light - 4, a + 5, b + 1))
    albedo = mix(np.broadcast_to(lab(mouth.lip), (*frame.shape, 3)), inner, step(inward, 0.5, 1.0))
    albedo *= (1 + 0.05 * wrinkles + 0.04 * noise(x, y, rng, 0.2, 2))[..., None]
    soft = step(inward, 0.0, 0.22) * step(np.abs(x), 1.05, 0.9)
    albedo = mix(surface.albedo, albedo, soft)
    gloss = f32(np.clip(0.07 + 0.05 * noise(x, y, rng, 0.12, 2), 0.02, 0.5) * soft)
    surface.paint(lines.lips, albedo, f32(height), gloss=gloss, power=22.0, living=True)


def _paint_cloth(surface: Surface, face: FaceSpec) -> None:
    frame = surface.frame
    x, y = frame.x, frame.y
    rng = frame.rng(9)
    edge = face.cloth_y - face.cloth_sag * np.abs(x) ** 1.5 + 0.03 * waves(x, y, rng, 1.5, 3)
    below = f32(y - edge)
    where = below > 0
    if not where.any():
        return
    height = 0.10 * waves(x, y, rng, 1.6, 4) + 0.05 * np.sqrt(np.clip(below, 0, 0.04))
    height = height + face.cloth_weave * (
        0.009 * noise(x, y, rng, 0.05, 2) + 0.012 * waves(x, y, rng, 0.4, 5)
    )
    contact = 1 - 0.45 * bell(below, 0.1) * bell(x, 1.3)
    surface.paint(where, lab(face.cloth), f32(height), light=f32(1.08 * contact))
    surface.shade(~where, f32(1 - 0.35 * bell(below, 0.08)))


def lip_for(skin: Lab) -> Lab:
    """A plausible lip colour for a skin: redder and a little darker, browner on dark skin."""
    light, a, b = skin
    return light * 0.8 + 3, a + 3 + 0.1 * light, 0.6 * b + 3
