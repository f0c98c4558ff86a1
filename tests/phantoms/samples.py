"""The committed samples: twelve scenes chosen to differ in person, light, camera and tongue."""

from __future__ import annotations

from tests.phantoms.skin import lip_for
from tests.phantoms.spec import (
    CameraSpec,
    FaceSpec,
    LightSpec,
    MouthSpec,
    PhantomSpec,
    SourceSpec,
    TongueSpec,
)

BOX = LightSpec(
    (
        SourceSpec((-0.5, -0.35, 0.8), 0.42, 0.45),
        SourceSpec((0.6, -0.3, 0.75), 0.33, 0.45),
        SourceSpec((0.0, -0.9, 0.6), 0.26, 0.4),
    ),
    ambient=0.17,
    tint=(1.0, 1.0, 1.0),
    falloff=0.06,
)
"""A colour-controlled box: two lamps in front and one above."""

ROOM = LightSpec(
    (SourceSpec((0.25, -0.8, 0.6), 0.6, 0.25), SourceSpec((-0.6, -0.1, 0.8), 0.2, 0.1)),
    ambient=0.34,
    tint=(1.08, 1.0, 0.86),
)
"""A warm ceiling lamp in a room."""

WINDOW = LightSpec(
    (SourceSpec((-0.75, -0.35, 0.6), 0.7, 0.3), SourceSpec((0.6, -0.2, 0.8), 0.16, 0.05)),
    ambient=0.34,
    tint=(0.95, 1.0, 1.08),
)
"""Daylight from a window at the side."""

FLASH = LightSpec(
    (SourceSpec((0.08, -0.16, 1.0), 0.95, 0.95),), ambient=0.12, tint=(1.0, 1.0, 1.02), falloff=0.10
)
"""The flash of a phone, beside its lens."""

