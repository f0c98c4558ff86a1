"""Render the committed samples again: `python -m tests.phantoms OUT`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.phantoms.files import write_set
from tests.phantoms.samples import sample_specs


def main() -> int:
    """Write the samples (or those named) into a folder and list them."""
    parser = argparse.ArgumentParser(prog="python -m tests.phantoms", description=__doc__)
    parser.add_argument("out", type=Path, help="folder for the photos; masks go into its folder masks/")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="only these samples")
    arguments = parser.parse_args()
    specs = [spec for spec in sample_specs() if not arguments.only or spec.name in arguments.only]
    for entry in write_set(specs, arguments.out):
        height, width = entry["shape"]
        share = 100 * entry["tongue_share"]
        sys.stdout.write(f"{entry['name']}: {width}×{height}, tongue {share:.1f} % of the photo\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
