"""Other forms of a model's weights beside them in its folder, for example int8 for OpenVINO.

A form is named in the card (`ModelCard.forms`) with the digests of its files and the identity of the weights that it
was made from; where either does not fit, the form is not used. Neither torch nor OpenVINO is needed here.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from tongue_viewer.core.errors import ModelDamagedError, WriteError
from tongue_viewer.core.models import CARD_NAME, ModelCard
from tongue_viewer.storage.atomic import describe_failure, write_atomically

INT8 = "openvino-int8"
"""Name of the form, of its folder, and of the engine that runs it."""

MAX_FILE_BYTES = 95_000_000
"""Common hosts of source code refuse files of 100 MB."""

_REMEDY = "Copy the whole model folder again, or make the form again: tongue-viewer models quantize."


def form_files(card: ModelCard) -> tuple[str, ...]:
    """The files of all forms, relative to the model's folder."""
    return tuple(name for form in card.forms.values() for name in form.get("files", ()))


def verify_forms(folder: Path, card: ModelCard) -> None:
    """Compare the files of every form with the card.

    Raises:
        ModelDamagedError: naming the first file that does not fit.
    """
    for name in card.forms:
        verify_form(folder, card, name)


def verify_form(folder: Path, card: ModelCard, name: str) -> Path:
    """The description (model.xml) of a form whose files are those of the card.

    Raises:
        ModelDamagedError: a file is missing or changed, or the form belongs to other weights.
    """
    form = card.forms[name]
    files = form.get("files")
    needed = {f"{name}/model.xml", f"{name}/model.bin"}
    if not isinstance(files, Mapping) or not needed <= set(files):
        raise ModelDamagedError(f"{folder / CARD_NAME} names no files of its form {name}. {_REMEDY}")
    if form.get("weights_sha256") != card.sha256:
        raise ModelDamagedError(f"The form {name} in {folder} was made from other weights. {_REMEDY}")
    for file, digest in files.items():
        if file != f"{name}/{PurePosixPath(file).name}" or PurePosixPath(name).name != name:
            raise ModelDamagedError(
                f"{folder / CARD_NAME} names a file outside its folder: {file}. {_REMEDY}"
            )
        if file_digest(folder / file) != digest:
            raise ModelDamagedError(f"{folder / file} is damaged: its checksum is not the card's. {_REMEDY}")
    return folder / name / "model.xml"


def describe_form(folder: Path, name: str, card: ModelCard, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What the card says of the form whose files stand in `folder/name`: digests, weights, `facts`."""
    files = {f"{name}/{path.name}": file_digest(path) for path in sorted((folder / name).iterdir())}
    return {"files": files, "weights_sha256": card.sha256, **facts}


def install_form(folder: Path, name: str, made: Path, form: Mapping[str, Any]) -> None:
    """Move the files of a form into a model's folder and name them in its card.

    The card names no form while files change: at every moment it fits what stands beside it.

    Args:
        folder: of the model.
        name: of the form.
        made: folder that holds the form's files; copied.
        form: see `describe_form`.

    Raises:
        WriteError: disk full, no permission, or a file is larger than `MAX_FILE_BYTES`; the model still works.
    """
    for path in made.iterdir():
        if path.stat().st_size > MAX_FILE_BYTES:
            raise WriteError(f"{path.name} of the form {name} has {path.stat().st_size:,} bytes: too large.")
    card_path, target = folder / CARD_NAME, folder / name
    part = folder / f".{name}-{secrets.token_hex(4)}.part"
    try:
        shutil.copytree(made, part)
        values: dict[str, Any] = json.loads(card_path.read_text("utf-8"))
        forms = {key: value for key, value in values.get("forms", {}).items() if key != name}
        if target.exists():
            _write_card(card_path, {**values, "forms": forms})
            shutil.rmtree(target)
        part.rename(target)
    except OSError as error:
        raise WriteError(describe_failure(target, error)) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    _write_card(card_path, {**values, "forms": {**forms, name: dict(form)}})


def _write_card(path: Path, values: Mapping[str, Any]) -> None:
    text = json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(path, (text + "\n").encode())


def file_digest(path: Path) -> str:
    """sha256 of a file, "" where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
