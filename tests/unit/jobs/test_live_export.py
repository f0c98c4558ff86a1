"""A folder of masks in step with the database: newest state, nobody else's file replaced, whole at any kill."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.unit.storage.test_atomic import FailingDisk
from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseStatus, EditStep, Origin
from tongue_viewer.core.errors import Cancelled, UsageError, WriteError
from tongue_viewer.core.exports import ExportPlan
from tongue_viewer.core.live import LiveReport
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.jobs.library import Library
from tongue_viewer.jobs.live_export import LiveFolder
from tongue_viewer.storage.atomic import Disk
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.live_manifest import MANIFEST_NAME, read_manifest
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photos import read_photo

SHAPE = (20, 30)


def mask_of(seed: int) -> MaskArray:
    mask = np.zeros(SHAPE, np.uint8)
    mask[3 : 6 + seed, 5:25] = 1
    return mask


def add_photo(folder: Path, name: str, grey: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((*SHAPE, 3), grey, np.uint8)).save(folder / name)
    return folder / name


def paint(store: CaseStore, path: Path, seed: int) -> str:
    """Save a step; the case_id."""
    case_id = store.load(read_photo(path)).summary.case_id
    step = EditStep(
        case_id=case_id,
        action="Brush",
        tool="brush",
        origin=Origin.HUMAN,
        mask=mask_of(seed),
        patch=b"",
        status=CaseStatus.EDITED,
        revision=1,
        made=time.time(),
    )
    store.save_step(step)
    return case_id


def files(out: Path) -> dict[str, bytes]:
    """All that a person sees in the folder of masks."""
    found = (path for path in sorted(out.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in found}


class Bench:
    """A folder of photos with its database and its folder of masks."""

    def __init__(self, root: Path, *names: str) -> None:
        self.folder, self.out = root / "photos", root / "masks"
        self.photos = [add_photo(self.folder, name, 10 + n) for n, name in enumerate(names)]
        self.library = Library()
        self.store = self.library.open(self.folder)
        self.live = self.fresh(new=True)

    def fresh(
        self, *, new: bool = False, disk: Disk | None = None, plan: ExportPlan | None = None
    ) -> LiveFolder:
        """As after a new start of the program."""
        return LiveFolder(self.folder, self.out, plan, new=new, disk=disk)

    def write(
        self, *cases: str, replacing: tuple[str, ...] = (), live: LiveFolder | None = None
    ) -> LiveReport:
        """Bring these cases into step, or the whole folder."""
        job = (live or self.live).write(
            CancelToken(),
            library=self.library,
            cases=frozenset(cases) or None,
            replacing=frozenset(replacing),
        )
        (report,) = job
        assert isinstance(report, LiveReport)
        return report

    def paint(self, number: int, seed: int) -> str:
        return paint(self.store, self.photos[number], seed)

    def mask(self, name: str) -> MaskArray:
        return read_mask(self.out / name)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path, "1.bmp", "2.jpg", "舌.png")
    for number in range(3):
        made.paint(number, number)
    return made


def test_every_mask_stands_there_and_a_second_look_writes_nothing(bench: Bench) -> None:
    report = bench.write()
    assert (report.written, report.foreign, report.failed, report.whole) == (3, (), (), True)
    assert list(files(bench.out)) == ["1.bmp", "2.png", "舌.png"]
    for number, name in enumerate(files(bench.out)):
        assert np.array_equal(bench.mask(name), mask_of(number))
    before = {path: path.stat().st_mtime_ns for path in bench.out.iterdir()}
    assert bench.write(live=bench.fresh()).written == 0
    assert {path: path.stat().st_mtime_ns for path in bench.out.iterdir()} == before


def test_a_step_writes_its_own_file_alone_and_the_newest_state_of_it(bench: Bench) -> None:
    bench.write()
    before = files(bench.out)
    bench.paint(1, 5)
    case_id = bench.paint(1, 7)  # two steps before the writer comes: one write, of the second
    report = bench.write(case_id)
    assert (report.written, report.whole) == (1, False)
    assert np.array_equal(bench.mask("2.png"), mask_of(7))
    after = files(bench.out)
    assert {name for name in after if after[name] != before[name]} == {"2.png"}
    bench.store.set_status(case_id, CaseStatus.REVIEWED)
    assert bench.write(case_id).written == 0


def test_what_was_missed_is_written_at_the_next_start(bench: Bench) -> None:
    bench.write()
    bench.paint(0, 9)
    (bench.out / "2.png").unlink()
    report = bench.write(live=bench.fresh())
    assert report.written == 2
    assert np.array_equal(bench.mask("1.bmp"), mask_of(9))
    assert np.array_equal(bench.mask("2.png"), mask_of(1))


def test_the_format_of_the_first_time_stays(tmp_path: Path) -> None:
    made = Bench(tmp_path, "1.bmp")
    made.paint(0, 1)
    plan = ExportPlan(image_format="png", values="0/1")
    made.write(live=made.fresh(new=True, plan=plan))
    made.paint(0, 2)
    made.write(live=made.fresh(new=True))
    assert list(files(made.out)) == ["1.png"]
    assert np.asarray(Image.open(made.out / "1.png")).max() == 1


def test_a_file_changed_by_somebody_else_is_left_until_asked(bench: Bench) -> None:
    bench.write()
    theirs = (bench.out / "1.bmp").read_bytes()[:-1] + b"\x01"
    (bench.out / "1.bmp").write_bytes(theirs)
    case_id = bench.paint(0, 8)
    for live in (bench.live, bench.fresh()):
        for cases in ((case_id,), ()):
            report = bench.write(*cases, live=live)
            assert [(f.case_id, f.path, f.ours) for f in report.foreign] == [
                (case_id, bench.out / "1.bmp", True)
            ]
            assert report.written == 0
            assert (bench.out / "1.bmp").read_bytes() == theirs
    assert bench.write(case_id, replacing=(case_id,)).written == 1
    assert np.array_equal(bench.mask("1.bmp"), mask_of(8))


def test_a_file_that_was_never_ours_is_not_replaced_even_when_asked(bench: Bench) -> None:
    bench.write()
    photo = add_photo(bench.folder, "new.png", 99)
    (bench.out / "new.png").write_bytes(photo.read_bytes())
    case_id = paint(bench.store, photo, 4)
    report = bench.write(case_id, replacing=(case_id,))
    assert [f.ours for f in report.foreign] == [False]
    assert (bench.out / "new.png").read_bytes() == photo.read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_link_is_never_followed(bench: Bench) -> None:
    bench.write()
    original = bench.photos[0].read_bytes()
    (bench.out / "1.bmp").unlink()
    (bench.out / "1.bmp").symlink_to(bench.photos[0])
    case_id = bench.paint(0, 8)
    assert bench.write(case_id, replacing=(case_id,)).written == 0
    assert bench.photos[0].read_bytes() == original


def test_a_renamed_photo_takes_its_file_along(bench: Bench) -> None:
    bench.write()
    renamed = bench.photos[0].rename(bench.folder / "zz.bmp")
    report = bench.write(live=bench.fresh())
    assert report.written == 1
    assert list(files(bench.out)) == ["2.png", "zz.bmp", "舌.png"]
    assert np.array_equal(bench.mask("zz.bmp"), mask_of(0))
    renamed.rename(bench.folder / "yy.bmp")
    summary = bench.store.load(read_photo(bench.folder / "yy.bmp")).summary  # it was opened
    assert not bench.live.follows(summary)
    (bench.out / "zz.bmp").write_bytes(b"somebody's own")
    assert bench.write(summary.case_id).written == 1
    assert sorted(files(bench.out)) == ["2.png", "yy.bmp", "zz.bmp", "舌.png"]
    assert (bench.out / "zz.bmp").read_bytes() == b"somebody's own"


def test_two_photos_that_change_names_change_files(tmp_path: Path) -> None:
    made = Bench(tmp_path, "a.bmp", "b.bmp", "c.bmp")
    for number in range(3):
        made.paint(number, number)
    made.write()
    a, b, _ = made.photos
    a.rename(made.folder / "t.bmp")
    b.rename(a)
    (made.folder / "t.bmp").rename(b)
    for photo in (a, b):
        made.store.load(read_photo(photo))
    for _ in range(2):
        report = made.write(live=made.fresh())
        assert (report.foreign, report.failed) == ((), ())
    assert [np.array_equal(made.mask(f"{n}.bmp"), mask_of(s)) for n, s in (("a", 1), ("b", 0), ("c", 2))] == [
        True
    ] * 3
    assert list(files(made.out)) == ["a.bmp", "b.bmp", "c.bmp"]


def test_a_name_that_is_taken_names_all_anew(tmp_path: Path) -> None:
    made = Bench(tmp_path, "1.jpg")
    made.paint(0, 1)
    made.write()
    assert list(files(made.out)) == ["1.png"]
    case_id = paint(made.store, add_photo(made.folder, "1.png", 77), 2)
    report = made.write(case_id)
    assert (report.whole, report.foreign, report.failed) == (True, (), ())
    assert np.array_equal(made.mask("1.png"), mask_of(2))
    assert np.array_equal(made.mask("1.jpg.png"), mask_of(1))


def test_a_photo_with_other_content_gets_no_old_mask(bench: Bench) -> None:
    add_photo(bench.folder, "1.bmp", 200)
    report = bench.write()
    assert [result.source.name for result in report.failed] == ["1.bmp"]
    assert "was changed" in report.failed[0].error
    assert list(files(bench.out)) == ["2.png", "舌.png"]


@pytest.mark.parametrize(
    ("call", "number"), [("write", errno.ENOSPC), ("sync", errno.EIO), ("replace", errno.EACCES)]
)
def test_a_failing_disk_leaves_the_old_files_and_the_next_try_catches_up(
    bench: Bench, call: str, number: int
) -> None:
    bench.write()
    before = files(bench.out)
    case_id = bench.paint(2, 9)
    with pytest.raises(WriteError, match="intact"):
        bench.write(case_id, live=bench.fresh(disk=FailingDisk(call, number)))
    assert files(bench.out) == before
    assert bench.write(case_id).written == 1
    assert np.array_equal(bench.mask("舌.png"), mask_of(9))


class FullAfter(Disk):
    """A disk that takes some files whole and then no more."""

    def __init__(self, files: int) -> None:
        self.left = files

    def replace(self, source: str, target: str) -> None:
        if self.left == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.left -= 1
        super().replace(source, target)


@pytest.mark.parametrize("room", range(8))
def test_a_disk_that_gets_full_in_between_is_told_and_caught_up(tmp_path: Path, room: int) -> None:
    made = Bench(tmp_path, *(f"{n}.bmp" for n in range(3)))
    ids = [made.paint(n, n) for n in range(3)]
    live = made.fresh(new=True, disk=FullAfter(room))
    try:
        report = made.write(live=live)
        assert len(report.failed) + report.written == 3
        assert report.behind == set(ids[report.written :])
    except WriteError:
        assert room < 2  # the list itself could not be written
    live._disk = Disk()
    report = made.write(live=live)
    assert report.foreign == ()
    assert [np.array_equal(made.mask(f"{n}.bmp"), mask_of(n)) for n in range(3)] == [True] * 3


def test_a_folder_of_masks_that_is_gone_is_not_made_anew(bench: Bench) -> None:
    bench.write()
    shutil.rmtree(bench.out)
    case_id = bench.paint(0, 5)
    for live in (bench.live, bench.fresh()):
        with pytest.raises(WriteError, match="gone"):
            bench.write(case_id, live=live)
    assert not bench.out.exists()


def test_folders_that_hold_something_else_are_refused(bench: Bench, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "letter.txt").write_text("mine", encoding="utf-8")
    other = tmp_path / "other photos"
    add_photo(other, "1.bmp", 3)
    CaseStore.open(other).close()
    for out in (bench.folder, bench.folder / ".tongue-viewer" / "x", full, other):
        before = files(out) if out.exists() else {}
        with pytest.raises(UsageError, match="Choose an empty"):
            bench.write(live=LiveFolder(bench.folder, out, new=True))
        assert (files(out) if out.exists() else {}) == before


def test_masks_of_two_folders_never_mix(bench: Bench, tmp_path: Path) -> None:
    bench.write()
    before = files(bench.out)
    other = tmp_path / "copy"
    shutil.copytree(bench.folder, other)  # the same cases, by their ids too
    library = Library()
    with CaseStore.open(other) as store:
        paint(store, other / "1.bmp", 11)
    job = LiveFolder(other, bench.out, new=True).write(CancelToken(), library=library)
    with pytest.raises(UsageError, match="another folder of photos"):
        list(job)
    assert files(bench.out) == before
    library.close()


def test_a_folder_that_was_moved_takes_its_masks_along(bench: Bench, tmp_path: Path) -> None:
    bench.write()
    bench.library.close()
    moved = bench.folder.rename(tmp_path / "moved")
    library = Library()
    (report,) = LiveFolder(moved, bench.out).write(CancelToken(), library=library)
    assert isinstance(report, LiveReport)
    assert (report.written, report.foreign) == (0, ())
    library.close()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": 2}', '{"version": 1, "files": 3}'])
def test_a_damaged_list_says_so_and_nothing_is_replaced(bench: Bench, text: str) -> None:
    bench.write()
    (bench.out / MANIFEST_NAME).write_text(text, encoding="utf-8")
    before = files(bench.out)
    with pytest.raises(UsageError, match="damaged"):
        bench.write(bench.paint(0, 4), live=bench.fresh())
    assert files(bench.out) == before


def test_masks_inside_the_folder_of_photos_are_no_photos(bench: Bench) -> None:
    bench.out = bench.folder / "masks"
    bench.write(live=bench.fresh(new=True))
    assert (bench.out / ".tongue-viewer-export").exists()


def test_a_look_at_the_whole_folder_can_be_stopped(bench: Bench) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        list(bench.live.write(token, library=bench.library))
    assert files(bench.out) == {}


@pytest.mark.skipif(os.name == "nt", reason="needs a signal that Windows does not have")
def test_a_kill_at_any_moment_leaves_whole_masks_that_are_known_as_ours(bench: Bench) -> None:
    bench.write()
    script = textwrap.dedent(
        f"""
        import sys
        from pathlib import Path
        from tests.unit.jobs.test_live_export import paint
        from tongue_viewer.core.cancel import CancelToken
        from tongue_viewer.jobs.library import Library
        from tongue_viewer.jobs.live_export import LiveFolder
        folder, out = Path({str(bench.folder)!r}), Path({str(bench.out)!r})
        library = Library()
        store = library.open(folder)
        live = LiveFolder(folder, out)
        print("ready", flush=True)
        for n in range(10_000):
            case_id = paint(store, folder / "1.bmp", n % 12)
            list(live.write(CancelToken(), library=library, cases=frozenset({{case_id}})))
        """
    )
    bench.library.close()
    allowed = [mask_of(seed) for seed in range(12)]
    for delay in (0.01, 0.05, 0.11, 0.2, 0.31):
        child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(delay)  # the moment of the kill, not a wait for something
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert any(np.array_equal(bench.mask("1.bmp"), mask) for mask in allowed)
        library = Library()
        (report,) = bench.fresh().write(CancelToken(), library=library)
        assert isinstance(report, LiveReport)
        assert (report.foreign, report.failed) == ((), ())
        with library.use(bench.folder) as store:
            for case in store.stored():
                manifest = read_manifest(bench.out)
                assert manifest is not None
                assert np.array_equal(read_mask(bench.out / manifest.files[case.case_id].file), case.mask)
        library.close()


@pytest.mark.skipif(os.name == "nt", reason="links to folders need a right of their own there")
def test_a_file_behind_a_link_is_neither_replaced_nor_removed_whatever_the_list_says(bench: Bench) -> None:
    bench.write()
    original = bench.photos[0].read_bytes()
    (bench.out / "sub").symlink_to(bench.folder, target_is_directory=True)
    manifest = read_manifest(bench.out)
    assert manifest is not None
    manifest.leftovers[f"sub/{bench.photos[0].name}"] = hashlib.sha256(original).hexdigest()
    manifest.save(bench.out, Disk())
    bench.paint(1, 9)
    assert bench.write(live=bench.fresh()).written == 1
    assert bench.photos[0].read_bytes() == original


def test_a_folder_of_photos_with_an_endless_name_is_another_one(bench: Bench) -> None:
    bench.write()
    manifest = read_manifest(bench.out)
    assert manifest is not None
    manifest.source = "/" + "x" * 9000
    manifest.files.clear()
    manifest.save(bench.out, Disk())
    with pytest.raises(UsageError, match="another folder of photos") as raised:
        bench.write(live=bench.fresh())
    assert len(str(raised.value)) < 1000
