"""How a photo is shown: neutral is untouched, tables are monotone, channels are what their names say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongue_viewer.core.tone import CHANNELS, NEUTRAL, Channel, Tone

TONES = st.builds(
    Tone, st.integers(-100, 100), st.integers(-100, 100), st.floats(0.2, 5), st.sampled_from(CHANNELS)
)
RGB = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)


def test_the_neutral_tone_gives_the_same_array_back() -> None:
    assert NEUTRAL.neutral
    assert Tone().apply(RGB) is RGB
    assert np.array_equal(NEUTRAL.table(), np.arange(256))


@given(TONES)
def test_a_table_never_turns_dark_and_bright_round(tone: Tone) -> None:
    table = tone.table().astype(int)
    assert table.shape == (256,)
    assert (np.diff(table) >= 0).all()


@given(TONES)
def test_the_photo_itself_is_not_changed(tone: Tone) -> None:
    before = RGB.copy()
    shown = tone.apply(RGB)
    assert np.array_equal(RGB, before)
    assert shown.shape == RGB.shape
    assert shown.dtype == np.uint8


def test_each_control_does_what_it_says() -> None:
    grey = np.arange(256)
    assert (Tone(brightness=20).table() >= grey).all()
    assert Tone(brightness=20).table()[100] == 151
    steep = Tone(contrast=50).table()
    assert steep[64] < 64
    assert steep[192] > 192
    assert steep[127] in (126, 127)
    lifted = Tone(gamma=2.0).table()
    assert (lifted[0], lifted[255]) == (0, 255)
    assert lifted[64] == round(255 * (64 / 255) ** 0.5)


@pytest.mark.parametrize(("channel", "index"), [("red", 0), ("green", 1), ("blue", 2)])
def test_one_channel_is_shown_as_grey(channel: Channel, index: int) -> None:
    shown = Tone(channel=channel).apply(RGB)
    for plane in range(3):
        assert np.array_equal(shown[..., plane], RGB[..., index])


def test_lab_channels_are_grey_with_the_middle_for_neutral() -> None:
    colours = np.array(
        [[[0, 0, 0], [255, 255, 255], [119, 119, 119], [220, 20, 20], [20, 20, 220]]], np.uint8
    )
    light, a, b = (Tone(channel=name).apply(colours)[0, :, 0] for name in ("L*", "a*", "b*"))
    assert light[:2].tolist() == [0, 255]
    assert abs(int(light[2]) - 128) <= 2  # sRGB 119 is L* 50
    assert np.abs(a[:3].astype(int) - 128).max() <= 2
    assert np.abs(b[:3].astype(int) - 128).max() <= 2
    assert a[3] > 220
    assert b[4] == 0


def test_an_empty_part_stays_empty() -> None:
    nothing = np.zeros((0, 5, 3), np.uint8)
    assert Tone(brightness=3).apply(nothing).shape == (0, 5, 3)


@pytest.mark.parametrize(
    "wrong",
    [{"brightness": 101}, {"contrast": -101}, {"gamma": 0.1}, {"gamma": float("nan")}, {"channel": "x"}],
)
def test_a_tone_out_of_range_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"tone|channel"):
        Tone(**wrong)  # type: ignore[arg-type]
