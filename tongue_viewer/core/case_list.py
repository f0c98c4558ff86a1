"""Which photos of a folder are listed, and in what order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from tongue_viewer.core.cases import CaseStatus, CaseSummary
from tongue_viewer.core.patients import PatientId
from tongue_viewer.core.quality import UNCERTAIN_BELOW

UNFINISHED = frozenset({CaseStatus.TO_DO, CaseStatus.PREDICTED, CaseStatus.EDITED})
"""Everything that no person has finished, set aside or found broken."""

_DIGITS = re.compile(r"([0-9]+)")

SortKey = tuple[object, ...]
"""Of one line; the last part is its row in the folder, so that no two are equal."""


class Order(StrEnum):
    """What the list is sorted by.

    In the order of need the masks of the lowest expected Dice stand first and photos that no model has seen last;
    by date what was changed last stands first and what was never changed last; photos of nobody follow all patients.
    """

    FOLDER = "folder"
    NAME = "name"
    CHANGED = "changed"
    NEED = "need"
    PATIENT = "patient"


@dataclass(frozen=True)
class CaseFilter:
    """Which cases are wanted.

    Attributes:
        statuses: one of these.
        uncertain: only with a mask of the model that is (`is_uncertain`).
        words: with all of these in its `search_text` (`search_words`).
    """

    statuses: frozenset[CaseStatus] = frozenset(CaseStatus)
    uncertain: bool = False
    words: tuple[str, ...] = ()

    def takes(self, summary: CaseSummary, text: str = "") -> bool:
        """Whether a case is wanted; `text` is its `search_text`, needed only where there are words."""
        if summary.status not in self.statuses or (self.uncertain and not is_uncertain(summary)):
            return False
        return all(word in text for word in self.words)


def is_uncertain(summary: CaseSummary) -> bool:
    """Whether the model's mask has an expected Dice below `UNCERTAIN_BELOW` and nobody has finished the case."""
    quality = summary.quality
    return quality is not None and quality < UNCERTAIN_BELOW and summary.status in UNFINISHED


def search_words(text: str) -> tuple[str, ...]:
    """The words of what a person has typed."""
    return tuple(text.casefold().split())


def search_text(summary: CaseSummary, whose: PatientId) -> str:
    """What the words of a search are looked for in."""
    return "\n".join((summary.path.name, whose.patient, whose.visit, summary.note)).casefold()


def natural_key(name: str) -> tuple[str | int, ...]:
    """A sort key by which "2.bmp" comes before "10.bmp" and capitals do not count; text and numbers by turns."""
    parts: list[str | int] = list(_DIGITS.split(name.casefold()))
    parts[1::2] = map(int, parts[1::2])
    return tuple(parts)


def sort_key(order: Order, row: int, summary: CaseSummary, whose: PatientId) -> SortKey:
    """Where a case stands in an order; `row` is its place in the folder's own."""
    match order:
        case Order.FOLDER:
            return (row,)
        case Order.NAME:
            return (summary.path.name.casefold(), row)
        case Order.CHANGED:
            return (-summary.changed, row)
        case Order.NEED:
            return (2.0 if summary.quality is None else summary.quality, row)
        case Order.PATIENT:
            return (not whose.patient, natural_key(whose.patient), natural_key(whose.visit), row)
