"""The calibration of a model over the photos of an evaluation, as JSON values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tongue_viewer.core.calibration import (
    BINS,
    Reliability,
    Truth,
    apply_temperature,
    fit_temperature,
    outline_band,
    sample_pixels,
)
from tongue_viewer.core.photo import MaskArray

_AREAS = ("outline", "photo")


@dataclass(eq=False)
class Calibration:
    """Reliability with the card's temperature ("after") and with it undone ("before").

    The probabilities are those that the program keeps, uint8 steps on a grid brought to the photo's size: within
    1/510 of what the network said. Where they are 0 or 1 the temperature cannot be undone, and they stay.

    Attributes:
        temperature: of the model's card.
    """

    temperature: float
    _after: dict[str, Reliability] = field(default_factory=lambda: {area: Reliability() for area in _AREAS})
    _before: dict[str, Reliability] = field(default_factory=lambda: {area: Reliability() for area in _AREAS})
    _samples: list[tuple[NDArray[np.float64], Truth]] = field(default_factory=list)
    _rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def add(self, probability: NDArray[np.float32], reference: MaskArray) -> None:
        """Add one photo.

        Args:
            probability: (H, W) float32 0..1 of being foreground, as the program shows it.
            reference: (H, W) uint8; every non-zero pixel is foreground.
        """
        truth, band = reference != 0, outline_band(reference)
        kinds = [(self._after, probability)]
        if self.temperature != 1.0:
            undone = apply_temperature(probability, 1 / self.temperature)
            kinds.append((self._before, undone.astype(np.float32)))
        for tallies, values in kinds:
            tallies["photo"].add(values, truth)
            tallies["outline"].add(values[band], truth[band])
        self._samples.append(sample_pixels(probability, truth, self._rng))

    def report(self) -> dict[str, Any] | None:
        """The key "calibration" of `evaluate --json`; None without a pixel.

        Errors at the top level are those of all pixels, those of "outline" of the band around the reference's
        outline. "temperature_fitted" is the temperature that would fit these very photos best.
        """
        if not self._after["photo"].pixels:
            return None
        return {
            "temperature": self.temperature,
            "temperature_fitted": self._fitted(),
            "bins": BINS,
            **self._area("photo"),
            "outline": self._area("outline") if self._after["outline"].pixels else None,
        }

    def _fitted(self) -> float | None:
        probability, truth = (np.concatenate(part) for part in zip(*self._samples, strict=True))
        return self.temperature * fit_temperature(probability, truth) if probability.size else None

    def _area(self, area: str) -> dict[str, Any]:
        after = self._after[area]
        before = after if self.temperature == 1.0 else self._before[area]
        measured = {
            f"{name}_{when}": getattr(tally, name)
            for name in ("ece", "mce", "brier")
            for when, tally in (("before", before), ("after", after))
        }
        diagram = {"before": _diagram(before), "after": _diagram(after)}
        return {"pixels": after.pixels, **measured, "diagram": diagram}


def _diagram(tally: Reliability) -> list[dict[str, Any]]:
    """The filled bins of a reliability diagram, from the lowest probability on."""
    return [
        {
            "low": number / BINS,
            "high": (number + 1) / BINS,
            "pixels": int(count),
            "confidence": float(tally.confidences[number] / count),
            "observed": float(tally.observed[number] / count),
        }
        for number, count in enumerate(tally.counts)
        if count
    ]
