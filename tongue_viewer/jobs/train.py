"""Train a model: from folders of photos and masks, or from a folder's case database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import Cancelled, TongueViewerError, TrainingError, UsageError
from tongue_viewer.core.train_events import EpochDone, TrainEvent, TrainFinished, TrainNotice
from tongue_viewer.core.training import TrainPlan

if TYPE_CHECKING:
    from tongue_viewer.training.data import Examples
    from tongue_viewer.training.pairing import Split
    from tongue_viewer.training.run_folder import RunFolder
    from tongue_viewer.training.session import Session


def train(
    plan: TrainPlan, token: CancelToken, *, resume: bool = False, epochs: int | None = None
) -> Iterator[TrainEvent]:
    """Train as `plan` says and keep everything in `plan.run`, which serves as a model from epoch 1 on.

    Args:
        plan: with `resume`, only its `run` counts where that folder holds a run; its stored plan is used.
        token: stops after the step under way; the state is written, `resume` goes on exactly there.
        resume: go on with the run in `plan.run`; from the start where it has no checkpoint.
        epochs: with `resume`, the new total.

    Yields:
        TrainNotice, TrainStarted, StepDone, EpochDone, at the end TrainFinished.

    Raises:
        Cancelled: stopped by `token`.
        RunBusyError: another process trains in the folder.
        DatasetError: photos and masks do not form usable pairs; unusable ones are named.
        TrainingError, ModelError, UsageError, StoreError, WriteError: see their texts.
    """
    from tongue_viewer.training.run_folder import RunFolder

    folder = RunFolder(Path(plan.run))
    with folder.locked():
        try:
            session, notices = _prepare(folder, plan, token, resume=resume, epochs=epochs)
            for text in notices:
                folder.note(text)
                yield TrainNotice(text)
            for event in session.run(token):
                _log(folder, event)
                yield event
        except Cancelled:
            folder.note("stopped on request; --resume goes on here")
            raise
        except TongueViewerError as error:
            folder.note(f"failed: {error}")
            raise


def _log(folder: RunFolder, event: TrainEvent) -> None:
    if isinstance(event, EpochDone):
        folder.note(f"round {event.epoch}/{event.epochs}: loss {event.loss:.4f}, Dice {event.dice}")
    elif isinstance(event, TrainFinished):
        folder.note(f"{event.reason}: best is round {event.best_epoch}, Dice {event.best_dice}")


def _prepare(
    folder: RunFolder, plan: TrainPlan, token: CancelToken, *, resume: bool, epochs: int | None
) -> tuple[Session, tuple[str, ...]]:
    """The session, at its start or where it was left, and what the person should know."""
    import torch

    from tongue_viewer.training.compute import choose_compute
    from tongue_viewer.training.pairing import Split
    from tongue_viewer.training.session import Session
    from tongue_viewer.training.start import start_network, stored_network

    if folder.config.is_file() and not resume:
        raise TrainingError(
            f"{folder.root} already holds a run. Nothing was changed. "
            "Go on with --resume, or choose a new folder."
        )
    resume = resume and folder.config.is_file() and folder.split.is_file()
    if resume:
        stored = TrainPlan.from_json(folder.read_json(folder.config))
        plan = replace(stored, run=plan.run, epochs=epochs or stored.epochs)
    go_on = resume and folder.last.is_file()
    network, plan = (stored_network(plan), plan) if go_on else start_network(plan)
    compute = choose_compute(plan)
    split = Split.from_json(folder.read_json(folder.split)) if resume else _make_split(plan, folder, token)
    train_set, val_set = _examples(split, plan, token)
    folder.write_json(folder.split, split.to_json())
    folder.write_json(folder.config, plan.to_json())
    if plan.threads:
        torch.set_num_threads(plan.threads)
    session = Session(plan, folder, network, train_set, val_set, compute)
    if go_on:
        session.load()
    return session, split.notices


def _make_split(plan: TrainPlan, folder: RunFolder, token: CancelToken) -> Split:
    """Pair the photos, then hold back `val_sets` or a part of the groups."""
    from tongue_viewer.training.cases import pair_cases
    from tongue_viewer.training.pairing import Split, check_pattern, merge, pair_folders, split_by_group

    pattern = plan.group_pattern
    check_pattern(pattern)
    if plan.cases:
        found = pair_cases(Path(plan.cases), plan.only, folder.masks, pattern, token)
    elif plan.sets:
        found = merge(pair_folders(folders, pattern) for folders in plan.sets)
    else:
        raise UsageError("nothing to learn from: give IMAGES MASKS, or --cases FOLDER")
    if plan.val_sets:
        val = merge(pair_folders(folders, pattern) for folders in plan.val_sets)
        return Split(found.pairs, val.pairs, (*found.notices(), *val.notices()))
    learned, held = split_by_group(found.pairs, plan.val_fraction, plan.seed)
    alone = () if held else ("no photo is held back to judge on, so the last round counts as the best",)
    return Split(learned, held, (*found.notices(), *alone))


def _examples(split: Split, plan: TrainPlan, token: CancelToken) -> tuple[Examples, Examples]:
    """The decoded photos, all checked; those to learn from are kept no larger than augmentation can use."""
    from tongue_viewer.training.data import Examples, shrinker

    train_set = Examples(split.train, shrinker(plan.size, plan.augment))
    val_set = Examples(split.val)
    for examples in (train_set, val_set):
        examples.check(token)
    return train_set, val_set
