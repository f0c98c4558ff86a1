"""What is exported, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ExportFormat = Literal["mask", "overlay", "cutout", "probability", "csv"]
ImageFormat = Literal["same", "png", "bmp", "tiff"]
MaskValues = Literal["0/255", "0/1"]


@dataclass(frozen=True)
class ExportPlan:
    """The person's choices for an export.

    Attributes:
        formats: what to write for each photo.
        image_format: of the mask files; "same" = the photo's own where that is lossless, else PNG.
        values: background and tongue in the mask files; 0/1 looks black in most viewers.
        overwrite: whether files that exist may be replaced.
    """

    formats: tuple[ExportFormat, ...] = ("mask",)
    image_format: ImageFormat = "same"
    values: MaskValues = "0/255"
    overwrite: bool = False


@dataclass(frozen=True)
class FileResult:
    """What came of one photo: the files written, or the reason why not."""

    source: Path
    written: tuple[Path, ...] = ()
    error: str = ""
