"""Lights and skin tones that samples and random phantoms draw from."""

from __future__ import annotations

from tests.phantoms.spec import LightSpec, SourceSpec

BOX = LightSpec(
    (
        SourceSpec(direction=(-0.5, -0.35, 0.8), strength=0.42, hardness=0.45),
        SourceSpec(direction=(0.6, -0.3, 0.75), strength=0.33, hardness=0.45),
        SourceSpec(direction=(0.0, -0.9, 0.6), strength=0.26, hardness=0.4),
    ),
    ambient=0.17,
    tint=(1.0, 1.0, 1.0),
    falloff=0.06,
)
"""A colour-controlled box: two lamps in front and one above."""

ROOM = LightSpec(
    (
        SourceSpec(direction=(0.25, -0.8, 0.6), strength=0.6, hardness=0.25),
        SourceSpec(direction=(-0.6, -0.1, 0.8), strength=0.2, hardness=0.1),
    ),
    ambient=0.34,
    tint=(1.08, 1.0, 0.86),
)
"""A warm ceiling lamp in a room."""

WINDOW = LightSpec(
    (
        SourceSpec(direction=(-0.75, -0.35, 0.6), strength=0.7, hardness=0.3),
        SourceSpec(direction=(0.6, -0.2, 0.8), strength=0.16, hardness=0.05),
    ),
    ambient=0.34,
    tint=(0.95, 1.0, 1.08),
)
"""Daylight from a window at the side."""

FLASH = LightSpec(
    (SourceSpec(direction=(0.08, -0.16, 1.0), strength=0.95, hardness=0.95),),
    ambient=0.12,
    tint=(1.0, 1.0, 1.02),
    falloff=0.10,
)
"""The flash of a phone, beside its lens."""

LAMP = LightSpec(
    (
        SourceSpec(direction=(0.1, -0.45, 0.9), strength=0.64, hardness=0.35),
        SourceSpec(direction=(-0.5, 0.1, 0.8), strength=0.18, hardness=0.1),
    ),
    ambient=0.3,
    tint=(1.1, 0.96, 0.95),
    falloff=0.02,
)
"""A ring lamp in a clinic."""

SKIN_I = (70.0, 11.0, 13.0)
SKIN_II = (67.0, 12.0, 15.0)
SKIN_III = (62.0, 13.0, 18.0)
SKIN_IV = (54.0, 14.0, 20.0)
SKIN_V = (44.0, 13.0, 18.0)
SKIN_VI = (34.0, 10.0, 13.0)
SKIN_TONES = (SKIN_I, SKIN_II, SKIN_III, SKIN_IV, SKIN_V, SKIN_VI)
"""Light to dark, after Fitzpatrick's six types."""
