"""Which photo belongs to which mask, and which photos are held back; nothing is decoded here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tongue_viewer.core.errors import DatasetError, UsageError
from tongue_viewer.core.patients import id_in
from tongue_viewer.core.training import FolderPair

SUFFIXES = frozenset({".bmp", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp"})
"""File name endings, in lower case, that are taken for photos and masks."""

MOST_NAMED = 8
"""So many files are named in one message; the rest is counted."""


@dataclass(frozen=True)
class TrainingPair:
    """One photo and its mask.

    Attributes:
        photo: file of the photo, absolute.
        mask: file of the mask, 0/1 or 0/255, of the photo's own size, absolute.
        group: what the split must not tear apart, for example the patient.
    """

    photo: Path
    mask: Path
    group: str


@dataclass(frozen=True)
class Pairing:
    """What pairing found.

    Attributes:
        pairs: in the order of the stems.
        photos_alone, masks_alone: files without a partner.
        notes: other things that were left out, one sentence each.
    """

    pairs: tuple[TrainingPair, ...]
    photos_alone: tuple[Path, ...] = ()
    masks_alone: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()

    def notices(self) -> tuple[str, ...]:
        """One sentence for each kind of file that was left out."""
        kinds = (
            (self.photos_alone, "photo(s) without a mask"),
            (self.masks_alone, "mask(s) without a photo"),
        )
        alone = (f"{len(files)} {kind}, left out: {name_some(files)}" for files, kind in kinds if files)
        return (*alone, *self.notes)


@dataclass(frozen=True)
class Split:
    """The photos of a run.

    Attributes:
        train: learned from.
        val: held back.
        notices: what was left out and why.
    """

    train: tuple[TrainingPair, ...]
    val: tuple[TrainingPair, ...]
    notices: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For RUN/split.json."""
        train, val = ([_pair_to_json(pair) for pair in pairs] for pairs in (self.train, self.val))
        return {"train": train, "val": val, "notices": list(self.notices)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Split:
        """The inverse of `to_json`.

        Raises:
            KeyError: an entry is missing.
        """
        train, val = (tuple(_pair_from_json(pair) for pair in values[name]) for name in ("train", "val"))
        return cls(train, val, tuple(values["notices"]))


def _pair_to_json(pair: TrainingPair) -> dict[str, str]:
    return {"photo": str(pair.photo), "mask": str(pair.mask), "group": pair.group}


def _pair_from_json(values: Mapping[str, str]) -> TrainingPair:
    return TrainingPair(Path(values["photo"]), Path(values["mask"]), values["group"])


def name_some(files: Sequence[Path]) -> str:
    """The names of the first files, and how many more there are."""
    more = len(files) - MOST_NAMED
    return ", ".join(file.name for file in files[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def check_pattern(pattern: str) -> None:
    """Refuse a group pattern that is no regular expression.

    Raises:
        UsageError: naming the pattern and where it breaks.
    """
    try:
        re.compile(pattern)
    except re.error as error:
        raise UsageError(f"the group pattern {pattern!r} is no regular expression: {error}") from error


def group_of(stem: str, pattern: str) -> str:
    """The patient that `pattern` finds in a file stem (`core.patients.id_in`); the stem if nothing."""
    found = re.search(pattern, stem) if pattern else None
    return stem if found is None else id_in(found).patient


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
        raise DatasetError(f"{folder} is no folder; give the folder of the photos, then that of their masks")
    found: dict[str, Path] = {}
    for file in sorted(folder.absolute().iterdir()):
        if file.suffix.lower() not in SUFFIXES or file.name.startswith("."):
            continue
        if file.stem in found:
            raise DatasetError(
                f"{found[file.stem].name} and {file.name} in {folder} have the same name; one of them must go"
            )
        found[file.stem] = file
    return found


def merge(pairings: Iterable[Pairing]) -> Pairing:
    """Several sets as one; a group's name is shared by all sets."""
    found = list(pairings)
    return Pairing(
        tuple(pair for one in found for pair in one.pairs),
        tuple(file for one in found for file in one.photos_alone),
        tuple(file for one in found for file in one.masks_alone),
        tuple(note for one in found for note in one.notes),
    )


def split_by_group(
    pairs: Sequence[TrainingPair], fraction: float, seed: int
) -> tuple[tuple[TrainingPair, ...], tuple[TrainingPair, ...]]:
    """(to learn from, held back): whole groups, about `fraction` of the pairs held back.

    The choice depends on the groups' names and the seed alone. At least one group is held back where
    `fraction` is positive and there are two groups; at least one is always left to learn from.
    """
    groups: dict[str, list[TrainingPair]] = {}
    for pair in pairs:
        groups.setdefault(pair.group, []).append(pair)
    names = sorted(groups)
    order = np.random.default_rng(seed).permutation(len(names))
    wanted, count = fraction * len(pairs), 0
    held: set[str] = set()
    for index in order[: len(names) - 1]:
        size = len(groups[names[index]])
        if count >= wanted or (held and count + size / 2 > wanted):
            break
        held.add(names[index])
        count += size
    return tuple(p for p in pairs if p.group not in held), tuple(p for p in pairs if p.group in held)
