"""The arithmetic of the robustness table, by hand, and what its report shows."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tongue_viewer.core.conditions import choose_conditions
from tongue_viewer.jobs.report_html import html_page
from tongue_viewer.jobs.report_markdown import markdown_page
from tongue_viewer.jobs.robustness_blocks import robustness_blocks
from tongue_viewer.jobs.robustness_chart import line_chart
from tongue_viewer.jobs.robustness_table import CellScore, PictureScore, SetScores, robustness_report

CONDITIONS = choose_conditions(("blur",))


def scores(*dice: float) -> list[CellScore]:
    return [CellScore(f"{'abc'[i]}.jpg", value, 0.995, 0.2) for i, value in enumerate(dice)]


@pytest.fixture
def report() -> dict[str, Any]:
    """Two photos under five conditions; one of them could not be made of the second photo."""
    cells = {
        "unchanged": scores(0.96, 0.98),
        "blur-0": scores(0.96, 0.98),
        "blur-1": scores(0.98, 0.99),
        "blur-2": scores(0.95, 0.93),
        "blur-3": scores(0.90),
    }
    pictures = {
        "rocks": [PictureScore("a.png", 0.0), PictureScore("b.png", 0.02), PictureScore("c.png", 0.01)],
        "none": [],
    }
    found = robustness_report(
        CONDITIONS,
        [SetScores("clinic", cells, (("lonely.png", "no photo"),))],
        pictures,
        [("x|y.jpg", "damaged")],
    )
    return {"model": {"name": "m", "sha256": "0" * 64}, "engine": "e", "seed": 0, "limit": None} | found


def cell(report: dict[str, Any], key: str) -> Any:
    return next(c for c in report["sets"][0]["cells"] if c["condition"] == key)


def test_means_differences_and_the_distance_to_the_best(report: dict[str, Any]) -> None:
    two = cell(report, "blur-2")
    assert two["dice"]["mean"] == pytest.approx(0.94)
    assert (two["dice"]["min"], two["lowest"]) == (0.93, "b.jpg")
    assert two["difference"]["mean"] == pytest.approx(-0.03)
    assert two["difference"]["ci95"] == [pytest.approx(-0.05), pytest.approx(-0.01)]
    assert two["to_best"] == pytest.approx(0.94 - 0.985)
    assert cell(report, "blur-1")["to_best"] == 0
    three = cell(report, "blur-3")
    assert three["n"] == 1
    assert three["difference"]["mean"] == pytest.approx(-0.06)  # to the same photo, not to the mean of both
    spread = report["sets"][0]["families"]["blur"]
    assert (spread["best"], spread["worst"]) == ("blur-1", "blur-3")
    assert spread["gap"] == pytest.approx(0.085)


def test_the_unchanged_photos_count_as_a_member_of_every_family() -> None:
    cells = {"unchanged": scores(0.99), "blur-3": scores(0.9)}
    found = robustness_report(choose_conditions(("blur-3",)), [SetScores("s", cells)], {}, [])
    assert found["sets"][0]["families"]["blur"]["best"] == "unchanged"
    assert found["sets"][0]["cells"][1]["to_best"] == pytest.approx(-0.09)


def test_areas_without_a_tongue(report: dict[str, Any]) -> None:
    rocks, none = report["tongue_free"]["groups"]
    assert (rocks["n"], rocks["mean"], rocks["max"]) == (3, pytest.approx(0.01), 0.02)
    assert (rocks["largest"], rocks["with_any"]) == ("b.png", 2)
    assert (none["n"], none["mean"], none["with_any"]) == (0, None, 0)
    assert report["tongue_free"]["all"]["n"] == 3
    assert "pictures" not in report["tongue_free"]["all"]


def test_a_set_of_which_nothing_could_be_read_has_no_means() -> None:
    cells: dict[str, list[CellScore]] = {c.key: [] for c in CONDITIONS}
    found = robustness_report(CONDITIONS, [SetScores("s", cells)], {}, [])
    head = {"model": {"name": "m", "sha256": ""}, "engine": "e", "seed": 0, "limit": 3}
    assert found["sets"][0]["families"]["blur"]["gap"] is None
    assert "| unchanged" not in markdown_page(robustness_blocks(head | found), "f")


def test_the_report_shows_points_and_percent(report: dict[str, Any]) -> None:
    text = markdown_page(robustness_blocks(report), "table_files")
    row = next(line for line in text.splitlines() if line.startswith("| σ 2"))
    shown = [part.strip() for part in row.strip("|").split("|")]
    assert shown[1:4] == ["2", "20.0", "0.9400"]
    assert shown[5] == "-3.00"
    assert shown[7:] == ["-4.50", "0.9950", "0.9300", "b.jpg"]
    assert re.search(r"\| blur \| 8\.50 \(σ 3\) \|", text)
    assert re.search(r"\| rocks \| 3 \| 1\.000 \| 2\.000 \| b\.png \| 2 \|", text)
    assert "lonely.png" in text
    assert "x\\|y.jpg" in text
    page = html_page(robustness_blocks(report))
    assert page.count("<svg") == 1
    for loaded in ("http", "src=", "<img", "<script", "url("):
        assert loaded not in page


def test_a_chart_leaves_a_gap_where_there_is_no_value() -> None:
    svg = line_chart("Dice", ["1", "2", "3", "4"], {"<a>": [0.97, None, 0.985, 1.0]})
    assert svg.count("<circle") == 3
    assert svg.count("stroke-width") == 1
    assert re.search(r'd="M[\d. ]+L[\d. ]+" fill="none"', svg)  # one stroke: from the third to the fourth
    assert "&lt;a&gt;" in svg
    assert ">0.96<" in svg  # the floor of the axis
