"""Hostile files through the program's real entry points, and what is taken for a right answer.

Right is success, or an exception of the program's own tree whose text is a sentence that names the file.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import resource
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.store.hostile_items import Item
from tests.unit.storage.store_makers import make_mask, make_prediction, make_step
from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.core.errors import StoreCorruptError, StoreNewerError, TongueViewerError
from tongue_viewer.core.events import CaseFailed
from tongue_viewer.core.photo import Photo
from tongue_viewer.inference.registry import Places, adopted, find_model, list_models, read_card
from tongue_viewer.jobs.import_masks import import_masks, pair_masks
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.case_store_lock import holder_text
from tongue_viewer.storage.folder import list_photos
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photos import photo_size, read_photo, read_reduced
from tongue_viewer.storage.settings_file import load_settings, save_settings
from tongue_viewer.storage.thumbnails import ThumbnailCache, load_thumbnail

CPU_SECONDS = 5
MEMORY_BYTES = 2 << 30
_MESSAGE_CHARACTERS = 3000
_EVEN_IF_DEAD = 2


@dataclass
class Watch:
    """What an item's calls did.

    Attributes:
        outcomes: call → "ok" or the name of the exception.
        problems: one text for each thing that is not right.
        seconds: processor time of the slowest call.
        slowest: its name.
    """

    outcomes: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0
    slowest: str = ""

    def call(self, name: str, function: Callable[[], object], *named: str) -> object:
        """Call an entry point; `named`: texts of which an error must hold one. Returns its result, or None."""
        _limit_processor()
        start = time.process_time()
        result: object = None
        try:
            result = function()
            self.outcomes[name] = "ok"
        except TongueViewerError as error:
            self.outcomes[name] = type(error).__name__
            self.judge(name, str(error), named)
        except BaseException as error:  # noqa: BLE001 - whatever comes out is what is looked for
            place = traceback.extract_tb(error.__traceback__)[-1]
            self.outcomes[name] = type(error).__name__
            self.problems.append(
                f"{name}: {type(error).__name__}: {str(error)[:200]!r} at {Path(place.filename).name}:{place.lineno}"
            )
        spent = time.process_time() - start
        if spent > self.seconds:
            self.seconds, self.slowest = spent, name
        if spent > CPU_SECONDS:
            self.problems.append(f"{name}: {spent:.1f} s of processor time")
        return result

    def judge(self, name: str, text: str, named: tuple[str, ...]) -> None:
        """Whether a message is a sentence that holds one of the texts in `named`."""
        if named and not any(word in text for word in named):
            self.problems.append(f"{name}: the message names no file: {text[:200]!r}")
        if not text.rstrip().endswith((".", ".)")) or len(text) > _MESSAGE_CHARACTERS:
            self.problems.append(
                f"{name}: the message is no sentence ({len(text)} characters): {text[-200:]!r}"
            )
        if "not enough memory" in text:
            self.problems.append(f"{name}: memory: {text[:200]!r}")


def _limit_processor() -> None:
    """The kernel ends this process when a call goes on for much longer than it may, wherever it is."""
    spent = int(time.process_time()) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + CPU_SECONDS + _EVEN_IF_DEAD, hard))


def feed(item: Item, watch: Watch) -> None:
    """Give an item to every entry point that reads its kind."""
    before = digests(item.folder)
    _FEEDS[item.kind](item, watch)
    after = digests(item.folder)
    for name in item.originals:
        if after.get(name) != before.get(name):
            watch.problems.append(f"the original {name} was changed")


def digests(folder: Path) -> dict[str, str]:
    """Relative name → digest of every regular file below a folder."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place) / name
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    found[os.path.relpath(path, folder)] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


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


def _feed_import(item: Item, watch: Watch) -> None:
    photos = watch.call("list_photos", lambda: list_photos(item.folder), str(item.folder))
    pairs, _ = pair_masks(photos if isinstance(photos, list) else [], item.folder / "masks")

    def run() -> None:
        with CaseStore.open(item.folder, user_name="anna") as store:
            for event in import_masks(CancelToken(), store=store, pairs=pairs):
                if isinstance(event, CaseFailed):
                    watch.judge("import_masks", event.message, (item.target.name, event.path.name))

    watch.call("import_masks", run, item.target.name, "cases.db")


