"""What can be read from a case database: the list, single cases, their history, and whether all is well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tongue_viewer.core.cases import CaseStatus, CaseSummary, Origin, Prediction
from tongue_viewer.core.errors import StoreError
from tongue_viewer.core.history import CaseFigures, LogEntry, minutes_spent
from tongue_viewer.core.masks import mask_from_probability
from tongue_viewer.core.metrics import dice
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.storage.case_store_check import find_problems
from tongue_viewer.storage.case_store_file import StoreFile
from tongue_viewer.storage.case_store_log import EditRow, select_edits, select_entries
from tongue_viewer.storage.case_store_masks import mask_at, read_mask_of
from tongue_viewer.storage.case_store_predictions import read_prediction_of
from tongue_viewer.storage.case_store_rows import select_case, select_lines, select_rows

Only = Literal["all", "edited", "reviewed"]
"""Which cases: with any mask; with one that a person made, edited or approved; with an approved one."""

_CHOICES: dict[str, str] = {
    "all": "1",
    "edited": "(origin = 'human' OR status IN ('edited', 'reviewed'))",
    "reviewed": "status = 'reviewed'",
}


@dataclass(frozen=True, eq=False)
class StoredCase:
    """A case with a mask, as export and training want it.

    Attributes:
        path: the photo's file; it may be gone by now.
        name: relative to the folder, with forward slashes.
        case_id: identity of the case.
        sha256: of the photo's bytes.
        status, note: see `CaseSummary`.
        origin: who made the mask.
        mask: (H, W) uint8 class index, read-only, at the photo's own size.
        prediction: what a model said, or None.
        changed: seconds since the epoch.
        reviewed_by: who approved it, "" if nobody.
    """

    path: Path
    name: str
    case_id: str
    sha256: str
    status: CaseStatus
    note: str
    origin: Origin | None
    mask: MaskArray
    prediction: Prediction | None
    changed: float
    reviewed_by: str = ""


class CaseReader(StoreFile):
    """The reading side of `CaseStore`; `StoreFile` documents the attributes."""

    def summaries(self, paths: Sequence[Path]) -> tuple[CaseSummary, ...]:
        """One line for each path, in order; what was never opened is "to do" without a case_id."""
        with self._reading() as connection:
            lines = select_lines(connection)
        names = ((path, self._relative(path)) for path in paths)
        return tuple(
            CaseSummary(path, *lines[name]) if name in lines else CaseSummary(path) for path, name in names
        )

    def stored_index(self, only: Only = "all") -> tuple[CaseSummary, ...]:
        """All cases with a mask, by name, without the masks, for `stored_case`."""
        with self._reading() as connection:
            where = f"current = 1 AND origin IS NOT NULL AND {_CHOICES[only]} ORDER BY name"
            return tuple(row.summary(self.folder / row.name) for row in select_rows(connection, where))

    def stored_case(self, case_id: str) -> StoredCase:
        """One case with its mask.

        Raises:
            StoreError: unknown, without a mask, damaged, or of a shape that does not fit.
        """
        with self._reading() as connection:
            row = select_case(connection, case_id)
            mask, prediction = read_mask_of(connection, row), read_prediction_of(connection, row)
        if mask is None:
            raise StoreError(f"{row.name} has no mask yet; segment it or paint one.")
        return StoredCase(
            self.folder / row.name,
            row.name,
            row.case_id,
            row.sha256,
            CaseStatus(row.status),
            row.note,
            row.made_by,
            mask,
            prediction,
            row.changed,
            row.reviewed_by,
        )

    def stored(self, only: Only = "all") -> Iterator[StoredCase]:
        """Every case with a mask, by name, one at a time (never all in memory).

        "edited" means: with a mask that a person painted, edited or approved; "reviewed": approved.
        """
        for summary in self.stored_index(only):
            yield self.stored_case(summary.case_id)

    def names(self) -> dict[str, str]:
        """case_id → photo name of every case, also of those whose photo has other content by now."""
        with self._reading() as connection:
            return {row.case_id: row.name for row in select_rows(connection, "1 ORDER BY name, id")}

    def worked_on(self) -> dict[str, str]:
        """SHA-256 of the photo → case_id of every case that a person has had a hand in."""
        with self._reading() as connection:
            touched = f"origin = 'human' OR status IN ('{CaseStatus.REVIEWED}', '{CaseStatus.FLAGGED}')"
            return {
                row.sha256: row.case_id for row in select_rows(connection, f"sha256 <> '' AND ({touched})")
            }

    def content_of(self, case_id: str) -> str:
        """SHA-256 of the photo that a case belongs to, "" where it could never be read."""
        with self._reading() as connection:
            return select_case(connection, case_id).sha256

    def audit(self, case_id: str) -> list[EditRow]:
        """The edit log of one case with all patches, oldest first."""
        with self._reading() as connection:
            select_case(connection, case_id)
            return select_edits(connection, case_id)

    def history(self, case_id: str) -> tuple[LogEntry, ...]:
        """The edit log of one case without patches, oldest first."""
        with self._reading() as connection:
            select_case(connection, case_id)
            return select_entries(connection, case_id)

    def revision(self, case_id: str, number: int) -> MaskArray:
        """The mask of a case after entry `number` of the log, (H, W) uint8, read-only; 0: before all of them.

        Raises:
            StoreError: unknown case, or the log is damaged there.
        """
        with self._reading() as connection:
            return mask_at(connection, select_case(connection, case_id), number)

    def figures(self, case_id: str) -> CaseFigures:
        """What the case has cost so far, and how far its mask is from the model's."""
        with self._reading() as connection:
            row = select_case(connection, case_id)
            entries = select_entries(connection, case_id)
            mask, prediction = read_mask_of(connection, row), read_prediction_of(connection, row)
        by_hand = [entry for entry in entries if entry.tool not in _BY_ITSELF]
        model_dice = None
        if mask is not None and prediction is not None and prediction.shape == mask.shape:
            model = mask_from_probability(prediction.probability(), prediction.threshold)
            model_dice = dice(model, mask)
        return CaseFigures(
            steps=sum(entry.changes_mask for entry in by_hand),
            minutes=minutes_spent(entry.made for entry in by_hand),
            model_dice=model_dice,
            reviewed_by=row.reviewed_by,
        )

    def verify(self) -> list[str]:
        """Check the file, the chain of the log, every mask and probability, and that each log gives its mask.

        Returns:
            One sentence for each problem; none: all is well.
        """
        with self._reading() as connection:
            return find_problems(connection)


_BY_ITSELF = frozenset({"segment", "answer", "copy", "rename", "keep", "rescue"})
"""Tools of entries that no person's hand made."""
