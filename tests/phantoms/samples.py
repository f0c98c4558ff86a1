"""The committed samples: twelve scenes chosen to differ in person, light, camera and tongue."""

from __future__ import annotations

from tests.phantoms.palette import (
    BOX,
    FLASH,
    LAMP,
    ROOM,
    SKIN_I,
    SKIN_II,
    SKIN_III,
    SKIN_IV,
    SKIN_V,
    SKIN_VI,
    WINDOW,
)
from tests.phantoms.skin import lip_for
from tests.phantoms.spec import (
    CameraSpec,
    FaceSpec,
    MouthSpec,
    PhantomSpec,
    TongueSpec,
)

CROP = CameraSpec(shape=(400, 400), unit_px=170.0, origin=(0.5, 0.25), exposure=0.8, noise=0.005, blur_px=0.7)
"""A mouth filling the frame."""


def sample_specs() -> list[PhantomSpec]:
    """The twelve samples in the order of their names."""
    return [*_BOXES, *_CROPS, *_ROOMS, *_EMPTY, _CHINESE]


_BOXES = (
    PhantomSpec(
        name="s01_box_white_coating",
        seed=11,
        camera=CameraSpec(
            shape=(768, 1024),
            unit_px=250.0,
            origin=(0.5, 0.25),
            roll_deg=-1.5,
            blur_px=0.6,
            noise=0.007,
            exposure=0.95,
            vignette=0.2,
        ),
        light=BOX,
        face=FaceSpec(skin=SKIN_III, cloth=(84.0, -1.0, 7.0), cloth_y=2.12),
        mouth=MouthSpec(up=0.42, down=0.62, lip=lip_for(SKIN_III), skew=0.02, upper_teeth=0.0),
        tongue=TongueSpec(
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
        name="s02_box_fissured",
        seed=12,
        camera=CameraSpec(
            shape=(576, 768),
            unit_px=190.0,
            origin=(0.51, 0.27),
            roll_deg=2.0,
            blur_px=0.6,
            noise=0.008,
            exposure=0.74,
            vignette=0.2,
        ),
        light=BOX,
        face=FaceSpec(skin=SKIN_IV, stubble=0.35, cloth=(80.0, -4.0, 12.0), cloth_y=1.98, chin_y=2.1),
        mouth=MouthSpec(up=0.5, down=0.55, lip=lip_for(SKIN_IV), upper_teeth=0.0),
        tongue=TongueSpec(
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
)


_CROPS = (
    PhantomSpec(
        name="s03_crop_red_tip",
        seed=13,
        camera=CROP,
        light=LAMP,
        face=FaceSpec(skin=SKIN_III, cloth_y=9.0, mottle=0.6),
        mouth=MouthSpec(up=0.3, down=0.6, upper_lip=0.34, lip=(52.0, 27.0, 13.0)),
        tongue=TongueSpec(
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
        name="s04_crop_teeth_marks",
        seed=14,
        camera=CROP,
        light=LAMP,
        face=FaceSpec(skin=SKIN_I, cloth_y=9.0, mottle=0.4, moles=0),
        mouth=MouthSpec(up=0.42, down=0.62, upper_lip=0.26, lip=(55.0, 32.0, 12.0), upper_teeth=0.16),
        tongue=TongueSpec(
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
        name="s05_crop_yellow_coating",
        seed=15,
        camera=CROP,
        light=LAMP,
        face=FaceSpec(skin=SKIN_IV, stubble=0.5, cloth_y=9.0),
        mouth=MouthSpec(up=0.24, down=0.66, upper_lip=0.3, lip=lip_for(SKIN_IV), skew=-0.03),
        tongue=TongueSpec(
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
)


_ROOMS = (
    PhantomSpec(
        name="s06_phone_flash_portrait",
        seed=16,
        camera=CameraSpec(
            shape=(600, 450),
            unit_px=135.0,
            origin=(0.48, 0.42),
            roll_deg=3.0,
            blur_px=0.6,
            noise=0.008,
            exposure=0.9,
            contrast=1.05,
            vignette=0.25,
            jpeg_quality=88,
        ),
        light=FLASH,
        face=FaceSpec(
            skin=SKIN_II,
            cloth=(36.0, 4.0, -22.0),
            cloth_y=2.9,
            cloth_weave=0.3,
            background=(62.0, 1.0, 6.0),
            background_light=0.3,
        ),
        mouth=MouthSpec(up=0.36, down=0.6, lip=lip_for(SKIN_II), upper_teeth=0.12),
        tongue=TongueSpec(
            root_y=-0.3, tip_y=1.3, half_width=0.86, wetness=0.9, coating_amount=0.3, notch=0.06
        ),
    ),
    PhantomSpec(
        name="s07_room_dark_skin",
        seed=17,
        camera=CameraSpec(
            shape=(480, 640),
            unit_px=150.0,
            origin=(0.47, 0.34),
            roll_deg=-3.0,
            blur_px=0.8,
            noise=0.012,
            exposure=0.95,
            contrast=1.05,
            vignette=0.15,
            jpeg_quality=92,
        ),
        light=ROOM,
        face=FaceSpec(
            skin=SKIN_VI,
            mottle=0.6,
            moles=0,
            cloth=(70.0, 2.0, 4.0),
            cloth_y=2.3,
            cloth_weave=0.3,
            background=(72.0, 1.0, 8.0),
            background_light=0.75,
        ),
        mouth=MouthSpec(
            up=0.4, down=0.64, upper_lip=0.36, lower_lip=0.38, lip=(35.0, 17.0, 9.0), upper_teeth=0.1
        ),
        tongue=TongueSpec(
            root_y=-0.45, tip_y=1.4, half_width=0.9, coating_amount=0.4, bend=-0.07, wetness=0.6
        ),
    ),
    PhantomSpec(
        name="s08_phone_small",
        seed=18,
        camera=CameraSpec(
            shape=(224, 224),
            unit_px=80.0,
            origin=(0.52, 0.33),
            roll_deg=4.0,
            blur_px=0.6,
            noise=0.014,
            exposure=0.85,
            contrast=1.05,
            vignette=0.2,
            jpeg_quality=75,
        ),
        light=ROOM,
        face=FaceSpec(skin=SKIN_V, cloth_y=9.0, background=(55.0, 4.0, 14.0)),
        mouth=MouthSpec(up=0.34, down=0.58, lip=lip_for(SKIN_V), lower_teeth=0.0, upper_teeth=0.14),
        tongue=TongueSpec(root_y=-0.3, tip_y=1.25, half_width=0.82, taper=0.25, bluntness=1.9, bend=0.08),
    ),
    PhantomSpec(
        name="s09_window_daylight",
        seed=19,
        camera=CameraSpec(
            shape=(480, 480),
            unit_px=150.0,
            origin=(0.5, 0.36),
            roll_deg=1.0,
            blur_px=0.7,
            noise=0.008,
            exposure=0.9,
            contrast=1.0,
            vignette=0.1,
            jpeg_quality=94,
        ),
        light=WINDOW,
        face=FaceSpec(
            skin=SKIN_I,
            mottle=0.9,
            cloth=(60.0, -6.0, -14.0),
            cloth_y=2.35,
            cloth_weave=0.3,
            background=(90.0, 0.0, 2.0),
            background_light=0.9,
        ),
        mouth=MouthSpec(up=0.28, down=0.55, upper_lip=0.24, lower_lip=0.28, lip=lip_for(SKIN_I)),
        tongue=TongueSpec(
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
)


_EMPTY = (
    PhantomSpec(
        name="s10_closed_mouth",
        seed=20,
        camera=CameraSpec(
            shape=(360, 480),
            unit_px=112.0,
            origin=(0.5, 0.36),
            roll_deg=1.0,
            blur_px=0.7,
            noise=0.008,
            exposure=0.75,
            vignette=0.2,
        ),
        light=BOX,
        face=FaceSpec(skin=SKIN_III, cloth_y=1.9, chin_y=1.75),
        mouth=MouthSpec(up=0.012, down=0.012, upper_lip=0.27, lower_lip=0.34, lip=lip_for(SKIN_III)),
        tongue=None,
    ),
    PhantomSpec(
        name="s11_open_mouth_no_tongue",
        seed=21,
        camera=CameraSpec(
            shape=(300, 400),
            unit_px=92.0,
            origin=(0.5, 0.36),
            roll_deg=0.0,
            blur_px=0.6,
            noise=0.008,
            exposure=0.8,
        ),
        light=LAMP,
        face=FaceSpec(skin=SKIN_II, cloth_y=2.1, background=(85.0, 0.0, 2.0), background_light=0.8),
        mouth=MouthSpec(up=0.34, down=0.62, lip=lip_for(SKIN_II), upper_teeth=0.24, lower_teeth=0.14),
        tongue=None,
    ),
)


_CHINESE = PhantomSpec(
    name="舌象_示例",
    seed=22,
    camera=CameraSpec(
        shape=(240, 320),
        unit_px=80.0,
        origin=(0.5, 0.28),
        roll_deg=0.0,
        blur_px=0.6,
        noise=0.008,
        exposure=0.7,
        vignette=0.2,
    ),
    light=BOX,
    face=FaceSpec(skin=SKIN_II, cloth=(86.0, 0.0, 4.0)),
    mouth=MouthSpec(up=0.5, down=0.6, lip=lip_for(SKIN_II)),
    tongue=TongueSpec(root_y=-0.25, tip_y=1.3, half_width=0.92, taper=0.5, bluntness=2.4, coating_amount=0.6),
)