def _feed_store(item: Item, watch: Watch) -> None:
    database = item.folder / ".tongue-viewer"
    repairs = any(_size(database / f"cases.db{end}") for end in ("-journal", "-wal"))
    before = digests(item.folder)
    _use_store(item, watch, read_only=True)
    # A journal beside it means that a change was cut off: then only a writer can read at all.
    if not repairs and (changed := _changed(before, digests(item.folder))):
        watch.problems.append(f"reading changed {changed}")
    before = digests(item.folder)
    refused = _use_store(item, watch, read_only=False)
    if refused in {StoreCorruptError.__name__, StoreNewerError.__name__} and not repairs:
        changed = _changed(before, digests(item.folder))
        if changed:
            watch.problems.append(f"{refused}, but {changed} changed")


def _changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The files that are not as before; the lock is the program's own, shared memory and an empty log SQLite's."""
    names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    empty = hashlib.sha256().hexdigest()
    mine = {
        name
        for name in names
        if name.endswith("-wal") and {before.get(name), after.get(name)} <= {None, empty}
    }
    return sorted(name for name in names - mine if not name.endswith(("cases.lock", "-shm")))


def _size(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_size
    return 0


def _use_store(item: Item, watch: Watch, *, read_only: bool) -> str:
    """Everything that the program does with a database; returns how opening it went."""
    how = "reading" if read_only else "writing"
    paths = sorted(path for path in item.folder.iterdir() if path.suffix == ".bmp")
    names = ("cases.db", str(item.folder), *(path.name for path in paths), "gone.bmp", "case")
    opened: list[CaseStore] = []

    def call(name: str, function: Callable[[CaseStore], object]) -> object:
        return watch.call(f"{name} ({how})", lambda: function(opened[0]), *names)

    watch.call(
        f"open ({how})",
        lambda: opened.append(CaseStore.open(item.folder, user_name="anna", read_only=read_only)),
        *names,
    )
    if not opened:
        return watch.outcomes[f"open ({how})"]
    try:
        call("summaries", lambda store: store.summaries(paths))
        cases = call("names", lambda store: store.names())
        for path in paths:
            call("load", lambda store, path=path: store.load(read_photo(path)))  # type: ignore[misc]
        index = call("stored_index", lambda store: store.stored_index())
        for summary in index if isinstance(index, tuple) else ():
            call("stored_case", lambda store, summary=summary: store.stored_case(summary.case_id))  # type: ignore[misc]
        for case_id in list(cases)[:4] if isinstance(cases, dict) else ():
            call("audit", lambda store, case_id=case_id: store.audit(case_id))  # type: ignore[misc]
        call("verify", lambda store: store.verify())
        if not read_only and paths:
            _write(call, read_photo(paths[-1]), next(iter(cases), "") if isinstance(cases, dict) else "")
    finally:
        opened[0].close()
    return "ok"


def _write(call: Callable[[str, Callable[[CaseStore], object]], object], photo: Photo, case: str) -> None:
    shape = photo.shape
    call(
        "save_prediction",
        lambda store: store.save_prediction(photo, make_prediction(shape), make_mask(3, shape)),
    )
    if case:
        call("save_step", lambda store: store.save_step(make_step(case, make_mask(4, shape), 77)))
        call("set_status", lambda store: store.set_status(case, CaseStatus.FLAGGED, "why"))
    call("set_failed", lambda store: store.set_failed(photo.path, "it was gone"))


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


def _feed_lock(item: Item, watch: Watch) -> None:
    watch.call("holder_text", lambda: holder_text(item.target))
    _feed_store(item, watch)


def _feed_name(item: Item, watch: Watch) -> None:
    """A photo with a hostile name, or a path that no photo has."""
    path = item.target
    if not item.originals:
        watch.call("read_photo", lambda: read_photo(path))
        watch.call("photo_size", lambda: photo_size(path))
        watch.call(
            "load_thumbnail", lambda: load_thumbnail(path, cache=ThumbnailCache(item.folder / "cache"))
        )
        watch.call("read_mask", lambda: read_mask(path))
        return
    watch.call("read_photo", lambda: read_photo(path), path.name)
    _feed_store(item, watch)
    _feed_import(item, watch)


_FEEDS: dict[str, Callable[[Item, Watch], None]] = {
    "photo": _feed_photo,
    "bomb": _feed_bomb,
    "mask": _feed_mask,
    "import": _feed_import,
    "store": _feed_store,
    "settings": _feed_settings,
    "card": _feed_card,
    "cache": _feed_cache,
    "lock": _feed_lock,
    "name": _feed_name,
}


@contextlib.contextmanager
def peak_memory() -> Iterator[list[int]]:
    """Gives a list that holds the most memory of this process inside the block, in bytes, after it."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    yield found
    lines = Path("/proc/self/status").read_text().splitlines()
    found.extend(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
