"""Lets the disk fail under the working window, and looks for strokes that are gone and errors that nobody saw.

    python -m benchmarks.store.faults [--runs 100] [--seed 0] [--jobs 2]

A run starts the driver, lets one kind of fault begin after some strokes, last for half a second to two and a half, and
go away; then the driver tries again, goes on and closes the window as a person does. In every fourth run the process
is killed while the fault lasts. The faults: calls that fail (EIO, ENOSPC, EINTR) or write less than asked for, in the
folder of the photos, the program's own folder and that of the exports; and a small disk that is full.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks.store.check import Contents, read_contents
from benchmarks.store.child import Child, Server
from benchmarks.store.journal import Line
from benchmarks.store.photos import digests, make_photos
from benchmarks.store.shim import SYNCS, WRITES, Action, Control, Op, Shim

PHOTOS = 4
FULL = "full disk"
_DISK_BYTES = 3 * 2**20
_CLOSING_SECONDS = 60.0


@dataclass(frozen=True)
class Fault:
    """One way in which calls fail."""

    action: Action
    ops: tuple[Op, ...]
    error: int = errno.EIO


FAULTS: dict[str, Fault] = {
    "write error": Fault("fail", WRITES),
    "write: no space": Fault("fail", WRITES, errno.ENOSPC),
    "short write": Fault("shorten", WRITES),
    "fsync error": Fault("fail", SYNCS),
    "fsync interrupted": Fault("fail", SYNCS, errno.EINTR),
    "truncate error": Fault("fail", ("ftruncate",)),
    "rename error": Fault("fail", ("rename", "unlink")),
    "everything fails": Fault("fail", (*WRITES, *SYNCS, "ftruncate", "rename", "unlink")),
}


@dataclass
class Tally:
    """What all runs came to."""

    runs: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    acted: int = 0
    killed: int = 0
    steps: int = 0
    failed_saves: int = 0
    covered: int = 0
    other_failures: int = 0
    not_shown: list[str] = field(default_factory=list)
    questions: int = 0
    unsaved_moments: int = 0
    moments_without_a_word: int = 0
    moments_covered: int = 0
    moments_without_a_button: int = 0
    lost: list[str] = field(default_factory=list)
    misplaced: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Join the runs of another worker."""
        for name, value in other.__dict__.items():
            if isinstance(value, list):
                getattr(self, name).extend(value)
            else:
                setattr(self, name, getattr(self, name) + value)

    @property
    def good(self) -> bool:
        """Whether nothing was lost, mixed up, damaged or hidden."""
        bad = self.lost or self.misplaced or self.problems or self.not_shown or self.moments_without_a_word
        return not bad


Switch = Callable[[], None]


class Bench:
    """Where one run follows the other: a server of drivers, and the page that steers their files.

    Args:
        place: a new folder.
        shim: None: only `FULL` can be run.
        longest: seconds that a fault may last.
    """

    def __init__(self, place: Path, shim: Shim | None, longest: float = 2.5) -> None:
        place.mkdir(parents=True)
        self._place, self._longest = place, longest
        self._control = Control(place / "control")
        self._server = Server({} if shim is None else shim.environment(self._control))

    def close(self) -> None:
        """End the server."""
        with self._server:
            pass

    def run(self, name: str, seed: int) -> Tally:
        """One run over a folder of its own.

        Args:
            name: of `FAULTS`, or `FULL`.
            seed: of everything.
        """
        random, tally = Random(f"{seed}/{name}"), Tally(runs=1, kinds=Counter([name]))
        place, control = self._place / str(seed), self._control
        with _small_disk(place / "disk", wanted=name == FULL):
            disk = place / "disk"
            folder = disk / "photos"
            make_photos(folder, range(PHOTOS), seed)
            photos = digests(folder)
            # The drive of the photos alone, or everything that the program writes.
            control.clear(random.choice((folder, disk)))
            if name == FULL:
                begin, end = _filled(disk, keep=random.randrange(0, 12_000))
            else:
                begin, end = _failing(control, FAULTS[name], random)
            child = Child(self._server, folder, place / "journal.jsonl", seed, exports=disk / "out")
            killed = self._let_fail(child, random, begin, end)
            ends = [line.text for line in child.lines() if line.kind == "mark"]
            if not killed and (child.exit_code or ends[-1] != "closed"):
                tally.problems.append(f"{name}: the window did not close ({child.exit_code}, {ends[-1]})")
            tally.killed, tally.acted = int(killed), sum(control.acted().values())
            _judge(tally, child, read_contents(folder), killed=killed)
            if digests(folder) != photos:
                tally.problems.append("a photo file was changed")
            if any(folder.with_name("home").glob("folders/*/cases.db")):
                tally.problems.append(f"{name}: the database went to the person's own folder")
        return tally

    def _let_fail(self, child: Child, random: Random, begin: Switch, end: Switch) -> bool:
        """From the first strokes to the end of the driver; whether it was killed while the fault lasted."""
        before = random.randrange(1, 12)
        child.wait_for_steps(before)
        begin()
        child.has_steps(before + 5, self._longest)  # where no photo can be opened there are none
        child.wait(random.uniform(0.5, self._longest))
        killed = random.random() < 0.25
        if killed:
            child.kill()
        end()
        if not killed:
            child.wait(random.uniform(0.1, 0.8))
            child.finish(_CLOSING_SECONDS)
        return killed


