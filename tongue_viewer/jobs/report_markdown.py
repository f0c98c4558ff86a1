"""The report of an evaluation as Markdown, with its drawings as SVG files in a folder beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from tongue_viewer.jobs.report_blocks import Block, Drawing, Drawings, Heading, Paragraph, Table, Terms

_COLUMNS = 3
_SVG_NAMESPACE = "http://www.w3.org/2000/svg"
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#&~$])")


def markdown_page(blocks: Sequence[Block], folder: str) -> str:
    """The text of the report.

    Args:
        blocks: of `report_blocks`.
        folder: name of the folder that holds the files of `drawing_files`, relative to the text's.
    """
    return "\n\n".join(_block(block, folder) for block in blocks) + "\n"


def drawing_files(blocks: Sequence[Block]) -> dict[str, bytes]:
    """File name → SVG document, for every drawing of the report."""
    drawings = [item for block in blocks if isinstance(block, Drawings) for item in block.items]
    return {_file(drawing): _document(drawing.svg) for drawing in drawings}


def _file(drawing: Drawing) -> str:
    return f"{drawing.name}.svg"


def _document(svg: str) -> bytes:
    """An element of a page as a file of its own."""
    return (svg.replace("<svg ", f'<svg xmlns="{_SVG_NAMESPACE}" ', 1) + "\n").encode()


def _block(block: Block, folder: str) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {_text(block.text)}"
    if isinstance(block, Paragraph):
        return _text(block.text)
    if isinstance(block, Terms):
        return "\n".join(f"- **{_text(term)}**: {_text(text)}" for term, text in block.items)
    if isinstance(block, Table):
        return _table(block.head, [tuple(map(_text, row)) for row in block.rows])
    return _gallery(block.items, folder)


def _gallery(drawings: Sequence[Drawing], folder: str) -> str:
    """Pictures with their captions in the cells of a table, which is all that Markdown has for it."""
    columns = min(_COLUMNS, len(drawings))
    cells = [
        f"![{_text(drawing.caption)}]({quote(folder)}/{_file(drawing)})<br>{_text(drawing.caption)}"
        for drawing in drawings
    ]
    cells += [""] * (-len(cells) % columns)
    rows = [tuple(cells[start : start + columns]) for start in range(0, len(cells), columns)]
    return _table(("",) * columns, rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---"] + ["--:"] * (len(head) - 1)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (tuple(map(_text, head)), rule, *rows))


def _text(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
