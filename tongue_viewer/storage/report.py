"""A page that shows what an export holds: a line for each photo, in one file, nothing from outside."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from tongue_viewer.core.photo import RgbArray
from tongue_viewer.storage.thumbnails import make_thumbnail

_PICTURE_SIZE = 160
_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem;color:#1c1f24;background:#fff}"
    "table{border-collapse:collapse}th,td{padding:.4rem .8rem;border-bottom:1px solid"
    " #d8dce2;text-align:left}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}img{display:block}"
    "@media(prefers-color-scheme:dark){body{color:#e6e8eb;background:#16181c}th,td{border-color:#363b43}}"
)


def picture(rgb: RgbArray) -> str:
    """A small picture as a data address; (H, W, 3) uint8."""
    buffer = io.BytesIO()
    small: RgbArray = np.ascontiguousarray(make_thumbnail(rgb, _PICTURE_SIZE))
    Image.fromarray(small).save(buffer, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def report_page(
    title: str, rows: Sequence[Mapping[str, object]], pictures: Mapping[str, str], failed: Mapping[str, str]
) -> bytes:
    """The page, UTF-8.

    Args:
        title: for example the folder's name.
        rows: as in the table of measurements; each has "name".
        pictures: name → address from `picture`.
        failed: name → reason.
    """
    columns = list(dict.fromkeys(key for row in rows for key in row))
    head = "".join(f"<th>{html.escape(column.replace('_', ' '))}</th>" for column in columns)
    body = "".join(_line(row, columns, pictures.get(str(row["name"]), "")) for row in rows)
    problems = "".join(
        f"<li><b>{html.escape(name)}</b>: {html.escape(why)}</li>" for name, why in failed.items()
    )
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{html.escape(title)}</h1>"
        f"<p>{len(rows)} photos exported, {len(failed)} not. Research use; not a medical device.</p>"
        + (f"<h2>Not exported</h2><ul>{problems}</ul>" if failed else "")
        + f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table></body></html>\n"
    )
    return page.encode()


def _line(row: Mapping[str, object], columns: Sequence[str], address: str) -> str:
    image = f'<img src="{address}" alt="">' if address else ""
    cells = "".join(
        f"<td{_kind(row.get(column, ''))}>{html.escape(str(row.get(column, '')))}</td>" for column in columns
    )
    return f"<tr><td>{image}</td>{cells}</tr>"


def _kind(value: object) -> str:
    return ' class="n"' if isinstance(value, int | float) else ""
