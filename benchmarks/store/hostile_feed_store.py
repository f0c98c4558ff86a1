"""Hostile case databases, imports, lists of masks and names through the entry points that read them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.store.hostile_items import Item
from benchmarks.store.hostile_watch import Watch, changed_files, digests
from tests.unit.storage.store_makers import make_mask, make_prediction, make_step
from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseStatus, CaseSummary
from tongue_viewer.core.errors import StoreCorruptError, StoreNewerError
from tongue_viewer.core.history import LogEntry
from tongue_viewer.core.imports import ImportChoice, ImportScanned, MaskPair, MaskRefused
from tongue_viewer.core.live import LiveReport
from tongue_viewer.core.mask_polarity import Turning
from tongue_viewer.core.photo import Photo
from tongue_viewer.jobs.import_masks import import_masks
from tongue_viewer.jobs.import_scan import hand_made, scan_masks
from tongue_viewer.jobs.library import Library
from tongue_viewer.jobs.live_export import LiveFolder
from tongue_viewer.jobs.offers import decline_offer, find_offer, take_over
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.case_store_lock import holder_text
from tongue_viewer.storage.folder import list_photos
from tongue_viewer.storage.live_manifest import read_manifest
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photo_index import IndexedCase, PhotoIndex
from tongue_viewer.storage.photos import photo_size, read_photo
from tongue_viewer.storage.thumbnails import ThumbnailCache, load_thumbnail

_CHOICES = (
    ImportChoice(),
    ImportChoice(turning=Turning.INVERTED),
    ImportChoice(CaseStatus.REVIEWED, overwrite=True, turning=Turning.ALL),
)
_REVISIONS = (0, 7, -1)
_FEW = 3

Call = Callable[[str, Callable[[CaseStore], object]], object]


def feed_import(item: Item, watch: Watch) -> None:
    """Look through the folder of masks, then take what can be taken, in each way that a person can choose."""
    named = (item.target.name, "cases.db", str(item.folder))
    listed = watch.call("list_photos", lambda: list_photos(item.folder), str(item.folder))
    paths: list[Path] = listed if isinstance(listed, list) else []
    scanned: list[MaskPair] = []

    def scan(store: CaseStore) -> None:
        masks = item.folder / "masks"
        for event in scan_masks(CancelToken(), photos=paths, masks=masks, by_hand=hand_made(store)):
            if isinstance(event, ImportScanned):
                scanned.extend(event.pairs)
                for problem in event.problems:
                    watch.judge("scan_masks", problem.error, (*named, problem.source.name))

    def take(store: CaseStore, choice: ImportChoice) -> None:
        for event in import_masks(CancelToken(), store=store, pairs=scanned, choice=choice):
            if isinstance(event, MaskRefused):
                watch.judge("import_masks", event.reason, (*named, event.photo.name))

    opened = watch.call("open", lambda: CaseStore.open(item.folder, user_name="anna"), *named)
    if not isinstance(opened, CaseStore):
        return
    with opened:
        watch.call("scan_masks", lambda: scan(opened), *named)
        # What was scanned can be another file by the time that it is taken: all that belong together are tried.
        same = [path for path in paths if path.stem == item.target.stem]
        scanned.extend(MaskPair(path, item.target) for path in same)
        for choice in _CHOICES:
            watch.call(f"import_masks {choice.turning.name}", partial(take, opened, choice), *named)


def feed_store(item: Item, watch: Watch) -> None:
    """Read all of a database, then write to it."""
    database = item.folder / ".tongue-viewer"
    repairs = any(_size(database / f"cases.db{end}") for end in ("-journal", "-wal"))
    before = digests(item.folder)
    _use_store(item, watch, read_only=True)
    # A journal beside it means that a change was cut off: then only a writer can read at all.
    if not repairs and (changed := changed_files(before, digests(item.folder))):
        watch.problems.append(f"reading changed {changed}")
    before = digests(item.folder)
    refused = _use_store(item, watch, read_only=False)
    if refused in {StoreCorruptError.__name__, StoreNewerError.__name__} and not repairs:
        changed = changed_files(before, digests(item.folder))
        if changed:
            watch.problems.append(f"{refused}, but {changed} changed")


def _size(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_size
    return 0


def _use_store(item: Item, watch: Watch, *, read_only: bool) -> str:
    """Everything that the program does with a database; returns how opening it went."""
    how = "reading" if read_only else "writing"
    paths = sorted(path for path in item.folder.iterdir() if path.suffix == ".bmp")
    names = ("cases.db", str(item.folder), *(path.name for path in paths), "gone.bmp", "case", "edit log")
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
        lines = call("summaries", lambda store: store.summaries(paths))
        watch.call(f"use of the lines ({how})", lambda: [_show(line) for line in lines or ()])  # type: ignore[attr-defined]
        cases = call("names", lambda store: store.names())
        if isinstance(cases, dict):
            names = (*names, *(name[:200] for name in cases.values()))
        for path in paths:
            call("load", lambda store, path=path: store.load(read_photo(path)))  # type: ignore[misc]
        _read_all(call)
        for case_id in list(cases)[:_FEW] if isinstance(cases, dict) else ():
            _read_case(call, case_id)
        call("verify", lambda store: store.verify())
        if not read_only and paths:
            case_ids = list(cases) if isinstance(cases, dict) else []
            _write(call, [read_photo(path) for path in paths], case_ids)
            call("verify after it", lambda store: store.verify())
    finally:
        opened[0].close()
    return "ok"


def _show(line: CaseSummary) -> str:
    """What the list does with a line: text beside text, sorted by its numbers."""
    words = " ".join((line.case_id, line.status.value, line.note, line.reviewed_by))
    return f"{words} {time.ctime(line.changed)} {(line.quality or 0.0) + 1:.2f}"


def _show_entry(entry: LogEntry) -> str:
    words = " ".join((entry.user, entry.action, entry.tool, entry.status.value, entry.note, entry.model))
    return f"{words} {time.ctime(entry.made)} {(entry.threshold or 0.0) + 1:.2f}"


def _read_all(call: Call) -> None:
    index = call("stored_index", lambda store: store.stored_index())
    for summary in index if isinstance(index, tuple) else ():
        call("stored_case", lambda store, summary=summary: store.stored_case(summary.case_id))  # type: ignore[misc]
    call("stored edited", lambda store: list(store.stored("edited")))
    call("stored reviewed", lambda store: list(store.stored("reviewed")))


def _read_case(call: Call, case_id: str) -> None:
    call("audit", lambda store: store.audit(case_id))
    log = call("history", lambda store: store.history(case_id))
    call("use of the history", lambda _: [_show_entry(entry) for entry in log or ()])  # type: ignore[attr-defined]
    numbers = [entry.number for entry in log][-_FEW:] if isinstance(log, tuple) else []
    for number in (*_REVISIONS, *numbers):
        call("revision", lambda store, number=number: store.revision(case_id, number))  # type: ignore[misc]
    call("figures", lambda store: store.figures(case_id))
    call("declined", lambda store: store.declined(case_id))
    call("content_of", lambda store: store.content_of(case_id))


def _write(call: Call, photos: list[Photo], case_ids: list[str]) -> None:
    photo = photos[-1]
    shape = photo.shape
    call(
        "save_prediction",
        lambda store: store.save_prediction(photo, make_prediction(shape), make_mask(3, shape)),
    )
    for number, case in enumerate(case_ids[:2]):
        step = make_step(case, make_mask(4, shape), 77)
        call("save_step", lambda store, step=step: store.save_step(step))  # type: ignore[misc]
        undo = make_step(case, make_mask(5, shape), 76, tool="undo", status=CaseStatus.REVIEWED)
        call("save_step again", lambda store, undo=undo: store.save_step(undo))  # type: ignore[misc]
        status = (CaseStatus.FLAGGED, CaseStatus.REVIEWED)[number]
        call("set_status", lambda store, case=case, status=status: store.set_status(case, status, "why"))  # type: ignore[misc]
        call("decline", lambda store, case=case: store.decline(case))  # type: ignore[misc]
        call(
            "take_over",
            lambda store, case=case: store.take_over(
                photo, store.stored_case(case), "Taken over from elsewhere"
            ),  # type: ignore[misc]
        )
    call("set_failed", lambda store: store.set_failed(photo.path, "it was gone"))
    call("load after it", lambda store: [store.load(photo) for photo in photos])


def feed_lock(item: Item, watch: Watch) -> None:
    """The text of a lock, and the database beside it."""
    watch.call("holder_text", lambda: holder_text(item.target))
    feed_store(item, watch)


def feed_name(item: Item, watch: Watch) -> None:
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
    feed_store(item, watch)
    feed_import(item, watch)


def feed_index(item: Item, watch: Watch) -> None:
    """The index of photos says where a photo has a mask; then the mask is taken over or not wanted."""
    library = Library()
    library.index = PhotoIndex(item.target)
    photos, twin = item.folder / "photos", item.folder / "twin"
    paths = list_photos(photos)
    try:
        store = library.open(photos, "anna", tuple(paths))
        for path in paths:
            photo = read_photo(path)
            state = store.load(photo)
            watch.call("find", lambda photo=photo: library.index.find(photo.sha256, besides=photos))  # type: ignore[misc]
            offer = watch.call("find_offer", lambda state=state: find_offer(library, store, state))  # type: ignore[misc]
            if offer is not None and path != paths[-1]:
                work = take_over(CancelToken(), library=library, folder=photos, offer=offer)  # type: ignore[arg-type]
            else:
                work = decline_offer(
                    CancelToken(), library=library, folder=photos, case_id=state.summary.case_id
                )
            watch.call("answer", lambda work=work: list(work), path.name, str(photos))  # type: ignore[misc]
            watch.call("note", lambda state=state: library.note_work(store, state.summary.case_id))  # type: ignore[misc]
            watch.call(
                "note again",
                lambda photo=photo: library.index.note(photo.sha256, IndexedCase(twin, "x")),  # type: ignore[misc]
            )
    finally:
        watch.call("close", library.close)


def feed_live(item: Item, watch: Watch) -> None:
    """Bring a folder of masks into step whose list is a hostile one."""
    photos, masks = item.folder / "photos", item.folder / "masks"
    named = (str(item.folder), "cases.db", "a.bmp", "b.bmp", "c.bmp")
    watch.call("read_manifest", lambda: read_manifest(masks), *named)
    library = Library()

    def write(name: str, cases: frozenset[str] | None = None, *, replacing: bool = False) -> None:
        forced = (cases or frozenset()) if replacing else frozenset()
        for event in live.write(CancelToken(), library=library, cases=cases, replacing=forced):
            if isinstance(event, LiveReport):
                for failed in event.failed:
                    watch.judge(name, failed.error, named)

    try:
        store = library.open(photos, "anna", tuple(list_photos(photos)))
        live = LiveFolder(photos, masks, new=True)
        cases = tuple(summary.case_id for summary in store.stored_index())
        watch.call("live all", lambda: write("live all"), *named)
        for number, case in enumerate(cases):
            store.save_step(make_step(case, make_mask(50 + number), 200))
        watch.call("live some", lambda: write("live some", frozenset(cases)), *named)
        watch.call("live forced", lambda: write("live forced", frozenset(cases), replacing=True), *named)
        watch.call("live all again", lambda: write("live all again"), *named)
    finally:
        library.close()
