"""What an import of masks would do, what the person chose, and what came of each file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tongue_viewer.core.cases import CaseStatus, CaseSummary
from tongue_viewer.core.events import JobEvent
from tongue_viewer.core.exports import FileResult
from tongue_viewer.core.mask_polarity import Polarity, PolarityCounts, Turning
from tongue_viewer.core.photo import MaskArray


@dataclass(frozen=True)
class MaskPair:
    """A mask file that belongs to a photo and can be read.

    Attributes:
        photo, mask: the files.
        polarity: how the mask looks.
        by_hand: whether the photo has a mask here that a person made or approved.
    """

    photo: Path
    mask: Path
    polarity: Polarity = Polarity.STRAIGHT
    by_hand: bool = False


@dataclass(frozen=True)
class ImportScanned(JobEvent):
    """A folder of masks was looked through; nothing was written.

    Attributes:
        masks: the folder.
        pairs: what can be imported, in the order of the photos.
        problems: files that no photo belongs to, and photos whose mask cannot be used, each with the reason.
        without: photos that no mask belongs to.
    """

    masks: Path
    pairs: tuple[MaskPair, ...]
    problems: tuple[FileResult, ...]
    without: tuple[Path, ...]

    @property
    def by_hand(self) -> int:
        """How many pairs would replace a mask that a person made here."""
        return sum(pair.by_hand for pair in self.pairs)

    @property
    def counts(self) -> PolarityCounts:
        """How many masks look how."""
        return PolarityCounts.of(pair.polarity for pair in self.pairs)


@dataclass(frozen=True)
class ImportChoice:
    """How to import.

    Attributes:
        status: of the cases after it, EDITED or REVIEWED.
        overwrite: replace masks that a person made here, too.
        turning: which masks are turned round.
    """

    status: CaseStatus = CaseStatus.EDITED
    overwrite: bool = False
    turning: Turning = Turning.NONE


@dataclass(frozen=True, eq=False)
class MaskImported(JobEvent):
    """A mask is in the case database.

    Attributes:
        summary: the case after it.
        mask: (H, W) uint8, read-only.
        action: of the step, for people.
    """

    summary: CaseSummary
    mask: MaskArray
    action: str


@dataclass(frozen=True)
class MaskRefused(JobEvent):
    """A mask was not taken.

    Attributes:
        photo: whose mask it would have become.
        reason: for people.
        kept: because a person made or approved the mask that the photo has.
        fatal: because of the database itself, so that no other one would be taken either.
    """

    photo: Path
    reason: str
    kept: bool = False
    fatal: bool = False


@dataclass(frozen=True)
class ImportFinished(JobEvent):
    """All files of an import were tried, or it was stopped.

    Attributes:
        folder: of the photos.
        imported: how many masks were taken.
        kept: how many photos kept their mask because a person made it.
        failed: the rest of those that were tried, with the reason.
        left: how many were not tried.
    """

    folder: Path
    imported: int
    kept: int
    failed: tuple[FileResult, ...]
    left: int = 0
