"""Predicting the cases of a folder: what is kept, what is passed over, what is never replaced."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.tiny_models import random_photo, save_tiny_model
from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.cases import CaseStatus, EditStep, Origin
from tongue_viewer.core.errors import Cancelled, ModelNotFoundError
from tongue_viewer.core.events import (
    CaseFailed,
    EngineReady,
    JobEvent,
    PredictionReady,
    Progress,
    SummaryChanged,
)
from tongue_viewer.core.masks import mask_from_probability
from tongue_viewer.core.patch import MaskPatch
from tongue_viewer.inference.engine import EngineOptions
from tongue_viewer.inference.source import PredictorSource
from tongue_viewer.jobs.library import Library
from tongue_viewer.jobs.predict import predict_photos
from tongue_viewer.storage.photos import read_photo


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    save_tiny_model(folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(3):
        Image.fromarray(random_photo((40 + number, 60), number)).save(photos / f"p{number}.bmp")
    return photos


@pytest.fixture
def library(folder: Path) -> Iterator[Library]:
    library = Library()
    library.open(folder)
    yield library
    library.close()


def source(model: Path) -> PredictorSource:
    return PredictorSource(model, EngineOptions(device="cpu"))


def of(kind: type[JobEvent], events: list[JobEvent]) -> list[JobEvent]:
    return [event for event in events if isinstance(event, kind)]


def test_answers_are_kept_and_not_asked_for_twice(library: Library, folder: Path, model: Path) -> None:
    models, paths = source(model), sorted(folder.glob("*.bmp"))
    events = list(predict_photos(CancelToken(), library=library, models=models, paths=paths))
    ready = [event for event in events if isinstance(event, PredictionReady)]
    assert [event.summary.path for event in ready] == paths
    assert of(EngineReady, events) == [EngineReady("tiny", "torch-cpu", "")]
    for event in ready:
        assert event.replaced
        assert event.summary.status is CaseStatus.PREDICTED
        state = library.store.load(library.photo(event.summary.path))
        np.testing.assert_array_equal(state.mask, event.mask)
        assert state.prediction is not None
        expected = mask_from_probability(state.prediction.probability(), 0.5)
        np.testing.assert_array_equal(state.mask, expected)
    again = list(predict_photos(CancelToken(), library=library, models=models, paths=paths))
    assert not of(PredictionReady, again)
    assert not of(EngineReady, again)
    forced = list(predict_photos(CancelToken(), library=library, models=models, paths=paths[:1], again=True))
    assert len(of(PredictionReady, forced)) == 1
    assert not of(Progress, forced)  # a single photo needs no bar


def test_progress_reaches_the_number_of_photos(library: Library, folder: Path, model: Path) -> None:
    paths = sorted(folder.glob("*.bmp"))
    events = list(predict_photos(CancelToken(), library=library, models=source(model), paths=paths))
    progress = [event for event in events if isinstance(event, Progress)]
    assert [(event.done, event.total) for event in progress] == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_a_human_mask_is_never_replaced(library: Library, folder: Path, model: Path) -> None:
    path = folder / "p0.bmp"
    state = library.store.load(library.photo(path))
    mask = np.zeros_like(state.mask)
    mask[3:9, 4:20] = 1
    patch = MaskPatch.between(state.mask, mask)
    assert patch is not None
    library.store.save_step(
        EditStep(
            case_id=state.summary.case_id,
            action="Brush",
            tool="brush",
            origin=Origin.HUMAN,
            mask=mask,
            patch=patch.to_bytes(),
            status=CaseStatus.EDITED,
            revision=1,
            made=time.time(),
        )
    )
    job = predict_photos(CancelToken(), library=library, models=source(model), paths=[path])
    (ready,) = [event for event in job if isinstance(event, PredictionReady)]
    assert not ready.replaced
    kept = library.store.load(library.photo(path))
    np.testing.assert_array_equal(kept.mask, mask)
    assert kept.summary.status is CaseStatus.EDITED
    assert kept.prediction is not None


def test_the_threshold_of_the_person_is_used_and_kept(library: Library, folder: Path, model: Path) -> None:
    path = folder / "p0.bmp"
    job = predict_photos(CancelToken(), library=library, models=source(model), paths=[path], threshold=0.0)
    (ready,) = [event for event in job if isinstance(event, PredictionReady)]
    assert ready.mask.all()  # every probability reaches 0
    assert ready.prediction.threshold == 0.0


def test_a_damaged_photo_is_named_and_the_others_are_done(
    library: Library, folder: Path, model: Path
) -> None:
    whole = (folder / "p1.bmp").read_bytes()
    (folder / "p1.bmp").write_bytes(whole[: len(whole) // 2])
    paths = sorted(folder.glob("*.bmp"))
    events = list(predict_photos(CancelToken(), library=library, models=source(model), paths=paths))
    (failed,) = [event for event in events if isinstance(event, CaseFailed)]
    assert failed.path == folder / "p1.bmp"
    assert "p1.bmp" in failed.message
    (changed,) = [event for event in events if isinstance(event, SummaryChanged)]
    assert changed.summary.status is CaseStatus.FAILED
    assert len(of(PredictionReady, events)) == 2


def test_another_model_predicts_again(library: Library, folder: Path, model: Path, tmp_path: Path) -> None:
    models, paths = source(model), [folder / "p0.bmp"]
    list(predict_photos(CancelToken(), library=library, models=models, paths=paths))
    save_tiny_model(tmp_path / "second", name="second", seed=1)
    models.choose(tmp_path / "second")
    events = list(predict_photos(CancelToken(), library=library, models=models, paths=paths))
    (ready,) = [event for event in events if isinstance(event, PredictionReady)]
    assert (ready.prediction.model_name, ready.replaced) == ("second", True)
    assert [event.model for event in events if isinstance(event, EngineReady)] == ["second"]


def test_cancelling_stops_before_the_next_photo(library: Library, folder: Path, model: Path) -> None:
    token, paths = CancelToken(), sorted(folder.glob("*.bmp"))
    done = []

    def cancel_after_the_first() -> None:
        for event in predict_photos(token, library=library, models=source(model), paths=paths):
            if isinstance(event, PredictionReady):
                done.append(event)
                token.cancel()

    with pytest.raises(Cancelled):
        cancel_after_the_first()
    assert len(done) == 1
    assert library.store.load(read_photo(paths[0])).prediction is not None
    assert library.store.load(read_photo(paths[1])).prediction is None


def test_the_source_loads_once_and_gives_back(model: Path, tmp_path: Path) -> None:
    models = source(model)
    assert models.card().name == "tiny"
    first, fresh = models.get()
    assert fresh
    assert models.get() == (first, False)
    models.close()
    second, fresh = models.get()
    assert fresh
    assert second is not first
    models.choose(tmp_path / "nowhere")
    with pytest.raises(ModelNotFoundError, match="nowhere"):
        models.get()
