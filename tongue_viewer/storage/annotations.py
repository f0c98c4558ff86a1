"""Masks in the annotation formats of other tools, without loss.

Outlines lose holes and shift edges, so none are written: COCO gets run lengths (as pycocotools and most
trainers read them), labelme gets its shape type "mask" (labelme 5.3 and later), a bitmap inside its box.
"""

from __future__ import annotations

import base64
import io
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tongue_viewer.core.photo import MaskArray

CLASS_NAMES = ("tongue",)


@dataclass
class CocoFile:
    """Collects photos, and gives one COCO "instances" document for all of them."""

    class_names: tuple[str, ...] = CLASS_NAMES
    _images: list[dict[str, Any]] = field(default_factory=list)
    _annotations: list[dict[str, Any]] = field(default_factory=list)

    def add(self, file_name: str, mask: MaskArray) -> None:
        """Add one photo with one annotation for each class that occurs.

        Args:
            file_name: of the photo, relative to its folder.
            mask: (H, W) uint8 class index.
        """
        height, width = mask.shape
        image_id = len(self._images) + 1
        self._images.append({"id": image_id, "file_name": file_name, "height": height, "width": width})
        for index in _classes(mask):
            part = np.equal(mask, index).astype(np.uint8)
            x, y, box_width, box_height = cv2.boundingRect(part)
            self._annotations.append(
                {
                    "id": len(self._annotations) + 1,
                    "image_id": image_id,
                    "category_id": index,
                    "iscrowd": 0,
                    "area": int(np.count_nonzero(part)),
                    "bbox": [x, y, box_width, box_height],
                    "segmentation": {"size": [height, width], "counts": run_lengths(part)},
                }
            )

    def to_bytes(self) -> bytes:
        """The document, UTF-8."""
        categories = [{"id": number, "name": name} for number, name in enumerate(self.class_names, 1)]
        content = {"images": self._images, "annotations": self._annotations, "categories": categories}
        return json.dumps(content, ensure_ascii=False).encode()


def run_lengths(mask: NDArray[np.uint8]) -> list[int]:
    """COCO's uncompressed run lengths: down the columns, zeros first.

    Args:
        mask: (H, W) uint8, 0 or 1.
    """
    flat = mask.ravel(order="F")
    borders = np.flatnonzero(np.diff(flat)) + 1
    edges = np.concatenate(([0], borders, [flat.size]))
    counts = np.diff(edges).tolist()
    return [0, *counts] if flat.size and flat[0] else counts


def labelme_document(photo: str, mask: MaskArray, class_names: tuple[str, ...] = CLASS_NAMES) -> bytes:
    """One labelme file, UTF-8.

    Args:
        photo: the photo's path as seen from the file that is written, with forward slashes.
        mask: (H, W) uint8 class index.
        class_names: name of class 1, 2, …
    """
    shapes: list[dict[str, Any]] = []
    for index in _classes(mask):
        part = np.equal(mask, index).astype(np.uint8)
        x, y, width, height = cv2.boundingRect(part)
        shapes.append(
            {
                "label": class_names[index - 1] if index <= len(class_names) else f"class {index}",
                # labelme's box includes its last pixel.
                "points": [[x, y], [x + width - 1, y + height - 1]],
                "group_id": None,
                "description": "",
                "shape_type": "mask",
                "flags": {},
                "mask": _bitmap(part[y : y + height, x : x + width]),
            }
        )
    content = {
        "version": "5.4.1",
        "flags": {},
        "shapes": shapes,
        "imagePath": photo,
        "imageData": None,
        "imageHeight": mask.shape[0],
        "imageWidth": mask.shape[1],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def relative_path(target: Path, folder: Path) -> str:
    """`target` as seen from `folder`, with forward slashes; absolute on another Windows drive."""
    try:
        return Path(os.path.relpath(target.resolve(), folder.resolve())).as_posix()
    except ValueError:
        return target.resolve().as_posix()


def _classes(mask: MaskArray) -> list[int]:
    return [int(index) for index in np.unique(mask) if index]


def _bitmap(part: NDArray[np.uint8]) -> str:
    buffer = io.BytesIO()
    Image.fromarray(part.astype(bool)).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()
