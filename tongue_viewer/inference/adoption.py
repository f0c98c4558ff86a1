"""Making a trained model the current one, going back, and removing models."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from tongue_viewer.core.errors import ModelError, ModelNotFoundError, UsageError, WriteError
from tongue_viewer.inference.forms import form_files, verify_forms
from tongue_viewer.inference.registry import CURRENT_NAME, Places, adopted, find_model, list_models, read_card
from tongue_viewer.storage.atomic import describe_failure, write_atomically
from tongue_viewer.storage.locations import ensure_folder

_KEPT = 20  # earlier models that a roll-back can reach


def adopt(name_or_path: str | Path, places: Places | None = None, *, verify: bool = True) -> Path:
    """Make a model the current one; a model outside the registry (a training run) is copied into it first.

    Args:
        name_or_path: a name of the registry, a model's folder or a training run.
        places: None: those of this installation and this person.
        verify: read the weights and other forms and compare them with the card first (this loads torch).

    Returns:
        The model's folder in the registry.

    Raises:
        ModelError: there is no such model, or it is damaged.
        WriteError: nothing was changed.
    """
    places = places or Places()
    folder = find_model(name_or_path, places)
    if verify:
        from tongue_viewer.network.weights import verify_model

        verify_model(folder)
        verify_forms(folder, read_card(folder))
    if folder.resolve().parent not in (places.bundled.resolve(), places.own.resolve()):
        folder = _copy(folder, places)
    before = _current_name(places)
    history = [name for name in (before, *adopted(places)) if name]
    others = [name for name in dict.fromkeys(history) if name != folder.name]
    _write_current(places, (folder.name, *others[:_KEPT]))
    return folder


def rollback(places: Places | None = None) -> Path:
    """Make the model before the last adoption the current one again.

    Returns:
        The folder of the model that is current now.

    Raises:
        UsageError: no model was adopted before.
        WriteError: nothing was changed.
    """
    places = places or Places()
    names = adopted(places)
    known = {entry.name for entry in list_models(places)}
    left = tuple(name for name in names[1:] if name in known)
    if not left:
        raise UsageError(
            "There is no earlier model to go back to. "
            "`tongue-viewer models adopt NAME` makes another one current."
        )
    _write_current(places, left)
    return find_model(left[0], places)


def remove(name: str, places: Places | None = None) -> Path:
    """Delete one of the person's own models.

    Returns:
        The folder that is gone.

    Raises:
        ModelNotFoundError: there is no such model.
        UsageError: it comes with the program, or it is the current one.
        WriteError: it could not be deleted.
    """
    places = places or Places()
    own = [entry for entry in list_models(places) if entry.name == name and not entry.bundled]
    if not own:
        if any(entry.name == name for entry in list_models(places)):
            raise UsageError(f"The model {name} comes with the program and cannot be removed.")
        find_model(name, places)  # names the models that there are
        raise ModelNotFoundError(f"{name} is no model of the registry: delete its folder yourself.")
    if own[0].current:
        raise UsageError(
            f"The model {name} is the current one. Go back with `tongue-viewer models rollback`, "
            "or adopt another one, then remove it."
        )
    try:
        shutil.rmtree(own[0].folder)
    except OSError as error:
        raise WriteError(
            f"The model {own[0].folder} could not be removed completely ({error.strerror}). "
            "Delete it by hand."
        ) from error
    return own[0].folder


def _current_name(places: Places) -> str:
    """The registry name of what is current now, or "" where there is none."""
    return next((entry.name for entry in list_models(places) if entry.current), "")


def _copy(folder: Path, places: Places) -> Path:
    """The model of `folder` in the registry: complete under a hidden name first, then renamed."""
    card = read_card(folder)
    safe = re.sub(r"[^\w.-]+", "-", card.name).strip("-.") or "model"
    taken = {entry.name: entry for entry in list_models(places)}
    for name in (safe, *(f"{safe}-{number}" for number in range(2, 1000))):
        entry = taken.get(name)
        if entry is None:
            break
        if entry.card is not None and entry.card.sha256 == card.sha256:
            return entry.folder
    else:
        raise ModelError(f"There are too many models of the name {safe}; remove some of them.")
    ensure_folder(places.own)
    part, target = places.own / f".{name}.part", places.own / name
    try:
        if part.exists():
            shutil.rmtree(part)
        part.mkdir()
        for file in ("card.json", *card.files, *form_files(card)):
            (part / file).parent.mkdir(exist_ok=True)
            shutil.copyfile(folder / file, part / file)
        part.rename(target)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise WriteError(describe_failure(target, error)) from error
    return target


def _write_current(places: Places, names: tuple[str, ...]) -> None:
    ensure_folder(places.own)
    text = json.dumps({"name": names[0], "previous": list(names[1:])}, indent=2, ensure_ascii=False)
    write_atomically(places.own / CURRENT_NAME, (text + "\n").encode())
