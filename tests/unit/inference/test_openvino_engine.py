"""OpenVINO's engines: float32 against PyTorch, the int8 form, and what happens where something is missing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.int8_models import add_int8_form
from tests.tiny_models import SIZE, random_photo, save_tiny_model
from tongue_viewer.core.errors import EngineError, UsageError
from tongue_viewer.core.models import CARD_NAME
from tongue_viewer.inference.engine import EngineOptions, open_engine
from tongue_viewer.inference.forms import INT8
from tongue_viewer.inference.openvino_engine import OpenVinoEngine, float32_folder
from tongue_viewer.inference.predictor import Predictor
from tongue_viewer.inference.registry import read_card

TORCH = EngineOptions("torch", "cpu", "float32")
AUTO = EngineOptions("auto", "cpu")

RUN = """
import json, sys
from pathlib import Path
import numpy as np
from tongue_viewer.inference.predictor import Predictor
predictor = Predictor(Path(sys.argv[1]), engine=sys.argv[2], device="cpu")
answer = predictor.predict(np.full((48, 80, 3), 90, np.uint8))
facts = {"engine": predictor.engine_name, "note": predictor.note, "mean": float(answer.mean())}
print(json.dumps({**facts, "torch": "torch" in sys.modules}))
"""

WITHOUT_OPENVINO = "import sys; sys.modules['openvino'] = None\n" + RUN


def run_child(script: str, model: Path, engine: str) -> subprocess.CompletedProcess[str]:
    """The script in a new Python, which has loaded nothing yet."""
    command = [sys.executable, "-c", script, str(model), engine]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model without an int8 form."""
    folder = tmp_path_factory.mktemp("plain") / "tiny"
    save_tiny_model(folder)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with an int8 form; not to be changed."""
    place = tmp_path_factory.mktemp("quantised")
    add_int8_form(place / "tiny", save_tiny_model(place / "tiny"), place / "work")
    return place / "tiny"


@pytest.fixture
def with_form(made: Path, tmp_path: Path) -> Path:
    """A copy of `made` to damage."""
    return Path(shutil.copytree(made, tmp_path / "tiny"))


def test_float32_answers_as_pytorch_does_at_every_size(plain: Path) -> None:
    theirs, ours = open_engine(plain, TORCH), open_engine(plain, EngineOptions("openvino-f32"))
    assert (ours.name, ours.note) == ("openvino-f32", "")
    for size in (SIZE, SIZE + 32, SIZE):
        batch = np.stack([random_photo((size, size), seed) for seed in range(2)])
        expected = theirs.run(batch)
        answer = ours.run(batch)
        assert answer.shape == (2, 1, size, size)
        assert answer.dtype == np.float32
        assert expected.std() > 0.01  # a constant answer would prove nothing
        np.testing.assert_allclose(answer, expected, atol=1e-4)


def test_a_side_that_is_no_multiple_of_32_differs_only_by_the_borders_colour(plain: Path) -> None:
    batch = random_photo((50, 70))[None]
    answer = open_engine(plain, EngineOptions("openvino-f32")).run(batch)
    assert answer.shape == (1, 1, 50, 70)
    np.testing.assert_allclose(answer, open_engine(plain, TORCH).run(batch), atol=0.03)


def test_the_converted_network_is_kept_and_needs_no_torch(plain: Path, user_home: Path) -> None:
    answer = Predictor(plain, engine="openvino-f32").predict(np.full((48, 80, 3), 90, np.uint8))
    kept = float32_folder(read_card(plain))
    assert user_home in kept.parents
    assert sorted(path.name for path in kept.iterdir()) == ["model.bin", "model.xml", "sha256.json"]
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]  # nothing unfinished beside it
    child = run_child(RUN, plain, "openvino-f32")
    assert child.returncode == 0, child.stderr
    facts = json.loads(child.stdout)
    assert (facts["engine"], facts["torch"]) == ("openvino-f32", False)
    assert facts["mean"] == pytest.approx(float(answer.mean()), abs=1e-5)


def test_another_model_has_a_converted_network_of_its_own(plain: Path, tmp_path: Path) -> None:
    other = save_tiny_model(tmp_path / "other", seed=1)
    assert float32_folder(other) != float32_folder(read_card(plain))


def test_a_cache_that_cannot_be_written_costs_only_time(plain: Path, user_home: Path) -> None:
    (user_home / "cache").write_text("a file where the folder should be")
    engine = open_engine(plain, EngineOptions("openvino-f32"))
    assert engine.run(random_photo((SIZE, SIZE))[None]).shape == (1, 1, SIZE, SIZE)


def test_the_int8_form_is_what_auto_and_openvino_take(made: Path) -> None:
    batch = random_photo((SIZE, SIZE))[None]
    exact = open_engine(made, TORCH).run(batch)
    for choice in ("auto", "openvino"):
        engine = open_engine(made, EngineOptions(choice, "cpu"))
        assert (engine.name, engine.note) == (INT8, "")
        answer = engine.run(batch)
        assert 0 < np.abs(answer - exact).mean() < 0.1  # rounded, and not by much
        assert engine.run(np.concatenate([batch, batch])).shape == (2, 1, SIZE, SIZE)
    assert open_engine(made, EngineOptions("openvino-f32")).name == "openvino-f32"
    assert open_engine(made, EngineOptions("torch", "cpu")).name == "torch-cpu"
    assert open_engine(made, EngineOptions("auto", "cpu", "float32")).name == "torch-cpu"


def test_torch_is_not_loaded_where_int8_serves(made: Path) -> None:
    child = run_child(RUN, made, "auto")
    assert child.returncode == 0, child.stderr
    facts = json.loads(child.stdout)
    assert (facts["engine"], facts["torch"]) == (INT8, False)


def test_without_an_int8_form_openvino_says_so_and_auto_keeps_torch(plain: Path) -> None:
    engine = open_engine(plain, EngineOptions("openvino"))
    assert engine.name == "openvino-f32"
    assert "no int8 form" in engine.note
    assert open_engine(plain, AUTO).name == "torch-cpu"


def damage_bytes(folder: Path) -> None:
    file = folder / INT8 / "model.bin"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))


def drop_file(folder: Path) -> None:
    (folder / INT8 / "model.xml").unlink()


def take_other_weights(folder: Path) -> None:
    values = json.loads((folder / CARD_NAME).read_text("utf-8"))
    values["forms"][INT8]["weights_sha256"] = "0" * 64
    (folder / CARD_NAME).write_text(json.dumps(values), "utf-8")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [(damage_bytes, "model.bin is damaged"), (drop_file, "model.xml"), (take_other_weights, "other weights")],
)
def test_a_form_that_does_not_fit_is_not_used(with_form: Path, spoil: object, reason: str) -> None:
    assert callable(spoil)
    spoil(with_form)
    expected = open_engine(with_form, TORCH).run(random_photo((SIZE, SIZE))[None])
    for options, name, tolerance in (
        (AUTO, "torch-cpu", 0.02),  # auto may compute in bfloat16
        (EngineOptions("openvino"), "openvino-f32", 1e-4),
    ):
        engine = open_engine(with_form, options)
        assert engine.name == name
        assert reason in engine.note
        answer = engine.run(random_photo((SIZE, SIZE))[None])
        assert np.abs(answer - expected).mean() < tolerance


def test_where_openvino_is_missing_torch_goes_on_and_says_so(made: Path) -> None:
    child = run_child(WITHOUT_OPENVINO, made, "auto")
    assert child.returncode == 0, child.stderr
    facts = json.loads(child.stdout)
    assert facts["engine"] == "torch-cpu"
    assert "OpenVINO cannot be loaded" in facts["note"]
    for engine in ("openvino", "openvino-f32"):
        child = run_child(WITHOUT_OPENVINO, made, engine)
        assert child.returncode != 0
        assert "--engine torch" in child.stderr


def test_threads_are_those_asked_for(made: Path) -> None:
    engine = open_engine(made, EngineOptions("openvino", threads=1))
    assert isinstance(engine, OpenVinoEngine)
    engine.run(random_photo((SIZE, SIZE))[None])
    (compiled,) = engine._compiled.values()
    assert compiled.get_property("INFERENCE_NUM_THREADS") == 1
    assert compiled.get_property("INFERENCE_PRECISION_HINT").to_string() == "f32"


def test_precision_and_device_are_not_silently_dropped(made: Path) -> None:
    with pytest.raises(UsageError, match="bfloat16"):
        open_engine(made, EngineOptions("openvino", precision="bfloat16"))
    with pytest.raises(UsageError, match="float16"):
        open_engine(made, EngineOptions("openvino-f32", precision="float16"))
    assert open_engine(made, EngineOptions("openvino-f32", precision="float32")).name == "openvino-f32"
    assert "CPU" in open_engine(made, EngineOptions("openvino", "cuda")).note


def test_a_closed_engine_says_so(made: Path) -> None:
    predictor = Predictor(made, engine="openvino")
    predictor.close()
    with pytest.raises(EngineError, match="closed"):
        predictor.predict(random_photo())


@pytest.mark.parametrize("name", ["model.bin", "model.xml", "sha256.json"])
def test_a_damaged_converted_network_is_made_again(plain: Path, user_home: Path, name: str) -> None:
    batch = random_photo((64, 64))[None]
    answer = open_engine(plain, EngineOptions("openvino-f32")).run(batch)
    file = float32_folder(read_card(plain)) / name
    good = file.read_bytes()
    damaged = good[: len(good) // 2] + bytes(len(good) - len(good) // 2)
    file.write_bytes(damaged)
    np.testing.assert_array_equal(open_engine(plain, EngineOptions("openvino-f32")).run(batch), answer)
    assert file.read_bytes() != damaged
