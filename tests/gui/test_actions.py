"""The table of actions: no key twice, everything in a menu, everything reachable without a mouse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QComboBox, QDialog, QWidget
from pytestqt.qtbot import QtBot

from tests.window_driver import Driver, make_folder
from tongue_viewer.core.settings import Settings
from tongue_viewer.ui.action_table import MENUS, RECENT, SEPARATOR, SPECS, SUBMENUS

Start = Callable[..., Driver]
QUIET = Settings(predict_ahead=False)

DESIGN_KEYS = {
    "previous": ("A", "Left"),
    "next": ("D", "Right"),
    "next_to_do": ("N",),
    "brush": ("B",),
    "eraser": ("E",),
    "hand": ("H",),
    "lasso": ("L",),
    "polygon": ("P",),
    "wand": ("W",),
    "scissors": ("S",),
    "click": ("C",),
    "fill": ("F",),
    "undo": ("Z", "Ctrl+Z"),
    "redo": ("Y", "Ctrl+Shift+Z"),
    "smaller": ("[",),
    "larger": ("]",),
    "swap": ("X",),
    "fit": ("0",),
    "one_to_one": ("1",),
    "overlay": ("Q",),
    "outline": ("O",),
    "cycle_view": ("V",),
    "two_panes": ("\\",),
    "reviewed": ("R",),
    "flag": ("G",),
    "accept_next": ("Return",),
    "export_folder": ("Ctrl+E",),
    "keys": ("?",),
    "panels": ("Tab",),
}


def test_no_key_stands_for_two_actions() -> None:
    keys = Counter(QKeySequence(key).toString() for spec in SPECS for key in spec.keys)
    assert "" not in keys
    assert [key for key, count in keys.items() if count > 1] == []


def test_the_keys_are_those_of_the_design() -> None:
    table = {spec.name: spec.keys for spec in SPECS}
    for name, keys in DESIGN_KEYS.items():
        assert set(keys) <= set(table[name]), name


def test_every_action_stands_in_exactly_one_menu_with_a_text_and_a_tip() -> None:
    special = {SEPARATOR, RECENT, *SUBMENUS}
    shown = [name for names in MENUS.values() for name in names if name not in special]
    inner = [name for _, names in SUBMENUS.values() for name in names]
    assert sorted([*shown, *inner]) == sorted(spec.name for spec in SPECS)
    assert all(spec.tip and "&" in spec.text for spec in SPECS)


def test_mnemonics_of_a_menu_are_different() -> None:
    table = {spec.name: spec for spec in SPECS}
    for menu, names in [*MENUS.items(), *SUBMENUS.values()]:
        letters = Counter(table[name].text.split("&")[1][0].lower() for name in names if name in table)
        assert [letter for letter, count in letters.items() if count > 1] == [], menu
    assert len({menu.split("&")[1][0].lower() for menu in MENUS}) == len(MENUS)


@pytest.mark.parametrize(
    ("key", "tool"),
    [(Qt.Key.Key_E, "eraser"), (Qt.Key.Key_H, "hand"), (Qt.Key.Key_B, "brush"), (Qt.Key.Key_X, "eraser")],
)
def test_tools_are_chosen_by_key(start: Start, tmp_path: Path, key: Qt.Key, tool: str) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.key(key)
    assert run.window.tools.name == tool
    tool_in_hand = run.window.workbench.canvas.tool
    assert tool_in_hand is not None
    assert tool_in_hand.name == {"eraser": "erase"}.get(tool, tool)
    assert run.window.inspector.brush.isVisible() == (tool != "hand")


def test_views_and_sizes_follow_their_keys(start: Start, tmp_path: Path, qtbot: QtBot) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    table = run.window.table
    run.key(Qt.Key.Key_Q)  # a tap: the key could still be held
    qtbot.waitUntil(lambda: not table["overlay"].isChecked())
    run.key(Qt.Key.Key_O)
    assert not table["outline"].isChecked()
    run.key(Qt.Key.Key_V)
    assert run.window.view.mode == "outline"
    run.key(Qt.Key.Key_Backslash)
    assert not table["two_panes"].isChecked()
    before = run.window.tools.diameter
    run.key(Qt.Key.Key_BracketRight)
    assert run.window.tools.diameter > before
    run.key(Qt.Key.Key_BracketLeft)
    assert run.window.tools.diameter == before
    run.key(Qt.Key.Key_1)
    assert run.window.workbench.bar.zoom.text() == "100 %"
    run.window.workbench.canvas.set_brush_radius(20)
    assert run.window.tools.diameter == 40
    assert run.window.inspector.brush.spin.value() == 40


def test_a_slider_keeps_its_arrow_keys(start: Start, tmp_path: Path) -> None:
    paths = make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    slider = run.window.inspector.overlay.slider
    slider.setFocus()
    before = slider.value()
    run.key(Qt.Key.Key_Right, widget=slider)
    assert slider.value() == before + 1
    assert run.app.cases.wanted == paths[0]


def test_digits_in_the_size_field_are_digits(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    spin = run.window.inspector.brush.spin
    spin.setFocus()
    spin.selectAll()
    run.key(Qt.Key.Key_1, widget=spin)
    run.key(Qt.Key.Key_0, widget=spin)
    assert run.window.tools.diameter == 10


def test_the_keyboard_walks_through_the_areas(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 2)
    run = start(settings=QUIET)
    run.open(tmp_path)
    run.window.activateWindow()
    seen: list[QWidget | None] = []
    for _ in range(3):
        run.key(Qt.Key.Key_F6)
        seen.append(run.window.focusWidget())
    assert len(set(seen)) == 3


def test_every_control_has_a_name_for_screen_readers(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    nameless = [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for widget in run.window.findChildren(QWidget)
        if isinstance(widget, QAbstractButton | QComboBox | QAbstractSlider)
        and widget.isVisible()
        and not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
        and not type(widget).__name__.startswith("QScrollBar")
    ]
    assert nameless == []


def test_every_shown_control_can_have_the_keyboard(start: Start, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)
    run = start(settings=QUIET)
    run.open(tmp_path)
    deaf = [
        button.accessibleName() or button.text()
        for button in run.window.findChildren(QAbstractButton)
        if button.isVisible() and button.focusPolicy() == Qt.FocusPolicy.NoFocus
    ]
    assert deaf == []


@pytest.mark.parametrize("name", ["keys", "about"])
def test_help_opens_and_closes_by_key(start: Start, name: str) -> None:
    run = start(settings=QUIET)
    run.window.table[name].trigger()
    dialog = run.window.findChild(QDialog)
    assert isinstance(dialog, QDialog)
    assert dialog.isVisible()
    run.key(Qt.Key.Key_Escape, widget=dialog)
    assert not dialog.isVisible()
