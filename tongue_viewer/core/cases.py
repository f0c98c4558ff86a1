"""A case: one photo of a folder with its mask, its status and what the model said of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tongue_viewer.core.letterbox import Letterbox
from tongue_viewer.core.photo import GridArray, MaskArray, Photo, ProbabilityArray


class CaseStatus(StrEnum):
    """How far a case has come; the values are stored and exported, never renamed."""

    TO_DO = "to do"
    PREDICTED = "predicted"
    EDITED = "edited"
    REVIEWED = "reviewed"
    FLAGGED = "flagged"
    FAILED = "failed"


class Origin(StrEnum):
    """Who made a mask: decides whether a prediction may replace it."""

    MODEL = "model"
    HUMAN = "human"


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a model said of one photo.

    Attributes:
        grid: (N, h, w) uint8 probability on a grid of the whole photo, 255 = 1.0, read-only.
        shape: (H, W) of the photo that it belongs to.
        threshold: probability from which a pixel belongs to the class.
        model_name, model_sha256: the model's card.
        engine: for example "torch-cpu".
        seconds: from the decoded photo to the grid.
        quality: expected Dice of the mask made at the threshold (`core.quality`), 0..1; None where it was not
            computed, as in databases of earlier versions.
    """

    grid: GridArray
    shape: tuple[int, int]
    threshold: float
    model_name: str
    model_sha256: str
    engine: str = ""
    seconds: float = 0.0
    quality: float | None = None

    @property
    def letterbox(self) -> Letterbox:
        """The way between the grid and the photo."""
        return Letterbox.fit(self.shape, (int(self.grid.shape[1]), int(self.grid.shape[2])))

    def probability(self) -> ProbabilityArray:
        """(N, H, W) float32 0..1 at the photo's own size."""
        return self.letterbox.probability_to_photo(self.grid)


@dataclass(frozen=True)
class CaseSummary:
    """One line of the folder's list.

    Attributes:
        path: the photo's file; the key of the line.
        case_id: identity of the case in every database (a UUID), or "" before the photo was first opened.
        status: see `CaseStatus`.
        note: the reason of FAILED, the person's note of FLAGGED.
        changed: seconds since the epoch of the last change, 0 if none.
        quality: expected Dice of the model's mask, 0..1, None without one. An edit does not change it, so that
            a list in this order keeps still under the person's hands.
        reviewed_by: who approved it, "" if it is not reviewed or nobody's name is known.
    """

    path: Path
    case_id: str = ""
    status: CaseStatus = CaseStatus.TO_DO
    note: str = ""
    changed: float = 0.0
    quality: float | None = None
    reviewed_by: str = ""


@dataclass(frozen=True, eq=False)
class CaseState:
    """All that the editor needs to open a case; complete and valid, or never built.

    Attributes:
        summary: path, identity and status.
        photo: the decoded photo.
        mask: (H, W) uint8, read-only; all background when nothing was predicted or painted.
        origin: who made the mask; None while there is none.
        prediction: what the model said, or None.
    """

    summary: CaseSummary
    photo: Photo
    mask: MaskArray
    origin: Origin | None = None
    prediction: Prediction | None = None

    def __post_init__(self) -> None:
        if self.mask.shape != self.photo.shape:
            raise ValueError(
                f"mask {self.mask.shape} does not fit photo {self.photo.shape} ({self.photo.path})"
            )


@dataclass(frozen=True, eq=False)
class EditStep:
    """One finished step on the open case (stroke, undo, redo, reset …), on its way to the store.

    Attributes:
        case_id: the case that it was made on, never "the open one".
        action: short text for people ("Brush", "Undo Brush").
        tool: stable machine word ("brush", "erase", "undo", "redo", "segment", "reset", "status", "keep").
        origin: who made the resulting mask.
        mask: (H, W) uint8 after the step, an own read-only copy.
        patch: the reversible difference (`MaskPatch.to_bytes`), empty if only the status changed.
        status: of the case after the step.
        note: text that belongs to the status.
        revision: counter of the document, grows with every step.
        made: seconds since the epoch.
    """

    case_id: str
    action: str
    tool: str
    origin: Origin
    mask: MaskArray
    patch: bytes
    status: CaseStatus
    revision: int
    made: float
    note: str = ""
