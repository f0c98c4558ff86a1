"""What an evaluation's report says, as blocks that HTML and Markdown both render."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tongue_viewer.jobs.evaluate import EvaluationFinished
from tongue_viewer.jobs.evaluation_scores import CaseScore
from tongue_viewer.jobs.report_metrics import MEASURES, definitions
from tongue_viewer.jobs.report_svg import outlines_svg, quality_svg, reliability_svg

WORST = 12


@dataclass(frozen=True)
class Heading:
    """A heading of level 1, 2 or 3."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Plain text."""

    text: str


@dataclass(frozen=True)
class Terms:
    """A list of terms, each with a sentence."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """Cells as text; the first column is aligned to the left, the rest to the right."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Drawing:
    """One `<svg>` element.

    Attributes:
        name: of a file for it, without suffix.
        caption: below it.
        svg: the element.
    """

    name: str
    caption: str
    svg: str


@dataclass(frozen=True)
class Drawings:
    """Drawings side by side."""

    items: tuple[Drawing, ...]


Block = Heading | Paragraph | Terms | Table | Drawings


def report_blocks(sets: Sequence[EvaluationFinished]) -> list[Block]:
    """The whole report.

    Args:
        sets: one for each set of photos, at least one, all of the same model or folder of masks.
    """
    first = sets[0].report
    digest = str(first["model"]["sha256"])[:16] or "–"
    blocks: list[Block] = [
        Heading(1, f"Evaluation of {first['model']['name']}"),
        Paragraph(
            f"Engine {first['engine']}, model sha256 {digest}. Every measure is taken at the photo's own size;"
            f" surface Dice forgives {first['nsd']['tolerance_px']:g} px. Intervals are 95 % bootstrap intervals"
            " over photos. Drawings show outlines only; no photo is in this report. Research use; not a medical"
            " device."
        ),
    ]
    if len(sets) > 1:
        blocks += [Heading(2, "All sets"), _overview(sets)]
    for number, finished in enumerate(sets, 1):
        blocks += _set_blocks(number, finished)
    tolerance = float(first["nsd"]["tolerance_px"])
    return [*blocks, Heading(2, "How each number is defined"), Terms(definitions(tolerance))]


def _overview(sets: Sequence[EvaluationFinished]) -> Table:
    rows = []
    for finished in sets:
        report = finished.report
        if not report["n"]:
            continue
        means = (_number(report[key]["mean"], digits) for key, _, digits in MEASURES)
        rows.append((report["set"], str(report["n"]), *means, _number(report["dice"]["min"], 4)))
    return Table(("set", "photos", *(label for _, label, _ in MEASURES), "lowest Dice"), tuple(rows))


def _set_blocks(number: int, finished: EvaluationFinished) -> list[Block]:
    report, scores = finished.report, finished.scores
    worst = sorted(scores, key=lambda s: s.agreement.dice)[:WORST]
    blocks: list[Block] = [Heading(2, f"{report['set']}: {report['n']} photos"), _summary_table(report)]
    if report["calibration"]:
        blocks += _calibration_blocks(number, report["set"], report["calibration"])
    if report["quality"]:
        blocks += _quality_blocks(number, report["quality"], scores)
    problems = [(entry["name"], entry["reason"]) for entry in (*report["failed"], *report["orphans"])]
    if problems:
        blocks += [Heading(3, "Not compared"), Terms(tuple(problems))]
    if worst:
        drawings = tuple(_outlines(number, rank, score) for rank, score in enumerate(worst, 1))
        blocks += [
            Heading(3, f"The {len(worst)} photos with the lowest Dice"),
            Paragraph("Blue: the reference. Magenta: the mask."),
            Drawings(drawings),
        ]
    return [*blocks, Heading(3, "All photos"), _case_table(scores)]


def _summary_table(report: Mapping[str, Any]) -> Table:
    rows = []
    for key, label, digits in MEASURES:
        table = report[key]
        if table["mean"] is None:
            continue
        low, high = table["ci95"]
        rows.append(
            (
                label,
                _number(table["mean"], digits),
                f"{_number(low, digits)} – {_number(high, digits)}",
                *(_number(table[name], digits) for name in ("median", "min", "max")),
            )
        )
    return Table(("measure", "mean", "95 % interval", "median", "min", "max"), tuple(rows))


def _calibration_blocks(number: int, title: str, found: Mapping[str, Any]) -> list[Block]:
    areas = [("outline band", found["outline"]), ("whole photo", found)]
    filled = [(name, area) for name, area in areas if area is not None]
    rows = [
        (
            name,
            _number(area["pixels"], 0),
            *(_number(area[f"{key}_{when}"], 4) for key in _ERRORS for when in _WHEN),
        )
        for name, area in filled
    ]
    head = ("pixels of", "pixels", *(f"{label} {when}" for label in _ERRORS.values() for when in _WHEN))
    fitted = found["temperature_fitted"]
    best = "" if fitted is None else f" These photos alone would ask for {fitted:.3f}."
    drawings = tuple(
        Drawing(
            f"{number}-reliability-{name.split()[0]}",
            f"{title}, {name}: reliability diagram",
            reliability_svg(area["diagram"], f"Reliability diagram of {title}, {name}"),
        )
        for name, area in filled
    )
    text = f"The model's temperature is {found['temperature']:.3f}; before: without it, after: with it.{best}"
    return [Heading(3, "Calibration"), Paragraph(text), Table(head, tuple(rows)), Drawings(drawings)]


_ERRORS = {"ece": "ECE", "mce": "MCE", "brier": "Brier"}
_WHEN = ("before", "after")


def _quality_blocks(number: int, found: Mapping[str, Any], scores: Sequence[CaseScore]) -> list[Block]:
    rows = tuple(
        (label, _number(found[key], 3), " – ".join(_number(value, 3) for value in found[interval]))
        for label, key, interval in (
            ("Spearman", "spearman", "ci95"),
            ("Kendall tau-b", "kendall", "kendall_ci95"),
        )
        if found[key] is not None
    )
    text = (
        f"Expected Dice {found['mean_quality']:.4f} on average, found {found['mean_dice']:.4f}."
        " It orders the photos of a folder by need of correction."
    )
    name = f"{number}-quality"
    drawing = Drawing(
        name,
        "Dice expected and found, a point for each photo",
        quality_svg(scores, "Dice expected and found"),
    )
    table: list[Block] = [Table(("rank correlation", "value", "95 % interval"), rows)] if rows else []
    return [Heading(3, "Quality score"), Paragraph(text), *table, Drawings((drawing,))]


def _outlines(number: int, rank: int, score: CaseScore) -> Drawing:
    dice, distance = _number(score.agreement.dice, 4), _number(score.agreement.hd95_px, 1)
    caption = f"{score.name} · Dice {dice} · HD95 {distance} px"
    return Drawing(f"{number}-worst-{rank:02d}", caption, outlines_svg(score, caption))


def _case_table(scores: Sequence[CaseScore]) -> Table:
    ordered = sorted(scores, key=lambda s: s.agreement.dice)
    rated = any(score.quality is not None for score in scores)
    rows = []
    for score in ordered:
        values = tuple(_number(getattr(score.agreement, key), digits) for key, _, digits in MEASURES)
        quality = () if not rated else (_number(score.quality, 4),)
        rows.append((score.name, *values, *quality))
    last = ("Expected Dice",) if rated else ()
    return Table(("photo", *(label for _, label, _ in MEASURES), *last), tuple(rows))


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:,.{digits}f}" if digits == 0 else f"{value:.{digits}f}"
