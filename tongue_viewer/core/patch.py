"""The reversible difference between two masks."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import cv2
import numpy as np

from tongue_viewer.core.inflate import inflate
from tongue_viewer.core.photo import MAX_PIXELS, MaskArray

_HEADER = struct.Struct("<4IB")
_BITS, _BYTES = 0, 1


@dataclass(frozen=True)
class MaskPatch:
    """The exclusive-or of two masks inside the box that holds every changed pixel.

    Applying it twice gives the first mask back, so one patch serves undo and redo. With one class it takes one bit
    a pixel before compression.

    Attributes:
        box: (row, column, height, width) of the changed pixels.
        data: compressed exclusive-or of that box.
        packed: whether `data` holds bits (classes 0 and 1 only) or bytes.
    """

    box: tuple[int, int, int, int]
    data: bytes
    packed: bool

    @classmethod
    def between(
        cls, before: MaskArray, after: MaskArray, within: tuple[int, int, int, int] | None = None
    ) -> MaskPatch | None:
        """The patch that turns `before` into `after`, or None where they are equal.

        Args:
            before: (H, W) uint8.
            after: (H, W) uint8.
            within: (row, column, height, width) outside which nothing changed, to look at less than the whole.
        """
        if before.shape != after.shape:
            raise ValueError(f"masks of different shapes: {before.shape} and {after.shape}")
        row, column, height, width = within or (0, 0, *before.shape)
        window = (slice(row, row + height), slice(column, column + width))
        difference = np.bitwise_xor(before[window], after[window])
        x, y, w, h = cv2.boundingRect(difference)
        if w == 0 or h == 0:
            return None
        difference = difference[y : y + h, x : x + w]
        packed = int(difference.max()) <= 1
        raw = np.packbits(difference) if packed else np.ascontiguousarray(difference)
        return cls((row + y, column + x, h, w), zlib.compress(raw.tobytes(), 1), packed)

    @property
    def window(self) -> tuple[slice, slice]:
        """The rows and columns that change."""
        row, column, height, width = self.box
        return slice(row, row + height), slice(column, column + width)

    def apply_to(self, mask: MaskArray) -> None:
        """Change `mask` in place; a second call takes the change back.

        Raises:
            ValueError: the patch does not fit, or is damaged; `mask` is unchanged.
        """
        row, column, height, width = self.box
        if row + height > mask.shape[0] or column + width > mask.shape[1]:
            raise ValueError(f"the patch at {self.box} does not fit a mask of {mask.shape}")
        size = height * width
        raw = inflate(self.data, (size + 7) // 8 if self.packed else size)
        pixels = np.unpackbits(raw, count=size) if self.packed else raw
        mask[self.window] ^= pixels.reshape(height, width)

    def then(self, other: MaskPatch) -> MaskPatch | None:
        """One patch that does what this one and then `other` do; None where they cancel.

        Raises:
            ValueError: one of them is damaged, or no photo holds both.
        """
        boxes = (self.box, other.box)
        row, column = min(b[0] for b in boxes), min(b[1] for b in boxes)
        bottom, right = max(b[0] + b[2] for b in boxes), max(b[1] + b[3] for b in boxes)
        if bottom * right > MAX_PIXELS:
            raise ValueError(f"no photo is so large that it holds the patches at {boxes[0]} and {boxes[1]}")
        before = np.zeros((bottom - row, right - column), np.uint8)
        after = before.copy()
        for patch in (self, other):
            moved = (patch.box[0] - row, patch.box[1] - column, *patch.box[2:])
            MaskPatch(moved, patch.data, patch.packed).apply_to(after)
        merged = MaskPatch.between(before, after)
        if merged is None:
            return None
        top, left, height, width = merged.box
        return MaskPatch((top + row, left + column, height, width), merged.data, merged.packed)

    @property
    def nbytes(self) -> int:
        """Memory that the patch takes, in bytes."""
        return len(self.data) + 64

    def to_bytes(self) -> bytes:
        """A self-contained form for the store."""
        return _HEADER.pack(*self.box, _BITS if self.packed else _BYTES) + self.data

    @classmethod
    def from_bytes(cls, data: bytes) -> MaskPatch:
        """The patch of `to_bytes`.

        Raises:
            ValueError: no bytes of a patch, or a box that no photo holds. The difference itself is checked when it
                is applied.
        """
        try:
            row, column, height, width, kind = _HEADER.unpack_from(data)
        except (struct.error, TypeError) as error:
            raise ValueError(f"a stored patch is damaged: {error}") from error
        if kind not in (_BITS, _BYTES) or not 0 < height * width <= MAX_PIXELS:
            raise ValueError(f"a stored patch has an impossible header ({kind}, {height} × {width})")
        if (row + height) * (column + width) > MAX_PIXELS:
            raise ValueError(f"a stored patch lies at row {row}, column {column}: no photo is so large")
        return cls((row, column, height, width), data[_HEADER.size :], kind == _BITS)
