"""Whether another form of a model gives the masks of the model itself."""

from __future__ import annotations

import statistics
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.cancel import CancelToken
from tongue_viewer.core.errors import EngineError
from tongue_viewer.core.events import JobEvent, Progress
from tongue_viewer.core.metrics import agreement
from tongue_viewer.core.photo import MaskArray
from tongue_viewer.inference.engine import EngineOptions
from tongue_viewer.inference.forms import INT8
from tongue_viewer.inference.predictor import Predictor
from tongue_viewer.jobs.predict import predict_mask
from tongue_viewer.storage.masks import read_mask
from tongue_viewer.storage.photos import read_photo

MEAN_DIFFERENCE = 0.0005
"""By so much the mean Dice against the reference masks may differ from float32's."""

PHOTO_LOSS = 0.005
"""By so much the Dice of one photo may be below float32's."""

LEAST_AGREEMENT = 0.998
"""So high the mean Dice between the masks of the form and of float32 must be."""


@dataclass(frozen=True)
class FormCheck:
    """The figures of a form, at the photos' own sizes.

    Attributes:
        photos: compared.
        dice_float32, dice: means against the reference masks, of float32 and of the form.
        worst_loss: the largest Dice that one photo lost; negative where every photo gained.
        worst_photo: its file name.
        agreement, least_agreement: mean and minimum of the Dice between both masks of a photo.
        seconds_float32, seconds: medians for a photo on the machine of the check, PyTorch and the form.
    """

    photos: int
    dice_float32: float
    dice: float
    worst_loss: float
    worst_photo: str
    agreement: float
    least_agreement: float
    seconds_float32: float
    seconds: float

    def reasons(self) -> tuple[str, ...]:
        """Why the form is not good enough, one sentence each; empty where it is."""
        found = []
        if abs(self.dice - self.dice_float32) > MEAN_DIFFERENCE:
            found.append(
                f"The mean Dice is {self.dice:.5f} instead of {self.dice_float32:.5f}; "
                f"{MEAN_DIFFERENCE} of difference is allowed."
            )
        if self.worst_loss > PHOTO_LOSS:
            found.append(f"{self.worst_photo} loses {self.worst_loss:.4f} of Dice; {PHOTO_LOSS} is allowed.")
        if self.agreement < LEAST_AGREEMENT:
            found.append(
                f"The masks agree with float32's by a mean Dice of {self.agreement:.4f}; "
                f"{LEAST_AGREEMENT} is needed."
            )
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """For the card; without the photo's name, which may be a person's."""
        return {
            key: round(value, 6) if isinstance(value, float) else value
            for key, value in asdict(self).items()
            if key != "worst_photo"
        }


@dataclass(frozen=True)
class _Answer:
    """Float32's answer for one photo: the mask as packed bits, its Dice against the reference, seconds."""

    bits: NDArray[np.uint8]
    dice: float
    seconds: float


class FormJudge:
    """Holds float32's masks of some photos, and compares forms with them."""

    def __init__(self, pairs: Sequence[tuple[Path, Path]]) -> None:
        """Choose photos and their reference masks."""
        self._pairs = tuple(pairs)
        self._answers: list[_Answer] = []

    def look(self, token: CancelToken, folder: Path, threads: int | None) -> Iterator[JobEvent]:
        """Predict every photo in float32 with PyTorch; yields Progress."""
        options = EngineOptions("torch", "cpu", "float32", threads)
        with closing(Predictor.with_options(folder, options)) as predictor:
            for number, (photo, reference) in enumerate(self._pairs):
                token.check()
                yield Progress("Predicting in float32", number, len(self._pairs))
                mask, theirs, seconds = _predict(predictor, photo, reference)
                dice = agreement(mask, theirs).dice
                self._answers.append(_Answer(np.packbits(mask != 0), dice, seconds))

    def judge(
        self, token: CancelToken, folder: Path, threads: int | None
    ) -> Generator[JobEvent, None, FormCheck]:
        """Predict every photo with the int8 form of `folder`; yields Progress, returns the `FormCheck`."""
        options = EngineOptions("openvino", "cpu", threads=threads)
        dice, same, seconds = [], [], []
        with closing(Predictor.with_options(folder, options)) as predictor:
            for number, (photo, reference) in enumerate(self._pairs):
                token.check()
                yield Progress("Predicting in int8", number, len(self._pairs))
                mask, theirs, spent = _predict(predictor, photo, reference)
                if predictor.engine_name != INT8:
                    raise EngineError(f"The int8 form did not run: {predictor.note}")
                bits = np.unpackbits(self._answers[number].bits, count=mask.size)
                dice.append(agreement(mask, theirs).dice)
                same.append(agreement(mask, bits.reshape(mask.shape)).dice)
                seconds.append(spent)
        return self._check(dice, same, seconds)

    def _check(self, dice: list[float], same: list[float], seconds: list[float]) -> FormCheck:
        losses = [answer.dice - own for answer, own in zip(self._answers, dice, strict=True)]
        worst = int(np.argmax(losses))
        return FormCheck(
            photos=len(dice),
            dice_float32=statistics.fmean(answer.dice for answer in self._answers),
            dice=statistics.fmean(dice),
            worst_loss=losses[worst],
            worst_photo=self._pairs[worst][0].name,
            agreement=statistics.fmean(same),
            least_agreement=min(same),
            seconds_float32=statistics.median(answer.seconds for answer in self._answers),
            seconds=statistics.median(seconds),
        )


def _predict(predictor: Predictor, photo: Path, reference: Path) -> tuple[MaskArray, MaskArray, float]:
    """The mask of a photo, its reference mask, and the seconds that the first one took."""
    content = read_photo(photo)
    theirs = read_mask(reference, content.shape)
    begin = time.perf_counter()
    _, mask = predict_mask(predictor, content)
    return mask, theirs, time.perf_counter() - begin
