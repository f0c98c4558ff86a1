"""The lines of a history, its named places, and the list that shows thousands of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from tongue_viewer.core.cases import CaseStatus, Origin
from tongue_viewer.core.history import CaseFigures, LogEntry
from tongue_viewer.ui.history_model import HistoryModel
from tongue_viewer.ui.history_panel import HistoryPanel
from tongue_viewer.ui.history_rows import (
    HistoryRow,
    day,
    deed,
    details,
    figures_text,
    find_anchors,
    fold,
    when,
    who,
)

TODAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 12, 0).timestamp()  # noqa: DTZ001 - what people read is local
BRUSH = LogEntry(1, "a", NOON, "Anna", "Brush", "brush", Origin.HUMAN, CaseStatus.EDITED, changes_mask=True)


def log_of(count: int, *, seconds: float = 1.0) -> tuple[LogEntry, ...]:
    return tuple(replace(BRUSH, number=n + 1, made=NOON + n * seconds) for n in range(count))


def test_words_for_moments() -> None:
    yesterday = replace(BRUSH, made=NOON - 86400 + 300)
    old = replace(BRUSH, made=NOON - 4 * 86400)
    assert [when(entry, TODAY) for entry in (BRUSH, yesterday, old)] == [
        "12:00",
        "yesterday 12:05",
        "2026-11-20 12:00",
    ]
    assert day(BRUSH, TODAY) == "today"


def test_words_for_deeds_and_their_makers() -> None:
    review = replace(BRUSH, action="Status", tool="status", status=CaseStatus.REVIEWED)
    answer = replace(
        BRUSH,
        action="Segment (net)",
        tool="segment",
        origin=Origin.MODEL,
        model="net",
        status=CaseStatus.PREDICTED,
    )
    assert [deed(HistoryRow(entry)) for entry in (BRUSH, review, answer)] == ["Brush", "Reviewed", "Segment"]
    assert deed(HistoryRow(BRUSH, 3)) == "Brush · 3 steps"
    assert [who(entry) for entry in (BRUSH, answer)] == ["Anna", "net"]
    told = details(replace(review, note="a scar", sha256="f" * 64))
    assert all(word in told for word in ("12:00:00", "Anna", "Reviewed", "a scar", "f" * 16))


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        (
            CaseFigures(12, 3.49, 0.9617, "Anna"),
            "12 steps · 3.5 min · Dice with the model's mask 0.962 · reviewed by Anna",
        ),
        (CaseFigures(1, 0.0), "1 step · 0.0 min"),
    ],
)
def test_figures_in_one_line(figures: CaseFigures, text: str) -> None:
    assert figures_text(figures) == text


def test_steps_of_a_kind_within_a_minute_are_one_line() -> None:
    a, b, c = log_of(3)
    review = replace(b, tool="status")
    assert [row.count for row in fold((a, b, c))] == [3]
    assert [row.count for row in fold((a, review, c))] == [1, 1, 1]
    for other in (
        replace(b, user="Ben"),
        replace(b, tool="erase"),
        replace(b, status=CaseStatus.FLAGGED),
        replace(b, made=NOON + 60),
    ):
        assert [row.entry.number for row in fold((a, other))] == [1, 2]


@given(st.lists(st.tuples(st.sampled_from(["brush", "erase", "status"]), st.integers(0, 40)), max_size=40))
def test_folding_loses_no_entry_and_no_order(steps: list[tuple[str, int]]) -> None:
    made, entries = NOON, []
    for number, (tool, gap) in enumerate(steps, 1):
        made += gap
        entries.append(replace(BRUSH, number=number, tool=tool, made=made))
    rows = fold(entries)
    assert sum(row.count for row in rows) == len(entries)
    assert [row.entry.number for row in rows] == sorted(row.entry.number for row in rows)
    assert not entries or rows[-1].entry is entries[-1]


def test_named_places_are_the_last_of_their_kind() -> None:
    def entry(
        number: int, days: int, tool: str, status: CaseStatus, origin: Origin = Origin.HUMAN
    ) -> LogEntry:
        made = NOON - timedelta(days=days).total_seconds()
        return replace(BRUSH, number=number, made=made, tool=tool, status=status, origin=origin)

    predicted, edited, reviewed = CaseStatus.PREDICTED, CaseStatus.EDITED, CaseStatus.REVIEWED
    log = (
        entry(1, 3, "segment", predicted, Origin.MODEL),
        entry(2, 2, "segment", predicted, Origin.MODEL),
        entry(3, 2, "brush", edited),
        entry(4, 1, "status", reviewed),
        entry(5, 1, "keep", reviewed),
        entry(6, 0, "brush", edited),
    )
    found = find_anchors(log, TODAY)
    assert {name: place.number for name, place in found.items()} == {
        "model": 2,
        "reviewed": 4,
        "yesterday": 5,
    }
    assert find_anchors(log[5:], TODAY) == {}


@pytest.fixture
def model(qtmodeltester: ModelTester) -> HistoryModel:
    """A model whose signals are checked against what it says afterwards."""
    made = HistoryModel()
    qtmodeltester.check(made)  # type: ignore[no-untyped-call]  # pytest-qt's own
    return made


def numbers(model: HistoryModel) -> list[int]:
    return [model.line_at(row).entry.number for row in range(model.rowCount())]


def test_the_newest_entry_stands_on_top(model: HistoryModel) -> None:
    model.set_entries(log_of(3, seconds=61))
    assert numbers(model) == [3, 2, 1]
    assert [model.row_of(number) for number in (3, 2, 1)] == [0, 1, 2]


def test_an_entry_inside_of_a_folded_row_is_found_there(model: HistoryModel) -> None:
    log = (*log_of(3), *(replace(e, number=e.number + 3, tool="erase") for e in log_of(2)))
    model.set_entries(log)
    assert numbers(model) == [5, 3]
    assert [model.row_of(number) for number in (1, 2, 3, 4, 5)] == [1, 1, 1, 0, 0]
    model.set_folded(False)
    assert numbers(model) == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("folded", [True, False])
@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 5), (4, 4), (3, 1)])
def test_a_log_that_grew_gives_the_same_rows_as_a_new_one(
    model: HistoryModel, first: int, second: int, *, folded: bool
) -> None:
    log = tuple(replace(e, tool=("brush", "erase")[e.number // 2 % 2]) for e in log_of(6))
    fresh = HistoryModel()
    for shown in (model, fresh):
        shown.set_folded(folded)
    model.set_entries(log[:first])
    model.set_entries(log[:second])
    fresh.set_entries(log[:second])
    assert numbers(model) == numbers(fresh)


def test_what_is_new_comes_in_above_the_chosen_row(qtbot: QtBot) -> None:
    panel = HistoryPanel()
    qtbot.addWidget(panel)
    panel.show_log(log_of(4, seconds=61), CaseFigures(4, 1.0))
    chosen: list[LogEntry] = []
    panel.entry_chosen.connect(chosen.append)
    panel.view.setCurrentIndex(panel.model.index(1))
    panel.show_log(log_of(6, seconds=61), CaseFigures(6, 1.0))
    assert [entry.number for entry in chosen] == [3]
    assert panel.view.currentIndex().row() == 3
    panel.step(-1)
    assert [entry.number for entry in chosen] == [3, 4]


def test_another_case_has_other_rows(model: HistoryModel) -> None:
    model.set_entries(log_of(2))
    model.set_entries([replace(entry, case_id="b", tool="erase") for entry in log_of(2)])
    assert model.line_at(0).entry.case_id == "b"


def test_five_thousand_entries_are_instant(qtbot: QtBot) -> None:
    panel = HistoryPanel()
    qtbot.addWidget(panel)
    panel.show()
    panel.head.setChecked(True)
    panel.model.set_folded(False)
    log: Sequence[LogEntry] = log_of(5000, seconds=20)
    begin = time.thread_time()  # not the clock: a busy machine makes nothing slower here
    panel.show_log(log, CaseFigures(5000, 60.0))
    panel.view.grab()
    first = time.thread_time() - begin
    begin = time.thread_time()
    panel.show_log((*log, replace(BRUSH, number=5001, made=NOON + 200_000)), CaseFigures(5001, 60.0))
    panel.point_at(log[0])
    panel.view.grab()
    again = time.thread_time() - begin
    assert panel.model.rowCount() == 5001
    assert max(first, again) < 0.5, f"{first:.3f} s, {again:.3f} s"
