"""The report of an evaluation as one HTML file: tables, and the outlines of the worst; no photo is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from tongue_viewer.jobs.evaluate import CaseScore

WORST = 12

_MEASURES = (
    ("dice", "Dice", 4),
    ("iou", "Foreground IoU", 4),
    ("boundary_iou", "Boundary IoU", 4),
    ("nsd", "Surface Dice", 4),
    ("hd95_px", "HD95 (px)", 2),
    ("assd_px", "ASSD (px)", 2),
)
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
table{border-collapse:collapse;margin:1rem 0}
th,td{padding:.25rem .75rem;border-bottom:1px solid #d0d7de}
td+td,th+th{text-align:right;font-variant-numeric:tabular-nums}
.grid{display:flex;flex-wrap:wrap;gap:1rem}
figure{margin:0;width:17rem}
svg{width:100%;background:#f3f4f6}
figcaption{font-size:.85rem;overflow-wrap:anywhere}
path{fill:none;stroke-width:1.5;vector-effect:non-scaling-stroke}
.r{stroke:#0550ae}.m{stroke:#bf3989}
.key span{font-weight:600}.key .r{color:#0550ae}.key .m{color:#bf3989}
"""


def evaluation_page(report: Mapping[str, Any], scores: Sequence[CaseScore]) -> str:
    """A self-contained page: nothing is loaded from elsewhere.

    Args:
        report: of `EvaluationFinished`.
        scores: of `EvaluationFinished`.
    """
    worst = sorted(scores, key=lambda s: s.agreement.dice)[:WORST]
    title = f"Evaluation of {report['model']['name']}"
    return "\n".join(
        (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>',
            f"<style>{_STYLE}</style><h1>{escape(title)}</h1>",
            _preamble(report),
            _summary_table(report),
            _problems(report),
            f"<h2>The {len(worst)} photos with the lowest Dice</h2>",
            '<p class="key"><span class="r">reference</span> · <span class="m">mask</span></p>',
            f'<div class="grid">{"".join(_figure(score) for score in worst)}</div>',
            "<h2>All photos</h2>",
            _case_table(scores),
            "</html>",
            "",
        )
    )


def _preamble(report: Mapping[str, Any]) -> str:
    digest = str(report["model"]["sha256"])[:16] or "–"
    return (
        f"<p>{report['n']} photos, engine {escape(str(report['engine']))}, model sha256 {escape(digest)}. "
        "Every measure is taken at the photo's own size; "
        f"surface Dice forgives {report['nsd']['tolerance_px']} px. "
        "Intervals are 95 % bootstrap intervals of the mean. Research use; not a medical device.</p>"
    )


def _summary_table(report: Mapping[str, Any]) -> str:
    rows = []
    for key, label, digits in _MEASURES:
        table = report[key]
        if table["mean"] is None:
            continue
        low, high = table["ci95"]
        cells = (
            _number(table["mean"], digits),
            f"{_number(low, digits)} – {_number(high, digits)}",
            *(_number(table[name], digits) for name in ("median", "min", "max")),
        )
        rows.append(_row("td", label, *cells))
    return _table(_row("th", "measure", "mean", "95 % interval", "median", "min", "max"), rows)


def _case_table(scores: Sequence[CaseScore]) -> str:
    ordered = sorted(scores, key=lambda s: s.agreement.dice)
    rows = [
        _row(
            "td",
            score.name,
            *(_number(getattr(score.agreement, key), digits) for key, _, digits in _MEASURES),
        )
        for score in ordered
    ]
    return _table(_row("th", "photo", *(label for _, label, _ in _MEASURES)), rows)


def _problems(report: Mapping[str, Any]) -> str:
    items = [
        f"<li>{escape(entry['name'])}: {escape(entry['reason'])}</li>"
        for entry in (*report["failed"], *report["orphans"])
    ]
    return f"<h2>Not compared</h2><ul>{''.join(items)}</ul>" if items else ""


def _figure(score: CaseScore) -> str:
    height, width = score.shape
    reference, mask = score.outlines
    dice, distance = _number(score.agreement.dice, 4), _number(score.agreement.hd95_px, 1)
    caption = f"{score.name} · Dice {dice} · HD95 {distance} px"
    return (
        f'<figure><svg viewBox="-1 -1 {width + 2} {height + 2}" role="img" aria-label="{escape(caption)}">'
        f'<path class="r" d="{reference}"/><path class="m" d="{mask}"/></svg>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _table(head: str, rows: Sequence[str]) -> str:
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


def _row(kind: str, *cells: str) -> str:
    return f"<tr>{''.join(f'<{kind}>{escape(cell)}</{kind}>' for cell in cells)}</tr>"


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}"
