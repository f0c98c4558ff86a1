"""Render phantoms into a folder.

python -m tests.phantoms OUT                    the committed samples again
python -m tests.phantoms OUT --tongue-free 40   mouths without a tongue, for `robustness --tongue-free OUT`
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.phantoms.files import write_set
from tests.phantoms.randoms import random_spec
from tests.phantoms.samples import sample_specs
from tests.phantoms.spec import PhantomSpec

FIRST_SEED = 20_000
"""Seeds below it may have been trained on (10000 to 10039 were)."""

_SHAPES = ((288, 384), (300, 300), (384, 288))


def tongue_free_specs(count: int, first: int = FIRST_SEED) -> Iterator[PhantomSpec]:
    """Closed and open mouths without a tongue, upright, square and lying frames in turn."""
    for seed in range(first, first + count):
        yield random_spec(seed, _SHAPES[seed % len(_SHAPES)], tongue=False, supersample=2)


def main() -> int:
    """Write the samples (or those named), or phantoms without a tongue, into a folder and list them."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.phantoms",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("out", type=Path, help="folder for the photos; masks go into its folder masks/")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="only these samples")
    parser.add_argument(
        "--tongue-free", type=int, metavar="N", help="instead N random mouths without a tongue"
    )
    parser.add_argument(
        "--first", type=int, default=FIRST_SEED, metavar="SEED", help=f"of these mouths ({FIRST_SEED})"
    )
    arguments = parser.parse_args()
    specs = [spec for spec in sample_specs() if not arguments.only or spec.name in arguments.only]
    if arguments.tongue_free is not None:
        specs = list(tongue_free_specs(arguments.tongue_free, arguments.first))
    for entry in write_set(specs, arguments.out):
        height, width = entry["shape"]
        share = 100 * entry["tongue_share"]
        sys.stdout.write(f"{entry['name']}: {width}×{height}, tongue {share:.1f} % of the photo\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