LAMP = LightSpec(
    (SourceSpec((0.1, -0.45, 0.9), 0.64, 0.35), SourceSpec((-0.5, 0.1, 0.8), 0.18, 0.1)),
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

CROP = CameraSpec(shape=(400, 400), unit_px=170.0, origin=(0.5, 0.25), exposure=0.8, noise=0.005, blur_px=0.7)
"""A mouth filling the frame."""


def sample_specs() -> list[PhantomSpec]:
    """The twelve samples in the order of their names."""
    return [*_boxes(), *_crops(), *_rooms(), *_empty(), _chinese()]


def _boxes() -> list[PhantomSpec]:
    return [
        PhantomSpec(
            "s01_box_white_coating",
            11,
            CameraSpec((768, 1024), 250.0, (0.5, 0.25), -1.5, 0.6, 0.007, 0.95, vignette=0.2),
            BOX,
            FaceSpec(SKIN_III, cloth=(84.0, -1.0, 7.0), cloth_y=2.12),
            MouthSpec(0.42, 0.62, lip=lip_for(SKIN_III), skew=0.02, upper_teeth=0.0),
            TongueSpec(
                root_y=-0.5,
                tip_y=1.45,
                half_width=0.93,
                coating_amount=0.5,
                groove=0.5,
                bend=0.03,
                red_dots=110,
            ),
        ),
        PhantomSpec(
            "s02_box_fissured",
            12,
            CameraSpec((576, 768), 190.0, (0.51, 0.27), 2.0, 0.6, 0.008, 0.74, vignette=0.2),
            BOX,
            FaceSpec(SKIN_IV, stubble=0.35, cloth=(80.0, -4.0, 12.0), cloth_y=1.98, chin_y=2.1),
            MouthSpec(0.5, 0.55, lip=lip_for(SKIN_IV), upper_teeth=0.0),
            TongueSpec(
                root_y=-0.22,
                tip_y=1.36,
                half_width=0.88,
                taper=0.35,
                bluntness=2.0,
                cracks=9,
                coating_amount=0.35,
                bend=-0.06,
                wetness=0.6,
            ),
        ),
    ]


def _crops() -> list[PhantomSpec]:
    return [
        PhantomSpec(
            "s03_crop_red_tip",
            13,
            CROP,
            LAMP,
            FaceSpec(SKIN_III, cloth_y=9.0, mottle=0.6),
            MouthSpec(0.3, 0.6, 0.34, lip=(52.0, 27.0, 13.0)),
            TongueSpec(
                root_y=-0.55,
                tip_y=1.5,
                half_width=0.87,
                taper=0.3,
                bend=0.07,
                body=(56.0, 26.0, 9.0),
                tip=(50.0, 37.0, 16.0),
                coating_amount=0.25,
                red_dots=220,
                wetness=0.35,
            ),
        ),
        PhantomSpec(
            "s04_crop_teeth_marks",
            14,
            CROP,
            LAMP,
            FaceSpec(SKIN_I, cloth_y=9.0, mottle=0.4, moles=0),
            MouthSpec(0.42, 0.62, 0.26, lip=(55.0, 32.0, 12.0), upper_teeth=0.16),
            TongueSpec(
                root_y=-0.4,
                tip_y=1.32,
                half_width=0.94,
                taper=0.5,
                bluntness=2.5,
                teeth_marks=0.03,
                body=(61.0, 24.0, 8.0),
                tip=(57.0, 27.0, 11.0),
                coating=(72.0, 9.0, 5.0),
                coating_amount=0.4,
                groove=0.25,
            ),
        ),
        PhantomSpec(
            "s05_crop_yellow_coating",
            15,
            CROP,
            LAMP,
            FaceSpec(SKIN_IV, stubble=0.5, cloth_y=9.0),
            MouthSpec(0.24, 0.66, 0.3, lip=lip_for(SKIN_IV), skew=-0.03),
            TongueSpec(
                root_y=-0.5,
                tip_y=1.45,
                half_width=0.9,
                coating=(63.0, 11.0, 21.0),
                coating_amount=0.72,
                coating_reach=0.62,
                groove=0.7,
                bend=0.05,
            ),
        ),
    ]


def _rooms() -> list[PhantomSpec]:
    return [
        PhantomSpec(
            "s06_phone_flash_portrait",
            16,
            CameraSpec((600, 450), 135.0, (0.48, 0.42), 3.0, 0.6, 0.008, 0.9, 1.05, 0.25, 88),
            FLASH,
            FaceSpec(
                SKIN_II,
                cloth=(36.0, 4.0, -22.0),
                cloth_y=2.9,
                cloth_weave=0.3,
                background=(62.0, 1.0, 6.0),
                background_light=0.3,
            ),
            MouthSpec(0.36, 0.6, lip=lip_for(SKIN_II), upper_teeth=0.12),
            TongueSpec(root_y=-0.3, tip_y=1.3, half_width=0.86, wetness=0.9, coating_amount=0.3, notch=0.06),
        ),
        PhantomSpec(
            "s07_room_dark_skin",
            17,
            CameraSpec((480, 640), 150.0, (0.47, 0.34), -3.0, 0.8, 0.012, 0.95, 1.05, 0.15, 92),
            ROOM,
            FaceSpec(
                SKIN_VI,
                mottle=0.6,
                moles=0,
                cloth=(70.0, 2.0, 4.0),
                cloth_y=2.3,
                cloth_weave=0.3,
                background=(72.0, 1.0, 8.0),
                background_light=0.75,
            ),
            MouthSpec(0.4, 0.64, 0.36, 0.38, lip=(35.0, 17.0, 9.0), upper_teeth=0.1),
            TongueSpec(root_y=-0.45, tip_y=1.4, half_width=0.9, coating_amount=0.4, bend=-0.07, wetness=0.6),
        ),
        PhantomSpec(
            "s08_phone_small",
            18,
            CameraSpec((224, 224), 80.0, (0.52, 0.33), 4.0, 0.6, 0.014, 0.85, 1.05, 0.2, 75),
            ROOM,
            FaceSpec(SKIN_V, cloth_y=9.0, background=(55.0, 4.0, 14.0)),
            MouthSpec(0.34, 0.58, lip=lip_for(SKIN_V), lower_teeth=0.0, upper_teeth=0.14),
            TongueSpec(root_y=-0.3, tip_y=1.25, half_width=0.82, taper=0.25, bluntness=1.9, bend=0.08),
        ),
        PhantomSpec(
            "s09_window_daylight",
            19,
            CameraSpec((480, 480), 150.0, (0.5, 0.36), 1.0, 0.7, 0.008, 0.9, 1.0, 0.1, 94),
            WINDOW,
            FaceSpec(
                SKIN_I,
                mottle=0.9,
                cloth=(60.0, -6.0, -14.0),
                cloth_y=2.35,
                cloth_weave=0.3,
                background=(90.0, 0.0, 2.0),
                background_light=0.9,
            ),
            MouthSpec(0.28, 0.55, 0.24, 0.28, lip=lip_for(SKIN_I)),
            TongueSpec(
                root_y=-0.5,
                tip_y=1.3,
                half_width=0.8,
                taper=0.2,
                bluntness=1.9,
                mottle=0.9,
                coating_amount=0.5,
                body=(54.0, 28.0, 11.0),
            ),
        ),
    ]


def _empty() -> list[PhantomSpec]:
    return [
        PhantomSpec(
            "s10_closed_mouth",
            20,
            CameraSpec((360, 480), 112.0, (0.5, 0.36), 1.0, 0.7, 0.008, 0.75, vignette=0.2),
            BOX,
            FaceSpec(SKIN_III, cloth_y=1.9, chin_y=1.75),
            MouthSpec(0.012, 0.012, 0.27, 0.34, lip=lip_for(SKIN_III)),
            None,
        ),
        PhantomSpec(
            "s11_open_mouth_no_tongue",
            21,
            CameraSpec((300, 400), 92.0, (0.5, 0.36), 0.0, 0.6, 0.008, 0.8),
            LAMP,
            FaceSpec(SKIN_II, cloth_y=2.1, background=(85.0, 0.0, 2.0), background_light=0.8),
            MouthSpec(0.34, 0.62, lip=lip_for(SKIN_II), upper_teeth=0.24, lower_teeth=0.14),
            None,
        ),
    ]


def _chinese() -> PhantomSpec:
    return PhantomSpec(
        "舌象_示例",
        22,
        CameraSpec((240, 320), 80.0, (0.5, 0.28), 0.0, 0.6, 0.008, 0.7, vignette=0.2),
        BOX,
        FaceSpec(SKIN_II, cloth=(86.0, 0.0, 4.0)),
        MouthSpec(0.5, 0.6, lip=lip_for(SKIN_II)),
        TongueSpec(root_y=-0.25, tip_y=1.3, half_width=0.92, taper=0.5, bluntness=2.4, coating_amount=0.6),
    )
