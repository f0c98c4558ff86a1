"""Masks made elsewhere become a person's masks, or are refused with the reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseStatus, Origin, Prediction
from tongue_viewer.core.errors import Cancelled, StoreError
from tongue_viewer.core.events import Progress
from tongue_viewer.core.imports import ImportChoice, ImportScanned, MaskImported, MaskPair, MaskRefused
from tongue_viewer.core.mask_polarity import Polarity, Turning
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.jobs.import_masks import import_masks, pair_masks
from tongue_viewer.jobs.import_scan import hand_made, scan_masks
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.folder import list_photos
from tongue_viewer.storage.photos import read_photo

_SHAPE = (20, 30)


def _photos(folder: Path, *names: str) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for number, name in enumerate(names):
        Image.fromarray(np.full((*_SHAPE, 3), 10 + number, np.uint8)).save(folder / name)
    return list_photos(folder)


def _mask(seed: int, shape: tuple[int, int] = _SHAPE) -> MaskArray:
    return np.random.default_rng(seed).integers(0, 2, shape).astype(np.uint8)


def _listed(pairs: dict[Path, Path]) -> list[MaskPair]:
    return [MaskPair(photo, mask) for photo, mask in pairs.items()]


def _write(path: Path, mask: MaskArray, value: int = 255) -> Path:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(mask * np.uint8(value)).save(path)
    return path


def test_masks_of_both_kinds_are_taken_and_kept_from_predictions(tmp_path: Path) -> None:
    photos = _photos(tmp_path / "photos", "1.bmp", "二.png", "3.bmp")
    _write(tmp_path / "masks" / "1.png", _mask(1), 255)
    _write(tmp_path / "masks" / "二.bmp", _mask(2), 1)
    pairs, problems = pair_masks(photos, tmp_path / "masks")
    assert problems == {}
    with CaseStore.open(tmp_path / "photos", user_name="anna") as store:
        choice = ImportChoice(CaseStatus.REVIEWED)
        events = list(import_masks(CancelToken(), store=store, pairs=_listed(pairs), choice=choice))
        changed = [event.summary for event in events if isinstance(event, MaskImported)]
        assert [(line.path.name, line.status.value) for line in changed] == [
            ("1.bmp", "reviewed"),
            ("二.png", "reviewed"),
        ]
        for path, seed in ((photos[0], 1), (photos[2], 2)):
            photo = read_photo(path)
            prediction = Prediction(np.zeros((1, 8, 8), np.uint8), _SHAPE, 0.5, "base", "f" * 64)
            assert store.save_prediction(photo, prediction, np.zeros(_SHAPE, np.uint8))[1] is False
            state = store.load(photo)
            assert state.origin is Origin.HUMAN
            assert np.array_equal(state.mask, _mask(seed))
        row, answer = store.audit(changed[0].case_id)
        assert answer.tool == "answer"
        assert (row.user, row.tool, row.action) == ("anna", "import", "Import 1.png")
        assert store.verify() == []


def test_what_cannot_be_paired_is_named_with_the_remedy(tmp_path: Path) -> None:
    photos = _photos(tmp_path / "photos", "1.bmp", "1.png", "2.bmp", "3.bmp")
    masks = {
        name: _write(tmp_path / "masks" / name, _mask(1)) for name in ("1.png", "2.png", "2.bmp", "9.png")
    }
    named = _write(tmp_path / "masks" / "1.bmp.png", _mask(2))
    pairs, problems = pair_masks(photos, tmp_path / "masks")
    assert pairs[tmp_path / "photos" / "1.bmp"] == named
    assert set(problems) == {masks["1.png"], masks["9.png"], masks["2.png"]}
    assert "1.bmp.png" in problems[masks["1.png"]]
    assert "stem '9'" in problems[masks["9.png"]]
    assert "2.bmp" in problems[masks["2.png"]]


def test_unusable_masks_are_named_and_the_rest_is_taken(tmp_path: Path) -> None:
    photos = _photos(tmp_path / "photos", "1.bmp", "2.bmp", "3.bmp")
    _write(tmp_path / "masks" / "1.png", _mask(1, (21, 30)))
    grey = np.arange(600, dtype=np.uint8).reshape(_SHAPE)
    Image.fromarray(grey).save(tmp_path / "masks" / "2.png")
    _write(tmp_path / "masks" / "3.png", _mask(3))
    pairs, _ = pair_masks(photos, tmp_path / "masks")
    with CaseStore.open(tmp_path / "photos") as store:
        events = list(import_masks(CancelToken(), store=store, pairs=_listed(pairs)))
        assert [case.path.name for case in store.stored()] == ["3.bmp"]
    failed = [event.photo.name for event in events if isinstance(event, MaskRefused)]
    assert failed == ["1.bmp", "2.bmp"]


def test_a_mask_painted_here_is_replaced_only_on_request_and_stays_in_the_log(tmp_path: Path) -> None:
    photos = _photos(tmp_path / "photos", "1.bmp")
    pairs = {photos[0]: _write(tmp_path / "1.png", _mask(1))}
    other = {photos[0]: _write(tmp_path / "other.png", _mask(2))}
    with CaseStore.open(tmp_path / "photos") as store:
        list(import_masks(CancelToken(), store=store, pairs=_listed(pairs)))
        _, failed, _ = import_masks(CancelToken(), store=store, pairs=_listed(other))
        assert isinstance(failed, MaskRefused)
        assert failed.kept
        assert "was kept" in failed.reason
        assert np.array_equal(store.load(read_photo(photos[0])).mask, _mask(1))
        choice = ImportChoice(overwrite=True)
        list(import_masks(CancelToken(), store=store, pairs=_listed(other), choice=choice))
        state = store.load(read_photo(photos[0]))
        assert np.array_equal(state.mask, _mask(2))
        assert len(store.audit(state.summary.case_id)) == 2


def test_a_read_only_database_takes_none(tmp_path: Path) -> None:
    photos = _photos(tmp_path / "photos", "1.bmp")
    pairs = {photos[0]: _write(tmp_path / "1.png", _mask(1))}
    with (
        CaseStore.open(tmp_path / "photos"),
        CaseStore.open(tmp_path / "photos") as store,
        pytest.raises(StoreError, match="nothing was imported"),
    ):
        list(import_masks(CancelToken(), store=store, pairs=_listed(pairs)))


def test_stopping_keeps_what_was_taken(tmp_path: Path) -> None:
    photos = _photos(tmp_path / "photos", "1.bmp", "2.bmp")
    pairs = {path: _write(tmp_path / f"{path.stem}.png", _mask(1)) for path in photos}
    token = CancelToken()
    with CaseStore.open(tmp_path / "photos") as store:
        job = import_masks(token, store=store, pairs=_listed(pairs))
        assert isinstance(next(job), Progress)
        assert isinstance(next(job), MaskImported)
        token.cancel()
        with pytest.raises(Cancelled):
            next(job)
        assert [case.path.name for case in store.stored()] == ["1.bmp"]


def test_a_mask_of_the_model_that_a_person_approved_is_kept_too(tmp_path: Path) -> None:
    photos = _photos(tmp_path / "photos", "1.bmp")
    pairs = _listed({photos[0]: _write(tmp_path / "1.png", _mask(1))})
    with CaseStore.open(tmp_path / "photos") as store:
        photo = read_photo(photos[0])
        prediction = Prediction(np.zeros((1, 8, 8), np.uint8), _SHAPE, 0.5, "base", "f" * 64)
        summary, _ = store.save_prediction(photo, prediction, _mask(2))
        store.set_status(summary.case_id, CaseStatus.REVIEWED)
        assert hand_made(store) == [photos[0]]
        _, event, _ = import_masks(CancelToken(), store=store, pairs=pairs)
        assert isinstance(event, MaskRefused)
        assert np.array_equal(store.load(photo).mask, _mask(2))


def test_masks_that_look_inverted_are_turned_round_only_on_request(tmp_path: Path) -> None:
    photos = _photos(tmp_path / "photos", "1.bmp", "2.bmp")
    tongue = np.zeros(_SHAPE, np.uint8)
    tongue[5:15, 8:20] = 1
    _write(tmp_path / "masks" / "1.png", 1 - tongue)
    _write(tmp_path / "masks" / "2.png", tongue)
    *_, scan = scan_masks(CancelToken(), photos=photos, masks=tmp_path / "masks")
    assert isinstance(scan, ImportScanned)
    assert [pair.polarity for pair in scan.pairs] == [Polarity.INVERTED, Polarity.STRAIGHT]
    assert scan.counts.mixed
    expected = {
        Turning.NONE: (1 - tongue, tongue),
        Turning.INVERTED: (tongue, tongue),
        Turning.ALL: (tongue, 1 - tongue),
    }
    for turning, masks in expected.items():
        with CaseStore.open(tmp_path / "photos") as store:
            choice = ImportChoice(overwrite=True, turning=turning)
            list(import_masks(CancelToken(), store=store, pairs=scan.pairs, choice=choice))
            for photo, mask in zip(photos, masks, strict=True):
                assert np.array_equal(store.load(read_photo(photo)).mask, mask)
            assert store.verify() == []


def test_a_scan_names_what_would_not_work_and_writes_nothing(tmp_path: Path) -> None:
    photos = _photos(tmp_path / "photos", "1.bmp", "2.bmp", "3.bmp", "4.bmp")
    _write(tmp_path / "masks" / "2.png", _mask(1, (21, 30)))
    grey = np.arange(600, dtype=np.uint8).reshape(_SHAPE)
    Image.fromarray(grey).save(tmp_path / "masks" / "3.png")
    _write(tmp_path / "masks" / "1.png", np.zeros(_SHAPE, np.uint8))
    _write(tmp_path / "masks" / "nobody.png", _mask(3))
    events = list(scan_masks(CancelToken(), photos=photos, masks=tmp_path / "masks", by_hand=photos[:1]))
    scan = events[-1]
    assert isinstance(scan, ImportScanned)
    assert [(pair.photo, pair.by_hand) for pair in scan.pairs] == [(photos[0], True)]
    assert scan.by_hand == 1
    assert {problem.source.name for problem in scan.problems} == {"2.bmp", "3.bmp", "nobody.png"}
    assert all(problem.error for problem in scan.problems)
    assert scan.without == (photos[3],)
    assert not (tmp_path / "photos" / ".tongue-viewer").exists()
    token = CancelToken()
    job = scan_masks(token, photos=photos, masks=tmp_path / "masks")
    assert isinstance(next(job), Progress)
    token.cancel()
    with pytest.raises(Cancelled):
        list(job)
