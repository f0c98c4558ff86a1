"""Post-training quantisation: int8 weights and activations for a network of OpenVINO."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from tongue_viewer.core.errors import EngineError
from tongue_viewer.core.photo import RgbArray
from tongue_viewer.inference.openvino_runtime import import_nncf, openvino

_GATES = (r".*\.eca[./].*", r".*\.se[./].*", r".*aspp\.pool[./].*")
_CLASSIFIER = (r".*decoder\.classifier[./].*",)
_ENDS = (r".*backbone\.conv1[./].*", r".*decoder\.last\..*", r".*decoder\.reduce\..*")


@dataclass(frozen=True)
class Recipe:
    """One way to quantise.

    Attributes:
        name: for the card and for people.
        float_parts: patterns of the names of the operations that stay in float32.
        fast_bias_correction: False measures every layer's shift after the ones before it were corrected, which
            is more exact and much slower.
    """

    name: str
    float_parts: tuple[str, ...]
    fast_bias_correction: bool = True


RECIPES = (
    # Eight bits are coarse for a factor that a whole channel is multiplied by, and for the last 256 → N sum.
    Recipe("gates and classifier in float32", _GATES + _CLASSIFIER),
    Recipe("gates, first and last convolutions in float32", _GATES + _CLASSIFIER + _ENDS),
    Recipe("as before, exact bias correction", _GATES + _CLASSIFIER + _ENDS, fast_bias_correction=False),
)
"""The fastest network first."""


def quantize_network(network: openvino.Model, pictures: Sequence[RgbArray], recipe: Recipe) -> openvino.Model:
    """A network whose convolutions compute in int8.

    Weights are symmetric, activations asymmetric; their ranges are those met on `pictures` (Nagel et al. 2021, "A
    white paper on neural network quantization", sections 3 and 4).

    Args:
        network: float32, of `convert_model`; unchanged.
        pictures: (1, h, w, 3) uint8, as a predictor shows them to an engine.
        recipe: see `RECIPES`.

    Raises:
        EngineError: NNCF is not installed or failed.
    """
    nncf = import_nncf()
    try:
        # NNCF draws bars on stdout, which belongs to a command's results.
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return nncf.quantize(
                network.clone(),
                nncf.Dataset(list(pictures)),
                preset=nncf.QuantizationPreset.MIXED,
                target_device=nncf.TargetDevice.CPU,
                subset_size=len(pictures),
                fast_bias_correction=recipe.fast_bias_correction,
                ignored_scope=nncf.IgnoredScope(patterns=list(recipe.float_parts), validate=False),
            )
    except (RuntimeError, MemoryError, nncf.ValidationError) as error:
        raise EngineError(f"The model could not be quantised: {error}") from error


def save_network(network: openvino.Model, folder: Path) -> None:
    """Write model.xml and model.bin; weights that are not int8 are kept as float16.

    Raises:
        EngineError: OpenVINO could not write them.
    """
    try:
        openvino.save_model(network, folder / "model.xml", compress_to_fp16=True)
    except RuntimeError as error:
        raise EngineError(f"The network could not be written to {folder}: {error}") from error


def tool_versions() -> dict[str, str]:
    """The libraries that a quantised network depends on."""
    return {name: metadata.version(name) for name in ("openvino", "nncf", "torch")}
