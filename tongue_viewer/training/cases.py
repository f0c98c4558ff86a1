"""Training pairs out of a folder's case database."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import cast

import numpy as np

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.classes import TONGUE
from tongue_viewer.core.errors import DatasetError
from tongue_viewer.storage.case_store import CaseStore, Only, StoredCase
from tongue_viewer.storage.masks import write_mask
from tongue_viewer.training.pairing import Pairing, TrainingPair, group_of, name_some


def pair_cases(folder: Path, only: str, masks: Path, group_pattern: str, token: CancelToken) -> Pairing:
    """The cases of a folder with their masks, written as files into `masks`.

    Of a mask with several classes the tongue alone is learned; the rest counts as background.
    The run keeps its own copy of the masks, so that it can go on exactly although they are edited meanwhile.
    Photos that are gone or have other content than when their mask was made are left out and named.

    Args:
        folder: of photos; its database is only read.
        only: "all", "edited" or "reviewed".
        masks: made if need be.
        group_pattern: as for `group_of`, on the stem of the photo's name.
        token: checked between two cases.

    Raises:
        DatasetError: no case can be used.
        StoreError: the database cannot be read.
        WriteError: a mask could not be written.
    """
    pairs: list[TrainingPair] = []
    left_out: list[Path] = []
    masks.mkdir(parents=True, exist_ok=True)
    with CaseStore.open(folder, read_only=True) as store:
        for case in store.stored(cast("Only", only)):
            token.check()
            if not _is_unchanged(case):
                left_out.append(case.path)
                continue
            file = masks.absolute() / f"{case.case_id}.png"
            write_mask(file, (case.mask == TONGUE.index).astype(np.uint8))
            pairs.append(TrainingPair(case.path.absolute(), file, group_of(case.path.stem, group_pattern)))
    if not pairs:
        kind = "" if only == "all" else f"{only} "
        raise DatasetError(
            f"{folder} has no {kind}masks to learn from; correct and review some photos there first, "
            "or take more of them with --only edited or --only all"
        )
    notes = (f"{len(left_out)} photo(s) gone or changed since their mask was made: {name_some(left_out)}",)
    return Pairing(tuple(pairs), notes=notes if left_out else ())


def _is_unchanged(case: StoredCase) -> bool:
    try:
        with case.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == case.sha256
    except OSError:
        return False
