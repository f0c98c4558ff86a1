"""The document: steps, undo, status, and answers of the model that come at the wrong time."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtCore import QRect

from tongue_viewer.core.cases import CaseState, CaseStatus, CaseSummary, EditStep, Origin, Prediction
from tongue_viewer.core.events import PredictionReady
from tongue_viewer.core.history import Change, UndoLine
from tongue_viewer.core.patch import MaskPatch
from tongue_viewer.core.photo import Photo
from tongue_viewer.editor.document import Document

SHAPE = (30, 40)
Mask = NDArray[np.uint8]


def blank() -> Mask:
    return np.zeros(SHAPE, np.uint8)


def square(top: int, left: int, side: int = 5, value: int = 1) -> Mask:
    mask = blank()
    mask[top : top + side, left : left + side] = value
    return mask


def state(
    case_id: str = "a",
    mask: Mask | None = None,
    status: CaseStatus = CaseStatus.TO_DO,
    note: str = "",
    origin: Origin | None = None,
) -> CaseState:
    path = Path(f"{case_id}.bmp")
    photo = Photo(path, np.zeros((*SHAPE, 3), np.uint8), "")
    return CaseState(
        CaseSummary(path, case_id, status, note), photo, blank() if mask is None else mask, origin
    )


def answer(case_id: str = "a", mask: Mask | None = None, *, replaced: bool = True) -> PredictionReady:
    mask = square(2, 2) if mask is None else mask
    grid = np.zeros((1, 40, 40), np.uint8)
    grid[0, 5:35] = 255 * mask
    prediction = Prediction(grid, SHAPE, 0.5, "m", "0")
    summary = CaseSummary(Path(f"{case_id}.bmp"), case_id, CaseStatus.PREDICTED)
    return PredictionReady(summary, prediction, mask, replaced)


class Listener:
    """Keeps what the document says."""

    def __init__(self, document: Document) -> None:
        self.steps: list[EditStep] = []
        self.rects: list[QRect] = []
        self.statuses = 0
        document.step_made.connect(self.steps.append)
        document.mask_changed.connect(self.rects.append)
        document.status_changed.connect(self._count)

    def _count(self) -> None:
        self.statuses += 1


@pytest.fixture
def document() -> Document:
    document = Document()
    document.open(state())
    return document


def test_a_step_changes_the_mask_and_is_told_with_a_copy_of_its_own(document: Document) -> None:
    heard = Listener(document)
    assert document.set_mask(square(3, 4), "Fill", "fill")
    assert np.array_equal(document.mask, square(3, 4))
    (step,) = heard.steps
    assert (step.case_id, step.action, step.tool, step.origin) == ("a", "Fill", "fill", Origin.HUMAN)
    assert (step.status, step.revision) == (CaseStatus.EDITED, document.revision)
    assert heard.rects == [QRect(4, 3, 5, 5)]
    document.set_mask(square(10, 10), "Fill", "fill")
    assert np.array_equal(step.mask, square(3, 4))
    assert not step.mask.flags.writeable
    replayed = blank()
    for made in heard.steps:
        MaskPatch.from_bytes(made.patch).apply_to(replayed)
    assert np.array_equal(replayed, document.mask)


def test_the_same_mask_is_no_step(document: Document) -> None:
    heard = Listener(document)
    before = document.revision
    assert not document.set_mask(blank(), "Fill", "fill")
    assert (heard.steps, document.undo_stack.count(), document.revision) == ([], 0, before)


def test_the_mask_cannot_be_written_from_outside(document: Document) -> None:
    with pytest.raises(ValueError, match="read-only"):
        document.mask[0, 0] = 1


def test_the_document_takes_no_part_of_the_state(document: Document) -> None:
    mask = square(1, 1)
    document.open(state("b", mask))
    document.set_mask(blank(), "Clear", "clear")
    assert np.array_equal(mask, square(1, 1))


def test_a_patch_that_does_not_fit_changes_nothing(document: Document) -> None:
    heard = Listener(document)
    big = np.ones((50, 60), np.uint8)
    patch = MaskPatch.between(np.zeros_like(big), big)
    assert patch is not None
    with pytest.raises(ValueError, match="does not fit"):
        document.apply(patch, "Fill", "fill")
    with pytest.raises(ValueError, match="different shapes"):
        document.set_mask(big, "Fill", "fill")
    assert (heard.steps, heard.rects, document.undo_stack.count()) == ([], [], 0)
    assert not document.mask.any()
    assert document.status is CaseStatus.TO_DO


masks = st.builds(square, st.integers(0, 25), st.integers(0, 35), st.integers(1, 12), st.integers(1, 3))


@settings(max_examples=60, deadline=None)
@given(plan=st.lists(st.one_of(masks, st.sampled_from(["undo", "redo"])), max_size=14))
def test_undo_and_redo_are_exact(plan: list[Mask | str]) -> None:
    document = Document()
    document.open(state())
    heard = Listener(document)
    past, future, revisions = [blank()], list[Mask](), [document.revision]
    for act in plan:
        if isinstance(act, str):
            source, target = (past, future) if act == "undo" else (future, past)
            if len(source) > (act == "undo"):
                target.append(source.pop())
            (document.undo_stack.undo if act == "undo" else document.undo_stack.redo)()
        elif document.set_mask(act, "Fill", "fill"):
            past.append(act)
            future.clear()
        assert np.array_equal(document.mask, past[-1])
        assert document.undo_stack.index() == len(past) - 1
        if heard.steps:
            assert np.array_equal(heard.steps[-1].mask, past[-1])
        revisions.append(document.revision)
    assert revisions == sorted(revisions)
    assert len({step.revision for step in heard.steps}) == len(heard.steps)


def test_undo_brings_back_the_status_beside_the_mask() -> None:
    document = Document()
    document.open(state(status=CaseStatus.REVIEWED, mask=square(0, 0), origin=Origin.MODEL))
    heard = Listener(document)
    document.set_mask(square(3, 3), "Brush", "brush")
    document.undo_stack.undo()
    document.undo_stack.redo()
    assert [(step.tool, step.action, step.status) for step in heard.steps] == [
        ("brush", "Brush", CaseStatus.EDITED),
        ("undo", "Undo Brush", CaseStatus.REVIEWED),
        ("redo", "Redo Brush", CaseStatus.EDITED),
    ]
    assert document.status is CaseStatus.EDITED
    assert {step.origin for step in heard.steps} == {Origin.HUMAN}


def test_undo_after_a_review_is_an_edit(document: Document) -> None:
    document.set_mask(square(3, 3), "Brush", "brush")
    document.set_status(CaseStatus.REVIEWED)
    document.undo_stack.undo()
    assert document.status is CaseStatus.EDITED


def test_a_status_is_told_and_is_no_undo_step(document: Document) -> None:
    heard = Listener(document)
    assert document.set_status(CaseStatus.FLAGGED, "blurred")
    assert not document.set_status(CaseStatus.FLAGGED, "blurred")
    (step,) = heard.steps
    assert (step.tool, step.patch, step.status, step.note) == ("status", b"", CaseStatus.FLAGGED, "blurred")
    assert (document.undo_stack.count(), heard.statuses, step.revision) == (0, 1, document.revision)


def test_a_prediction_becomes_an_undoable_step_that_is_not_told(document: Document) -> None:
    heard = Listener(document)
    event = answer()
    assert document.accept_prediction(event)
    assert np.array_equal(document.mask, event.mask)
    assert (document.status, document.origin) == (CaseStatus.PREDICTED, Origin.MODEL)
    assert document.prediction is event.prediction
    assert document.undo_stack.undoText() == "Segment"
    assert heard.steps == []
    document.undo_stack.undo()
    assert not document.mask.any()
    assert [step.tool for step in heard.steps] == ["undo"]


def test_a_prediction_for_another_case_is_dropped(document: Document) -> None:
    assert not document.accept_prediction(answer("b"))
    assert document.prediction is None
    assert not document.mask.any()
    document.close()
    assert not document.accept_prediction(answer())


def test_without_identities_the_path_decides() -> None:
    document = Document()
    document.open(state(""))
    event = answer("")
    other = PredictionReady(CaseSummary(Path("z.bmp")), event.prediction, event.mask, event.replaced)
    assert not document.accept_prediction(other)
    assert document.accept_prediction(event)


def test_a_late_prediction_never_replaces_a_step_and_the_store_hears_the_last_word(
    document: Document,
) -> None:
    document.set_mask(square(9, 9), "Brush", "brush")
    heard = Listener(document)
    event = answer()
    assert document.accept_prediction(event)
    assert np.array_equal(document.mask, square(9, 9))
    assert document.prediction is event.prediction
    (step,) = heard.steps
    assert (step.tool, step.origin) == ("keep", Origin.HUMAN)
    assert np.array_equal(step.mask, square(9, 9))
    assert document.undo_stack.undoText() == "Brush"


def test_a_step_that_was_undone_counts_as_well(document: Document) -> None:
    document.set_mask(square(9, 9), "Brush", "brush")
    document.undo_stack.undo()
    document.accept_prediction(answer())
    assert not document.mask.any()
    assert document.undo_stack.canRedo()


def test_a_mask_that_the_store_did_not_take_is_not_shown() -> None:
    document = Document()
    document.open(state(mask=square(9, 9), status=CaseStatus.EDITED, origin=Origin.HUMAN))
    heard = Listener(document)
    assert document.accept_prediction(answer(replaced=False))
    assert np.array_equal(document.mask, square(9, 9))
    assert (heard.steps, document.undo_stack.count()) == ([], 0)
    assert document.prediction is not None


def test_a_flag_survives_the_first_prediction(document: Document) -> None:
    document.set_status(CaseStatus.FLAGGED, "blurred")
    heard = Listener(document)
    event = answer()
    document.accept_prediction(event)
    assert np.array_equal(document.mask, event.mask)
    assert (document.status, document.note) == (CaseStatus.FLAGGED, "blurred")
    assert [(s.tool, s.status, s.origin) for s in heard.steps] == [
        ("segment", CaseStatus.FLAGGED, Origin.MODEL)
    ]
    assert np.array_equal(heard.steps[0].mask, event.mask)


def test_a_review_of_an_empty_mask_holds_against_a_late_prediction(document: Document) -> None:
    document.set_status(CaseStatus.REVIEWED)
    document.accept_prediction(answer())
    assert not document.mask.any()
    assert document.status is CaseStatus.REVIEWED


def test_reset_to_the_prediction_is_a_step_by_a_person(document: Document) -> None:
    assert not document.reset_to_prediction(0.5)
    event = answer()
    document.accept_prediction(event)
    document.set_mask(square(20, 20), "Brush", "brush")
    heard = Listener(document)
    assert document.reset_to_prediction(0.5)
    assert np.array_equal(document.mask, event.mask)
    assert [(s.tool, s.origin) for s in heard.steps] == [("reset", Origin.HUMAN)]
    assert not document.reset_to_prediction(0.5)


def test_opening_another_case_drops_undo_and_closing_shows_none(document: Document) -> None:
    document.set_mask(square(1, 1), "Brush", "brush")
    before = document.revision
    document.open(state("b", square(5, 5)))
    assert (document.case_id, document.undo_stack.count()) == ("b", 0)
    assert np.array_equal(document.mask, square(5, 5))
    assert document.revision > before
    document.close()
    assert (document.is_open, document.case_id, document.path, document.mask.size) == (False, "", None, 0)
    with pytest.raises(RuntimeError, match="open a photo first"):
        document.begin_stroke()
    assert not document.set_status(CaseStatus.REVIEWED)


def test_undo_is_limited_by_memory() -> None:
    rng = np.random.default_rng(3)
    shape = (64, 64)
    document = Document(undo_bytes=20_000)
    photo = Photo(Path("a.bmp"), np.zeros((*shape, 3), np.uint8), "")
    document.open(CaseState(CaseSummary(Path("a.bmp"), "a"), photo, np.zeros(shape, np.uint8)))
    made = [np.zeros(shape, np.uint8)]
    counts = []
    for _ in range(60):
        mask = rng.integers(0, 2, shape, dtype=np.uint8)
        document.set_mask(mask, "Noise", "noise")
        made.append(mask)
        counts.append(document.undo_stack.count())
    assert max(counts) < 60
    assert counts[-1] >= 5
    for back in range(1, counts[-1] + 1):
        document.undo_stack.undo()
        assert np.array_equal(document.mask, made[-1 - back])
    assert not document.undo_stack.canUndo()
    for _ in range(counts[-1]):
        document.undo_stack.redo()
    assert np.array_equal(document.mask, made[-1])


def test_a_step_larger_than_the_limit_can_still_be_undone() -> None:
    document = Document(undo_bytes=10)
    document.open(state())
    document.set_mask(square(1, 1), "Brush", "brush")
    document.set_mask(square(9, 9), "Brush", "brush")
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert np.array_equal(document.mask, square(1, 1))


@pytest.mark.usefixtures("qapp")
def test_the_steps_of_an_earlier_session_come_back_told_once(document: Document) -> None:
    masks = [square(n % 25, n % 35) for n in range(501)]
    states = (CaseStatus.EDITED, "")
    changes = []
    for number, (before, after) in enumerate(itertools.pairwise(masks), 1):
        patch = MaskPatch.between(before, after)
        assert patch is not None
        changes.append(Change(patch, f"Step {number}", states, states))
    stack = document.undo_stack
    undo, redo = stack.createUndoAction(document, "Undo"), stack.createRedoAction(document, "Redo")
    told: list[object] = []
    for signal in (stack.indexChanged, stack.canUndoChanged, stack.canRedoChanged, stack.cleanChanged):
        signal.connect(told.append)
    stack.undoTextChanged.connect(told.append)
    stack.redoTextChanged.connect(told.append)
    document.open(replace(state(mask=masks[400]), undo=UndoLine(tuple(changes), 400)))
    assert told == [400, True, "Step 400", True, "Step 401", False]
    assert (undo.isEnabled(), undo.text()) == (True, "Undo Step 400")
    assert (redo.isEnabled(), redo.text()) == (True, "Redo Step 401")
    undo.trigger()
    assert np.array_equal(document.mask, masks[399])
    assert (undo.text(), redo.text()) == ("Undo Step 399", "Redo Step 400")
    for _ in range(101):
        redo.trigger()
    assert np.array_equal(document.mask, masks[500])
    assert not redo.isEnabled()
    document.open(replace(state("b", masks[0]), undo=UndoLine(tuple(changes), 0)))
    assert (undo.isEnabled(), redo.text()) == (False, "Redo Step 1")
    document.open(state("c"))
    assert (undo.isEnabled(), redo.isEnabled(), undo.text()) == (False, False, "Undo")
