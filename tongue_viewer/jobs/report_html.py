"""The report of an evaluation as one HTML page that loads nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from tongue_viewer.jobs.report_blocks import Block, Drawing, Heading, Paragraph, Table, Terms

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
table{border-collapse:collapse;margin:1rem 0}
th,td{padding:.25rem .75rem;border-bottom:1px solid #d0d7de}
td+td,th+th{text-align:right;font-variant-numeric:tabular-nums}
.grid{display:flex;flex-wrap:wrap;gap:1rem}
figure{margin:0;width:17rem}
svg{width:100%;height:auto}
figcaption{font-size:.85rem;overflow-wrap:anywhere}
dt{font-weight:600}dd{margin:0 0 .5rem}
"""


def html_page(blocks: Sequence[Block]) -> str:
    """The page; its title is the first heading."""
    title = next((block.text for block in blocks if isinstance(block, Heading)), "")
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
    return "\n".join((head, f"<style>{_STYLE}</style>", *map(_block, blocks), "</html>", ""))


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
    if isinstance(block, Paragraph):
        return f"<p>{escape(block.text)}</p>"
    if isinstance(block, Terms):
        items = "".join(f"<dt>{escape(term)}</dt><dd>{escape(text)}</dd>" for term, text in block.items)
        return f"<dl>{items}</dl>"
    if isinstance(block, Table):
        rows = "".join(_row("td", row) for row in block.rows)
        return f"<table><thead>{_row('th', block.head)}</thead><tbody>{rows}</tbody></table>"
    return f'<div class="grid">{"".join(map(_figure, block.items))}</div>'


def _row(kind: str, cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{kind}>{escape(cell)}</{kind}>' for cell in cells)}</tr>"


def _figure(drawing: Drawing) -> str:
    return f"<figure>{drawing.svg}<figcaption>{escape(drawing.caption)}</figcaption></figure>"
