"""One run of training: steps, epochs, judging, the model folder, and a state that can be kept at any step.

Exact resume: the order and variation of photos are functions of (seed, epoch, step), Python's and numpy's
global random generators are never used, and torch's (dropout) is part of the checkpoint.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import Cancelled, TrainingError
from tongue_viewer.core.train_events import EpochDone, StepDone, TrainEvent, TrainFinished, TrainStarted
from tongue_viewer.core.training import TrainPlan
from tongue_viewer.inference.looks import Looks
from tongue_viewer.network.segmenter import TongueNet
from tongue_viewer.network.weights import save_model
from tongue_viewer.training.batches import Batches
from tongue_viewer.training.card import Facts, run_card
from tongue_viewer.training.checkpoint import (
    optimizer_from_tensors,
    optimizer_to_tensors,
    read_checkpoint,
    write_checkpoint,
)
from tongue_viewer.training.compute import Compute
from tongue_viewer.training.data import Examples
from tongue_viewer.training.freezing import set_training
from tongue_viewer.training.judge import Overlap, judge, normalise
from tongue_viewer.training.losses import segmentation_loss
from tongue_viewer.training.run_folder import RunFolder
from tongue_viewer.training.schedule import MovingAverage, Progress, build_optimizer, factor, set_rate


@dataclass
class Place:
    """How far the run is.

    Attributes:
        epoch: finished epochs.
        step: finished steps of the epoch under way.
        loss: sum of their losses.
        minutes: time spent so far, over all resumptions.
    """

    epoch: int = 0
    step: int = 0
    loss: float = 0.0
    minutes: float = 0.0


@dataclass
class Session:
    """Everything that changes while training; `run` yields what happens.

    Attributes:
        plan: with `size` and `network` filled in.
        folder: locked by the caller.
        network: float32; moved to the device and to channels_last here.
        train, val: the photos to learn from and those held back (may be empty).
    """

    plan: TrainPlan
    folder: RunFolder
    network: TongueNet
    train: Examples
    val: Examples
    compute: Compute
    place: Place = field(default_factory=Place)
    progress: Progress = field(default_factory=Progress)

    def __post_init__(self) -> None:
        self.network.to(self.compute.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        set_training(self.network, self.plan.freeze)
        self.average = MovingAverage(self.network, self.plan.ema)
        self.optimizer = build_optimizer(self.plan, self.network)
        plan = self.plan
        self.batches = Batches(self.train, plan.size, plan.batch_size, plan.augment, plan.seed)
        self._seconds = 0.0  # of one step, smoothed
        self._judging = 0.0  # seconds of the last judging

    def run(self, token: CancelToken) -> Iterator[TrainEvent]:
        """Train to the end, or to an early stop.

        Raises:
            Cancelled: after the state was written; `--resume` goes on at the very step.
            TrainingError: the loss is no number any more.
            WriteError: the disk is full; the last checkpoint is intact.
        """
        reason = "already reached" if self.finished else "finished"
        if reason == "finished":
            yield self._started()
        while not self.finished:
            yield from self._epoch(token)
        if reason == "finished" and self.place.epoch < self.plan.epochs:
            reason = "early stop"
        best = self.progress
        yield TrainFinished(
            str(self.folder.root),
            str(self.folder.model),
            self.place.epoch,
            best.best_epoch,
            best.best,
            reason,
        )

    def _started(self) -> TrainStarted:
        return TrainStarted(
            run=str(self.folder.root),
            photos=len(self.train),
            val_photos=len(self.val),
            epochs=self.plan.epochs,
            steps_per_epoch=self.batches.steps,
            first_epoch=self.place.epoch + 1,
            device=str(self.compute.device),
            precision=self.compute.precision,
        )

    @property
    def finished(self) -> bool:
        """Whether all epochs are done or early stopping has struck."""
        return self.place.step == 0 and (
            self.place.epoch >= self.plan.epochs or self.progress.should_stop(self.plan)
        )

    def _epoch(self, token: CancelToken) -> Iterator[TrainEvent]:
        """One epoch with its judging; on `Cancelled` the state at the last step is written."""
        begun = time.monotonic()
        set_training(self.network, self.plan.freeze)
        try:
            for photos, covers in self.batches.epoch(self.place.epoch, self.place.step):
                token.check()
                yield self._step(photos, covers)
            results = list(self._judge(token))
        except Cancelled:
            self.place.minutes += (time.monotonic() - begun) / 60
            self.save()
            raise
        seconds = time.monotonic() - begun
        self.place.minutes += seconds / 60
        yield self._close_epoch(results, seconds)

    def _judge(self, token: CancelToken) -> Iterator[Overlap]:
        begun = time.monotonic()
        looks = Looks(self.plan.size, self.plan.coarse_size, self.plan.focus_margin)
        yield from judge(self.average.network, self.val, looks, self.compute, token)
        self._judging = time.monotonic() - begun

    def _step(self, photos: torch.Tensor, covers: torch.Tensor) -> StepDone:
        begun = time.monotonic()
        steps, plan, place = self.batches.steps, self.plan, self.place
        rate = factor(plan, place.epoch * steps + place.step, plan.epochs * steps) * self.progress.reduction
        set_rate(self.optimizer, rate)
        loss = self._learn(photos, covers)
        place.step += 1
        place.loss += loss
        taken = time.monotonic() - begun
        self._seconds = taken if self._seconds == 0 else 0.9 * self._seconds + 0.1 * taken
        return StepDone(
            place.epoch + 1, plan.epochs, place.step, steps, loss, plan.lr * rate, self._seconds_left()
        )

    def _learn(self, photos: torch.Tensor, covers: torch.Tensor) -> float:
        """Forward, backward, step, moving average; the loss as a number."""
        x, target = normalise(photos, self.network, self.compute), covers.to(self.compute.device)
        with self.compute.autocast():
            logits = self.network(x)
        loss = segmentation_loss(logits, target, self.plan.loss)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise TrainingError(
                f"The loss is no number any more (round {self.place.epoch + 1}, step {self.place.step + 1}). "
                "The model of the best round is intact. Start again in a new folder with a smaller --lr."
            )
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if self.plan.clip_norm > 0:
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.plan.clip_norm)
        self.optimizer.step()
        self.average.update(self.network)
        return value

    def _close_epoch(self, results: list[Overlap], seconds: float) -> EpochDone:
        """Keep the model if it is the best, write the checkpoint and the metrics."""
        plan, place = self.plan, self.place
        dice = sum(r.dice for r in results) / len(results) if results else None
        iou = sum(r.iou for r in results) / len(results) if results else None
        loss = place.loss / max(1, place.step)
        place.epoch, place.step, place.loss = place.epoch + 1, 0, 0.0
        is_best = self.progress.record(place.epoch, dice, plan)
        if is_best:
            self._keep_model(results)
        self.save()
        event = EpochDone(
            epoch=place.epoch,
            epochs=plan.epochs,
            loss=loss,
            dice=dice,
            iou=iou,
            best_dice=self.progress.best,
            is_best=is_best,
            lr=float(self.optimizer.param_groups[-1]["lr"]),
            seconds=seconds,
            seconds_left=self._seconds_left(),
        )
        self.folder.append_metrics(event)
        return event

    def _keep_model(self, results: list[Overlap]) -> None:
        """Replace RUN/model by the averaged weights, and write down each held-back photo's result."""
        photos = {"train": len(self.train), "val": len(self.val)}
        digests = {"train": self.train.digest, "val": self.val.digest}
        facts = Facts(self.plan, self.place.epoch, self.place.minutes, photos, digests, results)
        save_model(self.folder.model, self.average.network, run_card(facts))
        rows = [vars(result) for result in sorted(results, key=lambda r: r.dice)]
        self.folder.write_json(self.folder.held_back, {"epoch": self.place.epoch, "photos": rows})

    def _seconds_left(self) -> float:
        epochs = self.plan.epochs - self.place.epoch
        steps = epochs * self.batches.steps - self.place.step
        return steps * self._seconds + epochs * self._judging

    def save(self) -> None:
        """Write the whole state; `load` after a break gives the same run as without it."""
        tensors = {f"net.{k}": v for k, v in self.network.state_dict().items()}
        if self.plan.ema > 0:
            tensors |= {f"ema.{k}": v for k, v in self.average.network.state_dict().items()}
        state, plain = optimizer_to_tensors(self.optimizer)
        tensors |= {f"opt.{k}": v for k, v in state.items()}
        tensors["rng.cpu"] = torch.get_rng_state()
        if self.compute.device.type == "cuda":
            tensors["rng.cuda"] = torch.cuda.get_rng_state(self.compute.device)
        values: dict[str, Any] = {
            "place": vars(self.place),
            "progress": self.progress.to_json(),
            "updates": self.average.updates,
            "optimizer": plain,
        }
        write_checkpoint(self.folder.last, tensors, values)

    def load(self) -> None:
        """Go on from RUN's checkpoint.

        Raises:
            TrainingError: it is damaged.
        """
        tensors, state = read_checkpoint(self.folder.last)
        self.network.load_state_dict(_part(tensors, "net."))
        if self.plan.ema > 0:
            self.average.network.load_state_dict(_part(tensors, "ema."))
        self.average.updates = int(state["updates"])
        optimizer_from_tensors(self.optimizer, _part(tensors, "opt."), state["optimizer"])
        self.place, self.progress = Place(**state["place"]), Progress(**state["progress"])
        self.folder.drop_metrics_after(self.place.epoch)
        torch.set_rng_state(tensors["rng.cpu"])
        if "rng.cuda" in tensors and self.compute.device.type == "cuda":
            torch.cuda.set_rng_state(tensors["rng.cuda"], self.compute.device)


def _part(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
