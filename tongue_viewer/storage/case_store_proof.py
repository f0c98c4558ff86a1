"""Which of the salvaged entries of the edit log can be relied on, and of which cases entries are missing.

The chain proves an entry: the hash before it and the entry give the hash behind it. An entry that no hash speaks for, as
that part of the chain is gone, counts as long as none speaks against it; its patch has a checksum of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tongue_viewer.storage.case_store_log import START, EditRow, link_of
from tongue_viewer.storage.case_store_salvage import Salvage

_Run = (
    tuple["_Run | None", EditRow] | None
)  # entries that wait for the hash that proves them, the last one first


@dataclass
class Proof:
    """The log of all sources together.

    Attributes:
        entries: number → entry that can be relied on.
        proved: numbers of entries that the chain speaks for.
        log, links: the entries from the first one on without a gap, all proved, and their hashes.
        written: how many entries there were.
        missing: number of a missing entry → its case; "" where that is not known.
    """

    entries: dict[int, EditRow] = field(default_factory=dict)
    proved: set[int] = field(default_factory=set)
    log: list[EditRow] = field(default_factory=list)
    links: list[bytes] = field(default_factory=list)
    written: int = 0
    missing: dict[int, str] = field(default_factory=dict)


def prove(sources: Sequence[Salvage]) -> Proof:
    """Look at the entries of all sources; an earlier source goes first where both hold a number."""
    proof = Proof(written=_written(sources))
    bases: dict[bytes, _Run] = {START: None}
    for number in range(1, proof.written + 1):
        stored = {source.links[number] for source in sources if number in source.links}
        rows = [source.edits[number] for source in sources if number in source.edits]
        following: dict[bytes, _Run] = dict.fromkeys(stored)
        contradicted = False
        for row in rows:
            for base, run in bases.items():
                link = link_of(base, row)
                if link in stored:
                    _accept(proof, (run, row))
                else:
                    following.setdefault(link, (run, row))
                    contradicted = contradicted or bool(stored)
        if rows and number not in proof.entries and not contradicted:
            proof.entries[number] = rows[0]
        if number in proof.proved:
            following = dict.fromkeys(stored)
        bases = following
    _lay_log(proof, sources)
    _find_missing(proof, sources)
    return proof


def same_history(one: Salvage, other: Salvage) -> bool:
    """Whether two files hold one log: no entry that both chains prove differs, and some hash is the same.

    Where no number has a hash in both, the entries and the cases themselves say it.
    """
    shared = one.links.keys() & other.links.keys()
    if not shared:
        return _same_entries(one, other)
    agree = False
    for number in shared:
        if one.links[number] == other.links[number]:
            agree = True
        elif _fits(one, number) and _fits(other, number):
            return False
    return agree


def _same_entries(one: Salvage, other: Salvage) -> bool:
    if one.empty or other.empty:
        return True
    for number in one.edits.keys() & other.edits.keys():
        if sum(a != b for a, b in zip(_face(one.edits[number]), _face(other.edits[number]), strict=True)) > 1:
            return False  # damage that leaves a line readable seldom changes one field, and hardly ever two
    return bool(_case_ids(one) & _case_ids(other))


def _face(row: EditRow) -> tuple[object, ...]:
    return row.case_id, row.made, row.user, row.action, row.status, row.note, row.revision, row.patch


def _case_ids(source: Salvage) -> set[str]:
    found = {row.case_id for row in source.edits.values()} | {row.case_id for row in source.photos.values()}
    found |= {case_id for case_id, _ in (*source.snapshots, *source.placed)}
    return found.union(*source.case_ids.values(), *source.owners.values())


def _fits(source: Salvage, number: int) -> bool:
    before = START if number == 1 else source.links.get(number - 1)
    row = source.edits.get(number)
    return before is not None and row is not None and link_of(before, row) == source.links[number]


def _accept(proof: Proof, run: _Run) -> None:
    while run is not None:
        run, row = run
        if row.number not in proof.proved:
            proof.entries[row.number] = row
            proof.proved.add(row.number)


def _lay_log(proof: Proof, sources: Sequence[Salvage]) -> None:
    link, proved = START, 0
    log, links = [], []
    for number in range(1, proof.written + 1):
        if number not in proof.proved:
            break
        row = proof.entries[number]
        link = link_of(link, row)
        log.append(row)
        links.append(link)
        if any(source.links.get(number) == link for source in sources):
            proved = number
    proof.log, proof.links = log[:proved], links[:proved]


def _written(sources: Sequence[Salvage]) -> int:
    """How many entries there were: a number that only one place names may itself be damaged."""
    named: dict[int, int] = {}
    for source in sources:
        for place in (source.edits, source.links, source.owners):
            for number in place:
                named[number] = named.get(number, 0) + 1
    known = max((number for number, times in named.items() if times > 1), default=0)
    return max([known, *(source.written for source in sources if source.written <= 4 * known + 1000)])


def _find_missing(proof: Proof, sources: Sequence[Salvage]) -> None:
    known = set(_known_cases(proof, sources))
    for number in range(1, proof.written + 1):
        if number in proof.entries:
            continue
        owners = {owner for source in sources for owner in source.owners.get(number, ())}
        owners |= {source.edits[number].case_id for source in sources if number in source.edits}
        owners &= known
        proof.missing[number] = owners.pop() if len(owners) == 1 else ""


def _known_cases(proof: Proof, sources: Iterable[Salvage]) -> Iterator[str]:
    for row in proof.entries.values():
        yield row.case_id
    for source in sources:
        for case in source.photos.values():
            yield case.case_id
