"""A hand on mouse and keys: random work in the window, by the events that a person's hand makes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from PySide6.QtCore import QModelIndex, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tongue_viewer.app.application import TongueViewerApp
from tongue_viewer.ui.canvas.pane import Pane

Point = tuple[float, float]
Button, Key, Modifier = Qt.MouseButton, Qt.Key, Qt.KeyboardModifier
NO_KEYS = Modifier.NoModifier


class Hand:
    """What a person can do; points are (x, y) in photo pixels."""

    def __init__(self, app: TongueViewerApp, random: Random) -> None:
        self.app, self.window, self.document = app, app.window, app.document
        self.random = random

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NO_KEYS) -> None:
        """Press and release a key in the window, to which the keyboard came back from a dialog."""
        if not self.window.isActiveWindow() and self.window.replace_question.box is None:
            self.window.activateWindow()
            QApplication.processEvents()
        QTest.keyClick(self.window, key, modifiers)

    def press(self, point: Point, button: Qt.MouseButton = Button.LeftButton) -> None:
        """A button goes down on the mask pane."""
        QTest.mousePress(self._pane, button, NO_KEYS, self._place(point))

    def move(self, point: Point) -> None:
        """The pointer moves, whatever is held."""
        QTest.mouseMove(self._pane, self._place(point))

    def release(self, point: Point, button: Qt.MouseButton = Button.LeftButton) -> None:
        """The button goes up."""
        QTest.mouseRelease(self._pane, button, NO_KEYS, self._place(point))

    def drag(self, points: Sequence[Point], button: Qt.MouseButton = Button.LeftButton) -> None:
        """Press at the first point, move over all, release at the last."""
        self.press(points[0], button)
        for point in points[1:]:
            self.move(point)
        self.release(points[-1], button)

    def click_in_list(self, row: int) -> None:
        """A click on a line of the list, scrolled to first."""
        view = self.window.photos.view
        index: QModelIndex = view.model().index(row, 0)
        if index.isValid():
            view.scrollTo(index)
            QTest.mouseClick(view.viewport(), Button.LeftButton, NO_KEYS, view.visualRect(index).center())

    def change_list(self) -> None:
        """Another filter, another order, or a search."""
        head = self.window.photos.head
        what = self.random.randrange(3)
        if what == 2 and not head.search.text():
            QTest.keyClicks(head.search, self.random.choice(("00", "3", "edited")))
        elif what == 2:
            QTest.keyClick(head.search, Key.Key_Escape)
        else:
            combo = (head.combo, head.order)[what]
            combo.setCurrentIndex(self.random.choice((0, 0, self.random.randrange(combo.count()))))
            combo.activated.emit(combo.currentIndex())

    def answer(self) -> bool:
        """Answer the question whether the model's mask shall replace the one that is there; False: none is asked."""
        box = self.window.replace_question.box
        if box is None:
            return False
        QTest.mouseClick(self.random.choice(box.buttons()), Button.LeftButton)
        return True

    @property
    def _pane(self) -> Pane:
        return self.window.workbench.canvas.mask_pane

    def _place(self, point: Point) -> QPoint:
        canvas = self.window.workbench.canvas
        x, y = canvas.transform.to_pane(*point, self._pane.device_size)
        return (QPointF(x, y) / self._pane.devicePixelRatioF()).toPoint()


class Worker(Hand):
    """Chooses by itself what to do next."""

    NEXT, PREVIOUS = Key.Key_D, Key.Key_A

    def work(self) -> str:
        """Do one thing; its name."""
        name = self.random.choices(_NAMES, _WEIGHTS)[0]
        getattr(self, f"_{name}")()
        return name

    def _stretch(self) -> list[Point]:
        """A curved line somewhere on the photo."""
        height, width = self.document.mask.shape
        x, y = self.random.uniform(8, width - 8), self.random.uniform(8, height - 8)
        turn, way = self.random.uniform(-0.5, 0.5), self.random.uniform(0, 2 * math.pi)
        points = [(x, y)]
        for _ in range(self.random.randrange(2, 9)):
            x, y = x + 6 * math.cos(way), y + 6 * math.sin(way)
            way += turn
            points.append((min(max(x, 1.0), width - 2.0), min(max(y, 1.0), height - 2.0)))
        return points

    def _loop(self) -> list[Point]:
        height, width = self.document.mask.shape
        x, y = self.random.uniform(30, width - 30), self.random.uniform(30, height - 30)
        size, steps = self.random.uniform(6, 24), 9
        angles = [2 * math.pi * step / steps for step in range(steps)]
        return [(x + size * math.cos(angle), y + size * math.sin(angle)) for angle in angles]

    def _brush(self) -> None:
        self.key(Key.Key_B)
        self.drag(self._stretch())

    def _erase(self) -> None:
        self.key(Key.Key_B)
        self.drag(self._stretch(), Button.RightButton)

    def _eraser(self) -> None:
        self.key(Key.Key_E)
        self.drag(self._stretch())

    def _lasso(self) -> None:
        self.key(Key.Key_L)
        self.drag(self._loop())

    def _lasso_off(self) -> None:
        self.key(Key.Key_L)
        self.drag(self._loop(), Button.RightButton)

    def _ellipse(self) -> None:
        self.key(Key.Key_M, Modifier.ShiftModifier)
        loop = self._loop()
        self.drag([loop[0], loop[4]])

    def _undo(self) -> None:
        self.key(Key.Key_Z, Modifier.ControlModifier)

    def _redo(self) -> None:
        self.key(Key.Key_Y)

    def _tidy(self) -> None:
        self.window.table[self.random.choice(("fill_holes", "keep_largest", "invert"))].trigger()

    def _tidy_shown(self) -> None:
        self.window.table[self.random.choice(("smooth", "grow", "shrink"))].trigger()
        self.window.inspector.tidy.apply_button.click()

    def _review(self) -> None:
        self.key(Key.Key_R)

    def _flag(self) -> None:
        self.key(Key.Key_G)

    def _accept(self) -> None:
        self.key(Key.Key_Return)

    def _next(self) -> None:
        self.key(Key.Key_D)

    def _previous(self) -> None:
        self.key(Key.Key_A)

    def _to_do(self) -> None:
        self.key(Key.Key_N)

    def _in_list(self) -> None:
        self.click_in_list(self.random.randrange(max(1, self.window.photos.filter.rowCount())))

    def _predict(self) -> None:
        self.key(Key.Key_F5)

    def _reset(self) -> None:
        self.key(Key.Key_R, Modifier.ControlModifier)


_WORK = {
    "brush": 30,
    "erase": 9,
    "eraser": 4,
    "lasso": 7,
    "lasso_off": 3,
    "ellipse": 4,
    "undo": 9,
    "redo": 5,
    "tidy": 3,
    "tidy_shown": 2,
    "reset": 2,
    "predict": 2,
    "review": 3,
    "flag": 2,
    "accept": 2,
    "next": 7,
    "previous": 5,
    "to_do": 2,
    "in_list": 4,
}
_NAMES, _WEIGHTS = tuple(_WORK), tuple(_WORK.values())
