"""What the person has chosen, as one value; how it lies in a file is `storage/settings_file.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

from tongue_viewer.core.classes import parse_classes
from tongue_viewer.core.patients import PatientPattern

MAX_RECENT_FOLDERS = 10

Theme = Literal["system", "light", "dark"]
Language = Literal["system", "en", "zh"]
OverlayMode = Literal["overlay", "outline", "mask", "cutout", "swipe", "difference"]
ImageFormat = Literal["same", "png", "bmp", "tiff"]
EngineChoice = Literal["auto", "torch", "openvino", "openvino-f32"]
DeviceChoice = Literal["auto", "cpu", "cuda"]

_Check = Callable[[object], Any]
"""Takes a plain JSON value; returns the field's value, or raises ValueError that says what it should be."""


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("should be true or false")  # noqa: TRY004 - one kind of error for all checks
    return value


def _number(low: float, high: float) -> _Check:
    def check(value: object) -> float:
        # A boolean is an int in Python, and NaN fails every comparison.
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"should be a number from {low} to {high}")
        return float(value)

    return check


def _whole(low: int, high: int) -> _Check:
    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"should be a whole number from {low} to {high}")
        return value

    return check


def _choice(*choices: str) -> _Check:
    def check(value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise ValueError(f"should be one of {', '.join(choices)}")
        return value

    return check


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 1000:
        raise ValueError("should be a text of at most 1000 characters")
    return value


def _pattern(value: object) -> str:
    text = _text(value)
    try:
        if text:
            PatientPattern.parse(text)
    except ValueError as error:
        raise ValueError(f"should be a pattern for photos' names; this one {error}") from error
    return text


def _name(value: object) -> str:
    text = _text(value)
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("should be a text without signs that cannot be written")
    return text


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError("should be a list of texts")  # noqa: TRY004 - one kind of error for all checks
    return tuple(_text(item) for item in value)


def _classes(value: object) -> tuple[str, ...]:
    texts = _texts(value)
    parse_classes(texts)
    return texts


def _text_table(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError("should be a table of texts")  # noqa: TRY004 - one kind of error for all checks
    return {_text(key): _text(item) for key, item in value.items()}


def _scales(value: object) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise ValueError("should be a table of numbers")  # noqa: TRY004 - one kind of error for all checks
    check = _number(0.001, 1000)
    return {_text(key): check(item) for key, item in value.items()}


def _checked(check: _Check) -> dict[str, _Check]:
    return {"check": check}


@dataclass(frozen=True)
class Settings:
    """Every choice that outlives the window; each field is checked when a value is made.

    Attributes:
        theme: colours of the window.
        language: of the window's texts.
        overlay_mode: what the mask pane shows.
        overlay_opacity: of the fill, 0..1.
        brush_size: diameter, in pixels of the photo.
        classes: of a mask, "name #rrggbb" in the order of their numbers; empty for the tongue alone.
        threshold: probability from which a pixel belongs to the tongue, 0..1.
        two_panes: photo beside mask, not the mask pane alone.
        show_list: the panel of thumbnails.
        show_inspector: the panel of the tool's options and the measures.
        touch: larger controls.
        predict_ahead: predict neighbours before they are opened.
        recent_folders: the last opened first, at most `MAX_RECENT_FOLDERS`.
        user_name: written into the history of every step; empty for the login name.
        patient_pattern: regular expression for patient and visit in a photo's name (`core.patients`); empty: none.
        export_format: of masks; "same" is the photo's own format where that loses nothing.
        export_values: of background and tongue in exported masks.
        engine: what computes predictions.
        device: where.
        model: name of the current model; empty for the bundled one.
        undo_megabytes: memory for undo steps.
        scales: folder → pixels of its photos for one millimetre.
        live_folders: folder of photos → folder in which its masks are kept in step.
        shortcuts: action name → key sequence, where it differs from the default.
    """

    theme: Theme = field(default="system", metadata=_checked(_choice("system", "light", "dark")))
    language: Language = field(default="system", metadata=_checked(_choice("system", "en", "zh")))
    overlay_mode: OverlayMode = field(
        default="overlay",
        metadata=_checked(_choice("overlay", "outline", "mask", "cutout", "swipe", "difference")),
    )
    overlay_opacity: float = field(default=0.25, metadata=_checked(_number(0, 1)))
    brush_size: int = field(default=24, metadata=_checked(_whole(1, 1000)))
    classes: tuple[str, ...] = field(default=(), metadata=_checked(_classes))
    threshold: float = field(default=0.5, metadata=_checked(_number(0, 1)))
    two_panes: bool = field(default=True, metadata=_checked(_flag))
    show_list: bool = field(default=True, metadata=_checked(_flag))
    show_inspector: bool = field(default=True, metadata=_checked(_flag))
    touch: bool = field(default=False, metadata=_checked(_flag))
    predict_ahead: bool = field(default=True, metadata=_checked(_flag))
    recent_folders: tuple[str, ...] = field(default=(), metadata=_checked(_texts))
    patient_pattern: str = field(default="", metadata=_checked(_pattern))
    user_name: str = field(default="", metadata=_checked(_name))
    export_format: ImageFormat = field(
        default="same", metadata=_checked(_choice("same", "png", "bmp", "tiff"))
    )
    export_values: Literal["0/255", "0/1"] = field(
        default="0/255", metadata=_checked(_choice("0/255", "0/1"))
    )
    engine: EngineChoice = field(
        default="auto", metadata=_checked(_choice("auto", "torch", "openvino", "openvino-f32"))
    )
    device: DeviceChoice = field(default="auto", metadata=_checked(_choice("auto", "cpu", "cuda")))
    model: str = field(default="", metadata=_checked(_text))
    undo_megabytes: int = field(default=512, metadata=_checked(_whole(16, 65_536)))
    scales: Mapping[str, float] = field(default_factory=dict, metadata=_checked(_scales))
    live_folders: Mapping[str, str] = field(default_factory=dict, metadata=_checked(_text_table))
    shortcuts: Mapping[str, str] = field(default_factory=dict, metadata=_checked(_text_table))

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            try:
                item.metadata["check"](value)
            except ValueError as error:
                raise ValueError(f"the setting {item.name} {error}, got {_shown(value)}") from error

    def with_recent_folder(self, folder: str) -> Settings:
        """The same settings with `folder` as the most recent one."""
        others = tuple(known for known in self.recent_folders if known != folder)
        return replace(self, recent_folders=(folder, *others)[:MAX_RECENT_FOLDERS])

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, in the order of the fields."""
        values = asdict(self)
        values["recent_folders"] = list(self.recent_folders)
        values["classes"] = list(self.classes)
        return values

    @classmethod
    def from_json(cls, values: object) -> tuple[Settings, list[str]]:
        """The settings of `to_json`, from a file that anyone may have edited.

        Unknown keys (of a newer version) are ignored; a value that does not fit is replaced by its default.

        Returns:
            The settings, and one sentence for each value that was replaced.
        """
        if not isinstance(values, Mapping):
            return cls(), ["The settings are no table: the defaults are used."]
        chosen: dict[str, Any] = {}
        warnings: list[str] = []
        for item in fields(cls):
            if item.name not in values:
                continue
            try:
                chosen[item.name] = item.metadata["check"](values[item.name])
            except ValueError as error:
                shown = _shown(values[item.name])
                warnings.append(f"The setting {item.name} {error}, got {shown}: the default is used.")
        return cls(**chosen), warnings


def _shown(value: object) -> str:
    """The beginning of a value, for a message."""
    try:
        return repr(value)[:60]
    except (RecursionError, ValueError):  # lists in lists in lists, or a number of thousands of digits
        return f"a {type(value).__name__} that is too large to show"
