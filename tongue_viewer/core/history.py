"""The history of a case: the entries of its edit log, and the undo steps that they come to."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tongue_viewer.core.cases import CaseStatus, Origin
from tongue_viewer.core.patch import MaskPatch

PAUSE_SECONDS = 60.0
"""A longer gap between two steps counts as a pause of this length: the person looked up, or left."""


_BASES = frozenset({"segment", "copy"})


@dataclass(frozen=True)
class LogEntry:
    """One entry of the edit log of a case.

    Attributes:
        number: counts over all cases of the database, in the order of saving; names a revision of the mask: the one
            after this entry.
        case_id: the case.
        made: seconds since the epoch, by the clock of the machine at that time; clocks jump, numbers do not.
        user: who; "" if not known.
        action: for people, for example "Undo Brush".
        tool: stable machine word ("brush", "undo", "segment", "import", "status" …; see `EditStep`).
        origin: who made the mask that stands after it; None while there is none.
        status, note: of the case after it.
        model, model_sha256, threshold: of a mask made by a model; "", "" and None elsewhere.
        changes_mask: whether the mask after it differs from the one before.
        sha256: of this entry and all before it (hex), "" where the database is older than the chain.
    """

    number: int
    case_id: str
    made: float
    user: str
    action: str
    tool: str
    origin: Origin | None
    status: CaseStatus
    note: str = ""
    model: str = ""
    model_sha256: str = ""
    threshold: float | None = None
    changes_mask: bool = False
    sha256: str = ""


@dataclass(frozen=True)
class CaseFigures:
    """What a case has cost, and how far its mask is from the model's.

    Attributes:
        steps: entries by a person that changed the mask.
        minutes: spent on it, by `minutes_spent`.
        model_dice: Dice of the model's last mask and the mask of now, 0..1; None without a model's mask.
        reviewed_by: who approved it last, "" if it is not reviewed.
    """

    steps: int
    minutes: float
    model_dice: float | None = None
    reviewed_by: str = ""


@dataclass(frozen=True)
class Change:
    """What one undo step does to the mask and to the case's status.

    Attributes:
        patch: reversible difference of the mask.
        action: text for people, for example "Brush".
        before, after: (status, note) of the case around the step.
        merge: steps in a row with the same word, if it is not empty, become one, unless the status was changed
            in between.
    """

    patch: MaskPatch
    action: str
    before: tuple[CaseStatus, str]
    after: tuple[CaseStatus, str]
    merge: str = ""


@dataclass(frozen=True)
class UndoLine:
    """The undo steps of a case: the first `done` of them can be undone, the others redone.

    Attributes:
        changes: oldest first.
        done: how many of them are in the mask.
    """

    changes: tuple[Change, ...] = ()
    done: int = 0


@dataclass(frozen=True)
class LoggedChange:
    """An entry of the log as `undo_line` wants it.

    Attributes:
        tool: of the entry.
        change: what it did.
    """

    tool: str
    change: Change


def undo_line(entries: Iterable[LoggedChange]) -> UndoLine:
    """The undo steps that a log comes to: what the editor's stack would hold had the program never been closed.

    What a model or a copy laid down before the first step by hand is where the steps begin, no step itself. The masks of
    the log form one chain, so every answer fits the mask; where an "undo" of the log is not that of
    the newest step (the log begins in the middle, or a prediction came in between), it counts as a step of its own.

    Args:
        entries: those that changed the mask, oldest first.
    """
    changes: list[Change] = []
    done = 0
    for entry in entries:
        change = entry.change
        if not changes and entry.tool in _BASES:
            continue
        if entry.tool == "undo" and done and _same(changes[done - 1].patch, change.patch):
            done -= 1
        elif entry.tool == "redo" and done < len(changes) and _same(changes[done].patch, change.patch):
            done += 1
        elif done and done == len(changes) and joins(changes[-1], change):
            patch = changes[-1].patch.then(change.patch)
            if patch is None:
                changes.pop()
            else:
                changes[-1] = replace(change, patch=patch, before=changes[-1].before)
            done = len(changes)
        else:
            del changes[done:]
            changes.append(change)
            done += 1
    return UndoLine(tuple(changes), done)


def joins(last: Change, change: Change) -> bool:
    """Whether a step becomes one with the newest one: of one kind, and no status was set in between.

    A status that was set in between holds for the mask of that moment.
    """
    return bool(change.merge) and last.merge == change.merge and last.after == change.before


def minutes_spent(times: Iterable[float]) -> float:
    """Minutes between the first and the last of a person's steps, each pause counted as `PAUSE_SECONDS` at most.

    A clock that jumps backwards counts as no time.

    Args:
        times: seconds since the epoch, in the order of the steps.
    """
    moments = list(times)
    gaps = (later - earlier for earlier, later in itertools.pairwise(moments))
    return sum(min(max(gap, 0.0), PAUSE_SECONDS) for gap in gaps) / 60


def _same(one: MaskPatch, other: MaskPatch) -> bool:
    return one == other or one.then(other) is None
