"""What the history panel says of the entries of a log: its lines, its named places, its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Literal

from tongue_viewer.core.cases import CaseStatus, Origin
from tongue_viewer.core.history import CaseFigures, LogEntry
from tongue_viewer.ui.theme import STATUS_WORDS

Anchor = Literal["model", "yesterday", "reviewed"]
ANCHORS: tuple[tuple[Anchor, str], ...] = (
    ("model", "As the model made it"),
    ("yesterday", "As of yesterday"),
    ("reviewed", "When it was reviewed"),
)
"""Named places of a history, and what people read."""

_BY_MODEL: Mapping[str, str] = MappingProxyType({"segment": "Segment", "answer": "Answer, not taken"})
"""Tools of entries that tell what a model said, and what they say where its name stands beside it."""


@dataclass(frozen=True)
class HistoryRow:
    """One line of the panel: an entry of the log, or several of a kind.

    Attributes:
        entry: the newest of them; the line stands for the mask after it.
        count: how many entries.
    """

    entry: LogEntry
    count: int = 1


def fold(entries: Sequence[LogEntry]) -> list[HistoryRow]:
    """Lines for a log, oldest first: steps in a row with one tool, by one person, within one minute, are one line."""
    rows: list[HistoryRow] = []
    for entry in entries:
        if rows and _alike(rows[-1].entry, entry):
            rows[-1] = HistoryRow(entry, rows[-1].count + 1)
        else:
            rows.append(HistoryRow(entry))
    return rows


def find_anchors(entries: Sequence[LogEntry], today: date) -> dict[Anchor, LogEntry]:
    """The entries that have a name, where there are any.

    Args:
        entries: oldest first.
        today: the day that "yesterday" is counted from.
    """
    midnight = datetime.combine(today, time.min).timestamp()
    found: dict[Anchor, LogEntry] = {}
    before: CaseStatus | None = None
    for entry in entries:
        if entry.origin is Origin.MODEL and (entry.changes_mask or entry.tool == "segment"):
            found["model"] = entry
        if entry.made < midnight:
            found["yesterday"] = entry
        if entry.status is CaseStatus.REVIEWED and before is not CaseStatus.REVIEWED:
            found["reviewed"] = entry
        before = entry.status
    return found


def clock(entry: LogEntry) -> str:
    """The time of the day, for example "14:05"."""
    return f"{_moment(entry):%H:%M}"


def day(entry: LogEntry, today: date) -> str:
    """The day: "today", "yesterday", or "2026-11-20"."""
    made = _moment(entry).date()
    if made == today:
        return "today"
    return "yesterday" if made == today - timedelta(days=1) else made.isoformat()


def when(entry: LogEntry, today: date) -> str:
    """A moment inside of a sentence: "14:05", "yesterday 09:12", "2026-11-20 09:12"."""
    word = day(entry, today)
    return clock(entry) if word == "today" else f"{word} {clock(entry)}"


def deed(row: HistoryRow) -> str:
    """What was done: "Brush", "Brush · 6 steps", "Reviewed"."""
    entry = row.entry
    text = STATUS_WORDS[entry.status] if entry.tool == "status" else entry.action
    if entry.tool in _BY_MODEL and entry.model:
        text = _BY_MODEL[entry.tool]
    return text if row.count == 1 else f"{text} · {row.count} steps"


def who(entry: LogEntry) -> str:
    """The person, or the model, that made it; "" if not known."""
    return (entry.model or "model") if entry.tool in _BY_MODEL else entry.user


def details(entry: LogEntry) -> str:
    """All that an entry says, one fact a line."""
    lines = [f"{_moment(entry):%Y-%m-%d %H:%M:%S}  ·  entry {entry.number}", entry.action]
    if who(entry):
        lines.append(f"by {who(entry)}")
    lines.append(f"{STATUS_WORDS[entry.status]}  {entry.note}".rstrip())
    if entry.sha256:
        lines.append(f"sha256 {entry.sha256[:16]}…")
    return "\n".join(lines)


def figures_text(figures: CaseFigures) -> str:
    """For example "12 steps · 3.5 min · Dice with the model's mask 0.962 · reviewed by Anna"."""
    parts = [f"{figures.steps} {'step' if figures.steps == 1 else 'steps'}", f"{figures.minutes:.1f} min"]
    if figures.model_dice is not None:
        parts.append(f"Dice with the model's mask {figures.model_dice:.3f}")
    if figures.reviewed_by:
        parts.append(f"reviewed by {figures.reviewed_by}")
    return " · ".join(parts)


def _alike(one: LogEntry, other: LogEntry) -> bool:
    """Whether two entries in a row may be one line; what sets a status is a line of its own."""
    if "status" in (one.tool, other.tool) or one.status is not other.status:
        return False
    same = (one.user, one.tool, one.model) == (other.user, other.tool, other.model)
    return same and one.made // 60 == other.made // 60


def _moment(entry: LogEntry) -> datetime:
    """By the clock on the wall, to the second."""
    return datetime.fromtimestamp(int(entry.made))  # noqa: DTZ006 - what people read is local
