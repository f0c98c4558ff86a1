"""Hostile files through the program's real entry points."""

from __future__ import annotations

import json
from collections.abc import Callable

from benchmarks.store.hostile_feed_store import (
    feed_import,
    feed_index,
    feed_live,
    feed_lock,
    feed_name,
    feed_store,
)
from benchmarks.store.hostile_items import Item
from benchmarks.store.hostile_watch import Watch, digests
from tongue_viewer.inference.registry import Places, adopted, find_model, list_models, read_card
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photos import photo_size, read_photo, read_reduced
from tongue_viewer.storage.settings_file import load_settings, save_settings
from tongue_viewer.storage.thumbnails import ThumbnailCache, load_thumbnail


def feed(item: Item, watch: Watch) -> None:
    """Give an item to every entry point that reads its kind."""
    before = digests(item.folder)
    _FEEDS[item.kind](item, watch)
    after = digests(item.folder)
    for name in item.originals:
        if after.get(name) != before.get(name):
            watch.problems.append(f"the original {name} was changed")


def _feed_photo(item: Item, watch: Watch) -> None:
    path = item.target
    cache = ThumbnailCache(item.folder / "cache")
    name = path.name
    watch.call("photo_size", lambda: photo_size(path), name)
    watch.call("read_photo", lambda: read_photo(path), name)
    watch.call("read_reduced", lambda: read_reduced(path, 192), name)
    watch.call("load_thumbnail", lambda: load_thumbnail(path, cache=cache), name)
    watch.call("load_thumbnail again", lambda: load_thumbnail(path, cache=cache), name)
    watch.call("read_mask", lambda: read_mask(path), name)


def _feed_bomb(item: Item, watch: Watch) -> None:
    """As a photo; once is enough for what takes seconds."""
    path = item.target
    cache = ThumbnailCache(item.folder / "cache")
    watch.call("photo_size", lambda: photo_size(path), path.name)
    watch.call("read_photo", lambda: read_photo(path), path.name)
    watch.call("load_thumbnail", lambda: load_thumbnail(path, cache=cache), path.name)
    watch.call("read_mask", lambda: read_mask(path), path.name)


def _feed_mask(item: Item, watch: Watch) -> None:
    path = item.target
    watch.call("read_mask", lambda: read_mask(path), path.name)
    watch.call("read_mask of a shape", lambda: read_mask(path, (48, 64)), path.name)
    watch.call("read_photo", lambda: read_photo(path), path.name)


def _feed_settings(item: Item, watch: Watch) -> None:
    found = watch.call("load_settings", lambda: load_settings(item.target))
    if watch.outcomes["load_settings"] == "ok":
        watch.call("save_settings", lambda: save_settings(found, item.folder / "new.json"))  # type: ignore[arg-type]
    kept = [path for path in (item.target, item.folder / "settings.json.damaged") if path.exists()]
    if len(kept) != 1:
        watch.problems.append("the settings that were there are gone")


def _feed_card(item: Item, watch: Watch) -> None:
    places = Places(item.folder / "bundled", item.folder / "own")
    folder = item.target.parent
    named = ("card.json", "current.json", "default.json", "model")
    watch.call("read_card", lambda: read_card(folder), *named)

    def use_card() -> None:
        card = read_card(folder)
        json.dumps([card.to_json(), list(card.class_names)])
        (card.input_size + card.coarse_size) * card.threshold * card.temperature * card.focus_margin
        "; ".join((card.name, card.created, card.sha256, card.description, card.licence, *card.limits))

    watch.call("use of the card", use_card, *named)
    watch.call("list_models", lambda: list_models(places), *named)
    watch.call("find_model", lambda: find_model(None, places), *named)
    watch.call("find_model by name", lambda: find_model("base", places), *named)
    watch.call("adopted", lambda: adopted(places), *named)


def _feed_cache(item: Item, watch: Watch) -> None:
    """The picture that the cache keeps for a photo is a hostile one."""
    photo = item.folder / "photo.png"
    cache = ThumbnailCache(item.folder / "cache")
    load_thumbnail(photo, cache=cache)
    (kept,) = (item.folder / "cache").rglob("*.png")
    kept.unlink()
    item.target.rename(kept)

    def load() -> None:
        thumbnail = load_thumbnail(photo, cache=cache)
        if max(thumbnail.shape[:2]) > 96 or thumbnail.shape[2:] != (3,):
            watch.problems.append(f"a thumbnail of {thumbnail.shape}")

    watch.call("load_thumbnail", load, photo.name)
    watch.call("prune", cache.prune)


_FEEDS: dict[str, Callable[[Item, Watch], None]] = {
    "photo": _feed_photo,
    "bomb": _feed_bomb,
    "mask": _feed_mask,
    "import": feed_import,
    "store": feed_store,
    "settings": _feed_settings,
    "card": _feed_card,
    "cache": _feed_cache,
    "lock": feed_lock,
    "name": feed_name,
    "index": feed_index,
    "live": feed_live,
}
