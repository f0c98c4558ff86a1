"""Kills the working window at random moments, also inside of writes, and looks for strokes that are gone.

    python -m benchmarks.store.crash [--runs 200] [--seed 0] [--jobs 2]

A run starts the driver over a folder, waits for its first stroke, and ends it with SIGKILL 0.05 to 4 s later; three
of five runs end inside of a call on the database or its journal (half of a write done, or before a sync or a
truncation). Then the database is opened as the program opens it. Twenty runs go over one folder before a fresh one.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks.store.check import read_contents
from benchmarks.store.child import Child, Server
from benchmarks.store.journal import Line
from benchmarks.store.photos import digests, make_photos
from benchmarks.store.shim import SYNCS, WRITES, Control, Op, Shim, ShimMissingError

SAFE_AFTER = 1.0
"""Seconds after which a finished stroke must be safe."""

PHOTOS = 6
RUNS_A_FOLDER = 20
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
_PLACES: tuple[tuple[Op, ...], ...] = (WRITES, WRITES, SYNCS, SYNCS, ("ftruncate",))


@dataclass
class Tally:
    """What all runs came to."""

    runs: int = 0
    killed_in: Counter[str] = field(default_factory=Counter)
    hot_journals: int = 0
    old_steps: int = 0
    young_steps: int = 0
    young_kept: int = 0
    lost: list[str] = field(default_factory=list)
    misplaced: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    longest_history: int = 0

    def add(self, other: Tally) -> None:
        """Join the runs of another worker."""
        self.longest_history = max(self.longest_history, other.longest_history)
        for name in ("runs", "hot_journals", "old_steps", "young_steps", "young_kept"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.killed_in += other.killed_in
        for name in ("lost", "misplaced", "problems"):
            getattr(self, name).extend(getattr(other, name))

    @property
    def good(self) -> bool:
        """Whether nothing was lost, mixed up or damaged."""
        return not (self.lost or self.misplaced or self.problems)


class Series:
    """Runs over one folder, one after another.

    Args:
        place: for folder, journals and the control page.
        seed: of everything.
        shim: None: kills by the clock only.
        latest: seconds after the first stroke.
    """

    def __init__(self, place: Path, seed: int, shim: Shim | None, latest: float) -> None:
        place.mkdir(parents=True)
        self._place, self._seed, self._latest, self._inside = place, seed, latest, shim is not None
        self._control = Control(place / "control")
        self.server = Server({} if shim is None else shim.environment(self._control))
        self._folder = place / "photos"
        make_photos(self._folder, range(PHOTOS), seed)
        self._photos = digests(self._folder)
        self._kept: list[Line] = []
        self.tally = Tally()

    def run(self, number: int) -> None:
        """One run and its judgement."""
        random, control = Random(f"{self._seed}/{number}"), self._control
        control.clear(self._folder)
        child = Child(self.server, self._folder, self._place / f"{number}.jsonl", random.randrange(10**6))
        child.wait_for_steps(1)
        inside = self._inside and random.random() < 0.6
        child.wait(random.uniform(0.05, self._latest))
        if inside:
            ops = random.choice(_PLACES)
            control.set("kill", *ops, countdown=random.randrange(12), database_only=True)
            child.wait(8.0)
        ended = child.kill()
        moment = control.killed_at or ended
        died_in = next((op for op, times in control.acted().items() if times), "")
        self.tally.killed_in[died_in or "no call"] += 1
        self._judge(child, moment)

    def _judge(self, child: Child, moment: float) -> None:
        tally = self.tally
        tally.runs += 1
        tally.hot_journals += _is_hot(self._folder)
        if child.complaints():
            tally.problems.append(child.complaints())
        contents = read_contents(self._folder)
        tally.problems += contents.problems
        steps = [line for line in child.lines() if line.kind == "step"]
        held = [contents.holds(step) for step in steps]
        old = [moment - step.t > SAFE_AFTER for step in steps]
        tally.old_steps += sum(old)
        tally.young_steps += len(old) - sum(old)
        tally.young_kept += sum(kept for kept, is_old in zip(held, old, strict=True) if not is_old)
        # Saves go in order: one that is missing before one that is there would be a hole, however young.
        last = max((n for n, kept in enumerate(held) if kept), default=-1)
        tally.lost += [
            f"{step.tool} on {step.photo}, {moment - step.t:.2f} s before the end"
            for n, step in enumerate(steps)
            if not held[n] and (old[n] or n < last)
        ]
        tally.lost += [
            f"{step.tool} on {step.photo} of an earlier run"
            for step in self._kept
            if not contents.holds(step)
        ]
        tally.lost += [f"{n} said to be saved is not there" for n in _false_words(child.lines(), held)]
        self._kept += [step for step, kept in zip(steps, held, strict=True) if kept]
        tally.misplaced += contents.misplaced(self._kept)
        tally.longest_history = max(tally.longest_history, sum(map(len, contents.logs.values())))
        if digests(self._folder) != self._photos:
            tally.problems.append("a photo file was changed")


def _false_words(lines: Sequence[Line], held: Sequence[bool]) -> list[str]:
    """Steps that the window had called saved and that are not there."""
    steps = [line for line in lines if line.kind == "step"]
    said = max((line.t for line in lines if line.kind == "saved"), default=0.0)
    return [step.tool for step, kept in zip(steps, held, strict=True) if step.t < said and not kept]


def _is_hot(folder: Path) -> bool:
    """Whether a half-done change waits to be taken back."""
    journal = folder / ".tongue-viewer" / "cases.db-journal"
    return journal.exists() and journal.read_bytes()[:8] == _JOURNAL_MAGIC


def crash_test(
    place: Path, runs: int, seed: int, shim: Shim | None, *, jobs: int = 1, latest: float = 4.0
) -> Tally:
    """All runs; folders are shared by `RUNS_A_FOLDER` of them."""
    plan = [range(first, min(first + RUNS_A_FOLDER, runs)) for first in range(0, runs, RUNS_A_FOLDER)]

    def series(numbers: range) -> Tally:
        one = Series(place / f"series-{numbers.start}", seed * 1000 + numbers.start, shim, latest)
        with one.server:
            for number in numbers:
                one.run(number)
        return one.tally

    total = Tally()
    with ThreadPoolExecutor(jobs) as pool:
        for tally in pool.map(series, plan):
            total.add(tally)
            print(f"{total.runs} runs, lost {len(total.lost)}", file=sys.stderr, flush=True)
    return total


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the outcome as JSON and as a line of a Markdown table; 1 where anything was lost."""
    parser = argparse.ArgumentParser(prog="benchmarks.store.crash")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="tongue-viewer-crash-") as folder:
        place = Path(folder)
        try:
            shim: Shim | None = Shim.build(place)
        except ShimMissingError as reason:
            print(f"no kills inside of calls: {reason}", file=sys.stderr)
            shim = None
        tally = crash_test(place, options.runs, options.seed, shim, jobs=options.jobs)
    print(json.dumps(tally.__dict__, indent=1, ensure_ascii=False))
    in_call = sum(tally.killed_in.values()) - tally.killed_in["no call"]
    print(
        f"| crashes | {tally.runs} runs, {in_call} killed inside of a call, {tally.hot_journals} hot journals |"
        f" {tally.old_steps} steps older than 1 s, {tally.young_kept} of {tally.young_steps} younger ones kept |"
        f" lost: {len(tally.lost)}, in a foreign case: {len(tally.misplaced)}, problems: {len(tally.problems)} |"
    )
    return 0 if tally.good else 1


if __name__ == "__main__":
    sys.exit(main())
