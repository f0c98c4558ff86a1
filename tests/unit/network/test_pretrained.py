"""ImageNet weights: torchvision's files, the growth of ResNet50 into ResNet101, and what does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import resnet

from tongue_viewer.core.errors import ModelDamagedError, ModelError, ModelNotFoundError
from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.pretrained import load_backbone, stride_in_1x1_of
from tongue_viewer.network.segmenter import TongueNet, build_network

SMALL = (1, 1, 6, 1)
GROWN = (1, 1, 23, 1)


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    small: torch.nn.Module = resnet.ResNet(resnet.Bottleneck, list(SMALL), num_classes=10)
    return small.state_dict()


@pytest.fixture
def file(state: dict[str, torch.Tensor], tmp_path: Path) -> Path:
    path = tmp_path / "init.safetensors"
    save_file({key: v.half() if v.is_floating_point() else v for key, v in state.items()}, path)
    return path


def _network(blocks: tuple[int, ...] = SMALL) -> TongueNet:
    return TongueNet(NetworkConfig(blocks=blocks, aspp_channels=8, decoder_channels=8)).eval()


def test_weights_are_copied_as_float32_and_the_classifier_is_ignored(
    file: Path, state: dict[str, torch.Tensor]
) -> None:
    network = _network()
    load_backbone(network, file)
    own = network.backbone.state_dict()
    assert all(".eca." in key for key in own.keys() - state.keys())
    for key in own.keys() & state.keys():
        assert own[key].dtype == state[key].dtype
        assert torch.equal(
            own[key], state[key].half().float() if own[key].is_floating_point() else state[key]
        )


def test_the_grown_network_has_the_features_of_the_small_one(file: Path) -> None:
    small, grown = _network(), _network(GROWN)
    load_backbone(small, file)
    load_backbone(grown, file)
    x = torch.randn(1, 3, 32, 64)
    with torch.inference_mode():
        for mine, wanted in zip(grown.backbone(x), small.backbone(x), strict=True):
            assert torch.equal(mine, wanted)


def test_additional_blocks_copy_blocks_1_to_5_in_turn_with_a_silent_bn3(
    file: Path, state: dict[str, torch.Tensor]
) -> None:
    grown = _network(GROWN)
    load_backbone(grown, file)
    own = grown.backbone.state_dict()
    sources = [*range(6), *(1 + (j - 1) % 5 for j in range(6, 23))]
    assert sources == [0, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2]
    for j, source in enumerate(sources):
        for part in ("conv1.weight", "conv2.weight", "conv3.weight", "bn3.running_var"):
            wanted = state[f"layer3.{source}.{part}"].half().float()
            assert torch.equal(own[f"layer3.{j}.{part}"], wanted)
        assert bool(own[f"layer3.{j}.bn3.weight"].any()) == (j < 6)
        assert j < 6 or not own[f"layer3.{j}.bn3.bias"].any()


def test_the_grown_blocks_can_learn(file: Path) -> None:
    grown = build_network(NetworkConfig(blocks=GROWN, aspp_channels=8, decoder_channels=8)).train()
    load_backbone(grown, file)
    grown(torch.randn(1, 3, 64, 64)).square().mean().backward()
    for block in grown.backbone.layer3:
        gradient = block.get_parameter("bn3.weight").grad
        assert gradient is not None
        assert gradient.any()


def test_a_pth_of_tensors_is_read_and_an_old_one_needs_no_batch_counters(
    state: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    path = tmp_path / "resnet.pth"
    torch.save({k: v for k, v in state.items() if not k.endswith("num_batches_tracked")}, path)
    network = _network()
    load_backbone(network, path)
    assert torch.equal(network.backbone.conv1.weight, state["conv1.weight"])
    assert stride_in_1x1_of(path) is False


class Payload:
    """An object that a pickle would have to import to read."""


def test_a_pth_with_objects_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "evil.pth"
    torch.save({"conv1.weight": Payload()}, path)
    with pytest.raises(ModelDamagedError, match=r"evil\.pth"):
        load_backbone(_network(), path)


def test_a_pth_that_is_no_table_of_weights_says_what_to_save(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pth"
    torch.save({"epoch": 3, "model": {}}, path)
    with pytest.raises(ModelError, match="state_dict"):
        load_backbone(_network(), path)


def test_a_missing_weight_is_named_and_the_network_stays(
    state: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    path = tmp_path / "part.safetensors"
    save_file({k: v.contiguous() for k, v in state.items() if k != "layer2.0.conv2.weight"}, path)
    network = _network()
    before = network.backbone.conv1.weight.clone()
    with pytest.raises(ModelError, match=r"1 weights are missing.*layer2\.0\.conv2\.weight"):
        load_backbone(network, path)
    assert torch.equal(network.backbone.conv1.weight, before)


def test_more_blocks_than_the_network_has_are_refused(file: Path) -> None:
    with pytest.raises(ModelError, match="unknown"):
        load_backbone(_network((1, 1, 5, 1)), file)


def test_other_widths_are_refused(file: Path) -> None:
    with pytest.raises(ModelError, match="another shape"):
        load_backbone(TongueNet(NetworkConfig.tiny(blocks=SMALL)), file)


@pytest.mark.parametrize("name", ["cut.safetensors", "cut.pth"])
def test_a_file_cut_short_is_called_damaged(file: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(ModelDamagedError, match="cut short"):
        load_backbone(_network(), path)


def test_a_missing_file_and_a_wrong_name_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"gone\.safetensors"):
        load_backbone(_network(), tmp_path / "gone.safetensors")
    with pytest.raises(ModelNotFoundError, match=r"gone\.safetensors"):
        stride_in_1x1_of(tmp_path / "gone.safetensors")
    wrong = tmp_path / "weights.h5"
    wrong.write_bytes(b"HDF")
    with pytest.raises(ModelError, match=r"\.safetensors or a \.pth"):
        load_backbone(_network(), wrong)


def test_the_files_metadata_says_where_its_strides_are(file: Path, tmp_path: Path) -> None:
    v1 = tmp_path / "v1.safetensors"
    save_file(
        {"x": torch.zeros(1)}, v1, {"layout": "v1: stride in the first 1x1 convolution of a bottleneck"}
    )
    assert stride_in_1x1_of(v1) is True
    assert stride_in_1x1_of(file) is False
    v1.write_bytes(b"no weights")
    with pytest.raises(ModelDamagedError):
        stride_in_1x1_of(v1)


def test_the_real_resnet50_grows_into_a_resnet101_with_the_same_features(shared_folder: Path) -> None:
    path = shared_folder / "weights" / "resnet50_imagenet1k_fp16.safetensors"
    if not path.is_file():
        pytest.skip("needs ../shared/weights (ImageNet weights), which is absent here")
    assert stride_in_1x1_of(path) is True
    small, grown = TongueNet(NetworkConfig(blocks=(3, 4, 6, 3))).eval(), TongueNet(NetworkConfig()).eval()
    load_backbone(small, path)
    load_backbone(grown, path)
    x = torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        for mine, wanted in zip(grown.backbone(x), small.backbone(x), strict=True):
            assert torch.equal(mine, wanted)
            assert wanted.any()
