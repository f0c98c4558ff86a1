"""`cases rescue` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.storage.store_makers import make_mask, make_photo, make_step
from tongue_viewer.cli.main import main
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.case_store_aside import copy_of
from tongue_viewer.storage.case_store_place import home_database


def _folder(folder: Path) -> Path:
    photo = make_photo(folder / "a.bmp")
    with CaseStore.open(folder) as store:
        case_id = store.load(photo).summary.case_id
        for revision in (1, 2):
            store.save_step(make_step(case_id, make_mask(revision), revision))
    return home_database(folder)


def test_a_damaged_database_is_repaired(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = _folder(tmp_path)
    data = bytes(4096) + database.read_bytes()[4096:]
    database.write_bytes(data)
    assert main(["cases", "rescue", str(tmp_path), "--json"]) == 0
    said = capsys.readouterr()
    answer = json.loads(said.out)
    assert (answer["cases"], answer["newest"], answer["older"], answer["lost"]) == (1, 1, [], [])
    assert Path(answer["kept"]).read_bytes() == data
    assert "photos are safe" in said.err
    assert main(["cases", "verify", str(tmp_path)]) == 0
    capsys.readouterr()
    assert main(["cases", "rescue", str(tmp_path)]) == 0
    assert "not damaged" in capsys.readouterr().err


def test_an_earlier_mask_is_named_and_the_exit_code_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = _folder(tmp_path)
    with CaseStore.open(tmp_path, read_only=True) as store:
        (case_id,) = store.names()
        patch = store.audit(case_id)[-1].patch
    copy_of(database).unlink()
    data = database.read_bytes()
    at = data.index(patch) + len(patch) - 1
    database.write_bytes(data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :])
    assert main(["cases", "rescue", str(tmp_path)]) == 1
    assert capsys.readouterr().out.startswith("a.bmp\t")


def test_a_folder_without_a_database_is_wrong_usage(tmp_path: Path) -> None:
    assert main(["cases", "rescue", str(tmp_path)]) == 2
    assert main(["cases", "rescue", str(tmp_path / "nowhere")]) == 2
    assert not (tmp_path / ".tongue-viewer").exists()
