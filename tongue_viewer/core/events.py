"""What jobs report: frozen values that may cross threads and processes.

Every event that concerns a photo carries its path and, once known, its case_id, so that a result can be dropped or sent
to its own case when another one has been opened meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tongue_viewer.core.cases import CaseState, CaseSummary, Prediction
from tongue_viewer.core.exports import FileResult
from tongue_viewer.core.history import CaseFigures, LogEntry
from tongue_viewer.core.photo import MaskArray, RgbArray
from tongue_viewer.core.rescue import RescueReport


@dataclass(frozen=True)
class JobEvent:
    """The root of everything that a job yields."""


@dataclass(frozen=True)
class Progress(JobEvent):
    """How far a long job is.

    Attributes:
        text: what is being done, for people.
        done, total: units finished and in all.
        seconds_left: estimate, None while unknown.
    """

    text: str
    done: int
    total: int
    seconds_left: float | None = None


@dataclass(frozen=True)
class FolderListed(JobEvent):
    """The folder was read.

    Attributes:
        folder: as asked for.
        summaries: one for each photo, in natural order.
        note: something the person should know (database elsewhere, read-only …), or "".
        writable: False when changes cannot be kept.
    """

    folder: Path
    summaries: tuple[CaseSummary, ...]
    note: str = ""
    writable: bool = True


@dataclass(frozen=True)
class MaskOffer:
    """A mask that the open photo could have; the person is asked.

    Attributes:
        path, case_id: of the photo that would get it.
        folder, source: where it lies: the folder and the case_id there.
        text: what it is, for people.
    """

    path: Path
    case_id: str
    folder: Path
    source: str
    text: str


@dataclass(frozen=True, eq=False)
class CaseLoaded(JobEvent):
    """A photo was decoded and its case read; ready for `Document.open`.

    Attributes:
        state: the case.
        folder: whose database holds it; steps made on this case are saved there, whatever is open by then.
        offer: a mask that the person should be asked about, or None.
    """

    state: CaseState
    folder: Path = Path()
    offer: MaskOffer | None = None


@dataclass(frozen=True)
class CaseFailed(JobEvent):
    """A photo cannot be shown or predicted; the others go on.

    Attributes:
        path: the photo.
        message: the reason, for people.
        damaged: the folder whose case database is damaged, where that is the reason.
    """

    path: Path
    message: str
    damaged: Path | None = None


@dataclass(frozen=True)
class SummaryChanged(JobEvent):
    """The line of one photo changed in the store."""

    summary: CaseSummary


@dataclass(frozen=True)
class MaskTaken(JobEvent):
    """A mask that was offered is the case's now."""

    summary: CaseSummary


@dataclass(frozen=True, eq=False)
class PredictionReady(JobEvent):
    """The model's answer, already kept in the store.

    Attributes:
        summary: the case that it belongs to.
        prediction: the probability on the network's grid.
        mask: (H, W) uint8 made from it, read-only.
        replaced: whether the store took `mask` as the case's mask (False where a human hand has been).
    """

    summary: CaseSummary
    prediction: Prediction
    mask: MaskArray
    replaced: bool


@dataclass(frozen=True)
class EngineReady(JobEvent):
    """A model was loaded.

    Attributes:
        model: name of the model.
        engine: for example "torch-cpu".
        note: for example why CUDA is not used, or "".
    """

    model: str
    engine: str
    note: str = ""


@dataclass(frozen=True)
class EditSaved(JobEvent):
    """A step is durable.

    Attributes:
        summary: the case after the step.
        revision: the document's revision that is now on disk.
        at: seconds since the epoch.
        folder: whose database has it; a folder that was copied whole has the same case_ids.
    """

    summary: CaseSummary
    revision: int
    at: float
    folder: Path = Path()


@dataclass(frozen=True)
class RescueFinished(JobEvent):
    """The case database of a folder was repaired.

    Attributes:
        folder: as asked for.
        report: what came of it.
    """

    folder: Path
    report: RescueReport


@dataclass(frozen=True, eq=False)
class ThumbnailReady(JobEvent):
    """The small picture of one photo; None where it cannot be decoded."""

    path: Path
    rgb: RgbArray | None


@dataclass(frozen=True)
class ExportFinished(JobEvent):
    """All files of an export were tried.

    Attributes:
        out: the folder that was written.
        results: one for each photo, failed ones with the reason.
        cancelled: whether the person stopped it; what is named in `results` is finished.
    """

    out: Path
    results: tuple[FileResult, ...]
    cancelled: bool = False


@dataclass(frozen=True)
class HistoryRead(JobEvent):
    """The edit log of one case as it was at that moment.

    Attributes:
        case_id: the case.
        entries: oldest first.
        figures: what they come to.
    """

    case_id: str
    entries: tuple[LogEntry, ...]
    figures: CaseFigures


@dataclass(frozen=True, eq=False)
class RevisionRead(JobEvent):
    """The mask of one case as it was after an entry of its log.

    Attributes:
        case_id: the case.
        number: of the entry.
        mask: (H, W) uint8 class index, read-only.
    """

    case_id: str
    number: int
    mask: MaskArray


@dataclass(frozen=True)
class HistoryExported(JobEvent):
    """The edit log of one case was written as files.

    Attributes:
        case_id: the case.
        entries: how many.
        files: what was written.
    """

    case_id: str
    entries: int
    files: tuple[Path, ...]
