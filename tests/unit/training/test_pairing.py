from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.training.training_phantoms import phantom, write_png, write_set
from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import Cancelled, DatasetError, UsageError
from tongue_viewer.core.training import AugmentPlan, FolderPair
from tongue_viewer.training.data import Examples, read_example, shrinker
from tongue_viewer.training.pairing import (
    Split,
    TrainingPair,
    check_pattern,
    group_of,
    merge,
    pair_folders,
    split_by_group,
)


def test_pairs_by_stem_and_names_those_without_partner(tmp_path: Path) -> None:
    folders = write_set(tmp_path, 3)
    (tmp_path / "masks" / "p00.png").rename(tmp_path / "masks" / "stray.png")
    (tmp_path / "images" / "notes.txt").write_text("no photo")
    found = pair_folders(folders)
    assert [pair.photo.stem for pair in found.pairs] == ["p01", "p02"]
    assert [file.name for file in found.photos_alone] == ["p00.png"]
    assert [file.name for file in found.masks_alone] == ["stray.png"]
    photo, mask = found.notices()
    assert "p00.png" in photo
    assert "stray.png" in mask


def test_a_missing_folder_no_pair_and_a_doubled_stem_are_refused_by_name(tmp_path: Path) -> None:
    folders = write_set(tmp_path, 1)
    with pytest.raises(DatasetError, match="nowhere"):
        pair_folders(FolderPair(folders.images, str(tmp_path / "nowhere")))
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DatasetError, match="same name"):
        pair_folders(FolderPair(folders.images, str(empty)))
    (tmp_path / "images" / "p00.bmp").write_bytes((tmp_path / "images" / "p00.png").read_bytes())
    with pytest.raises(DatasetError, match=r"p00\.bmp and p00\.png"):
        pair_folders(folders)


@pytest.mark.parametrize("foreground", [1, 255])
def test_masks_of_0_and_1_and_of_0_and_255_are_the_same(tmp_path: Path, foreground: int) -> None:
    pair = pair_folders(write_set(tmp_path, 1, foreground=foreground)).pairs[0]
    np.testing.assert_array_equal(read_example(pair).mask, phantom(0)[1])


def test_every_unusable_pair_is_named_with_its_reason(tmp_path: Path) -> None:
    folders = write_set(tmp_path, 4)
    write_png(tmp_path / "masks" / "p01.png", np.zeros((5, 7), np.uint8))
    (tmp_path / "images" / "p03.png").write_bytes(b"\x89PNG but not really")
    with pytest.raises(DatasetError) as caught:
        Examples(pair_folders(folders).pairs).check(CancelToken())
    text = str(caught.value)
    assert text.startswith("2 of 4 pairs")
    assert "p01.png" in text
    assert "7×5" in text
    assert "p03.png" in text
    assert "p00" not in text


def test_examples_beyond_the_memory_are_read_again_and_the_same(tmp_path: Path) -> None:
    pairs = pair_folders(write_set(tmp_path, 3)).pairs
    kept, read = Examples(pairs), Examples(pairs, budget=0)
    for index in range(3):
        assert read[index] is not read[index]
        np.testing.assert_array_equal(read[index].rgb, kept[index].rgb)
    assert kept[1] is kept[1]
    assert read.digest == kept.digest


def test_the_digest_sees_a_changed_mask(tmp_path: Path) -> None:
    pairs = pair_folders(write_set(tmp_path, 1)).pairs
    before, after = Examples(pairs), Examples(pairs)
    before.check(CancelToken())
    mask = phantom(0)[1]
    mask[0, 0] = 1
    write_png(pairs[0].mask, mask)
    after.check(CancelToken())
    assert before.digest != after.digest


def test_large_photos_are_kept_shrunk_with_their_masks(tmp_path: Path) -> None:
    pair = pair_folders(write_set(tmp_path, 1)).pairs[0]
    small = shrinker(32, None)(read_example(pair))
    assert small.rgb.shape == (24, 32, 3)
    assert small.mask.shape == (24, 32)
    assert small.mask.mean() == pytest.approx(phantom(0)[1].mean(), rel=0.1)
    assert shrinker(64, None)(read_example(pair)).rgb.shape == (48, 64, 3)


def test_a_small_tongue_on_a_large_photo_stays_as_sharp_as_a_framed_view_can_show_it(tmp_path: Path) -> None:
    pair = pair_folders(write_set(tmp_path, 1)).pairs[
        0
    ]  # 48×64, the tongue takes less than half of each side
    framed = AugmentPlan(scale=(0.5, 1.0), fill=0.5, framing=(1.0, 1.5))
    example = read_example(pair)
    longer = max(np.ptp(np.flatnonzero(example.mask.any(axis))) + 1 for axis in (0, 1))
    kept = shrinker(16, framed)(example)
    assert kept.rgb.shape[1] == round(64 * 16 / longer)
    assert shrinker(16, replace(framed, fill=0.0))(example).rgb.shape == (12, 16, 3)


def test_checking_can_be_stopped(tmp_path: Path) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        Examples(pair_folders(write_set(tmp_path, 1)).pairs).check(token)


def test_group_pattern() -> None:
    assert group_of("anna_2.left", r"^([a-z]+)_") == "anna"
    assert group_of("2018101_3", r"^\d+") == "2018101"
    assert group_of("anna", "") == "anna"
    assert group_of("anna", r"(\d+)") == "anna"
    with pytest.raises(UsageError, match=r"\(\["):
        check_pattern("([")


def _pairs(groups: list[int]) -> tuple[TrainingPair, ...]:
    return tuple(TrainingPair(Path(f"{i}.png"), Path(f"m{i}.png"), f"g{g}") for i, g in enumerate(groups))


@given(st.lists(st.integers(0, 12), min_size=1, max_size=60), st.floats(0, 0.9), st.integers(0, 1000))
def test_split_keeps_groups_whole_and_loses_nothing(groups: list[int], fraction: float, seed: int) -> None:
    pairs = _pairs(groups)
    train, val = split_by_group(pairs, fraction, seed)
    assert sorted(map(str, train + val)) == sorted(map(str, pairs))
    assert not {p.group for p in train} & {p.group for p in val}
    assert train
    assert bool(val) == (fraction > 0 and len(set(groups)) > 1)
    assert split_by_group(pairs[::-1], fraction, seed)[1][::-1] == val


def test_split_holds_back_about_the_fraction_and_another_seed_another_part() -> None:
    pairs = _pairs(list(range(100)))
    first, second = split_by_group(pairs, 0.15, 0)[1], split_by_group(pairs, 0.15, 1)[1]
    assert len(first) == len(second) == 15
    assert first != second


def test_split_survives_json() -> None:
    train, val = split_by_group(_pairs([0, 0, 1, 2, 3]), 0.3, 0)
    split = Split(train, val, ("one photo without a mask",))
    assert Split.from_json(split.to_json()) == split


def test_merged_sets_share_groups(tmp_path: Path) -> None:
    one, two = write_set(tmp_path / "a", 2), write_set(tmp_path / "b", 2, first=1)
    found = merge([pair_folders(one), pair_folders(two)])
    assert [pair.group for pair in found.pairs] == ["p00", "p01", "p01", "p02"]
