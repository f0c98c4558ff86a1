"""The card of a model: what it is, how it was made, how good it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

CARD_NAME = "card.json"
"""A folder that holds a file of this name is a model folder; its weights stand beside it."""


@dataclass(frozen=True)
class ModelCard:
    """What is known of one model; written as `card.json` beside its weights.

    Attributes:
        name: short name, unique in the registry.
        network: the fields of `network.config.NetworkConfig` as plain JSON values (architecture, mean, std, classes).
        input_size: side of the square that photos are letterboxed into, in pixels.
        threshold: probability from which a pixel belongs to the class.
        coarse_size: side of the square of the first look, at the whole photo, which only finds the tongue; the
            second look is `input_size` wide and frames it. 0: one look at the whole photo.
        focus_margin: side of the second look's frame, in longer sides of the box that the first look found.
        temperature: T of the calibration, p' = sigmoid(logit(p) / T) (Guo et al. 2017); 1 changes nothing.
        files: name → sha256 of each weight shard.
        sha256: identity of the model: the digest over the sorted "name:sha256" lines of `files`.
        created: ISO 8601 date and time, UTC.
        training: plan, seed, data hashes, library versions, minutes.
        data: what it was trained on and the licence state of that.
        scores: results with intervals, a table of plain JSON values.
        limits: what it was not made for, one sentence each.
        forms: other forms of the same weights by engine, for example "openvino-int8": the digests of their
            files, and the figures of the check against these weights.
    """

    name: str
    network: Mapping[str, Any]
    input_size: int
    threshold: float = 0.5
    coarse_size: int = 0
    focus_margin: float = 1.35
    temperature: float = 1.0
    files: Mapping[str, str] = field(default_factory=dict)
    sha256: str = ""
    created: str = ""
    description: str = ""
    licence: str = "Research use; not a medical device."
    parameters: int = 0
    gflop: float = 0.0
    training: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    schema: int = 1

    @property
    def class_names(self) -> tuple[str, ...]:
        """The foreground classes, in the order of the probability's planes."""
        return tuple(self.network.get("class_names", ("tongue",)))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, in the order of the fields."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ModelCard:
        """The card of `to_json`, from a file that anyone may have edited; unknown keys of a newer version are ignored.

        Raises:
            TypeError: a required key is missing.
            ValueError: a value is not of its kind.
        """
        known = {f.name for f in fields(cls)}
        chosen = {key: value for key, value in values.items() if key in known}
        for key, value in chosen.items():
            if not _CHECKS[key](value):
                raise ValueError(f"its field {key!r} is not what a card holds there")
        chosen["limits"] = tuple(chosen.get("limits", ()))
        return cls(**chosen)


_Check = Callable[[object], bool]

_MOST_LEVELS = 32


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _between(low: float, high: float, *, whole: bool = False) -> _Check:
    kinds = (int,) if whole else (int, float)

    def check(value: object) -> bool:
        # A boolean is an int in Python, and NaN fails every comparison.
        return isinstance(value, kinds) and not isinstance(value, bool) and low <= value <= high

    return check


def _is_table(value: object) -> bool:
    """A table of plain JSON values, not nested without end."""
    level: list[object] = [value]
    for _ in range(_MOST_LEVELS):
        inner = [list(item.values()) if isinstance(item, Mapping) else item for item in level]
        level = [part for item in inner if isinstance(item, list | tuple) for part in item]
        if not level:
            return isinstance(value, Mapping)
    return False


def _is_network(value: object) -> bool:
    return _is_table(value) and isinstance(value, Mapping) and _are_texts(value.get("class_names", []))


def _are_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(map(_is_text, value))


def _is_text_table(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(_is_text, value.values()))


def _is_table_of_tables(value: object) -> bool:
    return _is_table(value) and isinstance(value, Mapping) and all(map(_is_table, value.values()))


_CHECKS: dict[str, _Check] = {
    "name": _is_text,
    "network": _is_network,
    "input_size": _between(1, 16_384, whole=True),
    "threshold": _between(0, 1),
    "coarse_size": _between(0, 16_384, whole=True),
    "focus_margin": _between(0, 1000),
    "temperature": _between(1e-6, 1e6),
    "files": _is_text_table,
    "sha256": _is_text,
    "created": _is_text,
    "description": _is_text,
    "licence": _is_text,
    "parameters": _between(0, 1e12, whole=True),
    "gflop": _between(0, 1e12),
    "training": _is_table,
    "data": _is_table,
    "scores": _is_table,
    "limits": _are_texts,
    "forms": _is_table_of_tables,
    "schema": _between(0, 1_000_000, whole=True),
}
"""Field of a card → whether a value from a file can stand there."""
