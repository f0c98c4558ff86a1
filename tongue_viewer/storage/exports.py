"""Writing a photo's mask and the pictures made from it; a photo itself is never written.

Names: OUT/NAME.EXT is the mask, NAME_overlay.png, NAME_cutout.png and NAME_probability.png stand beside
it. NAME is the photo's stem, or its whole name where two photos share a stem; photos of subfolders go to
subfolders of the same name.
"""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tongue_viewer.core.errors import WriteError
from tongue_viewer.core.exports import ExportPlan
from tongue_viewer.core.photo import MaskArray, Photo, ProbabilityArray
from tongue_viewer.core.render import cutout, overlay
from tongue_viewer.storage.atomic import write_atomically
from tongue_viewer.storage.folder import EXPORT_MARKER
from tongue_viewer.storage.locations import ensure_folder
from tongue_viewer.storage.masks import MASK_SUFFIXES, encode_mask

_SUFFIX = {"png": ".png", "bmp": ".bmp", "tiff": ".tif"}


def plan_names(photos: Sequence[Path], plan: ExportPlan, root: Path | None = None) -> dict[Path, str]:
    """Decide for every photo of an export the NAME of its files, so that no file is written twice.

    Two names that differ only in capitals count as one, as they do on Windows and macOS.

    Args:
        photos: all photos of the export, in a fixed order.
        plan: the kinds of files.
        root: the folder below which subfolders are kept; by default the photos' common folder.

    Returns:
        Photo → NAME for `export_case`, with "/" between folders.
    """
    if root is None and photos:
        root = Path(os.path.commonpath([photo.parent.absolute() for photo in photos]))
    folders = {photo: _relative_folder(photo, root) for photo in photos}
    stems = Counter((folders[photo].casefold(), photo.stem.casefold()) for photo in photos)
    used: set[str] = set()
    names: dict[Path, str] = {}
    for photo in photos:
        alone = stems[folders[photo].casefold(), photo.stem.casefold()] == 1
        for name in _candidates(photo, alone=alone):
            full = folders[photo] + name
            files = {file.casefold() for file in output_names(full, photo.suffix, plan).values()}
            if not files & used:
                used |= files
                names[photo] = full
                break
    return names


def output_names(name: str, photo_suffix: str, plan: ExportPlan) -> dict[str, str]:
    """The files of one photo: format → path inside OUT; "csv" is not among them.

    Args:
        name: NAME from `plan_names`.
        photo_suffix: of the photo's own file, such as ".bmp".
        plan: the kinds of files.
    """
    suffix = _SUFFIX.get(plan.image_format) or (
        photo_suffix if photo_suffix.lower() in MASK_SUFFIXES else ".png"
    )
    # A NAME that kept the photo's suffix (a.bmp beside a.jpg) needs no second one.
    mask = name if name.lower().endswith(suffix.lower()) else name + suffix
    known = {
        "mask": mask,
        "overlay": f"{name}_overlay.png",
        "cutout": f"{name}_cutout.png",
        "probability": f"{name}_probability.png",
    }
    return {kind: known[kind] for kind in plan.formats if kind in known}


def export_case(
    out: Path,
    photo: Photo,
    mask: MaskArray,
    plan: ExportPlan,
    *,
    name: str | None = None,
    probability: ProbabilityArray | None = None,
    originals: frozenset[str] = frozenset(),
) -> tuple[Path, ...]:
    """Write the files of one photo; all are checked and made before the first byte goes to the disk.

    Args:
        out: the folder; created where it does not exist.
        photo: the photo.
        mask: (H, W) uint8, 0 = background, 1 = tongue, of the photo's size.
        plan: the kinds of files; "csv" is written by `write_table`, once.
        name: NAME from `plan_names`; by default the photo's stem.
        probability: (1, H, W) float32 0..1, needed for "probability".
        originals: of all photos of the export, from `real_paths`; none of them is written.

    Returns:
        The files written, in the order of the plan.

    Raises:
        WriteError: a name is that of a photo or, without `overwrite`, of any file; or the disk refused.
        MaskError: the mask does not fit.
    """
    names = output_names(name or photo.path.stem, photo.path.suffix, plan)
    targets = {kind: out / file for kind, file in names.items()}
    if not targets:
        return ()
    for target in targets.values():
        _check_target(target, photo.path, plan, originals)
    files = {
        target: _encode(kind, target, photo, mask, plan=plan, probability=probability)
        for kind, target in targets.items()
    }
    for folder in {target.parent for target in files}:
        ensure_folder(folder)
    mark_exports(out, photo.path.parent)
    for target, data in files.items():
        write_atomically(target, data)
    return tuple(targets.values())


