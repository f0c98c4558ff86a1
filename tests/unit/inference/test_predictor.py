"""Photo → probability with a tiny model from its folder."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

import tongue_viewer
from tests.tiny_models import SIZE, random_photo, save_tiny_model
from tongue_viewer.core.errors import EngineError, ModelDamagedError, ModelNotFoundError, UsageError
from tongue_viewer.core.letterbox import Letterbox
from tongue_viewer.inference.engine import let_threads_sleep
from tongue_viewer.inference.predictor import Predictor
from tongue_viewer.network.weights import load_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    save_tiny_model(folder)
    return folder


@pytest.mark.parametrize("shape", [(48, 80), (33, 47), (1, 9), (200, 120)])
def test_the_probability_has_the_photos_own_size(model: Path, shape: tuple[int, int]) -> None:
    probability = Predictor(model, device="cpu").predict(random_photo(shape))
    assert probability.shape == (1, *shape)
    assert probability.dtype == np.float32
    assert probability.min() >= 0
    assert probability.max() <= 1


def test_the_answer_is_that_of_the_network_on_the_normalised_letterboxed_photo(model: Path) -> None:
    photo = random_photo((40, 70))
    network, card = load_model(model)
    grid = Letterbox.fit((40, 70), card.input_size).photo_to_grid(photo)
    mean, std = (torch.tensor(values)[:, None, None] for values in (network.config.mean, network.config.std))
    with torch.inference_mode():
        x = (torch.from_numpy(grid).permute(2, 0, 1) / 255 - mean) / std
        expected = network(x[None]).sigmoid()[0].numpy()
    predictor = Predictor(model, device="cpu", precision="float32")
    answer = predictor.predict_grid(photo)
    np.testing.assert_allclose(answer.grid / 255, expected, atol=0.5 / 255 + 1e-4)
    assert expected.std() > 0.01  # a constant answer would prove nothing
    np.testing.assert_allclose(
        predictor.predict(photo), Letterbox.fit((40, 70), SIZE).probability_to_photo(expected), atol=1e-4
    )


def test_the_kept_prediction_names_its_model(model: Path) -> None:
    predictor = Predictor(model, device="cpu")
    prediction = predictor.predict_grid(random_photo())
    assert prediction.grid.shape == (1, SIZE, SIZE)
    assert not prediction.grid.flags.writeable
    assert prediction.shape == (48, 80)
    assert (prediction.model_name, prediction.model_sha256) == ("tiny", predictor.card.sha256)
    assert prediction.engine == "torch-cpu"
    assert prediction.threshold == 0.5
    assert prediction.seconds > 0


def test_several_classes_give_as_many_planes(tmp_path: Path) -> None:
    save_tiny_model(tmp_path / "two", classes=("tongue", "lips"))
    assert Predictor(tmp_path / "two", device="cpu").predict(random_photo()).shape == (2, 48, 80)


def test_threads_share_one_predictor(model: Path) -> None:
    predictor = Predictor(model, device="cpu")
    photos = [random_photo(seed=seed) for seed in range(6)]
    alone = [predictor.predict(photo) for photo in photos]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(predictor.predict, photos))
    for a, b in zip(alone, together, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_a_read_only_photo_is_taken_and_not_changed(model: Path) -> None:
    photo = random_photo((SIZE, SIZE))
    before = photo.copy()
    photo.setflags(write=False)
    Predictor(model, device="cpu").predict(photo)
    np.testing.assert_array_equal(photo, before)


@pytest.mark.parametrize("photo", [np.zeros((4, 5), np.uint8), np.zeros((4, 5, 3), np.float32)])
def test_another_layout_is_refused(
    model: Path, photo: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
) -> None:
    with pytest.raises(ValueError, match=r"\(H, W, 3\) uint8"):
        Predictor(model, device="cpu").predict(photo)


def test_bfloat16_changes_the_answer_only_a_little(model: Path) -> None:
    photo = random_photo((SIZE, SIZE))
    full = Predictor(model, device="cpu", precision="float32").predict(photo)
    short = Predictor(model, device="cpu", precision="bfloat16").predict(photo)
    assert np.abs(full - short).mean() < 0.02


def test_wrong_words_and_numbers_are_named(model: Path) -> None:
    with pytest.raises(UsageError, match="tpu"):
        Predictor(model, device="tpu")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="threads"):
        Predictor(model, threads=0)


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    save_tiny_model(tmp_path / "broken")
    shard = next((tmp_path / "broken").glob("*.safetensors"))
    shard.write_bytes(shard.read_bytes()[:-7])
    with pytest.raises(ModelDamagedError, match=shard.name):
        Predictor(tmp_path / "broken")
    with pytest.raises(ModelNotFoundError, match="nowhere"):
        Predictor(tmp_path / "nowhere")


def test_a_closed_predictor_says_so(model: Path) -> None:
    predictor = Predictor(model, device="cpu")
    predictor.close()
    with pytest.raises(EngineError, match="closed"):
        predictor.predict(random_photo())


def test_threads_that_wait_sleep(model: Path) -> None:
    script = (
        "import os, sys; from tongue_viewer import Predictor; Predictor(sys.argv[1], device='cpu');"
        "print(os.environ['OMP_WAIT_POLICY'])"
    )
    clean = {key: value for key, value in os.environ.items() if key != "OMP_WAIT_POLICY"}
    command = [sys.executable, "-c", script, str(model)]
    child = subprocess.run(command, capture_output=True, text=True, check=True, env=clean)
    assert child.stdout.strip() == "PASSIVE"


def test_threads_wait_as_the_person_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    let_threads_sleep()
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"


def test_the_package_exports_the_predictor_lazily() -> None:
    assert tongue_viewer.Predictor is Predictor
    with pytest.raises(AttributeError, match="Segmenter"):
        tongue_viewer.Segmenter  # noqa: B018 - the look-up is the test
    script = "import sys, tongue_viewer, tongue_viewer.inference.predictor; print('torch' in sys.modules)"
    child = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert child.stdout.strip() == "False"
