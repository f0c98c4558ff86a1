"""The child process that feeds hostile items; it may die, and its parent then knows at which one.

python -m benchmarks.store.hostile_child SEEDS WORK SEED     numbers on stdin, a line of JSON for each on stdout
"""

from __future__ import annotations

import json
import logging
import os
import resource
import shutil
import sys
import time
import warnings
from pathlib import Path

from benchmarks.store.hostile_feed import feed
from benchmarks.store.hostile_items import make_item
from benchmarks.store.hostile_watch import MEMORY_BYTES, REST_SECONDS, Watch, limit_processor, peak_memory

_ADDRESS_SPACE = 6 << 30
"""Beside the limit that counts (resident memory): what is asked for beyond this is refused, and reported."""


def main() -> None:
    """Feed the items whose numbers come, until the input ends or the memory has grown beyond its limit."""
    seeds, work, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    os.environ["TONGUE_VIEWER_HOME"] = str(work / "home")
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("error")
    logging.disable(logging.CRITICAL)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="backslashreplace")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # decoders in C talk
    for line in sys.stdin:
        answers.write(json.dumps(feed_one(seed, int(line), seeds, work / "item")) + "\n")
        answers.flush()


def feed_one(seed: int, number: int, seeds: Path, folder: Path) -> dict[str, object]:
    """Make, feed and remove one item; returns what is told of it."""
    limit_processor(REST_SECONDS)
    # The person's own folder too: what was kept there for one item would stand in the place of the next one's database.
    for leftover in (folder, folder.with_name("home")):
        if leftover.exists():
            shutil.rmtree(leftover)
    item = make_item(seed, number, seeds, folder)
    watch = Watch()
    start = time.monotonic()
    with peak_memory() as peak:
        feed(item, watch)
    if peak and peak[0] > MEMORY_BYTES:
        watch.problems.append(f"{peak[0] / 2**30:.1f} GiB of memory")
    return {
        "number": number,
        "kind": item.kind,
        "what": item.what,
        "outcomes": watch.outcomes,
        "calls": watch.calls,
        "problems": watch.problems,
        "cpu": round(watch.seconds, 3),
        "slowest": watch.slowest,
        "wall": round(time.monotonic() - start, 3),
        "peak": peak[0] if peak else 0,
    }


if __name__ == "__main__":
    main()
