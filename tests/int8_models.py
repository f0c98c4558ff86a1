"""Model folders with an int8 form, for tests that need one but no good one."""

from __future__ import annotations

from pathlib import Path

from tests.tiny_models import SIZE, random_photo
from tongue_viewer.core.models import ModelCard
from tongue_viewer.inference.forms import INT8, describe_form, install_form
from tongue_viewer.inference.openvino_convert import convert_model
from tongue_viewer.inference.quantization import RECIPES, quantize_network, save_network


def add_int8_form(folder: Path, card: ModelCard, work: Path) -> None:
    """Quantise the model of `folder` on a few random pictures and keep the form, good or not."""
    pictures = [random_photo((SIZE, SIZE), seed)[None] for seed in range(4)]
    (work / INT8).mkdir(parents=True)
    save_network(quantize_network(convert_model(folder), pictures, RECIPES[0]), work / INT8)
    install_form(folder, INT8, work / INT8, describe_form(work, INT8, card, {"recipe": RECIPES[0].name}))
