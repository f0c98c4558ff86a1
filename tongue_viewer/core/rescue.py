"""What came of the repair of a damaged case database."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

_NAMES_SHOWN = 10


@dataclass(frozen=True)
class RescueReport:
    """The cases and the log of a repaired database.

    Attributes:
        database: the case database of now.
        kept: where the damaged or foreign file is now, None where there was none or nothing had to be done.
        found: how many cases the new database has.
        newest: how many of them are as they were last saved.
        older: names of photos whose case is an earlier state of itself, or cannot be shown to be the last one.
        lost: names of photos whose mask is gone ("case 0a1b2c3d" where the name is gone).
        log_kept, log_lost: entries of the edit log that are in the new database, and that are not.
        with_copy: whether the copy beside the database helped.
        foreign: the file was not made by this program.
        whole: nothing was damaged, so nothing was done.
        resumed: an earlier repair had been cut off and was completed; then the cases are not counted again.
        as_of: the damaged file gave nothing, so everything is as in the copy of this time (seconds since the epoch); else 0.
    """

    database: Path
    kept: Path | None = None
    found: int = 0
    newest: int = 0
    older: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    log_kept: int = 0
    log_lost: int = 0
    with_copy: bool = False
    foreign: bool = False
    whole: bool = False
    resumed: bool = False
    as_of: float = 0.0

    @property
    def text(self) -> str:
        """What happened, what is safe, what to do."""
        if self.whole:
            return f"{self.database} is not damaged; nothing was changed. Open the folder as usual."
        if self.resumed:
            return f"The repair that had been interrupted was completed. {self._safe()} Go on as usual."
        return " ".join((self._happened(), *self._masks(), self._safe(), self._to_do()))

    def _happened(self) -> str:
        if not self.found:
            what = "a case database of this program" if self.foreign else "any case"
            return f"There was nothing to read of {what}, so a new, empty case database was made."
        source = "the damaged file and its copy" if self.with_copy else "the damaged file"
        return f"The case database was made anew from {source}: {_count(self.found, 'case')}."

    def _masks(self) -> list[str]:
        if self.as_of:
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(self.as_of))
            return [
                f"They are as they were on {when}, when the folder was last closed; later steps are lost."
            ]
        parts = []
        if self.newest and not (self.older or self.lost):
            parts.append("All of them are as they were last saved.")
        elif self.found or self.lost:
            parts.append(f"{self.newest} as last saved.")
        if self.older:
            parts.append(
                f"{len(self.older)} in an earlier state, or not certainly the last one: {_list(self.older)}."
            )
        if self.lost:
            parts.append(f"{len(self.lost)} without {_their(self.lost)} mask: {_list(self.lost)}.")
        if self.log_lost:
            parts.append(f"Edit log: {self.log_kept} entries kept, {self.log_lost} lost.")
        return parts

    def _safe(self) -> str:
        if self.kept is None:
            return "The photos are safe."
        return f"The photos are safe, and the {'foreign' if self.foreign else 'damaged'} file is kept as {self.kept}."

    def _to_do(self) -> str:
        if self.older or self.lost:
            return "Look at the photos that are named here."
        return "Go on as usual."


def _count(number: int, word: str) -> str:
    return f"{number} {word if number == 1 else word + 's'}"


def _their(names: tuple[str, ...]) -> str:
    return "its" if len(names) == 1 else "their"


def _list(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return ", ".join(names[:_NAMES_SHOWN]) + more
