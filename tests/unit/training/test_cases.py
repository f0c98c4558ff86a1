"""Training pairs out of a case database."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.unit.storage.store_makers import SHAPE, make_photo, make_step
from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.training.cases import pair_cases


def test_of_several_classes_the_tongue_is_learned(tmp_path: Path) -> None:
    mask = np.zeros(SHAPE, np.uint8)
    mask[2:6, 3:9], mask[6:8, 3:9] = 1, 2
    photo = make_photo(tmp_path / "a.bmp")
    with CaseStore.open(tmp_path) as store:
        case_id = store.load(photo).summary.case_id
        store.save_step(make_step(case_id, mask))
    pairing = pair_cases(tmp_path, "edited", tmp_path / "run", "", CancelToken())
    assert np.array_equal(read_mask(pairing.pairs[0].mask), (mask == 1).astype(np.uint8))
