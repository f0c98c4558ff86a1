from __future__ import annotations

import math

import pytest
import torch

from tongue_viewer.core.training import TrainPlan
from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.segmenter import build_network
from tongue_viewer.training.losses import cross_entropy, dice_loss, segmentation_loss
from tongue_viewer.training.schedule import MovingAverage, Progress, build_optimizer, factor, set_rate

SURE = 30.0  # a logit whose sigmoid is 1 in float32


def _planes(*rows: list[float]) -> torch.Tensor:
    """(1, 1, 2, 2) of four numbers, or a batch of them."""
    return torch.tensor(rows).view(len(rows), 1, 2, 2)


def test_dice_by_hand() -> None:
    # p = (1, 1, 0, 0), t = (1, 0, 0, 0): 2·1 / (2 + 1)
    assert dice_loss(_planes([SURE, SURE, -SURE, -SURE]), _planes([1.0, 0, 0, 0])) == pytest.approx(
        1 / 3, abs=1e-4
    )
    # p = ½ everywhere, t = 1 everywhere: 2·2 / (2 + 4)
    assert dice_loss(_planes([0.0] * 4), _planes([1.0] * 4)) == pytest.approx(1 / 3, abs=1e-4)


def test_dice_without_the_class_is_the_part_of_the_frame_taken_for_it() -> None:
    nothing, everything = _planes([-200.0] * 4), _planes([SURE] * 4)
    assert dice_loss(nothing, _planes([0.0] * 4)) == pytest.approx(0, abs=1e-6)
    assert dice_loss(everything, _planes([0.0] * 4)) == pytest.approx(1, abs=1e-4)
    assert dice_loss(_planes([SURE, -SURE, -SURE, -SURE]), _planes([0.0] * 4)) == pytest.approx(
        0.25, abs=1e-4
    )
    assert dice_loss(nothing, _planes([1.0] * 4)) == pytest.approx(1, abs=1e-4)


def test_dice_is_the_mean_over_images_not_over_the_pooled_batch() -> None:
    logits = _planes([SURE, -SURE, -SURE, -SURE], [SURE, SURE, SURE, SURE])
    target = _planes([1.0, 0, 0, 0], [1.0, 0, 0, 0])
    # 0 and 1 − 2/5; pooled it would be 1 − 4/7
    assert dice_loss(logits, target) == pytest.approx(0.3, abs=1e-4)


def test_dice_does_not_reward_an_answer_that_is_all_background() -> None:
    target = torch.zeros(1, 1, 10, 10)
    target[..., :2, :] = 1
    assert dice_loss(torch.full((1, 1, 10, 10), -SURE), target) > 0.99


def test_dice_of_several_classes_is_their_mean() -> None:
    logits = torch.cat([_planes([SURE] * 4), _planes([SURE, -SURE, -SURE, -SURE])], 1)
    target = torch.cat([_planes([1.0] * 4), _planes([0.0, 0, 0, 1])], 1)
    assert dice_loss(logits, target) == pytest.approx(0.5, abs=1e-4)


def test_cross_entropy_and_the_sum_by_hand() -> None:
    logits, target = _planes([0.0, 0, 0, 0]), _planes([1.0, 0, 0.5, 0])
    assert cross_entropy(logits, target) == pytest.approx(math.log(2), abs=1e-6)
    dice = 1 - 2 * 0.75 / (2 + 1.5)
    assert segmentation_loss(logits, target, "dice+ce") == pytest.approx(math.log(2) + dice, abs=1e-4)
    assert segmentation_loss(logits, target, "dice") == pytest.approx(dice, abs=1e-4)


def test_losses_of_bfloat16_logits_are_float32() -> None:
    loss = segmentation_loss(_planes([1.0] * 4).bfloat16(), _planes([1.0] * 4), "dice+ce")
    assert loss.dtype == torch.float32


def _plan(**changes: object) -> TrainPlan:
    return TrainPlan("run", **changes)  # type: ignore[arg-type]


def test_poly_rises_then_falls_by_the_power() -> None:
    plan = _plan(schedule="poly", warmup=0.1, poly_power=0.9)
    rates = [factor(plan, step, 100) for step in range(100)]
    assert rates[:10] == sorted(rates[:10])
    assert rates[0] == pytest.approx(1 / 11)
    assert rates[10] == 1
    assert rates[55] == pytest.approx(0.5**0.9)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert 0 < rates[-1] < 0.02


