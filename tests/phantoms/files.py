"""Writing phantoms to a folder: 24-bit BMP photos, 0/255 PNG masks and a manifest of their pixels."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.phantoms.render import render
from tests.phantoms.spec import PhantomSpec

MANIFEST = "manifest.json"


def digest(pixels: NDArray[np.uint8]) -> str:
    """sha256 of the shape and the raw pixels, so that it does not depend on a file format's encoder."""
    return hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()


def write_set(specs: Iterable[PhantomSpec], folder: Path) -> list[dict[str, Any]]:
    """Render `specs` into `folder`: NAME.bmp, masks/NAME.png and the manifest; the manifest's entries."""
    (folder / "masks").mkdir(parents=True, exist_ok=True)
    entries = []
    for spec in specs:
        photo, mask = render(spec)
        (folder / f"{spec.name}.bmp").write_bytes(_encode(".bmp", np.ascontiguousarray(photo[..., ::-1])))
        (folder / "masks" / f"{spec.name}.png").write_bytes(_encode(".png", mask * np.uint8(255)))
        entries.append(
            {
                "name": spec.name,
                "seed": spec.seed,
                "shape": list(mask.shape),
                "tongue_share": round(float(mask.mean()), 4),
                "photo_sha256": digest(photo),
                "mask_sha256": digest(mask),
            }
        )
    text = json.dumps({"rendered": True, "samples": entries}, indent=1, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return entries


def read_pixels(path: Path, flags: int) -> NDArray[np.uint8]:
    """The pixels of an image file, under any name; `flags` as for `cv2.imdecode`."""
    return np.asarray(cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), flags), dtype=np.uint8)


def _encode(extension: str, pixels: NDArray[np.uint8]) -> bytes:
    done, data = cv2.imencode(extension, pixels)
    if not done:
        raise ValueError(f"OpenCV cannot encode {pixels.shape} as {extension}")
    return data.tobytes()
