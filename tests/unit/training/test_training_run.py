from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.unit.training.training_phantoms import phantom, tiny_plan, write_png, write_set
from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseStatus, EditStep, Origin
from tongue_viewer.core.errors import Cancelled, ModelNotFoundError, RunBusyError, TrainingError, UsageError
from tongue_viewer.core.patch import MaskPatch
from tongue_viewer.core.train_events import EpochDone, StepDone, TrainEvent, TrainFinished, TrainNotice
from tongue_viewer.core.training import TrainPlan
from tongue_viewer.jobs.train import train
from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.segmenter import build_network
from tongue_viewer.network.weights import load_model
from tongue_viewer.storage.case_store import CaseStore
from tongue_viewer.storage.photos import read_photo
from tongue_viewer.training.batches import Batches
from tongue_viewer.training.checkpoint import read_checkpoint
from tongue_viewer.training.data import Examples
from tongue_viewer.training.pairing import pair_folders
from tongue_viewer.training.run_folder import RunFolder


def _run(plan: TrainPlan, *, resume: bool = False, epochs: int | None = None) -> list[TrainEvent]:
    return list(train(plan, CancelToken(), resume=resume, epochs=epochs))


def _run_until(plan: TrainPlan, stop: Callable[[TrainEvent], bool], *, resume: bool = False) -> None:
    """Train and ask to stop at the first event for which `stop` is true."""
    token = CancelToken()
    with pytest.raises(Cancelled):  # noqa: PT012 - the events up to the stop are consumed here
        for event in train(plan, token, resume=resume):
            if stop(event):
                token.cancel()


def _tensors(run: Path) -> dict[str, torch.Tensor]:
    return read_checkpoint(RunFolder(run).last)[0]


def _finished(events: list[TrainEvent]) -> TrainFinished:
    assert isinstance(events[-1], TrainFinished)
    return events[-1]


def test_overfits_a_handful(tmp_path: Path) -> None:
    folders = write_set(tmp_path, 6)
    plan = tiny_plan(
        tmp_path / "run", folders, val_sets=(folders,), epochs=20, lr=3e-2, backbone_lr=1.0,
        schedule="onecycle", augment=None, batch_size=2, patience=0, ema=0.0,
    )  # fmt: skip
    events = _run(plan)
    losses = [event.loss for event in events if isinstance(event, EpochDone)]
    assert losses[-1] < losses[0] / 4
    best = _finished(events).best_dice
    assert best is not None
    assert best > 0.95


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_resume_after_a_stop_in_the_middle_is_exact(tmp_path: Path, optimizer: str) -> None:
    folders = write_set(tmp_path, 14)
    whole = tiny_plan(tmp_path / "whole", folders, optimizer=optimizer, epochs=3)
    expected = _run(whole)
    broken = replace(whole, run=str(tmp_path / "broken"))
    _run_until(broken, lambda e: isinstance(e, StepDone) and (e.epoch, e.step) == (1, 2))
    _run_until(broken, lambda e: isinstance(e, StepDone) and (e.epoch, e.step) == (3, 1), resume=True)
    got = _run(TrainPlan(broken.run), resume=True)

    ours, theirs = _tensors(tmp_path / "broken"), _tensors(tmp_path / "whole")
    assert ours.keys() == theirs.keys()
    for name, tensor in theirs.items():
        assert torch.equal(ours[name], tensor), name
    assert _finished(got).best_dice == _finished(expected).best_dice
    lines = [
        RunFolder(tmp_path / name).metrics.read_text("utf-8").splitlines() for name in ("broken", "whole")
    ]
    rows = [[(json.loads(line)["loss"], json.loads(line)["dice"]) for line in file] for file in lines]
    assert rows[0] == rows[1]
    assert len(rows[0]) == 3


def test_resume_before_the_first_checkpoint_starts_again_with_the_stored_plan(tmp_path: Path) -> None:
    plan = tiny_plan(tmp_path / "run", write_set(tmp_path, 6), epochs=1)
    _run(plan)
    RunFolder(tmp_path / "run").last.unlink()
    events = _run(TrainPlan(plan.run), resume=True)
    assert _finished(events).epoch == 1
    assert (tmp_path / "run" / "model" / "card.json").is_file()


def test_resume_with_more_epochs_goes_on_and_with_enough_has_nothing_to_do(tmp_path: Path) -> None:
    plan = tiny_plan(tmp_path / "run", write_set(tmp_path, 6), epochs=1)
    _run(plan)
    nothing = _finished(_run(TrainPlan(plan.run), resume=True))
    assert (nothing.reason, nothing.epoch, nothing.best_epoch) == ("already reached", 1, 1)
    more = _run(TrainPlan(plan.run), resume=True, epochs=2)
    assert [event.epoch for event in more if isinstance(event, EpochDone)] == [2]
    assert _finished(more).reason == "finished"
    assert json.loads((tmp_path / "run" / "config.json").read_text("utf-8"))["epochs"] == 2