def test_onecycle_starts_low_peaks_once_and_ends_at_almost_nothing() -> None:
    rates = [factor(_plan(schedule="onecycle", warmup=0.3), step, 100) for step in range(100)]
    assert rates[0] == pytest.approx(1 / 25)
    assert rates.index(max(rates)) == 30
    assert max(rates) == pytest.approx(1)
    assert rates[-1] < 0.005
    assert rates[30:] == sorted(rates[30:], reverse=True)


@pytest.mark.parametrize("schedule", ["poly", "onecycle", "plateau"])
def test_a_run_of_one_step_has_a_rate(schedule: str) -> None:
    assert 0 < factor(_plan(schedule=schedule), 0, 1) <= 1


def test_plateau_halves_after_its_patience_down_to_the_floor() -> None:
    plan = _plan(schedule="plateau", lr=1e-3, plateau_patience=2, plateau_floor=2e-4, patience=0, warmup=0)
    progress = Progress()
    progress.record(1, 0.9, plan)
    seen = []
    for epoch in range(2, 10):
        progress.record(epoch, 0.8, plan)
        seen.append(progress.reduction)
    assert seen == [1, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2, 0.2]
    assert factor(plan, 99, 100) == 1


def test_early_stopping_counts_epochs_without_a_better_dice() -> None:
    plan = _plan(patience=2)
    progress = Progress()
    answers = [progress.record(epoch, dice, plan) for epoch, dice in enumerate([0.5, 0.6, 0.6], 1)]
    assert answers == [True, True, False]
    assert not progress.should_stop(plan)
    progress.record(4, 0.59, plan)
    assert progress.should_stop(plan)
    assert (progress.best, progress.best_epoch) == (0.6, 2)
    assert not progress.should_stop(_plan(patience=0))
    assert Progress(**progress.to_json()) == progress  # type: ignore[arg-type]


def test_without_held_back_photos_every_epoch_is_the_best() -> None:
    progress = Progress()
    assert [progress.record(epoch, None, _plan()) for epoch in (1, 2)] == [True, True]
    assert progress.best_epoch == 2


@pytest.mark.parametrize(
    ("name", "kind"),
    [("sgd", torch.optim.SGD), ("adamw", torch.optim.AdamW), ("adam", torch.optim.Adam)],
)
def test_optimisers_hold_every_parameter_once_with_its_rate(name: str, kind: type) -> None:
    network = build_network(NetworkConfig.tiny())
    optimizer = build_optimizer(_plan(optimizer=name, lr=0.1, backbone_lr=0.2, weight_decay=0.01), network)
    assert type(optimizer) is kind
    set_rate(optimizer, 0.5)
    rates = {id(p): g["lr"] for g in optimizer.param_groups for p in g["params"]}
    assert (
        len(rates) == len(list(network.parameters())) == sum(len(g["params"]) for g in optimizer.param_groups)
    )
    assert {round(rates[id(p)], 9) for p in network.backbone_parameters()} == {0.01}
    assert {round(rates[id(p)], 9) for p in network.head_parameters()} == {0.05}
    for group in optimizer.param_groups:
        assert {p.ndim > 1 for p in group["params"]} == {group["weight_decay"] > 0}
    assert name != "sgd" or optimizer.param_groups[0]["nesterov"]


def test_moving_average_follows_weights_and_statistics() -> None:
    network = build_network(NetworkConfig.tiny())
    average = MovingAverage(network, 0.9)
    before = {k: v.clone() for k, v in average.network.state_dict().items()}
    with torch.no_grad():
        for tensor in network.state_dict().values():
            if tensor.is_floating_point():
                tensor.add_(1.0)
    average.update(network)  # keeps (1 + 1) / (10 + 1) at first
    for key, value in average.network.state_dict().items():
        if value.is_floating_point():
            torch.testing.assert_close(value, before[key] + 9 / 11)
    for _ in range(200):
        average.update(network)
    torch.testing.assert_close(
        average.network.state_dict()["backbone.bn1.running_mean"], network.backbone.bn1.running_mean
    )
    assert not average.network.training
    assert MovingAverage(network, 0).network is network
