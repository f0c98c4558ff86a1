"""The one table of what can be done in the window: name, keys, icon and explanation of every action; its menus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from PySide6.QtGui import QKeySequence

from tongue_viewer.core.classes import MOST_CLASSES

Where = Literal["window", "canvas"]


@dataclass(frozen=True)
class ActionSpec:
    """One line of the table.

    Attributes:
        name: stable, for code and settings.
        text: for menus, with the mnemonic.
        keys: portable key sequences; the first one is shown.
        icon: name in the icon family, or "".
        tip: one sentence of what it does, for the tool tip and the cheat sheet.
        group: actions of one non-empty group exclude each other.
        checkable: stays on or off.
        where: "canvas": the keys count only while the photo has the keyboard, so that Tab walks elsewhere.
    """

    name: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""
    group: str = ""
    checkable: bool = False
    where: Where = "window"


def _tool(name: str, text: str, key: str, icon_name: str, tip: str) -> ActionSpec:
    return ActionSpec(name, text, (key,), icon_name, tip, "tool", checkable=True)


SPECS: tuple[ActionSpec, ...] = (
    ActionSpec("open_folder", "&Open folder…", ("Ctrl+O",), "folder-open-outline", "Open a folder of photos"),
    ActionSpec(
        "open_samples", "Open the &sample photos", (), "image-multiple-outline", "Try the sample photos"
    ),
    ActionSpec(
        "export_folder",
        "&Export masks…",
        ("Ctrl+E",),
        "tray-arrow-down",
        "Write the masks of this folder as files",
    ),
    ActionSpec(
        "export_photo",
        "Export this &photo…",
        ("Ctrl+Shift+E",),
        "image-outline",
        "Write the mask of this photo",
    ),
    ActionSpec("quit", "&Quit", ("Ctrl+Q",), "", "Close the window; everything is saved already"),
    ActionSpec("undo", "&Undo", ("Ctrl+Z", "Z"), "undo", "Take the last step back"),
    ActionSpec("redo", "&Redo", ("Ctrl+Shift+Z", "Y", "Ctrl+Y"), "redo", "Do the step again"),
    ActionSpec(
        "search", "&Search the list", ("Ctrl+F",), "magnify", "Photos by name, patient, visit or note"
    ),
    ActionSpec(
        "settings", "Se&ttings…", ("Ctrl+,",), "cog-outline", "Your name; patients from the photos' names"
    ),
    ActionSpec("previous", "&Previous photo", ("A", "Left"), "chevron-left", "Go to the previous photo"),
    ActionSpec("next", "&Next photo", ("D", "Right"), "chevron-right", "Go to the next photo"),
    ActionSpec("next_to_do", "Next &to do", ("N",), "skip-next", "Go to the next photo that is not reviewed"),
    ActionSpec(
        "overlay", "&Overlay", ("Q",), "layers-outline", "Show the mask over the photo", checkable=True
    ),
    ActionSpec("outline", "Out&line", ("O",), "vector-square", "Show the mask's outline", checkable=True),
    ActionSpec(
        "view_overlay", "Mask as o&verlay", (), "", "Show the mask over the photo", "view", checkable=True
    ),
    ActionSpec(
        "view_outline", "Mask as outline onl&y", (), "", "Show only the outline", "view", checkable=True
    ),
    ActionSpec(
        "view_mask", "&Mask alone", (), "", "Show the mask in black and white", "view", checkable=True
    ),
    ActionSpec("view_cutout", "&Cut-out", (), "", "Show only the tongue", "view", checkable=True),
    ActionSpec(
        "view_swipe",
        "S&wipe",
        (),
        "",
        "Photo on the left, mask on the right of a line",
        "view",
        checkable=True,
    ),
    ActionSpec(
        "view_difference",
        "&Difference from the model",
        (),
        "",
        "What was added to the model's mask and what was taken off",
        "view",
        checkable=True,
    ),
    ActionSpec("cycle_view", "&Kind of view in turn", ("V",), "", "The next kind of view"),
    ActionSpec("swipe_left", "Swipe to the le&ft", ("Ctrl+Left",), "", "Move the swipe's line to the left"),
    ActionSpec(
        "swipe_right", "Swipe to the rig&ht", ("Ctrl+Right",), "", "Move the swipe's line to the right"
    ),
    ActionSpec(
        "uncertain",
        "Un&certain stretches",
        (),
        "",
        "Mark where the model is unsure of the outline",
        checkable=True,
    ),
    ActionSpec("next_doubt", "Next uncertain stretc&h", ("U",), "", "Go to where the model is unsure"),
    ActionSpec("previous_doubt", "Pre&vious uncertain stretch", ("Shift+U",), "", "The other way round"),
    ActionSpec(
        "history",
        "Histor&y",
        ("Ctrl+H",),
        "history",
        "What was done to this mask; look at any moment, go back to it",
        checkable=True,
    ),
    ActionSpec("set_scale", "Scale of the fol&der…", (), "", "Pixels for a millimetre, for the scale bar"),
    ActionSpec(
        "two_panes",
        "Two p&anes",
        ("\\",),
        "view-split-vertical",
        "Photo and mask side by side",
        checkable=True,
    ),
    ActionSpec("fit", "&Fit to the window", ("0",), "fit-to-page-outline", "Show the whole photo"),
    ActionSpec("one_to_one", "On&e to one", ("1",), "", "One pixel of the photo for one of the screen"),
    ActionSpec("zoom_in", "Zoom &in", ("+", "="), "magnify-plus-outline", "Closer"),
    ActionSpec("zoom_out", "Zoom o&ut", ("-",), "magnify-minus-outline", "Farther"),
    ActionSpec(
        "panels",
        "Side panel&s",
        ("Tab",),
        "dock-left",
        "Fold or show both side panels",
        checkable=True,
        where="canvas",
    ),
    ActionSpec(
        "next_area", "Keyboard to the ne&xt area", ("F6",), "", "List, photo, tools and inspector in turn"
    ),
    ActionSpec(
        "theme_system", "As the &system", (), "", "Light or dark as the system", "theme", checkable=True
    ),
    ActionSpec("theme_dark", "&Dark", (), "", "Dark grey surround", "theme", checkable=True),
    ActionSpec("theme_light", "&Light", (), "", "Light grey surround", "theme", checkable=True),
    _tool("brush", "&Brush", "B", "brush", "Paint the mask"),
    _tool("eraser", "&Eraser", "E", "eraser", "Take paint off the mask"),
    _tool("lasso", "&Lasso", "L", "lasso", "Draw around a region"),
    _tool("polygon", "&Polygon", "P", "vector-polygon", "Put a region's corners; move them until it fits"),
    _tool("scissors", "&Scissors", "S", "content-cut", "A line that follows the photo's edges"),
    _tool("rectangle", "Rectan&gle", "M", "rectangle-outline", "Drag a rectangle"),
    _tool("ellipse", "Ell&ipse", "Shift+M", "ellipse-outline", "Drag an ellipse"),
    _tool("wand", "Magic &wand", "W", "auto-fix", "Take what has a similar colour; drag to widen it"),
    _tool("fill", "&Fill", "F", "format-color-fill", "Fill a hole, or take a piece off"),
    _tool("rope", "P&ush the outline", "J", "vector-curve", "Drag the outline like a soft rope"),
    _tool(
        "click",
        "&Click to correct",
        "C",
        "cursor-default-click-outline",
        "Left: this is tongue; right: this is not",
    ),
    _tool("hand", "&Hand", "H", "hand-back-right-outline", "Move the photo"),
    ActionSpec("swap", "Swap &add and take off", ("X",), "swap-horizontal", "From brush to eraser or back"),
    ActionSpec("smaller", "S&maller brush", ("[",), "", "Make the brush smaller"),
    ActionSpec("larger", "La&rger brush", ("]",), "", "Make the brush larger"),
    ActionSpec("fill_holes", "Fill &holes", (), "", "Fill every hole of the mask"),
    ActionSpec("keep_largest", "&Keep the largest piece", (), "", "Take every other piece off"),
    ActionSpec("smooth", "&Smooth the outline…", (), "", "Round off bumps and notches, with a preview"),
    ActionSpec("grow", "&Grow…", (), "", "Move the outline outwards, with a preview"),
    ActionSpec("shrink", "Sh&rink…", (), "", "Move the outline inwards, with a preview"),
    ActionSpec("invert", "&Invert", ("Ctrl+I",), "", "Mask becomes background, and background mask"),
    *(
        ActionSpec(f"class_{n}", f"Class &{n}", (f"Ctrl+{n}",), "", f"Paint class {n}")
        for n in range(1, MOST_CLASSES + 1)
    ),
    ActionSpec("classes", "&Edit the classes…", (), "", "Names and colours of the classes of a mask"),
    ActionSpec(
        "accept_next",
        "&Accept and next",
        ("Return", "Enter"),
        "check-all",
        "Mark as reviewed, go to the next to do",
    ),
    ActionSpec("reviewed", "&Reviewed", ("R",), "check", "The mask is right", checkable=True),
    ActionSpec("flag", "Fla&g", ("G",), "flag-outline", "Set aside for a second look", checkable=True),
    ActionSpec(
        "reset",
        "Reset to the mo&del's mask",
        ("Ctrl+R",),
        "backup-restore",
        "Replace the mask by the model's (undoable)",
    ),
    ActionSpec(
        "predict_photo", "&Predict this photo", ("F5",), "creation-outline", "Ask the model for a mask"
    ),
    ActionSpec(
        "predict_folder",
        "Predict the &folder",
        ("Shift+F5",),
        "creation",
        "Ask the model for every photo without mask",
    ),
    ActionSpec("cancel", "&Cancel", ("Ctrl+.",), "close", "Stop what runs; what is finished stays"),
    ActionSpec("keys", "&Keys", ("?", "F1"), "keyboard-outline", "Show all keys"),
    ActionSpec("log_folder", "Open the &log folder", (), "", "Where the program writes what it did"),
    ActionSpec("about", "&About tongue-viewer", (), "information-outline", "Version, licence and limits"),
)

SEPARATOR = "-"
RECENT = "recent"
THEME = "theme"
VIEWS = "views"
TIDY = "tidy"
CLASS = "class"

TOOLS = (
    *("brush", "eraser", "lasso", "polygon", "scissors", "rectangle", "ellipse", "wand", "fill", "rope"),
    *("click", "hand"),
)
"""In the order of the strip."""

TIDY_ACTIONS = ("fill_holes", "keep_largest", "smooth", "grow", "shrink", "invert")
"""Names of `core.tidy.TIDY`."""

SUBMENUS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        THEME: ("Colou&rs", ("theme_system", "theme_dark", "theme_light")),
        VIEWS: (
            "&Mask shown as",
            (
                *(
                    "view_overlay",
                    "view_outline",
                    "view_mask",
                    "view_cutout",
                    "view_swipe",
                    "view_difference",
                ),
                *("cycle_view", "swipe_left", "swipe_right"),
            ),
        ),
        TIDY: ("&Tidy", TIDY_ACTIONS),
        CLASS: ("&Class", (*(f"class_{n}" for n in range(1, MOST_CLASSES + 1)), "classes")),
    }
)
"""Menus inside of menus: title and entries."""

MENUS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "&File": ("open_folder", RECENT, "open_samples", "-", "export_folder", "export_photo", "-", "quit"),
        "&Edit": ("undo", "redo", "-", "search", "settings"),
        "&View": (
            *("previous", "next", "next_to_do", "-", "fit", "one_to_one", "zoom_in", "zoom_out", "-"),
            *(VIEWS, "overlay", "outline", "uncertain", "next_doubt", "previous_doubt", "-"),
            *("two_panes", "panels", "history", "next_area", "set_scale", THEME),
        ),
        "&Tools": (*TOOLS, "-", "swap", "smaller", "larger"),
        "M&ask": ("accept_next", "reviewed", "flag", "-", TIDY, CLASS, "reset"),
        "M&odel": ("predict_photo", "predict_folder", "cancel"),
        "&Help": ("keys", "log_folder", "about"),
    }
)
"""The menu bar; every action stands in it, so that all can be reached by Alt and arrows too."""


def key_text(spec: ActionSpec) -> str:
    """The keys as they are written on this system: "D, →"."""
    native = QKeySequence.SequenceFormat.NativeText
    return ", ".join(QKeySequence(key).toString(native) for key in spec.keys)
