"""A small, seeded part of `benchmarks/store/hostile.py`, in a child process as there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.store.hostile import run
from benchmarks.store.hostile_items import make_item, make_seeds

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits on the child are Linux's")

COUNT = 330


def test_hostile_files_end_in_success_or_in_a_sentence_that_names_them() -> None:
    result = run(COUNT, 20, with_bombs=False, workers=1)
    assert result["findings"] == []
    assert result["items"] == COUNT
    assert result["kinds"]["photo"] > 100
    assert result["kinds"]["store"] > 50
    assert {"import", "index", "live", "lock", "name"} <= result["kinds"].keys()
    assert result["outcomes"]["ok"] > 100
    assert result["outcomes"]["PhotoDamagedError"] > 50
    assert result["most_memory"]["mib"] < 400


def test_one_seed_gives_one_item(tmp_path: Path) -> None:
    make_seeds(tmp_path / "seeds", with_bombs=False)
    for number in range(60):
        first, second = (
            make_item(3, number, tmp_path / "seeds", tmp_path / f"{number}{turn}") for turn in "ab"
        )
        assert (first.kind, first.what) == (second.kind, second.what)
        if first.kind in {"photo", "mask"}:
            assert first.target.read_bytes() == second.target.read_bytes()
