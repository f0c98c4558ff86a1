"""A quiet note over the photo's lower edge: it moves nothing, takes no keyboard and stops no work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from tongue_viewer.core.cases import CaseStatus
from tongue_viewer.ui.icons import ICON_SIZE, icon
from tongue_viewer.ui.theme import CONTROL_HEIGHT, GAP, SPACE, status_colour

Kind = Literal["info", "problem"]

BRIEF_MS = 6000


@dataclass(frozen=True)
class _Message:
    """What `MessageBar.show_message` was asked to show."""

    text: str = ""
    kind: Kind = "info"
    button: str = ""
    word: str = ""
    no: str = ""
    brief: bool = False


class MessageBar(QFrame):
    """One message at a time; a newer one takes its place. Whoever owns the bar places it.

    A message with a button asks for something, so it comes back when the one that took its place has gone.

    Signals:
        changed(): another text is shown, or none.
        action_requested(str): the button of the message was pressed; its machine word.
        declined(str): the second button was pressed, which says no; the message's machine word.
    """

    action_requested = Signal(str)
    declined = Signal(str)
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = _Message()
        self._covered: list[_Message] = []
        self._mark = QLabel()
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.button = QPushButton()
        self.button.setFixedHeight(CONTROL_HEIGHT)
        self.button.clicked.connect(self._on_button)
        self.no_button = QPushButton()
        self.no_button.setFixedHeight(CONTROL_HEIGHT)
        self.no_button.clicked.connect(self._on_no)
        self.close_button = QToolButton()
        self.close_button.setIconSize(ICON_SIZE)
        self.close_button.setAccessibleName("Close the message")
        self.close_button.clicked.connect(self.clear)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE + GAP, SPACE, SPACE, SPACE)
        layout.setSpacing(SPACE)
        layout.addWidget(self._mark)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.button)
        layout.addWidget(self.no_button)
        layout.addWidget(self.close_button)
        self._brief = QTimer(self, singleShot=True, interval=BRIEF_MS)
        self._brief.timeout.connect(self.clear)
        self.clear()

    @property
    def word(self) -> str:
        """The machine word of the message that is shown, "" for none or a plain one."""
        return self._shown.word

    def show_message(
        self,
        text: str,
        kind: Kind = "info",
        button: str = "",
        word: str = "",
        *,
        no: str = "",
        brief: bool = False,
    ) -> None:
        """Show a message.

        Args:
            text: for a problem three sentences: what happened, what is safe, what to do.
            kind: decides about the mark beside it.
            button: text of a button, or none.
            word: names the message and what the button asks for.
            no: text of a second button that says no, or none.
            brief: it goes by itself; for what the person sees anyway.
        """
        if self._shown.button:
            self._covered.append(self._shown)
        self._covered = [covered for covered in self._covered if covered.word != word]
        self._show(_Message(text, kind, button, word, no, brief))

    def withdraw(self, word: str) -> None:
        """Take a message away whose reason is gone; another one stays."""
        self._covered = [covered for covered in self._covered if covered.word != word]
        if self._shown.word == word:
            self.clear()

    def clear_but(self, word: str) -> None:
        """Take everything away, also what is covered, except the message of this word."""
        kept = [message for message in (*self._covered, self._shown) if message.word == word]
        self._covered = kept[-1:]
        self.clear()

    def refresh_icons(self) -> None:
        """Make the icons again after the palette has changed."""
        palette = self.palette()
        problem = self._shown.kind == "problem"
        name = "alert-outline" if problem else "information-outline"
        colour = status_colour(CaseStatus.EDITED, palette) if problem else None
        self._mark.setPixmap(icon(name, palette, colour).pixmap(ICON_SIZE))
        self.close_button.setIcon(icon("close", palette))

    @Slot()
    def clear(self) -> None:
        """Take away what is shown; what it had covered comes back."""
        if self._covered:
            self._show(self._covered.pop())
            return
        self._shown = _Message()
        self._brief.stop()
        self.text.clear()
        self.hide()
        self.changed.emit()

    def _show(self, message: _Message) -> None:
        self._shown = message
        self.text.setText(message.text)
        self.text.setAccessibleName(message.text)
        for button, text in ((self.button, message.button), (self.no_button, message.no)):
            button.setText(text)
            button.setVisible(bool(text))
        self.refresh_icons()
        if message.brief:
            self._brief.start()
        else:
            self._brief.stop()
        self.show()
        self.changed.emit()

    @Slot()
    def _on_button(self) -> None:
        word = self._shown.word
        self.clear()
        self.action_requested.emit(word)

    @Slot()
    def _on_no(self) -> None:
        word = self._shown.word
        self.clear()
        self.declined.emit(word)
