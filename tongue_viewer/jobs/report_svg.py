"""The drawings of an evaluation as SVG: outlines, the reliability diagram, quality against Dice.

Each is one `<svg>` element that carries its own colours, so that it stands in a page or alone in a file, on light and
dark ground. No pixel of a photo is in them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import cv2
import numpy as np

from tongue_viewer.core.photo import MaskArray
from tongue_viewer.jobs.evaluation_scores import CaseScore

REFERENCE, MASK = "#0550ae", "#bf3989"
"""Colours of the reference's outline and of the mask's: told apart with any colour vision, by lightness too."""

_GROUND, _INK, _FAINT = "#f3f4f6", "#1b1f24", "#9aa4af"
_SIDE, _LEFT, _TOP = 300, 52, 28
_WIDTH, _HEIGHT = _LEFT + _SIDE + 16, _TOP + _SIDE + 44
_TICKS = 5
_POINTS_ALONG_OUTLINE = (
    1500  # of the diagonal: half a pixel for small photos, finer than a screen for large ones
)


def svg_path(mask: MaskArray) -> str:
    """The outlines of a mask as SVG path data, in pixels, to half a pixel (more where a screen cannot show it)."""
    contours, _ = cv2.findContours((mask != 0).view(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    tolerance = max(0.5, math.hypot(*mask.shape) / _POINTS_ALONG_OUTLINE)
    parts = []
    for contour in contours:
        points = cv2.approxPolyDP(contour, tolerance, closed=True)[:, 0]
        parts.append("M" + "L".join(f"{x} {y}" for x, y in points.tolist()) + "Z")
    return "".join(parts)


def outlines_svg(score: CaseScore, label: str) -> str:
    """The outlines of reference and mask in the photo's frame.

    Args:
        score: of the photo.
        label: for people who cannot see it.
    """
    height, width = score.shape
    lines = "".join(
        f'<path d="{data}" fill="none" stroke="{colour}" stroke-width="1.5" vector-effect="non-scaling-stroke"/>'
        for data, colour in zip(score.outlines, (REFERENCE, MASK), strict=True)
    )
    ground = f'<rect x="-1" y="-1" width="{width + 2}" height="{height + 2}" fill="{_GROUND}"/>'
    view = f"-1 -1 {width + 2} {height + 2}"
    size = f'width="320" height="{round(320 * height / width)}"'
    return f'<svg viewBox="{view}" {size} role="img" aria-label="{escape(label)}">{ground}{lines}</svg>'


def reliability_svg(diagrams: Mapping[str, Sequence[Mapping[str, Any]]], label: str) -> str:
    """The reliability diagram: part of tongue over mean probability, with and without temperature.

    Args:
        diagrams: "before" and "after" with their filled bins, as in `evaluate --json`. Equal ones are drawn once.
        label: for people who cannot see it.
    """
    curves = [("after", MASK, "")]
    if diagrams["before"] != diagrams["after"]:
        curves.insert(0, ("before", REFERENCE, ' stroke-dasharray="5 4"'))
    drawn = []
    for name, colour, dashes in curves:
        points = [(_x(b["confidence"], 0.0), _y(b["observed"], 0.0)) for b in diagrams[name]]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        drawn.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"{dashes}/>')
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
    words = [(name, colour) for name, colour, _ in curves] if len(curves) > 1 else []
    keys = "".join(
        _text(_x(0.04, 0.0), _y(0.93 - 0.07 * row, 0.0), f"{name} temperature scaling", colour=colour)
        for row, (name, colour) in enumerate(words)
    )
    return _plot("".join(drawn) + keys, 0.0, ("mean probability of the bin", "part that is tongue"), label)


def quality_svg(scores: Sequence[CaseScore], label: str) -> str:
    """Each photo as a point: the Dice that was expected, and the Dice that was found.

    Args:
        scores: those without a quality are left out.
        label: for people who cannot see it.
    """
    points = [(s.quality, s.agreement.dice, s.name) for s in scores if s.quality is not None]
    lowest = min((min(q, d) for q, d, _ in points), default=0.0)
    floor = max(0.0, math.floor(lowest * 20) / 20)
    floor = min(floor, 0.95)
    dots = "".join(
        f'<circle cx="{_x(q, floor):.1f}" cy="{_y(d, floor):.1f}" r="3" fill="{MASK}" fill-opacity="0.6">'
        f"<title>{escape(name)}: expected {q:.4f}, found {d:.4f}</title></circle>"
        for q, d, name in points
    )
    return _plot(dots, floor, ("expected Dice", "Dice against the reference"), label)


def _plot(content: str, floor: float, axes: tuple[str, str], label: str) -> str:
    """A square from `floor` to 1 on both axes with the line on which both are equal."""
    parts = [
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="{_GROUND}"/>',
        f'<path d="M{_LEFT} {_TOP + _SIDE}L{_LEFT + _SIDE} {_TOP}" stroke="{_FAINT}" stroke-dasharray="2 3"/>',
        f'<path d="M{_LEFT} {_TOP}V{_TOP + _SIDE}H{_LEFT + _SIDE}" fill="none" stroke="{_INK}"/>',
    ]
    for step in range(_TICKS + 1):
        value = floor + (1 - floor) * step / _TICKS
        parts.append(_text(_x(value, floor), _TOP + _SIDE + 16, f"{value:.2f}", anchor="middle"))
        parts.append(_text(_LEFT - 6, _y(value, floor) + 4, f"{value:.2f}", anchor="end"))
    parts.append(_text(_LEFT + _SIDE / 2, _TOP + _SIDE + 36, axes[0], anchor="middle"))
    parts.append(_text(_LEFT - 40, _TOP - 12, axes[1]))
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}{content}</svg>'
    )


def _x(value: float, floor: float) -> float:
    return _LEFT + _SIDE * (value - floor) / (1 - floor)


def _y(value: float, floor: float) -> float:
    return _TOP + _SIDE * (1 - (value - floor) / (1 - floor))


def _text(x: float, y: float, words: str, *, anchor: str = "start", colour: str = _INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="sans-serif" font-size="12" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )
