"""tongue-viewer: masks for folders of tongue photographs. Research use; not a medical device."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tongue_viewer.inference.predictor import Predictor

__all__ = ["Predictor"]


def __getattr__(name: str) -> object:
    # Loaded on first use and by name, so that importing any room never pulls in the inference room and torch.
    if name == "Predictor":
        return import_module("tongue_viewer.inference.predictor").Predictor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
