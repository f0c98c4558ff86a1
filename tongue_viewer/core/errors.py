"""The one exception tree of the program.

    TongueViewerError               everything that the program raises on purpose
    ├── UsageError                  wrong arguments (exit code 2)
    ├── Cancelled                   the person stopped the work; nothing is wrong
    ├── PhotoError                  a photo cannot be used
    │   ├── PhotoUnreadableError    no access, or the file is gone
    │   ├── PhotoDamagedError       empty, truncated or inconsistent bytes
    │   ├── PhotoUnsupportedError   a format or a pixel layout that is not decoded
    │   └── PhotoTooLargeError      more pixels than the limit (read from the header)
    ├── MaskError                   a mask cannot be used (wrong size, more values than two, unreadable)
    ├── StoreError                  the case database cannot be used
    │   ├── StoreReadOnlyError      its place cannot be written
    │   ├── StoreBusyError          another window holds it
    │   ├── StoreFullError          its disk is full
    │   ├── StoreAccessError        its drive does not answer, or the file was moved away
    │   ├── StoreCorruptError       the file is damaged or is not ours
    │   └── StoreNewerError         written by a newer version of the program
    ├── WriteError                  a file could not be written (full disk, no permission); the old one is intact
    ├── ModelError                  a model cannot be used
    │   ├── ModelNotFoundError      no model of that name or in that place
    │   └── ModelDamagedError       checksum, keys or shapes do not fit
    ├── EngineError                 the engine failed or is not available
    └── TrainingError               training cannot start or go on
        ├── DatasetError            photos and masks do not form usable pairs
        └── RunBusyError            another process trains in that folder

A message names the file or value and says the remedy.
"""

from __future__ import annotations

from pathlib import Path


class TongueViewerError(Exception):
    """Everything that the program raises on purpose; its text can be shown to a person."""


class UsageError(TongueViewerError):
    """The arguments do not fit; the text says which and how."""


class Cancelled(TongueViewerError):  # noqa: N818 - being asked to stop is no error
    """The person stopped the work; what was finished before stays."""


class PhotoError(TongueViewerError):
    """A photo cannot be used; the text names the file, the reason and the remedy."""


class PhotoUnreadableError(PhotoError):
    """The file cannot be opened."""


class PhotoDamagedError(PhotoError):
    """The bytes are empty, truncated or contradict themselves."""


class PhotoUnsupportedError(PhotoError):
    """A format or pixel layout that is not decoded."""


class PhotoTooLargeError(PhotoError):
    """More pixels than the limit."""


class MaskError(TongueViewerError):
    """A mask cannot be used."""


class StoreError(TongueViewerError):
    """The case database cannot be used."""


class StoreReadOnlyError(StoreError):
    """The place of the case database cannot be written."""


class StoreBusyError(StoreError):
    """Another process holds the case database."""


class StoreFullError(StoreError):
    """The disk of the case database is full; the change was not saved, what was saved before is intact."""


class StoreAccessError(StoreError):
    """The drive of the case database does not answer, or the file was moved away."""


class StoreCorruptError(StoreError):
    """The case database is damaged, was not made by this program, or is gone while its copy is there.

    Attributes:
        folder: the folder of photos, where it is known; `rescue` repairs its database.
    """

    folder: Path | None = None


class StoreNewerError(StoreError):
    """The case database was written by a newer version of the program."""


class WriteError(TongueViewerError):
    """A file could not be written; what stood there before is intact."""


class ModelError(TongueViewerError):
    """A model cannot be used."""


class ModelNotFoundError(ModelError):
    """No model of that name, or nothing usable at that path."""


class ModelDamagedError(ModelError):
    """Checksum, keys or shapes of a model do not fit its card."""


class EngineError(TongueViewerError):
    """The engine failed, or is not available on this machine."""


class TrainingError(TongueViewerError):
    """Training cannot start or go on."""


class DatasetError(TrainingError):
    """Photos and masks do not form usable pairs."""


class RunBusyError(TrainingError):
    """Another process trains in the run folder."""