def test_a_folder_with_a_run_is_not_overwritten(tmp_path: Path) -> None:
    plan = tiny_plan(tmp_path / "run", write_set(tmp_path, 6), epochs=1)
    _run(plan)
    before = RunFolder(tmp_path / "run").last.read_bytes()
    with pytest.raises(TrainingError, match="--resume"):
        _run(plan)
    assert RunFolder(tmp_path / "run").last.read_bytes() == before


def test_early_stopping_leaves_the_model_of_the_best_epoch(tmp_path: Path) -> None:
    folders = write_set(tmp_path, 6)
    plan = tiny_plan(
        tmp_path / "run", folders, epochs=30, patience=2, lr=0.5, ema=0.0, optimizer="sgd", warmup=0.0
    )
    events = _run(plan)
    done = [event for event in events if isinstance(event, EpochDone)]
    finish = _finished(events)
    assert finish.reason == "early stop"
    assert finish.epoch == finish.best_epoch + 2 == len(done)
    assert finish.best_dice == max(event.dice or 0 for event in done)
    _, card = load_model(tmp_path / "run" / "model")
    assert card.training["epoch"] == finish.best_epoch
    assert card.scores["held back"]["dice"]["mean"] == pytest.approx(finish.best_dice)


def test_the_run_is_a_model_whose_card_says_how_it_was_made_and_names_no_file(tmp_path: Path) -> None:
    folders = write_set(tmp_path, 8)
    plan = tiny_plan(tmp_path / "run", folders, epochs=1, seed=7)
    _run(plan)
    network, card = load_model(tmp_path / "run" / "model")
    assert (card.name, card.input_size, network.config) == ("run", 64, NetworkConfig.tiny())
    assert card.training["plan"]["seed"] == 7
    assert card.training["photos"] == {"train": 6, "val": 2}
    assert set(card.training["versions"]) >= {"torch", "numpy", "python"}
    assert len(card.training["data_sha256"]["train"]) == 64
    assert str(tmp_path) not in json.dumps(card.to_json())
    held = json.loads((tmp_path / "run" / "held_back.json").read_text("utf-8"))
    split = json.loads((tmp_path / "run" / "split.json").read_text("utf-8"))
    assert {row["name"] for row in held["photos"]} == {Path(pair["photo"]).stem for pair in split["val"]}


def test_training_from_a_run_takes_its_weights_and_size(tmp_path: Path) -> None:
    folders = write_set(tmp_path, 6)
    _run(tiny_plan(tmp_path / "first", folders, epochs=1))
    plan = tiny_plan(
        tmp_path / "second", folders, epochs=1, init=str(tmp_path / "first"), size=0, lr=1e-9, ema=0.0
    )
    _run(plan)
    config = json.loads((tmp_path / "second" / "config.json").read_text("utf-8"))
    assert config["size"] == 64
    first, second = (load_model(tmp_path / name / "model")[0].state_dict() for name in ("first", "second"))
    torch.testing.assert_close(
        second["backbone.conv1.weight"], first["backbone.conv1.weight"], atol=1e-3, rtol=0
    )


def test_starting_points_that_are_not_there_are_named(tmp_path: Path) -> None:
    folders = write_set(tmp_path, 4)
    with pytest.raises(UsageError, match="--init FILE"):
        _run(tiny_plan(tmp_path / "a", folders, init="imagenet"))
    with pytest.raises(ModelNotFoundError, match="no-such-model"):
        _run(tiny_plan(tmp_path / "b", folders, init="no-such-model"))


def test_orphans_are_told_and_logged(tmp_path: Path) -> None:
    folders = write_set(tmp_path, 6)
    write_png(tmp_path / "masks" / "stray.png", phantom(9)[1])
    events = _run(tiny_plan(tmp_path / "run", folders, epochs=1))
    notices = [event.text for event in events if isinstance(event, TrainNotice)]
    assert len(notices) == 1
    assert "stray.png" in notices[0]
    assert "stray.png" in RunFolder(tmp_path / "run").log.read_text("utf-8")


def test_one_photo_is_enough(tmp_path: Path) -> None:
    events = _run(tiny_plan(tmp_path / "run", write_set(tmp_path, 1), epochs=1))
    assert _finished(events).best_dice is None
    assert any(isinstance(event, TrainNotice) and "held back" in event.text for event in events)
    assert (tmp_path / "run" / "model" / "card.json").is_file()


