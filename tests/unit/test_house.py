"""The house rules that no linter knows: sizes that keep a room habitable, and what may not be committed."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "tongue_viewer"
SOURCES = sorted(PACKAGE.rglob("*.py"))

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
MAX_CLASS_METHODS = 20
TEXT_SUFFIXES = {".py", ".md", ".toml", ".json", ".html", ".svg", ".txt", ".yml", ".qss", ""}


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in SOURCES:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring, which is to be as long as the reader needs."""
    assert node.end_lineno is not None
    lines = node.end_lineno - node.lineno + 1
    first = node.body[0]
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        assert first.end_lineno is not None
        lines -= first.end_lineno - first.lineno + 1
    return lines


def test_files_stay_below_the_hard_stop() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    too_long = {
        str(path.relative_to(ROOT)): lines for path, lines in lengths.items() if lines > MAX_FILE_LINES
    }
    assert not too_long
    assert statistics.median(lengths.values()) <= 120


def test_functions_stay_below_the_hard_stop() -> None:
    found: dict[str, int] = {}
    for path, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"] = _length(node)
    too_long = {name: lines for name, lines in found.items() if lines > MAX_FUNCTION_LINES}
    assert not too_long
    assert statistics.quantiles(found.values(), n=10)[-1] <= 30


def test_classes_have_few_methods() -> None:
    crowded: dict[str, int] = {}
    for path, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                methods = sum(isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) for item in node.body)
                if methods > MAX_CLASS_METHODS:
                    crowded[f"{path.relative_to(ROOT)} {node.name}"] = methods
    assert not crowded


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [("editor", {"PySide6.QtWidgets"}), ("workers", {"PySide6.QtWidgets", "PySide6.QtGui"})],
)
def test_rooms_stay_away_from_parts_of_qt(room: str, forbidden: set[str]) -> None:
    """import-linter knows external packages only as a whole, so the parts of Qt are looked at here."""
    imported: dict[str, Path] = {}
    for path, tree in _trees():
        if path.relative_to(PACKAGE).parts[0] != room:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                imported |= {alias.name: path for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported |= {f"{node.module}.{alias.name}": path for alias in node.names} | {
                    node.module: path
                }
    assert imported, f"no source found in {room}"
    assert not {name: str(path) for name, path in imported.items() if name in forbidden}


def _tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: what is committed cannot be listed")
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


def test_what_is_committed_names_no_host_or_path_of_a_machine() -> None:
    registry = re.compile(r"(pypi|pythonhosted|npmjs|anaconda)\." + r"(org|com)|/simple/")
    machine = re.compile(r"[\"'\s(=](/(work|root|home)/\w+)")
    offenders = []
    for path in _tracked():
        if path.suffix not in TEXT_SUFFIXES or path.name == "LICENSE" or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        offenders += [f"{path.relative_to(ROOT)}: {m.group(0)!r}" for m in registry.finditer(text)]
        offenders += [f"{path.relative_to(ROOT)}: {m.group(0)!r}" for m in machine.finditer(text)]
    assert not offenders


def test_what_is_committed_is_small_enough_and_never_a_pickle() -> None:
    forbidden = {".pt", ".pth", ".pkl", ".ckpt", ".npy", ".npz"}
    for path in _tracked():
        assert path.suffix not in forbidden, path
        assert path.stat().st_size < 95_000_000, path
    assert not (ROOT / "uv.lock").exists() or ROOT / "uv.lock" not in _tracked()


def test_every_source_says_what_it_holds() -> None:
    silent = [str(path.relative_to(ROOT)) for path, tree in _trees() if not ast.get_docstring(tree)]
    assert not silent
