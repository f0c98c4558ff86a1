"""Train a model: from folders of photos and masks, or from a folder's case database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import Cancelled, TongueViewerError, TrainingError, UsageError
from tongue_viewer.core.training import EpochDone, TrainEvent, TrainNotice, TrainPlan

if TYPE_CHECKING:
    from tongue_viewer.training.data import Examples, TrainingPair
    from tongue_viewer.training.run_folder import RunFolder
    from tongue_viewer.training.session import Session


@dataclass(frozen=True)
class Split:
    """The photos of a run.

    Attributes:
        train: learned from.
        val: held back.
        notices: what was left out and why.
    """

    train: tuple[TrainingPair, ...]
    val: tuple[TrainingPair, ...]
    notices: tuple[str, ...] = ()


def train(
    plan: TrainPlan, token: CancelToken, *, resume: bool = False, epochs: int | None = None
) -> Iterator[TrainEvent]:
    """Train as `plan` says and keep everything in `plan.run`, which serves as a model from its first epoch on.

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
        DatasetError: photos and masks do not form usable pairs; every unusable one is named.
        TrainingError, ModelError, UsageError, WriteError: see their texts.
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
                if isinstance(event, EpochDone):
                    folder.note(
                        f"round {event.epoch}/{event.epochs}: loss {event.loss:.4f}, Dice {event.dice}"
                    )
                yield event
        except Cancelled:
            folder.note("stopped on request; --resume goes on here")
            raise
        except TongueViewerError as error:
            folder.note(f"failed: {error}")
            raise


def _prepare(
    folder: RunFolder, plan: TrainPlan, token: CancelToken, *, resume: bool, epochs: int | None
) -> tuple[Session, tuple[str, ...]]:
    """The session, at its start or where it was left."""
    import torch

    from tongue_viewer.training.compute import choose_compute
    from tongue_viewer.training.session import Session
    from tongue_viewer.training.start import start_network

    stored = resume and folder.config.is_file()
    if stored:
        plan = replace(folder.read_plan(), run=plan.run, epochs=epochs or folder.read_plan().epochs)
    elif folder.config.is_file():
        raise TrainingError(
            f"{folder.root} already holds a run; go on with --resume, or choose a new folder with -o"
        )
    checkpoint = stored and folder.last.is_file()
    network, plan = start_network(replace(plan, init="scratch") if checkpoint else plan)
    split = _stored_split(folder) if stored and folder.split.is_file() else _make_split(plan)
    train_set, val_set = _examples(split, plan, token)
    folder.write_json(folder.split, _split_json(split, plan))
    folder.write_json(folder.config, plan.to_json())
    if plan.threads:
        torch.set_num_threads(plan.threads)
    session = Session(plan, folder, network, train_set, val_set, choose_compute(plan))
    if checkpoint:
        session.load()
    return session, split.notices


def _make_split(plan: TrainPlan) -> Split:
    """Pair the folders, then hold back `val_sets` or a part of the groups."""
    from tongue_viewer.training.data import check_pattern, merge, pair_folders, split_by_group

    if not plan.sets:
        raise UsageError("nothing to learn from: give IMAGES MASKS, or --cases FOLDER")
    check_pattern(plan.group_pattern)
    found = merge(pair_folders(folders, plan.group_pattern) for folders in plan.sets)
    if plan.val_sets:
        val = merge(pair_folders(folders, plan.group_pattern) for folders in plan.val_sets)
        return Split(found.pairs, val.pairs, (*found.notices(), *val.notices()))
    train_pairs, val_pairs = split_by_group(found.pairs, plan.val_fraction, plan.seed)
    notices = found.notices()
    if not val_pairs:
        notices.append("no photo is held back, so the last round counts as the best")
    return Split(train_pairs, val_pairs, tuple(notices))


def _examples(split: Split, plan: TrainPlan, token: CancelToken) -> tuple[Examples, Examples]:
    """The decoded photos, all checked; those to learn from are kept no larger than augmentation can use."""
    from tongue_viewer.training.data import Examples, shrinker

    largest = plan.augment.scale[1] if plan.augment else 1.0
    train_set = Examples(split.train, shrinker(round(plan.size * largest)))
    val_set = Examples(split.val)
    for examples in (train_set, val_set):
        examples.check(token)
    return train_set, val_set


def _split_json(split: Split, plan: TrainPlan) -> dict[str, Any]:
    from tongue_viewer.training.data import pairs_to_json

    return {
        "seed": plan.seed,
        "group_pattern": plan.group_pattern,
        "train": pairs_to_json(split.train),
        "val": pairs_to_json(split.val),
        "notices": list(split.notices),
    }


def _stored_split(folder: RunFolder) -> Split:
    from tongue_viewer.training.data import pairs_from_json

    values = folder.read_json(folder.split)
    return Split(
        pairs_from_json(values["train"]), pairs_from_json(values["val"]), tuple(values.get("notices", ()))
    )
