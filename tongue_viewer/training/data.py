"""Photos with their masks, paired by file stem and checked before training starts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import DatasetError, MaskError, PhotoError, UsageError
from tongue_viewer.core.photo import MaskArray, RgbArray
from tongue_viewer.core.training import FolderPair

SUFFIXES = frozenset({".bmp", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp"})
"""File name endings that are taken for photos and masks."""

_MOST_NAMED = 8
"""So many files are named in one message; the rest is counted."""


@dataclass(frozen=True)
class TrainingPair:
    """One photo and its mask.

    Attributes:
        photo: file of the photo.
        mask: file of the mask, 0/1 or 0/255, of the photo's own size.
        group: what must not be torn apart by the split, for example the patient.
    """

    photo: Path
    mask: Path
    group: str


@dataclass(frozen=True, eq=False)
class Example:
    """A decoded pair.

    Attributes:
        pair: where it came from.
        rgb: (H, W, 3) uint8.
        mask: (H, W) uint8, 0 or 1.
        digest: sha256 over the photo's pixels and the mask's.
    """

    pair: TrainingPair
    rgb: RgbArray
    mask: MaskArray
    digest: str


@dataclass(frozen=True)
class Pairing:
    """What pairing by file stem found.

    Attributes:
        pairs: in the order of the stems.
        photos_alone, masks_alone: files without a partner.
    """

    pairs: tuple[TrainingPair, ...]
    photos_alone: tuple[Path, ...] = ()
    masks_alone: tuple[Path, ...] = ()

    def notices(self) -> list[str]:
        """One sentence for each kind of file that was left out."""
        found = []
        for files, lacks in (
            (self.photos_alone, "photo(s) without a mask"),
            (self.masks_alone, "mask(s) without a photo"),
        ):
            if files:
                found.append(f"{len(files)} {lacks}, left out: {name_some(files)}")
        return found


def name_some(files: Sequence[Path]) -> str:
    """The names of the first files, and how many more there are."""
    more = len(files) - _MOST_NAMED
    return ", ".join(file.name for file in files[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def group_of(stem: str, pattern: str) -> str:
    """What `pattern`'s first group (or whole match) finds in the file stem; the stem itself where nothing matches."""
    found = re.search(pattern, stem) if pattern else None
    if found is None:
        return stem
    return found.group(1) if found.re.groups and found.group(1) is not None else found.group(0)


def check_pattern(pattern: str) -> None:
    """Refuse a group pattern that is no regular expression.

    Raises:
        UsageError: naming the pattern and where it breaks.
    """
    try:
        re.compile(pattern)
    except re.error as error:
        raise UsageError(f"the group pattern {pattern!r} is no regular expression: {error}") from error


def pair_folders(folders: FolderPair, group_pattern: str = "") -> Pairing:
    """Pair photos and masks by file stem.

    Raises:
        DatasetError: a folder is missing, no pair was found, or two files share a stem.
    """
    photos, masks = _by_stem(Path(folders.images)), _by_stem(Path(folders.masks))
    stems = [stem for stem in photos if stem in masks]
    if not stems:
        raise DatasetError(
            f"no photo in {folders.images} has a mask of the same name in {folders.masks}; "
            "NAME.bmp goes with NAME.png (0 = background, 255 or 1 = tongue)"
        )
    return Pairing(
        tuple(TrainingPair(photos[stem], masks[stem], group_of(stem, group_pattern)) for stem in stems),
        tuple(file for stem, file in photos.items() if stem not in masks),
        tuple(file for stem, file in masks.items() if stem not in photos),
    )


