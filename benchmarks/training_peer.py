"""A training step beside segmentation_models_pytorch's DeepLabV3+: `python benchmarks/training_peer.py`.

The first run installs that package into a folder of its own in the user's cache folder (`--install` does only that). It uses
this environment's torch, so both networks run on the same one; `tongue_viewer.training.bench_train` tells what is measured.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import platformdirs

PACKAGE = "segmentation-models-pytorch"
OURS = ("torch", "torchvision", "numpy", "pillow", "safetensors")
"""What the package needs and this environment has: its own copies would be other versions, and 5 GB."""


def install(folder: Path) -> None:
    """Fill a folder with the package and what else it needs, where that is not done yet."""
    if _works(folder):
        return
    print(f"installing {PACKAGE} into {folder}", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    uv = shutil.which("uv")
    if uv is None:
        raise SystemExit("uv is missing; it alone can leave out the packages that are here already")
    with tempfile.TemporaryDirectory() as name:
        left_out = Path(name) / "left-out.txt"
        left_out.write_text("".join(f"{each} ; sys_platform == 'never'\n" for each in OURS))
        command: list[str | Path] = [uv, "pip", "install", "--python", sys.executable]
        command += ["--target", folder, "--override", left_out, PACKAGE]
        subprocess.run(command, check=True, stdout=sys.stderr)
    if not _works(folder):
        raise SystemExit(f"{PACKAGE} was installed but cannot be imported; its message stands above")


def environment(folder: Path) -> dict[str, str]:
    """The variables by which a child process finds the package, behind what the process itself was given."""
    places = [os.environ.get("PYTHONPATH", ""), str(Path(__file__).resolve().parents[1]), str(folder)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(place for place in places if place)}


def _works(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    command = [sys.executable, "-c", "import segmentation_models_pytorch"]
    return subprocess.run(command, check=False, env=environment(folder)).returncode == 0


def main() -> int:
    """Install, measure, print the document of `bench_train`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--install", action="store_true", help="install the peer and end")
    parser.add_argument(
        "--environment",
        type=Path,
        default=platformdirs.user_cache_path("tongue-viewer") / "peers" / PACKAGE,
        help="folder of the peer (%(default)s)",
    )
    chosen, words = parser.parse_known_args()
    install(chosen.environment)
    if chosen.install:
        return 0
    command = [sys.executable, "-m", "tongue_viewer.training.bench_train", *words]
    return subprocess.run(command, check=False, env=environment(chosen.environment)).returncode


if __name__ == "__main__":
    sys.exit(main())