def test_a_loss_that_is_no_number_stops_with_the_remedy(tmp_path: Path) -> None:
    plan = tiny_plan(
        tmp_path / "run", write_set(tmp_path, 6), epochs=1, batch_size=2, lr=1e30, clip_norm=0.0, warmup=0.0
    )
    with pytest.raises(TrainingError, match="--lr"):
        _run(plan)


def test_clipping_bounds_the_step(tmp_path: Path) -> None:
    folders = write_set(tmp_path, 6)
    moved = []
    for clip in (1e-6, 0.0):
        run = tmp_path / f"clip{clip}"
        plan = tiny_plan(
            run,
            folders,
            epochs=1,
            clip_norm=clip,
            ema=0.0,
            weight_decay=0.0,
            warmup=0.0,
            momentum=0.0,
            lr=0.1,
        )
        _run(plan)
        state = _tensors(run)
        torch.manual_seed(plan.seed)
        start = build_network(NetworkConfig.tiny()).state_dict()["decoder.classifier.weight"]
        moved.append(float((state["net.decoder.classifier.weight"] - start).abs().max()))
    assert moved[0] < 1e-7 < moved[1]


HOLD = """
import sys, time
from pathlib import Path
from tongue_viewer.training.run_folder import RunFolder
with RunFolder(Path(sys.argv[1])).locked():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock of tmp_path/run."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "run")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_run_folder_has_one_trainer_and_outlives_its_death(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    plan = tiny_plan(tmp_path / "run", write_set(tmp_path, 6), epochs=1)
    with pytest.raises(RunBusyError, match=str(holder.pid)):
        _run(plan)
    assert not (tmp_path / "run" / "config.json").exists()
    holder.kill()
    holder.wait()
    assert _finished(_run(plan)).reason == "finished"


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    plan = tiny_plan(tmp_path / "run", write_set(tmp_path, 6), epochs=1)
    _run(plan)
    last = RunFolder(tmp_path / "run").last
    last.write_bytes(last.read_bytes()[:1000])
    with pytest.raises(TrainingError, match=r"last\.safetensors"):
        _run(plan, resume=True, epochs=2)


def test_learns_from_the_reviewed_cases_of_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(5):
        write_png(folder / f"p{number}.png", phantom(number)[0])
    with CaseStore.open(folder) as store:
        for number in range(5):
            state, mask = store.load(read_photo(folder / f"p{number}.png")), phantom(number)[1]
            patch = MaskPatch.between(state.mask, mask)
            assert patch is not None
            status = CaseStatus.REVIEWED if number < 4 else CaseStatus.EDITED
            identity = state.summary.case_id
            store.save_step(
                EditStep(identity, "Brush", "brush", Origin.HUMAN, mask, patch.to_bytes(), status, 1, 0.0)
            )
    (folder / "p3.png").unlink()
    plan = tiny_plan(tmp_path / "run", cases=str(folder), only="reviewed", epochs=1)
    events = _run(plan)
    split = json.loads((tmp_path / "run" / "split.json").read_text("utf-8"))
    assert {Path(pair["photo"]).stem for pair in split["train"] + split["val"]} == {"p0", "p1", "p2"}
    assert any(isinstance(event, TrainNotice) and "p3.png" in event.text for event in events)
    assert len(list((tmp_path / "run" / "masks").glob("*.png"))) == 3


def test_batches_are_a_function_of_seed_epoch_and_step(tmp_path: Path) -> None:
    examples = Examples(pair_folders(write_set(tmp_path, 7)).pairs)
    plan = tiny_plan(tmp_path / "run")
    batches = Batches(examples, 32, 3, plan.augment, seed=5)
    assert batches.steps == 2
    first = list(batches.epoch(4))
    again = list(Batches(examples, 32, 3, plan.augment, seed=5).epoch(4, first_step=1))
    assert len(first) == 2
    for ours, theirs in zip(first[1], again[0], strict=True):
        assert torch.equal(ours, theirs)
    photos, covers = first[0]
    assert (photos.shape, photos.dtype) == ((3, 3, 32, 32), torch.uint8)
    assert (covers.shape, covers.dtype) == ((3, 1, 32, 32), torch.float32)
    seen = np.concatenate([np.ravel(order) for order in batches.order(0)])
    assert len(set(seen.tolist())) == 6
    assert batches.order(0) != batches.order(1)


@pytest.mark.parametrize(("count", "expected"), [(1, [2]), (2, [2]), (5, [4]), (8, [4, 4])])
def test_no_batch_is_smaller_than_two(tmp_path: Path, count: int, expected: list[int]) -> None:
    batches = Batches(Examples(pair_folders(write_set(tmp_path, count)).pairs), 32, 4, None, seed=0)
    assert [len(order) for order in batches.order(0)] == expected
    assert batches.steps == len(expected)
