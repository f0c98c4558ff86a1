"""tongue-viewer: masks for folders of tongue photographs. Research use; not a medical device."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tongue_viewer.inference.predictor import Predictor

__all__ = ["Predictor"]


def __getattr__(name: str) -> object:
    # Loaded on first use: the command line and the window start without the inference room.
    if name == "Predictor":
        from tongue_viewer.inference.predictor import Predictor

        return Predictor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
