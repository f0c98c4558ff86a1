"""Writing a report of blocks: a page for the browser, or Markdown with its drawings beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tongue_viewer.jobs.report_blocks import Block
from tongue_viewer.jobs.report_html import html_page
from tongue_viewer.jobs.report_markdown import drawing_files, markdown_page
from tongue_viewer.storage.atomic import write_atomically
from tongue_viewer.storage.locations import ensure_folder


def write_blocks(path: Path, blocks: Sequence[Block]) -> None:
    """Write the report, each file in one step.

    Args:
        path: ends in ".md": Markdown, and the drawings as SVG files in the folder STEM_files beside it, where drawings
            of an earlier report are replaced or removed; anything else: one HTML page.
        blocks: what it says; the names of its drawings begin with a digit and a hyphen.

    Raises:
        WriteError: a file cannot be written.
    """
    ensure_folder(path.parent)
    if path.suffix.lower() != ".md":
        write_atomically(path, html_page(blocks).encode())
        return
    folder = path.with_name(f"{path.stem}_files")
    files = drawing_files(blocks)
    if files:
        ensure_folder(folder)
    for name, data in files.items():
        write_atomically(folder / name, data)
    kinds = {_kind(name) for name in files}
    for old in folder.glob("[0-9]*-*.svg"):  # there may be fewer sets or photos than before
        if old.name not in files and _kind(old.name) in kinds:
            old.unlink(missing_ok=True)
    write_atomically(path, markdown_page(blocks, folder.name).encode())


def _kind(name: str) -> str:
    """What a drawing shows, without the numbers of its set and its photo: nobody else's file is taken for one."""
    return re.sub(r"\d+", "", name)
