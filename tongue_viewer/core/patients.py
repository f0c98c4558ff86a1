"""Patient and visit from the name of a photo, by a regular expression that the person has set."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass

from tongue_viewer.core.pattern_cost import PatternCost, cost_of

LONGEST_PATTERN = 200
MOST_STEPS = 4_000_000
"""Of the search in one name, at worst (`PatternCost.steps`); up to 0.13 s were measured."""

MOST_SECONDS = 1.0
"""For all names of a folder."""


@dataclass(frozen=True)
class PatientId:
    """Whose photo it is, and from which visit; "" where the name does not tell."""

    patient: str = ""
    visit: str = ""

    @property
    def text(self) -> str:
        """For people, for example "0123 · 2"."""
        return " · ".join(part for part in (self.patient, self.visit) if part)


NOBODY = PatientId()


def id_in(match: re.Match[str]) -> PatientId:
    """What a match says: patient is the group of that name, else the first one, else all that was found."""
    named = match.re.groupindex
    visit = named.get("visit", 0)
    plain = next((number for number in range(1, match.re.groups + 1) if number != visit), 0)
    patient = match.group(named.get("patient", plain))
    return PatientId(match.group() if patient is None else patient, (match[visit] or "") if visit else "")


@dataclass(frozen=True)
class PatientPattern:
    """A regular expression that is searched for in the names of photos, without their endings.

    The group `patient`, or else the first group, is the patient; the group `visit`, if there is one, the visit.

    Python's search cannot be stopped, so one that could hang is never begun: a pattern with a repeat inside of a
    repeat is refused, and for the others the steps of the search at worst follow from the number of its open
    repeats and the length of the name (`core.pattern_cost`). A name that is too long for its pattern has no
    patient: with two open repeats that is none, with three those of more than 96 characters, with four of 51.
    """

    text: str
    _compiled: re.Pattern[str]
    _cost: PatternCost

    @classmethod
    def parse(cls, text: str) -> PatientPattern:
        """Take what a person has typed.

        Raises:
            ValueError: it cannot be used; the end of a sentence that begins with "the pattern".
        """
        if not text:
            raise ValueError("is empty")
        if len(text) > LONGEST_PATTERN:
            raise ValueError(f"has {len(text)} characters; at most {LONGEST_PATTERN} are allowed")
        try:
            compiled = re.compile(text)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"is no regular expression: {error}") from error
        if "visit" in compiled.groupindex and compiled.groups == 1:
            raise ValueError("names a visit but no patient; put the patient into (?P<patient>…)")
        return cls(text, compiled, cost_of(text))

    def find(self, stem: str) -> PatientId:
        """Patient and visit in a name without its ending; `NOBODY` where it does not match or is too long."""
        if self._cost.steps(len(stem)) > MOST_STEPS:
            return NOBODY
        match = self._compiled.search(stem)
        return NOBODY if match is None else id_in(match)

    def find_all(self, stems: Iterable[str]) -> tuple[PatientId, ...]:
        """`find` for each name, in order; those not reached within `MOST_SECONDS` are nobody's."""
        end = time.monotonic() + MOST_SECONDS
        return tuple(self.find(stem) if time.monotonic() < end else NOBODY for stem in stems)


def ids_of(pattern: str, stems: Iterable[str]) -> tuple[PatientId, ...]:
    """Patient and visit of each name; an empty pattern finds nobody.

    Raises:
        ValueError: see `PatientPattern.parse`.
    """
    if not pattern:
        return tuple(NOBODY for _ in stems)
    return PatientPattern.parse(pattern).find_all(stems)
