"""An imported mask and the document that shows, or does not show, its case."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.unit.editor.test_document import Listener, answer, square, state
from tongue_viewer.core.cases import CaseStatus, CaseSummary, Origin
from tongue_viewer.core.imports import MaskImported
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.editor.document import Document
from tongue_viewer.editor.imports import take_import


def imported(mask: MaskArray, case_id: str = "a", status: CaseStatus = CaseStatus.EDITED) -> MaskImported:
    return MaskImported(CaseSummary(Path(f"{case_id}.bmp"), case_id, status), mask, "Import a.png")


@pytest.fixture
def document() -> Document:
    made = Document()
    made.open(state())
    return made


def test_it_becomes_an_undoable_step_that_is_told_with_its_status(document: Document) -> None:
    heard = Listener(document)
    take_import(document, imported(square(3, 3), status=CaseStatus.REVIEWED), overwrite=False)
    assert np.array_equal(document.mask, square(3, 3))
    assert (document.status, document.origin) == (CaseStatus.REVIEWED, Origin.HUMAN)
    assert document.undo_stack.undoText() == "Import a.png"
    assert heard.steps[0].tool == "import"
    assert np.array_equal(heard.steps[-1].mask, square(3, 3))
    assert heard.steps[-1].status is CaseStatus.REVIEWED


def test_another_case_and_a_closed_document_hear_nothing(document: Document) -> None:
    heard = Listener(document)
    take_import(document, imported(square(3, 3), "b"), overwrite=True)
    assert not document.mask.any()
    document.close()
    take_import(document, imported(square(3, 3)), overwrite=True)
    assert heard.steps == []
    assert not document.is_open


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_a_person_painted_meanwhile_stays_unless_it_is_to_be_replaced(
    document: Document, overwrite: bool
) -> None:
    document.set_mask(square(9, 9), "Brush", "brush")
    heard = Listener(document)
    take_import(document, imported(square(3, 3)), overwrite=overwrite)
    assert np.array_equal(document.mask, square(3, 3) if overwrite else square(9, 9))
    assert [step.tool for step in heard.steps] == (["import"] if overwrite else [])


def test_the_models_own_mask_imported_becomes_a_persons(document: Document) -> None:
    event = answer()
    document.accept_prediction(event)
    heard = Listener(document)
    take_import(document, imported(event.mask), overwrite=False)
    assert (document.status, document.origin) == (CaseStatus.EDITED, Origin.HUMAN)
    assert heard.steps == []  # the store knows it


def test_an_answer_of_the_model_that_comes_after_it_does_not_replace_it(document: Document) -> None:
    event = answer()
    document.accept_prediction(event)
    take_import(document, imported(event.mask), overwrite=False)
    heard = Listener(document)
    document.accept_prediction(answer(mask=square(20, 20)))
    assert np.array_equal(document.mask, event.mask)
    assert [(step.tool, step.origin) for step in heard.steps] == [("keep", Origin.HUMAN)]
