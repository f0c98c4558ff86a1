"""The masks and lines that a damaged case database can still give, case by case."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from tongue_viewer.core.cases import CaseStatus, Origin
from tongue_viewer.core.errors import MaskError
from tongue_viewer.core.patch import MaskPatch
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.storage.case_store_log import EditRow
from tongue_viewer.storage.case_store_masks import DAMAGE
from tongue_viewer.storage.case_store_proof import Proof
from tongue_viewer.storage.case_store_rows import CaseRow
from tongue_viewer.storage.case_store_salvage import Salvage
from tongue_viewer.storage.mask_codec import decode_mask

LOST_NOTE = "Its mask was lost when the case database was repaired."


_Origin = Literal["read", "copied", "put together"]
"""Where the line of a case comes from: the damaged file, a copy, or indexes and log."""


@dataclass(frozen=True, eq=False)
class Recovered:
    """One case as it will stand in the new database.

    Attributes:
        row: its line; `row.id` is that of the damaged file, 0 where the line was put together anew.
        mask: (H, W) uint8 of now, None where it has none.
        logged: (H, W) uint8 after the last entry that the new log keeps of it, None where that is no mask yet.
        entry: the last entry that `mask` comes from, None: there is none.
        last_logged: the last entry of it that the new log keeps, or None.
        newest: whether it is as it was last saved.
        lost: whether it had a mask that is gone.
        nameless: whether its photo is not known any more.
        snapshots: number → bytes of masks that agree with the log.
    """

    row: CaseRow
    mask: MaskArray | None
    logged: MaskArray | None
    entry: EditRow | None
    last_logged: EditRow | None
    newest: bool
    lost: bool
    nameless: bool
    snapshots: Mapping[int, bytes]

    @property
    def needs_entry(self) -> bool:
        """Whether the log that is kept does not give the case as it will stand."""
        if self.mask is not None and not np.array_equal(
            self.mask, np.zeros_like(self.mask) if self.logged is None else self.logged
        ):
            return True
        logged = self.last_logged
        if logged is None:
            return self.entry is not None
        return (logged.origin, logged.status, logged.note) != (
            self.row.made_by,
            self.row.status,
            self.row.note,
        )


class Recovery:
    """Puts the cases of one damaged file, and of its copies, together again."""

    def __init__(self, sources: Sequence[Salvage], proof: Proof) -> None:
        self._sources, self._proof = sources, proof
        self._entries: dict[str, list[EditRow]] = {}
        for number in sorted(proof.entries):
            entry = proof.entries[number]
            self._entries.setdefault(entry.case_id, []).append(entry)
        self._unknown = [number for number, owner in sorted(proof.missing.items()) if not owner]
        self._missing: dict[str, list[int]] = {}
        for number, owner in sorted(proof.missing.items()):
            if owner:
                self._missing.setdefault(owner, []).append(number)
        self._snapshots: dict[str, dict[int, list[bytes]]] = {}
        for source in sources:
            for (case_id, number), data in source.snapshots.items():
                self._snapshots.setdefault(case_id, {}).setdefault(number, []).append(data)

    def cases(self) -> Iterator[Recovered]:
        """Every case that something is known of, those with a line of the damaged file first."""
        rows: dict[str, tuple[CaseRow, _Origin]] = {}
        for place, source in enumerate(self._sources):
            for row in self._lines(source):
                rows.setdefault(row.case_id, (row, "copied" if place else "read"))
        for source in self._sources:
            for row in self._put_together(source):
                rows.setdefault(row.case_id, (row, "put together"))
        for case_id, entries in self._entries.items():
            rows.setdefault(case_id, (_nameless(case_id, entries), "put together"))
        for row, origin in rows.values():
            yield self._recovered(row, origin)

    def _lines(self, source: Salvage) -> Iterator[CaseRow]:
        """The lines of one file as they stand; a damaged identity is put right from the index."""
        for number, row in source.photos.items():
            indexed = _only(source.case_ids.get(number))
            damaged = row.case_id not in self._entries and indexed in self._entries
            yield replace(row, case_id=indexed) if damaged else row

    def _put_together(self, source: Salvage) -> Iterator[CaseRow]:
        """Lines that are gone, from the indexes of one file."""
        for number, case_ids in source.case_ids.items():
            case_id, name = _only(case_ids), _only(source.names.get(number))
            if number not in source.photos and case_id and name:
                content = _only(source.contents.get(number))
                yield _line(case_id, name, content, self._entries.get(case_id, []), number)

    def _recovered(self, row: CaseRow, origin: _Origin) -> Recovered:
        entries = self._entries.get(row.case_id, [])
        shape = next((e.shape for e in reversed(entries) if all(e.shape)), (row.height, row.width))
        row = replace(row, height=shape[0], width=shape[1])
        replay = _Replay(shape, len(self._proof.log))
        kept = self._snapshots.get(row.case_id, {})
        for data in kept.get(0, ()):
            replay.meet(0, data, anchor=True)
        for number, entry, gap in self._events(row.case_id, entries, kept):
            if gap:
                replay.lose()
            if entry is not None:
                replay.apply(entry)
            elif self._proof.missing.get(number) in ("", row.case_id):
                replay.lose()
            for data in kept.get(number, ()):
                if replay.meet(number, data, anchor=self._belongs(row.case_id, number)) and entry is not None:
                    replay.note(entry)
        current = origin == "read"
        newest = replay.certain and not (current and _contradicts(row, replay.entry))
        if self._unknown_behind(entries) or not self._sources[0].written:
            newest = newest and current and _agrees(row, replay.entry, entries)
        unknown = origin == "put together" and not entries and not newest
        return _settled(row, replay, newest=newest, current=current, unknown=unknown)

    def _events(
        self, case_id: str, entries: list[EditRow], kept: Mapping[int, object]
    ) -> Iterator[tuple[int, EditRow | None, bool]]:
        """Numbers in order: an entry, or None where it is missing; and whether one of an unknown case is missing before."""
        own = {entry.number: entry for entry in entries}
        before = 0
        for number in sorted({*own, *self._missing.get(case_id, ()), *(n for n in kept if n)}):
            gap = bisect.bisect_left(self._unknown, number) > bisect.bisect_right(self._unknown, before)
            yield number, own.get(number), gap
            before = number

    def _belongs(self, case_id: str, number: int) -> bool:
        """Whether a snapshot after this entry can be one of this case, so that patches may follow it."""
        entry = self._proof.entries.get(number)
        owner = self._proof.missing.get(number, "") if entry is None else entry.case_id
        if any((case_id, number) in source.placed for source in self._sources):
            return owner in (case_id, "")
        return owner == case_id and not any(source.placed for source in self._sources)

    def _unknown_behind(self, entries: list[EditRow]) -> bool:
        last = entries[-1].number if entries else 0
        return bisect.bisect_right(self._unknown, last) < len(self._unknown)


class _Replay:
    """The mask of a case while its log is gone through."""

    def __init__(self, shape: tuple[int, int], log_end: int) -> None:
        self._shape, self._log_end = shape, log_end
        self._now = np.zeros(shape, np.uint8)
        self._known = self.certain = True
        self.best: MaskArray | None = None
        self.logged: MaskArray | None = None
        self.entry: EditRow | None = None
        self.last_logged: EditRow | None = None
        self.snapshots: dict[int, bytes] = {}

    def apply(self, entry: EditRow) -> None:
        """Go on by one entry."""
        if not self._known:
            return
        if entry.patch:
            if self.logged is self._now and entry.number > self._log_end:
                self.logged = self._now.copy()
            try:
                MaskPatch.from_bytes(entry.patch).apply_to(self._now)
            except DAMAGE:
                self.lose()
                return
        self.note(entry)

    def note(self, entry: EditRow) -> None:
        """The mask of now is the one after this entry."""
        self.entry, self.certain = entry, True
        if entry.origin is not None:
            self.best = self._now  # also an empty mask is one, where somebody said so
        if entry.number <= self._log_end:
            self.logged, self.last_logged = self.best, entry

    def lose(self) -> None:
        """An entry is missing: what follows it cannot be used until a whole mask comes."""
        self._known = self.certain = False

    def meet(self, number: int, data: bytes, *, anchor: bool) -> bool:
        """A whole mask that was kept after an entry; whether it stands in for what was missing before."""
        try:
            mask = decode_mask(data)
        except MaskError:
            return False
        if mask.shape != self._shape:
            return False
        if number and self._known:
            if number <= self._log_end and np.array_equal(mask, self._now):
                self.snapshots[number] = data
            return False
        if not anchor:
            return False
        self._now = self.best = mask.copy()
        self._known = True
        if not number:
            self.logged, self.snapshots[0] = self.best, data
        return True


def _agrees(row: CaseRow, entry: EditRow | None, entries: list[EditRow]) -> bool:
    """Whether the line of a case says that this entry is its last one."""
    if entry is None:
        return row.origin is None and not entries
    same = (row.revision, row.status, row.note) == (entry.revision, entry.status.value, entry.note)
    return same and entry is entries[-1] and row.changed <= entry.made and not row.failure


def _contradicts(row: CaseRow, entry: EditRow | None) -> bool:
    """Whether the line of a case knows of something newer than this entry."""
    return entry is not None and row.revision != entry.revision


def _settled(row: CaseRow, replay: _Replay, *, newest: bool, current: bool, unknown: bool) -> Recovered:
    """The line that fits the mask."""
    entry, nameless = replay.entry, not row.current and not row.sha256
    had_mask = row.origin is not None or unknown
    lost = replay.best is None and had_mask
    if lost:
        row = replace(row, status=CaseStatus.TO_DO.value, note=LOST_NOTE, origin=None, reviewed_by="")
    elif entry is not None:
        status = entry.status.value
        known = current and row.status == status
        row = replace(
            row,
            status=status,
            note=entry.note,
            origin=entry.origin.value if entry.origin else (Origin.HUMAN.value if _visible(replay) else None),
            revision=entry.revision,
            reviewed_by=row.reviewed_by if known and status == CaseStatus.REVIEWED else "",
            changed=row.changed if newest and current else entry.made,
        )
    mask = replay.best if row.origin is not None else None
    return Recovered(
        row,
        mask,
        replay.logged,
        entry,
        replay.last_logged,
        newest=newest and not lost,
        lost=lost,
        nameless=nameless,
        snapshots=replay.snapshots,
    )


def _visible(replay: _Replay) -> bool:
    return replay.best is not None and bool(replay.best.any())


def _line(case_id: str, name: str, content: str, entries: list[EditRow], number: int) -> CaseRow:
    """A line from what indexes and log say."""
    last = entries[-1] if entries else None
    shape = next((entry.shape for entry in reversed(entries) if all(entry.shape)), (0, 0))
    return CaseRow(
        number,
        case_id,
        name,
        content,
        *shape,
        int(bool(content)),
        last.status.value if last else CaseStatus.TO_DO.value,
        last.note if last else "",
        "",
        last.origin.value if last and last.origin else None,
        last.revision if last else 0,
        last.made if last else 0.0,
        None,
        "",
        0,
    )


def _nameless(case_id: str, entries: list[EditRow]) -> CaseRow:
    return _line(case_id, f"case {case_id[:8]}", "", entries, 0)


def _only(values: set[str] | None) -> str:
    """The one value, "" where there is none or more than one."""
    return next(iter(values)) if values is not None and len(values) == 1 else ""
