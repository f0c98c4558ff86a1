"""What an export writes once for all photos: the table of measurements, the COCO file, the report."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from tongue_viewer.core.errors import WriteError
from tongue_viewer.core.exports import ExportFormat, ExportPlan, FileResult
from tongue_viewer.core.photo import Photo
from tongue_viewer.core.render import overlay
from tongue_viewer.storage.annotations import CocoFile
from tongue_viewer.storage.atomic import write_atomically
from tongue_viewer.storage.case_store import StoredCase
from tongue_viewer.storage.exports import write_table
from tongue_viewer.storage.report import picture, report_page

TABLE_NAMES: dict[ExportFormat, str] = {"csv": "cases.csv", "coco": "coco.json", "html": "report.html"}
_MAX_PICTURES = 1000
"""A report with more photos comes without pictures: a browser would choke on the file."""


@dataclass
class ExportTables:
    """Collects the photos of one export.

    Attributes:
        plan: the person's choices.
        folder: the photos' folder; its name is the report's title.
    """

    plan: ExportPlan
    folder: Path
    _rows: list[dict[str, object]] = field(default_factory=list)
    _coco: CocoFile = field(default_factory=CocoFile)
    _pictures: dict[str, str] = field(default_factory=dict)

    def add(self, case: StoredCase, name: str, photo: Photo | None) -> None:
        """Add one case.

        Args:
            case: mask and status.
            name: of the photo, relative to the folder.
            photo: decoded, where pictures are wanted.
        """
        self._rows.append(measure(case, name))
        if "coco" in self.plan.formats:
            self._coco.add(name, case.mask)
        if "html" in self.plan.formats and photo is not None and len(self._pictures) < _MAX_PICTURES:
            self._pictures[name] = picture(overlay(photo.rgb, case.mask))

    def write(self, out: Path, results: Sequence[FileResult]) -> list[FileResult]:
        """Write the files that the plan names; one result for each."""
        failed = {result.source.name: result.error for result in results if result.error}
        writers: dict[ExportFormat, Callable[[Path], object]] = {
            "csv": lambda path: write_table(path, self._rows, overwrite=True),
            "coco": lambda path: write_atomically(path, self._coco.to_bytes()),
            "html": lambda path: write_atomically(
                path, report_page(self.folder.name, self._rows, self._pictures, failed)
            ),
        }
        written = []
        for kind, write in writers.items():
            if kind in self.plan.formats:
                target = out / TABLE_NAMES[kind]
                try:
                    refuse_existing(target, self.plan, self.folder)
                    write(target)
                    written.append(FileResult(target, (target,)))
                except WriteError as error:
                    written.append(FileResult(target, error=str(error)))
        return written


def refuse_existing(path: Path, plan: ExportPlan, folder: Path) -> None:
    """Keep what stands there, unless the person allowed overwriting; among the photos nothing is replaced.

    Raises:
        WriteError: a file stands there.
    """
    among_photos = path.resolve().parent == folder.resolve()
    if path.exists() and (among_photos or not plan.overwrite):
        remedy = "Choose another folder." if among_photos else "Choose another folder, or allow overwriting."
        raise WriteError(f"{path} was not written: it exists already. It is intact. {remedy}")


def measure(case: StoredCase, name: str) -> dict[str, object]:
    """One line of the table: pixels of the photo, x to the right and y down from its top-left corner."""
    height, width = case.mask.shape
    tongue = (case.mask > 0).astype(np.uint8)
    moments = cv2.moments(tongue, binaryImage=True)
    area = int(np.count_nonzero(tongue))
    x, y, box_width, box_height = cv2.boundingRect(tongue)
    prediction = case.prediction
    return {
        "name": name,
        "status": case.status.value,
        "mask_by": case.origin.value if case.origin else "",
        "width_px": width,
        "height_px": height,
        "area_px": area,
        "area_fraction": round(area / case.mask.size, 6),
        "centre_x_px": round(moments["m10"] / moments["m00"], 2) if area else "",
        "centre_y_px": round(moments["m01"] / moments["m00"], 2) if area else "",
        "box_x_px": x if area else "",
        "box_y_px": y if area else "",
        "box_width_px": box_width,
        "box_height_px": box_height,
        "model": prediction.model_name if prediction else "",
        "model_quality": ""
        if prediction is None or prediction.quality is None
        else round(prediction.quality, 4),
        "changed": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(case.changed)) if case.changed else "",
        "note": case.note,
        "sha256": case.sha256,
    }
