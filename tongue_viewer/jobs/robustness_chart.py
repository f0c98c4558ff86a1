"""A line chart as SVG: the cells of a family from left to right, one line for each set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise

_COLOURS = ("#0550ae", "#bf3989", "#1a7f37", "#9a6700", "#6639ba")
_GROUND, _FAINT, _INK = "#f3f4f6", "#d0d7de", "#1b1f24"
_WIDTH, _INNER_HEIGHT = 380, 170
_LEFT, _RIGHT, _TOP, _BOTTOM, _LINE = 46, 10, 10, 26, 16
_FLOORS = (0.98, 0.96, 0.92, 0.8, 0.6, 0.0)


def line_chart(label: str, ticks: Sequence[str], lines: Mapping[str, Sequence[float | None]]) -> str:
    """Dice on the y axis, from a round number that is not above the lowest value, up to 1.

    Args:
        label: for people who cannot see it.
        ticks: below the x axis, at least two.
        lines: name → one value 0..1 for each tick; None leaves a gap.
    """
    known = [value for values in lines.values() for value in values if value is not None]
    low = next(bound for bound in _FLOORS if bound <= min(known, default=0.0))
    height = _TOP + _INNER_HEIGHT + _BOTTOM + _LINE * len(lines)
    size = f'width="{_WIDTH}" height="{height}"'
    head = f'<svg viewBox="0 0 {_WIDTH} {height}" {size} role="img" aria-label="{escape(label)}"'
    parts = [f'{head} font-family="sans-serif"><rect {size} fill="{_GROUND}"/>']
    for step in range(5):
        value = low + (1 - low) * step / 4
        y = _y(value, low)
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="{_FAINT}"/>')
        parts.append(_text(_LEFT - 5, y + 4, f"{value:.4g}", "end"))
    for index, tick in enumerate(ticks):
        parts.append(_text(_x(index, len(ticks)), _TOP + _INNER_HEIGHT + 18, tick, "middle", size=10))
    for number, (name, values) in enumerate(lines.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        points = [None if v is None else (_x(i, len(values)), _y(v, low)) for i, v in enumerate(values)]
        parts.append(_line(points, colour))
        below = _TOP + _INNER_HEIGHT + _BOTTOM + _LINE * number + 10
        parts.append(_text(_LEFT, below, name, "start", colour=colour))
    return "".join((*parts, "</svg>"))


def _line(points: Sequence[tuple[float, float] | None], colour: str) -> str:
    strokes = "".join(f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}" for a, b in pairwise(points) if a and b)
    dots = "".join(f'<circle cx="{p[0]:.1f}" cy="{p[1]:.1f}" r="2.5" fill="{colour}"/>' for p in points if p)
    return f'<path d="{strokes}" fill="none" stroke="{colour}" stroke-width="1.5"/>{dots}'


def _text(x: float, y: float, words: str, anchor: str, *, size: int = 12, colour: str = _INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}">'
        f"{escape(words)}</text>"
    )


def _x(index: int, count: int) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (index + 0.5) / count


def _y(value: float, low: float) -> float:
    return _TOP + _INNER_HEIGHT * (1 - (value - low) / (1 - low))
