"""One hostile item from a seed and a number: the same files every time."""

from __future__ import annotations

import os
import random
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from benchmarks.store.hostile_bytes import mutate
from benchmarks.store.hostile_harm import hostile_store
from benchmarks.store.hostile_lists import ORIGINALS, hostile_index, hostile_live, make_index, make_live
from benchmarks.store.hostile_seeds import bombs, mask_seeds, photo_seeds
from benchmarks.store.hostile_stores import make_stores
from benchmarks.store.hostile_texts import (
    BAD_PATHS,
    NAMES,
    card_text,
    hostile_text,
    names_text,
    settings_text,
)
from tongue_viewer.storage.live_manifest import MANIFEST_NAME

_SHARES = {
    "photo": 470,
    "mask": 130,
    "import": 30,
    "store": 250,
    "settings": 30,
    "card": 40,
    "cache": 25,
    "lock": 10,
    "name": 13,
    "index": 15,
    "live": 30,
}
_SUFFIXES = (".bmp", ".jpg", ".png", ".tif", ".webp")


@dataclass(frozen=True)
class Item:
    """Hostile files in a folder of their own.

    Attributes:
        kind: one of the kinds of `_SHARES`.
        what: the sound file and what was done to it.
        folder: holds all files.
        target: the hostile file.
        originals: names of files, relative to the folder, that nothing may change.
    """

    kind: str
    what: str
    folder: Path
    target: Path
    originals: tuple[str, ...] = ()


def make_seeds(root: Path, *, with_bombs: bool) -> None:
    """Write all sound files below `root`."""
    for name, seeds in (("photo", photo_seeds()), ("mask", mask_seeds())):
        (root / name).mkdir(parents=True)
        for file, data in seeds.items():
            (root / name / file).write_bytes(data)
    (root / "bomb").mkdir()
    for file, make in bombs() if with_bombs else ():
        (root / "bomb" / file).write_bytes(make())
    make_stores(root / "store")
    make_live(root / "store" / "now", root / "live")
    (root / "index").mkdir()
    make_index(root / "index")


@lru_cache(maxsize=4)
def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@lru_cache(maxsize=1)
def _others(seeds: Path) -> list[bytes]:
    """What splices and junk are taken from."""
    databases = [
        (seeds / "store" / name / ".tongue-viewer" / "cases.db").read_bytes() for name in ("now", "v1")
    ]
    return [
        *_files(seeds / "photo").values(),
        *databases,
        settings_text().encode(),
        b"%PDF-1.7",
        b"PK\x03\x04" + bytes(99),
    ]


def kind_of(seed: int, number: int) -> str:
    """The kind of the item of that number."""
    return random.Random(f"{seed}:{number}").choices(list(_SHARES), list(_SHARES.values()))[0]


def make_item(seed: int, number: int, seeds: Path, folder: Path) -> Item:
    """The item of that number, written into `folder`, which must not exist.

    Args:
        seed: of the whole run.
        number: of the item.
        seeds: what `make_seeds` wrote.
        folder: gets the files.
    """
    rng = random.Random(f"{seed}:{number}")
    folder.mkdir(parents=True)
    dear = sorted(path.name for path in (seeds / "bomb").iterdir())
    if number < len(dear):  # each of them once, and hostile as it is
        shutil.copyfile(seeds / "bomb" / dear[number], folder / dear[number])
        return Item("bomb", dear[number], folder, folder / dear[number], (dear[number],))
    kind = rng.choices(list(_SHARES), list(_SHARES.values()))[0]
    if kind in {"photo", "mask"}:
        return _picture(rng, kind, seeds, folder)
    if kind in {"store", "lock"}:
        return _store(rng, kind, seeds, folder)
    if kind in {"settings", "card"}:
        return _settings(rng, seeds, folder) if kind == "settings" else _card(rng, seeds, folder)
    if kind in {"index", "live"}:
        return _list(rng, kind, seeds, folder)
    if kind == "name":
        return _name(rng, seeds, folder)
    return _import(rng, seeds, folder) if kind == "import" else _cache(rng, seeds, folder)


def _picture(rng: random.Random, kind: str, seeds: Path, folder: Path) -> Item:
    name, data = rng.choice(list(_files(seeds / kind).items()))
    data, done = mutate(rng, data, _others(seeds))
    file = Path(name).stem + rng.choice([Path(name).suffix] * 5 + [*_SUFFIXES])
    (folder / file).write_bytes(data)
    return Item(kind, f"{name}: {done}", folder, folder / file, (file,))


def _store(rng: random.Random, kind: str, seeds: Path, folder: Path) -> Item:
    target = folder / ".tongue-viewer" / ("cases.db" if kind == "store" else "cases.lock")
    photos = ("a.bmp", "b.bmp", "c.bmp")
    if kind == "store":
        return Item(kind, hostile_store(rng, seeds / "store", folder, _others(seeds)), folder, target, photos)
    shutil.copytree(seeds / "store" / "now", folder, dirs_exist_ok=True)
    data, done = hostile_text(rng, '{"pid": 1, "host": "h", "user": "u", "since": "s"}', _others(seeds))
    target.write_bytes(data)
    return Item(kind, done, folder, target, photos)


def _list(rng: random.Random, kind: str, seeds: Path, folder: Path) -> Item:
    others = _others(seeds)
    photos = tuple(f"photos/{name}" for name in ORIGINALS)
    if kind == "index":
        done = hostile_index(rng, seeds, folder, others)
        return Item(
            kind, done, folder, folder / "photos.db", (*photos, *(f"twin/{name}" for name in ORIGINALS))
        )
    done = hostile_live(rng, seeds, folder, others)
    return Item(kind, done, folder, folder / "masks" / MANIFEST_NAME, (*photos, "masks/foreign.png"))


def _settings(rng: random.Random, seeds: Path, folder: Path) -> Item:
    data, done = hostile_text(rng, settings_text(), _others(seeds))
    (folder / "settings.json").write_bytes(data)
    return Item("settings", done, folder, folder / "settings.json")


def _card(rng: random.Random, seeds: Path, folder: Path) -> Item:
    files = {
        "bundled/base/card.json": card_text(),
        "bundled/newer/card.json": card_text(),
        "own/older/card.json": card_text(),
        "bundled/default.json": names_text(),
        "own/current.json": names_text(),
    }
    chosen = rng.choice([*files, "bundled/base/card.json", "bundled/base/card.json"])
    data, done = hostile_text(rng, files[chosen], _others(seeds))
    if rng.random() < 0.4:
        del files["bundled/default.json"]
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / chosen).write_bytes(data)
    target = folder / (chosen if chosen.endswith("card.json") else "bundled/base/card.json")
    return Item("card", f"{chosen} {done}", folder, target, (chosen,))


def _cache(rng: random.Random, seeds: Path, folder: Path) -> Item:
    (folder / "photo.png").write_bytes(_files(seeds / "photo")["rgb.png"])
    name, data = rng.choice(list(_files(seeds / "photo").items()))
    done = "another picture"
    if rng.random() < 0.8:
        data, done = mutate(rng, data, _others(seeds))
    (folder / "kept").write_bytes(data)
    return Item("cache", f"{name}: {done}", folder, folder / "kept", ("photo.png",))


def _import(rng: random.Random, seeds: Path, folder: Path) -> Item:
    (folder / "a.png").write_bytes(_files(seeds / "photo")["grey.png"])
    (folder / "masks").mkdir()
    name, data = rng.choice(list(_files(seeds / "mask").items()))
    data, done = mutate(rng, data, _others(seeds))
    target = folder / "masks" / f"a{Path(name).suffix}"
    target.write_bytes(data)
    return Item("import", f"{name}: {done}", folder, target, ("a.png", f"masks/{target.name}"))


def _name(rng: random.Random, seeds: Path, folder: Path) -> Item:
    if rng.random() < 0.3:
        path = folder / "inside" / rng.choice(BAD_PATHS)
        return Item("name", ascii(path.name[:40]), folder, path)
    name = os.fsdecode(rng.choice(NAMES))
    (folder / name).write_bytes(_files(seeds / "photo")["windows8.bmp"])
    (folder / "masks").mkdir()
    (folder / "masks" / name).write_bytes(_files(seeds / "mask")["grey.bmp"])
    return Item("name", ascii(name), folder, folder / name, (name,))