def _by_stem(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise DatasetError(
            f"{folder} is no folder; give the folder of the photos, then the folder of their masks"
        )
    found: dict[str, Path] = {}
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() not in SUFFIXES or file.name.startswith("."):
            continue
        if file.stem in found:
            raise DatasetError(
                f"{found[file.stem].name} and {file.name} in {folder} have the same name; one of them must go"
            )
        found[file.stem] = file
    return found


def read_example(pair: TrainingPair) -> Example:
    """Decode a pair.

    Raises:
        PhotoError, MaskError: a file cannot be used.
        DatasetError: photo and mask differ in size.
    """
    rgb, mask = _read_photo(pair.photo), _read_mask(pair.mask)
    if rgb.shape[:2] != mask.shape:
        raise DatasetError(
            f"{pair.mask.name} is {mask.shape[1]}×{mask.shape[0]}, but {pair.photo.name} is "
            f"{rgb.shape[1]}×{rgb.shape[0]}; a mask has its photo's own size"
        )
    digest = hashlib.sha256(rgb.tobytes())
    digest.update(mask.tobytes())
    return Example(pair, rgb, mask, digest.hexdigest())


@dataclass
class Examples:
    """Decoded pairs, kept in memory as far as `budget` bytes reach and read again beyond that.

    Photos whose long side exceeds `long_side` are kept shrunk by `shrink`.
    """

    pairs: Sequence[TrainingPair]
    shrink: Callable[[Example], Example] = lambda example: example
    budget: int = 2_000_000_000
    digests: dict[int, str] = field(default_factory=dict)
    _kept: dict[int, Example] = field(default_factory=dict)
    _used: int = 0

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> Example:
        kept = self._kept.get(index)
        if kept is not None:
            return kept
        example = read_example(self.pairs[index])
        self.digests[index] = example.digest
        example = self.shrink(example)
        size = example.rgb.nbytes + example.mask.nbytes
        if self._used + size <= self.budget:
            self._kept[index] = example
            self._used += size
        return example

    def check(self, token: CancelToken) -> None:
        """Read every pair once, so that nothing fails in the middle of the night.

        Raises:
            DatasetError: naming every pair that cannot be used, with its reason.
        """
        wrong: list[str] = []
        for index in range(len(self.pairs)):
            token.check()
            try:
                self[index]
            except (PhotoError, MaskError, DatasetError) as error:
                wrong.append(str(error))
        if wrong:
            shown = "\n  ".join(wrong[:_MOST_NAMED])
            more = f"\n  … and {len(wrong) - _MOST_NAMED} more" if len(wrong) > _MOST_NAMED else ""
            raise DatasetError(
                f"{len(wrong)} of {len(self.pairs)} pairs cannot be used; repair or remove them:\n  {shown}{more}"
            )

    @property
    def digest(self) -> str:
        """sha256 over the digests of all pairs that were read, in order."""
        return hashlib.sha256("".join(self.digests[i] for i in sorted(self.digests)).encode()).hexdigest()


def shrinker(long_side: int) -> Callable[[Example], Example]:
    """A function that shrinks a larger pair to `long_side` by area averaging, because augmentation uses no more."""

    def shrink(example: Example) -> Example:
        height, width = example.mask.shape
        scale = long_side / max(height, width)
        if scale >= 1:
            return example
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        rgb = cv2.resize(example.rgb, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        cover = cv2.resize(example.mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        return replace(example, rgb=rgb, mask=(cover >= 0.5).astype(np.uint8))

    return shrink


def split_by_group(
    pairs: Sequence[TrainingPair], fraction: float, seed: int
) -> tuple[tuple[TrainingPair, ...], tuple[TrainingPair, ...]]:
    """(to learn from, held back): whole groups, about `fraction` of the pairs held back, the same for the same seed.

    The order depends on the groups' names and the seed alone. At least one group is held back where `fraction` is
    positive and there are two groups, and at least one is always left to learn from.
    """
    groups: dict[str, list[TrainingPair]] = {}
    for pair in pairs:
        groups.setdefault(pair.group, []).append(pair)
    names = sorted(groups)
    order = np.random.default_rng(seed).permutation(len(names))
    wanted = fraction * len(pairs)
    held: set[str] = set()
    count = 0
    for index in order[: len(names) - 1]:
        if count >= wanted or (held and count + len(groups[names[index]]) / 2 > wanted):
            break
        held.add(names[index])
        count += len(groups[names[index]])
    return tuple(p for p in pairs if p.group not in held), tuple(p for p in pairs if p.group in held)


def merge(pairings: Iterable[Pairing]) -> Pairing:
    """Several sets as one; a group's name is shared by all sets."""
    found = list(pairings)
    return Pairing(
        tuple(pair for one in found for pair in one.pairs),
        tuple(file for one in found for file in one.photos_alone),
        tuple(file for one in found for file in one.masks_alone),
    )


def pairs_to_json(pairs: Iterable[TrainingPair]) -> list[dict[str, str]]:
    """For RUN/split.json."""
    return [{"photo": str(p.photo), "mask": str(p.mask), "group": p.group} for p in pairs]


def pairs_from_json(values: Iterable[Mapping[str, str]]) -> tuple[TrainingPair, ...]:
    """The inverse of `pairs_to_json`."""
    return tuple(TrainingPair(Path(v["photo"]), Path(v["mask"]), v["group"]) for v in values)


def _read_photo(path: Path) -> RgbArray:
    from tongue_viewer.core.errors import PhotoDamagedError

    bgr = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise PhotoDamagedError(f"{path.name} cannot be decoded")
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)


def _read_mask(path: Path) -> MaskArray:
    grey = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise MaskError(f"{path.name} cannot be decoded")
    return (grey > 0).astype(np.uint8)
