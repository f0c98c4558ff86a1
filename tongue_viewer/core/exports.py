"""What is exported, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

ExportFormat = Literal["mask", "overlay", "cutout", "probability", "csv", "coco", "labelme", "html"]
ImageFormat = Literal["same", "png", "bmp", "tiff"]
MaskValues = Literal["0/255", "0/1"]

EXPORT_FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)
IMAGE_FORMATS: tuple[ImageFormat, ...] = get_args(ImageFormat)
MASK_VALUES: tuple[MaskValues, ...] = get_args(MaskValues)


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

    def __post_init__(self) -> None:
        for kind in self.formats:
            _check("export format", kind, EXPORT_FORMATS)
        _check("image format", self.image_format, IMAGE_FORMATS)
        _check("mask value", self.values, MASK_VALUES)


@dataclass(frozen=True)
class FileResult:
    """What came of one photo: the files written, or the reason why not."""

    source: Path
    written: tuple[Path, ...] = ()
    error: str = ""


def _check(what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"there is no {what} {value!r}; choose one of {', '.join(known)}")
