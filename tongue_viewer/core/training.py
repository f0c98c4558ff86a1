"""What training is told: every number of a run, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from types import MappingProxyType
from typing import Any

from tongue_viewer.core.errors import UsageError

CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "loss": ("dice+ce", "dice"),
        "optimizer": ("sgd", "adamw", "adam"),
        "schedule": ("poly", "onecycle", "plateau"),
        "precision": ("auto", "float32", "bfloat16"),
        "device": ("auto", "cpu", "cuda"),
        "only": ("all", "edited", "reviewed"),
    }
)
"""The words that a field of `TrainPlan` may hold."""


BACKBONE_PARTS = 5
"""The stem and four stages, what `TrainPlan.freeze` counts."""

_LEAST = (
    ("size", 0),
    ("coarse_size", 0),
    ("focus_margin", 0),
    ("freeze", 0),
    ("batch_size", 1),
    ("epochs", 1),
    ("patience", 0),
    ("threads", 0),
)


@dataclass(frozen=True)
class FolderPair:
    """A folder of photos and the folder of their masks, paired by file stem."""

    images: str
    masks: str


@dataclass(frozen=True)
class AugmentPlan:
    """How strongly photos are varied; every range is symmetric around "unchanged".

    Attributes:
        scale: (low, high) factor on the letterbox's scale, log-uniform.
        rotation: largest angle in degrees.
        aspect: largest relative stretch of one axis against the other.
        flip: probability of a horizontal mirror image.
        fill: probability of a view framed by the tongue, as the second look of a two-look model sees it, and
            as a phone held close does.
        framing: (low, high) side of such a view, in longer sides of the tongue's box.
        empty: probability of a crop without tongue.
        exposure: largest change in stops (factor 2**x).
        gamma: largest |log2 gamma|.
        cast: largest relative gain of one channel against the others.
        saturation: largest relative change of the distance from grey.
        blur: largest Gaussian sigma in pixels of the network's grid; log-uniform from 0.3.
        noise: largest standard deviation of Gaussian noise, in grey levels of 255.
        shrink: smallest factor of the down-and-up sampling that imitates a small photo, log-uniform.
        jpeg: (low, high) JPEG quality.
        chance: probability of each of blur, noise, down-and-up sampling and JPEG.
    """

    scale: tuple[float, float] = (0.5, 2.0)
    rotation: float = 20.0
    aspect: float = 0.1
    flip: float = 0.5
    fill: float = 0.6
    framing: tuple[float, float] = (1.0, 1.8)
    empty: float = 0.08
    exposure: float = 0.6
    gamma: float = 0.5
    cast: float = 0.15
    saturation: float = 0.4
    blur: float = 3.0
    noise: float = 8.0
    shrink: float = 0.2
    jpeg: tuple[int, int] = (25, 95)
    chance: float = 0.25


@dataclass(frozen=True)
class TrainPlan:
    """Every number of one training run; stored as RUN/config.json and in the model's card.

    Attributes:
        run: the run folder.
        sets: folders of photos and masks to learn from.
        val_sets: folders of photos and masks to judge on; empty: `val_fraction` of `sets`.
        cases: a folder whose case database gives the masks, instead of `sets`.
        only: which cases of the database are taken.
        group_pattern: regular expression on the file stem whose first group names the patient; empty:
            each photo is a patient.
        val_fraction: part of the groups that is held back to judge on.
        init: a model's name, folder or run, a file of backbone weights, or "scratch"; empty: the
            current model.
        name: name of the resulting model.
        network: fields of `NetworkConfig` that differ from its defaults; used when `init` is no model.
        size: side of the network's input in pixels; 0: that of the model `init`, 512 without one.
        coarse_size: side of the first of two looks, in pixels, as in `ModelCard`; 0: that of the model `init`.
        focus_margin: window of the second look, as in `ModelCard`; 0: that of the model `init`.
        freeze: parts of the backbone that are not trained, counted from the input: 1 the stem, 2 and layer1,
            3 and layer2 … 5 all of it; their norms keep the statistics that they start with.
        lr: learning rate of the head; `backbone_lr` × lr is that of the backbone.
        warmup: part of all steps in which the learning rate rises linearly.
        poly_power: exponent of the polynomial schedule, (1 − t)**0.9 as in DeepLab (Chen et al. 2017).
        plateau_factor, plateau_patience, plateau_floor: reduce-on-plateau, in epochs without a better Dice.
        patience: epochs without a better Dice after which training stops; 0: never.
        ema: decay of the weights' exponential moving average for one step; 0: none.
        clip_norm: largest norm of the gradient; 0: no limit.
        threads: threads of one step; 0: as many as the machine has.
        augment: the variation of photos; None: only the letterbox.
    """

    run: str
    sets: tuple[FolderPair, ...] = ()
    val_sets: tuple[FolderPair, ...] = ()
    cases: str = ""
    only: str = "reviewed"
    group_pattern: str = ""
    val_fraction: float = 0.15
    init: str = ""
    name: str = ""
    network: Mapping[str, Any] = field(default_factory=dict)
    size: int = 0
    coarse_size: int = 0
    focus_margin: float = 0.0
    freeze: int = 0
    batch_size: int = 8
    epochs: int = 30
    loss: str = "dice+ce"
    optimizer: str = "sgd"
    lr: float = 1e-2
    backbone_lr: float = 0.2
    momentum: float = 0.9
    weight_decay: float = 1e-4
    schedule: str = "poly"
    warmup: float = 0.05
    poly_power: float = 0.9
    plateau_factor: float = 0.5
    plateau_patience: int = 5
    plateau_floor: float = 1e-6
    patience: int = 10
    ema: float = 0.998
    clip_norm: float = 5.0
    precision: str = "auto"
    device: str = "auto"
    threads: int = 0
    seed: int = 0
    augment: AugmentPlan | None = field(default_factory=AugmentPlan)

    def __post_init__(self) -> None:
        """Check words and ranges.

        Raises:
            UsageError: a field holds a word or number that it cannot hold.
        """
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise UsageError(f"{name} is {getattr(self, name)!r}; use one of: {', '.join(allowed)}")
        for name, least in _LEAST:
            if getattr(self, name) < least:
                raise UsageError(f"{name} is {getattr(self, name)}; it must be at least {least}")
        if self.freeze > BACKBONE_PARTS:
            raise UsageError(f"freeze is {self.freeze}; the backbone has {BACKBONE_PARTS} parts")
        if not 0 <= self.val_fraction < 1:
            raise UsageError(
                f"val_fraction is {self.val_fraction}; it must be in 0 … 1 (0.15: every seventh photo)"
            )
        if self.lr <= 0:
            raise UsageError(f"lr is {self.lr}; a learning rate is positive")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, in the order of the fields."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> TrainPlan:
        """The plan of `to_json`; unknown keys of a newer version are ignored."""
        chosen = _known(cls, values)
        for name in ("sets", "val_sets"):
            chosen[name] = tuple(FolderPair(**pair) for pair in chosen.get(name, ()))
        augment = chosen.get("augment")
        if augment is not None:
            ranges = _known(AugmentPlan, augment)
            ranges |= {name: tuple(ranges[name]) for name in ("scale", "framing", "jpeg") if name in ranges}
            chosen["augment"] = AugmentPlan(**ranges)
        return cls(**chosen)


PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "default": MappingProxyType({}),
        # The description that this program started from: Dice alone, no moving average, no varied photos.
        "notebook": MappingProxyType(
            {
                "size": 512,
                "batch_size": 16,
                "epochs": 120,
                "loss": "dice",
                "optimizer": "sgd",
                "lr": 1e-3,
                "backbone_lr": 1.0,
                "momentum": 0.9,
                "weight_decay": 0.0,
                "schedule": "plateau",
                "warmup": 0.0,
                "patience": 10,
                "ema": 0.0,
                "clip_norm": 0.0,
                "augment": None,
            }
        ),
    }
)
"""Named sets of numbers; what the person gives on top of a preset wins."""


def _known(cls: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of `values` that are fields of the dataclass `cls`."""
    names = {f.name for f in fields(cls)}
    return {key: value for key, value in values.items() if key in names}
