"""An imported mask and the case that is open at that moment."""

from __future__ import annotations

import numpy as np

from tongue_viewer.core.cases import CaseState, Origin
from tongue_viewer.core.imports import MaskImported
from tongue_viewer.editor.document import Document


def take_import(document: Document, event: MaskImported, *, overwrite: bool) -> None:
    """Let the open case show the mask that was stored for it; for any other case nothing happens.

    The mask becomes an undoable step, so that the last word in the store is what the person sees. Without
    `overwrite` the store took it because no person had made a mask; a mask that a person has made since stays: that
    step is on its way to the disk, behind the import.
    """
    summary, photo = event.summary, document.photo
    # The path as well: a folder that was copied whole has the same case_ids.
    same = document.case_id == summary.case_id and document.path == summary.path
    if photo is None or not same or event.mask.shape != photo.shape:
        return
    if document.origin is Origin.HUMAN and not overwrite and not np.array_equal(document.mask, event.mask):
        return
    if document.set_mask(event.mask, event.action, "import"):
        document.set_status(summary.status, summary.note)
    elif (document.origin, document.status) != (Origin.HUMAN, summary.status):
        document.open(CaseState(summary, photo, event.mask, Origin.HUMAN, document.prediction))
