"""The composition root of the window: builds the objects, gives jobs to runners, connects signals."""

from __future__ import annotations

from tongue_viewer.app.start import run

__all__ = ["run"]
