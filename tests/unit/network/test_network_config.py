"""NetworkConfig: JSON and back, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongue_viewer.core.errors import ModelError
from tongue_viewer.network.config import NetworkConfig

counts = st.integers(1, 4096)
configs = st.builds(
    NetworkConfig,
    class_names=st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=4, unique=True).map(
        tuple
    ),
    blocks=st.tuples(counts, counts, counts, counts),
    widths=st.tuples(counts, counts, counts, counts),
    output_stride=st.sampled_from((8, 16, 32)),
    eca=st.booleans(),
    se=st.booleans(),
    fpn=st.booleans(),
    two_step=st.booleans(),
    stride_in_1x1=st.booleans(),
    aspp_rates=st.lists(counts, min_size=1, max_size=5).map(tuple),
    dropout=st.floats(0, 0.99),
    mean=st.tuples(*[st.floats(-1, 1)] * 3),
    std=st.tuples(*[st.floats(0.01, 1)] * 3),
)


@given(configs)
def test_json_and_back_is_the_same_config(config: NetworkConfig) -> None:
    assert NetworkConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_the_default_is_resnet101_with_everything_on() -> None:
    config = NetworkConfig()
    assert config.class_names == ("tongue",)
    assert config.classes == 1
    assert config.blocks == (3, 4, 23, 3)
    assert config.stage_channels == (256, 512, 1024, 2048)
    assert config.output_stride == 16
    assert config.aspp_rates == (6, 12, 18)
    assert config.mean == (0.485, 0.456, 0.406)
    assert config.std == (0.229, 0.224, 0.225)
    assert all((config.eca, config.se, config.fpn, config.two_step, config.stride_in_1x1))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("class_names", ()),
        ("class_names", ("tongue", "tongue")),
        ("class_names", (" ",)),
        ("class_names", (1,)),
        ("blocks", (3, 4, 6)),
        ("blocks", (3, 4, 0, 3)),
        ("widths", (64, 128.0, 256, 512)),
        ("output_stride", 4),
        ("eca", 1),
        ("two_step", "no"),
        ("stem_channels", 0),
        ("se_reduction", True),
        ("aspp_rates", ()),
        ("aspp_rates", (6, -1)),
        ("eca_b", 0.5),
        ("dropout", 1.0),
        ("norm_eps", "1e-5"),
        ("mean", (0.5,)),
        ("std", (0.2, 0.2, 0.0)),
    ],
)
def test_a_value_out_of_range_is_named(name: str, value: Any) -> None:
    with pytest.raises(ModelError, match=name):
        NetworkConfig(**{name: value})


def test_json_with_a_number_for_a_list_is_refused() -> None:
    with pytest.raises(ModelError, match=r"blocks.*list"):
        NetworkConfig.from_json({"blocks": 3})


def test_a_field_of_a_newer_version_is_refused_because_it_would_change_the_function() -> None:
    with pytest.raises(ModelError, match="transformer"):
        NetworkConfig.from_json({"transformer": True})


def test_missing_fields_take_their_defaults() -> None:
    assert NetworkConfig.from_json({"eca": False}) == NetworkConfig(eca=False)
