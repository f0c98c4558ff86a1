from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.training.training_phantoms import write_set
from tongue_viewer.cli.main import build_parser, main
from tongue_viewer.cli.train import plan_of
from tongue_viewer.core.errors import UsageError
from tongue_viewer.core.models import ModelCard
from tongue_viewer.core.train_events import EpochDone, StepDone, TrainFinished, TrainStarted, event_from_json
from tongue_viewer.core.training import FolderPair, TrainPlan
from tongue_viewer.network.config import NetworkConfig
from tongue_viewer.network.segmenter import build_network
from tongue_viewer.network.weights import save_model


def _plan(*arguments: str) -> TrainPlan:
    return plan_of(build_parser().parse_args(["train", "-o", "run", *arguments]))


def _tiny_model(folder: Path) -> str:
    network = build_network(NetworkConfig.tiny())
    save_model(folder, network, ModelCard("tiny", network.config.to_json(), 64))
    return str(folder)


def test_arguments_become_the_plan() -> None:
    plan = _plan(
        "photos", "masks", "--also", "p2", "m2", "--also", "p3", "m3", "--val", "pv", "mv", "--epochs", "3",
        "--batch-size", "2", "--size", "320", "--loss", "dice", "--optimizer", "adam", "--patience", "4",
        "--seed", "9", "--group-pattern", r"^(\d+)", "--init", "imagenet", "--scale", "0.8", "1.25",
    )  # fmt: skip
    assert plan.sets == (FolderPair("photos", "masks"), FolderPair("p2", "m2"), FolderPair("p3", "m3"))
    assert plan.val_sets == (FolderPair("pv", "mv"),)
    assert (plan.epochs, plan.batch_size, plan.size, plan.patience, plan.seed) == (3, 2, 320, 4, 9)
    assert (plan.loss, plan.optimizer, plan.init, plan.group_pattern) == (
        "dice",
        "adam",
        "imagenet",
        r"^(\d+)",
    )
    assert plan.augment is not None
    assert plan.augment.scale == (0.8, 1.25)


def test_what_is_given_wins_over_the_preset() -> None:
    plan = _plan("photos", "masks", "--preset", "notebook", "--batch-size", "4")
    assert (plan.batch_size, plan.epochs, plan.loss) == (4, 120, "dice")
    assert _plan("photos", "masks", "--no-augment").augment is None


def test_another_build_of_the_network_is_named_part_by_part() -> None:
    plan = _plan(
        "photos", "masks", "--network", "se=false", "--network", "aspp_rates=[3, 6]", "--freeze", "3"
    )
    assert plan.network == {"se": False, "aspp_rates": [3, 6]}
    assert plan.freeze == 3


@pytest.mark.parametrize("part", ["se", "se=no"])
def test_a_part_without_a_value_is_refused(part: str) -> None:
    with pytest.raises(UsageError, match="se=false"):
        _plan("photos", "masks", "--network", part)


@pytest.mark.parametrize(
    "arguments",
    [[], ["photos"], ["photos", "masks", "--cases", "folder"], ["photos", "masks", "--epochs", "0"]],
)
def test_wrong_usage_is_refused(arguments: list[str]) -> None:
    with pytest.raises(UsageError):
        _plan(*arguments)


def test_trains_with_events_on_stdout_and_plain_lines_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = write_set(tmp_path, 6)
    run = tmp_path / "run"
    arguments = [
        "train",
        folders.images,
        folders.masks,
        "-o",
        str(run),
        "--init",
        _tiny_model(tmp_path / "tiny"),
    ]
    arguments += ["--epochs", "1", "--batch-size", "2", "--device", "cpu", "--threads", "1", "--events", "-"]
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    events = [event_from_json(line) for line in out.splitlines()]
    assert [type(event) for event in events] == [TrainStarted, StepDone, StepDone, EpochDone, TrainFinished]
    assert "round 1/1" in err
    assert "\r" not in err
    assert main(["train", "-o", str(run), "--resume"]) == 0
    assert "already reached" in capsys.readouterr().err
    assert main(arguments) == 1
    assert "--resume" in capsys.readouterr().err


@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no SIGINT for one process; it takes the line 'stop'"
)
@pytest.mark.parametrize("how", ["ctrl-c", "line"])
def test_stopping_keeps_what_is_finished_and_exits_with_130(tmp_path: Path, how: str) -> None:
    folders = write_set(tmp_path, 6)
    run = tmp_path / "run"
    command = [sys.executable, "-m", "tongue_viewer", "train", folders.images, folders.masks, "-o", str(run)]
    command += ["--init", _tiny_model(tmp_path / "tiny"), "--epochs", "5000", "--patience", "0"]
    command += ["--batch-size", "2", "--device", "cpu", "--threads", "1", "--events", "-"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        while not isinstance(event_from_json(process.stdout.readline()), EpochDone):
            assert process.poll() is None
        if how == "line":
            process.stdin.write("stop\n")
            process.stdin.flush()
        else:
            process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130
    assert "--resume goes on there" in err
    assert "Traceback" not in err
    assert (run / "last.safetensors").is_file()
    assert json.loads((run / "model" / "card.json").read_text("utf-8"))["name"] == "run"
