"""One kind of undo step, and a stack of them that is limited by memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QUndoCommand, QUndoStack

from tongue_viewer.core.history import Change, UndoLine, joins


class PatchCommand(QUndoCommand):
    """A step that is already done when it is pushed: `QUndoStack.push` calls `redo`, which then does nothing.

    An exception in `redo` would leave a step on the stack that never happened; so the document first changes
    the mask and pushes after that.
    """

    def __init__(self, change: Change, toggle: Callable[[Change, bool], None]) -> None:
        super().__init__(change.action)
        self.change = change
        self._toggle = toggle
        self._done = True

    def redo(self) -> None:
        """Do the step again."""
        if self._done:
            self._done = False
            return
        self._toggle(self.change, True)  # noqa: FBT003 - the callback's one flag: forward

    def undo(self) -> None:
        """Take the step back."""
        self._done = False
        self._toggle(self.change, False)  # noqa: FBT003 - the callback's one flag: backward


class UndoHistory:
    """Pushes steps on a `QUndoStack` and keeps their patches below a number of bytes.

    `QUndoStack` drops its oldest steps by count only. Here, once the patches outgrow the limit, the stack is
    built again from the newest steps that fit into half of it: rare (a stroke takes a few kilobytes), and
    every action and view that is connected to the stack stays connected.

    Attributes:
        stack: the stack, for actions and views.
        limit: bytes of all patches together.
    """

    def __init__(self, stack: QUndoStack, toggle: Callable[[Change, bool], None], limit: int) -> None:
        self.stack = stack
        self.limit = limit
        self._toggle = toggle
        self._changes: list[Change] = []
        self._bytes = 0
        self._restoring = False

    @property
    def nbytes(self) -> int:
        """Bytes of all patches on the stack."""
        return self._bytes

    def push(self, change: Change) -> None:
        """Add a step that was just done; what had been undone before it is dropped."""
        if self._merge(change):
            return
        kept = self.stack.index()
        self._bytes -= sum(dropped.patch.nbytes for dropped in self._changes[kept:])
        del self._changes[kept:]
        self._changes.append(change)
        self._bytes += change.patch.nbytes
        self.stack.push(PatchCommand(change, self._run))
        if self._bytes > self.limit:
            self._drop_oldest()

    def _merge(self, change: Change) -> bool:
        """Let the newest step do what `change` does too; False where both are not of one kind."""
        index = self.stack.index()
        last = self._changes[-1] if index and index == len(self._changes) else None
        if last is None or not joins(last, change):
            return False
        command = self.stack.command(index - 1)
        patch = last.patch.then(change.patch)
        self._bytes -= last.patch.nbytes
        if patch is None:
            del self._changes[-1]
            command.setObsolete(True)
            self.stack.undo()  # an obsolete step is only taken off the stack
            return True
        merged = replace(change, patch=patch, before=last.before)
        assert isinstance(command, PatchCommand)  # noqa: S101 - for mypy: nothing else is ever pushed
        command.change = self._changes[-1] = merged
        command.setText(change.action)
        self.stack.undoTextChanged.emit(change.action)  # the stack itself tells only of other steps
        self._bytes += patch.nbytes
        return True

    def restore(self, line: UndoLine) -> None:
        """Put the steps of an earlier session in the place of all; the mask has them already.

        As many of the newest steps come back as half of the limit holds.
        """
        changes, done = list(line.changes), line.done
        kept = self._newest(changes)
        dropped = min(len(changes) - len(kept), done)
        self._fill(changes[dropped:], done - dropped)

    def clear(self) -> None:
        """Forget every step."""
        self._changes.clear()
        self._bytes = 0
        self.stack.clear()

    def _drop_oldest(self) -> None:
        kept = self._newest(self._changes)
        self._fill(kept, len(kept))

    def _newest(self, changes: Sequence[Change]) -> list[Change]:
        """As many as fit into half of the limit; the newest one always stays, however large."""
        kept: list[Change] = []
        taken = 0
        for change in reversed(changes):
            if kept and taken + change.patch.nbytes > self.limit // 2:
                break
            kept.append(change)
            taken += change.patch.nbytes
        return kept[::-1]

    def _fill(self, changes: Sequence[Change], done: int) -> None:
        """Put steps in the place of all, the first `done` of them as done; those who listen are told once."""
        self._changes = list(changes)
        self._bytes = sum(change.patch.nbytes for change in changes)
        stack = self.stack
        with QSignalBlocker(stack):  # the stack would tell of every single step
            stack.clear()
            for change in changes:
                stack.push(PatchCommand(change, self._run))
            self._restoring = True
            stack.setIndex(done)
            self._restoring = False
        stack.indexChanged.emit(stack.index())
        stack.canUndoChanged.emit(stack.canUndo())
        stack.undoTextChanged.emit(stack.undoText())
        stack.canRedoChanged.emit(stack.canRedo())
        stack.redoTextChanged.emit(stack.redoText())
        stack.cleanChanged.emit(stack.isClean())

    def _run(self, change: Change, forward: bool) -> None:
        if not self._restoring:
            self._toggle(change, forward)
