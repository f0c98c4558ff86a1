"""Learning rates over a run, early stopping, the optimiser and the moving average of the weights."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn

from tongue_viewer.core.training import TrainPlan
from tongue_viewer.network.segmenter import TongueNet

ONECYCLE_START, ONECYCLE_END = 1 / 25, 1e-3
"""First and last rate of the one-cycle schedule, as parts of the highest (Smith 2018; the last is ours)."""


def factor(plan: TrainPlan, step: int, steps: int) -> float:
    """The part of the full learning rate at `step` (from 0) of `steps`, for "poly", "onecycle" and "plateau".

    poly: linear warm-up, then (1 − t)**power. onecycle: cosine up within the warm-up (at least 10 % of the
    run), then cosine down to almost nothing. plateau: warm-up, then 1; `Progress` lowers it by epochs.
    """
    if plan.schedule == "onecycle":
        rise = max(1, round(steps * max(plan.warmup, 0.1)))
        if step < rise:
            return ONECYCLE_START + (1 - ONECYCLE_START) * (1 - math.cos(math.pi * step / rise)) / 2
        done = (step - rise) / max(1, steps - rise)
        return ONECYCLE_END + (1 - ONECYCLE_END) * (1 + math.cos(math.pi * min(1.0, done))) / 2
    rise = round(steps * plan.warmup)
    if step < rise:
        return (step + 1) / (rise + 1)
    if plan.schedule == "plateau":
        return 1.0
    left = 1 - min(1.0, (step - rise) / max(1, steps - rise))
    return float(left**plan.poly_power)


@dataclass
class Progress:
    """What early stopping and reduce-on-plateau remember.

    Attributes:
        best: highest Dice so far, None before the first.
        best_epoch: its epoch, from 1; 0 before the first.
        stale: epochs since then.
        reduction: factor on the learning rate from reduce-on-plateau.
        plateau: epochs without a better Dice since the last reduction.
    """

    best: float | None = None
    best_epoch: int = 0
    stale: int = 0
    reduction: float = 1.0
    plateau: int = 0

    def record(self, epoch: int, dice: float | None, plan: TrainPlan) -> bool:
        """Take note of an epoch's Dice; True if it is the best so far (without a Dice, every epoch is)."""
        if dice is None or self.best is None or dice > self.best:
            self.best, self.best_epoch, self.stale, self.plateau = dice, epoch, 0, 0
            return True
        self.stale += 1
        self.plateau += 1
        if plan.schedule == "plateau" and self.plateau >= plan.plateau_patience:
            floor = plan.plateau_floor / plan.lr
            self.reduction, self.plateau = max(floor, self.reduction * plan.plateau_factor), 0
        return False

    def should_stop(self, plan: TrainPlan) -> bool:
        """Whether `patience` epochs passed without a better Dice."""
        return plan.patience > 0 and self.stale >= plan.patience

    def to_json(self) -> dict[str, float | int | None]:
        """For the checkpoint; `Progress(**values)` is the inverse."""
        return asdict(self)


def build_optimizer(plan: TrainPlan, network: TongueNet) -> torch.optim.Optimizer:
    """SGD with Nesterov momentum, AdamW or Adam; norms and biases get no weight decay."""
    groups = [
        {"params": chosen, "lr": rate, "weight_decay": decay, "full_lr": rate}
        for parameters, rate in (
            (list(network.backbone_parameters()), plan.lr * plan.backbone_lr),
            (list(network.head_parameters()), plan.lr),
        )
        for chosen, decay in (
            ([p for p in parameters if p.ndim > 1], plan.weight_decay),
            ([p for p in parameters if p.ndim <= 1], 0.0),
        )
        if chosen
    ]
    if plan.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=plan.lr, momentum=plan.momentum, nesterov=plan.momentum > 0)
    return (torch.optim.AdamW if plan.optimizer == "adamw" else torch.optim.Adam)(groups, lr=plan.lr)


def set_rate(optimizer: torch.optim.Optimizer, part: float) -> None:
    """Give every group `part` of its full learning rate."""
    for group in optimizer.param_groups:
        group["lr"] = group["full_lr"] * part


class MovingAverage:
    """An exponential moving average of weights and statistics, short at first: the start is forgotten."""

    def __init__(self, network: TongueNet, decay: float) -> None:
        self.decay = decay
        self.updates = 0
        self.network = copy.deepcopy(network).eval() if decay > 0 else network
        if decay > 0:
            self.network.requires_grad_(requires_grad=False)

    @torch.no_grad()
    def update(self, network: TongueNet) -> None:
        """Move towards `network` after one step."""
        if self.decay <= 0:
            return
        self.updates += 1
        keep = min(self.decay, (1 + self.updates) / (10 + self.updates))
        mine, theirs = zip(*_floats(self.network, network), strict=True)
        torch._foreach_lerp_(list(mine), list(theirs), 1 - keep)


def _floats(mine: nn.Module, theirs: nn.Module) -> Iterator[tuple[Tensor, Tensor]]:
    """The floating-point tensors of two equal networks, side by side."""
    other = theirs.state_dict()
    for name, tensor in mine.state_dict().items():
        if tensor.is_floating_point():
            yield tensor, other[name]
