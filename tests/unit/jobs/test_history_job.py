"""The history as jobs: what the panel reads, and both files of the audit trail."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseStatus, EditStep, Origin
from tongue_viewer.core.errors import Cancelled, StoreError, WriteError
from tongue_viewer.core.events import CaseLoaded, HistoryExported, HistoryRead, RevisionRead
from tongue_viewer.jobs.cases import load_case, save_steps
from tongue_viewer.jobs.history import export_history, read_history, read_revision
from tongue_viewer.jobs.library import Library
from tongue_viewer.jobs.open_folder import open_folder

AT = 1_700_000_000.0  # 2023-11-14T22:13:20Z
SHAPE = (20, 30)


class Case:
    """A folder with one photo, and three steps on it by Anna: two strokes, and a review."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.library = folder, Library()
        self.photo = folder / "舌 1.bmp"
        Image.fromarray(np.full((*SHAPE, 3), 90, np.uint8)).save(self.photo)
        list(open_folder(CancelToken(), library=self.library, folder=folder, user_name="Anna"))
        (loaded,) = load_case(CancelToken(), library=self.library, path=self.photo)
        assert isinstance(loaded, CaseLoaded)
        self.case_id = loaded.state.summary.case_id
        self.masks = [np.zeros(SHAPE, np.uint8) for _ in range(2)]
        self.masks[0][:4], self.masks[1][:9, 5:] = 1, 1
        steps = (
            self.step("Brush", "brush", self.masks[0], CaseStatus.EDITED, 1),
            self.step("Lasso, “fine”", "lasso", self.masks[1], CaseStatus.EDITED, 2),
            self.step("Status", "status", self.masks[1], CaseStatus.REVIEWED, 3),
        )
        list(save_steps(CancelToken(), library=self.library, folder=folder, steps=steps))

    def step(self, action: str, tool: str, mask: np.ndarray, status: CaseStatus, revision: int) -> EditStep:
        made = AT + 30 * revision
        return EditStep(self.case_id, action, tool, Origin.HUMAN, mask, b"", status, revision, made)

    def history(self) -> HistoryRead:
        (event,) = read_history(CancelToken(), library=self.library, folder=self.folder, case_id=self.case_id)
        assert isinstance(event, HistoryRead)
        return event

    def revision(self, number: int) -> RevisionRead:
        (event,) = read_revision(
            CancelToken(), library=self.library, folder=self.folder, case_id=self.case_id, number=number
        )
        assert isinstance(event, RevisionRead)
        return event

    def export(self, out: Path) -> HistoryExported:
        (event,) = export_history(
            CancelToken(),
            library=self.library,
            folder=self.folder,
            case_id=self.case_id,
            name=self.photo.name,
            out=out,
        )
        assert isinstance(event, HistoryExported)
        return event


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    (tmp_path / "photos").mkdir()
    made = Case(tmp_path / "photos")
    yield made
    made.library.close()


def test_the_log_is_read_with_its_figures(case: Case) -> None:
    read = case.history()
    assert [entry.action for entry in read.entries] == ["Brush", "Lasso, “fine”", "Status"]
    assert {entry.user for entry in read.entries} == {"Anna"}
    assert (read.figures.steps, read.figures.minutes, read.figures.reviewed_by) == (2, 1.0, "Anna")


def test_a_revision_is_the_mask_after_its_entry(case: Case) -> None:
    first, second, reviewed = (entry.number for entry in case.history().entries)
    for number, mask in ((first, case.masks[0]), (second, case.masks[1]), (reviewed, case.masks[1])):
        read = case.revision(number)
        assert (read.case_id, read.number) == (case.case_id, number)
        assert np.array_equal(read.mask, mask)
    assert not case.revision(0).mask.any()


def test_both_files_say_the_same_of_every_entry(case: Case, tmp_path: Path) -> None:
    done = case.export(tmp_path / "trail.csv")
    assert done.files == (tmp_path / "trail.csv", tmp_path / "trail.jsonl")
    entries = case.history().entries
    lines = [json.loads(line) for line in done.files[1].read_text("utf-8").splitlines()]
    with done.files[0].open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == len(lines) == done.entries == 3
    assert [line["sha256"] for line in lines] == [entry.sha256 for entry in entries]
    assert all(len(line["sha256"]) == 64 for line in lines)
    assert lines[1] == lines[1] | {
        "name": "舌 1.bmp",
        "case_id": case.case_id,
        "made": "2023-11-14T22:14:20Z",
        "user": "Anna",
        "action": "Lasso, “fine”",
        "mask_by": "human",
        "status": "edited",
        "changes_mask": True,
        "threshold": None,
    }
    for cells, line in zip(table, lines, strict=True):
        plain = {key: "" if value is None else value for key, value in line.items()}
        plain["changes_mask"] = int(line["changes_mask"])
        assert cells == {key: str(value) for key, value in plain.items()}


def test_an_export_never_takes_the_name_of_a_photo(case: Case) -> None:
    before = case.photo.read_bytes()
    done = case.export(case.photo)
    assert done.files[0].name == "舌 1.bmp.csv"
    assert case.photo.read_bytes() == before


def test_an_export_again_replaces_its_own_files_and_no_other(case: Case, tmp_path: Path) -> None:
    (tmp_path / "other.jsonl").write_text("somebody's")
    with pytest.raises(WriteError, match="intact"):
        case.export(tmp_path / "other.csv")
    assert (tmp_path / "other.jsonl").read_text() == "somebody's"
    assert not (tmp_path / "other.csv").exists()
    for _ in range(2):
        done = case.export(tmp_path / "trail")
    assert len(done.files[1].read_text("utf-8").splitlines()) == 3


def test_a_read_that_is_no_longer_wanted_does_not_begin(case: Case) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        list(read_revision(token, library=case.library, folder=case.folder, case_id=case.case_id, number=1))


def test_a_case_that_is_not_known_is_told(case: Case) -> None:
    with pytest.raises(StoreError, match="no case"):
        list(read_history(CancelToken(), library=case.library, folder=case.folder, case_id="x"))
