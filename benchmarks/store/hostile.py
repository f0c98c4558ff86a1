"""Hostile files by the thousand: what the program makes of damaged and malicious photos, masks, databases and settings.

    python -m benchmarks.store.hostile [--count 20000] [--seed 0] [--minutes M] [--out FOLDER]     (Linux)

Every item is made from sound files by a seeded generator, fed to the program's real entry points in a child
process, and judged: success, or an exception of the program's own tree that names the file. Anything else, a
call of more than 5 s of processor time, more than 2 GiB of memory, or an original that was changed, is a finding,
and its files are kept. Prints one JSON document and one line of Markdown.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any

from benchmarks.store.hostile_items import kind_of, make_item, make_seeds

IDLE_SECONDS = 5.0
"""So long may a call wait without computing; the time that it computes has a limit of its own."""


class Child:
    """One child process; started again by the next item after its death."""

    def __init__(self, seeds: Path, work: Path, seed: int) -> None:
        self._command = [
            sys.executable,
            "-m",
            "benchmarks.store.hostile_child",
            str(seeds),
            str(work),
            str(seed),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, number: int) -> dict[str, Any]:
        """What the child tells of one item; of its death, if it died."""
        if self._process is None:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process = self._process
        if process.stdin is None:
            raise RuntimeError("a child without a standard input")
        process.stdin.write(b"%d\n" % number)
        process.stdin.flush()
        line = _answer_of(process)
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        died = process.poll() if line is None else process.wait()
        self.close()
        return {"number": number, "problems": [_cause(died)]}

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            process, self._process = self._process, None
            process.kill()
            process.communicate()


def _answer_of(process: subprocess.Popen[bytes]) -> bytes | None:
    """The next line; empty: the process ended; None: it waits for something without computing."""
    if process.stdout is None:
        return None
    before = -1
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not selector.select(IDLE_SECONDS):
            now = _ticks(process.pid)
            if now == before:
                return None
            before = now
    return process.stdout.readline()


def _ticks(pid: int) -> int:
    """Processor time that a process has used, in the kernel's units."""
    values = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(values[11]) + int(values[12])


def _cause(died: int | None) -> str:
    if died is None:
        return f"hang: {IDLE_SECONDS:.0f} s and more without computing"
    if died == -signal.SIGXCPU:
        return "hang: more than 5 s of processor time in one call"
    return f"crash: the process ended with {died}" + (f" ({signal.Signals(-died).name})" if died < 0 else "")


def run(
    count: int,
    seed: int,
    *,
    minutes: float | None = None,
    out: Path | None = None,
    workers: int = 2,
    with_bombs: bool = True,
    numbers: Sequence[int] = (),
    kinds: AbstractSet[str] = frozenset(),
) -> dict[str, Any]:
    """Feed the items 0 … count - 1 and sum up.

    Args:
        count: of items.
        seed: of the generator.
        minutes: stop after so long; None: never.
        out: gets the files of each finding; None: nothing is kept.
        workers: child processes.
        with_bombs: also pictures of as many pixels as are allowed, which take minutes to make.
        numbers: feed only these, if there are any.
        kinds: feed only these, if there are any; the next numbers come in the place of the others.
    """
    fast = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - memory, for the thousands of small files
    root = Path(tempfile.mkdtemp(prefix="hostile-", dir=fast))
    try:
        make_seeds(root / "seeds", with_bombs=with_bombs)
        start = time.monotonic()
        chosen = numbers or islice(
            (number for number in itertools.count() if not kinds or kind_of(seed, number) in kinds), count
        )
        answers = list(_answers(list(chosen), seed, root, minutes, workers))
        if out is not None:
            _keep([answer for answer in answers if answer["problems"]], seed, root / "seeds", out)
        return _summary(answers, seed, time.monotonic() - start)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _answers(
    numbers: list[int], seed: int, root: Path, minutes: float | None, workers: int
) -> Iterator[dict[str, Any]]:
    waiting: SimpleQueue[int] = SimpleQueue()
    for number in numbers:
        waiting.put(number)
    end = time.monotonic() + minutes * 60 if minutes else float("inf")
    found: list[dict[str, Any]] = []
    guard = Lock()

    def work(index: int) -> None:
        child = Child(root / "seeds", root / f"work{index}", seed)
        try:
            while time.monotonic() < end:
                try:
                    answer = child.ask(waiting.get_nowait())
                except Empty:
                    break
                with guard:
                    found.append(answer)
                if answer["problems"]:
                    print(json.dumps(answer), file=sys.stderr, flush=True)
                if len(found) % 1000 == 0:
                    print(f"{len(found)} items", file=sys.stderr)
        finally:
            child.close()

    threads = [Thread(target=work, args=(index,)) for index in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    yield from sorted(found, key=lambda answer: int(answer["number"]))


def _keep(findings: list[dict[str, Any]], seed: int, seeds: Path, out: Path) -> None:
    """The files of each finding, as they were before, with what was found."""
    for finding in findings:
        folder = out / f"{finding['number']:06}"
        if folder.exists():
            shutil.rmtree(folder)
        item = make_item(seed, finding["number"], seeds, folder)
        finding |= {"kind": item.kind, "what": item.what}
        (out / f"{finding['number']:06}.json").write_text(json.dumps(finding, indent=1))


def _summary(answers: list[dict[str, Any]], seed: int, seconds: float) -> dict[str, Any]:
    kinds = Counter(answer.get("kind", "?") for answer in answers)
    outcomes = Counter(name for answer in answers for name in answer.get("outcomes", {}).values())
    slow = max(answers, key=lambda answer: answer.get("cpu", 0.0), default={})
    large = max(answers, key=lambda answer: answer.get("peak", 0), default={})
    findings = [answer for answer in answers if answer["problems"]]
    return {
        "seed": seed,
        "items": len(answers),
        "seconds": round(seconds, 1),
        "kinds": dict(kinds.most_common()),
        "calls": sum(answer.get("calls", 0) for answer in answers),
        "outcomes": dict(outcomes.most_common()),
        "slowest": {key: slow.get(key) for key in ("number", "what", "slowest", "cpu")},
        "longest_wall": max((answer.get("wall", 0.0) for answer in answers), default=0.0),
        "most_memory": {
            "mib": round(large.get("peak", 0) / 2**20),
            **{key: large.get(key) for key in ("number", "what")},
        },
        "findings": findings,
    }


def markdown(result: dict[str, Any]) -> str:
    """One line of a table."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in result["kinds"].items())
    slowest, memory = result["slowest"], result["most_memory"]
    return (
        f"| {result['seed']} | {result['items']} ({kinds}) | {result['calls']} | {len(result['findings'])} "
        f"| {slowest['cpu']:.1f} s ({slowest['what']}, {slowest['slowest']}) | {memory['mib']} MiB ({memory['what']}) |"
    )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--out", type=Path, help="keeps the files of each finding")
    parser.add_argument("--only", type=int, nargs="*", help="feed only the items of these numbers")
    parser.add_argument("--kinds", nargs="*", help="feed only items of these kinds")
    parser.add_argument("--no-bombs", action="store_true", help="leave out the pictures of 200 megapixels")
    args = parser.parse_args()
    result = run(
        args.count, args.seed, minutes=args.minutes, out=args.out, workers=args.workers,
        with_bombs=not args.no_bombs, numbers=args.only or (), kinds=frozenset(args.kinds or ()),
    )  # fmt: skip
    print(json.dumps(result, indent=1))
    print(markdown(result))
    sys.exit(1 if result["findings"] else 0)


if __name__ == "__main__":
    main()
