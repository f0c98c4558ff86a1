"""What the case database of a folder holds, against what the journal of the window says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.store.journal import Line, mask_digest
from benchmarks.store.photos import SHAPE
from tongue_viewer.core.patch import MaskPatch
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.case_store_log import EditRow
from tongue_viewer.storage.folder import list_photos

EMPTY = mask_digest(np.zeros(SHAPE, np.uint8))
"""Of the mask of a photo on which nothing was painted."""


@dataclass(frozen=True)
class Entry:
    """One entry of a case's log.

    Attributes:
        made, tool, status: of the entry.
        origin: who made the mask after it, "" while there is none.
        mask: digest of the mask after it, as the whole log up to it gives it.
    """

    made: float
    tool: str
    status: str
    mask: str
    origin: str = field(default="", compare=False)


@dataclass(frozen=True)
class Contents:
    """A database, read from its log.

    Attributes:
        problems: what `CaseStore.verify` says, and statuses that differ from the log's last word.
        names: case_id → photo name.
        logs: case_id → entries, oldest first.
        masks: case_id → digest of the stored mask, for cases that have one.
    """

    problems: list[str]
    names: Mapping[str, str]
    logs: Mapping[str, list[Entry]]
    masks: Mapping[str, str]

    def holds(self, step: Line) -> bool:
        """Whether a step of the journal stands in the log of its own case, with its mask and its status.

        A status that was set before the window had heard of the model's mask says nothing of the mask.
        """
        log = self.logs.get(step.case_id, [])
        if Entry(step.made, step.tool, step.status, step.mask) in log:
            return True
        blank = step.tool == "status" and step.mask == EMPTY
        return blank and any(
            (entry.made, entry.tool, entry.status, entry.origin)
            == (step.made, "status", step.status, "model")
            for entry in log
        )

    def after(self, step: Line) -> Sequence[Entry]:
        """What the log of its case has after a step that it holds, in the order of saving; clocks do not count."""
        log = self.logs.get(step.case_id, [])
        places = [n for n, entry in enumerate(log) if (entry.made, entry.tool) == (step.made, step.tool)]
        return log[places[-1] + 1 :] if places else ()

    def misplaced(self, steps: Iterable[Line]) -> list[str]:
        """Steps that stand in a case of another photo."""
        owners = {(step.made, step.tool, step.mask): step for step in steps}
        found = []
        for case_id, log in self.logs.items():
            for entry in log:
                step = owners.get((entry.made, entry.tool, entry.mask))
                if step is not None and (step.case_id, step.photo) != (case_id, self.names[case_id]):
                    found.append(f"{step.tool} on {step.photo} stands in {self.names[case_id]}")
        return found


def read_contents(folder: Path) -> Contents:
    """Open the database as the program does (which repairs what a crash left), check it and read it."""
    with CaseStore.open(folder, user_name="judge") as store:
        problems = store.verify()
        names = store.names()
        logs = {case_id: _log(store, case_id) for case_id in names}
        problems += [problem for case_id in names for problem in _other_revisions(store, case_id)]
        masks = {case.case_id: mask_digest(case.mask) for case in store.stored()}
        for summary in store.summaries(list_photos(folder)):
            log = logs.get(summary.case_id)
            if log and log[-1].status != summary.status.value:
                problems.append(f"{summary.path.name} is {summary.status}, its log says {log[-1].status}")
    for case_id, log in logs.items():
        problems += _overruled(names[case_id], log)
    problems += [
        f"{names[case_id]}: the stored mask is not the last one of the log"
        for case_id, mask in masks.items()
        if logs[case_id] and logs[case_id][-1].mask != mask
    ]
    return Contents(problems, names, logs, masks)


def _overruled(name: str, log: Sequence[Entry]) -> list[str]:
    """Masks of a person in whose place a model's was put, which must never happen."""
    return [
        f"{name}: a model's mask replaced a person's"
        for before, after in pairwise(log)
        if before.origin == "human" and after.tool == "segment" and after.mask != before.mask
    ]


def revisions(store: CaseStore, case_id: str) -> Iterator[tuple[EditRow, MaskArray]]:
    """Every entry of a case's log with the mask after it, (H, W) uint8; the same array each time."""
    mask = np.zeros(SHAPE, np.uint8)
    for row in store.audit(case_id):
        if row.patch:
            MaskPatch.from_bytes(row.patch).apply_to(mask)
        yield row, mask


def _other_revisions(store: CaseStore, case_id: str) -> Iterator[str]:
    """Entries whose mask `CaseStore.revision` gives otherwise than the patches do: every seventh, and the last one."""
    rows = [(row, mask.copy()) for row, mask in revisions(store, case_id)]
    for row, mask in (*rows[::7], *rows[-1:]):
        if row.patch and not np.array_equal(store.revision(case_id, row.number), mask):
            yield f"revision {row.number} of {case_id} is another mask than its patches give"


def _log(store: CaseStore, case_id: str) -> list[Entry]:
    return [
        Entry(row.made, row.tool, row.status.value, mask_digest(mask), row.origin or "")
        for row, mask in revisions(store, case_id)
    ]
