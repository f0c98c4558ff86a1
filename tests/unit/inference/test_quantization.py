"""What a recipe says stays in float32 does, and the rest becomes int8."""

from __future__ import annotations

import re

import pytest

from tests.tiny_models import SIZE, random_photo, save_tiny_model
from tongue_viewer.inference.openvino_convert import convert_model
from tongue_viewer.inference.openvino_runtime import openvino
from tongue_viewer.inference.quantization import RECIPES, Recipe, quantize_network


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> openvino.Model:
    folder = tmp_path_factory.mktemp("model") / "tiny"
    save_tiny_model(folder)
    return convert_model(folder)


def convolutions(network: openvino.Model) -> dict[str, str]:
    """Name → the kind of operation that gives its weights: "Multiply" where they are scaled from int8."""
    return {
        op.get_friendly_name(): op.input_value(1).get_node().get_type_name()
        for op in network.get_ops()
        if op.get_type_name() == "Convolution"
    }


def is_float(name: str, recipe: Recipe) -> bool:
    return any(re.match(pattern, name) for pattern in recipe.float_parts)


def test_every_convolution_has_a_name_of_its_own(network: openvino.Model) -> None:
    names = list(convolutions(network))
    assert all(name.startswith("__module.network.") for name in names)
    count = sum(op.get_type_name() == "Convolution" for op in network.get_ops())
    assert count == len(names)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_every_pattern_names_a_part_of_the_network(network: openvino.Model, recipe: Recipe) -> None:
    for pattern in recipe.float_parts:
        assert any(re.match(pattern, name) for name in convolutions(network)), pattern


@pytest.mark.parametrize("recipe", RECIPES[:2], ids=lambda recipe: recipe.name)
def test_the_recipe_is_followed(network: openvino.Model, recipe: Recipe) -> None:
    pictures = [random_photo((SIZE, SIZE), seed)[None] for seed in range(2)]
    before = convolutions(network)
    assert "Multiply" not in before.values()
    found = convolutions(quantize_network(network, pictures, recipe))
    for name, weights in found.items():
        assert weights == (before[name] if is_float(name, recipe) else "Multiply"), name
    assert found.keys() == before.keys()
    assert convolutions(network) == before  # the float32 network is as it was
