"""Write scikit-image's sample pictures into a folder, for `tongue-viewer robustness --tongue-free FOLDER`.

    uv run --with scikit-image python benchmarks/tongue_free_samples.py OUT

The list holds the pictures that are inside the package itself (seen in 0.26); nothing is downloaded: a picture that
another version does not bring is named and left out. No picture of the list shows a tongue. Binary shapes, volumes and
the second view of a stereo pair are not in it.
"""

from __future__ import annotations

import argparse
import sys
from importlib import resources
from pathlib import Path

from tongue_viewer.storage.atomic import write_atomically

PICTURES = {
    "astronaut.png": "a smiling woman, teeth visible",
    "brick.png": "brick wall",
    "camera.png": "photographer on a lawn",
    "cell.png": "a cell under the microscope",
    "chelsea.png": "a cat's face",
    "chessboard_GRAY.png": "chessboard",
    "clock_motion.png": "blurred clock",
    "coffee.png": "a cup of coffee, reddish brown",
    "coins.png": "coins on dark ground",
    "color.png": "colour wheel",
    "grass.png": "grass",
    "gravel.png": "gravel",
    "hubble_deep_field.jpg": "galaxies",
    "ihc.png": "stained tissue",
    "logo.png": "the package's sign",
    "microaneurysms.png": "piece of a retina",
    "moon.png": "surface of the moon",
    "motorcycle_left.png": "motorcycle in a room",
    "page.png": "page of a book, uneven light",
    "phantom.png": "Shepp-Logan phantom",
    "retina.jpg": "a retina, red and round",
    "rocket.jpg": "rocket at take-off",
    "text.png": "handwriting",
}
"""File in the package's data folder → what it shows."""


def main() -> int:
    """Copy the pictures; 1 if some are missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder for the pictures; created where it does not exist")
    out: Path = parser.parse_args().out
    try:
        data = resources.files("skimage.data")
    except ModuleNotFoundError:
        print(
            "scikit-image is not installed; the first lines of this file show how to run it.", file=sys.stderr
        )
        return 1
    out.mkdir(parents=True, exist_ok=True)
    missing = [name for name in PICTURES if not data.joinpath(name).is_file()]
    for name in PICTURES:
        if name not in missing:
            write_atomically(out / name, data.joinpath(name).read_bytes())
    print(f"{len(PICTURES) - len(missing)} pictures in {out}")
    if missing:
        print(f"not in this version of scikit-image: {', '.join(missing)}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
