"""Every number of the network in one frozen dataclass, stored in the model's card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from tongue_viewer.core.errors import ModelError

_TUPLES = ("class_names", "blocks", "widths", "aspp_rates", "mean", "std")
_SWITCHES = ("stride_in_1x1", "eca", "se", "fpn", "two_step")
_COUNTS = (
    "stem_channels",
    "expansion",
    "se_reduction",
    "eca_gamma",
    "fpn_channels",
    "aspp_channels",
    "low_level_channels",
    "decoder_channels",
)


@dataclass(frozen=True)
class NetworkConfig:
    """The architecture; each attention and decoder part can be switched off for an ablation.

    Attributes:
        class_names: the foreground classes; N names give N logits with independent sigmoids.
        blocks: bottlenecks in layer1 … layer4: (3, 4, 23, 3) is ResNet101, (3, 4, 6, 3) ResNet50.
        stem_channels: output of the 7×7 stem.
        widths: inner width of each stage's bottlenecks; its output has `expansion` times as many channels.
        output_stride: 8, 16 or 32; stages beyond it are dilated instead (Chen et al. 2017, DeepLabv3).
        stride_in_1x1: the stride sits in a bottleneck's first 1×1 (He et al. 2015), not in its 3×3
            (torchvision); it has to be what the pre-trained weights were made for.
        eca: efficient channel attention in every bottleneck; `eca_gamma`, `eca_b` of Wang et al. 2020.
        se: squeeze-and-excitation (Hu et al. 2018) on the ASPP output and on the fused decoder map.
        fpn: the feature pyramid's fused map FF (Lin et al. 2017) as second input of the decoder.
        two_step: two 2-fold up-samplings with a convolution after each, instead of one 4-fold.
        low_level_channels: what C2 is reduced to before it meets the decoder (Chen et al. 2018, DeepLabv3+).
        decoder_channels: output of the decoder's 3×3 convolutions.
        dropout: after the ASPP projection.
        norm_eps, norm_momentum: of every batch normalisation.
        mean, std: normalisation of RGB in 0..1, per channel.

    Raises:
        ModelError: a value is out of range; the text names the field and what fits.
    """

    class_names: tuple[str, ...] = ("tongue",)
    blocks: tuple[int, ...] = (3, 4, 23, 3)
    stem_channels: int = 64
    widths: tuple[int, ...] = (64, 128, 256, 512)
    expansion: int = 4
    output_stride: int = 16
    stride_in_1x1: bool = True
    eca: bool = True
    eca_gamma: int = 2
    eca_b: int = 1
    se: bool = True
    se_reduction: int = 16
    fpn: bool = True
    fpn_channels: int = 256
    aspp_rates: tuple[int, ...] = (6, 12, 18)
    aspp_channels: int = 256
    dropout: float = 0.1
    two_step: bool = True
    low_level_channels: int = 48
    decoder_channels: int = 256
    norm_eps: float = 1e-5
    norm_momentum: float = 0.1
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)

    def __post_init__(self) -> None:
        self._check_classes()
        for name in _SWITCHES:
            _require(isinstance(getattr(self, name), bool), name, getattr(self, name), "true or false")
        for name in _COUNTS:
            _require(_is_count(getattr(self, name)), name, getattr(self, name), "a whole number from 1")
        for name in ("blocks", "widths"):
            values = getattr(self, name)
            fits = len(values) == 4 and all(_is_count(v) for v in values)
            _require(fits, name, values, "four whole numbers from 1")
        _require(
            len(self.aspp_rates) > 0 and all(_is_count(v) for v in self.aspp_rates),
            "aspp_rates",
            self.aspp_rates,
            "one or more whole numbers from 1",
        )
        _require(self.output_stride in (8, 16, 32), "output_stride", self.output_stride, "8, 16 or 32")
        _require(isinstance(self.eca_b, int), "eca_b", self.eca_b, "a whole number")
        for name, low, high in (("dropout", 0, 1), ("norm_eps", 0, 1), ("norm_momentum", 0, 1)):
            value = getattr(self, name)
            _require(
                _is_number(value) and low <= value < high,
                name,
                value,
                f"a number from {low} and below {high}",
            )
        fits = len(self.mean) == 3 and all(_is_number(v) for v in self.mean)
        _require(fits, "mean", self.mean, "three numbers, one a channel of RGB in 0..1")
        fits = len(self.std) == 3 and all(_is_number(v) and v > 0 for v in self.std)
        _require(fits, "std", self.std, "three numbers above 0, one a channel of RGB in 0..1")

    def _check_classes(self) -> None:
        names = self.class_names
        fits = len(names) > 0 and all(_is_name(name) for name in names)
        _require(
            fits and len(set(names)) == len(names),
            "class_names",
            names,
            "one or more different, non-empty names",
        )

    @property
    def classes(self) -> int:
        """N, the number of foreground classes and of logit planes."""
        return len(self.class_names)

    @property
    def stage_channels(self) -> tuple[int, int, int, int]:
        """Channels of C2, C3, C4, C5."""
        c2, c3, c4, c5 = (width * self.expansion for width in self.widths)
        return c2, c3, c4, c5

    @classmethod
    def tiny(cls, **changes: Any) -> NetworkConfig:
        """A network of the same build with few blocks and channels, for tests; `changes` replace fields."""
        small: dict[str, Any] = {
            "blocks": (1, 1, 2, 1),
            "stem_channels": 8,
            "widths": (4, 8, 16, 32),
            "fpn_channels": 16,
            "aspp_channels": 32,
            "low_level_channels": 8,
            "decoder_channels": 32,
            "se_reduction": 4,
        }
        return cls(**{**small, **changes})

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values: tuples become lists."""
        return {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(self).items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> NetworkConfig:
        """The config of `to_json`; missing keys take their defaults.

        Raises:
            ModelError: an unknown key (it would change what the network computes) or a value out of range.
        """
        unknown = sorted(set(values) - {f.name for f in fields(cls)})
        if unknown:
            raise ModelError(
                f"This version does not know the network fields {', '.join(unknown)}. "
                "Use the version of the program that made the model, or a newer one."
            )
        chosen = dict(values)
        for name in _TUPLES:
            if name in chosen:
                _require(isinstance(chosen[name], list | tuple), name, chosen[name], "a list")
                chosen[name] = tuple(chosen[name])
        return cls(**chosen)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _require(fits: bool, name: str, value: object, wanted: str) -> None:
    if not fits:
        raise ModelError(f"The network's {name} is {value!r}; it has to be {wanted}.")
