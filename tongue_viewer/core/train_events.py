"""What training tells while it runs, as plain values, and as lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType

from tongue_viewer.core.events import JobEvent


@dataclass(frozen=True)
class TrainEvent(JobEvent):
    """The root of what training yields."""


@dataclass(frozen=True)
class TrainStarted(TrainEvent):
    """The data are read and the first step begins."""

    run: str
    photos: int
    val_photos: int
    epochs: int
    steps_per_epoch: int
    first_epoch: int
    device: str
    precision: str


@dataclass(frozen=True)
class TrainNotice(TrainEvent):
    """Something that the person should know and that stops nothing."""

    text: str


@dataclass(frozen=True)
class StepDone(TrainEvent):
    """One batch was learned; `epoch` and `step` count from 1, `seconds_left` is to the end of the run."""

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    lr: float
    seconds_left: float


@dataclass(frozen=True)
class EpochDone(TrainEvent):
    """One round over all photos; Dice and IoU are means over the held-back photos (None: there are none)."""

    epoch: int
    epochs: int
    loss: float
    dice: float | None
    iou: float | None
    best_dice: float | None
    is_best: bool
    lr: float
    seconds: float
    seconds_left: float


@dataclass(frozen=True)
class TrainFinished(TrainEvent):
    """The best epoch's model stands in `model`; `reason` is "finished", "early stop" or "already reached"."""

    run: str
    model: str
    epoch: int
    best_epoch: int
    best_dice: float | None
    reason: str


_KINDS: Mapping[str, type[TrainEvent]] = MappingProxyType(
    {
        "started": TrainStarted,
        "notice": TrainNotice,
        "step": StepDone,
        "epoch": EpochDone,
        "finished": TrainFinished,
    }
)
_NAMES = MappingProxyType({cls: name for name, cls in _KINDS.items()})


def event_to_json(event: TrainEvent) -> str:
    """One line of JSON: {"event": "started|notice|step|epoch|finished", …the fields of the event}."""
    return json.dumps({"event": _NAMES[type(event)], **asdict(event)}, ensure_ascii=False)


def event_from_json(line: str) -> TrainEvent | None:
    """The event of one line; None for a line that is no event of this version (another program's output).

    Raises:
        TypeError: the line is an event, but lacks a field.
    """
    try:
        values = json.loads(line)
    except json.JSONDecodeError:
        return None
    kind = _KINDS.get(str(values.get("event"))) if isinstance(values, dict) else None
    if kind is None:
        return None
    names = {f.name for f in fields(kind)}  # a newer version may tell more
    return kind(**{key: value for key, value in values.items() if key in names})
