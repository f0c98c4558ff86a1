"""Patient and visit from a name, and what keeps a pattern from hanging."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongue_viewer.core.patients import (
    LONGEST_PATTERN,
    MOST_STEPS,
    NOBODY,
    PatientId,
    PatientPattern,
    id_in,
    ids_of,
)
from tongue_viewer.core.pattern_cost import cost_of
from tongue_viewer.training.pairing import group_of


@pytest.mark.parametrize(
    ("pattern", "stem", "expected"),
    [
        (r"^(?P<patient>[^_]+)_(?P<visit>[^_]+)", "0123_2_left", PatientId("0123", "2")),
        (r"^(?P<visit>\d+)-(?P<patient>\w+)", "3-anna", PatientId("anna", "3")),
        (r"^(\d+)_(\d+)", "12_7", PatientId("12")),
        (r"(?P<visit>V\d)_(\d+)", "V2_77", PatientId("77", "V2")),
        (r"^\d+", "2018101_3", PatientId("2018101")),
        (r"(?P<patient>P\d+)(?:_(?P<visit>V\d))?", "P01", PatientId("P01")),
        (r"^(?P<patient>\D+)_(?P<visit>\d+)", "患者王小明_2", PatientId("患者王小明", "2")),
        (r"^(a)?b", "b", PatientId("b")),
        (r"(\d+)", "anna", NOBODY),
    ],
)
def test_a_name_tells_whose_photo_it_is(pattern: str, stem: str, expected: PatientId) -> None:
    assert PatientPattern.parse(pattern).find(stem) == expected
    assert group_of(stem, pattern) == (expected.patient or stem)  # training means the same patient


def test_an_empty_pattern_finds_nobody() -> None:
    assert ids_of("", ["1_2", "3"]) == (NOBODY, NOBODY)
    assert ids_of(r"^(\d+)_", ["1_2", "x"]) == (PatientId("1"), NOBODY)
    assert PatientId("0123", "2").text == "0123 · 2"
    assert NOBODY.text == ""


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        ("([", "no regular expression"),
        ("", "empty"),
        ("a" * (LONGEST_PATTERN + 1), "characters"),
        (r"\d+_(?P<visit>\d)", "no patient"),
        ("(a+)+$", "inside of a repeat"),
        ("(a|aa)+$", "inside of a repeat"),
        ("(?:a?){20,}", "inside of a repeat"),
        (r"(a*)\1*", "inside of a repeat"),
        (r"(?P<p>a+)(?P=p)+", "inside of a repeat"),
        ("(?:x(?:a{2,}))*", "inside of a repeat"),
        ("(?x) (a) +", "(?x)"),
        ("(?x: a + )", "(?x)"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_a_reason(pattern: str, word: str) -> None:
    with pytest.raises(ValueError, match=re.escape(word)):
        PatientPattern.parse(pattern)


@pytest.mark.parametrize(
    ("pattern", "open_repeats", "choices"),
    [
        (r"^\d{8}$", 0, 1),
        (r"\A[^]_]+", 1, 1),
        (r"\d+", 2, 1),
        (r"^(?:\d+_){2}", 2, 1),
        (r"^\(+[)+*]\++", 2, 1),
        (r"^a|b", 1, 2),
        (r"^(?P<patient>P|S)\d{1,3}?(?=_)", 0, 6),
        (r"^(?i:a)(?#a+)b++c{,}", 2, 1),
        (r"^a{1}b{ }{x}", 0, 1),
    ],
)
def test_the_cost_counts_what_leaves_a_choice(pattern: str, open_repeats: int, choices: int) -> None:
    re.compile(pattern)
    cost = cost_of(pattern)
    assert (cost.open, cost.choices) == (open_repeats, choices)


@pytest.mark.parametrize(
    "pattern", [r"(.*?).*?.*?.*?x", r"(.*).*x", r"(a?)(?:a?){15}x", r"^(.+?)_(.+?)_(.+?)$"]
)
def test_no_pattern_hangs_on_a_name_that_fits_it(pattern: str) -> None:
    parsed, cost = PatientPattern.parse(pattern), cost_of(pattern)
    longest = max(length for length in range(256) if cost.steps(length) <= MOST_STEPS)
    begin = time.perf_counter()
    assert parsed.find("a" * longest) == NOBODY
    assert time.perf_counter() - begin < 1
    if longest < 255:
        assert parsed.find("a" * (longest + 1) + "x") == NOBODY  # too long for it, so that it is not tried


def test_a_folder_of_slow_names_ends_in_time() -> None:
    begin = time.perf_counter()
    found = ids_of(r"(.*?).*?.*?.*?x", ["a" * 50] * 10_000)
    assert time.perf_counter() - begin < 3
    assert len(found) == 10_000


_ATOMS = st.sampled_from(["a", ".", r"\d", "[ab]", "[^_]", "_", r"\)", "(?:ab)", "(a)", "(?=a)"])
_REPEATS = st.sampled_from(["", "?", "*", "+", "{2}", "{1,3}", "{2,}", "*?", "+?", "{1,3}?"])


@given(
    pieces=st.lists(st.tuples(_ATOMS, _REPEATS), min_size=1, max_size=6), stem=st.text("ab_1", max_size=24)
)
def test_what_is_taken_agrees_with_python(pieces: list[tuple[str, str]], stem: str) -> None:
    pattern = "^" + "".join(atom + repeat for atom, repeat in pieces if not (atom == "(?=a)" and repeat))
    try:
        parsed = PatientPattern.parse(pattern)
    except ValueError:
        return
    match = re.search(pattern, stem)
    small = cost_of(pattern).steps(len(stem)) <= MOST_STEPS
    assert parsed.find(stem) == (id_in(match) if match and small else NOBODY)
