"""Make the int8 form of a model, and keep it only if its masks are as good as the model's own."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import UsageError
from tongue_viewer.core.events import JobEvent, Progress
from tongue_viewer.core.models import CARD_NAME, ModelCard
from tongue_viewer.core.photo import ProbabilityArray, RgbArray
from tongue_viewer.core.training import FolderPair
from tongue_viewer.inference.engine import EngineOptions, let_threads_sleep, open_engine
from tongue_viewer.inference.forms import INT8, describe_form, install_form
from tongue_viewer.inference.looks import Looks
from tongue_viewer.inference.registry import find_model, read_card
from tongue_viewer.jobs.evaluate import pair_by_stem
from tongue_viewer.jobs.form_check import FormCheck, FormJudge
from tongue_viewer.storage.photos import read_photo

_CHECK_EVERY = 3  # without photos of their own for the check, one of so many is held back for it


@dataclass(frozen=True)
class QuantizePlan:
    """What `tongue-viewer models quantize` was asked for.

    Attributes:
        model: name, folder, or None for the current model.
        photos: sets whose photos show the range of every layer's values.
        check: sets that the form is judged on; empty: every third photo of `photos`, which then shows no range.
        limit: photos that show ranges, at most; they are spread evenly over the sets.
        threads: of the CPU; None: all.
    """

    model: str | None
    photos: tuple[FolderPair, ...]
    check: tuple[FolderPair, ...] = ()
    limit: int = 128
    threads: int | None = None

    def __post_init__(self) -> None:
        if not self.photos:
            raise UsageError("photos are needed to quantise: --photos IMAGES MASKS")
        if self.limit < 1:
            raise UsageError(f"--limit is {self.limit}; at least one photo is needed")


@dataclass(frozen=True)
class RecipeTried(JobEvent):
    """One way to quantise was judged.

    Attributes:
        recipe: its name.
        check: the figures.
    """

    recipe: str
    check: FormCheck


@dataclass(frozen=True)
class QuantizeFinished(JobEvent):
    """The end.

    Attributes:
        folder: of the model.
        recipe: the one that was kept, or "" where none was good enough: then the model is unchanged.
        check: the figures of the last recipe.
    """

    folder: Path
    recipe: str
    check: FormCheck


def quantize(token: CancelToken, *, plan: QuantizePlan) -> Iterator[JobEvent]:
    """Quantise by one recipe after the other until one is good enough, and put that form into the model's folder.

    Args:
        token: checked before each photo.
        plan: what to do.

    Yields:
        Progress, RecipeTried, at the end QuantizeFinished.

    Raises:
        UsageError: photos and masks do not pair.
        ModelError, PhotoError, MaskError: a file cannot be used.
        EngineError: NNCF or OpenVINO is missing or failed.
        WriteError: the form could not be written; the model still works.
        Cancelled: stopped; the model is unchanged.
    """
    let_threads_sleep()
    from tongue_viewer.inference.openvino_convert import convert_model
    from tongue_viewer.inference.openvino_runtime import import_nncf
    from tongue_viewer.inference.quantization import RECIPES, quantize_network, save_network, tool_versions

    import_nncf()  # before the long work
    folder = find_model(plan.model)
    card = read_card(folder)
    shown, checked = _choose(plan)
    network = convert_model(folder)
    pictures = yield from _pictures(token, folder, card, shown, plan.threads)
    judge = FormJudge(checked)
    yield from judge.look(token, folder, plan.threads)
    for recipe in RECIPES:
        token.check()
        yield Progress(f"Quantising ({recipe.name}); this takes minutes", 0, 1)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
            stage = Path(place)
            (stage / INT8).mkdir()
            save_network(quantize_network(network, pictures, recipe), stage / INT8)
            facts = {"recipe": recipe.name, "calibration_photos": len(shown), "versions": tool_versions()}
            form = describe_form(stage, INT8, card, facts)
            _write_card(stage, replace(card, forms={INT8: form}))
            check = yield from judge.judge(token, stage, plan.threads)
            yield RecipeTried(recipe.name, check)
            if not check.reasons():
                install_form(folder, INT8, stage / INT8, {**form, "checks": check.to_json()})
                yield QuantizeFinished(folder, recipe.name, check)
                return
    yield QuantizeFinished(folder, "", check)


def _choose(plan: QuantizePlan) -> tuple[list[Path], list[tuple[Path, Path]]]:
    """The photos that show ranges, and the pairs to judge on; no photo is both."""
    pairs = _pairs(plan.photos)
    if plan.check:
        checked = _pairs(plan.check)
    else:
        checked, pairs = pairs[::_CHECK_EVERY], [p for n, p in enumerate(pairs) if n % _CHECK_EVERY]
    taken = {photo.resolve() for photo, _ in checked}
    left = [photo for photo, _ in pairs if photo.resolve() not in taken]
    if not left:
        raise UsageError("all photos are needed for the check: give more photos, or other ones with --check")
    step = max(1.0, len(left) / plan.limit)
    return [left[int(n * step)] for n in range(min(plan.limit, len(left)))], checked


def _pairs(sets: Sequence[FolderPair]) -> list[tuple[Path, Path]]:
    return [pair for one in sets for pair in pair_by_stem(Path(one.images), Path(one.masks)).found]


def _pictures(
    token: CancelToken, folder: Path, card: ModelCard, photos: Sequence[Path], threads: int | None
) -> Generator[JobEvent, None, list[RgbArray]]:
    """All that the network is shown while the photos are predicted, in mixed order."""
    seen: list[RgbArray] = []
    with closing(open_engine(folder, EngineOptions("torch", "cpu", "float32", threads))) as engine:

        def run(batch: RgbArray) -> ProbabilityArray:
            seen.append(batch.copy())
            return engine.run(batch)

        for number, path in enumerate(photos):
            token.check()
            yield Progress("Looking at photos", number, len(photos))
            Looks.of(card).grid(run, read_photo(path).rgb)
    random.Random(0).shuffle(seen)
    return seen


def _write_card(folder: Path, card: ModelCard) -> None:
    text = json.dumps(card.to_json(), ensure_ascii=False)
    (folder / CARD_NAME).write_text(text, "utf-8")
