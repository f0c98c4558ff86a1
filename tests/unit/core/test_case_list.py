"""Filters, searches and orders of the list, without a list."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tongue_viewer.core.case_list import (
    UNFINISHED,
    CaseFilter,
    Order,
    SortKey,
    is_uncertain,
    search_text,
    search_words,
    sort_key,
)
from tongue_viewer.core.cases import CaseStatus, CaseSummary
from tongue_viewer.core.patients import NOBODY, PatientId
from tongue_viewer.core.quality import UNCERTAIN_BELOW
from tongue_viewer.core.sorted_rows import SortedRows


def case(
    name: str,
    status: CaseStatus = CaseStatus.PREDICTED,
    *,
    note: str = "",
    changed: float = 0.0,
    quality: float | None = None,
) -> CaseSummary:
    return CaseSummary(Path("photos") / name, name, status, note, changed, quality)


def test_uncertain_is_a_low_quality_that_nobody_has_answered() -> None:
    assert is_uncertain(case("a", quality=UNCERTAIN_BELOW - 0.001))
    assert not is_uncertain(case("a", quality=UNCERTAIN_BELOW))
    assert not is_uncertain(case("a", CaseStatus.TO_DO))
    for status in CaseStatus:
        assert is_uncertain(case("a", status, quality=0.5)) == (status in UNFINISHED)


def test_a_search_wants_all_words_in_name_patient_visit_or_note() -> None:
    text = search_text(case("IMG_舌象.BMP", note="Ask Dr. Wang"), PatientId("P012", "V2"))
    for words in ("img", "舌象 p012", "WANG v2 ask", "", "  "):
        assert CaseFilter(words=search_words(words)).takes(case("x"), text), words
    for words in ("img 3", "P012V2", "photos"):
        assert not CaseFilter(words=search_words(words)).takes(case("x"), text), words


def order(kind: Order, cases: list[CaseSummary], ids: list[PatientId] | None = None) -> list[str]:
    whose = ids or [NOBODY] * len(cases)
    rows = SortedRows()
    rows.set_keys([sort_key(kind, row, one, whose[row]) for row, one in enumerate(cases)])
    rows.choose()
    return [cases[rows.row_at(place)].path.name for place in range(len(rows))]


def test_every_order_says_who_stands_first() -> None:
    cases = [
        case("2.bmp", quality=0.9, changed=10.0),
        case("10.bmp", quality=None, changed=0.0),
        case("B.bmp", quality=0.5, changed=30.0),
        case("a.bmp", quality=0.9, changed=20.0),
    ]
    ids = [PatientId("P10", "1"), NOBODY, PatientId("P2", "10"), PatientId("P2", "9")]
    assert order(Order.FOLDER, cases) == ["2.bmp", "10.bmp", "B.bmp", "a.bmp"]
    assert order(Order.NAME, cases) == ["10.bmp", "2.bmp", "a.bmp", "B.bmp"]
    assert order(Order.CHANGED, cases) == ["B.bmp", "a.bmp", "2.bmp", "10.bmp"]
    assert order(Order.NEED, cases) == ["B.bmp", "2.bmp", "a.bmp", "10.bmp"]
    assert order(Order.PATIENT, cases, ids) == ["a.bmp", "B.bmp", "2.bmp", "10.bmp"]


@given(
    numbers=st.lists(st.integers(0, 5), min_size=1, max_size=12),
    changes=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 5)), max_size=8),
    hidden=st.sets(st.integers(0, 11)),
)
def test_single_changes_leave_what_sorting_anew_gives(
    numbers: list[int], changes: list[tuple[int, int]], hidden: set[int]
) -> None:
    rows = SortedRows()
    keys: list[SortKey] = [(number, row) for row, number in enumerate(numbers)]
    rows.set_keys(keys)
    rows.choose(set(range(len(keys))) - hidden)
    for row, number in changes:
        if row >= len(keys):
            continue
        shown = rows.place_of(row) is not None
        assert shown == (row not in hidden)
        if shown:
            rows.hide(row)
        keys[row] = (number, row)
        rows.change_key(row, keys[row])
        if shown:
            rows.show(row)
    expected = [row for _, row in sorted((key, row) for row, key in enumerate(keys))]
    assert [rows.row_at(place) for place in range(len(rows))] == [
        row for row in expected if row not in hidden
    ]
    assert list(rows.following(-1)) == expected
    for row in range(len(keys)):
        here = expected.index(row)
        assert list(rows.following(row)) == expected[here + 1 :] + expected[:here]
        assert rows.after(row, 2) == expected[here + 1 : here + 3]
