"""The models that are there: those that come with the program, and the person's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tongue_viewer.core.errors import ModelDamagedError, ModelError, ModelNotFoundError
from tongue_viewer.core.models import CARD_NAME, ModelCard
from tongue_viewer.storage.locations import models_folder, user_models_folder

_MAX_BYTES = 16 << 20

DEFAULT_NAME = "default.json"
"""In the folder of bundled models: `{"name": …}`, the one to use; without it, the newest."""

CURRENT_NAME = "current.json"
"""In the person's folder of models: `{"name": …, "previous": […]}`, the adopted model and those before it."""


@dataclass(frozen=True)
class Places:
    """The two folders whose subfolders are the models.

    Attributes:
        bundled: comes with the program; only read.
        own: the person's; need not exist yet.
    """

    bundled: Path = field(default_factory=models_folder)
    own: Path = field(default_factory=user_models_folder)


@dataclass(frozen=True)
class ModelEntry:
    """One model of the registry.

    Attributes:
        name: of its folder, by which it is asked for.
        folder: holds the card and the weights.
        bundled: comes with the program; cannot be removed.
        current: is used where no model is named.
        card: None where it cannot be read; `problem` says why.
    """

    name: str
    folder: Path
    bundled: bool
    current: bool = False
    card: ModelCard | None = None
    problem: str = ""


def find_model(name_or_path: str | Path | None = None, places: Places | None = None) -> Path:
    """The folder of a model.

    Args:
        name_or_path: None for the current model; a name of the registry; a model's folder; a training run.
        places: None: those of this installation and this person.

    Raises:
        ModelNotFoundError: there is none; the text lists those that there are.
    """
    places = places or Places()
    if name_or_path is None:
        return _current(places)
    named = _named(str(name_or_path), places)
    if named is not None:
        return named
    path = Path(name_or_path).expanduser()
    for folder in (path, path / "model"):
        if (folder / CARD_NAME).is_file():
            return folder
    known = ", ".join(name for name, _, _ in _folders(places)) or "none"
    raise ModelNotFoundError(
        f"There is no model {str(name_or_path)!r}, neither by name nor as a folder with a {CARD_NAME}. "
        f"Models here: {known}. `tongue-viewer models list` shows them."
    )


def list_models(places: Places | None = None) -> list[ModelEntry]:
    """Every model of the registry, the bundled ones first; also those whose card cannot be read."""
    places = places or Places()
    try:
        current: Path | None = _current(places)
    except ModelError:
        current = None
    entries = []
    for name, folder, bundled in _folders(places):
        try:
            card, problem = read_card(folder), ""
        except ModelError as error:
            card, problem = None, str(error)
        entries.append(ModelEntry(name, folder, bundled, folder == current, card, problem))
    return entries


def read_card(folder: Path) -> ModelCard:
    """The card of a model folder, without torch; the weights are not looked at.

    Raises:
        ModelNotFoundError: the folder holds no card.
        ModelDamagedError: the card is not valid.
    """
    path = folder / CARD_NAME
    if not path.is_file():
        raise ModelNotFoundError(
            f"{folder} holds no model: there is no {CARD_NAME} in it. Choose another folder."
        )
    try:
        return ModelCard.from_json(_read_json(path))
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ModelDamagedError(
            f"{path} cannot be read as a model card ({error}). Copy the whole model folder again."
        ) from error


def adopted(places: Places) -> tuple[str, ...]:
    """The names of `current.json`: the adopted model first, then those before it; empty if none was adopted.

    Raises:
        ModelDamagedError: the file cannot be read.
    """
    path = places.own / CURRENT_NAME
    if not path.is_file():
        return ()
    return _names(path, "Delete it to go back to the model that comes with the program.")


def default_model(places: Places) -> Path:
    """The bundled model that is used while none is adopted.

    Raises:
        ModelNotFoundError: no model comes with this installation.
    """
    bundled = {name: folder for name, folder, is_bundled in _folders(places) if is_bundled}
    marker = places.bundled / DEFAULT_NAME
    if marker.is_file():
        wanted = _names(marker, "Install the program again.")[0]
        if wanted in bundled:
            return bundled[wanted]
    dated = [(_created(folder), name, folder) for name, folder in bundled.items()]
    if not dated:
        raise ModelNotFoundError(
            "No model comes with this installation. Name one with --model NAME or --model FOLDER, "
            "or install the program again."
        )
    return max(dated)[2]


def _current(places: Places) -> Path:
    """The adopted model, or the default one; an adopted model that was deleted by hand is passed over."""
    for name in adopted(places):
        folder = _named(name, places)
        if folder is not None:
            return folder
    return default_model(places)


def _named(name: str, places: Places) -> Path | None:
    """The folder of a registry name; the person's own model wins over a bundled one of the same name."""
    found = [folder for known, folder, _ in _folders(places) if known == name]
    return found[-1] if found else None


def _folders(places: Places) -> Iterator[tuple[str, Path, bool]]:
    """Name, folder and whether it is bundled, of every folder with a card."""
    for root, bundled in ((places.bundled, True), (places.own, False)):
        if root.is_dir():
            for folder in sorted(root.iterdir()):
                if (folder / CARD_NAME).is_file() and not folder.name.startswith("."):
                    yield folder.name, folder, bundled


def _names(path: Path, remedy: str) -> tuple[str, ...]:
    """The names in `DEFAULT_NAME` or `CURRENT_NAME`, the one to use first."""
    try:
        values = _read_json(path)
        return (str(values["name"]), *(str(name) for name in values.get("previous", ())))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelDamagedError(f"{path} cannot be read ({error}). {remedy}") from error


def _read_json(path: Path) -> Any:
    """The values of a file that anyone may have written.

    Raises:
        OSError, ValueError, RecursionError: unreadable, too long, no JSON, or nested without end.
    """
    if path.stat().st_size > _MAX_BYTES:
        raise ValueError(f"it has more than {_MAX_BYTES} bytes")
    return json.loads(path.read_text("utf-8"))


def _created(folder: Path) -> str:
    """When a model was made, ISO 8601; "", the last choice, where its card cannot be read."""
    try:
        return read_card(folder).created
    except ModelError:
        return ""
