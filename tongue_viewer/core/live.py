"""A folder of exported masks that is kept in step: what came of a look at it, and what the person is shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tongue_viewer.core.events import JobEvent
from tongue_viewer.core.exports import FileResult


@dataclass(frozen=True)
class ForeignFile:
    """A file that stands where a mask would be written, and does not hold what this program wrote.

    Attributes:
        case_id: whose mask would be written.
        path: the file.
        ours: whether this program wrote an earlier state of it; only such a file is ever replaced.
    """

    case_id: str
    path: Path
    ours: bool


@dataclass(frozen=True)
class LiveReport(JobEvent):
    """The masks of some cases were brought into step, as far as that was possible.

    Attributes:
        folder: of the photos.
        out: the folder of masks.
        written: how many files were written.
        foreign: files that were left alone.
        failed: photos whose mask could not be written, with the reason.
        behind: case_ids of `failed`.
        whole: whether every case of the folder was looked at.
    """

    folder: Path
    out: Path
    written: int = 0
    foreign: tuple[ForeignFile, ...] = ()
    failed: tuple[FileResult, ...] = ()
    behind: frozenset[str] = frozenset()
    whole: bool = False


@dataclass(frozen=True)
class LiveState:
    """What is known of the open folder's masks.

    Attributes:
        out: the folder of masks; None: switched off.
        working: files are being written, or the folder is looked through.
        behind: how many masks could not be written.
        foreign: how many files were changed by somebody else.
        reason: why masks could not be written, "" if they could.
    """

    out: Path | None = None
    working: bool = False
    behind: int = 0
    foreign: int = 0
    reason: str = ""


def live_text(state: LiveState) -> str:
    """The words for it; a fact, as for the saves."""
    if state.out is None:
        return ""
    if state.reason or state.behind:
        return f"△ masks folder: {state.behind} behind" if state.behind else "△ masks folder: not in step"
    if state.foreign:
        return f"△ masks folder: {state.foreign} changed by others"
    return "masks folder: writing …" if state.working else "✓ masks folder in step"