def export_mask(
    out: Path, photo: Photo, mask: MaskArray, plan: ExportPlan, *, name: str | None = None
) -> Path:
    """Write the mask alone; arguments and errors as `export_case`."""
    only = ExportPlan(("mask",), plan.image_format, plan.values, plan.overwrite)
    return export_case(out, photo, mask, only, name=name)[0]


def mask_file(
    out: Path, photo: Photo, mask: MaskArray, plan: ExportPlan, *, name: str | None = None
) -> tuple[Path, bytes]:
    """The file that `export_mask` would write and its bytes; checked, and nothing is written.

    Raises:
        WriteError, MaskError: as `export_case`.
    """
    target = out / output_names(name or photo.path.stem, photo.path.suffix, plan)["mask"]
    _check_target(target, photo.path, plan, frozenset())
    return target, _encode("mask", target, photo, mask, plan=plan, probability=None)


def real_paths(photos: Sequence[Path]) -> frozenset[str]:
    """The photos behind all links, in the spelling that this system compares; for `export_case`."""
    return frozenset(os.path.normcase(os.path.realpath(photo)) for photo in photos)


def mark_exports(out: Path, opened: Path) -> None:
    """Mark an existing export folder below a folder of photos, so that listing that one leaves it out.

    `export_case` does this for the photo's own folder; an export of photos from subfolders calls it with the
    folder that was opened.

    Raises:
        WriteError: the mark cannot be written.
    """
    folder, above = Path(os.path.realpath(out)), Path(os.path.realpath(opened))
    if above in folder.parents and not (folder / EXPORT_MARKER).exists():
        write_atomically(folder / EXPORT_MARKER, b"")


def write_table(path: Path, rows: Sequence[Mapping[str, object]], *, overwrite: bool = False) -> Path:
    """Write a CSV table, UTF-8 with a byte-order mark, without which Excel misreads Chinese names.

    Args:
        path: the file; its folder is created.
        rows: one mapping for each line; the columns are the union of their keys, in order of appearance.
        overwrite: replace a file that stands there.

    Raises:
        WriteError: nothing was written, and what stood there is intact.
    """
    if path.exists() and not overwrite:
        raise _exists(path)
    columns = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    ensure_folder(path.parent)
    write_atomically(path, text.getvalue().encode("utf-8-sig"))
    return path


def _relative_folder(photo: Path, root: Path | None) -> str:
    """The subfolders of `root` that a photo is in, as "a/b/"; empty for one in `root` or elsewhere."""
    folder, base = photo.parent.absolute(), (root or photo.parent).absolute()
    if folder == base or base not in folder.parents:
        return ""
    return PurePath(folder.relative_to(base)).as_posix() + "/"


def _candidates(photo: Path, *, alone: bool) -> Iterator[str]:
    if alone:
        yield photo.stem
    yield photo.name
    number = 2
    while True:
        yield f"{photo.name}~{number}"
        number += 1


def _check_target(target: Path, photo: Path, plan: ExportPlan, originals: frozenset[str]) -> None:
    if not os.path.lexists(target):
        return
    real = Path(os.path.realpath(target))
    # In the photos' own folder nothing is replaced at all: what stands there may be the only copy of a photo.
    photo_folders = {Path(os.path.realpath(photo)).parent, Path(os.path.realpath(photo.parent))}
    is_photo = target.exists() and target.samefile(photo)
    if real.parent in photo_folders or is_photo or os.path.normcase(real) in originals:
        raise WriteError(
            f"{target} was not written: a file of that name stands among the photos. "
            "No photo is ever replaced, and all are intact. Choose another folder for the export."
        )
    if not plan.overwrite:
        raise _exists(target)


def _exists(target: Path) -> WriteError:
    return WriteError(
        f"{target} was not written: it exists already. It is intact. Choose another folder, or overwrite."
    )


def _encode(
    kind: str,
    target: Path,
    photo: Photo,
    mask: MaskArray,
    *,
    plan: ExportPlan,
    probability: ProbabilityArray | None,
) -> bytes:
    if mask.shape != photo.shape:
        raise WriteError(
            f"{target} was not written: the mask is {mask.shape[1]}×{mask.shape[0]} pixels, "
            f"the photo {photo.shape[1]}×{photo.shape[0]}. Predict the photo again."
        )
    if kind == "mask":
        return encode_mask(mask, target.suffix, values=plan.values)
    if kind == "overlay":
        return _png(overlay(photo.rgb, mask))
    if kind == "cutout":
        return _png(cutout(photo.rgb, mask))
    if probability is None:
        raise WriteError(
            f"{target} was not written: the model's probability is not kept. Predict the photo again."
        )
    return _png(np.rint(probability[0] * 255).astype(np.uint8))


def _png(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()
