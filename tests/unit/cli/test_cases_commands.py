"""`tongue-viewer cases …` and `tongue-viewer export` from argument list to exit code."""

from __future__ import annotations

import argparse
import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tongue_viewer.cli import cases, export
from tongue_viewer.core.errors import StoreCorruptError, UsageError
from tongue_viewer.core.settings import Settings
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.settings_file import save_settings


def _run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers(required=True)
    cases.add_parser(subparsers)
    export.add_parser(subparsers)
    args = parser.parse_args([str(argument) for argument in arguments])
    code: int = args.run(args)
    return code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three photos, and masks for two of them."""
    for name in ("photos", "masks"):
        (tmp_path / name).mkdir()
    for number, name in enumerate(("1.bmp", "舌.png", "3.bmp")):
        Image.fromarray(np.full((20, 30, 3), 50 + number, np.uint8)).save(tmp_path / "photos" / name)
    for name in ("1.png", "舌.png"):
        mask = np.zeros((20, 30), np.uint8)
        mask[3:9, 4:20] = 255
        Image.fromarray(mask).save(tmp_path / "masks" / name)
    return tmp_path / "photos"


def test_list_shows_a_folder_without_a_database_and_makes_none(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("cases", "list", folder, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["database"] == ""
    assert document["counts"] == {"to do": 3}
    assert [case["name"] for case in document["cases"]] == ["1.bmp", "3.bmp", "舌.png"]
    assert not (folder / ".tongue-viewer").exists()


def test_list_names_patient_visit_and_reviewer(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(*more: str) -> list[tuple[str, str, str]]:
        assert _run("cases", "list", folder, "--json", *more) == 0
        cases = json.loads(capsys.readouterr().out)["cases"]
        return [(case["patient"], case["visit"], case["reviewed_by"]) for case in cases]

    (folder / "1.bmp").rename(folder / "7_2.bmp")
    assert told() == [("", "", "")] * 3
    pattern = r"^(?P<patient>\d+)(?:_(?P<visit>\d+))?"
    assert told("--group-pattern", pattern) == [("3", "", ""), ("7", "2", ""), ("", "", "")]
    save_settings(Settings(patient_pattern=r"^(\d)"))
    assert told() == [("3", "", ""), ("7", "", ""), ("", "", "")]
    assert told("--group-pattern", "") == [("", "", "")] * 3
    with pytest.raises(UsageError, match="inside of a repeat"):
        told("--group-pattern", "(a+)+")


def test_import_list_export_verify_audit(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("cases", "import", folder, tmp_path / "masks", "--status", "reviewed", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["imported"], document["failed"]) == (["1.bmp", "舌.png"], [])
    assert document["without_mask"] == ["3.bmp"]

    assert _run("cases", "list", folder) == 0
    out, err = capsys.readouterr()
    assert [line.split("\t")[:2] for line in out.splitlines()] == [
        ["1.bmp", "reviewed"],
        ["3.bmp", "to do"],
        ["舌.png", "reviewed"],
    ]
    assert "3 photos" in err

    out_folder = tmp_path / "out"
    assert _run("export", folder, "-o", out_folder, "--formats", "mask,csv,coco,labelme,html", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["without_mask"] == ["3.bmp"]
    assert document["failed"] == []
    assert sorted(Path(path).name for path in document["written"]) == [
        "1.bmp", "1.json", "cases.csv", "coco.json", "report.html", "舌.json", "舌.png",
    ]  # fmt: skip
    assert np.array_equal(read_mask(out_folder / "1.bmp"), read_mask(tmp_path / "masks" / "1.png"))

    assert _run("export", folder, "-o", out_folder) == 1
    assert "exists already" in capsys.readouterr().err
    assert _run("export", folder, "-o", out_folder, "--overwrite", "--only", "reviewed") == 0
    capsys.readouterr()

    assert _run("cases", "verify", folder, "--json") == 0
    assert json.loads(capsys.readouterr().out)["problems"] == []
    assert _run("cases", "audit", folder, "--photo", "舌.png", "--json") == 0
    (edit,) = json.loads(capsys.readouterr().out)["edits"]
    assert (edit["name"], edit["tool"], edit["status"], edit["mask_by"]) == (
        "舌.png", "import", "reviewed", "human",
    )  # fmt: skip
    assert _run("cases", "audit", folder) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_failed_import_names_the_file_and_ends_with_1(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(tmp_path / "masks" / "3.png")
    assert _run("cases", "import", folder, tmp_path / "masks") == 1
    assert "3.bmp: " in capsys.readouterr().err
    assert _run("cases", "import", folder, tmp_path / "masks") == 1
    assert "was kept" in capsys.readouterr().err


def test_verify_ends_with_1_and_names_what_is_wrong(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _run("cases", "import", folder, tmp_path / "masks")
    with CaseStore.open(folder) as store:
        connection = store._connection
        assert connection is not None
        damaged = (
            "INSERT INTO snapshot (case_id, edit, data) SELECT case_id, 1000, x'00' FROM photo WHERE id = 1"
        )
        connection.execute(damaged)
    capsys.readouterr()
    assert _run("cases", "verify", folder, "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert not document["ok"]
    assert "1.bmp" in document["problems"][0]


def test_verify_of_a_strangers_file_is_a_finding_too(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / ".tongue-viewer").mkdir()
    (folder / ".tongue-viewer" / "cases.db").write_bytes(b"not ours")
    assert _run("cases", "verify", folder, "--json") == 1
    assert "cases.db" in json.loads(capsys.readouterr().out)["problems"][0]
    with pytest.raises(StoreCorruptError):
        _run("cases", "list", folder)


def test_reading_commands_work_while_a_window_has_the_folder_open(folder: Path, tmp_path: Path) -> None:
    _run("cases", "import", folder, tmp_path / "masks")
    with CaseStore.open(folder) as store:
        assert store.writable
        for command in (("cases", "list"), ("cases", "verify"), ("cases", "audit")):
            assert _run(*command, folder) == 0
        assert _run("export", folder, "-o", tmp_path / "out") == 0
        with pytest.raises(UsageError, match="another window"):
            _run("cases", "import", folder, tmp_path / "masks")


def test_reading_commands_leave_the_folder_to_the_window(folder: Path, tmp_path: Path) -> None:
    _run("cases", "import", folder, tmp_path / "masks")
    with CaseStore.open(folder, read_only=True), CaseStore.open(folder) as window:
        assert window.writable


def test_wrong_usage_says_what_to_do(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no case database"):
        _run("export", folder, "-o", tmp_path / "out")
    with pytest.raises(UsageError, match="no case database"):
        _run("cases", "audit", folder)
    with pytest.raises(UsageError, match="no folder"):
        _run("export", tmp_path / "none", "-o", tmp_path / "out")
    with pytest.raises(UsageError, match="'mask,gif'"):
        _run("export", folder, "-o", tmp_path / "out", "--formats", "mask,gif")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="stem of a photo"):
        _run("cases", "import", folder, tmp_path / "empty")
    _run("cases", "import", folder, tmp_path / "masks")
    with pytest.raises(UsageError, match="no case 'x'"):
        _run("cases", "audit", folder, "--photo", "x")


@pytest.mark.parametrize("command", [["export"], ["cases"], ["cases", "import"]])
def test_help_has_an_example(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        _run(*command, "--help")
    assert ended.value.code == 0
    assert "tongue-viewer " + " ".join(command) in capsys.readouterr().out


def test_an_audit_can_be_checked_by_anyone_and_against_a_noted_hash(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _run("cases", "import", folder, tmp_path / "masks")
    capsys.readouterr()
    assert _run("cases", "audit", folder, "--json", "--figures") == 0
    document = json.loads(capsys.readouterr().out)
    link = bytes(32)
    for edit in document["edits"]:
        link = hashlib.sha256(link + edit["digest_text"].encode()).digest()
        assert edit["sha256"] == link.hex()
    assert document["head"]["sha256"] == link.hex()
    assert {case["name"]: case["steps"] for case in document["cases"]}
    assert _run("cases", "verify", folder, "--head", link.hex()) == 0
    assert _run("cases", "verify", folder, "--head", "0" * 64) == 1
    assert "rewritten" in capsys.readouterr().out


def _invert(masks: Path) -> None:
    for path in masks.iterdir():
        Image.fromarray(255 - np.asarray(Image.open(path))).save(path)


def test_inverted_masks_without_a_terminal_stop_with_names_and_the_option(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _invert(tmp_path / "masks")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(UsageError, match=r"2 of 2 masks look inverted .* 1\.png, 舌\.png.*--inverted yes"):
        _run("cases", "import", folder, tmp_path / "masks")
    assert not (folder / ".tongue-viewer").exists()


@pytest.mark.parametrize(("option", "turned"), [("yes", True), ("each", True), ("no", False)])
def test_the_option_says_what_is_done_with_inverted_masks(
    folder: Path, tmp_path: Path, option: str, turned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    masks = tmp_path / "masks"
    straight = read_mask(masks / "1.png")
    _invert(masks)
    assert _run("cases", "import", folder, masks, "--inverted", option, "--json") == 0
    assert json.loads(capsys.readouterr().out)["looks_inverted"] == ["1.png", "舌.png"]
    with CaseStore.open(folder) as store:
        for case in store.stored():
            assert np.array_equal(case.mask, straight if turned else 1 - straight)


class _Terminal(io.StringIO):
    """A person at a keyboard."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "imported"), [("y\n", 2), ("q\n", 0), ("\n", 0), ("", 0)])
def test_at_a_terminal_a_person_is_asked(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    imported: int,
) -> None:
    _invert(tmp_path / "masks")
    monkeypatch.setattr("sys.stdin", _Terminal(answer))
    if imported:
        assert _run("cases", "import", folder, tmp_path / "masks") == 0
    else:
        with pytest.raises(UsageError, match="Nothing was imported"):
            _run("cases", "import", folder, tmp_path / "masks")
        assert not (folder / ".tongue-viewer").exists()
