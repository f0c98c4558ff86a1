"""Random phantoms for tests: any skin, light, camera and tongue, drawn from one seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tests.phantoms.palette import BOX, FLASH, LAMP, ROOM, SKIN_TONES, WINDOW
from tests.phantoms.skin import lip_for
from tests.phantoms.spec import CameraSpec, FaceSpec, LightSpec, MouthSpec, PhantomSpec, TongueSpec

_LIGHTS = (BOX, ROOM, WINDOW, FLASH, LAMP)
_COATINGS = ((66.0, 9.0, 8.0), (70.0, 7.0, 6.0), (63.0, 10.0, 22.0), (58.0, 11.0, 14.0))


def random_spec(
    seed: int, shape: tuple[int, int] = (96, 128), *, tongue: bool = True, supersample: int = 1
) -> PhantomSpec:
    """A phantom that differs from seed to seed in everything.

    Args:
        seed: any non-negative number; the same seed, shape and flags give the same spec.
        shape: (H, W) of the photo; up to about 128×160 with `supersample` 1 a rendering takes about 30 ms.
        tongue: False gives an open or closed mouth without a tongue, so an empty mask.
        supersample: sub-pixels along each side of a pixel; 1 = fast, hard edges; 3 = as the samples.
    """
    rng = np.random.default_rng([seed, 77])
    skin = SKIN_TONES[int(rng.integers(len(SKIN_TONES)))]
    return PhantomSpec(
        name=f"phantom_{seed:04d}",
        seed=seed,
        camera=_camera(rng, shape, supersample),
        light=_light(rng),
        face=FaceSpec(
            skin=skin,
            half_width=rng.uniform(1.9, 2.3),
            chin_y=rng.uniform(2.0, 2.3),
            mottle=rng.uniform(0.2, 0.9),
            stubble=float(rng.choice([0.0, 0.0, 0.4])),
            moles=int(rng.integers(0, 3)),
            cloth=(rng.uniform(30, 90), rng.uniform(-8, 8), rng.uniform(-15, 12)),
            cloth_y=rng.uniform(2.0, 3.0),
            background=(rng.uniform(5, 90), 0.0, rng.uniform(-4, 8)),
        ),
        mouth=_mouth(rng, skin, tongue=tongue),
        tongue=_tongue(rng) if tongue else None,
    )


def _pick(rng: np.random.Generator, values: Sequence[LightSpec]) -> LightSpec:
    return values[int(rng.integers(len(values)))]


def _camera(rng: np.random.Generator, shape: tuple[int, int], supersample: int) -> CameraSpec:
    scale = min(shape[0] / 3.2, shape[1] / 3.2)
    return CameraSpec(
        shape=shape,
        unit_px=scale * rng.uniform(0.85, 1.3),
        origin=(rng.uniform(0.46, 0.54), rng.uniform(0.25, 0.33)),
        roll_deg=rng.normal(0, 3),
        blur_px=rng.uniform(0.3, 0.9),
        noise=rng.uniform(0.003, 0.015),
        exposure=rng.uniform(0.6, 1.0),
        contrast=rng.uniform(0.95, 1.1),
        vignette=rng.uniform(0, 0.3),
        jpeg_quality=int(rng.choice([0, 75, 92])),
        supersample=supersample,
    )


def _light(rng: np.random.Generator) -> LightSpec:
    light = _pick(rng, _LIGHTS)
    warmth = rng.normal(0, 0.04)
    red, green, blue = light.tint
    return replace(light, tint=(red * (1 + warmth), green, blue * (1 - warmth)))


def _mouth(rng: np.random.Generator, skin: tuple[float, float, float], *, tongue: bool) -> MouthSpec:
    closed = not tongue and rng.random() < 0.5
    return MouthSpec(
        up=0.012 if closed else rng.uniform(0.25, 0.5),
        down=0.012 if closed else rng.uniform(0.5, 0.7),
        upper_lip=rng.uniform(0.22, 0.34),
        lower_lip=rng.uniform(0.26, 0.38),
        lip=lip_for(skin),
        skew=rng.normal(0, 0.02),
        upper_teeth=float(rng.choice([0.0, rng.uniform(0.08, 0.2)])),
        lower_teeth=float(rng.choice([0.0, rng.uniform(0.08, 0.16)])),
    )


def _tongue(rng: np.random.Generator) -> TongueSpec:
    light, a, b = rng.uniform(50, 61), rng.uniform(19, 29), rng.uniform(6, 12)
    return TongueSpec(
        root_y=rng.uniform(-0.55, -0.2),
        tip_y=rng.uniform(1.1, 1.55),
        half_width=rng.uniform(0.72, 0.97),
        root_width=rng.uniform(0.8, 0.95),
        taper=rng.uniform(0.2, 0.55),
        bluntness=rng.uniform(1.8, 2.6),
        bend=rng.normal(0, 0.05),
        notch=float(rng.choice([0.0, rng.uniform(0.03, 0.08)])),
        teeth_marks=float(rng.choice([0.0, rng.uniform(0.02, 0.05)])),
        groove=rng.uniform(0.1, 0.8),
        relief=rng.uniform(0.3, 0.8),
        body=(light, a, b),
        tip=(light - 4, a + rng.uniform(4, 10), b + rng.uniform(2, 6)),
        coating=_COATINGS[int(rng.integers(len(_COATINGS)))],
        coating_amount=rng.uniform(0.1, 0.8),
        coating_reach=rng.uniform(0.5, 0.85),
        mottle=rng.uniform(0.2, 0.9),
        cracks=int(rng.choice([0, 0, 5, 9])),
        papillae=rng.uniform(0.4, 0.8),
        red_dots=int(rng.integers(0, 200)),
        wetness=rng.uniform(0.2, 0.8),
    )
