"""What the report of `robustness` says, as blocks that HTML and Markdown both render; no photo is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tongue_viewer.core.conditions import UNCHANGED
from tongue_viewer.jobs.report_blocks import Block, Drawing, Drawings, Heading, Paragraph, Table
from tongue_viewer.jobs.robustness_chart import line_chart

_LARGEST = 10
_CHARTED = ("size", "blur", "framing", "rotation", "jpeg")
_COLUMNS = (
    "condition",
    "photos",
    "tongue, %",
    "mean Dice",
    "95 % interval",
    "points to as it is",
    "95 % interval",
    "points to the best",
    "ceiling",
    "lowest",
    "photo",
)


def robustness_blocks(report: Mapping[str, Any]) -> list[Block]:
    """The report of `RobustnessFinished`."""
    limit = "all photos of each folder" if report["limit"] is None else f"{report['limit']} of each folder"
    blocks: list[Block] = [
        Heading(1, f"Robustness of {report['model']['name']}"),
        Paragraph(
            f"Model sha256 {str(report['model']['sha256'])[:16]}, engine {report['engine']}, {limit}, seed "
            f"{report['seed']}. Dice is taken at the size of the changed photo; intervals are 95 % bootstrap intervals "
            "over photos. 100 points are a Dice of 1. Research use; not a medical device."
        ),
    ]
    if report["sets"]:
        blocks += _summary(report)
        blocks += _charts(report)
        for family, text in report["families"].items():
            if family != UNCHANGED:
                blocks += _family(report, family, text)
    if report["tongue_free"]["groups"]:
        blocks += _tongue_free(report["tongue_free"])
    orphans = (entry for one in report["sets"] for entry in one["orphans"])
    problems = tuple((e["name"], e["reason"]) for e in (*report["failed"], *orphans))
    if problems:
        blocks += [Heading(2, "Not judged"), Table(("file", "reason"), problems)]
    return blocks


def _summary(report: Mapping[str, Any]) -> Iterator[Block]:
    sets = report["sets"]
    yield Heading(2, "The photos as they are")
    rows = []
    for one in sets:
        cell = _cell(one, UNCHANGED)
        dice = cell["dice"]
        numbers = (_four(dice["mean"]), _interval(dice["ci95"]), _four(dice["min"]), cell["lowest"] or "–")
        rows.append((one["name"], str(one["n"]), *numbers))
    yield Table(("set", "photos", "mean Dice", "95 % interval", "lowest", "photo"), tuple(rows))
    yield Heading(2, "The largest gap of each family")
    yield Paragraph(
        "From the best to the worst mean Dice of a family of conditions, in points, and the worst condition. The "
        "photos as they are count in every family."
    )
    gaps = [
        (family, *(_gap(report, one["families"][family]) for one in sets))
        for family in report["families"]
        if family != UNCHANGED
    ]
    yield Table(("family", *(one["name"] for one in sets)), tuple(gaps))


def _gap(report: Mapping[str, Any], spread: Mapping[str, Any]) -> str:
    if spread["gap"] is None:
        return "–"
    label = next(c["label"] for c in report["conditions"] if c["key"] == spread["worst"])
    return f"{100 * spread['gap']:.2f} ({label})"


def _charts(report: Mapping[str, Any]) -> Iterator[Block]:
    drawings = []
    for family in _CHARTED:
        conditions = _of_family(report, family)
        if len(conditions) > 1:
            labels = [str(c["label"]) for c in conditions]
            lines = {
                one["name"]: [_cell(one, c["key"])["dice"]["mean"] for c in conditions]
                for one in report["sets"]
            }
            caption = f"Mean Dice by {family}"
            drawings.append(Drawing(f"1-{family}", caption, line_chart(caption, labels, lines)))
    if drawings:
        yield Drawings(tuple(drawings))


def _family(report: Mapping[str, Any], family: str, text: str) -> Iterator[Block]:
    yield Heading(2, family.capitalize())
    yield Paragraph(f"{text[0].upper()}{text[1:]}.")
    if family == "size":
        yield Paragraph(
            f"Ceiling: the Dice of the reference with itself moved by {report['ceiling_shift_px']:g} px of the new "
            "size, as areas of the plane, the mean of a move along each axis. A mask whose outline is known to that "
            "much cannot be expected to score higher: a loss down to the ceiling is the grid's, not the model's."
        )
    conditions = _of_family(report, family)
    for one in report["sets"]:
        yield Heading(3, one["name"])
        yield Table(_COLUMNS, tuple(_row(c["label"], _cell(one, c["key"])) for c in conditions))


def _of_family(report: Mapping[str, Any], family: str) -> list[Mapping[str, Any]]:
    return [c for c in report["conditions"] if c["family"] == family]


def _cell(one: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return next(cell for cell in one["cells"] if cell["condition"] == key)


def _row(label: str, cell: Mapping[str, Any]) -> tuple[str, ...]:
    if not cell["n"]:
        return (label, "0", *("–",) * (len(_COLUMNS) - 2))
    change = cell["difference"]
    return (
        label,
        str(cell["n"]),
        f"{100 * cell['tongue_part']:.1f}",
        _four(cell["dice"]["mean"]),
        _interval(cell["dice"]["ci95"]),
        _points(change["mean"]),
        " – ".join(map(_points, change["ci95"])),
        _points(cell["to_best"]),
        _four(cell["ceiling"]),
        _four(cell["dice"]["min"]),
        cell["lowest"],
    )


def _tongue_free(table: Mapping[str, Any]) -> Iterator[Block]:
    yield Heading(2, "Pictures without a tongue")
    yield Paragraph(
        "The part of the frame that the model takes for tongue. Crops keep 1 % of the photo's longer side, at least "
        "4 px, away from the reference outline."
    )
    groups = [*table["groups"], {"name": "all", **table["all"]}]
    head = ("pictures", "number", "mean, % of the frame", "largest, %", "picture", "with any pixel")
    yield Table(head, tuple(_areas(group) for group in groups))
    found = tuple(
        (group["name"], picture["name"], _percent(picture["part"]))
        for group in table["groups"]
        for picture in sorted(group["pictures"], key=lambda p: -float(p["part"]))[:_LARGEST]
        if picture["part"] > 0
    )
    if found:
        yield Heading(3, f"The largest, at most {_LARGEST} of a group")
        yield Table(("pictures", "picture", "% of the frame"), found)


def _areas(group: Mapping[str, Any]) -> tuple[str, ...]:
    if not group["n"]:
        return (group["name"], "0", *("–",) * 4)
    largest = group["largest"] if group["max"] > 0 else "–"
    mean, most = _percent(group["mean"]), _percent(group["max"])
    return (group["name"], str(group["n"]), mean, most, largest, str(group["with_any"]))


def _four(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _points(value: float) -> str:
    return f"{100 * value:+.2f}"


def _interval(bounds: Sequence[float] | None) -> str:
    return "–" if bounds is None else " – ".join(map(_four, bounds))


def _percent(part: float) -> str:
    return f"{100 * part:.3f}"
