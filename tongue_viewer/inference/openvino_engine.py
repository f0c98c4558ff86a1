"""The model on OpenVINO, on the CPU: its int8 form, or float32 converted from its weights."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from tongue_viewer.core.errors import EngineError, WriteError
from tongue_viewer.core.letterbox import PAD_RGB
from tongue_viewer.core.models import ModelCard
from tongue_viewer.core.photo import ProbabilityArray, RgbArray
from tongue_viewer.inference.engine import EngineOptions
from tongue_viewer.inference.forms import INT8, file_digest, verify_form
from tongue_viewer.inference.openvino_runtime import openvino, version
from tongue_viewer.inference.registry import read_card
from tongue_viewer.storage.locations import ensure_folder, user_cache_folder

FLOAT32 = "openvino-f32"
"""Name of the engine that computes in float32."""

_DIGESTS = "sha256.json"

SIZE_MULTIPLE = 32
"""The converted network takes multiples of this only (network/segmenter.py)."""

_FAILURES = (RuntimeError, MemoryError)  # all that OpenVINO raises when it reads, compiles or runs


class OpenVinoEngine:
    """One network, compiled for each size of photo when that size first comes.

    OpenVINO wants fixed shapes, and a predictor asks for one or two. What is not int8 is computed in float32:
    by default OpenVINO takes bfloat16 on some processors, and answers would differ from machine to machine.
    """

    def __init__(
        self, name: str, network: openvino.Model, *, threads: int | None = None, note: str = ""
    ) -> None:
        """Take over a network.

        Args:
            name: of the engine.
            network: (1, h, w, 3) uint8 RGB → (1, N, h, w) float32 in 0..1, h and w multiples of 32.
            threads: of the CPU; None leaves OpenVINO's own choice.
            note: see `Engine.note`.
        """
        self._name, self._note = name, note
        self._settings: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
        if threads is not None:
            self._settings["INFERENCE_NUM_THREADS"] = threads
        self._network: openvino.Model | None = network
        self._compiled: dict[tuple[int, int], openvino.CompiledModel] = {}

    @property
    def name(self) -> str:
        """Engine and precision: "openvino-int8" or "openvino-f32"."""
        return self._name

    @property
    def note(self) -> str:
        """For example why float32 runs although int8 was asked for, or ""."""
        return self._note

    def run(self, batch: RgbArray) -> ProbabilityArray:
        """As `Engine.run`; a side that is no multiple of 32 gets a border of the mean colour meanwhile."""
        if self._network is None:
            raise EngineError(f"{self._name} was closed; load the model again.")
        height, width = batch.shape[1:3]
        framed = _framed(batch)
        try:
            compiled = self._compile(self._network, (int(framed.shape[1]), int(framed.shape[2])))
            answers = [np.array(compiled(photo[None])[0]) for photo in framed]
        except _FAILURES as error:
            raise _engine_error(self._name, error) from error
        probability: ProbabilityArray = np.concatenate(answers)[..., :height, :width]
        return np.ascontiguousarray(probability)

    def close(self) -> None:
        """Drop the network, also what was compiled of it."""
        self._network = None
        self._compiled.clear()

    def _compile(self, network: openvino.Model, shape: tuple[int, int]) -> openvino.CompiledModel:
        found = self._compiled.get(shape)
        if found is None:
            fixed = network.clone()
            fixed.reshape([1, *shape, 3])
            found = self._compiled[shape] = openvino.Core().compile_model(fixed, "CPU", self._settings)
        return found


def open_int8(folder: Path, card: ModelCard, options: EngineOptions) -> OpenVinoEngine:
    """The int8 form of a model; torch is not needed.

    Raises:
        ModelDamagedError: its files are not those of the card.
        EngineError: this version of OpenVINO cannot read it.
    """
    network = _read(INT8, verify_form(folder, card, INT8))
    return OpenVinoEngine(INT8, network, threads=options.threads, note=_device_note(options))


def open_float32(folder: Path, options: EngineOptions, note: str = "") -> OpenVinoEngine:
    """A model in float32: converted with torch at its first use on this machine, later read from the cache.

    Raises:
        ModelError: the model cannot be used.
        EngineError: OpenVINO cannot convert it.
    """
    notes = " ".join(text for text in (note, _device_note(options)) if text)
    kept = float32_folder(read_card(folder))
    network = _read(FLOAT32, kept / "model.xml") if _is_intact(kept) else _convert(folder, kept)
    return OpenVinoEngine(FLOAT32, network, threads=options.threads, note=notes)


def float32_folder(card: ModelCard) -> Path:
    """Where the converted network of a model is kept: another model or another OpenVINO has its own."""
    release = re.sub(r"[^\w.-]+", "-", version())
    return user_cache_folder() / "openvino" / release / f"{card.sha256}-f32"


def _convert(folder: Path, target: Path) -> openvino.Model:
    """Convert the weights of a model folder, and keep the result in `target`, complete or not at all."""
    from tongue_viewer.inference.openvino_convert import convert_model

    network = convert_model(folder)
    part = target.with_name(f"{target.name}-{secrets.token_hex(4)}.part")
    try:
        ensure_folder(part)
        openvino.save_model(network, part / "model.xml", compress_to_fp16=False)
        digests = {path.name: file_digest(path) for path in sorted(part.iterdir())}
        (part / _DIGESTS).write_text(json.dumps(digests), encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)  # one that was damaged
        part.rename(target)
    except (OSError, RuntimeError, WriteError):  # a cache that is full or read-only only costs time
        shutil.rmtree(part, ignore_errors=True)
    return network


def _is_intact(kept: Path) -> bool:
    """Whether a converted network is complete: OpenVINO would run damaged weights and say nothing."""
    try:
        digests = json.loads((kept / _DIGESTS).read_text("utf-8"))
        return bool(digests) and all(file_digest(kept / name) == digest for name, digest in digests.items())
    except (OSError, ValueError, AttributeError):
        return False


def _read(name: str, description: Path) -> openvino.Model:
    try:
        return openvino.Core().read_model(description)
    except _FAILURES as error:
        raise _engine_error(name, error) from error


def _framed(batch: RgbArray) -> RgbArray:
    """(B, h, w, 3) → the same with h and w grown to multiples of 32 at the end, in the letterbox's colour."""
    count, height, width, _ = batch.shape
    below, right = -height % SIZE_MULTIPLE, -width % SIZE_MULTIPLE
    if not below and not right:
        return np.ascontiguousarray(batch)
    framed = np.empty((count, height + below, width + right, 3), np.uint8)
    framed[:] = PAD_RGB
    framed[:, :height, :width] = batch
    return framed


def _device_note(options: EngineOptions) -> str:
    return "OpenVINO computes on the CPU." if options.device == "cuda" else ""


def _engine_error(name: str, error: BaseException) -> EngineError:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    if isinstance(error, MemoryError) or "alloc" in lines[-1]:
        return EngineError(f"{name}: not enough memory for the model. Close other programs.")
    return EngineError(f"{name}: {lines[-1].strip()} Use --engine torch.")
