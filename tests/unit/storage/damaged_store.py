"""A case database with a history that is known, and ways to damage it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.unit.storage.store_makers import make_mask, make_photo, make_prediction, make_step
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.core.rescue import RescueReport
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.case_store_aside import copy_of
from tongue_viewer.storage.case_store_place import home_database

SHAPE = (24, 30)
PAGE = 4096


@dataclass
class History:
    """What was saved, case by case.

    Attributes:
        names: case_id → name of the photo.
        masks: case_id → every mask that the case ever had, oldest first.
        closed: case_id → how many of them there were when the copy was made.
    """

    names: dict[str, str] = field(default_factory=dict)
    masks: dict[str, list[MaskArray]] = field(default_factory=dict)
    closed: dict[str, int] = field(default_factory=dict)


@dataclass
class Outcome:
    """Cases by what came of them."""

    newest: int = 0
    older: int = 0
    lost: int = 0


def make_history(folder: Path, cases: int = 40) -> History:
    """A folder with `cases` cases of 0 to 40 steps, a copy of most of it, and newer steps."""
    folder.mkdir(parents=True)
    history = History()
    with CaseStore.open(folder, user_name="anna") as store:
        for number in range(cases):
            _begin(store, history, folder / f"{number:03d}.bmp", number)
        for turn in range(3):
            _work(store, history, turn)
    copy = copy_of(home_database(folder))
    kept = copy.read_bytes()
    history.closed = {case_id: len(masks) for case_id, masks in history.masks.items()}
    with CaseStore.open(folder, user_name="ben") as store:
        _work(store, history, 3)
    copy.write_bytes(kept)
    return history


def _begin(store: CaseStore, history: History, path: Path, number: int) -> None:
    photo = make_photo(path, path.name.encode(), SHAPE)
    if number % 10 == 9:
        case_id = store.load(photo).summary.case_id
        masks = [np.zeros(SHAPE, np.uint8)]
    else:
        masks = [make_mask(1000 + number, SHAPE)]
        case_id = store.save_prediction(photo, make_prediction(SHAPE), masks[0])[0].case_id
    history.names[case_id], history.masks[case_id] = path.name, masks


def _work(store: CaseStore, history: History, turn: int) -> None:
    for number, (case_id, masks) in enumerate(history.masks.items()):
        # Steps of one case seldom stand in a row, as in life; a few cases are long, so that there are snapshots.
        for _ in range(12 if number % 13 == 0 else (number + turn) % 3):
            masks.append(make_mask(number * 100 + len(masks), SHAPE))
            status = CaseStatus.REVIEWED if len(masks) % 4 == 0 else CaseStatus.EDITED
            store.save_step(make_step(case_id, masks[-1], len(masks), status=status))


def copied(folder: Path, target: Path, *, with_copy: bool) -> Path:
    """The folder once more, to be damaged; returns its database."""
    shutil.copytree(folder, target)
    database = home_database(target)
    if not with_copy:
        copy_of(database).unlink()
    return database


def zeroed_pages(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), PAGE):
        yield data[:at] + bytes(PAGE) + data[at + PAGE :]


def flipped(data: bytes, seed: int, bits: int) -> bytes:
    randoms, changed = random.Random(seed), bytearray(data)
    for _ in range(bits):
        changed[randoms.randrange(100, len(data))] ^= 1 << randoms.randrange(8)
    return bytes(changed)


def cut(data: bytes, part: float) -> bytes:
    return data[: int(len(data) * part)]


def scattered(data: bytes, seed: int, pages: int) -> bytes:
    """Some pages overwritten with noise."""
    randoms, changed = random.Random(seed), bytearray(data)
    for _ in range(pages):
        at = randoms.randrange(len(data) // PAGE) * PAGE
        changed[at : at + PAGE] = randoms.randbytes(PAGE)
    return bytes(changed)


def judge(folder: Path, history: History, report: RescueReport) -> Outcome:
    """Compare a repaired database with what is known; fails on any mask that its case never had."""
    outcome = Outcome()
    named = {*report.older, *report.lost}
    with CaseStore.open(folder) as store:
        assert store.writable
        assert store.verify() == []
        here = store.names()
        for case_id, masks in history.masks.items():
            if case_id not in here or here[case_id] != history.names[case_id]:
                outcome.lost += 1
                continue
            found = store.revision(case_id, 2**40)
            ages = [len(masks) - 1 - age for age, mask in enumerate(masks) if np.array_equal(mask, found)]
            if not ages:
                assert not found.any(), "a mask that its case never had"
                outcome.lost += 1
                assert history.names[case_id] in report.lost
            elif min(ages) == 0:
                outcome.newest += 1
            else:
                outcome.older += 1
                assert history.names[case_id] in named, "an earlier mask was taken for the newest one"
    return outcome
