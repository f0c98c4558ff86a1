from __future__ import annotations

import json

import pytest

from tongue_viewer.core.errors import UsageError
from tongue_viewer.core.train_events import (
    EpochDone,
    StepDone,
    TrainFinished,
    TrainNotice,
    TrainStarted,
    event_from_json,
    event_to_json,
)
from tongue_viewer.core.training import PRESETS, AugmentPlan, FolderPair, TrainPlan


def test_plan_survives_json_with_every_field() -> None:
    plan = TrainPlan(
        "run",
        sets=(FolderPair("a", "b"), FolderPair("c", "d")),
        val_sets=(FolderPair("e", "f"),),
        size=320,
        augment=AugmentPlan(scale=(0.7, 1.3), jpeg=(40, 90)),
    )
    assert TrainPlan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


def test_plan_without_augmentation_survives_json_and_unknown_keys_are_ignored() -> None:
    plan = TrainPlan("run", augment=None)
    assert TrainPlan.from_json({**plan.to_json(), "from_the_future": 1}) == plan


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("loss", "focal"),
        ("optimizer", "lion"),
        ("epochs", 0),
        ("size", -1),
        ("val_fraction", 1.0),
        ("lr", 0.0),
    ],
)
def test_plan_refuses_a_value_and_names_it(field: str, value: object) -> None:
    with pytest.raises(UsageError, match=field):
        TrainPlan("run", **{field: value})  # type: ignore[arg-type]


def test_notebook_preset_is_the_published_description() -> None:
    plan = TrainPlan("run", **PRESETS["notebook"])
    assert (plan.size, plan.batch_size, plan.epochs, plan.loss, plan.optimizer) == (
        512,
        16,
        120,
        "dice",
        "sgd",
    )
    assert (plan.lr, plan.momentum, plan.patience) == (1e-3, 0.9, 10)
    assert (plan.schedule, plan.plateau_factor, plan.plateau_patience, plan.plateau_floor) == (
        "plateau",
        0.5,
        5,
        1e-6,
    )


@pytest.mark.parametrize(
    "event",
    [
        TrainStarted("run", 8, 2, 3, 4, 1, "cpu", "float32"),
        TrainNotice("ein Foto ohne Maske: zunge.bmp"),
        StepDone(1, 3, 2, 4, 0.5, 1e-2, 12.0),
        EpochDone(1, 3, 0.5, None, None, None, is_best=True, lr=1e-2, seconds=3.0, seconds_left=6.0),
        TrainFinished("run", "run/model", 3, 2, 0.98, "early stop"),
    ],
)
def test_events_survive_one_line_of_json(event: TrainStarted) -> None:
    line = event_to_json(event)
    assert "\n" not in line
    assert event_from_json(line) == event


@pytest.mark.parametrize("line", ["", "warning: something", "[1, 2]", '{"event": "tomorrow"}'])
def test_other_lines_are_no_events(line: str) -> None:
    assert event_from_json(line) is None