def _failing(control: Control, fault: Fault, random: Random) -> tuple[Switch, Switch]:
    odds, seed = random.choice((1.0, 0.5, 0.2)), random.randrange(1, 2**31)

    def begin() -> None:
        control.set(fault.action, *fault.ops, error=fault.error, odds=odds, seed=seed)

    return begin, control.calm


def _filled(disk: Path, keep: int) -> tuple[Switch, Switch]:
    ballast = disk / "ballast"

    def begin() -> None:
        with ballast.open("wb", buffering=0) as file:
            free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
            try:
                file.write(bytes(max(0, free - keep)))
                file.flush()
            except OSError:
                pass  # full is what it should be

    return begin, ballast.unlink


@contextmanager
def _small_disk(path: Path, *, wanted: bool) -> Iterator[None]:
    path.mkdir(parents=True)
    if not wanted:
        yield
        return
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None:
        raise OSError(errno.ENOENT, "there is no mount here")
    command = [mount, "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "tongue-viewer-faults", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run([umount, "-l", str(path)], check=True, capture_output=True)


def full_disk_reason() -> str:
    """Why there can be no small disk here, "" where there can."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with _small_disk(Path(folder) / "disk", wanted=True):
                return ""
        except (OSError, subprocess.CalledProcessError) as error:
            return f"a small disk needs Linux and the right to mount: {error}"


def _judge(tally: Tally, child: Child, contents: Contents, *, killed: bool) -> None:
    lines = child.lines()
    steps = [line for line in lines if line.kind == "step"]
    tally.steps = len(steps)
    tally.problems += contents.problems
    if child.complaints():
        tally.problems.append(child.complaints())
    tally.misplaced += contents.misplaced(steps)
    said = max((line.t for line in lines if line.kind == "saved"), default=0.0)
    saved_then = _last_of_cases([step for step in steps if step.t < said])
    tally.lost += [f"{s.tool} on {s.photo}, said to be saved" for s in saved_then if not contents.holds(s)]
    durable = {(line.case_id, line.revision) for line in lines if line.kind == "durable"}
    tally.lost += [
        f"{step.tool} on {step.photo}, said to be durable"
        for step in steps
        if (step.case_id, step.revision) in durable and not contents.holds(step)
    ]
    if not killed:
        for step in _last_of_cases(steps):
            # Where no person has painted, a model's answer may follow.
            if not contents.holds(step) or any(
                entry.mask != step.mask and entry.tool != "segment" for entry in contents.after(step)
            ):
                tally.lost.append(f"{step.tool} on {step.photo}, the last of its case")
    tally.problems += _overruled(steps)
    _judge_words(tally, lines)


def _last_of_cases(steps: Sequence[Line]) -> list[Line]:
    return list({step.case_id: step for step in steps}.values())


def _overruled(steps: Sequence[Line]) -> list[str]:
    """Steps in which the window took a model's mask over one that a person had painted before."""
    painted: set[str] = set()
    found = []
    for step in steps:
        if step.tool == "segment" and step.case_id in painted:
            found.append(f"{step.photo}: the window took a model's mask over a person's")
        elif step.tool not in {"segment", "status", "keep"}:
            painted.add(step.case_id)
    return found


def _judge_words(tally: Tally, lines: Sequence[Line]) -> None:
    """What the person was told."""
    failed = [line for line in lines if line.kind == "failed"]
    messages = [line for line in lines if line.kind == "message"]
    saves = [line for line in failed if line.tool == "save"]
    tally.failed_saves, tally.other_failures = len(saves), len(failed) - len(saves)
    tally.covered += sum(line.text != line.shown for line in saves)
    tally.not_shown += _untold(lines)
    for kind, word in _WORDS.items():
        # Each other failure has a message of its own: the texts are compared as often as they occur.
        shown = Counter(_said(line) for line in messages if line.tool in word)
        missing = Counter(_said(line) for line in failed if line.tool == kind) - shown
        tally.not_shown += [f"{kind}: {text}" for text in missing.elements()]
    tally.problems += [f"a fault of the program: {line.text}" for line in failed if line.status == "fault"]
    tally.questions = sum(line.kind == "question" for line in lines)
    unsaved = [line for line in lines if line.kind == "unsaved"]
    tally.unsaved_moments = len(unsaved)
    tally.moments_without_a_word = sum(line.status != "told" for line in unsaved)
    tally.moments_covered = sum(line.tool == "covered" for line in unsaved)
    tally.moments_without_a_button = sum(not line.tool for line in unsaved)


def _untold(lines: Sequence[Line]) -> list[str]:
    """Failed saves whose words no message had on the screen since all was saved the last time.

    A failure is told once, not again for each of the next strokes; a newer message may cover it for a while.
    """
    told: set[str] = set()
    found = []
    for line in lines:
        if line.kind == "saved":
            told.clear()
        elif line.kind == "message" and line.tool == "retry_save":
            told.add(line.text)
        elif line.kind == "failed" and line.tool == "save" and (line.text not in told or not line.shown):
            found.append(f"{line.photo}: {line.text} (shown: {line.shown!r})")
    return found


_WORDS = {"photo": {"photo"}, "export": {"failed_files"}, "other": {"model", "job", "export"}}
"""Kind of failure → words of the messages that tell it."""


def _said(line: Line) -> str:
    of_files = (line.kind, line.tool) in {("failed", "export"), ("message", "failed_files")}
    return "files" if of_files else line.text


def fault_test(place: Path, runs: int, seed: int, shim: Shim | None, *, jobs: int = 1) -> Tally:
    """All runs, the kinds of faults in turn, as far as this system has them."""
    names = list(FAULTS) if shim is not None else []
    reason = full_disk_reason()
    if reason:
        print(reason, file=sys.stderr)
    else:
        names.append(FULL)

    numbers, total, begin = range(runs if names else 0), Tally(), time.monotonic()

    def run(worker: int) -> Iterator[Tally]:
        bench = Bench(place / f"worker-{worker}", shim)
        for number in numbers[worker::jobs]:
            yield bench.run(names[number % len(names)], seed * 1000 + number)
        bench.close()

    def work(worker: int) -> None:
        for tally in run(worker):
            total.add(tally)
            print(
                f"{total.runs} runs, {time.monotonic() - begin:.0f} s, lost {len(total.lost)}",
                file=sys.stderr,
                flush=True,
            )

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(work, range(jobs)))
    return total


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the outcome as JSON and as a line of a Markdown table; 1 where anything was lost or hidden."""
    parser = argparse.ArgumentParser(prog="benchmarks.store.faults")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="tongue-viewer-faults-") as folder:
        place = Path(folder)
        tally = fault_test(place, options.runs, options.seed, Shim.build(place), jobs=options.jobs)
    print(json.dumps(tally.__dict__, indent=1, ensure_ascii=False))
    print(
        f"| failing disks | {tally.runs} runs, {tally.acted} failed calls, {tally.killed} killed meanwhile |"
        f" {tally.steps} steps, {tally.failed_saves} failed saves and {tally.other_failures} other failures,"
        f" not shown: {len(tally.not_shown)}, {tally.questions} questions at closing |"
        f" lost: {len(tally.lost)}, in a foreign case: {len(tally.misplaced)}, problems: {len(tally.problems)} |"
    )
    return 0 if tally.good else 1


if __name__ == "__main__":
    sys.exit(main())
