"""What a phantom is made of: frozen values, every number of a rendering.

The face frame: origin midway between the corners of the mouth, x to the right, y downwards, z towards the
viewer; one unit is half the width of the mouth (about 25 mm). Colours are CIELAB (D65) under full light.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeAlias

Lab: TypeAlias = tuple[float, float, float]
"""CIELAB under D65: L* 0..100, a*, b*."""


@dataclass(frozen=True)
class CameraSpec:
    """Where the camera stands and how badly it draws.

    Attributes:
        shape: (H, W) of the photo in pixels.
        unit_px: pixels of the photo for one unit of the face frame.
        origin: (x, y) of the face frame's origin, as fractions of the photo's width and height.
        roll_deg: clockwise roll of the head in the photo.
        blur_px: standard deviation of the lens blur, in pixels of the photo.
        noise: standard deviation of the sensor noise at mid grey, in sRGB units 0..1.
        exposure: factor on the linear light.
        contrast: exponent of the camera's tone curve around mid grey, 1 = plain sRGB.
        vignette: loss of light at the corners, 0..1.
        jpeg_quality: 0 = no JPEG artefacts, else the quality of an intermediate JPEG.
        supersample: sub-pixels along each side of a pixel.
    """

    shape: tuple[int, int] = (576, 768)
    unit_px: float = 175.0
    origin: tuple[float, float] = (0.5, 0.3)
    roll_deg: float = 0.0
    blur_px: float = 0.6
    noise: float = 0.008
    exposure: float = 1.0
    contrast: float = 1.0
    vignette: float = 0.1
    jpeg_quality: int = 0
    supersample: int = 3


@dataclass(frozen=True)
class SourceSpec:
    """One distant light.

    Attributes:
        direction: (x, y, z) towards the light, of any length.
        strength: irradiance on a surface that faces it.
        hardness: 0 = a large soft box (wrapped shading, faint shadows) … 1 = a bare flash.
    """

    direction: tuple[float, float, float] = (0.0, -0.5, 0.9)
    strength: float = 0.7
    hardness: float = 0.4


@dataclass(frozen=True)
class LightSpec:
    """All light of a scene.

    Attributes:
        sources: the lights; the first casts the shadows.
        ambient: light from everywhere.
        tint: linear RGB factors of the illuminant after the camera's white balance.
        falloff: how fast the light fades away from the mouth, per unit squared (a flash close by).
    """

    sources: tuple[SourceSpec, ...] = (SourceSpec(),)
    ambient: float = 0.35
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    falloff: float = 0.0


@dataclass(frozen=True)
class FaceSpec:
    """The lower face and what stands around it.

    Attributes:
        skin: colour of the skin.
        half_width: half the width of the face at the mouth.
        chin_y: lowest point of the chin.
        mottle: strength of redness, freckles and pores.
        stubble: density of beard stubble, 0..1.
        moles: number of moles.
        cloth: colour of the bib, towel or shirt.
        cloth_y: upper edge of the cloth in the middle; beyond the photo = none.
        cloth_sag: how much higher the cloth stands at the sides, per unit.
        cloth_weave: relief of the cloth, 0 = smooth.
        background: colour behind the head.
        background_light: light on the background, 0..1.
    """

    skin: Lab = (60.0, 13.0, 17.0)
    half_width: float = 2.15
    chin_y: float = 2.15
    mottle: float = 0.5
    stubble: float = 0.0
    moles: int = 1
    cloth: Lab = (88.0, -1.0, 8.0)
    cloth_y: float = 2.0
    cloth_sag: float = 0.3
    cloth_weave: float = 0.6
    background: Lab = (10.0, 0.0, -2.0)
    background_light: float = 0.6


@dataclass(frozen=True)
class MouthSpec:
    """Lips, teeth and the opening; lengths in units of the face frame.

    Attributes:
        up: height of the opening above the corners.
        down: depth of the opening below the corners.
        upper_lip: thickness of the upper lip.
        lower_lip: thickness of the lower lip.
        lip: colour of the lips.
        skew: how much lower the right corner stands than the left.
        upper_teeth: visible height of the upper teeth, 0 = none.
        lower_teeth: visible height of the lower teeth, 0 = none.
        cavity_light: light that reaches the depth of the mouth, 0..1.
    """

    up: float = 0.35
    down: float = 0.65
    upper_lip: float = 0.28
    lower_lip: float = 0.3
    lip: Lab = (50.0, 22.0, 12.0)
    skew: float = 0.0
    upper_teeth: float = 0.0
    lower_teeth: float = 0.0
    cavity_light: float = 0.12


@dataclass(frozen=True)
class TongueSpec:
    """The protruding tongue; lengths in units of the face frame.

    Attributes:
        root_y: upper end of the tongue's back, hidden where it lies behind the upper lip or teeth.
        tip_y: lowest point.
        half_width: half the width at the broadest place.
        root_width: width at the root against the broadest place.
        taper: where the tip begins, as a fraction of the length (small = pointed).
        bluntness: exponent of the tip's curve, 1.5 = pointed, 3 = square.
        bend: sideways shift of the tip.
        notch: depth of the cleft in the tip.
        teeth_marks: depth of the scallops along the edges.
        thickness: relief of the rounded edge, in units.
        groove: depth of the median groove, 0..1.
        relief: strength of the large undulations, 0..1.
        body: colour of the body.
        tip: colour of tip and edges.
        coating: colour of the coating.
        coating_amount: 0 = bare, 1 = thick.
        coating_reach: how far the coating comes forward, as a fraction of the length.
        mottle: patchiness of the coating, 0..1.
        cracks: number of fissures.
        papillae: strength of the fine texture, 0..1.
        red_dots: number of enlarged fungiform papillae.
        wetness: strength of the specular glints, 0..1.
    """

    root_y: float = -0.35
    tip_y: float = 1.35
    half_width: float = 0.85
    root_width: float = 0.86
    taper: float = 0.45
    bluntness: float = 2.2
    bend: float = 0.0
    notch: float = 0.0
    teeth_marks: float = 0.0
    thickness: float = 0.3
    groove: float = 0.4
    relief: float = 0.5
    body: Lab = (55.0, 24.0, 9.0)
    tip: Lab = (51.0, 30.0, 13.0)
    coating: Lab = (66.0, 9.0, 8.0)
    coating_amount: float = 0.45
    coating_reach: float = 0.7
    mottle: float = 0.4
    cracks: int = 0
    papillae: float = 0.6
    red_dots: int = 80
    wetness: float = 0.5


@dataclass(frozen=True)
class PhantomSpec:
    """One phantom: rendering the same spec twice gives the same pixels.

    Attributes:
        name: file stem of the photo and of its mask.
        seed: seed of every texture.
        tongue: None = no tongue in the photo, so the mask is empty.
    """

    name: str
    seed: int
    camera: CameraSpec = field(default_factory=CameraSpec)
    light: LightSpec = field(default_factory=LightSpec)
    face: FaceSpec = field(default_factory=FaceSpec)
    mouth: MouthSpec = field(default_factory=MouthSpec)
    tongue: TongueSpec | None = field(default_factory=TongueSpec)

    def at_shape(self, shape: tuple[int, int], supersample: int | None = None) -> PhantomSpec:
        """The same scene photographed with another size (H, W); the narrower side decides the scale."""
        camera = self.camera
        scale = min(shape[0] / camera.shape[0], shape[1] / camera.shape[1])
        return replace(
            self,
            camera=replace(
                camera,
                shape=shape,
                unit_px=camera.unit_px * scale,
                blur_px=camera.blur_px * scale,
                supersample=supersample or camera.supersample,
            ),
        )
