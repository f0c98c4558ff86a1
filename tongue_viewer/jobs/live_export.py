"""A folder of masks that is kept in step with a case database: the newest state of each case, each file atomic."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseSummary
from tongue_viewer.core.errors import StoreError, TongueViewerError, WriteError
from tongue_viewer.core.events import JobEvent
from tongue_viewer.core.exports import ExportPlan, FileResult
from tongue_viewer.core.live import ForeignFile, LiveReport
from tongue_viewer.jobs.export import check_unchanged, follow_renamed, undecoded_photo
from tongue_viewer.jobs.library import Library
from tongue_viewer.jobs.live_place import gone, is_there, open_place
from tongue_viewer.storage.atomic import Disk, write_atomically
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.exports import mask_file, output_names, plan_names
from tongue_viewer.storage.folder import list_photos
from tongue_viewer.storage.live_manifest import LiveFile, LiveManifest, file_digest, file_stat
from tongue_viewer.storage.locations import ensure_folder

log = logging.getLogger(__name__)

_BATCH = 32
"""So many files are named in the list at once: writing it costs about as much as writing one mask."""
_BATCH_BYTES = 64 * 2**20
"""And so many bytes at most are held until they are written."""
_FEW = 8
_GIVE_UP = 5
"""After so many failures in a row the disk is taken to be full or gone."""


@dataclass(frozen=True)
class _Item:
    """A case whose mask is to be written: its photo, and NAME of the exports."""

    case_id: str
    path: Path
    name: str


@dataclass(frozen=True, eq=False)
class _Ready:
    """A mask in the form in which it is written."""

    item: _Item
    target: Path
    data: bytes
    entry: LiveFile


def _with_mask(store: CaseStore, cases: frozenset[str]) -> Sequence[CaseSummary]:
    """Those of the cases that have a mask; for a few of them without reading the whole index."""
    if len(cases) <= _FEW:
        with contextlib.suppress(StoreError):  # of one without a mask; the index knows which
            found = (store.stored_case(case_id) for case_id in cases)
            return [CaseSummary(case.path, case.case_id) for case in found]
    return [summary for summary in store.stored_index() if summary.case_id in cases]


class _Tally:
    """What came of the cases."""

    def __init__(self) -> None:
        self.written = 0
        self.foreign: list[ForeignFile] = []
        self.failed: list[FileResult] = []
        self.behind: set[str] = set()
        self._in_a_row = 0

    def fail(self, item: _Item, error: TongueViewerError) -> None:
        self.failed.append(FileResult(item.path, error=str(error)))
        self.behind.add(item.case_id)
        self._in_a_row += 1
        if self._in_a_row >= _GIVE_UP:
            raise error

    def succeed(self) -> None:
        self.written += 1
        self._in_a_row = 0


class LiveFolder:
    """Writes the masks of one folder of photos to one folder of masks; used by one thread.

    A file is replaced only where it holds what this program wrote there (`storage/live_manifest.py`). Names and formats
    are those of an export. The photos' own folder is never written: another one is demanded (`jobs/live_place.py`).

    Attributes:
        folder: of the photos.
        out: of the masks.
    """

    def __init__(
        self,
        folder: Path,
        out: Path,
        plan: ExportPlan | None = None,
        *,
        new: bool = False,
        disk: Disk | None = None,
    ) -> None:
        """Name the two folders; nothing is read yet.

        Args:
            folder: of the photos.
            out: of the masks.
            plan: format and values, used only for a new folder of masks.
            new: whether the folder of masks may be made, or must have been used before.
            disk: the calls that write.
        """
        self.folder, self.out = folder, out
        self._plan = replace(plan or ExportPlan(), formats=("mask",), overwrite=True)
        self._new = new
        self._disk = disk or Disk()
        self._manifest: LiveManifest | None = None
        self._names: dict[Path, str] = {}
        self._seen: dict[Path, tuple[tuple[int, int], str]] = {}

    def write(
        self,
        token: CancelToken,
        *,
        library: Library,
        cases: frozenset[str] | None = None,
        replacing: frozenset[str] = frozenset(),
    ) -> Iterator[JobEvent]:
        """Bring masks into step with the database.

        Args:
            token: stops a look at the whole folder between two batches; what is written stays.
            library: databases.
            cases: those that changed; None: all of the folder, of which only what is out of step is written.
            replacing: cases whose file is written although somebody else changed it.

        Yields:
            `LiveReport`.

        Raises:
            Cancelled: stopped.
            UsageError: the folder of masks cannot be used; nothing was written.
            WriteError: it cannot be written at all.
            StoreError: the database cannot be read.
        """
        tally = _Tally()
        with library.use(self.folder) as store:
            manifest = self._open(store)
            items = None if cases is None else self._items_of(store, manifest, cases)
            whole = items is None
            if items is None:
                items = self._items_out_of_step(store, manifest)
            ready: list[_Ready] = []
            for item in items:
                if whole:
                    token.check()
                ready += self._get_ready(store, manifest, item, replacing, tally)
                if len(ready) == _BATCH or sum(len(made.data) for made in ready) > _BATCH_BYTES:
                    self._write_batch(manifest, ready, tally)
                    ready = []
            self._write_batch(manifest, ready, tally)
            if whole and items:
                # It only saves the next look from reading the files; the list was written before them.
                with contextlib.suppress(WriteError):
                    manifest.save(self.out, self._disk)
        foreign, failed = tuple(tally.foreign), tuple(tally.failed)
        yield LiveReport(
            self.folder, self.out, tally.written, foreign, failed, frozenset(tally.behind), whole
        )

    def follows(self, summary: CaseSummary) -> bool:
        """Whether the file of a case stands under the name that its photo has now, as far as is known."""
        entry = self._manifest.files.get(summary.case_id) if self._manifest else None
        return entry is None or Path(entry.photo).name == summary.path.name

    def _open(self, store: CaseStore) -> LiveManifest:
        if self._manifest is None:
            self._manifest = open_place(store, self.out, self._plan, self._disk, new=self._new)
            self._plan, self._new = self._manifest.plan, False
        elif not is_there(self.out):
            raise gone(self.out)
        return self._manifest

    def _items_of(
        self, store: CaseStore, manifest: LiveManifest, cases: frozenset[str]
    ) -> list[_Item] | None:
        """What these cases need; None where a name is taken, so that all have to be named anew."""
        items: list[_Item] = []
        for summary in _with_mask(store, cases):
            if summary.path not in self._names:
                self._name_all(store)
            item = _Item(summary.case_id, summary.path, self._names[summary.path])
            if manifest.user_of(self._file_of(item)) not in ("", summary.case_id):
                return None
            items.append(item)
        return items

    def _items_out_of_step(self, store: CaseStore, manifest: LiveManifest) -> list[_Item]:
        """The cases of the folder whose file is not what it should be, in the order of the photos."""
        moved = follow_renamed(store, list_photos(store.folder))
        self._name_all(store, moved)
        items: list[_Item] = []
        for summary in store.stored_index():
            path = moved.get(summary.case_id, summary.path)
            item = _Item(summary.case_id, path, self._names[path])
            entry = manifest.files.get(item.case_id)
            known = entry is not None and (entry.file, entry.changed) == (
                self._file_of(item),
                summary.changed,
            )
            if entry is None or not known or not self._stands(entry):
                items.append(item)
        return items

    def _name_all(self, store: CaseStore, moved: dict[str, Path] | None = None) -> None:
        photos = list_photos(store.folder)
        listed = set(photos)
        cases = [(moved or {}).get(summary.case_id, summary.path) for summary in store.stored_index()]
        rest = [path for path in cases if path not in listed]
        self._names = plan_names([*photos, *rest], self._plan, store.folder)

    def _file_of(self, item: _Item) -> str:
        """Relative to the folder of masks."""
        return output_names(item.name, item.path.suffix, self._plan)["mask"]

    def _stands(self, entry: LiveFile) -> bool:
        """Whether a file is as it was written; its bytes are read only where its size or time do not say so."""
        target = self.out / entry.file
        stat = file_stat(target)
        return stat[0] >= 0 and (stat == entry.stat or file_digest(target) == entry.sha256)

    def _get_ready(
        self, store: CaseStore, manifest: LiveManifest, item: _Item, replacing: frozenset[str], tally: _Tally
    ) -> list[_Ready]:
        """What has to be written for a case: one file or none."""
        try:
            made = self._prepare(store, item)
        except TongueViewerError as error:
            tally.fail(item, error)
            return []
        if made.entry.earlier == made.entry.sha256:
            manifest.put(item.case_id, replace(made.entry, stat=file_stat(made.target)))
            return []
        return [made] if self._may_write(manifest, made, tally, by_force=item.case_id in replacing) else []

    def _leads_out(self, target: Path) -> bool:
        """Whether a file is a link, or lies behind one: where that leads to is not ours, whatever it holds."""
        real = os.path.realpath(target.parent)
        return target.is_symlink() or not Path(real).is_relative_to(os.path.realpath(self.out))

    def _write_batch(self, manifest: LiveManifest, ready: Sequence[_Ready], tally: _Tally) -> None:
        if ready:
            self._announce(manifest, ready)
            written = [self._put(manifest, made, tally) for made in ready]
            if all(written):
                self._remove_leftovers(manifest)

    def _prepare(self, store: CaseStore, item: _Item) -> _Ready:
        case = store.stored_case(item.case_id)
        stat = file_stat(item.path)
        photo = undecoded_photo(item.path, case, hashed=self._seen.get(item.path) != (stat, case.sha256))
        check_unchanged(photo, case)
        self._seen[item.path] = (stat, case.sha256)
        target, data = mask_file(self.out, photo, case.mask, self._plan, name=item.name)
        digest = hashlib.sha256(data).hexdigest()
        name = Path(os.path.relpath(item.path, store.folder)).as_posix()
        entry = LiveFile(self._file_of(item), name, case.changed, digest, file_digest(target))
        return _Ready(item, target, data, entry)

    def _may_write(self, manifest: LiveManifest, made: _Ready, tally: _Tally, *, by_force: bool) -> bool:
        """Whether a file holds what this program wrote, or may be replaced all the same; else it is reported."""
        owned, there = manifest.owned(made.entry.file), made.entry.earlier
        link = self._leads_out(made.target)
        if not link and (not there or there in owned or (by_force and owned)):
            return True
        tally.foreign.append(ForeignFile(made.item.case_id, made.target, ours=bool(owned) and not link))
        return False

    def _announce(self, manifest: LiveManifest, ready: Sequence[_Ready]) -> None:
        """Write the list before the files."""
        before = manifest.state()
        for made in ready:
            manifest.put(made.item.case_id, made.entry)
        try:
            manifest.save(self.out, self._disk)
        except WriteError:
            manifest.go_back(before)
            raise

    def _put(self, manifest: LiveManifest, made: _Ready, tally: _Tally) -> bool:
        try:
            ensure_folder(made.target.parent)
            write_atomically(made.target, made.data, disk=self._disk)
        except WriteError as error:
            tally.fail(made.item, error)
            return False
        manifest.put(made.item.case_id, replace(made.entry, stat=file_stat(made.target)))
        tally.succeed()
        return True

    def _remove_leftovers(self, manifest: LiveManifest) -> None:
        """Remove what stood under an earlier name, unless somebody else has changed it."""
        for file, digest in list(manifest.leftovers.items()):
            target = self.out / file
            try:
                if file_digest(target) == digest and not self._leads_out(target):
                    target.unlink()
            except (OSError, WriteError) as error:
                log.warning("The earlier file %s could not be removed: %s", target, error)
                continue
            del manifest.leftovers[file]
